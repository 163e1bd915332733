"""Features asked for bit by bit: a licence has them all, or is not taken."""

from __future__ import annotations

import pytest

from appliance.licences import reasons
from appliance.licences.model import LicenceKey
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import FIRM, PRODUCT, check_out, founded, product


@pytest.mark.parametrize(
    ("asked", "licensed", "enough"),
    [
        (0, 0, True),
        (0b101, 0b101, True),
        (0b101, 0b111, True),
        (0b101, 0b110, False),
        (1, 0, False),
    ],
)
def test_all_bits_are_needed(asked: int, licensed: int, enough: bool) -> None:
    outcome = founded(product(feature_map=licensed)).do(check_out(wishes=Wishes(features=asked)))
    assert outcome.reason == (reasons.GRANTED if enough else "features-not-licensed")


def test_the_licence_that_has_them_is_taken_even_if_another_is_first() -> None:
    desk = founded(product(feature_map=1), product(tmr_id=2, feature_map=3, quantity=1))
    first = desk.do(check_out("a", wishes=Wishes(features=2)))
    assert first.ok and first.key == LicenceKey(FIRM, PRODUCT, 2)
    full = desk.do(check_out("b", wishes=Wishes(features=2)))
    assert full.reason == reasons.NO_SEAT_FREE, "the other one has seats, but not the feature"
