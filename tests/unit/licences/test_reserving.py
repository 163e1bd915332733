"""Units that are reserved, settled and refunded: exactly once each, whoever repeats it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
import pytest

from appliance.licences import commands as c
from appliance.licences import reasons, unit_books
from appliance.licences import state as state_module
from appliance.licences.machine import Machine
from appliance.licences.model import LicenceKey
from appliance.licences.records import OPEN
from appliance.licences.reserving import RESERVED_MAX
from appliance.licences.settlements import settle_bytes
from appliance.licences.snapshot import dump, load
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    PRODUCT,
    Desk,
    check_out,
    founded,
    product,
    read_update,
)

REF = c.LeaseRef("cert:ada", "lease")
KEY_2 = LicenceKey(FIRM, PRODUCT, 2)
SETTLE_KEY = b"k" * 32


def signed(key: bytes, data: bytes) -> bytes:
    """What stands for an Ed25519 signature."""
    return blake2b(data, key=key, digest_size=64).digest()


def machine() -> Machine:
    return Machine(read_update, store=lambda key, data, said: signed(key, data) == said)


def counted(*items: Any, **fields: Any) -> tuple[Desk, int]:
    """A ledger with these licences (or one with 100 units), and a lease; its generation, too."""
    desk = founded(*(items or (product(**{"units": 100} | fields),)))
    desk.machine = machine()
    return desk, desk.do(check_out()).generation


def reserve(desk: Desk, generation: int, number: int, units: int, key: bytes = SETTLE_KEY) -> Any:
    return desk.do(c.Consume(REF, generation, number, units, b"", 0, key))


def settlement(desk: Desk, generation: int, number: int, used: int, **changes: Any) -> c.Settle:
    said = signed(SETTLE_KEY, settle_bytes(desk.state.ledger_id, generation, number, used))
    command = c.Settle(REF, generation, number, used, said)
    return msgspec.structs.replace(command, **changes)


def settle(desk: Desk, generation: int, number: int, used: int) -> c.Outcome:
    return desk.do(settlement(desk, generation, number, used))


def used(desk: Desk, key: LicenceKey = KEY) -> int:
    return desk.state.units_used.get(key, 0)


def test_what_was_not_used_is_given_back_once() -> None:
    desk, generation = counted()
    assert reserve(desk, generation, 1, 50).units_left == 50
    outcome = settle(desk, generation, 1, 37)
    assert (outcome.reason, outcome.units_taken, used(desk)) == (reasons.DONE, 37, 37)
    assert desk.state.leases[REF].units_taken == 37
    for _ in range(2):
        assert settle(desk, generation, 1, 37) == outcome, "a repeat changes nothing"
    other = settle(desk, generation, 1, 12)
    assert (other.reason, used(desk)) == (reasons.LEASE_CONFLICT, 37)
    assert "settled before, with 37 units used" in other.detail


@pytest.mark.parametrize("amount", [0, 50])
def test_all_or_nothing_may_have_been_used(amount: int) -> None:
    desk, generation = counted()
    reserve(desk, generation, 1, 50)
    assert settle(desk, generation, 1, amount).ok
    assert used(desk) == amount
    assert (KEY in desk.state.units_used) == bool(amount), "absent at zero"


def test_a_repeated_reservation_takes_nothing_twice() -> None:
    desk, generation = counted()
    first = reserve(desk, generation, 1, 50)
    assert reserve(desk, generation, 1, 50) == first
    settle(desk, generation, 1, 10)
    late = reserve(desk, generation, 1, 50)
    assert (late.ok, late.units_taken, used(desk)) == (True, 50, 10), "a late duplicate"
    for key in (b"", b"l" * 32):
        assert reserve(desk, generation, 1, 50, key).reason == reasons.LEASE_CONFLICT
    desk.consume(generation, 2, 5)
    assert reserve(desk, generation, 2, 5).reason == reasons.LEASE_CONFLICT, "it was no reservation"
    assert used(desk) == 15


def test_nobody_else_settles() -> None:
    """A TMR host that is hijacked sees everything but the client's key."""
    desk, generation = counted()
    reserve(desk, generation, 1, 50)
    honest = settlement(desk, generation, 1, 37)
    forged = (
        msgspec.structs.replace(honest, used=0),
        msgspec.structs.replace(honest, signature=bytes(64)),
        msgspec.structs.replace(honest, signature=b""),
        msgspec.structs.replace(honest, signature=honest.signature + b"x"),
    )
    for command in forged:
        outcome = desk.do(command)
        assert (outcome.reason, used(desk)) == (reasons.NOT_PROVEN, 50)
    reserve(desk, generation, 2, 40)
    assert desk.do(msgspec.structs.replace(honest, number=2)).reason == reasons.NOT_PROVEN
    assert desk.do(honest).ok


def test_more_than_was_reserved_is_refused_by_name() -> None:
    desk, generation = counted()
    reserve(desk, generation, 1, 50)
    for amount in (51, -1):
        signature = bytes(64)
        outcome = desk.do(c.Settle(REF, generation, 1, amount, signature))
        assert outcome.reason == reasons.BEYOND_RESERVE
        assert f"reserved 50 units, and {amount} are said" in outcome.detail
    assert used(desk) == 50


def test_what_is_no_reservation_is_not_settled() -> None:
    desk, generation = counted()
    desk.consume(generation, 1, 50)
    for number in (1, 2):
        assert settle(desk, generation, number, 0).reason == reasons.NOT_RESERVED
    assert settle(desk, generation + 1, 1, 0).reason == reasons.OLD_GENERATION
    assert used(desk) == 50


def test_a_settled_reservation_is_remembered_as_long_as_its_answer() -> None:
    desk, generation = counted()
    reserve(desk, generation, 1, 2)
    settle(desk, generation, 1, 1)
    for number in range(2, 2 + state_module.ANSWERS_MAX):
        assert settle(desk, generation, 1, 1).ok
        reserve(desk, generation, number, 1)
    assert settle(desk, generation, 1, 0).reason == reasons.NOT_RESERVED
    assert used(desk) == 1 + state_module.ANSWERS_MAX


def test_too_many_open_reservations_use_no_number_up() -> None:
    desk, generation = counted()
    for number in range(1, RESERVED_MAX + 1):
        assert reserve(desk, generation, number, 1).ok
    full = reserve(desk, generation, RESERVED_MAX + 1, 1)
    assert full.reason == reasons.TOO_MANY_RESERVED
    assert settle(desk, generation, 1, 0).ok, "however many came after it"
    assert reserve(desk, generation, RESERVED_MAX + 1, 1).ok
    assert len(desk.state.leases[REF].reserved) <= RESERVED_MAX + state_module.ANSWERS_MAX


@pytest.mark.parametrize(("rule", "stays"), [("taken", 50), ("returned", 0)])
@pytest.mark.parametrize("ends", [c.CheckIn, c.Expire])
def test_at_the_leases_end_what_is_open_is_settled_as_the_vendor_says(
    rule: str, stays: int, ends: Any
) -> None:
    desk, generation = counted(unsettled_units=rule)
    reserve(desk, generation, 1, 50)
    reserve(desk, generation, 2, 20)
    settle(desk, generation, 2, 5)
    assert desk.do(ends(REF, generation)).ok
    assert used(desk) == stays + 5
    late = settle(desk, generation, 1, 37)
    assert (late.reason, used(desk)) == (reasons.LEASE_ENDED, stays + 5)
    assert settle(desk, generation, 2, 5).ok, "what was settled before is told again"
    assert not any(taking.unsettled for taking in desk.state.takings.values())


def test_units_of_several_licences_go_back_in_the_opposite_order() -> None:
    desk, generation = counted(product(units=3), product(tmr_id=2, units=100))
    assert reserve(desk, generation, 1, 5).units_left == 98
    assert (used(desk), used(desk, KEY_2)) == (3, 2)
    settle(desk, generation, 1, 2)
    assert (used(desk), used(desk, KEY_2)) == (2, 0)


def test_each_licence_has_its_own_rule_at_the_end() -> None:
    desk, generation = counted(
        product(units=3), product(tmr_id=2, units=100, unsettled_units="returned")
    )
    reserve(desk, generation, 1, 5)
    desk.check_in(generation)
    assert (used(desk), used(desk, KEY_2)) == (3, 0)


# --- refunds ---


def refund(desk: Desk, taking: int, units: int, why: str = "the press jammed") -> c.Outcome:
    return desk.do(c.Refund(taking, units, "cert:olga", why))


def test_an_operator_refunds_once_and_it_is_on_record() -> None:
    desk, generation = counted(refundable_units=60)
    desk.consume(generation, 1, 50)
    desk.check_in(generation)
    desk.wait(state_module.TOMBSTONE_MS)
    desk.do(c.Tick())
    assert desk.state.ended(REF) is None, "nobody remembers the lease any more"
    outcome = refund(desk, 1, 30)
    assert (outcome.ok, outcome.units_taken, used(desk)) == (True, 20, 20)
    act = desk.state.acts()[-1]
    assert (act.action, act.who, act.why) == ("refund", "cert:olga", "the press jammed")
    assert act.subject == "30 units of cert:ada/lease"
    assert refund(desk, 1, 30) == outcome, "the same request again is answered again"
    second = refund(desk, 1, 20)
    assert (second.reason, used(desk)) == (reasons.NO_REFUND, 20)
    assert "30 units taken under 1 were refunded already" in second.detail
    assert len([act for act in desk.state.acts() if act.action == "refund"]) == 1


@pytest.mark.parametrize(
    ("taking", "units", "words"),
    [
        (2, 1, "nothing is known of units taken under 2"),
        (1, 51, "50 units were taken under 1, and 51 are to be refunded"),
        (1, 0, "50 units were taken"),
        (1, -1, "50 units were taken"),
        (1, 41, "allows 40 more units to be refunded"),
    ],
)
def test_what_cannot_be_refunded_says_why(taking: int, units: int, words: str) -> None:
    desk, generation = counted(refundable_units=40)
    desk.consume(generation, 1, 50)
    outcome = refund(desk, taking, units)
    assert (outcome.reason, words in outcome.detail) == (reasons.NO_REFUND, True), outcome
    assert (used(desk), desk.state.units_refunded) == (50, {})


def test_no_vendor_is_made_to_allow_refunds() -> None:
    desk, generation = counted()
    desk.consume(generation, 1, 50)
    assert "allows 0 more" in refund(desk, 1, 1).detail


def test_all_refunds_of_a_licence_come_to_what_its_vendor_allows() -> None:
    desk, generation = counted(refundable_units=10)
    for number in (1, 2, 3):
        desk.consume(generation, number, 6)
    assert refund(desk, 1, 6).ok
    assert "allows 4 more" in refund(desk, 2, 5).detail
    assert refund(desk, 2, 4).ok
    assert "allows 0 more" in refund(desk, 3, 1).detail
    assert (used(desk), desk.state.units_refunded) == (8, {KEY: 10})


def test_a_reservation_is_refunded_once_it_is_settled() -> None:
    desk, generation = counted(refundable_units=100)
    reserve(desk, generation, 1, 50)
    assert "not settled yet" in refund(desk, 1, 10).detail
    settle(desk, generation, 1, 30)
    assert "30 units were taken under 1" in refund(desk, 1, 31).detail
    assert refund(desk, 1, 30).ok
    assert used(desk) == 0
    assert settle(desk, generation, 1, 30).ok
    assert used(desk) == 0


def test_what_is_forgotten_is_not_refunded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_books, "TAKINGS_MAX", 3)
    desk, generation = counted(refundable_units=100)
    for number in range(1, 6):
        desk.consume(generation, number, 1)
    assert sorted(desk.state.takings) == [3, 4, 5]
    assert "nothing is known" in refund(desk, 2, 1).detail
    assert refund(desk, 3, 1).ok


def test_it_survives_undoing_and_snapshots() -> None:
    desk, generation = counted(refundable_units=100)
    reserve(desk, generation, 1, 50)
    before = desk.state.fingerprint()
    desk.state.take_changes()
    settle(desk, generation, 1, 30)
    refund(desk, 1, 10)
    after = desk.state.fingerprint()
    assert load(dump(desk.state)).fingerprint() == after
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before
    assert desk.state.leases[REF].reserved[0].used == OPEN
