"""The maintenance period: which release dates it covers, whatever the time is."""

from __future__ import annotations

import pytest

from appliance.codec.licence_files import check_item
from appliance.licences import reasons
from appliance.licences.model import LicenceKey
from appliance.licences.refusals import UpdateRefused
from appliance.licences.validity import why_rests
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    PRODUCT,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

PERIOD = {"maintenance_from": "2025-09-01", "maintenance_until": "2026-08-31"}


@pytest.mark.parametrize(
    ("released", "fields", "covered"),
    [
        ("2025-09-01", PERIOD, True),
        ("2026-08-31", PERIOD, True),
        ("2025-08-31", PERIOD, False),
        ("2026-09-01", PERIOD, False),
        ("", PERIOD, True),
        ("1999-01-01", {"maintenance_until": "2026-08-31"}, True),
        ("2026-09-01", {"maintenance_until": "2026-08-31"}, False),
        ("2025-08-31", {"maintenance_from": "2025-09-01"}, False),
        ("2099-01-01", {"maintenance_from": "2025-09-01"}, True),
        ("2099-01-01", {}, True),
    ],
)
def test_which_programs_it_covers(released: str, fields: dict[str, str], covered: bool) -> None:
    outcome = founded(product(**fields)).do(check_out(wishes=Wishes(release_date=released)))
    assert outcome.reason == (reasons.GRANTED if covered else "maintenance-not-covered")
    if not covered:
        assert outcome.detail.endswith(
            "does not cover this program's release date; use a release of that time, or ask the"
            " vendor for maintenance"
        )


def test_an_old_program_takes_the_licence_that_covers_it() -> None:
    old, new = product(**PERIOD), product(tmr_id=2, maintenance_from="2026-09-01")
    outcome = founded(old, new).do(check_out(wishes=Wishes(release_date="2027-01-01")))
    assert outcome.ok and outcome.key == LicenceKey(FIRM, PRODUCT, 2)


def test_a_lease_hears_of_an_update_that_covers_it_no_more() -> None:
    desk = founded(product(**PERIOD))
    asking = check_out(wishes=Wishes(release_date="2026-01-01"))
    assert desk.do(asking).ok
    shorter = product(maintenance_from="2025-09-01", maintenance_until="2025-12-31")
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, shorter, sequence=2))).ok
    assert desk.do(asking).reason == "maintenance-not-covered"
    assert desk.state.in_use(KEY) == 1, "the seat is kept"
    assert why_rests(desk.state, KEY, shorter) == "", "others may use it"


def test_it_may_not_end_before_it_begins() -> None:
    item = product(maintenance_from="2026-09-02", maintenance_until="2026-09-01")
    with pytest.raises(UpdateRefused, match="a maintenance that ends before it begins"):
        check_item(item)
    outcome = founded(twins=()).do(import_of(update_of(1, item)))
    assert outcome.reason == reasons.UPDATE_REFUSED
    assert "a maintenance that ends before it begins" in outcome.detail
