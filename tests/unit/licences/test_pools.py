"""All licences of a product are one pool: which of them gives seats, and which gives units."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.bounds import PRODUCTS_MAX, SEATS_MAX
from appliance.licences.grants import grant_bytes
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    FIRM,
    NOW_S,
    PRODUCT,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

NO_EMERGENCY = Wishes(emergency=False)
OTHER = PRODUCT + 1


def update(desk: Desk, *items: ProductItem, sequence: int = 2, twins: tuple[int, ...] = (1, 2, 3)):
    """The vendor's next update of these twins: they hold these items and no others."""
    for twin in twins:
        assert desk.do(import_of(update_of(twin, *items, sequence=sequence))).ok
    check_state(desk.state)


def lines(outcome: c.Outcome) -> list[tuple[int, int, int]]:
    """(product, TMR-ID, seats) of each line."""
    return [(line.product_code, line.tmr_id, line.seats) for line in outcome.lines]


def tmr_id(outcome: c.Outcome) -> int:
    assert outcome.ok, outcome
    return outcome.tmr_id


# --- the order ---


@pytest.mark.parametrize(
    ("items", "wishes", "first"),
    [
        ([{"role": "overflow"}, {}], {}, 2),
        ([{"role": "emergency"}, {"role": "overflow"}], {}, 2),
        ([{"feature_map": 7}, {"feature_map": 3}], {"features": 1}, 2),
        ([{"feature_map": 7}, {"feature_map": 2}], {"features": 1}, 1),
        ([{"feature_map": 7, "role": "main"}, {"feature_map": 3, "role": "overflow"}], {}, 1),
        ([{"expires_at_s": NOW_S + 9}, {"expires_at_s": NOW_S + 10}], {}, 2),
        ([{"expires_at_s": NOW_S + 9}, {}], {}, 2),
        ([{"feature_map": 1}, {"expires_at_s": NOW_S + 9}], {}, 2),
        ([{}, {}], {}, 1),
        ([{"expires_at_s": NOW_S}, {}], {}, 2),
        ([{"maintenance_until": "2026-01-01"}, {}], {"release_date": "2026-01-02"}, 2),
        ([{"quantity": 0}, {"role": "overflow"}], {}, 2),
    ],
)
def test_licences_are_chosen_in_their_order(
    items: list[dict[str, Any]], wishes: dict[str, Any], first: int
) -> None:
    """Role, then the fewest features, then the latest end, then the lowest TMR-ID."""
    desk = founded(*(product(tmr_id=at, **fields) for at, fields in enumerate(items, 1)))
    outcome = desk.do(check_out(wishes=Wishes(**wishes)))
    assert tmr_id(outcome) == first
    assert outcome.role == items[first - 1].get("role", "main")


def test_an_overflow_licence_is_used_once_the_main_ones_are_taken() -> None:
    desk = founded(product(quantity=1), product(tmr_id=2, role="overflow"))
    roles = [desk.do(check_out(name)).role for name in "ab"]
    assert roles == ["main", "overflow"]


# --- emergency ---


def test_taken_seats_are_no_emergency() -> None:
    desk = founded(product(quantity=1), product(tmr_id=2, role="emergency"))
    assert desk.do(check_out("a")).ok
    assert desk.do(check_out("b")).reason == reasons.NO_SEAT_FREE


def test_what_one_program_lacks_is_no_emergency() -> None:
    desk = founded(product(feature_map=1), product(tmr_id=2, role="emergency", feature_map=3))
    refused = desk.do(check_out(wishes=Wishes(features=2)))
    assert refused.reason == "features-not-licensed"


@pytest.mark.parametrize("role", ["main", "overflow"])
def test_an_emergency_licence_serves_while_no_other_can_be_used(role: str) -> None:
    usual, rescue = product(role=role, expires_at_s=NOW_S + 60), product(tmr_id=2, role="emergency")
    desk = founded(usual, rescue)
    assert tmr_id(desk.do(check_out("a"))) == 1
    desk.wait(60_000)
    outcome = desk.do(check_out("b"))
    assert (outcome.tmr_id, outcome.role) == (2, "emergency")
    update(desk, msgspec.structs.replace(usual, expires_at_s=None), rescue)
    assert tmr_id(desk.do(check_out("c"))) == 1, "that day is over"
    assert tmr_id(desk.do(check_out("b"))) == 2, "who has a seat keeps it"


def test_a_licence_with_one_constituent_makes_an_emergency() -> None:
    desk = founded(product(), product(tmr_id=2, role="emergency"))
    update(desk, product(tmr_id=2, role="emergency"), twins=(1, 2))
    assert tmr_id(desk.do(check_out())) == 2


def test_a_program_may_decline_emergency_licences() -> None:
    desk = founded(product(expires_at_s=NOW_S), product(tmr_id=2, role="emergency"))
    assert desk.do(check_out(wishes=NO_EMERGENCY)).reason == reasons.EXPIRED
    desk = founded(product(role="emergency"))
    refused = desk.do(check_out(wishes=NO_EMERGENCY))
    assert (refused.reason, "does not want" in refused.detail) == ("emergency-declined", True)
    assert desk.do(check_out()).role == "emergency"


# --- several seats ---


def test_several_seats_are_all_granted_or_none() -> None:
    desk = founded(product(quantity=3))
    outcome = desk.do(check_out("a", seats=2))
    assert (outcome.seats, lines(outcome)) == (2, [(PRODUCT, 1, 2)])
    refused = desk.do(check_out("b", seats=2))
    assert (refused.reason, "Fewer than 2" in refused.detail) == (reasons.NO_SEAT_FREE, True)
    assert desk.state.seats == {LicenceKey(FIRM, PRODUCT, 1): 2}
    assert desk.do(check_out("a", seats=2)) == outcome, "a repeat takes nothing"
    assert desk.do(check_out("a", seats=1)).reason == reasons.LEASE_CONFLICT
    given_back = desk.check_in(outcome.generation, "a")
    assert lines(given_back) == [(PRODUCT, 1, 2)]
    assert not desk.state.seats and not desk.state.held


def test_seats_may_come_from_several_licences_of_one_role() -> None:
    desk = founded(product(quantity=2), product(tmr_id=2, quantity=2, lease_ttl_s=30))
    outcome = desk.do(check_out(seats=3))
    assert lines(outcome) == [(PRODUCT, 1, 2), (PRODUCT, 2, 1)]
    assert (outcome.seats, outcome.lease_ttl_s) == (3, 30)


def test_seats_never_come_from_licences_of_two_roles() -> None:
    desk = founded(product(quantity=2), product(tmr_id=2, role="overflow", quantity=3))
    assert lines(desk.do(check_out("a", seats=3))) == [(PRODUCT, 2, 3)]
    assert desk.do(check_out("b", seats=3)).reason == reasons.NO_SEAT_FREE
    assert lines(desk.do(check_out("c", seats=2))) == [(PRODUCT, 1, 2)]


def test_seats_of_too_many_licences_are_refused_and_of_the_largest_granted() -> None:
    desk = founded(*(product(tmr_id=at, quantity=1) for at in range(1, 20)))
    refused = desk.do(check_out("a", seats=17))
    assert (refused.reason, "of more licences" in refused.detail) == (reasons.NO_SEAT_FREE, True)
    assert len(desk.do(check_out("a", seats=16)).lines) == 16
    small = [product(tmr_id=at, quantity=1) for at in range(1, 17)]
    desk = founded(*small, product(tmr_id=17, quantity=5))
    outcome = desk.do(check_out(seats=20))
    assert (outcome.ok, len(outcome.lines), outcome.seats) == (True, 16, 20)
    assert grant_bytes(outcome)


@pytest.mark.parametrize("seats", [0, -1, SEATS_MAX + 1])
def test_impossible_seats_are_refused_by_name(seats: int) -> None:
    desk = founded(product(quantity=2**53 - 1))
    refused = desk.do(check_out(seats=seats))
    assert (refused.reason, f"product {PRODUCT}" in refused.detail) == (reasons.BAD_REQUEST, True)
    assert grant_bytes(desk.do(check_out(seats=SEATS_MAX)))


def test_an_operators_limit_counts_seats_and_not_leases() -> None:
    desk = founded(product(), product(tmr_id=2), product(product_code=OTHER))
    assert desk.do(c.Limit(FIRM, PRODUCT, 3, "olga", "shared")).ok
    assert desk.do(check_out("a", seats=2)).ok
    assert desk.do(check_out("b", seats=2)).reason == reasons.OVER_QUOTA
    both = check_out("b", product_code=OTHER, more=(c.Item(PRODUCT, 2),))
    assert desk.do(both).reason == reasons.OVER_QUOTA
    assert desk.do(check_out("b", seats=1)).ok
    update(desk, product(tmr_id=2), product(product_code=OTHER))
    assert desk.do(check_out("c")).reason == reasons.OVER_QUOTA, "seats that rest are held, too"


# --- several products ---


def test_several_products_are_all_granted_or_none() -> None:
    items = product(), product(product_code=OTHER, quantity=2, expires_at_s=NOW_S + 60)
    desk = founded(*items, product(product_code=OTHER + 1, quantity=0))
    outcome = desk.do(check_out("a", more=(c.Item(OTHER, 2),)))
    assert lines(outcome) == [(PRODUCT, 1, 1), (OTHER, 1, 2)]
    assert (outcome.seats, outcome.valid_for_s, outcome.ends_at_ms) == (3, 60, (NOW_S + 60) * 1000)
    for more, why in (
        ((c.Item(OTHER),), reasons.NO_SEAT_FREE),
        ((c.Item(OTHER + 1),), reasons.NO_SEAT_FREE),
        ((c.Item(OTHER + 2),), reasons.UNKNOWN_PRODUCT),
    ):
        refused = desk.do(check_out("b", more=more))
        assert (refused.reason, f":{more[0].product_code}" in refused.detail) == (why, True)
    assert sum(desk.state.seats.values()) == 3
    assert desk.do(check_out("a", more=(c.Item(OTHER, 1),))).reason == reasons.LEASE_CONFLICT
    assert desk.do(check_out("a", more=(c.Item(OTHER, 2),))).generation == outcome.generation


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ([PRODUCT], f"product {PRODUCT} twice"),
        ([OTHER, OTHER], f"product {OTHER} twice"),
        (range(OTHER, OTHER + PRODUCTS_MAX), f"{PRODUCTS_MAX + 1} products"),
    ],
)
def test_impossible_products_are_refused_by_name(more: list[int], why: str) -> None:
    desk = founded(product())
    refused = desk.do(check_out(more=tuple(c.Item(code) for code in more)))
    assert (refused.reason, why in refused.detail) == (reasons.BAD_REQUEST, True)


def test_sixteen_products_leave_one_licence_for_each() -> None:
    items = [product(product_code=PRODUCT + at, quantity=2) for at in range(PRODUCTS_MAX)]
    desk = founded(*items, product(tmr_id=2, quantity=1))
    more = tuple(c.Item(item.product_code) for item in items[1:])
    assert "of more licences" in desk.do(check_out(seats=3, more=more)).detail
    outcome = desk.do(check_out(seats=2, more=more))
    assert (outcome.ok, len(outcome.lines)) == (True, PRODUCTS_MAX)


# --- renewal ---


REST: dict[str, dict[str, Any]] = {"it ended": {"expires_at_s": NOW_S}, "it is gone": {}}


@pytest.mark.parametrize("how", REST)
def test_a_lease_moves_to_another_licence_as_the_same_lease(how: str) -> None:
    usual, other = product(units=9), product(tmr_id=2, units=9, lease_ttl_s=90)
    desk = founded(usual, other)
    first = desk.do(check_out())
    taken = desk.consume(first.generation, 1, 2)
    resting = [msgspec.structs.replace(usual, **REST[how])] if REST[how] else []
    update(desk, *resting, other)
    again = desk.do(check_out(nonce=b"fresh"))
    assert (again.tmr_id, again.generation) == (2, first.generation)
    assert again.lease_ttl_s == first.lease_ttl_s, "its lifetime is that of its grant"
    assert desk.state.seats == {LicenceKey(FIRM, PRODUCT, 2): 1}
    repeated = desk.consume(first.generation, 1, 2)
    assert (repeated.reason, repeated.units_taken) == (reasons.GRANTED, taken.units_taken)
    assert desk.consume(first.generation, 2, 1).ok, "its numbers go on"
    assert sum(desk.state.units_used.values()) == 3
    check_state(desk.state)


def test_a_lease_whose_licence_rests_stays_where_no_other_has_a_seat() -> None:
    usual, other = product(expires_at_s=NOW_S + 60), product(tmr_id=2, quantity=0)
    desk = founded(usual, other)
    first = desk.do(check_out())
    desk.wait(60_000)
    assert desk.do(check_out()).reason == reasons.EXPIRED
    assert desk.state.seats == {LicenceKey(FIRM, PRODUCT, 1): 1}, "the seat is kept"
    update(desk, usual, product(tmr_id=2, quantity=1))
    assert (tmr_id(desk.do(check_out())), desk.state.in_use(LicenceKey(FIRM, PRODUCT, 1))) == (2, 0)
    assert desk.do(check_out()).generation == first.generation


def test_a_consumption_moves_a_lease_as_a_renewal_does() -> None:
    desk = founded(product(units=5), product(tmr_id=2, units=5))
    generation = desk.do(check_out()).generation
    update(desk, product(tmr_id=2, units=5))
    outcome = desk.consume(generation, 1, 5)
    assert (tmr_id(outcome), outcome.units_left) == (2, 0)
    assert desk.state.in_use(LicenceKey(FIRM, PRODUCT, 1)) == 0


def test_of_several_parts_only_what_rests_moves() -> None:
    ends = {"expires_at_s": NOW_S + 60}
    desk = founded(
        product(quantity=2, **ends),
        product(tmr_id=2, quantity=2),
        product(tmr_id=3, quantity=2, role="overflow"),
        product(product_code=OTHER),
    )
    update(desk, *(items := list(desk.state.items.values())))
    items[1] = msgspec.structs.replace(items[1], quantity=3)
    more = (c.Item(OTHER, 4),)
    first = desk.do(check_out(seats=3, more=more))
    assert lines(first) == [(PRODUCT, 2, 2), (PRODUCT, 1, 1), (OTHER, 1, 4)]
    desk.wait(60_000)
    assert desk.do(check_out(seats=3, more=more)).reason == reasons.EXPIRED, "one seat has no room"
    update(desk, *items, sequence=3)
    again = desk.do(check_out(seats=3, more=more))
    assert lines(again) == [(PRODUCT, 2, 3), (OTHER, 1, 4)]
    assert again.generation == first.generation


def test_a_part_moves_as_a_whole_to_another_role() -> None:
    desk = founded(
        product(quantity=2, expires_at_s=NOW_S + 60),
        product(tmr_id=2, quantity=1),
        product(tmr_id=3, quantity=3, role="overflow"),
    )
    assert lines(desk.do(check_out(seats=3))) == [(PRODUCT, 2, 1), (PRODUCT, 1, 2)]
    desk.wait(60_000)
    again = desk.do(check_out(seats=3))
    assert (lines(again), again.role) == ([(PRODUCT, 3, 3)], "overflow")


def test_seats_above_a_lowered_quantity_stay_when_another_part_moves() -> None:
    ends = {"expires_at_s": NOW_S + 60}
    desk = founded(product(quantity=2, **ends), product(tmr_id=2, quantity=3))
    desk.do(check_out(seats=5))
    update(desk, product(quantity=2, **ends), product(tmr_id=2, quantity=1), product(tmr_id=3))
    desk.wait(60_000)
    assert lines(desk.do(check_out(seats=5))) == [(PRODUCT, 2, 3), (PRODUCT, 3, 2)]


# --- units ---


def units(outcome: c.Outcome) -> list[tuple[int, int, int]]:
    """(TMR-ID, seats, units) of each line."""
    return [(line.tmr_id, line.seats, line.units) for line in outcome.lines]


def test_units_come_from_the_leases_licence_first_then_from_the_pool() -> None:
    desk = founded(product(units=3), product(tmr_id=2, units=100))
    granted = desk.do(check_out())
    assert granted.units_left == 103
    outcome = desk.consume(granted.generation, 1, 5)
    assert (outcome.units_taken, outcome.units_left) == (5, 98)
    assert units(outcome) == [(1, 1, 3), (2, 0, 2)]
    assert desk.consume(granted.generation, 1, 5) == outcome
    assert desk.consume(granted.generation, 2, 99).reason == reasons.UNITS_EXHAUSTED
    assert desk.consume(granted.generation, 3, 98).units_left == 0
    assert grant_bytes(outcome)


def test_units_are_taken_of_the_product_that_is_named() -> None:
    desk = founded(product(units=3), product(product_code=OTHER, units=7))
    granted = desk.do(check_out(more=(c.Item(OTHER),)))
    ref, generation = c.LeaseRef("cert:ada", "lease"), granted.generation

    def take(number: int, of: int, count: int = 1) -> c.Outcome:
        return desk.do(c.Consume(ref, generation, number, count, b"", of))

    assert take(1, OTHER, 5).units_left == 2
    assert take(1, PRODUCT, 5).reason == reasons.LEASE_CONFLICT
    assert [take(2, PRODUCT).units_left, take(3, 0).units_left] == [2, 1]
    refused = take(4, OTHER + 1)
    assert (refused.reason, f"product {OTHER + 1}" in refused.detail) == ("bad-request", True)
    assert take(4, OTHER, 3).reason == reasons.UNITS_EXHAUSTED


def test_units_of_more_licences_than_a_grant_can_name_are_refused() -> None:
    desk = founded(*(product(tmr_id=at, units=1) for at in range(1, 20)))
    generation = desk.do(check_out()).generation
    refused = desk.consume(generation, 1, 17)
    assert (refused.reason, "of more licences" in refused.detail) == ("units-exhausted", True)
    assert len(desk.consume(generation, 2, 16).lines) == 16
    assert not desk.consume(generation, 3, 4).ok


def test_a_licence_without_a_counter_may_use_the_pools() -> None:
    desk = founded(product(), product(tmr_id=2, units=4, quantity=0))
    generation = desk.do(check_out()).generation
    assert units(desk.consume(generation, 1, 3)) == [(1, 1, 0), (2, 0, 3)]


def test_emergency_units_are_for_emergencies() -> None:
    desk = founded(product(units=1), product(tmr_id=2, units=9, role="emergency"))
    granted = desk.do(check_out())
    assert granted.units_left == 1
    assert desk.consume(granted.generation, 1, 2).reason == reasons.UNITS_EXHAUSTED


def test_a_repeated_answer_that_took_units_of_a_licence_that_is_gone_is_valid_no_more() -> None:
    desk = founded(product(units=1), product(tmr_id=2, units=9))
    generation = desk.do(check_out()).generation
    first = desk.consume(generation, 1, 3)
    update(desk, product(units=1))
    again = desk.consume(generation, 1, 3)
    assert again == msgspec.structs.replace(first, valid_for_s=0)
