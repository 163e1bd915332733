"""The life of a lease, cell by cell of the table in the machine's header."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.licences import commands as c
from appliance.licences import reasons, seats, state
from appliance.licences.grants import Line, item_hash
from appliance.licences.model import LicenceKey
from appliance.licences.names import tag_of
from tests.unit.licences.builders import (
    FIRM,
    HOLDER,
    KEY,
    KEY_OF_NAMES,
    NOW_MS,
    NOW_S,
    PRODUCT,
    STORES,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

REF = c.LeaseRef("cert:ada", "lease")


def ended(how: type[c.Command]) -> tuple[Desk, int]:
    """A desk whose usual lease was ended by this kind of command, and the lease's generation."""
    desk = founded(product(units=10))
    generation = desk.do(check_out()).generation
    assert desk.do(ender(how, generation)).reason == reasons.DONE
    return desk, generation


def ender(how: type[c.Command], generation: int) -> Any:
    if how is c.Release:
        return c.Release(REF, generation, "olga", "left the company")
    return (c.CheckIn if how is c.CheckIn else c.Expire)(REF, generation)


# --- founding ---


def test_nothing_works_before_the_ledger_is_founded():
    desk = Desk()
    for command in (check_out(), c.Tick(), c.Enrol("x", b"", "", ""), import_of(update_of(1))):
        assert desk.do(command).reason == reasons.NOT_FOUNDED
    assert not desk.state.founded
    assert desk.state.commands_applied == 4


def test_a_ledger_is_founded_once():
    desk = founded()
    outcome = desk.do(c.Found(b"other", "131-99999999", STORES))
    assert outcome.reason == reasons.ALREADY_FOUNDED
    assert (desk.state.ledger_id, desk.state.virtual_serial) == (b"ledger", "131-12345678")


@pytest.mark.parametrize(
    ("ledger_id", "serial"),
    [(b"", "131-1"), (b"x" * 65, "131-1"), (b"x", "130-1"), (b"x", "7-1"), (b"x", "")],
)
def test_a_ledger_needs_an_id_and_a_virtual_serial(ledger_id, serial):
    desk = Desk()
    assert desk.do(c.Found(ledger_id, serial, STORES)).reason == reasons.BAD_REQUEST
    assert not desk.state.founded


# --- check-out ---


def test_a_check_out_takes_a_seat_and_names_its_terms():
    item = product(
        units=7, lease_ttl_s=30, receipt_valid_s=90, feature_map=6, expires_at_s=NOW_S + 100
    )
    desk = founded(item)
    outcome = desk.do(check_out())
    assert outcome == c.Outcome(
        reasons.GRANTED,
        kind="granted",
        mode="user-limit",
        role="main",
        firm_code=FIRM,
        generation=desk.state.commands_applied,
        seats=1,
        features=6,
        valid_for_s=90,
        lease_ttl_s=30,
        ends_at_ms=(NOW_S + 100) * 1000,
        units_left=7,
        lines=(Line(PRODUCT, 1, 1, item_hash(FIRM, item)),),
    )
    assert outcome.key == KEY
    lease = desk.state.lease(REF)
    assert lease is not None
    assert (lease.generation, lease.granted_at_ms) == (outcome.generation, NOW_MS)
    assert desk.state.in_use(KEY) == 1
    assert list(desk.state.active_leases("cert:ada")) == [lease]
    assert list(desk.state.active_leases("cert:bob")) == []


def test_a_repeat_gets_the_first_answer_and_no_second_seat():
    desk = founded(product())
    first = desk.do(check_out())
    assert desk.do(check_out(nonce=b"another nonce")) == first
    assert desk.state.in_use(KEY) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"product_code": PRODUCT + 1},
        {"firm_code": FIRM + 1},
        {"secret_hash": b"t" * 32},
        {"holder": c.Holder(tag_of(KEY_OF_NAMES, "eve"), HOLDER.host, 7, HOLDER.application)},
    ],
)
def test_another_body_under_the_same_key_is_a_conflict(fields):
    desk = founded(product())
    desk.do(check_out())
    assert desk.do(check_out(**fields)).reason == reasons.LEASE_CONFLICT
    assert desk.state.in_use(KEY) == 1


def test_the_same_id_of_another_client_is_another_lease():
    desk = founded(product())
    assert desk.do(check_out()).generation != desk.do(check_out(client="cert:bob")).generation
    assert desk.state.in_use(KEY) == 2


def test_seats_come_from_the_lowest_tmr_id_that_has_one():
    desk = founded(
        product(tmr_id=3),
        product(tmr_id=1, quantity=1),
        product(tmr_id=2, expires_at_s=NOW_S),
    )
    keys = [desk.do(check_out(name)).key for name in ("a", "b")]
    assert keys == [LicenceKey(FIRM, PRODUCT, 1), LicenceKey(FIRM, PRODUCT, 3)]


def test_refusals_come_in_their_order():
    desk = founded(product(quantity=1, expires_at_s=NOW_S + 10))
    assert desk.do(check_out(product_code=99)).reason == reasons.UNKNOWN_PRODUCT
    assert desk.do(check_out("a")).ok
    assert desk.do(check_out("b")).reason == reasons.NO_SEAT_FREE
    desk.now_ms += 10_000
    assert desk.do(check_out("b")).reason == reasons.EXPIRED
    assert desk.do(check_out("a")).reason == reasons.EXPIRED, "renewal ends with the licence"
    assert desk.state.lease(c.LeaseRef("cert:ada", "a")) is not None


def test_a_refused_check_out_is_not_remembered():
    desk = founded(product(quantity=1))
    generation = desk.do(check_out("a")).generation
    assert desk.do(check_out("b")).reason == reasons.NO_SEAT_FREE
    desk.check_in(generation, "a")
    assert desk.do(check_out("b")).ok


def test_one_constituent_is_no_licence():
    assert founded(product(), twins=(2,)).do(check_out()).reason == reasons.UNKNOWN_PRODUCT


@pytest.mark.parametrize(
    ("before_end_ms", "valid_for_s"),
    [(900_000, 600), (600_000, 600), (599_999, 599), (1_000, 1), (999, 0)],
)
def test_no_receipt_outlives_the_licence(before_end_ms, valid_for_s):
    desk = founded(product(expires_at_s=NOW_S))
    desk.now_ms = NOW_MS - before_end_ms
    assert desk.do(check_out()).valid_for_s == valid_for_s
    assert desk.do(check_out(nonce=b"")).valid_for_s == valid_for_s


def test_the_table_of_leases_is_bounded(monkeypatch):
    monkeypatch.setattr(seats, "LEASES_MAX", 2)
    monkeypatch.setattr(seats, "LEASES_KEPT", 0)
    desk = founded(product())
    assert [desk.do(check_out(name)).reason for name in "abca"] == [
        reasons.GRANTED,
        reasons.GRANTED,
        reasons.TOO_MANY_LEASES,
        reasons.GRANTED,
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"lease": c.LeaseRef("cert:ada", "x" * 257)},
        {"lease": c.LeaseRef("c" * 257, "x")},
        {"secret_hash": bytes(33)},
        {"nonce": bytes(65)},
        {"holder": c.Holder(user=bytes(17))},
        {"holder": c.Holder(host=bytes(17))},
        {"holder": c.Holder(application=bytes(17))},
    ],
)
def test_an_oversize_check_out_is_refused(fields):
    desk = founded(product())
    assert desk.do(check_out(**fields)).reason == reasons.BAD_REQUEST
    assert not desk.state.leases


# --- units ---


def test_units_are_taken_once_per_number():
    desk = founded(product(units=10))
    generation = desk.do(check_out()).generation
    first = desk.consume(generation, 1, 4, nonce=b"a")
    assert (first.reason, first.units_taken, first.units_left) == (reasons.GRANTED, 4, 6)
    assert desk.consume(generation, 1, 4, nonce=b"b") == first
    assert desk.consume(generation, 1, 5).reason == reasons.LEASE_CONFLICT
    assert desk.state.units_left(KEY) == 6
    assert desk.do(check_out()).units_left == 6, "a renewed receipt vouches for the present"


def test_the_last_eight_answers_are_remembered():
    desk = founded(product(units=100))
    generation = desk.do(check_out()).generation
    answers = [desk.consume(generation, number) for number in range(1, 11)]
    assert [desk.consume(generation, number) for number in range(3, 11)] == answers[2:]
    for number in (2, 1, 0, -1, 12, 2**63):
        assert desk.consume(generation, number).reason == reasons.OUT_OF_ORDER
    assert desk.state.units_left(KEY) == 90


def test_a_refused_number_is_used_up_and_stays_refused():
    desk = founded(product(units=3))
    generation = desk.do(check_out()).generation
    refused = desk.consume(generation, 1, 4)
    assert refused.reason == reasons.UNITS_EXHAUSTED
    assert desk.state.units_left(KEY) == 3
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, product(units=9), sequence=2))).ok
    assert desk.consume(generation, 1, 4) == refused
    assert desk.consume(generation, 2, 4).units_left == 5


def test_units_never_fall_below_zero_even_if_the_vendor_lowers_them():
    desk = founded(product(units=9))
    generation = desk.do(check_out()).generation
    assert desk.consume(generation, 1, 9).units_left == 0
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, product(units=2), sequence=2))).ok
    assert desk.state.units_left(KEY) == 0
    assert desk.consume(generation, 2).reason == reasons.UNITS_EXHAUSTED


@pytest.mark.parametrize("units", [0, -1, -(2**63)])
def test_less_than_one_unit_is_refused_and_uses_up_no_number(units):
    desk = founded(product(units=9))
    generation = desk.do(check_out()).generation
    assert desk.consume(generation, 1, units).reason == reasons.BAD_REQUEST
    assert desk.consume(generation, 1).ok


def test_a_licence_without_counter_and_an_expired_one_give_no_units():
    desk = founded(product())
    assert desk.consume(desk.do(check_out()).generation, 1).reason == reasons.NO_UNIT_COUNTER
    desk = founded(product(units=9, expires_at_s=NOW_S + 1))
    generation = desk.do(check_out()).generation
    first = desk.consume(generation, 1)
    desk.now_ms += 1_000
    again = desk.consume(generation, 1)
    assert (again.reason, again.units_taken, again.valid_for_s) == (reasons.GRANTED, 1, 0)
    assert first.valid_for_s == 1
    assert desk.consume(generation, 2).reason == reasons.EXPIRED


def test_consuming_needs_the_lease_and_its_generation():
    desk = founded(product(units=9))
    assert desk.consume(1, 1).reason == reasons.LEASE_UNKNOWN
    generation = desk.do(check_out()).generation
    assert desk.consume(generation - 1, 1).reason == reasons.OLD_GENERATION
    assert desk.consume(generation + 1, 1).reason == reasons.OLD_GENERATION
    assert desk.consume(generation, 1, nonce=bytes(65)).reason == reasons.BAD_REQUEST
    assert desk.state.units_left(KEY) == 9


def test_an_answered_number_is_still_answered_after_the_lease_ended():
    desk = founded(product(units=9))
    generation = desk.do(check_out()).generation
    first = desk.consume(generation, 1, 2)
    desk.check_in(generation)
    again = desk.consume(generation, 1, 2)
    assert (again.reason, again.units_taken, again.units_left) == (reasons.GRANTED, 2, 7)
    assert (first.valid_for_s, again.valid_for_s) == (600, 0)
    assert desk.consume(generation, 2).reason == reasons.LEASE_ENDED
    assert desk.state.units_left(KEY) == 7


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ({"units": 99}, reasons.UNITS_EXHAUSTED),
        ({"now_ms": NOW_MS + 60_000}, reasons.EXPIRED),
        ({"sequence": 2}, reasons.UNKNOWN_PRODUCT),
        ({"units": 1}, reasons.GRANTED),
        ({"units": 0}, reasons.BAD_REQUEST),
        ({"number": 2}, reasons.OUT_OF_ORDER),
        ({"generation": 1}, reasons.OLD_GENERATION),
        ({"lease_id": "other"}, reasons.LEASE_UNKNOWN),
    ],
)
def test_the_listed_answers_use_the_number_up_and_no_others(command, reason):
    desk = founded(product(units=9, expires_at_s=NOW_S + 60))
    generation = desk.do(check_out()).generation
    fields = {"generation": generation, "number": 1, "units": 1, **command}
    desk.now_ms = fields.pop("now_ms", NOW_MS)
    if sequence := fields.pop("sequence", 0):
        for twin in (1, 2):
            assert desk.do(import_of(update_of(twin, sequence=sequence))).ok
    assert desk.consume(**fields).reason == reason
    lease = desk.state.lease(REF)
    assert lease is not None
    assert lease.last_number == (1 if reason in reasons.NUMBER_USED_UP else 0)


# --- ends ---


@pytest.mark.parametrize("how", [c.CheckIn, c.Expire, c.Release])
def test_an_end_frees_the_seat_and_leaves_a_tombstone(how):
    desk, generation = ended(how)
    assert desk.state.in_use(KEY) == 0
    assert desk.state.seats == {}
    assert desk.state.lease(REF) is None
    tombstone = desk.state.ended(REF)
    assert tombstone is not None
    assert tombstone.lease.secret_hash == b"s" * 32
    assert desk.do(check_out()).reason == reasons.LEASE_ENDED
    assert desk.consume(generation, 1).reason == reasons.LEASE_ENDED


@pytest.mark.parametrize("first", [c.CheckIn, c.Expire, c.Release])
@pytest.mark.parametrize("second", [c.CheckIn, c.Expire, c.Release])
def test_only_a_repeated_check_in_is_done_again(first, second):
    desk, generation = ended(first)
    outcome = desk.do(ender(second, generation))
    repeated = first is second is c.CheckIn
    assert outcome.reason == (reasons.DONE if repeated else reasons.LEASE_ENDED)
    assert desk.state.in_use(KEY) == 0


@pytest.mark.parametrize("how", [c.CheckIn, c.Expire, c.Release])
def test_an_end_meant_for_another_generation_has_no_effect(how):
    desk = founded(product())
    assert desk.do(ender(how, 1)).reason == reasons.LEASE_UNKNOWN
    generation = desk.do(check_out()).generation
    for other in (generation - 1, generation + 1, 0):
        assert desk.do(ender(how, other)).reason == reasons.OLD_GENERATION
    assert desk.state.in_use(KEY) == 1
    desk, generation = ended(c.CheckIn)
    assert desk.do(ender(how, generation - 1)).reason == reasons.OLD_GENERATION


def test_after_the_tombstone_the_key_is_free_and_the_old_generation_harmless():
    desk, old = ended(c.CheckIn)
    desk.wait(state.TOMBSTONE_MS - 1)
    assert desk.do(check_out()).reason == reasons.LEASE_ENDED
    desk.now_ms += 1
    assert desk.check_in(old).reason == reasons.LEASE_UNKNOWN
    new = desk.do(check_out()).generation
    assert new > old
    assert desk.check_in(old).reason == reasons.OLD_GENERATION
    assert desk.do(c.Expire(REF, old)).reason == reasons.OLD_GENERATION
    assert desk.state.in_use(KEY) == 1


def test_log_time_set_back_by_certified_tokens_keeps_no_tombstone_for_years():
    desk, _ = ended(c.CheckIn)
    desk.now_ms -= 10**12
    assert desk.do(check_out()).reason == reasons.LEASE_ENDED
    desk.wait(state.TOMBSTONE_MS)
    assert desk.do(check_out()).ok


def test_a_clock_put_right_lets_no_ended_lease_be_granted_again():
    """Else a late repeat of its check-out would take a seat that nobody holds."""
    desk, _ = ended(c.CheckIn)
    desk.now_ms += 10**10
    assert desk.do(check_out()).reason == reasons.LEASE_ENDED
    desk.wait(state.TOMBSTONE_MS - state.AGE_STEP_MS_MAX)
    assert desk.do(check_out()).ok


def test_tombstones_are_pruned_a_few_per_command_and_are_bounded(monkeypatch):
    desk = founded(product(quantity=100))
    for number in range(20):
        desk.check_in(desk.do(check_out(f"l{number}")).generation, f"l{number}")
    rows = desk.state._tombstones
    assert len(rows) == 20
    desk.wait(state.TOMBSTONE_MS)
    desk.do(c.Tick())
    assert len(rows) == 16
    assert desk.state.ended(c.LeaseRef("cert:ada", "l19")) is None, "overdue is as good as gone"
    for _ in range(4):
        desk.do(c.Tick())
    assert rows == {}
    monkeypatch.setattr(state, "TOMBSTONES_MAX", 5)
    for number in range(20):
        desk.check_in(desk.do(check_out(f"m{number}")).generation, f"m{number}")
        assert len(rows) <= 6
    assert desk.state.ended(c.LeaseRef("cert:ada", "m19")) is not None


def test_a_key_used_again_before_its_tombstone_was_pruned_keeps_the_new_one():
    desk = founded(product(quantity=100))
    for number in range(10):
        desk.check_in(desk.do(check_out(f"l{number}")).generation, f"l{number}")
    desk.wait(state.TOMBSTONE_MS)
    generation = desk.do(check_out("l9")).generation
    assert desk.check_in(generation, "l9").ok
    assert len(desk.state._ended_order) == 3, "l8, and l9 twice"
    for _ in range(3):
        desk.do(c.Tick())
    assert desk.check_in(generation, "l9").ok
    desk.wait(state.TOMBSTONE_MS)
    desk.do(c.Tick())
    assert not desk.state._tombstones
    assert not desk.state._ended_order
