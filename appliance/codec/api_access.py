"""The API's documents about access rules (docs/access.md), with the names that people write."""

from __future__ import annotations

from appliance.codec.api import Document
from appliance.details import Detail


class AccessGroup(Document, frozen=True, forbid_unknown_fields=True):
    """Subjects that have a name together, each as people write it, such as `user:ada`."""

    name: str
    members: tuple[str, ...]


class AccessRule(Document, frozen=True, forbid_unknown_fields=True):
    """One rule: `allow`, `deny`, `reserve` or `max`, for these subjects, or for everyone if there
    are none. `seats` are what it reserves or the most that it lets them have; `line` and `column`
    are where it stands in the document."""

    action: str
    who: tuple[str, ...] = ()
    seats: int = 0
    line: int = 0
    column: int = 0


class AccessSet(Document, frozen=True, forbid_unknown_fields=True):
    """The rules of a product, of a firm (without a product code) or of everything (without both),
    and what happens to whom none of them decides: `allow` or `deny`."""

    rules: tuple[AccessRule, ...] = ()
    firm_code: int | None = None
    product_code: int | None = None
    default: str = "allow"


class NamedRules(Document, frozen=True, forbid_unknown_fields=True):
    """All access rules."""

    groups: tuple[AccessGroup, ...] = ()
    sets: tuple[AccessSet, ...] = ()


class AccessVersion(Document, frozen=True):
    """Rules that were put in force: by whom, why, when (log time, Unix ms), by which entry."""

    version: int
    rules: int
    who: str
    why: str
    at_ms: int
    index: int


class AccessDocument(Document, frozen=True):
    """Answer to GET /v1/access: the rules of one `version` (0: there are none), and the versions
    that are remembered, the newest first. `in_force` is that of the rules in force; `alarms` say
    of which product more is reserved than there is."""

    version: int
    in_force: int
    rules: NamedRules
    versions: tuple[AccessVersion, ...] = ()
    alarms: tuple[str, ...] = ()


class ApplyAccessRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/access: put these rules in force in the place of version `base`. With
    `end_leases` the leases end whose holders they deny."""

    base: int
    rules: NamedRules
    why: str
    end_leases: bool = False


class UndoAccessRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/access/undo: in the place of version `base` put the rules of version `to` in
    force again (0: those before it)."""

    base: int
    why: str
    to: int = 0


class AccessAppliedDocument(Document, frozen=True):
    """Answer: by which entry, which version is in force, and how many leases ended. `left` are
    those that were to end, too: the same request ends more of them."""

    index: int
    version: int
    detail: str = ""
    ended: int = 0
    left: int = 0


class AccessMatch(Document, frozen=True):
    """A rule that is for whoever was asked about: the subject by which it is, that subject's group
    ("" for none), and what it is worth: `proven`, `observed`, `claimed` or `everyone`. `held` are
    the seats that are counted under it, of `seats`."""

    action: str
    line: int
    by: str
    worth: str
    group: str = ""
    seats: int = 0
    held: int = 0


class AccessExplained(Document, frozen=True):
    """Answer to GET /v1/access/explain: what a check-out would be told now, and why.

    `said` is `detail` as data.

    `scope` is what the set is for that is used: "FIRM:PRODUCT", "FIRM", "everything" or "none".
    `decided_by` is the first rule that allows or denies, None if it is the set's `default`;
    `counted_by` are the rules that count the seats; `free` are those that nobody has.
    """

    version: int
    reason: str
    detail: str
    scope: str
    default: str
    free: int
    decided_by: AccessMatch | None = None
    counted_by: tuple[AccessMatch, ...] = ()
    said: Detail | None = None
