"""The queue against a list that is walked from its head after each command.

The oracle knows one product, whose seats all count alike, and nothing of how `licences.queue`
does it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences.queue.waiting import refusal
from appliance.licences.seat_states import FREE, LEASED, OFFERED, seat_states
from appliance.licences.snapshot import dump, load
from tests.unit.licences.builders import KEY, check_out, founded, import_of, product, update_of

NAMES = [f"c{number}" for number in range(6)]
HOLD_S = 60
WAIT_S = 10_000


@dataclass
class Waiter:
    name: str
    seats: int
    overtaken: int = 0
    until_s: int | None = None


@dataclass
class Oracle:
    quantity: int = 2
    overtakes_max: int = 0
    now_s: int = 0
    leases: dict[str, int] = field(default_factory=dict)
    line: list[Waiter] = field(default_factory=list)

    def free(self) -> int:
        held = sum(one.seats for one in self.line if one.until_s is not None)
        return self.quantity - sum(self.leases.values()) - held

    def one(self, name: str) -> Waiter | None:
        return next((one for one in self.line if one.name == name), None)

    def lapse(self) -> None:
        self.line = [one for one in self.line if one.until_s is None or one.until_s > self.now_s]

    def may_pass(self, before: list[Waiter]) -> bool:
        return all(one.overtaken < self.overtakes_max for one in before)

    def in_front(self, of: Waiter | None) -> list[Waiter]:
        end = self.line.index(of) if of is not None else len(self.line)
        waits = (one for one in self.line[:end] if one.until_s is None)
        return [one for one in waits if one.seats <= self.quantity]

    def offer(self) -> None:
        for one in self.line:
            before = self.in_front(one)
            if one.until_s is None and one.seats <= self.free() and self.may_pass(before):
                one.until_s = self.now_s + HOLD_S
                for other in before:
                    other.overtaken += 1
                self.offer()
                return

    def ask(self, name: str, seats: int, waits: bool) -> str:
        self.lapse()
        word = self._ask(name, seats, waits)
        self.offer()
        return word

    def _ask(self, name: str, seats: int, waits: bool) -> str:
        if name in self.leases:
            return "granted" if self.leases[name] == seats else "lease-conflict"
        mine = self.one(name)
        if mine is not None:
            if mine.seats != seats:
                return "lease-conflict"
            if mine.until_s is not None:
                mine.until_s = None
                if seats > self.free():  # there are fewer by now
                    return "queued"
                self.line.remove(mine)
                self.leases[name] = seats
                return "granted"
            if not waits:
                self.line.remove(mine)
                return "no-seat-free"
            if seats > self.quantity:
                self.line.remove(mine)
                return "never-satisfiable"
            return "queued"
        before = self.in_front(None)
        if seats <= self.free() and self.may_pass(before):
            for other in before:
                other.overtaken += 1
            self.leases[name] = seats
            return "granted"
        if not waits:
            return "no-seat-free"
        if seats > self.quantity:
            return "never-satisfiable"
        self.line.append(Waiter(name, seats))
        return "queued"


class Queue(RuleBasedStateMachine):
    """The machine beside the oracle. Each lease id is used once, since an ended one rests."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = founded(product(quantity=2))
        self.oracle = Oracle()
        self.turn = dict.fromkeys(NAMES, 0)
        self.sequence = 1

    def command(self, name: str, seats: int, waits: bool) -> c.CheckOut:
        lease_id = f"{name}-{self.turn[name]}"
        return check_out(lease_id, f"cert:{name}", seats=seats, wait_s=WAIT_S if waits else 0)

    @rule(name=st.sampled_from(NAMES), seats=st.integers(1, 4), waits=st.booleans())
    def ask(self, name: str, seats: int, waits: bool) -> None:
        command = self.command(name, seats, waits)
        foretold = refusal(self.desk.state, command)
        outcome = self.desk.do(command)
        assert outcome.reason == self.oracle.ask(name, seats, waits)
        assert foretold is None or foretold.reason == outcome.reason

    @precondition(lambda self: self.oracle.leases)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.oracle.leases)))
        lease = self.desk.state.leases[self.command(name, 1, False).lease]
        assert self.desk.do(c.CheckIn(lease.ref, lease.generation)).ok
        self.turn[name] += 1
        self.oracle.lapse()
        del self.oracle.leases[name]
        self.oracle.offer()

    @precondition(lambda self: self.oracle.line)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([one.name for one in self.oracle.line]))
        place = self.desk.state.place(self.command(name, 1, False).lease)
        assert place is not None
        ended = self.desk.do(c.Expire(place.ref, place.number)).ok
        self.oracle.lapse()
        mine = self.oracle.one(name)
        assert ended == (mine is not None)
        if mine is not None:
            self.oracle.line.remove(mine)
        self.oracle.offer()

    @rule(seconds=st.integers(1, 100))
    def passes(self, seconds: int) -> None:
        self.desk.now_ms += seconds * 1000
        self.oracle.now_s += seconds
        self.desk.do(c.Tick())
        self.oracle.lapse()
        self.oracle.offer()

    @rule(quantity=st.integers(1, 4))
    def other_quantity(self, quantity: int) -> None:
        self.sequence += 1
        for twin in (1, 2, 3):
            update = update_of(twin, product(quantity=quantity), sequence=self.sequence)
            if twin < 3:  # the third twin stays as it was: two that agree are enough
                assert self.desk.do(import_of(update)).ok
            if twin == 1:
                self.oracle.lapse()
        self.oracle.quantity = quantity
        self.oracle.lapse()
        self.oracle.offer()

    @rule(most=st.integers(0, 2))
    def other_bound(self, most: int) -> None:
        assert self.desk.do(c.SetQueue(most, HOLD_S, "cert:olga", "asked")).ok
        self.oracle.lapse()
        self.oracle.overtakes_max = most
        self.oracle.offer()

    @rule()
    def read_from_a_snapshot(self) -> None:
        self.desk.state = load(dump(self.desk.state))

    @invariant()
    def both_say_the_same(self) -> None:
        state = self.desk.state
        check_state(state)
        places = sorted(state.places.values(), key=lambda place: place.number)
        assert [
            (place.ref.client.removeprefix("cert:"), place.ask.seats, place.overtaken)
            for place in places
        ] == [(one.name, one.seats, one.overtaken) for one in self.oracle.line]
        assert [place.held is not None for place in places] == [
            one.until_s is not None for one in self.oracle.line
        ]
        assert self.oracle.quantity - state.seats.get(KEY, 0) == self.oracle.free()
        held = sum(one.seats for one in self.oracle.line if one.until_s is not None)
        (found,) = seat_states(state, 10)
        of_product = found[KEY.firm_code, KEY.product_code]
        leased = sum(self.oracle.leases.values())
        assert (of_product[OFFERED], of_product[LEASED]) == (held, leased)
        assert of_product[FREE] == max(0, self.oracle.free())


TestQueue = Queue.TestCase
TestQueue.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
