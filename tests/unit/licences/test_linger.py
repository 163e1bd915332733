"""Linger: a seat that was given back is kept for its user for a while, by the ledger's age."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.licences import commands as c
from appliance.licences import counting, reasons
from appliance.licences.modes import MODES, NO_LIMIT, STATION_SHARE
from appliance.licences.seats import refusal
from appliance.licences.snapshot import dump, load
from appliance.licences.validity import why_refused
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    KEY,
    NOW_S,
    Desk,
    check_out,
    founded,
    give_back,
    import_of,
    product,
    update_of,
)

STATION, OTHER = b"desk station 16b", b"next station 16b"
EVE = "cert:eve"


def ask(lease_id: str, client: str = "cert:ada", **fields: Any) -> c.CheckOut:
    return check_out(lease_id, client, **{"station": STATION, "address": b"addr"} | fields)


def one_seat(linger_s: int = 30, quantity: int = 1, **fields: Any) -> Desk:
    return founded(product(quantity=quantity, linger_s=linger_s, **fields))


def used_and_given_back(**fields: Any) -> Desk:
    desk = one_seat(**fields)
    assert desk.do(ask("l")).ok
    give_back(desk, "l")
    return desk


def lingering(desk: Desk) -> int:
    return desk.state.lingering.get(KEY, 0)


def test_it_is_kept_for_the_one_who_had_it_and_then_for_nobody() -> None:
    desk = used_and_given_back()
    assert (desk.state.in_use(KEY), lingering(desk)) == (0, 1)
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE
    desk.wait(29_999)
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE
    desk.wait(1)
    assert desk.do(ask("e", EVE)).ok, "in the very command that would be refused otherwise"
    assert (desk.state.in_use(KEY), lingering(desk)) == (1, 0)


def test_who_had_it_takes_it_back() -> None:
    desk = used_and_given_back()
    desk.wait(20_000)
    assert desk.do(ask("again")).ok
    assert (desk.state.in_use(KEY), lingering(desk)) == (1, 0)
    give_back(desk, "again")
    desk.wait(29_000)
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE, "it lingers anew"


@pytest.mark.parametrize(
    "other",
    [
        {"client": EVE},
        {"holder": c.Holder(b"e" * 16, b"d" * 16, 7, b"c" * 16)},
        {"station": OTHER},
    ],
    ids=["client", "user", "station"],
)
def test_client_user_and_station_have_to_be_the_same(other: dict[str, Any]) -> None:
    desk = used_and_given_back()
    assert desk.do(ask("x", **other)).reason == reasons.NO_SEAT_FREE
    elsewhere: dict[str, Any] = {
        "address": b"four",
        "holder": replace(check_out().holder, host=b"laptop", pid=8, application=b"cad 2"),
    }
    assert desk.do(ask("y", **elsewhere)).ok, "address, host and program may differ"


def test_the_one_who_had_it_takes_no_second_seat_for_it() -> None:
    desk = used_and_given_back(quantity=2)
    assert desk.do(ask("again")).ok
    assert lingering(desk) == 0
    assert desk.do(ask("e", EVE)).ok, "the other one was free all the time"


@pytest.mark.parametrize("how", ["expire", "release", "no linger"])
def test_nothing_lingers_but_what_was_given_back(how: str) -> None:
    desk = one_seat()
    generation = desk.do(ask("l")).generation
    ref = c.LeaseRef("cert:ada", "l")
    command: Any = {
        "expire": c.Expire(ref, generation),
        "release": c.Release(ref, generation, "olga", "wanted for eve"),
        "no linger": c.CheckIn(ref, generation, True),
    }[how]
    assert desk.do(command).ok
    assert lingering(desk) == 0
    assert desk.do(ask("e", EVE)).ok


def test_it_ends_with_the_licence() -> None:
    desk = used_and_given_back(expires_at_s=NOW_S + 10)
    (kept,) = desk.state._lingers.values()
    assert kept.until_age_ms - desk.state.age_ms == 10_000
    longer = product(quantity=1, linger_s=30, expires_at_s=NOW_S + 500)
    desk.wait(10_000)
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, longer, sequence=2))).ok
    assert desk.do(ask("e", EVE)).ok, "an extension does not extend it"


def test_a_licence_that_has_ended_lets_nothing_linger() -> None:
    desk = one_seat(expires_at_s=NOW_S + 10)
    assert desk.do(ask("l")).ok
    desk.wait(11_000)
    give_back(desk, "l")
    assert lingering(desk) == 0


def test_a_failover_changes_nothing_of_it() -> None:
    """The host that takes over reads the state: a fresh time there would be a longer one."""
    desk = used_and_given_back()
    desk.wait(20_000)
    desk.do(c.Tick())
    desk.state = load(dump(desk.state))
    desk.wait(9_999)
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE
    desk.wait(1)
    assert desk.do(ask("e", EVE)).ok


def test_an_outage_ends_it_no_sooner() -> None:
    """The age takes steps of two minutes at most, whatever the clocks say."""
    desk = used_and_given_back(linger_s=300, lease_ttl_s=300)
    desk.now_ms += 3_600_000
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE
    desk.wait(180_000)
    assert desk.do(ask("e", EVE)).ok


def test_a_refusal_for_a_seat_that_lingers_is_no_word_from_memory() -> None:
    """Whoever answers from the state alone does not know how much time has passed since."""
    desk = used_and_given_back()
    assert refusal(desk.state, ask("e", EVE)) is None
    assert desk.do(ask("again")).ok
    told = refusal(desk.state, ask("e", EVE))
    assert told is not None and told.reason == reasons.NO_SEAT_FREE


def test_what_is_over_is_forgotten_by_any_command() -> None:
    desk = founded(product(quantity=9, linger_s=30))
    for number in range(9):
        assert desk.do(ask(f"l{number}")).ok
    for number in range(9):
        give_back(desk, f"l{number}")
    assert lingering(desk) == 9
    desk.wait(30_000)
    desk.do(c.Tick())
    assert lingering(desk) == 5
    assert why_refused(desk.state, desk.state.view[KEY], _serials(desk)) == ""
    for _ in range(2):
        desk.do(c.Tick())
    assert (lingering(desk), desk.state.kept) == (0, {})


def test_the_list_of_licences_says_who_would_get_it() -> None:
    desk = used_and_given_back()
    licence = desk.state.view[KEY]
    assert why_refused(desk.state, licence, _serials(desk)) == reasons.NO_SEAT_FREE
    desk.wait(30_000)
    desk.state.age_ms += 30_000
    assert why_refused(desk.state, licence, _serials(desk)) == ""


def _serials(desk: Desk) -> tuple[str, ...]:
    return tuple(desk.state.containers)


# --- with modes and several seats ---


def test_a_shares_seat_lingers_when_its_last_lease_is_given_back() -> None:
    desk = one_seat(modes=MODES)
    for lease_id in ("a", "b"):
        assert desk.do(ask(lease_id, wishes=Wishes(mode=STATION_SHARE))).ok
    give_back(desk, "a")
    assert lingering(desk) == 0
    give_back(desk, "b")
    assert (lingering(desk), desk.state.in_use(KEY)) == (1, 0)
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE
    assert desk.do(ask("c", wishes=Wishes(mode=STATION_SHARE))).ok


def test_without_a_limit_there_is_nothing_to_linger() -> None:
    desk = one_seat(modes=MODES)
    assert desk.do(ask("n", wishes=Wishes(mode=NO_LIMIT))).ok
    give_back(desk, "n")
    assert lingering(desk) == 0


def test_of_several_seats_those_that_are_asked_for_come_back() -> None:
    desk = one_seat(quantity=3)
    assert desk.do(ask("l", seats=3)).ok
    give_back(desk, "l")
    assert desk.do(ask("m", seats=2)).ok
    assert (desk.state.in_use(KEY), lingering(desk)) == (2, 1)
    assert desk.do(ask("e", EVE)).reason == reasons.NO_SEAT_FREE
    assert desk.do(ask("n", seats=2)).reason == reasons.NO_SEAT_FREE
    assert desk.do(ask("n")).ok


def test_of_two_licences_the_one_where_a_seat_lingers_comes_first() -> None:
    items = [product(tmr_id=n, quantity=1, linger_s=30, feature_map=n - 1) for n in (1, 2)]
    desk = founded(*items)
    assert desk.do(ask("e", EVE)).key == KEY
    second = desk.do(ask("l"))
    assert second.key is not None and second.key.tmr_id == 2
    give_back(desk, "l")
    give_back(desk, "e", EVE)
    again = desk.do(ask("m"))
    assert again.key is not None and again.key.tmr_id == 2
    assert desk.do(ask("f", EVE)).key == KEY


# --- bounds and undoing ---


def test_the_table_has_a_bound_and_beyond_it_a_seat_is_free_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "LINGERS_MAX", 2)
    desk = founded(product(quantity=3, linger_s=30))
    for number in range(3):
        assert desk.do(ask(f"l{number}")).ok
        give_back(desk, f"l{number}")
        desk.do(ask(f"x{number}", EVE))
    assert len(desk.state._lingers) <= 2


def test_undoing_puts_every_lingering_seat_back() -> None:
    desk = used_and_given_back(quantity=2)
    assert desk.do(ask("e", EVE)).ok
    desk.state.take_changes()
    before = desk.state.fingerprint()

    def later() -> None:
        desk.wait(31_000)
        desk.do(ask("f", "cert:fay"))
        desk.do(c.Tick())

    for steps in (
        lambda: desk.do(ask("again")),
        lambda: give_back(desk, "e", EVE),
        later,
    ):
        now_ms = desk.now_ms
        steps()
        assert desk.state.fingerprint() != before
        desk.state.revert(desk.state.take_changes())
        desk.now_ms = now_ms
        assert desk.state.fingerprint() == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"linger_s": 61}, "has a linger time above its lease lifetime"),
        (
            {"linger_s": 5, "modes": (NO_LIMIT,)},
            "has a linger time, and no access mode that takes a seat",
        ),
    ],
)
def test_a_linger_time_that_contradicts_is_refused(fields: dict[str, Any], said: str) -> None:
    """Who ends a program by force would have its seat free sooner than who gives it back."""
    outcome = founded(twins=()).do(import_of(update_of(1, product(**fields))))
    assert (outcome.reason, said in outcome.detail) == (reasons.UPDATE_REFUSED, True)
    assert founded(product(linger_s=60)).state.items[KEY].linger_s == 60
