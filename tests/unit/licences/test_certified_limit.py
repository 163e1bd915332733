"""Stale certified time: it stops nothing, unless the vendor of a licence set a limit."""

from __future__ import annotations

import msgspec
import pytest

from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.model import LicenceKey
from appliance.licences.options.certified_age import certified_until_ms
from appliance.services.tmr.licence_lists import Seen, licences
from appliance.sim.vendor import block_list
from tests.unit.licences.builders import FIRM, NOW_MS, NOW_S, Desk, check_out, founded, product

UP1, UP2, UP3 = "130-12345671", "130-12345672", "130-12345673"
DAY_S = 86_400
LIMITED = 21


@pytest.fixture
def desk() -> Desk:
    """One product without a limit, one that wants certified time of the last 30 days."""
    limited = product(
        product_code=LIMITED,
        tmr_id=2,
        certified_age_max_s=30 * DAY_S,
        receipt_valid_s=DAY_S,
        units=9,
    )
    made = founded(product(), limited)
    for serial, age_s in ((UP1, 0), (UP2, 3600), (UP3, 7200)):
        made.state.set_certified(serial, NOW_MS - age_s * 1000)
    return made


def days_later(desk: Desk, days: float) -> None:
    desk.now_ms = NOW_MS + int(days * DAY_S * 1000)


def limited(desk: Desk, lease_id: str = "limited") -> c.Outcome:
    return desk.do(check_out(lease_id, product_code=LIMITED))


def test_ninety_days_without_a_time_server_stop_only_what_is_limited(desk):
    held = limited(desk, "held")
    assert held.ok
    for day in range(1, 91):
        days_later(desk, day)
        granted = desk.do(check_out(f"day {day}"))
        assert granted.ok
        assert desk.check_in(granted.generation, f"day {day}").ok
        if day == 29:
            assert limited(desk).ok
        if day == 30:
            # The second-highest certified time, an hour before "now", is the virtual container's.
            refused = limited(desk, "late")
            assert refused.reason == reasons.CERTIFIED_STALE and "tmr time update" in refused.detail
            assert limited(desk, "held").reason == reasons.CERTIFIED_STALE
    consume = c.Consume(c.LeaseRef("cert:ada", "held"), held.generation, 1, 1, b"")
    assert desk.do(consume).reason == reasons.CERTIFIED_STALE


def test_the_limit_counts_from_the_second_highest_certified_time(desk):
    key = LicenceKey(FIRM, LIMITED, 2)
    until_s = NOW_S - 3600 + 30 * DAY_S
    assert certified_until_ms(desk.state, desk.state.items[key]) == until_s * 1000
    days_later(desk, 30 - 1 / 24 - 1 / DAY_S)  # one second before
    assert limited(desk).ok
    days_later(desk, 30 - 1 / 24)
    assert limited(desk).reason == reasons.CERTIFIED_STALE
    # One container that asked a time server is not enough, two are.
    desk.state.set_certified(UP1, desk.now_ms)
    assert limited(desk).reason == reasons.CERTIFIED_STALE
    desk.state.set_certified(UP2, desk.now_ms)
    assert limited(desk).ok


def test_receipts_do_not_outlive_the_limit(desk):
    days_later(desk, 30 - 1 / 24 - 60 / DAY_S)
    assert limited(desk).valid_for_s == 60
    assert desk.do(check_out()).valid_for_s == 600


def test_without_any_certified_time_a_limited_licence_rests():
    desk = founded(product(certified_age_max_s=DAY_S))
    assert desk.do(check_out()).reason == reasons.CERTIFIED_STALE
    desk.state.set_certified(UP1, NOW_MS)
    desk.state.set_certified("130-99999999", NOW_MS)
    assert desk.do(check_out()).reason == reasons.CERTIFIED_STALE, (
        "a stranger's time does not count"
    )
    desk.state.set_certified(UP3, NOW_MS)
    assert desk.do(check_out()).ok


def test_a_locked_container_has_no_certified_time(desk):
    desk.state.set_block_list(block_list(1, {UP1: "Lost"}))
    assert desk.state.virtual_certified_ms() == NOW_MS - 7_200_000
    desk.state.set_block_list(block_list(2, {UP1: "Lost", UP2: "Lost"}))
    assert desk.state.virtual_certified_ms() is None


def test_the_limit_is_a_property_in_which_twins_may_differ(desk):
    container = desk.state.containers[UP1]
    (firm,) = container.firms
    items = tuple(msgspec.structs.replace(item, certified_age_max_s=5) for item in firm.items)
    odd = msgspec.structs.replace(container, firms=(msgspec.structs.replace(firm, items=items),))
    desk.state.set_container(odd)
    for licence in desk.state.view.values():
        assert licence.differing == {UP1: ("certified_age_max_s",)}


def test_certified_times_are_undone(desk):
    desk.state.take_changes()
    before = desk.state.fingerprint()
    desk.state.set_certified(UP1, NOW_MS + 1)
    assert desk.state.fingerprint() != before
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before


def test_the_api_says_until_when(desk):
    shown = {
        licence.product_code: licence
        for licence in licences(desk.state, Seen({UP1, UP2, UP3}, {})).licences
    }
    assert shown[LIMITED].certified_age_max_s == 30 * DAY_S
    assert shown[LIMITED].certified_until_s == NOW_S - 3600 + 30 * DAY_S
    without = [one for code, one in shown.items() if code != LIMITED]
    assert [(one.certified_age_max_s, one.certified_until_s) for one in without] == [(None, None)]
    never = founded(product(certified_age_max_s=DAY_S))
    (licence,) = licences(never.state, Seen({UP1, UP2}, {})).licences
    assert licence.certified_until_s == 0
