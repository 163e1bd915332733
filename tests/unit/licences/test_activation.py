"""The activation time: to the millisecond, and never after the licence's end."""

from __future__ import annotations

import pytest

from appliance.codec.licence_files import check_item
from appliance.licences import reasons
from appliance.licences.options.activation import REASON
from appliance.licences.refusals import UpdateRefused
from appliance.licences.validity import why_rests, why_rests_at
from tests.unit.licences.builders import (
    KEY,
    NOW_MS,
    NOW_S,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)


def test_it_works_from_its_first_second_on() -> None:
    item = product(activates_at_s=NOW_S + 10)
    desk = founded(item)
    for now_ms, why in ((NOW_MS + 9_999, REASON.word), (NOW_MS + 10_000, "")):
        desk.state.log_time_ms = now_ms
        assert why_rests(desk.state, KEY, item) == why
        by_its_own_clock = why_rests_at(desk.state, KEY, item, now_ms)
        assert by_its_own_clock == why, "each container looks at that, too"


def test_a_check_out_before_it_is_told_so_and_takes_no_seat() -> None:
    desk = founded(product(activates_at_s=NOW_S + 10_000))
    outcome = desk.do(check_out())
    assert outcome.reason == "not-yet-active"
    assert outcome.detail.endswith("does not work yet; wait, or ask the vendor to change that")
    assert desk.state.in_use(KEY) == 0


def test_of_two_licences_the_one_that_works_is_taken() -> None:
    later, now = product(activates_at_s=NOW_S + 10_000), product(tmr_id=2)
    outcome = founded(later, now).do(check_out())
    assert outcome.ok and outcome.key is not None and outcome.key.tmr_id == 2


@pytest.mark.parametrize("end_s", [NOW_S, NOW_S + 1])
def test_it_may_not_end_before_it_begins(end_s: int) -> None:
    item = product(activates_at_s=NOW_S, expires_at_s=end_s)
    outcome = founded(twins=()).do(import_of(update_of(1, item)))
    if end_s > NOW_S:
        check_item(item)
        assert outcome.ok
        return
    with pytest.raises(UpdateRefused, match="ends before it begins"):
        check_item(item)
    assert outcome.reason == reasons.UPDATE_REFUSED
    assert "ends before it begins" in outcome.detail
