"""Three clocks vote: one wrong clock changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clocks.voting import allowed_log_time_ms, may_move

NOW_MS = 1_700_000_000_000
YEAR_2009_MS = 1_230_768_000_000
YEAR_2050_MS = 2_524_608_000_000
TOLERANCE_MS = 1_000
TIMES = st.integers(0, 2**45)


@pytest.mark.parametrize("wrong_ms", [YEAR_2009_MS, YEAR_2050_MS])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_one_wrong_clock_of_three_changes_nothing(wrong_ms, which):
    times = [NOW_MS, NOW_MS, NOW_MS]
    times[which] = wrong_ms
    assert allowed_log_time_ms(times, TOLERANCE_MS) == NOW_MS + TOLERANCE_MS
    assert may_move(NOW_MS - 60_000, NOW_MS, times, TOLERANCE_MS)
    assert not may_move(NOW_MS - 60_000, NOW_MS + TOLERANCE_MS + 1, times, TOLERANCE_MS)


def test_of_two_clocks_the_earlier_counts():
    assert allowed_log_time_ms([YEAR_2050_MS, NOW_MS], 0) == NOW_MS
    assert allowed_log_time_ms([NOW_MS, YEAR_2009_MS], 0) == YEAR_2009_MS


def test_log_time_may_come_up_to_the_limit_itself_and_no_further():
    times = [NOW_MS, NOW_MS + 5, NOW_MS - 5]
    assert may_move(NOW_MS - 60_000, NOW_MS + TOLERANCE_MS, times, TOLERANCE_MS)
    assert not may_move(NOW_MS - 60_000, NOW_MS + TOLERANCE_MS + 1, times, TOLERANCE_MS)


@pytest.mark.parametrize("times", [[], [YEAR_2050_MS]])
def test_fewer_than_two_clocks_move_nothing(times):
    assert allowed_log_time_ms(times, TOLERANCE_MS) is None
    assert not may_move(NOW_MS, NOW_MS + 1, times, TOLERANCE_MS)
    assert may_move(NOW_MS, NOW_MS, times, TOLERANCE_MS)


def test_log_time_never_goes_back_but_may_stand_still():
    times = [YEAR_2009_MS] * 3
    assert may_move(NOW_MS, NOW_MS, times, TOLERANCE_MS)
    assert not may_move(NOW_MS, NOW_MS - 1, times, TOLERANCE_MS)
    assert not may_move(NOW_MS, NOW_MS + 1, times, TOLERANCE_MS)


def second_highest(times: list[int]) -> int:
    rest = sorted(times, reverse=True)
    return rest[1]


@given(st.lists(TIMES, min_size=2, max_size=5), st.integers(0, 5_000))
def test_the_limit_is_what_sorting_says_in_any_order(times, tolerance_ms):
    expected = second_highest(times) + tolerance_ms
    assert allowed_log_time_ms(times, tolerance_ms) == expected
    assert allowed_log_time_ms(times[::-1], tolerance_ms) == expected


@given(st.lists(TIMES, max_size=4), TIMES, TIMES, st.integers(0, 5_000))
def test_moving_is_what_the_rule_says(times, previous_ms, proposed_ms, tolerance_ms):
    enough = sum(time + tolerance_ms >= proposed_ms for time in times) >= 2
    expected = proposed_ms == previous_ms or (proposed_ms > previous_ms and enough)
    assert may_move(previous_ms, proposed_ms, times, tolerance_ms) == expected


@given(st.lists(TIMES, min_size=3, max_size=3), TIMES, st.integers(0, 2))
def test_one_clock_cannot_leave_the_range_of_the_other_two(times, wrong_ms, which):
    others = [time for position, time in enumerate(times) if position != which]
    times[which] = wrong_ms
    allowed_ms = allowed_log_time_ms(times, 0)
    assert allowed_ms is not None
    assert min(others) <= allowed_ms <= max(others)
