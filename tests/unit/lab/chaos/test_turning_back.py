"""What the judge of disks that are put back lets pass, and what it does not."""

from __future__ import annotations

import pytest

from appliance.lab.chaos.turning_back import TURN_S, judge_turn, plan_turns

TRUTH = tuple(b"%d" % number for number in range(10))
SHORT = TRUTH[:6]
OTHER = (*TRUTH[:6], b"x", b"y", b"z", b"u", b"v")


@pytest.mark.parametrize("now", [SHORT, OTHER])
def test_a_loss_that_nobody_names_is_a_violation(now: tuple[bytes, ...]) -> None:
    kept, amiss = judge_turn(TRUTH, 9, now, (), others_know=False)
    assert (kept, amiss[:13]) == (6, "a silent loss")
    for named in ("ledger-rolled-back", "disk-put-back"):
        assert judge_turn(TRUTH, 9, now, (named,), others_know=False) == (6, "")


def test_what_no_witness_can_prove_need_not_be_named() -> None:
    assert judge_turn(TRUTH, 6, OTHER, (), others_know=False) == (6, "")
    assert judge_turn(TRUTH, 0, OTHER, (), others_know=False) == (0, "")


def test_a_false_alarm_is_a_violation() -> None:
    named = ("ledger-rolled-back",)
    kept, amiss = judge_turn(TRUTH, 9, (*TRUTH, b"more"), named, others_know=True)
    assert (kept, amiss[:13]) == (9, "a false alarm")
    assert judge_turn(TRUTH, 6, OTHER, named, others_know=False)[1] != ""
    # A client may have seen what no witness can prove; and a disk was put back, in any case.
    assert judge_turn(TRUTH, 6, OTHER, named, others_know=True) == (6, "")
    assert judge_turn(TRUTH, 9, TRUTH, ("disk-put-back",), others_know=False) == (9, "")


def test_turns_follow_from_the_seed_and_leave_somebody_to_serve() -> None:
    assert plan_turns(7, 60.0) == plan_turns(7, 60.0) != plan_turns(8, 60.0)
    turns = plan_turns(7, 60.0)
    assert len(turns) == 60 * 60 // TURN_S
    for turn in turns:
        on = {"up1", "up2", "up3", "tmr1", "tmr2"} - set(turn.away)
        assert len(on & {"up1", "up2", "up3"}) >= 2 and on & {"tmr1", "tmr2"}
        assert not set(turn.turned) & set(turn.away)
    assert {len(turn.turned) for turn in turns} == {2, 3, 4}
    assert any("up1" in turn.turned and "tmr1" in turn.turned for turn in turns)
