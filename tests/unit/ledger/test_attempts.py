"""When an attempt to take a term is given up, and when its holder of the log is passed over."""

from __future__ import annotations

import pytest

from appliance.ledger.election.attempts import Attempts
from appliance.ledger.timing import Timing

TIMING = Timing(0.5)
GIVE_UP_S = TIMING.give_up_s
PATIENCE_S = TIMING.patience_s


@pytest.fixture
def attempt() -> Attempts:
    """One that made progress at 100 s."""
    made = Attempts(TIMING)
    made.begins()
    made.made(100.0)
    return made


def test_it_is_over_after_too_long_without_progress(attempt: Attempts) -> None:
    assert not attempt.over(100.0 + GIVE_UP_S)
    assert attempt.over(100.1 + GIVE_UP_S)
    attempt.made(102.0)
    assert not attempt.over(100.1 + GIVE_UP_S)


def test_more_of_a_snapshot_than_ever_is_progress(attempt: Attempts) -> None:
    attempt.fetched(101.0, (1, 9))
    assert not attempt.over(100.1 + GIVE_UP_S)
    for later_s, progress in ((102.0, (1, 9)), (102.0, None), (102.0, (0, 9))):
        attempt.fetched(later_s, progress)
        assert attempt.over(101.1 + GIVE_UP_S), f"{progress} is no more than before"
    attempt.fetched(103.0, (2, 9))
    assert not attempt.over(102.1 + GIVE_UP_S)
    attempt.begins()
    attempt.fetched(104.0, (1, 9))
    assert not attempt.over(103.1 + GIVE_UP_S), "a new attempt counts from none"


def test_nothing_of_a_snapshot_is_no_progress(attempt: Attempts) -> None:
    attempt.fetched(105.0, None)
    attempt.fetched(105.0, (0, 4))
    assert attempt.over(100.1 + GIVE_UP_S)


def test_a_holder_that_is_silent_is_noticed_from_the_first_look_on(attempt: Attempts) -> None:
    attempt.asked()
    assert not attempt.silent(200.0), "what this host was busy with before is not its time"
    assert not attempt.silent(200.0 + PATIENCE_S)
    assert attempt.silent(200.1 + PATIENCE_S)
    attempt.asked()
    assert not attempt.silent(300.0)


def test_a_piece_of_a_snapshot_ends_its_silence(attempt: Attempts) -> None:
    attempt.asked()
    assert not attempt.silent(200.0)
    attempt.fetched(201.0, (1, 2))
    assert not attempt.silent(200.1 + PATIENCE_S)
    attempt.fetched(201.0, (1, 2))
    assert attempt.silent(200.2 + 2 * PATIENCE_S), "the same piece again does not"


def test_what_was_never_asked_is_over_by_the_time_since_the_start() -> None:
    attempt = Attempts(TIMING)
    assert not attempt.over(GIVE_UP_S)
    assert attempt.over(GIVE_UP_S + 0.001)
    assert not attempt.silent(0.0) and not attempt.silent(PATIENCE_S)
    assert attempt.silent(PATIENCE_S + 0.001)


def test_the_first_piece_of_a_snapshot_counts_at_once() -> None:
    attempt = Attempts(TIMING)
    attempt.fetched(100.0, (1, 2))
    assert not attempt.over(100.0 + GIVE_UP_S)
