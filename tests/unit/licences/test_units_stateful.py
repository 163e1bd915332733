"""Any sequence of consumptions, reservations, settlements, refunds, ends and late duplicates: units
that are taken and units that are left are always what was issued, and the oracle says the same."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences.settlements import settle_bytes
from appliance.licences.snapshot import dump, load
from tests.unit.licences.builders import FIRM, PRODUCT, Desk, check_out, founded, product
from tests.unit.licences.test_reserving import SETTLE_KEY, machine, signed
from tests.unit.licences.units_oracle import Oracle

UNITS = st.integers(1, 9)
PLACES = st.integers(0, 4)


class Units(RuleBasedStateMachine):
    """Two licences of one product, whose units are one pool."""

    leases = Bundle("leases")

    @initialize(
        first=st.integers(0, 9),
        second=st.integers(1, 40),
        returned=st.booleans(),
        refundable=st.sampled_from([0, 5, 100]),
    )
    def found(self, first: int, second: int, returned: bool, refundable: int) -> None:
        rule_at_end = "returned" if returned else "taken"
        fields: dict[str, Any] = {"unsettled_units": rule_at_end, "quantity": 50}
        self.desk: Desk = founded(
            product(units=first, refundable_units=refundable, **fields),
            product(tmr_id=2, units=second, refundable_units=refundable, **fields),
        )
        self.desk.machine = machine()
        self.oracle = Oracle(first + second, returned, 2 * refundable)
        self.refundable = refundable
        self.done: list[c.AnyCommand] = []

    def do(self, command: c.AnyCommand) -> c.Outcome:
        outcome = self.desk.do(command)
        if outcome.ok:
            self.done.append(command)
        return outcome

    @rule(target=leases)
    def check_out(self) -> Any:
        lease = c.LeaseRef("cert:ada", f"l{self.desk.state.commands_applied}")
        outcome = self.do(check_out(lease.lease_id))
        return (lease, outcome.generation) if outcome.ok else multiple()

    @rule(lease=leases, units=UNITS, reserved=st.booleans())
    def take(self, lease: tuple[c.LeaseRef, int], units: int, reserved: bool) -> None:
        ref, generation = lease
        if ref not in self.desk.state.leases:
            return
        number = self.desk.state.leases[ref].last_number + 1
        key = SETTLE_KEY if reserved else b""
        outcome = self.do(c.Consume(ref, generation, number, units, b"", 0, key))
        assert outcome.reason == self.oracle.take(generation, units, reserved)

    @rule(lease=leases, back=st.integers(0, 10), used=st.integers(0, 9))
    def settle(self, lease: tuple[c.LeaseRef, int], back: int, used: int) -> None:
        ref, generation = lease
        number = max(1, self.oracle.last.get(generation, 0) - back)
        said = signed(SETTLE_KEY, settle_bytes(b"ledger", generation, number, used))
        before = dict(self.desk.state.units_used)
        outcome = self.do(c.Settle(ref, generation, number, used, said))
        known = self.oracle.settle(generation, number, used)
        assert outcome.reason in known.split("|"), (outcome, known)
        if outcome.reason != "done":
            assert self.desk.state.units_used == before

    @rule(place=PLACES, units=UNITS)
    def refund(self, place: int, units: int) -> None:
        if not self.allowed(place, units):
            return
        outcome = self.do(c.Refund(place + 1, units, "cert:olga", "jammed"))
        assert outcome.reason == self.oracle.refund(place, units)

    def allowed(self, place: int, units: int) -> bool:
        """Each licence bounds its own refunds: of which one, the oracle does not know."""
        takings = self.oracle.takings
        single = place >= len(takings) or len(self.desk.state.takings[place + 1].shares) <= 1
        refunded = self.desk.state.units_refunded
        return (
            single
            and all(n + units <= self.refundable for n in refunded.values())
            and (units <= self.refundable or place >= len(takings))
        )

    @rule(lease=leases, lapses=st.booleans())
    def end(self, lease: tuple[c.LeaseRef, int], lapses: bool) -> None:
        ref, generation = lease
        lives = ref in self.desk.state.leases
        self.do(c.Expire(ref, generation) if lapses else c.CheckIn(ref, generation))
        if lives:
            self.oracle.end(generation)

    @rule(place=st.integers(0, 60))
    def a_late_duplicate(self, place: int) -> None:
        """Whatever took effect once takes none when it comes again."""
        if place >= len(self.done):
            return
        command = self.done[-1 - place]
        if isinstance(command, c.CheckOut):
            command = msgspec.structs.replace(command, nonce=b"again")
        state = self.desk.state
        before = dict(state.units_used), set(state.leases), dict(state.units_refunded)
        self.desk.do(command)
        assert (dict(state.units_used), set(state.leases), dict(state.units_refunded)) == before

    @rule()
    def a_restart_from_a_snapshot(self) -> None:
        self.desk.state = load(dump(self.desk.state))

    @rule(seconds=st.integers(1, 200))
    def time_passes(self, seconds: int) -> None:
        self.desk.now_ms += seconds * 1_000

    @invariant()
    def taken_and_left_are_what_was_issued(self) -> None:
        state = self.desk.state
        keys = [offer.key for offer in state.offers[(FIRM, PRODUCT)]]
        left = sum(state.units_left(key) or 0 for key in keys)
        taken = sum(units for one in state.takings.values() for _, units in one.shares)
        assert (left, taken) == (self.oracle.left, self.oracle.used)
        assert left + taken == self.oracle.issued
        check_state(state)


Units.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestUnits = Units.TestCase
