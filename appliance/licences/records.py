"""What the tables of the licence state hold: leases, what is remembered of them, operators' acts.

Values that never change; `appliance.licences.state` keeps them.
"""

from __future__ import annotations

from typing import Final

import msgspec

from appliance.licences.access.charges import RuleCharges
from appliance.licences.binding import Evidence
from appliance.licences.commands import Borrowed, Holder, Item, LeaseRef, Outcome
from appliance.licences.model import LicenceKey
from appliance.licences.modes import NO_STATION, Party
from appliance.licences.offers import Charge, Charges
from appliance.licences.wishes import NO_WISHES, Wishes

Shares = tuple[tuple[LicenceKey, int], ...]
"""So many units of each of these licences."""
OPEN: Final = -1
"""What was used of a reservation that is not settled."""


def shares_of(outcome: Outcome) -> Shares:
    """What a grant took, by licence."""
    firm_code = outcome.firm_code
    return tuple(
        (LicenceKey(firm_code, line.product_code, line.tmr_id), line.units)
        for line in outcome.lines
        if line.units
    )


class Reserved(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Units that a numbered request took and that may be settled, by who has this key: `units` in
    all, of which `used` (or OPEN) were used and `shares` are taken still. `taking` is the number
    under which operators see it."""

    number: int
    key: bytes
    units: int
    shares: Shares
    taking: int
    used: int = OPEN


class Taking(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Units that a numbered request on a lease took, at that log time: those of `shares` are taken
    still, `refunded` (or OPEN) were refunded by an operator. It is `unsettled` while a client may
    say that it used less."""

    ref: LeaseRef
    firm_code: int
    generation: int
    number: int
    shares: Shares
    at_ms: int
    unsettled: bool = False
    refunded: int = OPEN


class Answer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a numbered request on a lease was, and what it was answered."""

    number: int
    units: int
    outcome: Outcome
    product_code: int = 0


class Lease(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Seats in use, or (in a tombstone) those that were. `granted_at_ms` is log time.

    `lines` are 1 to 16 licences of one firm, those of one product side by side and of one role.
    `lease_ttl_s` is as granted; `last_number` is that of the last answered numbered request, and
    `answers` are the last ones, oldest first. `wishes` are those of its check-out; so are `station`
    and `address`, which are kept where a licence of its products counts by them. `reserved` are
    units that may be settled, and what the last ones were settled to. `ruled` is under which of the
    access rules in force its seats are counted.
    """

    ref: LeaseRef
    lines: Charges
    secret_hash: bytes
    holder: Holder
    generation: int
    granted_at_ms: int
    lease_ttl_s: int
    units_taken: int = 0
    last_number: int = 0
    answers: tuple[Answer, ...] = ()
    wishes: Wishes = NO_WISHES
    station: bytes = NO_STATION
    address: bytes = b""
    reserved: tuple[Reserved, ...] = ()
    ruled: RuleCharges = ()

    @property
    def key(self) -> LicenceKey:
        """The licence of the first line."""
        return self.lines[0].key

    @property
    def items(self) -> tuple[Item, ...]:
        """What was asked for, product by product."""
        seats: dict[int, int] = {}
        for charge in self.lines:
            product_code = charge.key.product_code
            seats[product_code] = seats.get(product_code, 0) + charge.seats
        return tuple(Item(product_code, count) for product_code, count in seats.items())

    @property
    def party(self) -> Party:
        """Who holds it, as seats are counted by."""
        client, user = self.ref.client, self.holder.user
        return Party(client, user, self.station, self.address, self.wishes.mode)


def lease_of(out: Borrowed) -> Lease:
    """What is borrowed as a lease: so its seats are counted as those of leases are."""
    return Lease(
        LeaseRef(out.client, out.borrower.hex()),
        (Charge(out.key, out.seats),),
        b"",
        out.holder,
        out.generation,
        out.granted_at_ms,
        0,
        wishes=out.wishes,
        ruled=out.ruled,
    )


class BorrowEnd(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was borrowed under a key is over: `how` is a word of `appliance.licences.borrow_book`,
    `number` its place among all that ended."""

    how: str
    number: int


class Linger(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Seats of a licence that were given back and are kept for who had them: the same client, user
    and station, until the state has this age."""

    key: LicenceKey
    client: str
    user: bytes
    station: bytes
    seats: int
    until_age_ms: int


CHECKED_IN: Final = "checked in"
LAPSED: Final = "expired for want of heartbeats"
RELEASED: Final = "released by an operator"


class Tombstone(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An ended lease. `how` is one of the words above; `age_ms` is the state's
    when it ended, and `number` its place among all that ended."""

    lease: Lease
    how: str
    age_ms: int
    number: int


class Ended(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One of all leases that ended: its key, and the number of the next one of the same client, 0
    while there is none."""

    ref: LeaseRef
    next: int = 0


class EndedOf(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How many ended leases of one client are remembered, and the numbers of the oldest and the
    newest."""

    count: int
    first: int
    last: int


class Denial(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An open denial episode (`licences.denials`): why it was refused first, at which log time."""

    reason: str
    at_ms: int


class Act(msgspec.Struct, frozen=True, array_like=True):
    """What an operator did, to what, and why; `at_ms` is log time."""

    action: str
    subject: str
    who: str
    why: str
    at_ms: int


class Erased(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name was erased by entry `index`: what was known of it up to `at_ms` (log time) goes."""

    at_ms: int
    index: int


class Delivery(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An update file that waits for its container, and its sequence."""

    sequence: int
    update: bytes


class Bound(msgspec.Struct, frozen=True, array_like=True):
    """What a container last said of what holds its key, under which number of its own; at which log
    time (Unix ms; 0: never) it was elsewhere than before, and by what that was seen."""

    number: int
    evidence: Evidence
    elsewhere_at_ms: int = 0
    elsewhere: str = ""


class Supported(msgspec.Struct, frozen=True, array_like=True):
    """Up to which version a host said that it knows the rules, by entry `index`.

    `store` is the upstream's that signed it when it knew entry `known_index`; empty for a TMR host.
    """

    version: int
    index: int
    store: bytes = b""
    known_index: int = 0


class Origin(msgspec.Struct, frozen=True, array_like=True):
    """The ledger from whose backup this one was founded, and where that ended."""

    ledger_id: bytes
    index: int
    root: bytes


NO_ORIGIN = Origin(b"", 0, b"")
"""Of a ledger that was founded from nothing."""


class Loss(msgspec.Struct, frozen=True, array_like=True):
    """Entries that were committed and are gone: the ledger was put back (`licences.loss`).

    Entry `index` with `root` was proven to be committed, and is not in this log, whose entry
    `entry` says so (0: nothing is known to be lost), and `noted` says the last of it. `key` is what
    vendors name when they confirm unit counters. `units` and `leases` are what a host knew to be
    lost with them, and `seen_by` is who showed it: words for people. An operator took note of it by
    entry `accepted`.
    """

    index: int = 0
    root: bytes = b""
    entry: int = 0
    key: bytes = b""
    units: int = 0
    leases: int = 0
    seen_by: str = ""
    noted: int = 0
    accepted: int = 0


NO_LOSS = Loss()
"""Of a ledger that was never put back, as far as anybody showed."""


class Known(msgspec.Struct, frozen=True, array_like=True):
    """A ledger that somebody knew: how far it had got, and from which one it was restored."""

    ledger_id: bytes = b""
    virtual_serial: str = ""
    index: int = 0
    origin: Origin = NO_ORIGIN


NOTHING_KNOWN = Known()
"""Of a host that knew no ledger."""
