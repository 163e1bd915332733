"""Lives of a ledger that lends, and of the laptops that borrow: a true time that nobody in the
system knows, clocks that leap, hosts that are off, containers and stores that are replaced, a
vendor who changes the terms, restores from backups that are older than they should be.

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
from appliance.licences.borrow_bytes import extend_bytes, return_bytes
from appliance.licences.carry_over import intent_of
from appliance.licences.machine import Machine
from appliance.licences.snapshot import dump, load
from appliance.licences.state import State
from appliance.sim.vendor import block_list, read_block_list
from tests.unit.licences.builders import (
    KEY,
    NOW_MS,
    STORES,
    Desk,
    check_out,
    import_of,
    product,
    read_update,
    update_of,
)
from tests.unit.licences.test_borrowing import lending, request
from tests.unit.licences.test_reserving import signed

QUANTITY = 4
HOUR_MS = 3_600_000
WEEK_S = 7 * 24 * 3600
TERMS = ((WEEK_S, 2), (WEEK_S, 3), (WEEK_S // 7, 1), (None, None))
"""For how long, and how many seats: what the vendor changes between."""
REPLACED_MAX = 2
"""A vendor who issued all three containers anew is who knows what the lost ones held."""
STEPS = 100


@dataclass
class Ticket:
    """What a laptop holds: it uses the seats until `true_end_ms`, unless it gave them back."""

    borrower: bytes
    ledger_id: bytes
    asked: c.Borrow
    ends_at_ms: int
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
        seconds, seats = TERMS[0]
        self.desk = lending(quantity=QUANTITY, borrow_max_s=seconds, borrow_seats_max=seats)
        self.desk.machine = Machine(
            read_update,
            read_block_list,
            proof=lambda *_: 9,
            store=lambda key, data, said: signed(key, data) == said,
        )
        item = self.desk.state.items[KEY]
        self.brought = {f"130-1234567{twin}": (twin, [item]) for twin in (1, 2, 3)}
        self.blocked: dict[str, str] = {}
        self.true_ms = NOW_MS
        self.backup: State | None = None
        self.ledgers, self.number = 1, 0

    def play(self) -> None:
        """Raises AssertionError if somebody has a seat too many."""
        acts = (
            self.time_passes,
            self.time_passes,
            *(self.borrow,) * 4,
            *(self.check_out,) * 5,
            self.check_in,
            self.give_back,
            self.extend,
            self.clock_leaps,
            self.outage,
            self.certify,
            self.backs_up,
            self.restart,
            self.restore,
            self.lose,
            self.terms_change,
            self.container_replaced,
            self.store_replaced,
        )
        for _ in range(STEPS):
            act = self.rng.choice(acts)
            self.count(act.__name__)
            act()
            check_state(self.desk.state)
            self.check()

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def check(self) -> None:
        held = sum(charge.seats for one in self.desk.state.leases.values() for charge in one.lines)
        out = sum(
            one.asked.seats
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
        """The containers ask a time server, which knows the true time; log time follows it."""
        for serial in self.desk.state.containers:
            self.desk.state.set_certified(serial, self.true_ms)
        if self.desk.now_ms > self.true_ms:
            self.desk.now_ms = self.true_ms
        self.desk.do(c.Tick())

    def borrow(self) -> None:
        if self.rng.random() < 0.6:
            self.certify()
        self.number += 1
        borrower = self.number.to_bytes(32, "big")
        seconds = self.rng.randint(1, 7 * 24) * 3600
        client = f"cert:{self.number % 7}"
        asked = request(borrower, seconds, seats=self.rng.choice((1, 1, 2)), client=client)
        outcome = self.desk.do(asked)
        if outcome.ok:
            ledger_id = self.desk.state.ledger_id
            ticket = Ticket(borrower, ledger_id, asked, outcome.ends_at_ms, 0)
            self.ends(ticket, outcome.ends_at_ms)
            self.tickets.append(ticket)
            self.count("lent")

    def ends(self, ticket: Ticket, ends_at_ms: int) -> None:
        """Within one start of its system a laptop counts by its boot clock."""
        ticket.ends_at_ms = ends_at_ms
        left_ms = max(0, ends_at_ms - self.desk.state.log_time_ms)
        ticket.true_end_ms = max(ticket.true_end_ms, self.true_ms + left_ms)

    def extend(self) -> None:
        open_ones = [one for one in self.tickets if not one.given_back]
        if open_ones:
            one, seconds = self.rng.choice(open_ones), self.rng.randint(1, 7 * 24) * 3600
            said = extend_bytes(one.ledger_id, one.borrower, one.ends_at_ms, seconds)
            more = replace(
                one.asked,
                seconds=seconds,
                extends_ms=one.ends_at_ms,
                signature=signed(one.borrower, said),
            )
            outcome = self.desk.do(more)
            if outcome.ok:
                assert outcome.ends_at_ms >= one.ends_at_ms
                self.ends(one, outcome.ends_at_ms)
                self.count("extended")

    def lose(self) -> None:
        """An operator writes something off that is in use all the same."""
        out = sorted(one.borrower for one in self.desk.state.all_borrowed())
        if out and self.rng.random() < 0.3:
            assert self.desk.do(c.WriteOff(self.rng.choice(out), "olga", "left in a train")).ok

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

    def terms_change(self) -> None:
        """The vendor lends on other terms from now on."""
        seconds, seats = self.rng.choice(TERMS)
        item = product(quantity=QUANTITY, borrow_max_s=seconds, borrow_seats_max=seats)
        for serial, (_, items) in self.brought.items():
            items.append(item)
            self.bring(serial, len(items))

    def bring(self, serial: str, sequence: int) -> None:
        twin, items = self.brought[serial]
        update = update_of(twin, items[sequence - 1], sequence=sequence, serial=serial)
        assert self.desk.do(import_of(update)).ok

    def container_replaced(self) -> None:
        """A host and its container are lost, and the vendor issues that twin anew."""
        if len(self.blocked) == REPLACED_MAX or self.rng.random() < 0.6:
            return
        serial = min(self.brought)
        twin, items = self.brought.pop(serial)
        self.blocked[serial] = "lost"
        told = c.ImportBlockList(block_list(len(self.blocked), self.blocked).data, "olga")
        assert self.desk.do(told).ok
        new = f"130-7654321{twin}"
        self.brought[new] = (twin, items[-1:])
        self.bring(new, 1)
        self.count("replaced")

    def store_replaced(self) -> None:
        """A new store votes for a lost one."""
        self.number += 1
        store = b"store %d" % self.number
        place = self.rng.choice(("up1", "up2", "up3"))
        assert self.desk.do(c.Replace(place, store, "olga", "its disk is lost")).ok
        assert self.desk.do(c.Replaced(b"proof")).ok

    def backs_up(self) -> None:
        self.backup = load(dump(self.desk.state))

    def restore(self) -> None:
        """All disks are lost, and the ledger is founded anew from the last backup; its containers
        bring all that they ever imported."""
        if self.backup is None or self.rng.random() < 0.5:
            return
        self.count("restored")
        log_time_ms = self.backup.log_time_ms
        founding = intent_of(self.backup, b"r" * 32, log_time_ms, "olga", "fire")
        self.ledgers += 1
        new = Desk(machine=self.desk.machine, now_ms=log_time_ms)
        ledger_id = b"ledger %d" % self.ledgers
        assert new.do(replace(founding, ledger_id=ledger_id, stores=STORES)).ok
        new.now_ms = max(self.true_ms, log_time_ms)
        self.desk, self.backup = new, None
        for serial, (_, items) in self.brought.items():
            for sequence in range(1, len(items) + 1):
                self.bring(serial, sequence)


def lives(seeds: range) -> dict[str, int]:
    """Play these, and count what happened."""
    counts: dict[str, int] = {}
    for seed in seeds:
        life = Life(seed)
        life.play()
        for what, often in life.counts.items():
            counts[what] = counts.get(what, 0) + often
    return counts
