"""Any sequence of operations: the machine gives, moves and refuses what a dumb oracle does."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences.model import LicenceKey
from appliance.licences.seats import refusal
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import FIRM, NOW_S, check_out, founded, import_of, update_of
from tests.unit.licences.builders import product as item_of
from tests.unit.licences.oracle import ROLES, Licence, Lines, Oracle

PRODUCTS = (20, 21)
TMR_IDS = (1, 2, 3)
DAY = 25
LICENCES = st.builds(
    Licence,
    st.sampled_from(PRODUCTS),
    st.sampled_from(TMR_IDS),
    st.integers(0, 3),
    st.sampled_from(ROLES),
    st.sampled_from([3, 3, 1, 0]),
    st.sampled_from([None, None, NOW_S + 60, NOW_S + 600]),
    st.sampled_from([None, 0, 2, 5]),
)
ITEMS = st.lists(
    st.tuples(st.sampled_from(PRODUCTS), st.sampled_from([1, 1, 2, 2, 3, 5])),
    min_size=1,
    max_size=2,
    unique_by=lambda item: item[0],
).map(tuple)
FEATURES = st.sampled_from([0, 0, 1, 2])


def lines_of(outcome: c.Outcome) -> Lines:
    return [((line.product_code, line.tmr_id), line.seats, line.units) for line in outcome.lines]


class Pools(RuleBasedStateMachine):
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

    def told(self, outcome: c.Outcome, expected: tuple[str, Lines]) -> None:
        """Both say the same."""
        assert (outcome.reason, lines_of(outcome)) == expected
        if outcome.ok:
            ranks = [ROLES.index(self.oracle.licences[key].role) for key, _, _ in expected[1]]
            assert outcome.role == ROLES[max(ranks)]
            assert outcome.seats == sum(seats for _, seats, _ in expected[1])

    # --- the vendor, and time ---

    @initialize(licences=st.lists(LICENCES, min_size=3, max_size=5))
    def begins(self, licences: list[Licence]) -> None:
        self.oracle.licences = {one.key: one for one in licences}
        self._update(3)

    @rule(licence=LICENCES, twins=st.sampled_from([3, 3, 2]))
    def changes(self, licence: Licence, twins: int) -> None:
        """A licence comes, or becomes another one; one of three containers may lag behind."""
        self.oracle.licences[licence.key] = licence
        self._update(twins)

    @rule(key=st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(TMR_IDS)))
    def goes(self, key: tuple[int, int]) -> None:
        """Two containers hold a licence no more."""
        if self.oracle.licences.pop(key, None) is not None:
            self._update(3)

    def _update(self, twins: int) -> None:
        self.sequence += 1
        held = [
            item_of(
                product_code=one.product,
                tmr_id=one.tmr_id,
                quantity=one.quantity,
                role=one.role,
                feature_map=one.features,
                expires_at_s=one.ends_s,
                units=one.units,
            )
            for one in sorted(self.oracle.licences.values(), key=lambda one: one.key)
        ]
        for twin in range(1, 4):
            items = held if twin <= twins else ()
            assert self.desk.do(import_of(update_of(twin, *items, sequence=self.sequence))).ok

    @rule(seconds=st.sampled_from([1, 59, 60, 600]))
    def time_passes(self, seconds: int) -> None:
        self.desk.wait(seconds * 1000)
        self.desk.do(c.Tick())
        self.oracle.now_s += seconds

    # --- clients ---

    @rule(
        target=names, items=ITEMS, features=st.sampled_from([0, 0, 1, 2]), emergency=st.booleans()
    )
    def checks_out(self, items: tuple[tuple[int, int], ...], features: int, emergency: bool) -> str:
        self.count += 1
        name = f"l{self.count}"
        (first, seats), *more = items
        self.asked[name] = command = check_out(
            name,
            product_code=first,
            seats=seats,
            more=tuple(c.Item(*item) for item in more),
            wishes=Wishes(features=features, emergency=emergency),
        )
        foretold = refusal(self.desk.state, command)
        outcome = self.desk.do(command)
        assert foretold is None or foretold == outcome
        self.told(outcome, self.oracle.check_out(name, items, features, emergency))
        self.generations[name] = outcome.generation
        return name

    @rule(name=names)
    def renews(self, name: str) -> None:
        if name in self.oracle.leases:
            outcome = self.desk.do(self.asked[name])
            self.told(outcome, self.oracle.renew(name))
            assert not outcome.ok or outcome.generation == self.generations[name]

    @rule(name=names, product=st.sampled_from(PRODUCTS), units=st.integers(1, 6))
    def consumes_units(self, name: str, product: int, units: int) -> None:
        lease = self.oracle.leases.get(name)
        if lease is None or product not in dict(lease.items):
            return
        ref, generation = self.asked[name].lease, self.generations[name]
        command = c.Consume(ref, generation, len(lease.answers) + 1, units, b"", product)
        outcome = self.desk.do(command)
        self.told(outcome, self.oracle.consume(name, product, units))
        if outcome.ok:
            left = sum(self.oracle.counters(product, lease).values())
            assert outcome.units_left == left

    @rule(name=names, back=st.integers(1, 8))
    def asks_again(self, name: str, back: int) -> None:
        """A number that was answered gets that answer again, wherever the lease sits now."""
        lease = self.oracle.leases.get(name)
        if lease is None or back > len(lease.answers):
            return
        product, units, why, taken = lease.answers[-back]
        ref, generation = self.asked[name].lease, self.generations[name]
        number = len(lease.answers) + 1 - back
        outcome = self.desk.do(c.Consume(ref, generation, number, units, b"", product))
        assert outcome.reason == why
        if outcome.ok:
            assert {key: units for key, _, units in lines_of(outcome) if units} == taken

    @rule(name=consumes(names), how=st.sampled_from([c.CheckIn, c.Expire]))
    def ends(self, name: str, how: Any) -> None:
        if name in self.oracle.leases:
            assert self.desk.do(how(self.asked[name].lease, self.generations[name])).ok
            self.oracle.end(name)

    @rule(seed=st.integers(0, 2**32))
    def a_busy_day(self, seed: int) -> None:
        """Many operations in a row, drawn by a seed."""
        rng = Random(seed)
        for _ in range(DAY):
            names = [*self.oracle.leases] or ["nobody"]
            name, product, count = rng.choice(names), rng.choice(PRODUCTS), rng.randint(1, 5)
            act = rng.randrange(14)
            if act < 3:
                codes = PRODUCTS[: 1 + rng.randrange(2)]
                items = tuple((code, rng.randint(1, 3)) for code in codes)
                self.checks_out(items, rng.choice([0, 0, 1]), rng.random() < 0.7)
            elif act < 7:
                self.renews(name)
            elif act < 9:
                self.consumes_units(name, product, count)
            elif act == 9:
                self.asks_again(name, rng.randint(1, 8))
            elif act < 12:
                ends_s = rng.choice([None, self.oracle.now_s + 60])
                terms = rng.randint(1, 6), rng.choice(ROLES), rng.choice([1, 3]), ends_s
                units = rng.choice([None, 1, 6])
                self.changes(Licence(product, rng.choice(TMR_IDS), *terms, units), 3)
            elif act == 12:
                self.time_passes(rng.choice([1, 60]))
            else:
                self.ends(name, c.CheckIn)
            self.counts_agree()

    # --- always ---

    @invariant()
    def counts_agree(self) -> None:
        oracle, state = self.oracle, self.desk.state
        check_state(state)
        sums: dict[LicenceKey, int] = {}
        for lease in oracle.leases.values():
            for (product, tmr_id), seats in lease.seats.items():
                key = LicenceKey(FIRM, product, tmr_id)
                sums[key] = sums.get(key, 0) + seats
        assert state.seats == sums
        used = {LicenceKey(FIRM, *key): count for key, count in oracle.used.items()}
        assert state.units_used == used
        assert len(state.leases) == len(oracle.leases)


TestPools = Pools.TestCase
TestPools.settings = settings(max_examples=60, stateful_step_count=20)
