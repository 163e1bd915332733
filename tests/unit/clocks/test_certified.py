"""What a container believes of time servers' answers: replay, the future, liars."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.clocks.certified import (
    LastCertified,
    TimeAnswer,
    TimeRequest,
    agree,
    ahead_ms,
    judge,
)

T = 1_800_000_000_000
REQUEST = TimeRequest("130-10000001", T, b"", bytes(16))


def answer(time_ms: int, server: str = "a", came: int = 1_000, accuracy: int = 100) -> TimeAnswer:
    return TimeAnswer(server, time_ms, accuracy, came - 20, came)


def test_each_field_of_a_request_changes_its_imprint():
    other = [
        REQUEST._replace(serial="130-10000002"),
        REQUEST._replace(box_ms=T + 1),
        REQUEST._replace(anchor=b"\1" * 32),
        REQUEST._replace(nonce=b"\1" * 16),
    ]
    assert len({REQUEST.imprint(), *(one.imprint() for one in other)}) == 5


def test_the_imprint_is_as_documented():
    assert REQUEST.imprint().hex() == (
        "c6e9b2b2623ef98a89f4b0335112900fe1e2bf00c4529074b9fcccf4672f4826"
    )


def test_the_querys_own_nonce_is_the_first_64_bits_of_the_requests():
    """Time servers of others take no more, and whoever answers has to give it back."""
    request = REQUEST._replace(nonce=bytes(range(1, 17)))
    assert request.query_nonce() == 0x0102030405060708


def test_one_answer_is_believed_if_nothing_speaks_against_it():
    assert judge([answer(T)], None) == (answer(T), {}, "")
    assert judge([], None) == (None, {}, "no time server gave an answer that can be used")


def test_an_answer_from_the_future_is_refused():
    known = LastCertified.of(answer(T))
    later = answer(T + 3_600_000 + 100, came=3_601_000)
    assert judge([later], known).believed == later, "an hour has passed"
    hour_too_far = later._replace(time_ms=later.time_ms + 3_600_000)
    verdict = judge([hour_too_far], known)
    assert verdict.believed is None and "from the future" in verdict.problem
    assert list(verdict.outvoted) == ["a"]


def test_the_future_begins_beyond_accuracies_wait_and_drift():
    known = LastCertified.of(answer(T, accuracy=100))
    # 1000 s later: 500 ms of drift, 100 + 20 known, 50 of its own.
    late = answer(T + 1_000_000 + 670, came=1_001_000, accuracy=50)
    assert ahead_ms(late, known) == 0
    assert ahead_ms(late._replace(time_ms=late.time_ms + 2), known) == 1
    odd = late._replace(time_ms=late.time_ms + 4, came_boot_ms=1_001_001, asked_boot_ms=1_000_981)
    assert ahead_ms(odd, known) == 2, "in whole milliseconds"


def test_an_answer_in_the_past_is_believed():
    """A server that was ahead was put right: box time goes back, as only it can make it."""
    known = LastCertified.of(answer(T))
    back = answer(T - 86_400_000, came=2_000)
    assert judge([back], known).believed == back


def test_two_that_agree_are_believed_whatever_was_known():
    known = LastCertified.of(answer(T))
    two = [answer(T + 86_400_000), answer(T + 86_400_050, "b", came=1_030)]
    assert judge(two, known) == (two[0], {}, "")


def test_of_two_that_differ_the_one_that_fits_is_believed_and_the_other_told():
    known = LastCertified.of(answer(T))
    true = answer(T + 60_000, "a", came=61_000)
    for lie in (true.time_ms + 3_600_000, true.time_ms - 3_600_000):
        liar = answer(lie, "b", came=61_030)
        for order in ([true, liar], [liar, true]):
            verdict = judge(order, known)
            assert verdict.believed == true
            apart_ms = 3_600_030 if lie < true.time_ms else 3_599_970
            assert verdict.outvoted == {
                "b": f"b is {apart_ms} ms from a, which fits the last certified time"
            }
            assert not verdict.problem


def test_two_differ_if_they_are_further_apart_than_accuracies_and_waits():
    # 100 and 30 accurate, 20 and 50 waited, and 1 since milliseconds are whole.
    one, other = TimeAnswer("a", T, 100, 980, 1_000), TimeAnswer("b", T + 201, 30, 950, 1_000)
    assert agree(one, other) and agree(other, one)
    later = other._replace(time_ms=T + 202)
    assert not agree(one, later) and not agree(later, one)


def test_an_answer_fits_what_is_known_up_to_drift_accuracies_and_waits():
    """At the edge it still outvotes a liar; beyond it nobody is believed."""
    known = LastCertified(T, 70, 0)
    # 1000 s later: 500 ms of drift and 1, 70 known, 30 of its own, 50 waited.
    edge_ms = 500 + 1 + 70 + 30 + 50
    now_ms = T + 1_000_000
    liar = TimeAnswer("b", now_ms + 86_400_000, 100, 999_980, 1_000_000)
    for sign in (1, -1):
        edge = TimeAnswer("a", now_ms + sign * edge_ms, 30, 999_950, 1_000_000)
        assert judge([edge, liar], known).believed == edge
        beyond = edge._replace(time_ms=edge.time_ms + sign)
        assert judge([beyond, liar], known).believed is None


def test_of_two_strangers_that_differ_neither_is_believed():
    verdict = judge([answer(T), answer(T + 3_600_000, "b")], None)
    assert verdict.believed is None
    assert set(verdict.outvoted) == {"a", "b"}
    assert "nothing tells who is right" in verdict.problem


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(0, 5_000), st.integers(-100, 100))
def test_two_honest_servers_always_agree(wait_one: int, wait_other: int, gap: int, off: int):
    """Whenever in the wait a server stamped, and however its clock is off within its accuracy."""
    one = TimeAnswer("a", T + wait_one // 2 + off, 100, 0, wait_one)
    asked = wait_one + gap
    other = TimeAnswer("b", T + asked + wait_other - off, 100, asked, asked + wait_other)
    assert agree(one, other) and agree(other, one)
