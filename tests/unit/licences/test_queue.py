"""Who waits for seats: in which order they are offered."""

from __future__ import annotations

import pytest

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.modes import STATION_SHARE, USER_LIMIT
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    KEY,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.queue_desk import (
    ask,
    free,
    full,
    offered,
    set_queue,
    told,
    waits,
)

# --- the order ---


def test_a_freed_seat_is_offered_in_the_same_command() -> None:
    desk = full()
    waits(desk, "a", "b")
    free(desk, "h0")
    assert offered(desk) == ["a"]
    assert desk.state.seats == {KEY: 1}, "it is held"
    assert told(desk, ask("stranger", wait_s=0)) == reasons.NO_SEAT_FREE
    assert told(desk, ask("b")) == reasons.QUEUED
    assert told(desk, ask("a", nonce=b"m" * 16)) == reasons.GRANTED
    assert offered(desk) == []
    assert desk.state.seats == {KEY: 1}
    free(desk, "a")
    assert offered(desk) == ["b"]


def test_who_waits_holds_nothing() -> None:
    desk = full(2)
    waits(desk, "a", seats=2)
    free(desk, "h0")
    assert desk.state.seats == {KEY: 1}, "the other one is free, and not half of a's"


@pytest.mark.parametrize("how", ["check-in", "expire", "release"])
def test_however_a_seat_becomes_free(how: str) -> None:
    desk = full()
    waits(desk, "a")
    lease = next(desk.state.active_leases())
    commands: dict[str, c.AnyCommand] = {
        "check-in": c.CheckIn(lease.ref, lease.generation),
        "expire": c.Expire(lease.ref, lease.generation),
        "release": c.Release(lease.ref, lease.generation, "cert:olga", "asked"),
    }
    assert desk.do(commands[how]).ok
    assert offered(desk) == ["a"]


def test_an_update_that_adds_seats_offers_them() -> None:
    desk = full()
    waits(desk, "a", "b", "c")
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, product(quantity=3), sequence=2))).ok
    assert offered(desk) == ["a", "b"]
    check_state(desk.state)


def test_a_seat_that_lingers_is_offered_when_that_is_over() -> None:
    desk = full(linger_s=30)
    waits(desk, "a")
    free(desk, "h0")
    assert offered(desk) == []
    desk.wait(30_000)
    desk.do(c.Tick())
    assert offered(desk) == ["a"]


def test_who_comes_back_to_a_lingering_seat_overtakes_nobody() -> None:
    desk = full(linger_s=30)
    waits(desk, "a")
    free(desk, "h0")
    assert told(desk, ask("again", "cert:h0", wait_s=0)) == reasons.GRANTED


# --- case 19: overtaking ---


def test_a_large_request_is_not_overtaken_by_small_ones() -> None:
    desk = full(5)
    waits(desk, "large", seats=5)
    free(desk, "h0")
    for number in range(20):
        assert told(desk, ask(f"s{number}", wait_s=0)) == reasons.NO_SEAT_FREE
    waits(desk, "small")
    free(desk, "h1", "h2", "h3")
    assert offered(desk) == []
    free(desk, "h4")
    assert offered(desk) == ["large"]
    assert told(desk, ask("large", seats=5)) == reasons.GRANTED


@pytest.mark.parametrize("most", [1, 3])
def test_as_often_as_an_operator_allows_and_no_more(most: int) -> None:
    desk = full(5)
    set_queue(desk, overtakes_max=most)
    waits(desk, "large", seats=5)
    passed = 0
    for number in range(20):
        if number < 5:
            free(desk, f"h{number}")
        passed += told(desk, ask(f"s{number}", wait_s=0)) == reasons.GRANTED
    assert passed == most
    free(desk, *(f"s{number}" for number in range(most)))
    assert offered(desk) == ["large"]


def test_one_that_waits_overtakes_as_well_and_is_counted() -> None:
    desk = full(2)
    set_queue(desk, overtakes_max=1)
    waits(desk, "large", seats=2)
    waits(desk, "s1", "s2")
    free(desk, "h0")
    assert offered(desk) == ["s1"]
    assert told(desk, ask("s1")) == reasons.GRANTED
    free(desk, "s1")
    assert offered(desk) == [], "once was enough"
    free(desk, "h1")
    assert offered(desk) == ["large"]


def test_who_waits_for_two_products_overtakes_in_neither() -> None:
    desk = founded(product(quantity=1), product(product_code=21, tmr_id=2, quantity=1))
    assert desk.do(ask("h0", wait_s=0)).ok
    assert desk.do(ask("h1", wait_s=0, product_code=21)).ok
    waits(desk, "first", product_code=21)
    waits(desk, "both", more=(c.Item(21),))
    waits(desk, "last")
    free(desk, "h0")
    assert offered(desk) == [], "both is before last, and waits for its second product"
    free(desk, "h1")
    assert offered(desk) == ["first"]
    assert told(desk, ask("first", product_code=21)) == reasons.GRANTED
    free(desk, "first")
    assert offered(desk) == ["both"]


def test_a_share_that_is_there_is_joined_whoever_waits() -> None:
    desk = founded(product(quantity=1, modes=(USER_LIMIT, STATION_SHARE)))
    at = {"station": b"s" * 16, "address": b"addr", "wishes": Wishes(mode=STATION_SHARE)}
    assert desk.do(ask("h0", "cert:x", wait_s=0, **at)).ok
    waits(desk, "a")
    assert told(desk, ask("joins", "cert:x", wait_s=0, **at)) == reasons.GRANTED
