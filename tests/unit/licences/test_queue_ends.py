"""Who waits for seats: how offers are held and passed on, what ends waiting, and what lives on."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.access.form import ALLOW, DENY, MAX, RESERVE
from appliance.licences.carry_over import intent_of
from appliance.licences.queue import waiting
from appliance.licences.queue.place import QueueRules
from appliance.licences.snapshot import dump, load
from tests.unit.licences.access_rules import apply, form, rule, rule_set
from tests.unit.licences.builders import (
    FIRM,
    PRODUCT,
    STORES,
    Desk,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.queue_desk import (
    ask,
    free,
    full,
    generation,
    offered,
    set_queue,
    told,
    waits,
)

# --- offers ---


def test_an_offer_that_nobody_takes_is_passed_on_by_the_age_of_the_state() -> None:
    desk = full()
    waits(desk, "a", "b")
    free(desk, "h0")
    desk.wait(59_999)
    desk.do(c.Tick())
    assert offered(desk) == ["a"]
    desk.wait(1)
    desk.do(c.Tick())
    assert offered(desk) == ["b"]
    assert desk.state.place(c.LeaseRef("cert:a", "a")) is None


@pytest.mark.parametrize(("hold_s", "lease_ttl_s", "held_s"), [(10, 60, 10), (90, 30, 30)])
def test_it_is_held_as_long_as_an_operator_says_and_never_beyond_a_lifetime(
    hold_s: int, lease_ttl_s: int, held_s: int
) -> None:
    desk = full(lease_ttl_s=lease_ttl_s)
    set_queue(desk, hold_s=hold_s)
    waits(desk, "a")
    free(desk, "h0")
    (place,) = desk.state.places.values()
    assert place.until_age_ms - desk.state.age_ms == held_s * 1000


def test_whose_offer_is_over_comes_last_and_takes_no_seat_of_the_next() -> None:
    desk = full()
    waits(desk, "a", "b")
    free(desk, "h0")
    desk.wait(60_000)
    assert told(desk, ask("a")) == reasons.QUEUED
    assert offered(desk) == ["b"]
    assert desk.state.position(desk.state.places[generation(desk, "a")]) == (1, 1)


@pytest.mark.parametrize("kind", [c.CheckIn, c.Expire])
def test_a_place_ends_by_an_entry_and_its_offer_goes_on(kind: type) -> None:
    desk = full()
    waits(desk, "a", "b")
    free(desk, "h0")
    number = generation(desk, "a")
    ref = c.LeaseRef("cert:a", "a")
    assert desk.do(kind(ref, number + 1)).reason == reasons.OLD_GENERATION
    assert desk.do(kind(ref, number)).ok
    assert offered(desk) == ["b"]
    assert desk.do(kind(ref, number)).reason == reasons.LEASE_UNKNOWN


def test_an_operator_ends_a_place_and_that_is_on_record() -> None:
    desk = full()
    waits(desk, "a")
    command = c.Release(c.LeaseRef("cert:a", "a"), generation(desk, "a"), "cert:olga", "asked")
    assert desk.do(command).ok
    assert not desk.state.places
    assert desk.state.acts()[-1].who == "cert:olga"


# --- what may differ, and what ends waiting ---


@pytest.mark.parametrize(
    "other",
    [
        {"seats": 2},
        {"product_code": 21},
        {"secret_hash": b"t" * 32},
        {"station": b"s" * 16},
    ],
)
def test_another_check_out_under_the_same_id_is_a_conflict(other: dict[str, Any]) -> None:
    desk = full(2)
    waits(desk, "a")
    assert told(desk, ask("a", **other)) == reasons.LEASE_CONFLICT
    assert len(desk.state.places) == 1


def test_case_22_who_waited_for_its_time_hears_how_long() -> None:
    desk = full()
    waits(desk, "a", wait_s=60)
    desk.wait(59_000)
    desk.do(c.Tick())
    assert told(desk, ask("a", wait_s=60)) == reasons.QUEUED
    desk.wait(1_000)
    outcome = desk.do(ask("a", wait_s=60))
    assert outcome.reason == reasons.NO_SEAT_FREE
    assert "in 60 s" in outcome.detail
    assert not desk.state.places


def test_who_asks_without_waiting_leaves_the_queue() -> None:
    desk = full()
    waits(desk, "a")
    assert told(desk, ask("a", wait_s=0)) == reasons.NO_SEAT_FREE
    assert not desk.state.places


def test_case_21_what_can_never_be_met_is_told_at_once() -> None:
    desk = full(10)
    assert told(desk, ask("a", seats=11)) == reasons.NEVER_SATISFIABLE
    assert desk.do(c.Limit(FIRM, PRODUCT, 2, "cert:olga", "asked")).ok
    assert told(desk, ask("a", seats=3)) == reasons.NEVER_SATISFIABLE
    assert told(desk, ask("a", seats=2)) == reasons.QUEUED


@pytest.mark.parametrize(
    ("rules", "most"),
    [([rule(MAX, "cert:a", seats=4)], 4), ([rule(RESERVE, "cert:b", seats=3)], 7)],
    ids=["own maximum", "reserved for others"],
)
def test_access_rules_say_what_can_never_be_met(rules: list[Any], most: int) -> None:
    desk = full(10)
    assert apply(desk, form(rule_set(*rules))).ok
    assert told(desk, ask("a", seats=most + 1)) == reasons.NEVER_SATISFIABLE
    assert told(desk, ask("a", seats=most)) == reasons.QUEUED


def test_who_can_never_be_met_any_more_keeps_nobody_waiting() -> None:
    desk = full(2)
    waits(desk, "large", seats=2)
    waits(desk, "small")
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, product(quantity=1), sequence=2))).ok
    free(desk, "h0", "h1")
    assert offered(desk) == ["small"]
    assert told(desk, ask("large", seats=2)) == reasons.NEVER_SATISFIABLE


# --- access rules and limits, judged anew ---


def test_rules_that_came_later_decide_who_is_offered_a_seat() -> None:
    desk = full()
    waits(desk, "a", "b")
    assert apply(desk, form(rule_set(rule(DENY, "cert:a"), rule(ALLOW)))).ok
    free(desk, "h0")
    assert offered(desk) == ["b"]
    assert told(desk, ask("a")) == reasons.DENIED_BY_RULE
    assert [place.ref.lease_id for place in desk.state.places.values()] == ["b"]


def test_new_rules_take_an_offer_back_and_make_it_anew() -> None:
    desk = full()
    waits(desk, "a", "b")
    free(desk, "h0")
    assert apply(desk, form(rule_set(rule(DENY, "cert:a"), rule(ALLOW)))).ok
    assert offered(desk) == ["b"]
    check_state(desk.state)


def test_a_reserved_seat_is_offered_to_its_own_and_that_overtakes_nobody() -> None:
    desk = full(2)
    assert apply(desk, form(rule_set(rule(RESERVE, "cert:b", seats=1)))).ok
    waits(desk, "a", "b")
    free(desk, "h0")
    assert offered(desk) == ["b"]
    assert {place.overtaken for place in desk.state.places.values()} == {0}
    free(desk, "h1")
    assert offered(desk) == ["a", "b"]


def test_who_waits_for_an_own_limit_keeps_nobody_waiting() -> None:
    desk = full(2)
    assert desk.do(c.Limit(FIRM, PRODUCT, 1, "cert:olga", "asked")).ok
    waits(desk, "more", client="cert:h1")
    waits(desk, "b")
    free(desk, "h0")
    assert offered(desk) == ["b"]
    free(desk, "h1")
    assert offered(desk) == ["b", "more"]


def test_a_limit_that_is_lifted_gives_a_turn() -> None:
    desk = founded(product(quantity=2))
    assert desk.do(c.Limit(FIRM, PRODUCT, 1, "cert:olga", "asked")).ok
    assert desk.do(ask("h1", wait_s=0)).ok
    waits(desk, "more", client="cert:h1")
    assert desk.do(c.Limit(FIRM, PRODUCT, 0, "cert:olga", "asked")).ok
    assert offered(desk) == ["more"]


# --- bounds, what is written, what lives on ---


@pytest.mark.parametrize(
    ("bound", "most"),
    [("PLACES_MAX", 2), ("PLACES_PER_PRODUCT_MAX", 2), ("PLACES_PER_CLIENT_MAX", 2)],
)
def test_no_more_wait_than_may(bound: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = full()
    monkeypatch.setattr(waiting, bound, most)
    waits(desk, "a", "b", client="cert:one")
    assert told(desk, ask("c", "cert:one")) == reasons.QUEUE_FULL
    assert told(desk, ask("a", "cert:one")) == reasons.QUEUED, "who has a place keeps it"


@pytest.mark.parametrize("wait_s", [-1, 30 * 86_400 + 1])
def test_nobody_waits_for_less_than_nothing_or_for_ever(wait_s: int) -> None:
    assert told(full(), ask("a", wait_s=wait_s)) == reasons.BAD_REQUEST


@pytest.mark.parametrize(("overtakes_max", "hold_s"), [(-1, 60), (1_001, 60), (0, 0), (0, 3_601)])
def test_an_operators_word_has_bounds(overtakes_max: int, hold_s: int) -> None:
    desk = full()
    command = c.SetQueue(overtakes_max, hold_s, "cert:olga", "asked")
    assert desk.do(command).reason == reasons.BAD_REQUEST


def test_places_and_offers_are_in_a_snapshot() -> None:
    desk = full(2)
    set_queue(desk, overtakes_max=2)
    waits(desk, "large", seats=2)
    waits(desk, "a", "b")
    free(desk, "h0")
    desk.wait(40_000)
    desk.do(c.Tick())
    read = load(dump(desk.state))
    assert read.fingerprint() == desk.state.fingerprint()
    desk.state = read
    assert told(desk, ask("a")) == reasons.GRANTED


def test_undone_as_a_whole() -> None:
    desk = full(2)
    waits(desk, "a", "b")
    desk.state.take_changes()
    before = desk.state.fingerprint()
    free(desk, "h0", "h1")
    assert told(desk, ask("a")) == reasons.GRANTED
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before
    free(desk, "h0")
    assert offered(desk) == ["a"]


def test_a_restored_ledger_has_the_queues_rules_and_no_places() -> None:
    desk = full()
    set_queue(desk, overtakes_max=3, hold_s=20)
    waits(desk, "a")
    founding = intent_of(desk.state, b"r" * 32, desk.now_ms, "cert:olga", "lost")
    again = Desk()
    command = c.Found(b"new", founding.virtual_serial, STORES, founding.restored)
    assert again.do(command).ok
    assert again.state.queue_rules == QueueRules(3, 20)
    assert not again.state.places
