"""Parts of the status that tell of trouble; see `appliance.codec.api`, which they belong to."""

from __future__ import annotations

import msgspec

from appliance.details import Detail


class PutBackDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A store that signed entry `signed_index` and does not hold it any more: its disk was put back
    to an earlier state. `known_by` is the upstream that shows the signature, and holds the entry;
    its log is another one than that of the store which was put back."""

    signed_index: int
    known_by: str


class LossDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ledger was put back: entry `index` was proven to be committed, and is not in it.

    `entries` are lost, and with them `units` used and at most `leases` leases, as far as `seen_by`
    knew, which showed the proof. The ledger itself says so since its entry `entry`; 0: only the
    TMR host that answers does. `key` is what a vendor confirms unit counters for (hexadecimal,
    "": they do not rest for this). `anew`: it is another ledger than the one that was seen, and
    was not restored from that. `accepted`: an operator took note.
    """

    index: int
    entries: int
    units: int = 0
    leases: int = 0
    seen_by: str = ""
    entry: int = 0
    key: str = ""
    anew: bool = False
    accepted: bool = False


class OtherSystemDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another system with the containers of this one: entry `index` of its ledger (hexadecimal id)
    is newer than a receipt of the ledger here, as `seen_by` showed."""

    ledger_id: str
    index: int
    seen_by: str


class OverReservedDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The access rules in force reserve more seats of a product than the `quantity` that there is
    by now; so they do of `others` that are not listed."""

    firm_code: int
    product_code: int
    reserved: int
    quantity: int
    others: int = 0


class CallsDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Check-outs that the serving host answered in the last `over_s` seconds: granted, refused, and
    the commonest `reason` of these."""

    over_s: float
    granted: int
    refused: int
    reason: str = ""


class TimeServerStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One configured time server as a container last found it: "never" asked, "good", "failed"
    or "liar" (it differs from what the others say); `detail` says what went wrong."""

    url: str
    state: str
    detail: Detail | None = None
    answered_at_ms: int | None = None


class ArchiveStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An upstream's archive of log entries: its size and bound, and the days of log time that it
    holds and is to hold (0: as long as there is room)."""

    size_bytes: int
    size_bytes_max: int
    days: float
    days_wanted: float


Value = str | int | float | tuple[str, ...] | dict[str, tuple[str, ...]]
"""What a sentence of a finding names: a name or word, a number (its unit is the end of its name), a
list of names, or names grouped by a word that holds for them ("differs": up2, up3)."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, as data; `appliance.watch.problems` has the sentences of each.

    `code` says which problem it is, `case` in which form, `subject` the host or licence that it is
    about ("" if it is the system). `values` is what its sentences name, `why` the detail in
    them. `others` is how many more subjects have the same trouble and are not listed one by one.
    """

    code: str
    severity: str
    case: str = ""
    subject: str = ""
    values: dict[str, Value] = {}
    why: Detail | None = None
    others: int = 0

    @property
    def cause(self) -> str:
        """What alerts are told apart by: it stays the same as long as the same thing is wrong, so
        it holds no number that changes ("upstream-down/up2")."""
        return f"{self.code}/{self.subject}" if self.subject else self.code
