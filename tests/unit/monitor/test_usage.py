"""Seats over time: peaks and means are exact however much a series is thinned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_gui.model.updates import LicencesHeard
from monitor_gui.model.usage import POINTS_MAX, SERIES_MAX, Series, Usage, longest
from tests.unit.monitor.documents import filled, lease, licence


@given(st.lists(st.tuples(st.floats(0.1, 60), st.integers(0, 50)), min_size=1, max_size=80))
def test_mean_and_peak_agree_with_every_second_counted(steps: list[tuple[float, int]]) -> None:
    series, now_s, seat_seconds, before = Series("x"), 100.0, 0.0, 0
    begun_s = now_s + steps[0][0]
    for number, (pause_s, used) in enumerate(steps):
        now_s += pause_s
        if number:
            seat_seconds += before * pause_s
        series.add(now_s, used, 50)
        before = used
    assert series.peak == max(used for _, used in steps)
    expected = seat_seconds / (now_s - begun_s) if len(steps) > 1 else float(steps[0][1])
    assert series.mean() == pytest.approx(expected)


def test_a_long_series_is_thinned_and_keeps_its_ends() -> None:
    series = Series("x")
    for second in range(20 * POINTS_MAX):
        series.add(float(second), second % 7, 7)
    assert len(series.points) <= POINTS_MAX
    times = [at_s for at_s, _ in series.points]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert times[-100:] == [float(20 * POINTS_MAX - 100 + n) for n in range(100)]
    assert series.mean() == pytest.approx(3.0, abs=0.01)
    assert (series.peak, series.peak_at_s) == (6, 6.0)


def test_the_store_follows_each_licence_and_all_that_are_usable() -> None:
    rows = (licence(10, in_use=2), licence(20, ("ok",), in_use=1, text="Alone"))
    store = filled(licences=rows)
    assert (store.usage.all.now, store.usage.all.quantity) == (2, 3)
    assert {one.name: one.now for one in store.usage.each.values()} == {"Drafter": 2, "Alone": 1}
    assert store.licences is not None
    store.apply(LicencesHeard(110.0, store.licences))
    assert store.usage.all.mean() == 2.0


def test_there_are_no_more_series_than_a_person_can_read() -> None:
    usage = Usage()
    usage.hear(tuple(licence(n) for n in range(SERIES_MAX + 20)), 0.0)
    assert len(usage.each) == SERIES_MAX


def test_who_holds_longest_comes_first() -> None:
    assert [one.generation for one in longest((lease(3), lease(1), lease(2)), 2)] == [1, 2]
