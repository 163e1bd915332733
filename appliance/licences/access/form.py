"""The access rules as the ledger has them: plain values, each in one order, all of them bounded.

Names of users and computers are tags (`licences.names`), groups are numbers, networks are prefixes.
What can go wrong in here is rules that two hosts read differently, or that cost one of them more
than it has: so whatever is not in this form is refused, on all hosts alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from appliance.details import detail
from appliance.licences.bounds import CODE_MAX, COUNT_MAX, NAME_MAX, TAG_BYTES

ALLOW: Final = "allow"
DENY: Final = "deny"
RESERVE: Final = "reserve"
MAX: Final = "max"
DECIDING: Final = (ALLOW, DENY)
"""Actions of which the first that matches decides."""
COUNTING: Final = (RESERVE, MAX)
"""Actions that count seats."""
ALL: Final = -1
"""In the place of a firm code or a product code: all of them."""

SETS_MAX: Final = 1_000
"""Sets of rules in one document."""
RULES_MAX: Final = 4_000
"""Rules of all sets together."""
GROUPS_MAX: Final = 1_000
"""Groups in one document."""
SUBJECTS_MAX: Final = 20_000
"""Names, clients and networks in all groups and rules together, and groups that rules name."""
FORM_BYTES_MAX: Final = 512 << 10
"""All of it, encoded."""
LINE_MAX: Final = 1_000_000
"""The highest line and column of a document."""
IPV4_BYTES: Final = 4
_IPV6_BYTES: Final = 8


class Network(
    msgspec.Struct, frozen=True, array_like=True, order=True, forbid_unknown_fields=True, gc=False
):
    """The first `bits` of an address. `prefix` is a whole IPv4 address (4 bytes) or half an IPv6
    one (8 bytes), with zeros behind those bits."""

    prefix: bytes
    bits: int


class Subjects(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Whom a rule is for: clients by name, users and computers by tag, networks. Each list is in
    order, and holds each once."""

    clients: tuple[str, ...] = ()
    users: tuple[bytes, ...] = ()
    hosts: tuple[bytes, ...] = ()
    networks: tuple[Network, ...] = ()

    def __len__(self) -> int:
        return len(self.clients) + len(self.users) + len(self.hosts) + len(self.networks)


class Group(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Subjects that have a name together."""

    name: str
    subjects: Subjects


class Rule(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One rule: `action` for those whom it names, or for everyone. `seats` are what it reserves or
    the most that it lets them have, 0 for the other actions. `line` and `column` are where it
    stands in the document."""

    action: str
    seats: int
    everyone: bool
    subjects: Subjects
    groups: tuple[int, ...]
    line: int
    column: int


class RuleSet(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """The rules of a product, of a firm (`product_code` is ALL) or of everything (both are), in
    the order in which they are written. `default` is what happens to whom none of them decides."""

    firm_code: int
    product_code: int
    default: str
    rules: tuple[Rule, ...]

    @property
    def scope(self) -> tuple[int, int]:
        """What it is for."""
        return self.firm_code, self.product_code


class AccessRules(
    msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False
):
    """One document. Of its sets the one with the narrowest scope is used, and that alone."""

    groups: tuple[Group, ...] = ()
    sets: tuple[RuleSet, ...] = ()

    @property
    def rules(self) -> int:
        """How many rules there are."""
        return sum(len(one.rules) for one in self.sets)

    def lists(self) -> Iterable[Subjects]:
        """The subjects of all groups and rules."""
        for group in self.groups:
            yield group.subjects
        for one in self.sets:
            for rule in one.rules:
                yield rule.subjects


class Access(msgspec.Struct, frozen=True, array_like=True):
    """Rules that were put in force: which version, by whom and why, at which log time (Unix ms) and
    by which entry."""

    version: int
    rules: AccessRules
    who: str
    why: str
    at_ms: int
    index: int


NO_RULES: Final = AccessRules()
"""Everybody may have everything."""
_encode: Final = msgspec.msgpack.Encoder().encode


def why_not(form: AccessRules) -> str:
    """What is wrong with these rules, "" if nothing is."""
    if len(form.sets) > SETS_MAX or len(form.groups) > GROUPS_MAX:
        return detail("access-sets-full", sets=SETS_MAX, groups=GROUPS_MAX)
    if form.rules > RULES_MAX:
        return detail("access-rules-full", most=RULES_MAX)
    named = sum(len(rule.groups) for one in form.sets for rule in one.rules)
    if named + sum(map(len, form.lists())) > SUBJECTS_MAX:
        return detail("access-subjects-full", most=SUBJECTS_MAX)
    if len(_encode(form)) > FORM_BYTES_MAX:
        return detail("access-bytes-full", most=FORM_BYTES_MAX)
    names = [group.name for group in form.groups]
    if names != sorted(set(names)) or not all(0 < len(name) <= NAME_MAX for name in names):
        return "groups have one name each, and stand in order"
    if not all(map(_is_sound, form.lists())):
        return "subjects stand in order, each once, and have the form of their kind"
    scopes = [one.scope for one in form.sets]
    if scopes != sorted(set(scopes)):
        return "sets have one scope each, and stand in order"
    return next(filter(None, (_why_no_set(one, len(names)) for one in form.sets)), "")


def _is_sound(subjects: Subjects) -> bool:
    lists = (subjects.clients, subjects.users, subjects.hosts, subjects.networks)
    return (
        all(_ascends(one) for one in lists)
        and all(0 < len(client) <= NAME_MAX for client in subjects.clients)
        and all(len(tag) == TAG_BYTES for tag in (*subjects.users, *subjects.hosts))
        and all(map(_is_network, subjects.networks))
    )


def _ascends(values: Sequence[Any]) -> bool:
    return list(values) == sorted(set(values))


def _is_network(network: Network) -> bool:
    size = len(network.prefix)
    if size not in (IPV4_BYTES, _IPV6_BYTES) or not 0 <= network.bits <= 8 * size:
        return False
    return network.prefix == masked(network.prefix, network.bits)


def masked(address: bytes, bits: int) -> bytes:
    """The first `bits` of an address, with zeros behind them."""
    behind = 8 * len(address) - bits
    return (int.from_bytes(address) >> behind << behind).to_bytes(len(address))


def _why_no_set(one: RuleSet, groups: int) -> str:
    firm_code, product_code = one.scope
    codes = all(ALL <= code <= CODE_MAX for code in one.scope)
    if not codes or (firm_code == ALL and product_code != ALL):
        return "a set is for a product, a firm or everything"
    if one.default not in DECIDING:
        return f"the default of a set is {ALLOW} or {DENY}"
    if not all(_is_rule(rule, groups) for rule in one.rules):
        return "a rule allows, denies, reserves or limits, for some or for everyone"
    return ""


def _is_rule(rule: Rule, groups: int) -> bool:
    counts = rule.action in COUNTING
    some = bool(len(rule.subjects) or rule.groups)
    return (
        (counts or rule.action in DECIDING)
        and (1 if rule.action == RESERVE else 0) <= rule.seats <= (COUNT_MAX if counts else 0)
        and some != rule.everyone
        and not (rule.everyone and rule.action == RESERVE)
        and list(rule.groups) == sorted(set(rule.groups))
        and all(0 <= number < groups for number in rule.groups)
        and 0 <= rule.line <= LINE_MAX
        and 0 <= rule.column <= LINE_MAX
    )
