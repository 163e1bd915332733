"""The usage period: begun by the first grant that counts, once for each reset, to the second."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from appliance.cli.licences import table
from appliance.codec.api import LicenceDocument
from appliance.codec.licence_files import check_item
from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences.model import UsageStart
from appliance.licences.reasons import UPDATE_REFUSED
from appliance.licences.refusals import UpdateRefused
from appliance.licences.seats import refusal
from appliance.licences.snapshot import dump, load
from appliance.licences.validity import why_refused, why_rests, why_rests_at
from appliance.licences.wishes import Wishes
from appliance.services.tmr.licence_lists import Seen, licences
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    NOW_MS,
    NOW_S,
    PRODUCT,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

WEEK_S = 7 * 86_400
OVER = "usage-period-over"


def licence(**fields: Any) -> Any:
    return product(**{"usage_period_s": WEEK_S, "quantity": 1} | fields)


def started(desk: Desk) -> UsageStart | None:
    return desk.state.usage_starts.get(KEY)


def change(desk: Desk, sequence: int, **fields: Any) -> None:
    """The vendor issues this licence anew, to all three containers."""
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, licence(**fields), sequence=sequence))).ok


def test_the_first_grant_begins_it_and_says_when_it_ends() -> None:
    desk = founded(licence())
    outcome = desk.do(check_out())
    assert started(desk) == UsageStart(NOW_MS, 0)
    assert outcome.ends_at_ms == NOW_MS + WEEK_S * 1000
    desk.now_ms += 5_000
    assert desk.do(check_out(nonce=b"m" * 16)).ends_at_ms == NOW_MS + WEEK_S * 1000
    assert started(desk) == UsageStart(NOW_MS, 0), "a renewal begins nothing"


def test_to_list_to_ask_or_to_be_refused_begins_nothing() -> None:
    desk = founded(licence())
    licences(desk.state, Seen((), {}))
    why_refused(desk.state, desk.state.view[KEY], ("130-12345671", "130-12345672"))
    assert refusal(desk.state, check_out()) is None
    assert desk.do(check_out(wishes=Wishes(features=4))).reason == "features-not-licensed"
    assert not desk.do(check_out(firm_code=FIRM + 1)).ok
    assert started(desk) is None
    assert desk.do(check_out("mine")).ok
    begun = started(desk)
    desk.now_ms += 1
    assert desk.do(check_out("other")).reason == "no-seat-free"
    assert started(desk) == begun


def test_one_that_has_no_period_begins_none() -> None:
    desk = founded(product())
    assert desk.do(check_out()).ends_at_ms == 0
    assert desk.state.usage_starts == {}


def test_a_grant_that_was_never_committed_did_not_begin_it() -> None:
    desk = founded(licence())
    before = desk.state.fingerprint()
    desk.state.take_changes()
    assert desk.do(check_out()).ok and started(desk)
    desk.state.revert(desk.state.take_changes())
    assert (started(desk), desk.state.fingerprint()) == (None, before)


@pytest.mark.parametrize(
    ("left_ms", "why", "valid_s"),
    [(1_500, "", 1), (1_000, "", 1), (999, "", 0), (1, "", 0), (0, OVER, 0), (-1, OVER, 0)],
)
def test_it_is_over_to_the_millisecond(left_ms: int, why: str, valid_s: int) -> None:
    item = licence()
    desk = founded(item)
    assert desk.do(check_out()).ok
    desk.now_ms = NOW_MS + WEEK_S * 1000 - left_ms
    again = desk.do(check_out(nonce=b"m" * 16))
    assert (again.reason, again.valid_for_s) == (why or "granted", valid_s)
    assert why_rests(desk.state, KEY, item) == why
    assert why_rests_at(desk.state, KEY, item, desk.now_ms) == why, "by its own clock as well"
    if why:
        assert desk.do(check_out("other")).reason == why
        assert "its usage period is over; use another licence, or ask the vendor" in again.detail


@pytest.mark.parametrize("expires_s", [WEEK_S - 1, WEEK_S, WEEK_S + 1])
def test_a_receipt_says_the_earlier_of_both_ends(expires_s: int) -> None:
    desk = founded(licence(expires_at_s=NOW_S + expires_s, receipt_valid_s=2 * WEEK_S))
    outcome = desk.do(check_out())
    first_s = min(WEEK_S, expires_s)
    assert (outcome.ends_at_ms, outcome.valid_for_s) == (NOW_MS + first_s * 1000, first_s)


def test_the_vendor_resets_it_once_for_each_higher_number() -> None:
    desk = founded(licence(quantity=2))
    assert desk.do(check_out("first")).ok
    desk.now_ms += WEEK_S * 1000
    assert desk.do(check_out("late")).reason == OVER
    change(desk, 2, usage_reset=4, quantity=2)
    assert desk.do(check_out("second")).ends_at_ms == desk.now_ms + WEEK_S * 1000
    assert started(desk) == UsageStart(desk.now_ms, 4)
    begun = started(desk)
    desk.now_ms += 1_000
    for sequence, number in ((3, 4), (4, 0), (5, 4)):
        change(desk, sequence, usage_reset=number, quantity=9)
        assert desk.do(check_out(f"of {sequence}")).ok
        assert started(desk) == begun, "the same number again, or a lower one, resets nothing"
    change(desk, 6, usage_reset=5, quantity=9)
    assert desk.do(check_out("third")).ok
    assert started(desk) == UsageStart(desk.now_ms, 5)


def test_until_two_containers_hold_the_reset_nothing_is_reset() -> None:
    desk = founded(licence())
    desk.do(check_out())
    desk.now_ms += WEEK_S * 1000
    assert desk.do(import_of(update_of(1, licence(usage_reset=1), sequence=2))).ok
    assert desk.do(check_out("other")).reason == OVER
    assert started(desk) == UsageStart(NOW_MS, 0)


def test_a_seat_that_is_held_over_a_reset_begins_it_anew() -> None:
    desk = founded(licence(units=9))
    grant = desk.do(check_out())
    change(desk, 2, usage_reset=1, units=9)
    desk.now_ms += 1_000
    assert desk.consume(grant.generation, 1, 2).ends_at_ms == desk.now_ms + WEEK_S * 1000
    assert started(desk) == UsageStart(desk.now_ms, 1)


def test_a_consumption_that_is_answered_again_after_the_end_begins_nothing() -> None:
    desk = founded(licence(units=9))
    grant = desk.do(check_out())
    first = desk.consume(grant.generation, 1, 2)
    assert desk.check_in(grant.generation).ok
    change(desk, 2, usage_reset=1, units=9)
    desk.now_ms += 1_000
    again = desk.consume(grant.generation, 1, 2)
    assert (first.valid_for_s > 0, again.valid_for_s) == (True, 0)
    assert started(desk) == UsageStart(NOW_MS, 0)


def test_log_time_that_is_lowered_takes_the_beginning_with_it() -> None:
    desk = founded(licence(), licence(product_code=PRODUCT + 1))
    desk.do(check_out("before", product_code=PRODUCT + 1))
    desk.now_ms += 365 * 86_400_000
    desk.do(check_out())
    desk.now_ms = NOW_MS + 60_000
    assert desk.do(c.LowerLogTime("certified time")).ok
    assert started(desk) == UsageStart(NOW_MS + 60_000, 0)
    other = msgspec.structs.replace(KEY, product_code=PRODUCT + 1)
    assert desk.state.usage_starts[other] == UsageStart(NOW_MS, 0), "that one began before"
    check_state(desk.state)


def test_a_snapshot_keeps_it() -> None:
    desk = founded(licence())
    desk.do(check_out())
    assert load(dump(desk.state)).usage_starts == {KEY: UsageStart(NOW_MS, 0)}


def shown(desk: Desk) -> tuple[LicenceDocument, object]:
    document = licences(desk.state, Seen((), {}))
    columns, (row,) = table(document)
    return document.licences[0], row[columns.index("usage period")]


def test_what_is_left_of_it_is_shown() -> None:
    desk = founded(licence())
    document, cell = shown(desk)
    assert (document.usage_started_s, document.usage_ends_s) == (None, None)
    assert cell == "7 d from its first use on"
    desk.do(check_out())
    desk.now_ms += 3_600_000
    desk.do(c.Tick())
    document, cell = shown(desk)
    assert (document.usage_started_s, document.usage_ends_s) == (NOW_S, NOW_S + WEEK_S)
    assert cell == "6 d 23 h left"
    desk.now_ms += WEEK_S * 1000
    desk.do(c.Tick())
    document, cell = shown(desk)
    assert (cell, document.refusal) == ("over", "quorum-lost")


def test_without_a_period_there_is_nothing_to_reset() -> None:
    """A vendor who forgets the period would sell a licence that works for ever."""
    item = product(usage_reset=1)
    with pytest.raises(UpdateRefused, match="a reset of the usage period, and no usage period"):
        check_item(item)
    outcome = founded(twins=()).do(import_of(update_of(1, item)))
    assert outcome.reason == UPDATE_REFUSED
    assert "a reset of the usage period, and no usage period" in outcome.detail
