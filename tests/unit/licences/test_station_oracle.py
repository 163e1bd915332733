"""Any sequence of operations in all modes: the machine does what a dumb oracle does."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.model import LicenceKey
from appliance.licences.modes import MODES
from appliance.licences.seats import refusal
from appliance.licences.snapshot import dump, load
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import FIRM, NOW_S, check_out, founded, import_of, update_of
from tests.unit.licences.builders import product as item_of
from tests.unit.licences.oracle import Lines
from tests.unit.licences.station_oracle import ALONE, FREE, SHARE, USER, Held, Oracle, Placed

PRODUCTS = (20, 21)
STATIONS = (b"", b"a" * 16, b"b" * 16)
OF_MODES = [
    ((USER,), 0),
    ((USER,), 30),
    (MODES, 0),
    (MODES, 60),
    ((SHARE, ALONE), 30),
    ((FREE,), 0),
]
LICENCES = st.builds(
    lambda product, tmr_id, quantity, role, features, ends_s, of_modes: Placed(
        product, tmr_id, quantity, role, features, ends_s, None, *of_modes
    ),
    st.sampled_from(PRODUCTS),
    st.sampled_from((1, 2)),
    st.integers(0, 3),
    st.sampled_from(("main", "main", "overflow")),
    st.sampled_from([0, 1]),
    st.sampled_from([None, None, NOW_S + 45, NOW_S + 600]),
    st.sampled_from(OF_MODES),
)


class Stations(RuleBasedStateMachine):
    """The machine and the oracle, asked the same."""

    names: Bundle[str] = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.oracle = Oracle()
        self.oracle.now_s = NOW_S
        self.desk = founded()
        self.sequence, self.count = 1, 0
        self.asked: dict[str, c.CheckOut] = {}
        self.generations: dict[str, int] = {}

    @initialize(quantity=st.integers(1, 3), linger_s=st.sampled_from([0, 30, 60]))
    def begins(self, quantity: int, linger_s: int) -> None:
        """With one licence at least there is something to be had."""
        self.changes(Placed(20, 1, quantity, modes=MODES, linger_s=linger_s))

    @rule(licence=LICENCES, really=st.sampled_from([True, False, False]))
    def changes(self, licence: Placed, really: bool = True) -> None:
        """A licence comes, or becomes another one."""
        if not really:
            return
        self.oracle.licences[licence.key] = licence
        self._update()

    @rule(product=st.sampled_from(PRODUCTS), tmr_id=st.sampled_from((1, 2, 3, 4)))
    def goes(self, product: int, tmr_id: int) -> None:
        if self.oracle.licences.pop((product, tmr_id), None) is not None:
            self._update()

    def _update(self) -> None:
        self.sequence += 1
        held = [
            item_of(
                product_code=one.product,
                tmr_id=one.tmr_id,
                quantity=one.quantity,
                role=one.role,
                feature_map=one.features,
                expires_at_s=one.ends_s,
                modes=one.modes,
                linger_s=one.linger_s,
            )
            for one in sorted(self.oracle.licences.values(), key=lambda one: one.key)
            if isinstance(one, Placed)
        ]
        for twin in range(1, 4):
            assert self.desk.do(import_of(update_of(twin, *held, sequence=self.sequence))).ok

    @rule(seconds=st.sampled_from([1, 15, 30, 60]))
    def time_passes(self, seconds: int) -> None:
        self.desk.wait(seconds * 1000)
        self.desk.do(c.Tick())
        self.oracle.now_s += seconds

    @rule()
    def another_host_serves(self) -> None:
        """It knows what the state says, and nothing else."""
        self.desk.state = load(dump(self.desk.state))

    @rule(
        target=names,
        products=st.sampled_from([(20,), (20,), (20,), (20,), (21,), (20, 21)]),
        seats=st.sampled_from([1, 1, 1, 2]),
        features=st.sampled_from([0, 0, 0, 0, 1]),
        client=st.sampled_from(["cert:ada", "cert:ada", "cert:eve"]),
        station=st.sampled_from([*STATIONS, STATIONS[1]]),
        mode=st.sampled_from([USER, SHARE, *MODES]),
    )
    def checks_out(
        self,
        products: tuple[int, ...],
        seats: int,
        features: int,
        client: str,
        station: bytes,
        mode: str,
    ) -> Any:
        self.count += 1
        name = f"l{self.count}"
        seats = 1 if mode in (SHARE, FREE) else seats
        station = STATIONS[1] if mode in (SHARE, ALONE) and not station else station
        first, *more = products
        self.asked[name] = command = check_out(
            name,
            client,
            product_code=first,
            seats=seats,
            more=tuple(c.Item(product, seats) for product in more),
            station=station,
            address=b"addr" if station else b"",
            wishes=Wishes(features=features, mode=mode),
        )
        foretold = refusal(self.desk.state, command)
        outcome = self.desk.do(command)
        assert foretold is None or foretold == outcome
        items = tuple((product, seats) for product in products)
        lease = Held(items, features, True, client=client, station=station, mode=mode)
        self.told(outcome, self.oracle.takes(name, lease))
        self.generations[name] = outcome.generation
        return name if outcome.ok else multiple()

    def told(self, outcome: c.Outcome, expected: tuple[str, Lines]) -> None:
        """Both say the same."""
        lines = [((line.product_code, line.tmr_id), line.seats, 0) for line in outcome.lines]
        assert (outcome.reason, sorted(lines)) == (expected[0], sorted(expected[1]))

    @rule(name=names)
    def repeats(self, name: str) -> None:
        """A lease whose licences are of use stays where it is, whatever lingers."""
        lease = self.oracle.leases.get(name)
        if lease is None or any(self.oracle.why_not(key, lease) for key in lease.seats):
            return
        outcome = self.desk.do(self.asked[name])
        self.told(outcome, (reasons.GRANTED, self.oracle.lines(lease)))

    @rule(name=consumes(names), how=st.sampled_from([c.CheckIn, c.CheckIn, c.Expire]))
    def ends(self, name: str, how: Any) -> None:
        if name not in self.oracle.leases:
            return
        assert self.desk.do(how(self.asked[name].lease, self.generations[name])).ok
        if how is c.CheckIn:
            self.oracle.give_back(name)
        else:
            self.oracle.end(name)

    @invariant()
    def counts_agree(self) -> None:
        oracle, state = self.oracle, self.desk.state
        check_state(state)
        for product in PRODUCTS:
            for tmr_id in (1, 2):
                key = LicenceKey(FIRM, product, tmr_id)
                assert state.in_use(key) == oracle.used_seats((product, tmr_id))
                kept = [one for one in state.lingers() if one.key == key]
                live = sum(one.seats for one in kept if one.until_age_ms > state.age_ms)
                assert live == len(oracle.lingering((product, tmr_id)))
        assert len(state.leases) == len(oracle.leases)


TestStations = Stations.TestCase
TestStations.settings = settings(max_examples=100, stateful_step_count=40)
