"""Borrowed seats beside all others: in turn with those who wait, under limits and access rules."""

from __future__ import annotations

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from tests.unit.licences.access_rules import apply, form, rule, rule_set
from tests.unit.licences.builders import FIRM, PRODUCT, check_out
from tests.unit.licences.test_borrowing import BOB, HOUR_S, lending, request, returned

# --- those who wait ---


def test_a_loan_overtakes_those_who_wait_no_more_often_than_others_do() -> None:
    desk = lending(quantity=3)
    assert desk.do(check_out("held", seats=2)).ok
    assert desk.do(check_out("waits", "cert:bob", seats=2, wait_s=600)).reason == reasons.QUEUED
    refused = desk.do(request())
    assert (refused.reason, "wait already" in refused.detail) == (reasons.NO_SEAT_FREE, True)
    assert desk.do(c.SetQueue(1, 60, "cert:olga", "asked")).ok
    assert desk.do(request()).ok
    assert [place.overtaken for place in desk.state.places.values()] == [1]
    assert desk.do(returned()).ok
    assert desk.do(request(BOB)).reason == reasons.NO_SEAT_FREE
    check_state(desk.state)


def test_what_comes_back_is_offered_to_those_who_wait() -> None:
    desk = lending(quantity=1)
    desk.do(request(seconds=HOUR_S))
    assert desk.do(check_out(wait_s=600)).reason == reasons.QUEUED
    assert desk.do(returned()).ok
    (place,) = desk.state.places.values()
    assert place.held is not None
    assert desk.do(request(BOB)).reason == reasons.NO_SEAT_FREE


# --- access rules and limits ---


def test_an_operators_limit_of_seats_counts_what_is_out() -> None:
    desk = lending()
    assert desk.do(c.Limit(FIRM, PRODUCT, 2, "adam", "shared")).ok
    assert desk.do(request()).ok
    assert desk.do(check_out()).ok
    assert desk.do(request(BOB)).reason == reasons.OVER_QUOTA
    assert desk.do(check_out("more")).reason == reasons.OVER_QUOTA


def test_access_rules_say_who_borrows_and_count_it() -> None:
    """A rule allows no more than the vendor does, and counts what is out as what is held."""
    desk = lending()
    assert apply(desk, form(rule_set(rule("max", "user:ada", seats=2)))).ok
    assert desk.do(request(seats=2)).ok
    assert desk.do(check_out()).reason == reasons.MAXIMUM_REACHED
    assert desk.do(request(BOB)).reason == reasons.MAXIMUM_REACHED
    assert desk.do(returned()).ok
    assert desk.do(check_out()).ok
    assert apply(desk, form(rule_set(rule("deny", "user:ada")))).ok
    assert desk.do(request(BOB)).reason == reasons.DENIED_BY_RULE


def test_rules_that_come_later_count_what_is_out() -> None:
    desk = lending()
    assert desk.do(request(seats=2)).ok
    assert apply(desk, form(rule_set(rule("max", "user:ada", seats=3)))).ok
    assert desk.do(check_out()).ok
    assert desk.do(check_out("more")).reason == reasons.MAXIMUM_REACHED
    check_state(desk.state)
