"""Lives of a ledger that lends, and of the laptops that borrow: a true time that nobody in the
system knows, clocks that leap, hosts that are off, restores from backups that are older than they
should be.

A laptop uses what it borrowed by the true time until the end that its ticket says, whatever becomes
of the ledger. What must never be: more seats used, out or in, than were issued, but where an
operator said after a restore that all is known (none does here).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from msgspec.structs import replace

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences.borrow_bytes import return_bytes
from appliance.licences.carry_over import intent_of
from appliance.licences.snapshot import dump, load
from appliance.licences.state import State
from tests.unit.licences.builders import KEY, NOW_MS, STORES, Desk, check_out, import_of, update_of
from tests.unit.licences.test_borrowing import lending, request
from tests.unit.licences.test_reserving import signed

QUANTITY = 4
LENT_MAX = 2
HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS
STEPS = 80


@dataclass
class Ticket:
    """What a laptop holds: it uses the seats until `true_end_ms`, unless it gave them back."""

    borrower: bytes
    ledger_id: bytes
    seats: int
    true_end_ms: int
    given_back: bool = False


@dataclass
class Life:
    """One life, from one seed."""

    seed: int
    tickets: list[Ticket] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.desk = lending(quantity=QUANTITY, borrow_seats_max=LENT_MAX)
        self.item = self.desk.state.items[KEY]
        self.true_ms = NOW_MS
        self.backup: State | None = None
        self.ledgers, self.number = 1, 0

    def play(self) -> None:
        """Raises AssertionError if somebody has a seat too many."""
        acts = (
            self.time_passes,
            self.time_passes,
            self.borrow,
            self.borrow,
            *(self.check_out,) * 4,
            self.check_in,
            self.give_back,
            self.clock_leaps,
            self.outage,
            self.certify,
            self.backs_up,
            self.restart,
            self.restore,
        )
        for _ in range(STEPS):
            act = self.rng.choice(acts)
            self.counts[act.__name__] = self.counts.get(act.__name__, 0) + 1
            act()
            check_state(self.desk.state)
            self.check()

    def check(self) -> None:
        held = sum(charge.seats for one in self.desk.state.leases.values() for charge in one.lines)
        out = sum(
            one.seats
            for one in self.tickets
            if not one.given_back and self.true_ms < one.true_end_ms
        )
        assert out + held <= QUANTITY, f"seed {self.seed}: {out} out and {held} in of {QUANTITY}"

    # --- what happens ---

    def time_passes(self) -> None:
        ms = self.rng.randint(1, 30) * HOUR_MS
        self.true_ms += ms
        self.desk.wait(ms)
        self.desk.do(c.Tick())

    def outage(self) -> None:
        """All hosts are off, and come back with the right time."""
        ms = self.rng.randint(1, 100) * HOUR_MS
        self.true_ms += ms
        self.desk.now_ms += ms
        self.desk.do(c.Tick())

    def clock_leaps(self) -> None:
        """Log time leaps ahead, or is lowered to what it ought to be."""
        if self.rng.random() < 0.5:
            self.desk.now_ms += self.rng.randint(1, 900) * HOUR_MS
        else:
            self.desk.now_ms = self.true_ms
        self.desk.do(c.Tick())

    def certify(self) -> None:
        """Two containers ask a time server, which knows the true time; log time follows it."""
        for twin in (1, 2):
            serial = f"130-1234567{twin}"
            if serial in self.desk.state.containers:
                self.desk.state.set_certified(serial, self.true_ms)
        if self.desk.now_ms > self.true_ms:
            self.desk.now_ms = self.true_ms
        self.desk.do(c.Tick())

    def borrow(self) -> None:
        self.number += 1
        borrower = self.number.to_bytes(32, "big")
        seconds = self.rng.randint(1, 7 * 24) * 3600
        asked = request(borrower, seconds, seats=self.rng.choice((1, 1, 2)))
        outcome = self.desk.do(asked)
        if outcome.ok:
            # Within one start of its system a laptop counts by its boot clock.
            left_ms = outcome.ends_at_ms - self.desk.state.log_time_ms
            ticket = Ticket(borrower, b"", asked.seats, self.true_ms + left_ms)
            ticket.ledger_id = self.desk.state.ledger_id
            self.tickets.append(ticket)
            self.counts["lent"] = self.counts.get("lent", 0) + 1

    def give_back(self) -> None:
        open_ones = [one for one in self.tickets if not one.given_back]
        if open_ones:
            one = self.rng.choice(open_ones)
            one.given_back = True
            said = signed(one.borrower, return_bytes(one.ledger_id, one.borrower))
            self.desk.do(c.ReturnBorrowed(one.borrower, said))

    def check_out(self) -> None:
        self.number += 1
        self.desk.do(check_out(f"l{self.number}"))

    def check_in(self) -> None:
        leases = sorted(self.desk.state.leases.values(), key=lambda lease: lease.generation)
        if leases:
            lease = self.rng.choice(leases)
            self.desk.do(c.CheckIn(lease.ref, lease.generation))

    def restart(self) -> None:
        """Power is back: the state comes from a snapshot."""
        self.desk.state = load(dump(self.desk.state))

    def backs_up(self) -> None:
        self.backup = load(dump(self.desk.state))

    def restore(self) -> None:
        """All disks are lost, and the ledger is founded anew from the last backup."""
        if self.backup is None or self.rng.random() < 0.6:
            return
        self.counts["restored"] = self.counts.get("restored", 0) + 1
        log_time_ms = self.backup.log_time_ms
        founding = intent_of(self.backup, b"r" * 32, log_time_ms, "olga", "fire")
        self.ledgers += 1
        new = Desk(machine=self.desk.machine, now_ms=log_time_ms)
        ledger_id = b"ledger %d" % self.ledgers
        assert new.do(replace(founding, ledger_id=ledger_id, stores=STORES)).ok
        new.now_ms = max(self.true_ms, log_time_ms)
        for twin in (1, 2, 3):
            assert new.do(import_of(update_of(twin, self.item))).ok
        self.desk, self.backup = new, None


def lives(seeds: range) -> dict[str, int]:
    """Play these, and count what happened."""
    counts: dict[str, int] = {}
    for seed in seeds:
        life = Life(seed)
        life.play()
        for what, often in life.counts.items():
            counts[what] = counts.get(what, 0) + often
    return counts
