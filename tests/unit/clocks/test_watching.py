"""Clocks watched from outside: out of tolerance, drifting, stepped."""

from __future__ import annotations

import pytest

from appliance.clocks.watching import (
    DRIFT_AFTER_S,
    SLOW,
    SLOW_AFTER_S,
    STEP_MS,
    TOLERANCE_MS,
    ClockWatch,
    clock_checks,
)

T = 1_800_000_000_000
YEAR_MS = 365 * 86_400_000


@pytest.mark.parametrize("wrong_ms", [YEAR_MS, -YEAR_MS, TOLERANCE_MS + 1, -TOLERANCE_MS - 1])
def test_one_of_three_is_outvoted_and_nobody_else(wrong_ms):
    stands = clock_checks({"up1": T, "up2": T + wrong_ms, "up3": T})
    assert stands["up2"] == (wrong_ms, True)
    assert stands["up1"] == stands["up3"] == (0, False)


def test_within_tolerance_nobody_is():
    stands = clock_checks({"up1": T, "up2": T + TOLERANCE_MS, "up3": T - TOLERANCE_MS})
    assert [one.outvoted for one in stands.values()] == [False] * 3


def test_of_two_the_later_one_is_not_believed():
    assert clock_checks({"up1": T, "up2": T + YEAR_MS}) == {
        "up1": (0, False),
        "up2": (YEAR_MS, True),
    }


def test_one_alone_is_no_vote():
    assert clock_checks({"up1": T}) == {}


def test_two_that_are_wrong_together_outvote_the_right_one():
    """It cannot be known better here; the alarm names who differs, and the remedy is a token."""
    stands = clock_checks({"up1": T + YEAR_MS, "up2": T + YEAR_MS, "up3": T})
    assert stands["up3"] == (-YEAR_MS, True)


def test_drift_is_measured_against_the_watchers_boot_time():
    watch = ClockWatch()
    for second in range(0, 601, 2):
        watch.saw(1000.0 + second, T + second * 1000 + second // 10)
    assert watch.drift_ppm == pytest.approx(100.0)
    assert watch.stepped_ms is None


def test_a_short_while_tells_no_drift():
    watch = ClockWatch()
    watch.saw(0.0, T)
    watch.saw(DRIFT_AFTER_S - 1, T + 70_000 - STEP_MS)
    assert watch.drift_ppm is None


def test_a_step_is_no_drift():
    watch = ClockWatch()
    for second in range(0, 100, 2):
        watch.saw(float(second), T + second * 1000)
    watch.saw(100.0, T + 100_000 + YEAR_MS)
    assert watch.stepped_ms == YEAR_MS
    assert watch.drift_ppm is None, "it begins anew"
    for second in range(102, 300, 2):
        watch.saw(float(second), T + second * 1000 + YEAR_MS)
    assert watch.drift_ppm == 0.0
    assert watch.now_ms(301.0) == T + 301_000 + YEAR_MS


def test_what_boot_times_grain_explains_is_no_step():
    watch = ClockWatch()
    watch.saw(0.0, T)
    watch.saw(1.0, T + 1_000 + STEP_MS)
    assert watch.stepped_ms is None
    watch.saw(2.0, T + 2_000 + 2 * STEP_MS + 1)
    assert watch.stepped_ms == STEP_MS + 1


def test_nothing_seen_nothing_told():
    watch = ClockWatch()
    assert (watch.now_ms(0.0), watch.drift_ppm, watch.stepped_ms) == (None, None, None)


@pytest.mark.parametrize("pace", [0.0, 0.1, 0.5, SLOW])
@pytest.mark.parametrize("every_s", [0.5, 2.0, 10.0])
def test_a_clock_that_is_held_back_is_slow_after_a_minute(pace, every_s):
    """However often it is looked at: one that stands still loses two seconds between two looks,
    which alone would be a step."""
    watch, looks = ClockWatch(), int(SLOW_AFTER_S / every_s)
    for look in range(looks + 1):
        assert watch.slow_s is None
        watch.saw(look * every_s, T + round(look * every_s * pace * 1000))
    assert watch.slow_s == SLOW_AFTER_S
    watch.saw((looks + 1) * every_s, T + round((looks * pace + 1) * every_s * 1000))
    assert watch.slow_s is None, "it goes on"


def test_neither_late_answers_nor_a_step_nor_a_pause_nor_a_slew_is_slow():
    watch = ClockWatch()
    for look in range(200):
        late_s = 0.9 if look % 2 else 0.0
        stepped_ms = -600_000 if look >= 100 else 0
        paused_s = 3_600.0 if look >= 150 else 0.0  # what it counts on did not stand still
        boot_s = 2.0 * look + late_s + paused_s
        watch.saw(boot_s, T + round((2.0 * look + paused_s) * 917) + stepped_ms)
        assert watch.slow_s is None
