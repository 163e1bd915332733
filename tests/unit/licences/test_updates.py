"""Licence updates: what applies, what is a repeat, and what is refused with which words."""

from __future__ import annotations

import msgspec
import pytest

from appliance.licences import commands as c
from appliance.licences import reasons, updates
from appliance.licences.machine import Machine
from appliance.licences.model import FirmItem, ReturnedItem
from appliance.licences.updates import FIRMS_MAX, RETURNED_MAX
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)


def refused(desk: Desk, command: c.ImportUpdate) -> str:
    """The detail of a refusal that changed no table."""
    before = tables(desk)
    outcome = desk.do(command)
    assert outcome.reason == reasons.UPDATE_REFUSED
    assert tables(desk) == before
    assert outcome.detail
    return outcome.detail


def tables(desk: Desk) -> tuple[object, ...]:
    state = desk.state
    return dict(state.containers), dict(state.view), state.acts()


def test_a_licence_appears_with_the_second_constituent():
    desk = founded(product(), twins=(1,))
    assert not desk.state.view[KEY].available
    assert desk.do(import_of(update_of(3, product()))).ok
    assert desk.state.view[KEY].available
    assert desk.state.items == {KEY: product()}


def test_the_same_update_again_is_done_without_effect():
    desk = founded(product())
    before = tables(desk)
    outcome = desk.do(import_of(update_of(1, product())))
    assert outcome.reason == reasons.DONE
    assert "already imported" in outcome.detail
    assert tables(desk) == before


def test_a_newer_update_replaces_the_firm_item_and_no_other():
    desk = founded(product())
    for twin in (1, 2, 3):
        other = update_of(twin, product(), firm_code=9)
        assert desk.do(import_of(other)).ok
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, product(quantity=3), sequence=2))).ok
    assert desk.state.items[KEY].quantity == 3
    assert desk.state.view[KEY].differing == {"130-12345673": ("quantity",)}
    assert len(desk.state.items) == 2
    container = desk.state.containers["130-12345671"]
    assert [firm.firm_code for firm in container.firms] == [9, FIRM]


@pytest.mark.parametrize(
    ("update", "words"),
    [
        (update_of(1, product(), sequence=4), "does not follow on 2; import 3 first"),
        (update_of(1, product(), sequence=1), "older than update 2"),
        (update_of(1, product(quantity=99), sequence=2), "other content than the update 2"),
        (update_of(1, sequence=3, cmact_id="B"), "CmActID B, but this ledger serves A"),
        (update_of(2, sequence=3, serial="130-12345671"), "is twin 1, but the update says twin 2"),
        (update_of(1, sequence=3, certificate=b"x"), "another certificate for container"),
        (update_of(1, serial="130-99999999"), "says it is twin 1, which is container 130-12345671"),
        (update_of(4), "impossible twin"),
        (update_of(0), "is certified to stand alone"),
        (update_of(1, sequence=0), "impossible sequence"),
        (update_of(1, serial="77-12345678"), "unknown mask 77"),
        (update_of(1, serial="up1"), "is no container serial"),
        (update_of(1, serial="131-12345678"), "is virtual"),
        (update_of(1, cmact_id=""), "impossible CmActID"),
        (update_of(1, certificate=b"x" * 9000), "impossible certificate"),
        (update_of(1, firm_code=0), "impossible firm code"),
        (update_of(1, firm_code=2**32), "impossible firm code"),
        (update_of(1, product(), product(text="b"), sequence=3), "stands twice in the update"),
        (update_of(1, product(product_code=-1), sequence=3), "impossible product code"),
        (update_of(1, product(tmr_id=-1), sequence=3), "impossible TMR-ID"),
        (update_of(1, product(quantity=-1), sequence=3), "impossible licence quantity"),
        (update_of(1, product(units=-1), sequence=3), "impossible unit counter"),
        (update_of(1, product(expires_at_s=-1), sequence=3), "impossible expiration time"),
        (update_of(1, product(lease_ttl_s=0), sequence=3), "impossible lease lifetime"),
        (update_of(1, product(receipt_valid_s=2**33), sequence=3), "impossible receipt period"),
        (update_of(1, product(text="x" * 257), sequence=3), "impossible text"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(update, words):
    desk = founded(product())
    assert desk.do(import_of(update_of(1, product(quantity=5), sequence=2))).ok
    assert words in refused(desk, import_of(update))


def test_a_first_update_must_have_sequence_1():
    desk = founded(product(), twins=(1,))
    assert "import 1 first" in refused(desk, import_of(update_of(2, sequence=2)))


def test_a_container_holds_a_bounded_number_of_firms():
    desk = founded()
    for firm_code in range(1, FIRMS_MAX):
        assert desk.do(import_of(update_of(1, firm_code=firm_code))).ok
    assert "already holds 256 firm items" in refused(desk, import_of(update_of(1, firm_code=999)))


def test_a_firm_item_holds_a_bounded_number_of_products(monkeypatch):
    monkeypatch.setattr(updates, "ITEMS_MAX", 1)
    desk = founded(product())
    crowded = update_of(1, product(), product(tmr_id=2), sequence=2)
    assert "impossible number of product items" in refused(desk, import_of(crowded))


def test_the_bounds_admit_the_largest_values_that_bytes_can_hold():
    item = product(quantity=2**53 - 1, units=2**53 - 1, feature_map=2**53 - 1, tmr_id=2**32 - 1)
    assert founded(item).do(c.Tick()).ok


def test_what_the_reader_refuses_is_refused():
    desk = founded(product())
    data = msgspec.msgpack.encode(update_of(1, sequence=2))
    for damaged in (b"", data[:-1], b"\xff" + data[1:]):
        assert "cannot be read" in refused(desk, c.ImportUpdate(damaged, "olga"))


def test_a_defective_reader_is_a_refusal_too():
    def broken(data: bytes) -> object:
        raise KeyError(data)

    desk = founded(product())
    desk.machine = Machine(broken)  # type: ignore[arg-type]
    assert "KeyError" in refused(desk, c.ImportUpdate(b"x", "olga"))


def test_a_lowered_quantity_ends_no_lease_and_grants_none():
    desk = founded(product(quantity=2))
    first = [desk.do(c_out).generation for c_out in _two_check_outs()]
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, product(quantity=1), sequence=2))).ok
    assert desk.state.in_use(KEY) == 2
    assert [desk.do(c_out).generation for c_out in _two_check_outs()] == first
    third = c.CheckOut(c.LeaseRef("cert:ada", "c"), FIRM, 20, b"", c.Holder(), b"")
    assert desk.check_in(first[0], "a").ok
    assert desk.do(third).reason == reasons.NO_SEAT_FREE
    assert desk.check_in(first[1], "b").ok
    assert desk.do(third).ok


def _two_check_outs() -> list[c.CheckOut]:
    return [
        c.CheckOut(c.LeaseRef("cert:ada", name), FIRM, 20, b"", c.Holder(), b"")
        for name in ("a", "b")
    ]


def test_a_removed_licence_keeps_its_leases_but_vouches_for_none():
    desk = founded(product(units=5))
    grant = desk.do(_two_check_outs()[0])
    for twin in (1, 2):
        assert desk.do(import_of(update_of(twin, sequence=2))).ok
    assert desk.do(_two_check_outs()[0]).reason == reasons.UNKNOWN_PRODUCT
    assert desk.consume(grant.generation, 1, lease_id="a").reason == reasons.UNKNOWN_PRODUCT
    assert desk.state.in_use(KEY) == 1
    assert desk.check_in(grant.generation, "a").ok


def test_the_firm_of_an_update_may_be_empty():
    assert FirmItem(firm_code=1, firm_name="", sequence=1).items == ()
    assert founded().state.view == {}


def returning(twin: int, *returned: tuple[int, int], sequence: int = 2) -> c.ImportUpdate:
    """An update without items, which names these as given back."""
    named = tuple(ReturnedItem(*one) for one in returned)
    firm = FirmItem(firm_code=FIRM, firm_name="Firm", sequence=sequence, returned=named)
    return import_of(update_of(twin, firm=firm))


def test_the_first_container_that_lets_go_ends_a_licence_that_was_given_back():
    desk = founded(product())
    assert desk.state.items == {KEY: product()}
    assert desk.do(returning(2, (KEY.product_code, KEY.tmr_id))).ok
    assert (desk.state.items, desk.state.view) == ({}, {})
    assert desk.do(check_out()).reason == reasons.UNKNOWN_PRODUCT


@pytest.mark.parametrize(
    "returned",
    [
        [(-1, 1)],
        [(2**32, 1)],
        [(1, 0)],
        [(1, 2**32)],
        [(1, number) for number in range(1, RETURNED_MAX + 2)],
    ],
    ids=["low product", "high product", "no TMR-ID", "high TMR-ID", "too many"],
)
def test_impossible_returns_are_refused(returned):
    assert "returned licence" in refused(founded(product()), returning(1, *returned))
