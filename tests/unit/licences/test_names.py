"""Names stay out of the ledger: tags, what contradicts what, and erasing."""

from __future__ import annotations

import hmac

import msgspec
import pytest

from appliance.licences import commands as c
from appliance.licences import reasons, state
from appliance.licences.names import (
    NameRow,
    differs,
    erased_at_ms,
    fits,
    key_hash,
    short,
    tag_of,
)
from appliance.licences.replacing import unfit
from appliance.licences.snapshot import dump, load
from tests.unit.licences.builders import HOLDER, KEY_OF_NAMES, check_out, founded, product

ADA = tag_of(KEY_OF_NAMES, "ada")


def erase(tag: bytes = ADA, who: str = "cert:olga", why: str = "left the firm") -> c.EraseName:
    return c.EraseName(tag, who, why)


def test_a_tag_is_what_the_page_says() -> None:
    folded = "straße".casefold().encode()
    assert tag_of(KEY_OF_NAMES, "STRASSE") == tag_of(KEY_OF_NAMES, "Straße")
    assert tag_of(KEY_OF_NAMES, "Straße") == hmac.digest(KEY_OF_NAMES, folded, "sha256")[:16]
    others = {tag_of(b"j" * 32, "ada"), tag_of(KEY_OF_NAMES, "ade"), tag_of(KEY_OF_NAMES, " ada")}
    assert len(others | {ADA}) == 4 and tag_of(KEY_OF_NAMES, "") == b""
    assert short(ADA) == f"#{ADA.hex()[:8]}" and short(b"") == ""


def test_holders_contradict_each_other_only_in_what_both_say() -> None:
    nameless = c.Holder(pid=7)
    for other in (HOLDER, nameless, msgspec.structs.replace(HOLDER, host=b"")):
        assert not differs(HOLDER, other) and not differs(other, HOLDER)
    for field in ("user", "host", "application"):
        assert differs(HOLDER, msgspec.structs.replace(HOLDER, **{field: bytes(16)}))
    assert differs(HOLDER, msgspec.structs.replace(HOLDER, pid=8))


def test_a_repeat_by_a_host_without_the_key_is_no_conflict() -> None:
    desk = founded(product())
    first = desk.do(check_out())
    again = desk.do(check_out(holder=c.Holder(pid=7)))
    assert again.ok and again.generation == first.generation
    assert next(desk.state.active_leases()).holder == HOLDER


def test_erasing_a_name_changes_no_lease_and_says_who_and_why() -> None:
    desk = founded(product())
    generation = desk.do(check_out()).generation
    leases = dict(desk.state.leases)
    assert desk.do(erase()).reason == reasons.DONE
    assert desk.state.leases == leases and desk.do(check_out()).generation == generation
    act = desk.state.acts()[-1]
    assert (act.action, act.subject, act.who) == ("erase-name", ADA.hex(), "cert:olga")
    assert erased_at_ms(desk.state, ADA) == desk.now_ms and erased_at_ms(desk.state, b"x") == -1


@pytest.mark.parametrize(
    "command", [erase(b"short"), erase(b""), erase(who="x" * 257), erase(why="x" * 1025)]
)
def test_an_erasure_that_makes_no_sense_is_refused(command: c.EraseName) -> None:
    desk = founded(product())
    assert desk.do(command).reason == reasons.BAD_REQUEST
    assert not desk.state.erased and not desk.state.erased_index


def test_what_was_used_before_an_erasure_fits_no_more_and_what_was_used_after_does() -> None:
    desk = founded(product())
    row = NameRow(ADA, "Ada", desk.now_ms)
    assert fits(desk.state, KEY_OF_NAMES, row)
    assert not fits(desk.state, KEY_OF_NAMES, NameRow(ADA, "Eve", desk.now_ms))
    assert not fits(desk.state, b"j" * 32, row)
    assert not fits(desk.state, KEY_OF_NAMES, NameRow(b"", "", desk.now_ms))
    desk.do(erase())
    assert not fits(desk.state, KEY_OF_NAMES, row)
    assert fits(desk.state, KEY_OF_NAMES, NameRow(ADA, "Ada", desk.now_ms + 1))
    again = load(dump(desk.state))
    assert again.erased == desk.state.erased and not fits(again, KEY_OF_NAMES, row)


def test_the_oldest_erasure_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "ERASED_MAX", 3)
    desk = founded(product())
    tags = [bytes([number]) * 16 for number in range(5)]
    for index, tag in enumerate(tags, 10):
        desk.state.enter(index)
        desk.do(erase(tag))
    assert set(desk.state.erased) == set(tags[2:]) and desk.state.erased_index == 14


def test_a_founding_names_the_keys_hash_or_none() -> None:
    good = c.Found(b"ledger", "131-1", names_key_hash=key_hash(KEY_OF_NAMES))
    assert unfit(good) == "" == unfit(msgspec.structs.replace(good, names_key_hash=b""))
    assert "hash of a key" in unfit(msgspec.structs.replace(good, names_key_hash=bytes(31)))
