"""The arithmetic of the benches: what many measured times amount to."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.lab.bench import licences, state
from appliance.lab.bench.catchup import pauses
from appliance.lab.bench.figures import interruption, quantile, spread

TIMES = st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.25, 1.0), (0.26, 2.0), (0.5, 2.0), (0.99, 4.0), (1.0, 4.0)]
)
def test_a_quantile_is_the_value_of_the_nearest_rank(share, value):
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == value


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], -0.1), ([1.0], 1.1)])
def test_a_quantile_of_nothing_or_beyond_all_is_refused(values, share):
    with pytest.raises(ValueError):
        quantile(values, share)


@settings(deadline=None, max_examples=100)
@given(TIMES)
def test_the_spread_agrees_with_the_standard_library(times):
    seen = spread(times)
    assert seen is not None
    assert seen.count == len(times)
    assert seen.max_s == pytest.approx(max(times), abs=1e-6)
    assert seen.median_s == pytest.approx(statistics.median_low(times), abs=1e-6)
    assert seen.median_s <= seen.p99_s <= seen.max_s


def test_there_is_no_spread_of_nothing():
    assert spread([]) is None


def test_an_interruption_begins_with_the_cut_and_not_with_the_answer_before_it():
    assert interruption(10.0, [9.5, 10.4, 10.45]) == pytest.approx(0.4)


def test_an_answer_that_was_under_way_does_not_hide_the_gap_after_it():
    assert interruption(10.0, [9.9, 10.02, 10.32, 10.33]) == pytest.approx(0.3)


def test_without_an_answer_after_the_cut_nothing_is_known():
    assert interruption(10.0, [9.0, 10.0]) is None
    assert interruption(10.0, []) is None


@pytest.mark.parametrize(
    ("from_s", "to_s", "found"),
    [
        (0.0, 5.0, [1.0, 1.0, 2.0, 1.0]),
        (1.5, 3.0, [0.5, 1.0]),
        (2.5, 3.5, [1.0]),
        (4.0, 9.0, [0.0, 5.0]),
        (9.0, 12.0, [3.0]),
    ],
)
def test_a_pause_counts_as_far_as_it_lies_between_two_instants(from_s, to_s, found):
    assert pauses([1.0, 2.0, 4.0], from_s, to_s) == found


@settings(deadline=None, max_examples=100)
@given(TIMES, st.floats(0, 50), st.floats(50, 100))
def test_pauses_fill_the_time_between_two_instants(times, from_s, to_s):
    found = pauses(sorted(times), from_s, to_s)
    assert sum(found) == pytest.approx(to_s - from_s)
    assert all(pause >= 0 for pause in found)


def test_the_licence_machine_is_measured_with_what_was_asked_for() -> None:
    told: list[str] = []
    found = state.measure(10, 1_200, told.append)
    assert (found.licences, found.leases, found.few_leases) == (10, 1_200, 1_000)
    assert len(told) == 3
    assert min(found.commands_per_s, found.few_us, found.many_us, found.growth) > 0
    assert found.state_bytes_per_lease > 0 and found.clock_bytes_per_lease > 0


def test_a_licence_is_measured_behind_as_many_as_was_asked_for(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(licences, "SAMPLES", 2)
    told: list[str] = []
    found = licences.measure(tmp_path / "bench", (9, 1, 9), told.append)
    assert [one.licences for one in found.levels] == [1, 9]
    assert [line.split(":")[0] for line in told] == ["licence 1", "licence 9"]
    for one in found.levels:
        assert min(one.issue_ms, one.import_ms, one.ledger_ms) > 0
        assert min(one.issue_cpu_ms, one.import_cpu_ms, one.ledger_cpu_ms) > 0
    assert min(found.issue_growth, found.import_growth, found.ledger_growth) > 0
    assert not (tmp_path / "bench").exists()
