"""Names beside the ledger: what an upstream keeps, what a TMR host knows, and how both agree."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from appliance.ledger.effects import NamesWrite, Origin, ReadNames
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import KeepNames, NamesPage
from appliance.ledger.names import book as books
from appliance.ledger.names.book import REFRESHED_MS, NameBook
from appliance.ledger.names.keeper import DAY_MS, KEPT_MS, LOOK_EVERY_S, NAMES_MAX, Keeper
from appliance.licences.access.form import Access, AccessRules, Group, Subjects
from appliance.licences.commands import Holder
from appliance.licences.names import NameRow, key_hash, short, tag_of
from appliance.licences.records import Erased
from appliance.licences.state import State

KEY = b"k" * 32
NOW_MS = 1_800_000_000_000
TERM = Term(3, "tmr1", 1)
UPSTREAMS = ("up1", "up2", "up3")


def a_state(key: bytes = KEY) -> State:
    state = State()
    state.names_key_hash = key_hash(key)
    state.log_time_ms = NOW_MS
    return state


def row(name: str, seen_ms: int = NOW_MS) -> NameRow:
    return NameRow(tag_of(KEY, name), name, seen_ms)


def page(*rows: NameRow, last: int = 0, **fields: Any) -> NamesPage:
    made = NamesPage(KEY, rows, last or len(rows), False, KEPT_MS)
    return msgspec.structs.replace(made, **fields)


def known(state: State, *names: str) -> NameBook:
    book = NameBook(UPSTREAMS, KEY)
    for name in names:
        book.use(state, name)
    book.told()
    return book


# --- an upstream ---


@pytest.mark.parametrize(
    ("why", "said", "kept"),
    [
        ("true", row("Ada"), True),
        ("in another case", NameRow(tag_of(KEY, "ada"), "ADA", NOW_MS), True),
        ("of another tag", NameRow(tag_of(KEY, "ada"), "Eve", NOW_MS), False),
        ("of no tag", NameRow(b"", "", NOW_MS), False),
        ("not used for long", row("Ada", NOW_MS - KEPT_MS - 1), False),
        ("of a time to come", row("Ada", NOW_MS + DAY_MS + 1), False),
        ("erased", row("Bob", NOW_MS - 5), False),
        ("used since it was erased", row("Bob", NOW_MS - 4), True),
    ],
)
def test_an_upstream_keeps_what_is_true(why: str, said: NameRow, kept: bool) -> None:
    state = a_state()
    state.set_erased(tag_of(KEY, "bob"), Erased(NOW_MS - 5, 7))
    (write,) = Keeper().keep(state, KeepNames(TERM, KEY, (said,)))
    assert write == NamesWrite(KEY, (said,) if kept else ())


@pytest.mark.parametrize("key", [b"", b"j" * 32])
def test_an_upstream_takes_nothing_with_another_key(key: bytes) -> None:
    assert Keeper().keep(a_state(), KeepNames(TERM, key, (row("Ada"),))) == []


def test_an_upstream_gives_no_name_that_does_not_fit_nor_one_that_is_erased() -> None:
    state, keeper = a_state(), Keeper(5 * DAY_MS)
    rows = [row("Ada"), NameRow(bytes(16), "Eve", NOW_MS), row("Bob", NOW_MS - 5)]
    state.set_erased(tag_of(KEY, "bob"), Erased(NOW_MS - 5, 7))
    given = keeper.page(state, KEY, 9, rows)
    assert given == NamesPage(KEY, (row("Ada"),), 9, False, 5 * DAY_MS)
    assert keeper.page(state, b"j" * 32, 9, rows) == NamesPage(b"", (), 9, False, 5 * DAY_MS)


def test_an_erasure_has_an_effect_once_it_is_committed_and_again_after_a_start() -> None:
    state, keeper = a_state(), Keeper()
    keeper.tick(0.0, state, 0)
    state.set_erased(tag_of(KEY, "ada"), Erased(NOW_MS, 7))
    assert keeper.tick(1.0, state, 6) == []
    gone = NamesWrite(forget=((tag_of(KEY, "ada"), NOW_MS),))
    assert keeper.tick(2.0, state, 7) == [gone] and keeper.tick(3.0, state, 7) == []
    state.set_erased(tag_of(KEY, "bob"), Erased(NOW_MS, 9))
    (second,) = keeper.tick(4.0, state, 9)
    assert isinstance(second, NamesWrite) and len(second.forget) == 1
    again = Keeper().tick(5.0, state, 9)[0]
    assert isinstance(again, NamesWrite) and len(again.forget) == 2


def test_an_upstream_looks_now_and_then_for_what_was_not_used_for_long() -> None:
    state, keeper = a_state(), Keeper(DAY_MS)
    look = NamesWrite(used_since_ms=NOW_MS - DAY_MS, most=NAMES_MAX)
    assert keeper.tick(1.0, state, 0) == [look] and keeper.tick(2.0, state, 0) == []
    assert keeper.tick(1.0 + LOOK_EVERY_S, state, 0) == [look]
    assert Keeper().tick(1.0, State(), 0) == [], "no log time is known yet"


def test_a_question_is_read_from_the_store() -> None:
    from appliance.ledger.messages import NamesRequest

    assert Keeper().asked(Origin("tmr1"), NamesRequest(5)) == [ReadNames(Origin("tmr1"), 5)]


# --- a TMR host ---


def test_a_name_is_told_once_and_then_once_a_day() -> None:
    state, book = a_state(), NameBook(UPSTREAMS, KEY)
    made = book.holder(state, "Ada", "desk", 7, "cad")
    assert book.told() == () and len(book) == 0 and not book.in_use(state, "Ada", "")
    for name in ("Ada", "desk", "cad"):
        book.use(state, name)
    assert book.in_use(state, "Ada", "desk", "cad", "")
    assert made == Holder(tag_of(KEY, "ada"), tag_of(KEY, "desk"), 7, tag_of(KEY, "cad"))
    assert book.told() == (row("Ada"), row("desk"), row("cad"))
    for name in ("Ada", "ADA"):
        assert book.use(state, name) == made.user and book.told() == ()
    state.log_time_ms += REFRESHED_MS
    assert not book.in_use(state, "Ada")
    assert book.use(state, "Ada") == made.user and book.told() == (row("Ada", state.log_time_ms),)
    assert book.shown(state, made.user) == "Ada" and book.shown(state, bytes(16)) == short(
        bytes(16)
    )


def test_without_the_key_there_are_no_tags_and_nothing_waits() -> None:
    state, book = a_state(), NameBook(UPSTREAMS)
    assert book.holder(state, "Ada", "desk", 7, "cad") == Holder(pid=7)
    assert book.told() == () and book.tag_of(state, "Ada") == b""
    assert not book.take("up1", state, page(row("Eve"), key=b"j" * 32)) and not book.key(state)
    book.take("up2", state, page(row("Bob")))
    assert book.key(state) == KEY and book.shown(state, tag_of(KEY, "bob")) == "Bob"
    assert book.use(state, "Ada") == tag_of(KEY, "ada")
    assert book.ask("up1") == 0, "what came before the key is asked for again"


def test_control_characters_do_not_come_into_a_name() -> None:
    state, book = a_state(), NameBook(UPSTREAMS, KEY)
    tag = book.use(state, "A\x1bda")
    assert book.shown(state, tag) == "A\N{REPLACEMENT CHARACTER}da"
    assert tag == book.tag_of(state, "A\x1bda")


@pytest.mark.parametrize(
    "said",
    [
        NameRow(tag_of(KEY, "ada"), "Eve", NOW_MS),
        row("Ada", NOW_MS + DAY_MS + 1),
        row("Ada", NOW_MS - 5),
        NameRow(b"", "", NOW_MS),
    ],
)
def test_an_upstream_that_lies_gives_no_tag_another_name(said: NameRow) -> None:
    state, book = a_state(), NameBook(UPSTREAMS, KEY)
    state.set_erased(tag_of(KEY, "ada"), Erased(NOW_MS - 5, 7))
    book.take("up1", state, page(said))
    assert len(book) == 0 and book.shown(state, said.tag) in ("", short(said.tag))


def test_an_upstream_that_was_away_gets_what_it_lacks_once_it_said_what_it_has() -> None:
    state = a_state()
    book = known(state, "Ada", "Bob")
    book.linked("up1")
    assert book.lacks("up1", state) == ()
    assert book.take("up1", state, page(row("Ada"), last=5, more=True)) and book.ask("up1") == 5
    assert book.lacks("up1", state) == ()
    assert not book.take("up1", state, page(row("Cid"), last=7))
    assert book.lacks("up1", state) == (row("Bob"),)
    for name in ("up2", "up3"):
        book.take(name, state, page())
        assert {one.name for one in book.lacks(name, state)} == {"Ada", "Bob", "Cid"}
    book.take("up1", state, page(row("Bob"), last=8))
    assert book.lacks("up1", state) == () and book.has_key("up1")


def test_what_an_upstream_would_not_keep_is_not_offered_and_what_it_refuses_bars_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = a_state()
    book = known(state, "Ada")
    state.log_time_ms += DAY_MS
    book.use(state, "Bob")
    book.take("up1", state, page(kept_ms=DAY_MS // 2))
    assert [one.name for one in book.lacks("up1", state)] == ["Bob"]
    monkeypatch.setattr(books, "NAMES_PER_MESSAGE", 1)
    book.take("up2", state, page())
    assert [book.lacks("up2", state)[0].name for _ in range(3)] == ["Ada", "Bob", "Ada"]


def test_a_refresh_that_an_upstream_has_not_is_not_taken_for_known() -> None:
    state = a_state()
    book = known(state, "Ada")
    state.log_time_ms += REFRESHED_MS
    book.use(state, "Ada")
    book.take("up1", state, page(row("Ada", NOW_MS)))
    assert book.lacks("up1", state) == (row("Ada", NOW_MS + REFRESHED_MS),)


def test_an_erased_name_is_shown_no_more_and_comes_back_when_it_is_used_again() -> None:
    state = a_state()
    book = known(state, "Ada")
    tag = tag_of(KEY, "ada")
    state.set_erased(tag, Erased(NOW_MS, 7))
    assert book.shown(state, tag) == short(tag), "even before the next tick"
    book.tick(1.0, state)
    assert len(book) == 0 and book.lacks("up1", state) == ()
    assert book.use(state, "Ada") == tag
    assert book.told() == (row("Ada", NOW_MS + 1),) and book.shown(state, tag) == "Ada"


def test_names_are_forgotten_as_the_upstreams_do_whatever_one_of_them_says() -> None:
    state = a_state()
    book = known(state, "Ada")
    state.log_time_ms += 3 * DAY_MS
    book.take("up1", state, page(kept_ms=0))
    book.tick(100.0, state)
    assert len(book) == 1, "one upstream alone moves nothing"
    for name in ("up2", "up3"):
        book.take(name, state, page(kept_ms=4 * DAY_MS))
    book.tick(200.0, state)
    assert len(book) == 1
    state.log_time_ms += 2 * DAY_MS
    book.tick(300.0, state)
    assert len(book) == 0


def test_names_that_are_used_before_log_time_is_known_get_their_date_then() -> None:
    state = a_state()
    state.log_time_ms = 0
    book = known(state, "Ada")
    book.tick(1.0, state)
    for name in UPSTREAMS:
        book.take(name, state, page(row("Ada", 0)))
        assert book.lacks(name, state) == ()
    state.log_time_ms = NOW_MS
    book.tick(2.0, state)
    assert [book.lacks(name, state) for name in UPSTREAMS] == [(row("Ada"),)] * 3


def test_another_ledger_begins_with_no_names() -> None:
    state = a_state()
    book = known(state, "Ada")
    other = a_state(b"j" * 32)
    book.tick(1.0, other)
    assert len(book) == 0 and book.key(other) == b"" and book.use(other, "Ada") == b""


def test_both_tables_of_a_book_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "NAMES_MAX", 3)
    monkeypatch.setattr(books, "TAGS_MAX", 2)
    state = a_state()
    book = known(state, *(f"n{number}" for number in range(5)))
    assert len(book) == 3 and book.shown(state, tag_of(KEY, "n0")) == short(tag_of(KEY, "n0"))
    book.take("up1", state, page())
    assert [one.name for one in book.lacks("up1", state)] == ["n2", "n3", "n4"]


def test_a_name_that_the_access_rules_in_force_hold_is_in_use() -> None:
    state = a_state()
    book = known(state, "ada", "bob")
    rules = AccessRules((Group("some", Subjects(users=(tag_of(KEY, "ada"),))),))
    state.set_access(Access(1, rules, "cert:adam", "asked", NOW_MS, 1), 0)
    for days in range(0, 150, 30):
        state.log_time_ms = NOW_MS + days * DAY_MS
        book.tick(days * 86_400.0, state)
    assert book.shown(state, tag_of(KEY, "ada")) == "ada"
    assert book.shown(state, tag_of(KEY, "bob")) == short(tag_of(KEY, "bob"))
