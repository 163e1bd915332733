"""The duty table of design D4: when to want a term, and what keepalived is told."""

from __future__ import annotations

import dataclasses

import pytest

from appliance.ledger.leader.duty import Decision, Duty, Situation

HOLD_S = 0.25
HOLDER = Situation(
    has_address=True,
    serving=True,
    maintenance=False,
    aside=False,
    reached=3,
    twin_reaches=3,
    others_heard=0,
    twin_adverts_heard=False,
)


def after(situation: Situation, **changes) -> Situation:
    return dataclasses.replace(situation, **changes)


USURPED = after(HOLDER, serving=False, others_heard=2)


def judge(**changes) -> Decision:
    return Duty(HOLD_S).judge(100.0, after(HOLDER, **changes))


@pytest.mark.parametrize(
    ("changes", "wanted", "healthy", "reason"),
    [
        ({}, True, True, "serving"),
        ({"serving": False}, True, True, "has the address, takes a term"),
        ({"serving": False, "has_address": False}, False, True, "the address is elsewhere"),
        ({"has_address": False}, False, True, "the address is elsewhere"),
        ({"maintenance": True}, False, False, "in maintenance"),
        ({"maintenance": True, "has_address": False}, False, False, "in maintenance"),
        ({"aside": True}, False, False, "switched over to the twin"),
        # (a) must last, and it must be known that the twin does better.
        ({"reached": 1}, True, True, "serving"),
        ({"reached": 1, "twin_reaches": 1}, True, True, "serving"),
        ({"reached": 0, "twin_reaches": None}, True, True, "serving"),
        ({"reached": 2, "twin_reaches": 3}, True, True, "serving"),
        (
            {"reached": 0, "twin_reaches": 0, "serving": False},
            True,
            True,
            "has the address, takes a term",
        ),
        # One upstream alone that hears another coordinator means nothing.
        ({"serving": False, "others_heard": 1}, True, True, "has the address, takes a term"),
        # Neither address nor term is healthy, whoever else is heard.
        (
            {"serving": False, "has_address": False, "others_heard": 3},
            False,
            True,
            "the address is elsewhere",
        ),
        # Newer rules: it wants no term, and gives the address to a twin that reaches two.
        ({"out_of_date": "newer"}, False, False, "newer"),
        ({"out_of_date": "newer", "twin_reaches": 2}, False, False, "newer"),
        ({"out_of_date": "newer", "twin_reaches": 1}, False, True, "newer"),
        ({"out_of_date": "newer", "twin_reaches": None}, False, True, "newer"),
        ({"out_of_date": "newer", "maintenance": True}, False, False, "in maintenance"),
    ],
)
def test_one_look(changes, wanted, healthy, reason):
    assert judge(**changes) == Decision(wanted, healthy, reason)


@pytest.mark.parametrize(
    ("changes", "wanted", "reason"),
    [
        ({"reached": 1}, True, "reaches 1 upstreams, the twin two"),
        ({"reached": 0, "twin_reaches": 2}, True, "reaches 0 upstreams, the twin two"),
        ({"reached": 1, "has_address": False}, False, "reaches 1 upstreams, the twin two"),
    ],
)
def test_case_a_counts_once_it_has_lasted(changes, wanted, reason):
    duty, cut_off = Duty(HOLD_S), after(HOLDER, **changes)
    assert duty.judge(100.0, cut_off).healthy
    assert duty.judge(100.0 + 2 * HOLD_S, cut_off).healthy
    assert duty.judge(100.125 + 2 * HOLD_S, cut_off) == Decision(wanted, False, reason)
    assert duty.judge(101.0, HOLDER).healthy, "nothing latches"
    assert duty.judge(101.5, cut_off).healthy, "it has to last anew"


def test_whoever_reaches_two_is_not_cut_off_however_long_it_lasts():
    duty, two = Duty(HOLD_S), after(HOLDER, reached=2)
    assert all(duty.judge(100.0 + step, two).healthy for step in range(10))


@pytest.mark.parametrize("lost", [{"twin_reaches": 1}, {"twin_reaches": None}], ids=str)
def test_case_a_is_over_when_the_twin_does_no_better(lost):
    duty, cut_off = Duty(HOLD_S), after(HOLDER, reached=1)
    duty.judge(100.0, cut_off)
    assert not duty.judge(101.0, cut_off).healthy
    assert duty.judge(101.1, after(cut_off, **lost)).healthy
    assert duty.judge(101.5, cut_off).healthy


def test_case_a_is_watched_in_maintenance_too():
    duty, cut_off = Duty(HOLD_S), after(HOLDER, reached=1)
    duty.judge(100.0, cut_off)
    duty.judge(101.0, after(HOLDER, maintenance=True))
    assert duty.judge(102.0, cut_off).healthy


def test_another_coordinator_counts_only_after_patience():
    duty = Duty(HOLD_S)
    assert duty.judge(100.0, USURPED).healthy
    assert duty.judge(100.0 + HOLD_S, USURPED).healthy
    decision = duty.judge(100.0 + HOLD_S + 0.01, USURPED)
    assert decision == Decision(True, False, "two upstreams hear another coordinator")


@pytest.mark.parametrize(
    "pause", [{"others_heard": 1}, {"serving": True}, {"has_address": False}], ids=str
)
def test_patience_starts_anew_after_a_pause(pause):
    duty = Duty(HOLD_S)
    duty.judge(100.0, USURPED)
    duty.judge(100.125, after(USURPED, **pause))
    assert duty.judge(100.25, USURPED).healthy
    assert duty.judge(100.5, USURPED).healthy
    assert not duty.judge(100.625, USURPED).healthy


def latched() -> Duty:
    duty = Duty(HOLD_S)
    duty.judge(100.0, USURPED)
    assert not duty.judge(101.0, USURPED).healthy
    return duty


def test_the_verdict_stays_down_when_the_address_has_gone():
    """Else VRRP would give it back at once: it flaps."""
    duty = latched()
    gone = after(USURPED, has_address=False)
    assert duty.judge(101.1, gone) == Decision(
        False, False, "two upstreams hear another coordinator"
    )
    assert not duty.judge(200.0, gone).healthy
    assert not duty.judge(300.0, USURPED).healthy


@pytest.mark.parametrize(
    "cure", [{"others_heard": 1}, {"others_heard": 0}, {"serving": True}], ids=str
)
def test_the_latch_opens_when_they_stop_hearing_it(cure):
    duty = latched()
    assert duty.judge(101.1, after(USURPED, **cure)).healthy
    assert duty.judge(101.2, USURPED).healthy, "patience starts anew"


def test_the_latch_opens_when_the_twins_adverts_are_heard():
    duty = latched()
    gone = after(USURPED, has_address=False)
    assert duty.judge(101.1, after(gone, twin_adverts_heard=True)).healthy
    assert duty.judge(101.2, gone).healthy, "without the address nothing latches"


def test_two_holders_that_hear_each_other_are_left_to_vrrp():
    duty = Duty(HOLD_S)
    both = after(USURPED, twin_adverts_heard=True)
    assert all(duty.judge(100.0 + step, both).healthy for step in range(10))
    assert not duty.judge(111.0, USURPED).healthy


@pytest.mark.parametrize("out", [{"maintenance": True}, {"aside": True}], ids=str)
def test_an_operators_word_goes_before_everything(out):
    duty = latched()
    assert not duty.judge(101.1, after(USURPED, **out)).wanted
    assert not duty.judge(101.2, after(HOLDER, **out)).wanted


def test_the_same_situations_get_the_same_answers():
    story = [USURPED, USURPED, after(USURPED, has_address=False), HOLDER, USURPED]
    one, other = Duty(HOLD_S), Duty(HOLD_S)
    for step, situation in enumerate(story):
        assert one.judge(float(step), situation) == other.judge(float(step), situation)
