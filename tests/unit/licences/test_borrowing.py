"""Borrowed seats: out until their end or the borrower's own word, whatever becomes of clocks."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.details import TEXTS
from appliance.ledger.invariants import check_state
from appliance.licences import borrow_book, borrowing, reasons
from appliance.licences import commands as c
from appliance.licences.borrow_bytes import extend_bytes, return_bytes
from appliance.licences.grants import KIND_BORROWED, NO_HASH
from appliance.licences.model import ReturnedItem
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    FIRM,
    HOLDER,
    KEY,
    NOW_MS,
    PRODUCT,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.test_reserving import machine, signed

HOUR_S = 3_600
DAY_S = 86_400
WEEK_S = 7 * DAY_S
ADA = b"a" * 32
BOB = b"b" * 32
CLIENT = "cert:ada"


def certify(desk: Desk, at_ms: int | None = None) -> None:
    """Two containers show certified time: the present log time, unless told otherwise."""
    for twin in (1, 2):
        desk.state.set_certified(f"130-1234567{twin}", desk.now_ms if at_ms is None else at_ms)


def lending(*items: Any, certified: bool = True, **fields: Any) -> Desk:
    """A ledger with this licence of ten seats, which may be borrowed for a week."""
    desk = founded(*(items or (product(**{"borrow_max_s": WEEK_S} | fields),)))
    desk.machine = machine()
    if certified:
        certify(desk)
    return desk


def request(borrower: bytes = ADA, seconds: int = 3 * DAY_S, **fields: Any) -> c.Borrow:
    values: dict[str, Any] = {
        "client": CLIENT,
        "borrower": borrower,
        "firm_code": FIRM,
        "product_code": PRODUCT,
        "seconds": seconds,
        "holder": HOLDER,
        "nonce": b"n" * 16,
    }
    return c.Borrow(**values | fields)


def extension(ends_at_ms: int, seconds: int, borrower: bytes = ADA, **fields: Any) -> c.Borrow:
    said = signed(borrower, extend_bytes(b"ledger", borrower, ends_at_ms, seconds))
    return request(borrower, seconds, extends_ms=ends_at_ms, signature=said, **fields)


def returned(borrower: bytes = ADA, ledger_id: bytes = b"ledger") -> c.ReturnBorrowed:
    return c.ReturnBorrowed(borrower, signed(borrower, return_bytes(ledger_id, borrower)))


def taken(desk: Desk) -> int:
    check_state(desk.state)
    return desk.state.seats.get(KEY, 0)


def test_the_end_is_log_time_plus_what_was_asked_for_whatever_the_borrowers_clock_says() -> None:
    """Cases 7 and 8: no clock but the ledger's, and no midnight anywhere."""
    desk = lending()
    outcome = desk.do(request(seconds=DAY_S))
    assert outcome.ends_at_ms - NOW_MS == 86_400_000
    assert (outcome.reason, outcome.kind, outcome.borrower_key) == (
        reasons.GRANTED,
        KIND_BORROWED,
        ADA,
    )
    assert (outcome.seats, outcome.lease_ttl_s, outcome.units_left) == (1, 0, None)
    assert outcome.lines[0].item_hash != NO_HASH
    assert taken(desk) == 1
    assert desk.state.in_use(KEY) == 1


def test_what_is_out_is_counted_with_all_other_seats() -> None:
    desk = lending(quantity=2)
    assert desk.do(request()).ok
    assert desk.do(check_out()).ok
    assert desk.do(check_out("other")).reason == reasons.NO_SEAT_FREE
    assert desk.do(request(BOB)).reason == reasons.NO_SEAT_FREE
    assert desk.do(returned()).ok
    assert desk.do(check_out("other")).ok


def test_a_repeat_gets_what_stands_and_takes_nothing() -> None:
    desk = lending()
    first = desk.do(request())
    desk.wait(HOUR_S * 1000)
    again = desk.do(request(nonce=b"m" * 16))
    assert (again.ends_at_ms, again.generation) == (first.ends_at_ms, first.generation)
    assert taken(desk) == 1
    for other in (
        {"seats": 2},
        {"client": "cert:eve"},
        {"product_code": 21},
        {"station": b"s" * 16},
    ):
        assert desk.do(request(**other)).reason == reasons.LEASE_CONFLICT


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"borrow_max_s": None}, reasons.BORROW_NOT_PERMITTED),
        ({"borrow_max_s": DAY_S}, reasons.BORROW_TOO_LONG),
        ({"borrow_seats_max": 1}, reasons.BORROW_LIMIT),
        ({"quantity": 1}, reasons.BORROW_LIMIT),
        ({"expires_at_s": NOW_MS // 1000}, reasons.EXPIRED),
    ],
)
def test_vendors_say_whether_for_how_long_and_how_many(fields: dict[str, Any], reason: str) -> None:
    desk = lending(**fields)
    outcome = desk.do(request(seats=2))
    assert outcome.reason == reason
    assert outcome.said is not None and outcome.said.code in TEXTS
    assert taken(desk) == 0


def test_nothing_ends_after_its_licence() -> None:
    desk = lending(expires_at_s=NOW_MS // 1000 + HOUR_S)
    assert desk.do(request()).ends_at_ms == NOW_MS + HOUR_S * 1000


def test_borrowing_begins_a_usage_period() -> None:
    desk = lending(usage_period_s=HOUR_S)
    assert desk.do(request()).ends_at_ms == NOW_MS + HOUR_S * 1000
    assert KEY in desk.state.usage_starts


@pytest.mark.parametrize(
    "fields",
    [
        {"borrower": b"short"},
        {"seconds": 0},
        {"seconds": 2**60},
        {"seats": 0},
        {"station": b"short"},
        {"address": b"1"},
        {"nonce": b"n" * 65},
        {"signature": b"x"},
        {"extends_ms": -1},
        {"client": "c" * 257},
        {"wishes": Wishes(mode="no-limit")},
    ],
)
def test_what_nobody_can_ask_is_refused(fields: dict[str, Any]) -> None:
    desk = lending()
    assert desk.do(request(**fields)).reason == reasons.BAD_REQUEST
    assert taken(desk) == 0


# --- who gives back ---


def test_only_the_borrower_gives_back() -> None:
    """A TMR host that is hijacked sees everything but the borrower's key."""
    desk = lending()
    desk.do(request())
    honest = returned()
    for forged in (
        replace(honest, signature=b""),
        replace(honest, signature=bytes(64)),
        replace(honest, signature=honest.signature + b"x"),
        replace(honest, signature=signed(BOB, return_bytes(b"ledger", ADA))),
        replace(honest, signature=signed(ADA, return_bytes(b"another", ADA))),
    ):
        assert desk.do(forged).reason == reasons.BORROW_NOT_PROVEN
    ref = c.LeaseRef(CLIENT, ADA.hex())
    generation = next(iter(desk.state.borrowed))
    for ending in (
        c.CheckIn(ref, generation),
        c.Expire(ref, generation),
        c.Release(ref, generation, "eve", "mine"),
    ):
        assert desk.do(ending).reason == reasons.LEASE_UNKNOWN
    assert taken(desk) == 1
    assert desk.do(honest).ok
    assert taken(desk) == 0


def test_a_return_is_told_again_and_a_late_request_takes_nothing() -> None:
    desk = lending()
    desk.do(request())
    for _ in range(2):
        assert desk.do(returned()).ok
    assert desk.do(request()).reason == reasons.BORROW_ENDED
    assert desk.do(returned(BOB)).reason == reasons.BORROW_UNKNOWN
    assert taken(desk) == 0


def test_only_so_many_ends_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrow_book, "ENDS_MAX", 2)
    desk = lending()
    for number in range(4):
        key = bytes([number]) * 32
        assert desk.do(request(key)).ok
        assert desk.do(returned(key)).ok
    assert len(desk.state.borrow_ends) == 2
    assert desk.do(returned(b"\x00" * 32)).reason == reasons.BORROW_UNKNOWN
    assert desk.do(returned(b"\x03" * 32)).ok


# --- extension ---


def test_an_extension_never_shortens() -> None:
    desk = lending()
    first = desk.do(request()).ends_at_ms
    assert desk.do(extension(first, HOUR_S)).ends_at_ms == first
    later = desk.do(extension(first, 5 * DAY_S)).ends_at_ms
    assert later == NOW_MS + 5 * DAY_S * 1000
    assert desk.do(extension(first, WEEK_S)).ends_at_ms == later, "a late repeat"
    assert desk.do(request()).ends_at_ms == later
    assert desk.do(extension(later + 1, WEEK_S)).reason == reasons.BAD_REQUEST
    assert desk.do(extension(later, WEEK_S + 1)).reason == reasons.BORROW_TOO_LONG
    assert taken(desk) == 1


def test_only_the_borrower_extends_whoever_brings_it() -> None:
    desk = lending()
    first = desk.do(request()).ends_at_ms
    forged = replace(extension(first, WEEK_S), signature=bytes(64))
    assert desk.do(forged).reason == reasons.BORROW_NOT_PROVEN
    assert desk.do(extension(first, WEEK_S, client="cert:carrier")).ends_at_ms > first
    assert desk.do(extension(first, WEEK_S, BOB)).reason == reasons.BORROW_UNKNOWN


# --- the end ---


def test_seats_are_free_again_at_their_end() -> None:
    desk = lending()
    desk.do(request(seconds=HOUR_S))
    desk.wait(HOUR_S * 1000 - 1)
    desk.do(c.Tick())
    assert taken(desk) == 1
    desk.wait(1)
    desk.do(c.Tick())
    assert taken(desk) == 0
    assert desk.do(returned()).reason == reasons.BORROW_ENDED


def test_a_leap_of_log_time_or_an_outage_frees_nothing() -> None:
    """Log time leaps ahead by a month while the laptop is out: its seat is not handed out."""
    desk = lending(quantity=1)
    desk.do(request(seconds=DAY_S))
    desk.now_ms += 30 * DAY_S * 1000
    assert desk.do(check_out()).reason == reasons.NO_SEAT_FREE
    desk.wait(23 * HOUR_S * 1000)
    assert desk.do(check_out()).reason == reasons.NO_SEAT_FREE
    desk.wait(HOUR_S * 1000)
    desk.do(c.Tick())
    assert desk.do(check_out()).ok, "its length has passed"


def test_after_an_outage_certified_time_tells_that_it_is_over() -> None:
    desk = lending(quantity=1)
    desk.do(request(seconds=DAY_S))
    desk.now_ms += DAY_S * 1000
    desk.do(c.Tick())
    assert taken(desk) == 1
    certify(desk)
    desk.do(c.Tick())
    assert taken(desk) == 0


def test_many_end_over_several_commands() -> None:
    desk = lending()
    for number in range(9):
        assert desk.do(request(bytes([number]) * 32, HOUR_S)).ok
    desk.wait(HOUR_S * 1000)
    for left in (5, 1, 0):
        desk.do(c.Tick())
        assert taken(desk) == left


# --- certified time ---


def test_nothing_is_lent_while_it_is_not_known_what_time_it_is() -> None:
    desk = lending(certified=False)
    assert desk.do(request()).reason == reasons.BORROW_TIME_UNCERTAIN
    certify(desk)
    assert desk.do(request()).ok
    desk.wait(WEEK_S * 1000 + 1)
    old = desk.do(request(BOB))
    assert (old.reason, "older than seven days" in old.detail) == (
        reasons.BORROW_TIME_UNCERTAIN,
        True,
    )


def test_no_ticket_to_2050() -> None:
    desk = lending()
    desk.now_ms += 2 * HOUR_S * 1000
    leapt = desk.do(request())
    assert (leapt.reason, "within an hour" in leapt.detail) == (
        reasons.BORROW_TIME_UNCERTAIN,
        True,
    )
    certify(desk)
    assert desk.do(request()).ok


def test_operators_may_do_without_certified_time_for_a_week() -> None:
    desk = lending(certified=False, borrow_max_s=30 * DAY_S)
    act = c.OperateBorrowing(borrowing.UNCERTIFIED_ON, "cert:olga", "there is no time server")
    assert desk.do(act).ok
    assert desk.do(request(seconds=WEEK_S + 1)).reason == reasons.BORROW_TOO_LONG
    assert desk.do(request(seconds=WEEK_S)).ok
    assert desk.state.acts()[-1].subject == borrowing.UNCERTIFIED_ON
    assert desk.do(replace(act, action=borrowing.UNCERTIFIED_OFF)).ok
    assert desk.do(request(BOB)).reason == reasons.BORROW_TIME_UNCERTAIN
    assert desk.do(replace(act, action="dance")).reason == reasons.BAD_REQUEST


# --- a lost laptop ---


def test_what_is_written_off_stays_counted_until_its_end() -> None:
    """Case 14."""
    desk = lending(quantity=2)
    ends_at_ms = desk.do(request(seconds=DAY_S)).ends_at_ms
    for _ in range(2):
        assert desk.do(c.WriteOff(ADA, "cert:olga", "left in a train")).ok
    (act,) = [one for one in desk.state.acts() if one.action == "write-off"]
    assert (act.who, act.why) == ("cert:olga", "left in a train")
    assert taken(desk) == 1
    refused = desk.do(request(BOB))
    assert (refused.reason, "written off" in refused.detail) == (
        reasons.BORROW_NOT_PERMITTED,
        True,
    )
    assert desk.do(extension(ends_at_ms, WEEK_S)).reason == reasons.BORROW_NOT_PERMITTED
    assert desk.do(request(BOB, client="cert:bob")).ok
    assert desk.do(check_out()).reason == reasons.NO_SEAT_FREE
    desk.wait(DAY_S * 1000)
    desk.do(c.Tick())
    assert desk.do(check_out()).ok
    assert desk.do(c.WriteOff(ADA, "cert:olga", "again")).reason == reasons.BORROW_ENDED
    assert desk.do(c.WriteOff(b"x" * 32, "o", "w")).reason == reasons.BORROW_UNKNOWN


def test_one_client_has_so_many_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrowing, "BORROWED_PER_CLIENT_MAX", 1)
    desk = lending()
    assert desk.do(request()).ok
    assert desk.do(request(BOB)).reason == reasons.BORROW_LIMIT
    assert desk.do(request(BOB, client="cert:bob")).ok
    monkeypatch.setattr(borrowing, "BORROWED_MAX", 2)
    assert desk.do(request(b"c" * 32, client="cert:eve")).reason == reasons.BORROW_LIMIT


# --- vendors' updates ---


def test_no_update_takes_away_what_is_out() -> None:
    desk = lending(quantity=10)
    for number in range(3):
        assert desk.do(request(bytes([number]) * 32)).ok
    smaller = product(borrow_max_s=WEEK_S, quantity=2)
    outcome = desk.do(import_of(update_of(1, smaller, sequence=2)))
    assert outcome.reason == reasons.UPDATE_REFUSED
    assert "3 of it are borrowed until 2023-11-17 22:13 UTC" in outcome.detail
    assert desk.do(import_of(update_of(1, sequence=2))).reason == reasons.UPDATE_REFUSED
    gone = update_of(1, smaller, sequence=2)
    back = replace(gone.firm, returned=(ReturnedItem(PRODUCT, 1),))
    assert desk.do(import_of(replace(gone, firm=back))).reason == reasons.UPDATE_REFUSED
    enough = product(borrow_max_s=WEEK_S, quantity=3)
    assert desk.do(import_of(update_of(1, enough, sequence=2))).ok
    for number in range(3):
        assert desk.do(returned(bytes([number]) * 32)).ok
    assert desk.do(import_of(update_of(2, smaller, sequence=2))).ok


def test_what_the_vendor_forbids_later_still_comes_back() -> None:
    desk = lending()
    ends_at_ms = desk.do(request()).ends_at_ms
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, product(), sequence=2))).ok
    assert desk.do(extension(ends_at_ms, WEEK_S)).reason == reasons.BORROW_NOT_PERMITTED
    assert taken(desk) == 1
    assert desk.do(returned()).ok
