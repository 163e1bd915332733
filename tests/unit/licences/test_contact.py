"""A licence may want contact between its vendor and the containers, and rests without."""

from __future__ import annotations

import msgspec
import pytest

from appliance.licences.commands import Found, LowerLogTime
from appliance.licences.model import ProductItem
from appliance.services.tmr.licence_lists import Seen, licences
from tests.unit.licences.builders import (
    NOW_MS,
    STORES,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

LIMIT_S = 3_600
ITEM = product(contact_within_s=LIMIT_S)


def reason(desk: Desk, ms: int) -> str:
    """What a check-out hears so much later."""
    desk.now_ms = NOW_MS + ms
    return desk.do(check_out(f"at-{ms}")).reason


def certify(desk: Desk, twin: int, time_ms: int) -> None:
    desk.state.set_certified(f"130-1234567{twin}", time_ms)


def renew(desk: Desk, twin: int, item: ProductItem = ITEM, sequence: int = 2) -> None:
    assert desk.do(import_of(update_of(twin, item, sequence=sequence))).ok


def test_it_works_until_the_limit_and_not_at_it() -> None:
    desk = founded(ITEM)
    assert reason(desk, LIMIT_S * 1000 - 1) == "granted"
    assert reason(desk, LIMIT_S * 1000) == "contact-overdue"


def test_without_a_limit_nothing_rests() -> None:
    assert reason(founded(product()), 10**12) == "granted"


def test_no_receipt_outlives_it() -> None:
    desk = founded(ITEM)
    desk.now_ms += (LIMIT_S - 100) * 1000
    assert desk.do(check_out()).valid_for_s == 100


@pytest.mark.parametrize("twins", [(1,), (1, 2), (2, 3)])
@pytest.mark.parametrize("how", ["certified", "update"])
def test_two_containers_had_to_have_it(twins: tuple[int, ...], how: str) -> None:
    desk = founded(ITEM)
    desk.now_ms = NOW_MS + 3_000_000
    for twin in twins:
        if how == "certified":
            certify(desk, twin, desk.now_ms)
        else:
            renew(desk, twin)
    assert reason(desk, 5_000_000) == ("contact-overdue" if len(twins) < 2 else "granted")
    assert reason(desk, 3_000_000 + LIMIT_S * 1000) == "contact-overdue"


def test_one_kind_of_contact_in_one_container_and_the_other_in_another_do() -> None:
    desk = founded(ITEM)
    desk.now_ms = NOW_MS + 3_000_000
    certify(desk, 1, desk.now_ms)
    renew(desk, 2)
    assert reason(desk, 5_000_000) == "granted"


def test_an_update_that_was_imported_before_is_no_contact() -> None:
    desk = founded(ITEM)
    desk.now_ms = NOW_MS + 3_000_000
    for twin in (1, 2, 3):
        renew(desk, twin, sequence=1)
    assert reason(desk, 5_000_000) == "contact-overdue"


def test_what_was_imported_before_log_time_was_known_counts_from_then_on() -> None:
    desk = Desk(now_ms=0)
    assert desk.do(Found(b"ledger", "131-12345678", STORES)).ok
    for twin in (1, 2, 3):
        renew(desk, twin, sequence=1)
    assert desk.state.contact_ms() == 0
    assert reason(desk, 0) == "granted"
    assert desk.state.contact_ms() == NOW_MS
    assert reason(desk, LIMIT_S * 1000) == "contact-overdue"


def test_log_time_that_is_set_back_takes_contacts_with_it() -> None:
    """Else a clock that was ahead once would be good for years."""
    desk = founded(ITEM)
    desk.now_ms = NOW_MS + 10**11
    for twin in (1, 2, 3):
        renew(desk, twin)
    desk.now_ms = NOW_MS
    assert desk.do(LowerLogTime("olga")).ok
    assert desk.state.contact_ms() == NOW_MS
    assert reason(desk, LIMIT_S * 1000) == "contact-overdue"


def test_it_is_undone_with_its_entry() -> None:
    desk = founded(ITEM)
    desk.state.take_changes()
    before = desk.state.fingerprint()
    desk.now_ms += 1_000_000
    renew(desk, 1)
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before


def test_a_blocked_containers_contact_does_not_count() -> None:
    desk = founded(ITEM)
    for twin in (1, 2):
        one = desk.state.containers[f"130-1234567{twin}"]
        desk.state.set_container(msgspec.structs.replace(one, locked=twin == 1))
    assert desk.state.contact_ms() == NOW_MS
    desk.now_ms += 3_000_000
    renew(desk, 2)
    assert desk.state.contact_ms() == NOW_MS, "of two that count it is the earlier one"
    for one in list(desk.state.containers.values()):
        desk.state.set_container(msgspec.structs.replace(one, locked=True))
    assert desk.state.contact_ms() == 0


def test_operators_see_when_it_will_rest() -> None:
    """The earlier of the two limits: certified time puts both off."""
    for more, until_s in (({}, LIMIT_S), ({"certified_age_max_s": 60}, 60)):
        desk = founded(msgspec.structs.replace(ITEM, **more))
        for twin in (1, 2):
            certify(desk, twin, NOW_MS)
        shown = licences(desk.state, Seen((), {})).licences[0]
        assert shown.certified_until_s == NOW_MS // 1000 + until_s
