"""Rules rise by an entry: who says which it knows, when they are raised, and what waits for it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from appliance.licences import commands as c
from appliance.licences import reasons, rules, snapshot, tables
from appliance.licences.machine import Machine
from appliance.licences.raising import missing, support_bytes
from appliance.licences.records import Supported
from appliance.licences.seats import refusal
from appliance.licences.snapshot import Loader, NewerRules, SnapshotRefused, dump, load
from appliance.licences.state import State
from appliance.licences.wishes import Wishes
from tests.unit.licences.builders import (
    FIRM,
    STORES,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    read_update,
    update_of,
)

LIMIT = c.Limit(FIRM, 20, 3, "olga", "shared")
HOSTS = ("tmr1", "tmr2")
RAISE = c.RaiseRules(2, HOSTS, "olga", "all hosts are upgraded")


def verify(store: bytes, data: bytes, signature: bytes) -> bool:
    """A store signs by writing its name before the bytes."""
    return signature == store + data


def desk_of(known: int = 2) -> Desk:
    """A founded ledger on a host that knows these rules; entries are counted by commands."""
    desk = founded(product())
    desk.machine = Machine(read_update, store=verify, rules=known)
    desk.state.enter(10)
    return desk


def word(
    version: int, known_index: int, place: str = "up1", ledger: bytes = b"ledger"
) -> c.Support:
    """What the store at this place signs."""
    store = dict(STORES)[place]
    data = support_bytes(ledger, store, version, known_index)
    return c.Support(version, place, store, known_index, store + data)


def all_but(desk: Desk, *left_out: str) -> Desk:
    """All hosts but these say that they know rules 2."""
    for place, _ in STORES:
        if place not in left_out:
            assert desk.do(word(2, 3, place)).ok
    for host in HOSTS:
        if host not in left_out:
            assert desk.do(c.Support(2, host)).ok
    return desk


@pytest.fixture
def limit_is_new() -> Iterator[None]:
    """A release in which limits came with rules 2."""
    rules.SINCE[c.Limit] = 2
    yield
    del rules.SINCE[c.Limit]


@pytest.fixture
def seats_are_new() -> Iterator[None]:
    """A release in which the last field of an operator's act came with rules 2."""
    rules.LATER[_Grown] = {"more": 2, "most": 3}
    yield
    del rules.LATER[_Grown]


class _Grown(msgspec.Struct, frozen=True, array_like=True, tag="grown"):
    first: int
    more: str = ""
    most: tuple[int, ...] = ()


def test_rules_are_raised_when_all_know_them():
    desk = all_but(desk_of())
    assert desk.state.rules == 1
    assert desk.do(RAISE).ok
    assert desk.state.rules == 2
    assert desk.state.acts()[-1].action == "raise-rules"
    assert desk.do(RAISE).ok, "again has no effect"
    lower = desk.do(msgspec.structs.replace(RAISE, version=1))
    assert (lower.reason, desk.state.rules) == (reasons.BAD_REQUEST, 2)


@pytest.mark.parametrize("host", ["up1", "up3", "tmr1", "tmr2"])
def test_rules_wait_for_each_host_by_name(host):
    desk = all_but(desk_of(), host)
    refused = desk.do(RAISE)
    assert (refused.reason, desk.state.rules) == (reasons.RULES_NOT_RAISED, 1)
    assert f"upgrade {host}, then `tmr rules raise`" in refused.detail
    assert missing(desk.state, 2, HOSTS) == (host,)


@pytest.mark.parametrize("hosts", [(), ("tmr1",), ("tmr1", "tmr1"), ("a", "b", "c"), ("", "tmr1")])
def test_rules_are_raised_for_two_tmr_hosts(hosts):
    desk = all_but(desk_of())
    assert desk.do(msgspec.structs.replace(RAISE, hosts=hosts)).reason == reasons.BAD_REQUEST


@pytest.mark.parametrize(
    "said",
    [
        msgspec.structs.replace(word(2, 3), signature=b"made up"),
        msgspec.structs.replace(word(2, 3), store=b"", signature=b""),
        msgspec.structs.replace(word(2, 3), store=b"stranger"),
        msgspec.structs.replace(word(2, 3), version=3),
        msgspec.structs.replace(word(2, 3), known_index=4),
        word(2, 3, ledger=b"another"),
        word(2, 10),
        c.Support(2, ""),
        c.Support(2, "x" * 300),
    ],
    ids=range(9),
)
def test_nobody_speaks_for_an_upstream_but_its_store(said):
    desk = desk_of()
    assert desk.do(said).reason == reasons.BAD_REQUEST
    assert not desk.state.supports


def test_an_older_word_of_a_store_counts_for_nothing():
    desk = desk_of()
    assert desk.do(word(2, 3)).ok
    assert desk.do(word(1, 5)).ok, "it was downgraded"
    for replayed in (word(2, 3), word(2, 5)):
        assert desk.do(replayed).reason == reasons.BAD_REQUEST
    assert desk.state.supports["up1"] == Supported(1, 10, b"store-1", 5)
    assert desk.do(word(2, 7)).ok


def test_the_word_of_a_replaced_store_goes_with_it():
    desk = all_but(desk_of())
    assert desk.do(c.Replace("up1", b"store-9", "olga", "disk")).ok
    assert sorted(desk.state.supports) == ["tmr1", "tmr2", "up2", "up3"]
    assert "wait for up1" in desk.do(RAISE).detail
    assert desk.do(c.Support(2, "up1")).reason == reasons.BAD_REQUEST


def test_a_made_up_host_costs_an_older_one_its_place_and_no_upstream():
    desk = all_but(desk_of())
    for number in range(40):
        desk.state.enter(11 + number)
        assert desk.do(c.Support(7, f"host-{number}")).ok
    assert len(desk.state.supports) == 16
    assert {place for place, _ in STORES} < desk.state.supports.keys()


@pytest.mark.usefixtures("limit_is_new")
def test_what_came_later_waits_and_says_what_one_says_that_does_not_know_it():
    newer, older = desk_of(known=2), desk_of(known=1)
    told = newer.do(LIMIT)
    assert told.reason == reasons.RULES_NOT_RAISED
    assert "`tmr rules raise`" in told.detail
    unknown = older.machine.apply(older.state, c.UNKNOWN, older.now_ms)
    assert unknown == told
    assert newer.state.fingerprint() == older.state.fingerprint()
    assert all_but(newer).do(RAISE).ok
    assert newer.do(LIMIT).ok


@pytest.mark.usefixtures("seats_are_new")
def test_later_fields_are_written_only_where_they_say_something():
    values = [_Grown(1), _Grown(1, "x"), _Grown(1, "", (2,))]
    assert [rules.needs(value) for value in values] == [1, 2, 3]
    written = [msgspec.msgpack.decode(rules.encode(value)) for value in values]
    assert written == [["grown", 1], ["grown", 1, "x"], ["grown", 1, "", [2]]]
    assert msgspec.msgpack.decode(rules.encode((5, [values[0]]))) == [5, [["grown", 1]]]
    plain = c.CheckIn(c.LeaseRef("a", "b"), 1)
    assert c.encode_command(plain) == msgspec.msgpack.encode(plain)


def test_a_command_in_another_than_its_one_form_is_none(monkeypatch):
    monkeypatch.setitem(rules.LATER, c.Support, {"store": 2, "known_index": 2, "signature": 2})
    command = c.Support(2, "tmr1")
    assert c.command_in(c.encode_command(command)) == command
    assert c.command_in(msgspec.msgpack.encode(command)) is c.UNKNOWN
    assert rules.needs(command) == 1
    assert rules.needs(word(2, 3)) == 2


def test_a_snapshot_carries_the_rules_and_an_older_release_says_so_at_its_first_chunk():
    desk = all_but(desk_of())
    assert desk.do(RAISE).ok
    chunks = tuple(dump(desk.state))
    loader = Loader(known=2)
    for chunk in chunks:
        loader.feed(chunk)
    assert loader.state().fingerprint() == desk.state.fingerprint()
    with pytest.raises(NewerRules, match="uses rules 2, this release knows 1: install a newer one"):
        Loader(known=1).feed(chunks[0])


def test_a_snapshot_that_contradicts_itself_about_the_rules_is_refused():
    state = desk_of().state
    parts = {
        "scalars": {name: getattr(state, name) for name in tables.SCALARS},
        **{name: getattr(state, name) for name in tables.TABLES},
    }
    loader = Loader()
    for chunk in snapshot._chunks(snapshot._stream(parts), 0):
        assert chunk is not None
        loader.feed(chunk)
    with pytest.raises(SnapshotRefused, match="contradicts itself"):
        loader.state()


def test_a_later_table_is_in_a_snapshot_only_if_it_holds_something(monkeypatch):
    state = State()
    monkeypatch.setattr(snapshot, "LATER", frozenset({"quotas", "age_ms"}))
    without = b"".join(dump(state))
    assert b"quotas" not in without and b"age_ms" not in without
    assert load(dump(state)).fingerprint() == state.fingerprint()
    state.set_quota((FIRM, 1), 5)
    state.age_ms = 7
    assert b"quotas" in b"".join(dump(state))
    assert load(dump(state)).fingerprint() == state.fingerprint()


def test_an_update_with_later_options_waits_for_its_rules():
    desk = all_but(desk_of())
    desk.machine = Machine(read_update, store=verify, rules_of=lambda data: 2, rules=2)
    update = import_of(update_of(1, product(), sequence=2))
    before = desk.state.containers
    assert desk.do(update).reason == reasons.RULES_NOT_RAISED
    garbage = msgspec.structs.replace(update, update=b"nothing that this release can read")
    assert desk.do(garbage).reason == reasons.RULES_NOT_RAISED, "whatever else is wrong with it"
    assert desk.state.containers == before
    assert desk.do(RAISE).ok
    assert desk.do(update).ok


def test_an_options_own_version_counts_too(monkeypatch):
    desk = all_but(desk_of())
    monkeypatch.setattr("appliance.licences.imports.needs_rules", lambda item: 2)
    update = import_of(update_of(1, product(), sequence=2))
    assert desk.do(update).reason == reasons.RULES_NOT_RAISED
    assert desk.do(RAISE).ok
    assert desk.do(update).ok


def test_a_wish_that_came_later_waits_too(monkeypatch):
    monkeypatch.setitem(rules.LATER, Wishes, {"release_date": 2})
    plain, wished = check_out(), check_out(wishes=Wishes(release_date="2026-09-01"))
    assert (rules.needs(plain), rules.needs(wished)) == (1, 2)
    for command in (plain, wished):
        assert c.command_in(c.encode_command(command)) == command
    values = msgspec.msgpack.decode(c.encode_command(plain))
    spelt_out = msgspec.msgpack.encode([*values[:-1], {"release_date": ""}])
    assert c.command_in(spelt_out) is c.UNKNOWN, "an older release cannot read it"
    desk = desk_of()
    assert desk.do(wished).reason == reasons.RULES_NOT_RAISED
    refused = refusal(desk.state, wished)
    assert refused is not None, "no entry is spent on it"
    assert refused.reason == reasons.RULES_NOT_RAISED
    assert desk.do(plain).ok
