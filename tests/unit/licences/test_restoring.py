"""What lives on of a ledger that was lost, and what rests until the vendor's word."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.carry_over import GENERATION_LEAP, intent_of, mark_of
from appliance.licences.machine import Machine
from appliance.licences.model import NO_BLOCK_LIST, Blocked, BlockList, FirmItem, UsageStart
from appliance.licences.options.units import units_rest
from appliance.licences.records import NO_ORIGIN, Origin
from appliance.licences.refusals import BlockListRefused
from appliance.licences.state import State
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    NOW_MS,
    STORES,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    read_update,
    update_of,
)

NEW_ID = b"the new ledger"
COUNTED = product(units=100, usage_period_s=99)
SEATS = product(product_code=21, tmr_id=2)
LIST = BlockList(
    number=4, this_update_s=1, next_update_s=9, blocked=(Blocked("130-1", "7f", "lost"),), data=b"L"
)


def read_list(data: bytes) -> BlockList:
    if data != b"L":
        raise BlockListRefused("malformed", "no list")
    return LIST


def old() -> State:
    """A ledger with a lease, used units, a client, a block list and a host in maintenance."""
    desk = founded(COUNTED, SEATS)
    grant = desk.do(check_out())
    assert desk.consume(grant.generation, 1, units=30).ok
    desk.do(c.Enrol("app", b"h" * 32, "adam", "new"))
    desk.do(c.Operate("maintenance-on", "tmr1", "adam", "dust"))
    desk.do(c.Dismiss("A1", "eve", "client", 0, "B2", "adam", "stolen"))
    desk.do(c.Limit(FIRM, 20, 5, "adam", "shared"))
    desk.state.set_block_list(LIST)
    desk.state.set_certified("130-12345671", NOW_MS)
    desk.state.enter(9)
    desk.state.extend_history(b"H" * 32)
    return desk.state


def intent(**changes: Any) -> c.Found:
    found = intent_of(old(), b"r" * 32, NOW_MS, "olga", "fire")
    assert found.restored is not None
    return replace(found, restored=replace(found.restored, **changes))


def restore(found: c.Found, now_ms: int = NOW_MS) -> tuple[Desk, c.Outcome]:
    desk = Desk(machine=Machine(read_update, read_list), now_ms=now_ms)
    desk.state.enter(1)
    outcome = desk.do(replace(found, ledger_id=NEW_ID, stores=STORES))
    return desk, outcome


def confirm(desk: Desk, *twins: int, ledger_id: str = NEW_ID.hex(), sequence: int = 2) -> None:
    for twin in twins:
        update = update_of(twin, COUNTED, SEATS, sequence=sequence)
        firm = replace(update.firm, units_confirmed=ledger_id)
        assert desk.do(import_of(replace(update, firm=firm))).ok


EVE = c.Dismissed("eve", "client", 0, "cert:adam", "stolen", NOW_MS, 5)


START = UsageStart(NOW_MS, 0)


def test_what_lives_on_and_what_does_not() -> None:
    before = old()
    desk, outcome = restore(intent())
    assert outcome.ok, outcome
    state = desk.state
    assert (state.ledger_id, state.virtual_serial) == (NEW_ID, before.virtual_serial)
    assert state.origin == Origin(before.ledger_id, 9, b"r" * 32)
    assert state.history_root == b"H" * 32
    assert state.units_used == {KEY: 30}
    assert state.usage_starts == {KEY: START}
    assert state.clients == {"app": b"h" * 32}
    assert state.dismissed == {"A1": replace(before.dismissed["A1"], index=1)}
    assert state.quotas == {(FIRM, 20): 5}
    assert state.block_list == LIST
    assert state.log_time_ms == NOW_MS
    assert state.commands_applied == before.commands_applied + GENERATION_LEAP
    assert not (state.leases or state.seats or state.containers or state.certified)
    assert not state.maintenance
    (act,) = state.acts()
    assert (act.action, act.who, act.why) == ("restore", "olga", "fire")
    assert "up to entry 9" in act.subject
    assert state.membership.origin == mark_of(intent())


def test_it_can_be_undone_like_any_other_entry() -> None:
    desk, _ = restore(intent())
    desk.state.revert(desk.state.take_changes())
    fresh = State()
    fresh.enter(1)
    fresh.take_changes()
    assert desk.state.origin == NO_ORIGIN
    desk.state.enter(1)
    assert desk.state.fingerprint() == fresh.fingerprint()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"history_root": bytes(31)}, "a history root has 32 bytes"),
        ({"ledger_id": b""}, "id has 1 to 64 bytes"),
        ({"ledger_id": NEW_ID}, "an id of its own"),
        ({"log_time_ms": NOW_MS - 1}, "begins at the lost one's log time"),
        ({"commands_applied": 1 << 53}, "more commands"),
        ({"commands_applied": -1}, "more commands"),
        ({"units_used": ((KEY, 0),)}, "from 1 up"),
        ({"units_used": ((KEY, 1 << 54),)}, "from 1 up"),
        ({"units_used": ((KEY, 1), (KEY, 2))}, "once for each licence"),
        ({"usage_starts": ((KEY, START), (KEY, START))}, "begin once"),
        ({"usage_starts": ((KEY, replace(START, at_ms=NOW_MS + 1)),)}, "after the backup"),
        ({"usage_starts": ((KEY, replace(START, at_ms=-1)),)}, "after the backup"),
        ({"usage_starts": ((KEY, replace(START, reset=-1)),)}, "after the backup"),
        ({"clients": (("a", b"h"), ("a", b"i"))}, "enrolled once"),
        ({"clients": (("", b"h"),)}, "a name and a SHA-256"),
        ({"clients": (("a", b""),)}, "a name and a SHA-256"),
        ({"clients": (("a", b"h" * 33),)}, "a name and a SHA-256"),
        ({"block_list": b"X"}, "no list"),
        ({"who": "w" * 257}, "too long"),
        ({"dismissed": (("A1", EVE), ("A1", EVE))}, "dismissed once"),
        ({"dismissed": (("a1", EVE),)}, "a serial number and a name"),
        ({"dismissed": (("A1", replace(EVE, name="n" * 65)),)}, "a serial number and a name"),
        ({"dismissed": (("A1", replace(EVE, why="n" * 201)),)}, "too long"),
        ({"dismissed": (("A1", replace(EVE, ends_at_s=-1)),)}, "out of range"),
        ({"dismissed": (("A1", replace(EVE, index=-1)),)}, "out of range"),
        ({"quotas": (((1, 2), 0),)}, "from 1 up"),
        ({"quotas": (((1, 2), 1), ((1, 2), 2))}, "one limit of seats each"),
    ],
)
def test_what_cannot_be_restored_founds_nothing(changes: dict[str, Any], words: str) -> None:
    desk, outcome = restore(intent(**changes))
    assert (outcome.reason, words in outcome.detail) == (reasons.BAD_REQUEST, True), outcome
    assert not desk.state.founded
    assert not (desk.state.units_used or desk.state.clients)


def test_units_rest_until_two_twins_hold_the_vendors_word_for_this_ledger() -> None:
    desk, _ = restore(intent())
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, COUNTED, SEATS))).ok
    assert desk.do(check_out("seat", product_code=21)).ok
    refused = desk.do(check_out())
    assert refused.reason == reasons.UNITS_UNCONFIRMED
    assert "rests, since this system was restored" in refused.detail
    confirm(desk, 1, 2, 3, ledger_id=b"another ledger".hex())
    assert desk.do(check_out()).reason == reasons.UNITS_UNCONFIRMED
    confirm(desk, 1, sequence=3)
    assert desk.do(check_out()).reason == reasons.UNITS_UNCONFIRMED
    confirm(desk, 2, sequence=3)
    grant = desk.do(check_out())
    assert (grant.reason, grant.units_left) == (reasons.GRANTED, 70)
    assert not units_rest(desk.state, FIRM)


def test_a_blocked_twins_word_does_not_count() -> None:
    desk, _ = restore(intent(block_list=b""))
    confirm(desk, 1, 2, sequence=1)
    assert not units_rest(desk.state, FIRM)
    blocked = Blocked("130-12345672", "1", "stolen")
    desk.state.set_block_list(replace(LIST, number=9, blocked=(blocked,)))
    assert units_rest(desk.state, FIRM)


def test_units_are_never_at_rest_in_a_ledger_that_was_not_restored() -> None:
    desk = founded(COUNTED)
    assert desk.state.block_list == NO_BLOCK_LIST
    assert not units_rest(desk.state, FIRM)


def test_generations_leap_over_all_that_the_lost_ledger_granted() -> None:
    lost = founded(SEATS)
    grant = lost.do(check_out(product_code=21))
    desk, _ = restore(intent())
    for twin in (1, 2, 3):
        desk.do(import_of(update_of(twin, COUNTED, SEATS)))
    again = desk.do(check_out(product_code=21))
    assert again.generation > grant.generation + GENERATION_LEAP
    late = c.CheckIn(c.LeaseRef("cert:ada", "lease"), grant.generation)
    assert desk.do(late).reason == reasons.OLD_GENERATION


def test_the_mark_tells_what_is_restored_and_not_who_said_so() -> None:
    assert mark_of(c.Found(b"l", "131-1", STORES)) == b""
    assert mark_of(intent()) == mark_of(intent(who="adam", why="flood"))
    assert mark_of(intent()) != mark_of(intent(units_used=()))
    assert mark_of(intent()) != mark_of(replace(intent(), virtual_serial="131-2"))


def test_an_update_says_nothing_of_units_unless_asked() -> None:
    assert FirmItem(firm_code=1, firm_name="", sequence=1).units_confirmed == ""
