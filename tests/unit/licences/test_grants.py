"""A grant's fields as bytes: each in its place, and what fits none is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from appliance.codec.api import GrantDocument
from appliance.licences import commands as c
from appliance.licences import options
from appliance.licences.bounds import CODE_MAX, COUNT_MAX
from appliance.licences.grants import (
    FIELDS,
    NO_HASH,
    Grant,
    Line,
    Unfit,
    grant_bytes,
    item_hash,
)
from appliance.licences.modes import MODES
from appliance.licences.options.row import Kind
from appliance.licences.wishes import Wishes, wishes_hash
from tests.unit.licences.builders import (
    FIRM,
    KEY,
    NOW_S,
    PRODUCT,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)

HASH = bytes([7]) * 32
LINE = Line(PRODUCT, 1, 1, HASH)
GOOD = Grant("granted", "granted", "user-limit", firm_code=FIRM, seats=1, lines=(LINE,))


def with_(**fields: Any) -> Grant:
    return msgspec.structs.replace(GOOD, **fields)


@pytest.mark.parametrize(
    ("why", "fields"),
    [
        ("65 bytes, more than 64", {"reason": "é" * 32 + "!"}),
        ("65 bytes, more than 64", {"kind": "x" * 65}),
        ("65 bytes, more than 64", {"mode": "x" * 65}),
        ("a field of 16 bytes has 15", {"share": bytes(15)}),
        ("a field of 16 bytes has 0", {"share": b""}),
        ("a field of 0 or 32 bytes has 31", {"borrower_key": bytes(31)}),
        ("a field of 0 or 32 bytes has 33", {"wishes_hash": bytes(33)}),
        ("out of range", {"firm_code": -1}),
        ("out of range", {"generation": 2**64}),
        ("out of range", {"seats": 2**32}),
        ("out of range", {"features": 2**64}),
        ("out of range", {"valid_for_s": 2**32}),
        ("out of range", {"lease_ttl_s": -1}),
        ("out of range", {"ends_at_ms": 2**70}),
        ("out of range", {"units_taken": -1}),
        ("out of range", {"units_left": -1}),
        ("a number means that there is none", {"units_left": 2**64 - 1}),
        ("17 lines, more than 16", {"lines": (LINE,) * 17}),
        ("a field of 32 bytes has 33", {"lines": (Line(1, 1, 1, bytes(33)),)}),
        ("out of range", {"lines": (Line(1, 1, 2**32, HASH),)}),
        ("out of range", {"lines": (LINE, Line(-1, 1, 1, HASH))}),
        ("out of range", {"reason": "\ud800"}),
    ],
    ids=str,
)
def test_what_does_not_fit_its_field_has_no_bytes(why: str, fields: dict[str, Any]) -> None:
    with pytest.raises(Unfit, match=why):
        grant_bytes(with_(**fields))
    assert grant_bytes(GOOD)


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "x" * 64},
        {"features": 2**64 - 1, "generation": 2**64 - 1, "seats": 2**32 - 1},
        {"units_left": 2**64 - 2},
        {"lines": (LINE,) * 16},
        {"lines": (), "borrower_key": bytes(32)},
    ],
    ids=str,
)
def test_the_utmost_fits(fields: dict[str, Any]) -> None:
    assert grant_bytes(with_(**fields))


def test_whatever_a_vendor_may_sign_fits() -> None:
    """The numbers of a product item have bounds; none of them may stop a machine."""
    words = (Kind.TEXT, Kind.DATE, Kind.WORD, Kind.MODES)
    utmost = {one.field: one.most for one in options.FIELDS if one.kind not in words}
    own = {
        "product_code": PRODUCT,
        "tmr_id": CODE_MAX,
        "certified_age_max_s": None,
        "activates_at_s": None,
        "borrow_max_s": None,
    }
    item = product(**utmost | own)
    desk = founded(item)
    outcome = desk.do(check_out())
    assert outcome.ok and outcome.tmr_id == CODE_MAX
    assert grant_bytes(outcome)
    assert grant_bytes(desk.consume(outcome.generation, 1, COUNT_MAX))


def test_outcome_and_document_are_made_of_the_same_fields() -> None:
    assert c.Outcome.__struct_fields__ == (*FIELDS, "said")
    assert set(GrantDocument.__struct_fields__) == {*FIELDS, "lease_id", "receipt"}
    outcome = founded(product()).do(check_out())
    document = GrantDocument(*(getattr(outcome, name) for name in FIELDS), lease_id="lease")
    sent = msgspec.json.decode(msgspec.json.encode(document), type=GrantDocument)
    assert grant_bytes(sent) == grant_bytes(outcome)


def test_the_first_line_names_the_licence() -> None:
    grant = with_(lines=(LINE, Line(PRODUCT + 1, 9, 1, HASH)))
    assert grant.key == KEY == grant.keys[0]
    assert (grant.product_code, grant.tmr_id) == (PRODUCT, 1)
    assert [str(key) for key in grant.keys] == ["6000010:20#1", "6000010:21#9"]
    none = with_(lines=())
    assert (none.key, none.keys, none.product_code, none.tmr_id) == (None, (), 0, 0)


# --- the item ---


def test_an_items_hash_says_all_of_the_item_and_whose_it_is() -> None:
    plain = msgspec.structs.asdict(product())
    changes: list[dict[str, Any]] = [
        {name: "other" if isinstance(value, str) else (value or 0) + 1}
        for name, value in plain.items()
        if name != "modes"
    ]
    changes.append({"modes": MODES})
    hashes = {item_hash(FIRM, product(**fields)) for fields in changes}
    hashes |= {item_hash(FIRM, product()), item_hash(FIRM + 1, product())}
    assert len(hashes) == len(changes) + 2
    assert item_hash(FIRM, product(lease_ttl_s=60)) == item_hash(FIRM, product())


def test_the_state_knows_the_hash_of_what_two_twins_agree_on() -> None:
    item = product(feature_map=3)
    desk = founded(item, twins=(1, 2))
    assert desk.state.view[KEY].item_hash == item_hash(FIRM, item)
    alone = founded(item, twins=(1,))
    assert alone.state.view[KEY].item_hash == NO_HASH


def test_a_grant_says_what_its_check_out_wished_for() -> None:
    desk = founded(product(units=10, feature_map=7))
    asking = check_out(wishes=Wishes(release_date="2026-09-01", features=5))
    first = desk.do(asking)
    some = Wishes(), Wishes(features=5), Wishes(features=4)
    hashes = {wishes_hash(one) for one in some}
    assert first.wishes_hash == wishes_hash(asking.wishes) != b""
    assert len({*hashes, first.wishes_hash}) == 4 and b"" in hashes
    later = [desk.do(asking), desk.consume(first.generation, 1, 2)]
    later.append(desk.consume(first.generation, 1, 2))
    assert desk.check_in(first.generation).ok
    later.append(desk.consume(first.generation, 1, 2))
    assert {one.wishes_hash for one in later} == {first.wishes_hash}
    assert desk.consume(first.generation, 2, 2).wishes_hash == b""


def test_a_repeat_is_granted_on_the_terms_of_now() -> None:
    desk = founded(product(units=10, feature_map=1, expires_at_s=NOW_S + 500))
    generation = desk.do(check_out()).generation
    taken = desk.consume(generation, 1, 4)
    extended = product(units=10, feature_map=3, expires_at_s=NOW_S + 5_000)
    for twin in (1, 2, 3):
        assert desk.do(import_of(update_of(twin, extended, sequence=2))).ok
    again = desk.consume(generation, 1, 4)
    assert (again.units_taken, again.units_left) == (taken.units_taken, taken.units_left) == (4, 6)
    assert (again.features, again.ends_at_ms) == (3, (NOW_S + 5_000) * 1000)
    assert again.lines[0].item_hash == item_hash(FIRM, extended) != taken.lines[0].item_hash
    assert again.valid_for_s == 600 > taken.valid_for_s == 500
    assert desk.check_in(generation).ok
    late = desk.consume(generation, 1, 4)
    assert late == msgspec.structs.replace(again, valid_for_s=0)
