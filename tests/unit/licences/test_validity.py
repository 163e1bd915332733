"""To the millisecond: when a licence rests, why, and for how long a receipt of it holds."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.licences import reasons
from appliance.licences.model import ProductItem
from appliance.licences.options.certified_age import certified_until_ms, is_stale
from appliance.licences.records import Origin
from appliance.licences.seats import refusal
from appliance.licences.state import State
from appliance.licences.validity import (
    TWINS_UNREACHABLE,
    ends_at_ms,
    valid_for_s,
    why_offer_rests,
    why_refused,
    why_rests,
)
from appliance.licences.wishes import Wishes
from appliance.sim.vendor import block_list
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    NOW_MS,
    NOW_S,
    PRODUCT,
    Desk,
    check_out,
    founded,
    product,
)

TWINS = ("130-12345671", "130-12345672", "130-12345673")
FOUNDED_ANEW = Origin(b"lost ledger", 1, bytes(32))


def held(certified_age_s: int | None = None, **fields: Any) -> tuple[Desk, ProductItem]:
    """A ledger at NOW_MS with one product, and certified time of this age in all twins."""
    item = product(**fields)
    desk = founded(item)
    desk.state.log_time_ms = NOW_MS
    if certified_age_s is not None:
        for serial in TWINS:
            desk.state.set_certified(serial, NOW_MS - certified_age_s * 1000)
    return desk, item


def at(desk: Desk, now_ms: int) -> State:
    desk.state.log_time_ms = now_ms
    return desk.state


def test_it_rests_from_its_expiration_on() -> None:
    desk, item = held(expires_at_s=NOW_S + 10)
    assert why_rests(at(desk, NOW_MS + 9_999), KEY, item) == ""
    assert refusal(desk.state, check_out()) is None
    assert why_rests(at(desk, NOW_MS + 10_000), KEY, item) == reasons.EXPIRED
    told = refusal(desk.state, check_out())
    assert told is not None and told.reason == reasons.EXPIRED
    assert f"{FIRM}:{PRODUCT}" in told.detail


def test_it_rests_once_the_certified_time_is_as_old_as_its_vendor_allows() -> None:
    desk, item = held(certified_age_s=5, certified_age_max_s=15)
    assert certified_until_ms(desk.state, item) == NOW_MS + 10_000
    for now_ms, why in ((NOW_MS + 9_999, ""), (NOW_MS + 10_000, reasons.CERTIFIED_STALE)):
        assert why_rests(at(desk, now_ms), KEY, item) == why
        assert is_stale(desk.state, item) is bool(why)


def test_without_a_limit_no_certified_time_is_too_old() -> None:
    for age_s in (None, 10**9):
        desk, item = held(certified_age_s=age_s)
        assert certified_until_ms(desk.state, item) is None
        assert not is_stale(desk.state, item)
        assert why_rests(desk.state, KEY, item) == ""


def test_where_no_time_was_ever_certified_it_never_was_young_enough() -> None:
    desk, item = held(certified_age_max_s=10**6)
    assert certified_until_ms(desk.state, item) == 0
    assert is_stale(desk.state, item)
    assert valid_for_s(desk.state, item, ends_at_ms(desk.state, KEY, item)) == 0
    assert is_stale(at(desk, 0), item), "not even while log time is not known yet"


def test_a_restored_counter_rests_and_a_licence_without_one_does_not() -> None:
    for units, why in ((5, reasons.UNITS_UNCONFIRMED), (0, reasons.UNITS_UNCONFIRMED), (None, "")):
        desk, item = held(units=units)
        assert why_rests(desk.state, KEY, item) == ""
        desk.state.origin = FOUNDED_ANEW
        assert why_rests(desk.state, KEY, item) == why


@pytest.mark.parametrize(
    ("fields", "now_ms", "valid_s"),
    [
        ({"receipt_valid_s": 600}, NOW_MS, 600),
        # Whole seconds that are left, rounded down: it ends 100 s after NOW_S.
        ({"expires_at_s": NOW_S + 100}, NOW_MS, 100),
        ({"expires_at_s": NOW_S + 100}, NOW_MS + 1, 99),
        ({"expires_at_s": NOW_S + 100}, NOW_MS + 1000, 99),
        ({"expires_at_s": NOW_S + 100}, NOW_MS + 98_999, 1),
        ({"expires_at_s": NOW_S + 100}, NOW_MS + 99_001, 0),
        ({"expires_at_s": NOW_S + 100}, NOW_MS + 200_000, 0),
        ({"expires_at_s": NOW_S + 601}, NOW_MS, 600),
        # The certified time was 5 s old at NOW_S.
        ({"certified_age_max_s": 55}, NOW_MS, 50),
        ({"certified_age_max_s": 55}, NOW_MS + 1, 49),
        ({"certified_age_max_s": 55}, NOW_MS + 60_000, 0),
        ({"certified_age_max_s": 55, "expires_at_s": NOW_S + 40}, NOW_MS, 40),
        ({"certified_age_max_s": 55, "expires_at_s": NOW_S + 60}, NOW_MS, 50),
    ],
)
def test_a_receipt_ends_before_the_licence_does(
    fields: dict[str, Any], now_ms: int, valid_s: int
) -> None:
    desk, item = held(certified_age_s=5, **fields)
    state = at(desk, now_ms)
    assert valid_for_s(state, item, ends_at_ms(state, KEY, item)) == valid_s


def test_a_receipt_holds_whole_seconds() -> None:
    desk, item = held(certified_age_max_s=55)
    for serial in TWINS:
        desk.state.set_certified(serial, NOW_MS - 4_500)
    valid_s = valid_for_s(desk.state, item, ends_at_ms(desk.state, KEY, item))
    assert (valid_s, type(valid_s)) == (50, int)


# --- what a new check-out would be told ---


def told(desk: Desk, *reachable: str) -> str:
    return why_refused(desk.state, desk.state.view[KEY], reachable)


def test_it_takes_two_twins_that_answer() -> None:
    desk, _ = held()
    assert told(desk, *TWINS) == told(desk, *TWINS[1:]) == ""
    assert told(desk, TWINS[0], "130-99999999") == told(desk) == TWINS_UNREACHABLE == "quorum-lost"


def test_what_is_not_available_is_unknown_whoever_answers() -> None:
    desk = founded(product(), twins=(1,))
    assert told(desk, *TWINS) == reasons.UNKNOWN_PRODUCT
    desk = founded(product(expires_at_s=NOW_S - 1), twins=(1,))
    assert told(desk) == reasons.UNKNOWN_PRODUCT
    desk = founded(product(), twins=(1, 2))
    desk.state.set_block_list(block_list(1, {TWINS[0]: "stolen"}))
    assert desk.state.view[KEY].item is not None
    assert told(desk, *TWINS) == reasons.UNKNOWN_PRODUCT


def test_at_rest_comes_before_full_and_full_is_the_last_seat() -> None:
    desk, _ = held(quantity=2, expires_at_s=NOW_S + 10)
    assert told(held(quantity=1)[0], *TWINS) == ""
    for lease, why in (("one", ""), ("two", reasons.NO_SEAT_FREE)):
        assert desk.do(check_out(lease)).ok
        assert told(desk, *TWINS) == why
    at(desk, NOW_MS + 10_000)
    assert told(desk, *TWINS) == reasons.EXPIRED
    assert told(desk, TWINS[0]) == TWINS_UNREACHABLE


def test_a_licence_without_seats_is_full_from_the_start() -> None:
    desk, _ = held(quantity=0)
    assert told(desk, *TWINS) == reasons.NO_SEAT_FREE


@pytest.mark.parametrize(
    "wishes", [Wishes(), Wishes(features=4), Wishes(release_date="2031-01-01")]
)
def test_a_short_look_at_an_offer_finds_what_a_whole_one_does(wishes: Wishes) -> None:
    """It asks only the options that a licence uses; nothing else can be wrong with it."""
    items = [
        product(product_code=1, tmr_id=1),
        product(product_code=2, tmr_id=2, expires_at_s=NOW_S),
        product(product_code=3, tmr_id=3, activates_at_s=NOW_S + 1),
        product(product_code=4, tmr_id=4, feature_map=4, maintenance_until="2030-01-01"),
        product(product_code=5, tmr_id=5, certified_age_max_s=60),
    ]
    state = founded(*items).state
    whys = {}
    for key, offer in state.offered.items():
        whys[key.tmr_id] = why_offer_rests(state, offer, wishes)
        assert whys[key.tmr_id] == why_rests(state, key, offer.item, wishes)
    assert whys[2] == "licence-expired" and whys[3] == "not-yet-active"
