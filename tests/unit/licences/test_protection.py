"""A licence works in containers of the kind that its vendor wants, and in no others."""

from __future__ import annotations

import pytest

from appliance.ledger.replica.objections import objections_to
from appliance.licences.commands import Found
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.protection import CONTAINERS, fits
from appliance.licences.serials import Kind
from appliance.licences.validity import why_refused
from tests.unit.ledger.test_objections import OwnContainer
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    NOW_MS,
    STORES,
    Desk,
    check_out,
    import_of,
    product,
    update_of,
)

FILE, LOOSE, STRICT, DONGLE = "130-12345671", "129-12345672", "128-12345673", "1-12345674"


def desk_of(item: ProductItem, *serials: str) -> Desk:
    """A ledger whose three containers have these serials, and hold this."""
    desk = Desk()
    assert desk.do(Found(b"ledger", "131-12345678", STORES)).ok
    for twin, serial in enumerate(serials, 1):
        name, _, binding = serial.partition(" ")
        assert desk.do(import_of(update_of(twin, item, serial=name, binding=binding))).ok
    return desk


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ("any", {Kind.ANY, Kind.BOUND, Kind.HARDWARE}),
        ("bound", {Kind.BOUND, Kind.HARDWARE}),
        ("hardware", {Kind.HARDWARE}),
    ],
)
def test_a_firmer_container_does_for_a_looser_wish(wanted: str, kinds: set[Kind]) -> None:
    assert {kind for kind in Kind if fits(product(containers=wanted), kind)} == kinds
    assert wanted in CONTAINERS


@pytest.mark.parametrize(
    ("wanted", "serials", "fitting"),
    [
        ("any", (FILE, "130-2", "130-3"), (FILE, "130-2", "130-3")),
        ("bound", (FILE, LOOSE, STRICT), (LOOSE, STRICT)),
        ("bound", (DONGLE, LOOSE, STRICT), (DONGLE, LOOSE, STRICT)),
        ("bound", ("130-1 tpm", "130-2 tpm", FILE), ("130-1", "130-2")),
        ("hardware", ("130-1 tpm", "130-2 tpm", DONGLE), (DONGLE,)),
        ("bound", (FILE, "130-2", STRICT), (STRICT,)),
        ("hardware", (DONGLE, "2-7", FILE), (DONGLE, "2-7")),
        ("hardware", (DONGLE, LOOSE, STRICT), (DONGLE,)),
        ("hardware", (FILE, LOOSE, STRICT), ()),
    ],
)
def test_two_containers_of_the_wanted_kind_do(
    wanted: str, serials: tuple[str, ...], fitting: tuple[str, ...]
) -> None:
    desk = desk_of(product(containers=wanted), *serials)
    licence = desk.state.view[KEY]
    assert licence.fitting == fitting
    assert licence.available
    outcome = desk.do(check_out())
    works = len(fitting) >= 2
    assert outcome.reason == ("granted" if works else "containers-not-bound")
    reachable = [serial.partition(" ")[0] for serial in serials]
    assert why_refused(desk.state, licence, reachable) == ("" if works else "containers-not-bound")


def test_those_that_do_not_fit_count_for_nothing() -> None:
    """A pair of containers that vouch has to fit, or programs refuse what they vouch for."""
    item = product(containers="bound")
    desk = desk_of(item, FILE, LOOSE, STRICT)
    licence, outcome = desk.state.view[KEY], desk.do(check_out())
    assert not licence.available_among((FILE, LOOSE))
    assert licence.available_among((STRICT, LOOSE))
    for serial, objected in ((FILE, (0,)), (LOOSE, ()), (STRICT, ())):
        own = OwnContainer({1: item}, serial)
        assert objections_to((outcome,), own, desk.state, NOW_MS) == objected


def test_a_lease_whose_containers_fit_no_more_gets_no_new_receipt() -> None:
    desk = desk_of(product(), FILE, LOOSE, STRICT)
    assert desk.do(check_out()).ok
    hard = product(containers="hardware")
    for twin, serial in enumerate((FILE, LOOSE, STRICT), 1):
        assert desk.do(import_of(update_of(twin, hard, sequence=2, serial=serial))).ok
    assert desk.do(check_out()).reason == "containers-not-bound"
    assert LicenceKey(FIRM, 20, 1) in desk.state.items
