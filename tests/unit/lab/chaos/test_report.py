"""Figures of a run: what a fault cost is the longest wait that touches it."""

from __future__ import annotations

import pytest

from appliance.lab.chaos.records import Asked, Complaint, Follower, Told, encode, gather
from appliance.lab.chaos.report import Struck, interruption_s, table


@pytest.mark.parametrize(
    ("answered", "from_s", "until_s", "waited_s"),
    [
        ([1.0, 2.0, 3.0], 1.5, 2.5, 1.0),
        ([0.0, 1.0, 5.0, 5.5], 2.0, 5.2, 3.0),  # what lasted before is not the fault's
        ([0.0, 1.0, 5.0], 2.0, 3.0, 3.0),  # longer than the fault itself
        ([0.0, 1.0], 2.0, 9.0, 7.0),  # never answered again
        ([0.0, 2.5], 2.0, 9.0, 6.5),  # or not for long
        ([], 2.0, 9.0, None),
    ],
)
def test_the_longest_wait(
    answered: list[float], from_s: float, until_s: float, waited_s: float | None
) -> None:
    assert interruption_s(answered, from_s, until_s) == waited_s


def test_what_lasts_beyond_the_next_strike_is_the_next_ones() -> None:
    answered = [0.0, 1.0, 2.0, 30.0]
    assert interruption_s(answered, 0.5, 2.1, next_s=3.0) == 1.0
    assert interruption_s(answered, 3.0, 29.0) == 27.0
    assert interruption_s(answered, 2.5, 40.0, next_s=20.0) == 17.5


def test_the_table_counts_by_kind() -> None:
    struck = [
        Struck(kind="cut", faults=("cut",), struck_s=1, healed_s=2, whole_s=3),
        Struck(kind="cut", faults=("cut",), struck_s=11, healed_s=12, whole_s=15),
        Struck(kind="freeze", faults=("freeze",), struck_s=21, healed_s=22, whole_s=None),
    ]
    cut, freeze = table(struck, [[0.5, 2.5, 10.5, 14.5, 20.0, 30.0]])
    assert (cut.kind, cut.count) == ("cut", 2)
    # After 2.5 the next answer came at 10.5, long after all was whole: the first fault's doing all
    # the same, since it began within it. The second one's 3.5 s begin at its strike.
    assert cut.interruption_worst_s == 8.0
    assert (cut.recovery_median_s, cut.recovery_worst_s) == (2.0, 3.0)
    assert (freeze.count, freeze.recovery_worst_s) == (1, None)


def test_records_survive_a_process_that_is_killed_in_the_middle_of_a_line() -> None:
    lines = [
        Asked(1, "cert:a", "check-out", (1, 2), "l", 5.0, command=b"\x00\xff"),
        Told(1, 5.5, "granted", units_left=None, index=9),
        Asked(2, "cert:a", "heartbeat", (1, 2), "l", 6.0),
        Complaint(7.0, "a", "l", "what"),
    ]
    data = b"".join(encode(line) + b"\n" for line in lines)
    records = gather([("w2", data), ("w1", data[:-5])])
    assert [(row.worker, row.asked.number) for row in records.rows] == [
        ("w2", 1),
        ("w1", 1),
        ("w2", 2),
        ("w1", 2),
    ]
    assert records.rows[0].told == lines[1]
    assert records.rows[2].told is None
    assert records.complaints == (lines[3],)


def test_a_file_can_be_followed_while_it_is_written() -> None:
    lines = [
        Asked(1, "a", "check-out", (1, 2), "l", 5.0),
        Asked(2, "b", "check-out", (1, 2), "l", 5.1),
        Told(2, 5.4, "granted"),
        Told(1, 5.2, "granted"),
        Asked(3, "a", "heartbeat", (1, 2), "l", 6.0),
        Told(3, 6.5, "alive"),
    ]
    data = b"".join(encode(line) + b"\n" for line in lines)
    follower = Follower()
    for position in range(0, len(data), 7):
        follower.feed(data[position : position + 7])
    assert follower.answered_s == {"a": 6.5, "b": 5.4}
