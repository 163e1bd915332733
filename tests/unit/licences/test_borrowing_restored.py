"""Borrowed seats outlive the ledger that lent them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.licences import borrowing, reasons
from appliance.licences import commands as c
from appliance.licences.carry_over import intent_of
from appliance.licences.refuse_borrowing import day
from appliance.licences.snapshot import dump, load
from tests.unit.licences.builders import (
    KEY,
    STORES,
    Desk,
    check_out,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.test_borrowing import (
    BOB,
    DAY_S,
    HOUR_S,
    WEEK_S,
    certify,
    extension,
    lending,
    request,
    returned,
    taken,
)
from tests.unit.licences.test_reserving import machine


def restored(desk: Desk, *items: Any) -> Desk:
    """The ledger that is founded from a backup taken now."""
    founding = intent_of(desk.state, b"r" * 32, desk.now_ms, "olga", "fire")
    new = Desk(machine=machine(), now_ms=desk.now_ms)
    assert new.do(replace(founding, ledger_id=b"new", stores=STORES)).ok
    for twin in (1, 2, 3):
        assert new.do(import_of(update_of(twin, *items))).ok
    return new


def test_what_was_out_at_the_backup_stays_so_until_its_end() -> None:
    """Case 10; and early return works as before, with the ledger's id that the ticket names."""
    item = product(quantity=3, borrow_max_s=WEEK_S, borrow_seats_max=2)
    desk = lending(item)
    desk.do(request(seconds=2 * HOUR_S))
    desk.do(request(BOB, 2 * HOUR_S))
    desk.wait(HOUR_S * 1000)
    desk.do(c.Tick())
    new = restored(desk, item)
    assert taken(new) == 2
    assert new.do(returned(ledger_id=b"new")).reason == reasons.BORROW_NOT_PROVEN
    assert new.do(returned()).ok
    new.wait(HOUR_S * 1000)
    new.do(c.Tick())
    assert taken(new) == 0, "an hour was left of it"


def test_seats_that_may_be_out_are_held_back_after_a_restore() -> None:
    """Case 11: the lost ledger may have lent more after the backup."""
    item = product(quantity=5, borrow_max_s=WEEK_S, borrow_seats_max=3)
    desk = lending(item)
    desk.do(request(seconds=3 * DAY_S))
    new = restored(desk, item)
    assert new.state.held_back(KEY, item) == 2
    for number in range(2):
        assert new.do(check_out(f"l{number}")).ok
    assert new.do(check_out("one too many")).reason == reasons.NO_SEAT_FREE
    certify(new)
    refused = new.do(request(BOB))
    assert (refused.reason, "restored" in refused.detail) == (reasons.BORROW_LIMIT, True)
    early = load(dump(new.state))
    assert new.do(c.OperateBorrowing(borrowing.ALL_KNOWN, "olga", "I asked everybody")).ok
    assert new.do(check_out("more")).ok
    assert new.do(request(BOB)).ok
    new.state = early
    new.wait(WEEK_S * 1000)
    new.do(c.Tick())
    for number in range(2, 5):
        assert new.do(check_out(f"l{number}")).ok, "whatever was lent is over"


def test_a_restored_ledger_takes_in_its_licences_whatever_is_out() -> None:
    """Its containers bring an older update first, with fewer seats than are out."""
    desk = lending(quantity=5)
    for number in range(3):
        assert desk.do(request(bytes([number]) * 32)).ok
    new = restored(desk, product(borrow_max_s=WEEK_S, quantity=4))
    for sequence, quantity in ((2, 1), (3, 5)):
        item = product(borrow_max_s=WEEK_S, quantity=quantity)
        for twin in (1, 2, 3):
            assert new.do(import_of(update_of(twin, item, sequence=sequence))).ok


@pytest.mark.parametrize(
    "narrower",
    [
        {"borrow_max_s": WEEK_S, "borrow_seats_max": 1},
        {"borrow_max_s": DAY_S, "borrow_seats_max": 3},
        {},
        None,
    ],
    ids=str,
)
def test_what_the_lost_ledger_lent_by_wider_terms_is_held_back(narrower: Any) -> None:
    """An update lowered them after the backup, and each container brings both."""
    wide = product(quantity=5, borrow_max_s=WEEK_S, borrow_seats_max=3)
    desk = lending(wide)
    new = restored(desk, wide)
    items = () if narrower is None else (product(quantity=5, **narrower),)
    for twin in (1, 2, 3):
        assert new.do(import_of(update_of(twin, *items, sequence=2))).ok
    for twin in (1, 2, 3):
        item = product(quantity=5, **narrower or {})
        assert new.do(import_of(update_of(twin, item, sequence=3))).ok
    assert new.state.held_back(KEY, new.state.items[KEY]) == 3
    new.wait(2 * DAY_S * 1000)
    assert new.state.held_back(KEY, new.state.items[KEY]) == 3
    early = load(dump(new.state))
    new.wait(WEEK_S * 1000)
    assert new.state.held_back(KEY, new.state.items[KEY]) == 0
    new.state = early
    assert new.do(c.OperateBorrowing(borrowing.ALL_KNOWN, "olga", "I asked everybody")).ok
    assert new.state.held_back(KEY, new.state.items[KEY]) == 0
    assert not new.state.lent_before
    assert not desk.state.lent_before


@pytest.mark.parametrize(
    "changes",
    [
        {"borrower": b"short"},
        {"seats": 0},
        {"ends_at_ms": -1},
        {"station": b"short"},
        {"client": "c" * 257},
        {"ledger_id": b"i" * 65},
        {"generation": -1},
    ],
)
def test_a_founding_that_carries_nonsense_has_no_effect(changes: dict[str, Any]) -> None:
    desk = lending()
    desk.do(request())
    founding = intent_of(desk.state, b"r" * 32, desk.now_ms, "olga", "fire")
    assert founding.restored is not None
    (out,) = founding.restored.borrowed
    for borrowed in ((replace(out, **changes),), (out, out)):
        wrong = replace(founding.restored, borrowed=borrowed)
        new = Desk(machine=machine(), now_ms=desk.now_ms)
        answer = new.do(replace(founding, ledger_id=b"new", stores=STORES, restored=wrong))
        assert answer.reason == reasons.BAD_REQUEST


def test_it_survives_undoing_and_snapshots() -> None:
    desk = lending()
    ends_at_ms = desk.do(request()).ends_at_ms
    before = desk.state.fingerprint()
    desk.state.take_changes()
    desk.do(extension(ends_at_ms, WEEK_S))
    desk.do(request(BOB))
    desk.do(c.WriteOff(BOB, "olga", "lost"))
    desk.do(returned())
    after = desk.state.fingerprint()
    assert load(dump(desk.state)).fingerprint() == after
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before
    assert taken(desk) == 1


@given(st.integers(0, 253_402_300_799_999))
@settings(max_examples=200, deadline=None)
def test_a_date_in_a_refusal_is_the_calendars(unix_ms: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=unix_ms)
    assert day(unix_ms) == f"{moment:%Y-%m-%d %H:%M UTC}"
