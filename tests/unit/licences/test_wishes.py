"""What a check-out may ask: every wish is part of the request, and of nobody else's lease."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from appliance.codec.api import CheckOutRequest
from appliance.licences import commands as c
from appliance.licences import reasons, rules
from appliance.licences.bounds import is_date
from appliance.licences.modes import MODES
from appliance.licences.wishes import (
    NO_WISHES,
    WISH_NAMES,
    WISHES,
    Asked,
    Wish,
    Wishes,
    asked_of,
    why_not,
    wished,
    wishes_in,
)
from tests.unit.licences.builders import check_out, founded, product
from tests.unit.licences.wish_samples import ASKED, IMPOSSIBLE

each = pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.field)


def wishes(wish: Wish, values: dict[str, Any]) -> Wishes:
    return Wishes(**{wish.field: values[wish.field]})


def test_the_table_the_struct_and_the_keywords_have_the_same() -> None:
    assert tuple(wish.field for wish in WISHES) == WISH_NAMES == tuple(Asked.__annotations__)


@each
def test_a_repeat_asks_for_the_same(wish: Wish) -> None:
    asked = wishes(wish, ASKED)
    desk = founded(product(feature_map=2**53 - 1, modes=MODES))
    first = desk.do(check_out(wishes=asked))
    assert first.ok
    lease = desk.state.lease(check_out().lease)
    assert lease is not None and lease.wishes == asked
    assert desk.do(check_out(wishes=asked, nonce=b"another nonce")).generation == first.generation
    assert desk.do(check_out()).reason == reasons.LEASE_CONFLICT


@each
def test_what_nobody_can_ask_is_refused_and_raises_nowhere(wish: Wish) -> None:
    asked = wishes(wish, IMPOSSIBLE)
    assert wish.field in why_not(asked)
    outcome = founded(product()).do(check_out(wishes=asked))
    assert (outcome.reason, wish.field in outcome.detail) == (reasons.BAD_REQUEST, True)
    with pytest.raises(ValueError, match=wish.field):
        wished(**asked_of(asked))


@each
def test_it_is_among_the_fields_of_the_body(wish: Wish) -> None:
    asked = wishes(wish, ASKED)
    fields: Any = asked_of(asked)
    body = CheckOutRequest(firm_code=1, product_code=2, nonce=b"n", secret_hash=b"s", **fields)
    assert wishes_in(body) == asked == wished(**asked_of(asked))
    came = rules.LATER.get(Wishes, {}).get(wish.field, rules.FIRST)
    assert rules.needs(check_out(wishes=asked)) == came


def test_a_command_without_wishes_says_nothing_of_them() -> None:
    """A host that does not know a wish yet reads every command that does not use it."""
    assert c.encode_command(check_out())[-2:] == b"\x80\x00", "an empty map, and no wait"
    assert (why_not(NO_WISHES), rules.needs(check_out())) == ("", 1)


def test_a_program_may_say_a_date() -> None:
    assert wished(release_date=date(2026, 9, 1)) == Wishes("2026-09-01")
    wrong = ("2026-13-01", "2026-9-1", "2026-02-30", "2999-01-01", "٢٠٢٦-09-01", 20_000)
    for value in (datetime(2026, 9, 1, 12), *wrong):
        with pytest.raises(ValueError, match=r"release_date|str"):
            wished(release_date=value)  # type: ignore[arg-type]


def test_a_date_is_a_day_of_the_calendar() -> None:
    for year in (1900, 2000, 2023, 2024, 2100):
        for month in range(14):
            for day in range(33):
                try:
                    there = bool(date(year, month, day))
                except ValueError:
                    there = False
                assert is_date(f"{year}-{month:02}-{day:02}") == there, (year, month, day)
