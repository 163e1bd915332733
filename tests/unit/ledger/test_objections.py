"""An upstream objects to a grant if any of its lines fails here, and to no other grant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from appliance.ledger.replica.objections import objections_to
from appliance.licences.commands import Outcome
from appliance.licences.grants import Line
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.reasons import NO_SEAT_FREE
from tests.unit.licences.builders import (
    FIRM,
    NOW_MS,
    NOW_S,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

ITEMS = {
    tmr_id: product(tmr_id=tmr_id, feature_map=3, expires_at_s=NOW_S + 100) for tmr_id in (1, 2, 3)
}


@dataclass
class OwnContainer:
    """A container with these items, by TMR-ID."""

    items: dict[int, ProductItem] = field(default_factory=lambda: dict(ITEMS))
    serial: str = "130-12345671"
    locked: str = ""

    def item(self, key: LicenceKey) -> ProductItem | None:
        found = self.items.get(key.tmr_id)
        fits = key.firm_code == FIRM and found and found.product_code == key.product_code
        return found if fits else None

    def sign(self, data: bytes) -> bytes:
        return b""

    def news_for(self, state: Any) -> None:
        return None


@pytest.fixture
def desk() -> Desk:
    return founded(*ITEMS.values())


def granted(desk: Desk, *tmr_ids: int, **fields: Any) -> Outcome:
    """A grant of these licences together."""
    one = desk.do(check_out(lease_id=f"lease {tmr_ids}"))
    lines = tuple(
        Line(key.product_code, key.tmr_id, 1, desk.state.view[key].item_hash)
        for key in (LicenceKey(FIRM, item.product_code, item.tmr_id) for item in ITEMS.values())
        if key.tmr_id in tmr_ids
    )
    return msgspec.structs.replace(one, **{"lines": lines} | fields)


def objections(desk: Desk, container: OwnContainer, *outcomes: Outcome, at_ms: int = NOW_MS) -> Any:
    return objections_to(outcomes, container, desk.state, at_ms)


def test_it_objects_to_nothing_that_it_holds(desk: Desk) -> None:
    outcomes = granted(desk, 1), granted(desk, 1, 2, 3), Outcome(NO_SEAT_FREE)
    assert objections(desk, OwnContainer(), *outcomes) == ()


def test_it_looks_at_the_grants_after_a_refusal(desk: Desk) -> None:
    container = OwnContainer({2: ITEMS[2]})
    outcomes = Outcome(NO_SEAT_FREE), granted(desk, 1), Outcome(NO_SEAT_FREE), granted(desk, 2)
    assert objections(desk, container, *outcomes, granted(desk, 3)) == (1, 4)


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_it_objects_if_any_line_is_missing_here(desk: Desk, missing: int) -> None:
    container = OwnContainer({k: item for k, item in ITEMS.items() if k != missing})
    outcomes = granted(desk, 1, 2, 3), granted(desk, missing), granted(desk, 1 + missing % 3)
    assert objections(desk, container, *outcomes) == (0, 1)


@pytest.mark.parametrize("other", [1, 2, 3])
def test_it_objects_if_any_line_is_another_item_here(desk: Desk, other: int) -> None:
    changed = msgspec.structs.replace(ITEMS[other], text="another")
    container = OwnContainer(ITEMS | {other: changed})
    assert objections(desk, container, granted(desk, 1, 2, 3)) == (0,)


@pytest.mark.parametrize("known", [(), (1,), (1, 3)])
def test_it_objects_to_what_the_ledger_does_not_know_of_it(known: tuple[int, ...]) -> None:
    """A client can ask for the firm's word of no such container, so its voice would be worth
    nothing to it."""
    desk = founded(*ITEMS.values(), twins=(1, 2))
    outcomes = granted(desk, 1), granted(desk, 2), granted(desk, 1, 3)
    if known:
        assert desk.do(import_of(update_of(3, *(ITEMS[tmr_id] for tmr_id in known)))).ok
    third = OwnContainer(serial="130-12345673")
    denied = {(): (0, 1, 2), (1,): (1, 2), (1, 3): (1,)}
    assert objections(desk, third, *outcomes) == denied[known]
    assert objections(desk, OwnContainer(), *outcomes) == ()


@pytest.mark.parametrize("first", [1, 2, 3])
def test_it_objects_if_any_line_has_ended_by_its_own_clock(first: int) -> None:
    ends_s = {tmr_id: NOW_S + (100 if tmr_id == first else 200) for tmr_id in ITEMS}
    items = {
        tmr_id: msgspec.structs.replace(item, expires_at_s=ends_s[tmr_id])
        for tmr_id, item in ITEMS.items()
    }
    desk, container = founded(*items.values()), OwnContainer(items)
    grant = granted(desk, 1, 2, 3)
    assert objections(desk, container, grant, at_ms=(NOW_S + 100) * 1000 - 1) == ()
    assert objections(desk, container, grant, at_ms=(NOW_S + 100) * 1000) == (0,)


def test_it_objects_to_an_item_that_no_firm_signed(desk: Desk) -> None:
    true = granted(desk, 1, 2)
    made_up = msgspec.structs.replace(true.lines[1], item_hash=bytes([1] * 32))
    false = msgspec.structs.replace(true, lines=(true.lines[0], made_up))
    assert objections(desk, OwnContainer(), true, false) == (1,)


def test_it_objects_to_features_that_are_not_licensed(desk: Desk) -> None:
    outcomes = granted(desk, 1, features=1), granted(desk, 1, features=7)
    assert objections(desk, OwnContainer(), *outcomes) == (1,)


def test_it_objects_to_a_grant_of_nothing(desk: Desk) -> None:
    assert objections(desk, OwnContainer(), granted(desk)) == (0,)


def test_it_objects_to_another_firms_licence(desk: Desk) -> None:
    assert objections(desk, OwnContainer(), granted(desk, 1, firm_code=FIRM + 1)) == (0,)
