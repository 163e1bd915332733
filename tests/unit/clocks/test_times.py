"""The three times of a container."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.clocks.times import (
    ContainerTime,
    StoredTime,
    certified,
    not_before,
    persisted_now,
    started,
)

NOW_MS = 1_700_000_000_000
YEAR_2009_MS = 1_230_768_000_000
YEAR_2050_MS = 2_524_608_000_000


def test_the_first_start_trusts_the_computer():
    time = started(None, NOW_MS, 500)
    assert time.system_time_ms(500) == NOW_MS
    assert time.certified_ms is None


def test_system_time_is_counted_on_by_boot_time():
    time = started(StoredTime(NOW_MS), NOW_MS, 500)
    assert time.system_time_ms(1_500) == NOW_MS + 1_000
    assert time.system_time_ms(0) == NOW_MS, "boot time that seems to go back moves nothing"


def test_a_computer_set_back_gains_nothing_across_a_restart():
    time = started(StoredTime(NOW_MS, 7), YEAR_2009_MS, 0)
    assert time.system_time_ms(0) == NOW_MS
    later = persisted_now(time, YEAR_2009_MS, 60_000)
    assert later.stored() == StoredTime(NOW_MS + 60_000, 7)


def test_a_computer_set_forward_raises_box_time():
    assert started(StoredTime(NOW_MS), YEAR_2050_MS, 0).box_ms == YEAR_2050_MS
    time = started(StoredTime(NOW_MS), NOW_MS, 0)
    assert persisted_now(time, YEAR_2050_MS, 1).box_ms == YEAR_2050_MS


def test_a_change_of_the_computers_clock_while_running_does_not_move_system_time():
    time = started(None, NOW_MS, 0)
    assert time.system_time_ms(10) == NOW_MS + 10


def test_only_a_certified_update_sets_time_back():
    time = started(StoredTime(YEAR_2050_MS), NOW_MS, 0)
    mended = certified(time, NOW_MS, 1_000)
    assert mended.system_time_ms(3_000) == NOW_MS + 2_000
    assert mended.stored() == StoredTime(NOW_MS, NOW_MS)
    assert persisted_now(mended, NOW_MS - 5, 3_000).stored() == StoredTime(NOW_MS + 2_000, NOW_MS)


STEPS = st.lists(st.tuples(st.integers(0, 2**45), st.integers(0, 10**6)), max_size=20)


@given(STEPS)
def test_without_a_certified_update_system_time_never_goes_back(steps):
    time: ContainerTime = started(None, NOW_MS, 0)
    boot_ms, seen = 0, NOW_MS
    for wall_ms, waited_ms in steps:
        boot_ms += waited_ms
        time = persisted_now(time, wall_ms, boot_ms)
        assert time.system_time_ms(boot_ms) >= max(seen + waited_ms, wall_ms)
        seen = time.system_time_ms(boot_ms)
        boot_ms_anew = 0
        assert started(time.stored(), 0, boot_ms_anew).system_time_ms(0) == seen


def test_it_goes_on_from_what_it_said_before() -> None:
    """Its file was put back, edited or taken away, and the computer's clock set back with it."""
    time = started(StoredTime(YEAR_2009_MS, 7), YEAR_2009_MS, 500)
    later = not_before(time, NOW_MS, 600)
    assert later == ContainerTime(NOW_MS, 600, 7)
    assert later.system_time_ms(1_600) == NOW_MS + 1_000
    assert not_before(later, NOW_MS, 600) is later
    assert not_before(later, NOW_MS + 1_000, 1_600) is later
    assert not_before(later, 0, 600) is later
