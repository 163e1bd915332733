"""A store that is not what was written to it says so, and gives nothing that is not proven."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from appliance.adapters.store.database import Store, StoreDamaged, StoreFailed
from appliance.adapters.store.files import REAL_FILES
from appliance.adapters.store.mark import (
    SLOT_BYTES,
    Mark,
    MarkRecord,
    decode_slot,
    encode_slot,
    mark_path,
)
from appliance.adapters.store.thread import StoreThread
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.replica.surroundings import Damaged, Recovered
from tests.unit.adapters.test_store import ID, T1, T2, append, chain, entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def store(path):
    Store.init(path, "up1", ID)
    store = Store(path, "up1")
    yield store
    store.close()


def edit(path: Path, *statements: str) -> None:
    """Changes a closed store behind its back."""
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def damage_of(path: Path, store_id: bytes = ID) -> str:
    """What a store says of itself; nothing else may be had from it."""
    store = Store(path, "up1")
    try:
        recovered = store.recover()
        if not recovered.damage:
            return ""
        assert recovered == Recovered(store_id=store_id, damage=store.damage)
        assert store.read(1, 9, 1 << 20) == Damaged(store.damage)
        for act in (
            lambda: store.write([Write(1)]),
            lambda: store.stage_put(0, b"chunk"),
            store.stage_clear,
        ):
            with pytest.raises(StoreDamaged, match="set the store aside with `tmr upstream init"):
                act()
        return recovered.damage
    finally:
        store.close()


def filled(store: Store) -> None:
    """Six entries, a snapshot after the third, and the first archived."""
    store.write([Write(1, promised=T1), Write(2, adopted=T1)])
    store.write([append(3, *(entry(i) for i in range(1, 7)), commit_index=5)])
    record = SnapshotRecord(3, entry(3).root, (b"one", b"two"))
    store.write([Write(4, snapshot=record, compact_to=1)])


def copies(path: Path) -> dict[str, bytes]:
    """The store's files as they are."""
    return {p.name: p.read_bytes() for p in path.parent.glob("ledger.sqlite*")}


def put_back(path: Path, files: dict[str, bytes]) -> None:
    """The files as they were."""
    for present in path.parent.glob("ledger.sqlite*"):
        present.unlink()
    for name, data in files.items():
        (path.parent / name).write_bytes(data)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entry SET body = x'00' WHERE number = 4", "entry 4 is not as it was written"),
        ("UPDATE entry SET body = 7 WHERE number = 4", "entry 4 is not as it was written"),
        ("UPDATE entry SET term = x'9301a001' WHERE number = 4", "entry 4 is not"),
        ("UPDATE entry SET root = zeroblob(32) WHERE number = 6", "entry 6 is not"),
        ("UPDATE entry SET number = 9 WHERE number = 6", "entry 6 is missing"),
        ("DELETE FROM entry WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM entry WHERE number = 6", "entry 6 is missing"),
        (
            "INSERT INTO entry SELECT 8, term, root, body, result, sum FROM entry LIMIT 1",
            "6 entries from",
        ),
        ("UPDATE chunk SET data = x'00' WHERE data = x'6F6E65'", "chunk 0 of the snapshot is"),
        ("UPDATE chunk SET data = 'one' WHERE data = x'6F6E65'", "chunk 0 of the snapshot is"),
        ("DELETE FROM chunk WHERE number % 2 = 1", "chunk 1 of the snapshot is missing"),
        ("UPDATE position SET data = zeroblob(9)", "its position is not as it was written"),
        ("DELETE FROM position", "its position is not as it was written"),
        ("UPDATE owner SET sum = zeroblob(16)", "its owner is not as it was written"),
        ("DROP TABLE entry", "no such table: entry"),
        ("PRAGMA user_version = 1", "not the one that was made here"),
        ("PRAGMA application_id = 3", "not the one that was made here"),
    ],
)
def test_records_that_are_not_as_written_are_found(path, store, statement, what):
    filled(store)
    store.close()
    edit(path, statement)
    assert what in damage_of(path)
    assert what in damage_of(path), "and it stays so"


def test_a_chain_that_does_not_hold_is_found(path, store):
    store.write([append(1, entry(1), entry(2))])
    store.write([append(2, *foreign(3))])
    store.close()
    assert damage_of(path) == "entry 3 does not follow on the one before"


def foreign(index: int):
    """An entry with this index of another log."""
    return chain(*(b"another",) * index)[-1:]


def test_a_store_behind_its_mark_is_found(path, store):
    store.write([append(1, entry(1), entry(2))])
    store.close()
    older = copies(path)
    again = Store(path, "up1")
    again.write([append(2, entry(3))])
    again.write([Write(3, promised=T1)])
    again.close()
    put_back(path, older | {mark_path(path).name: mark_path(path).read_bytes()})
    assert damage_of(path) == (
        "it is 3 transactions behind its mark: entry 2 instead of 3 is its last"
    )
    put_back(path, older)
    assert damage_of(path) == ""


def test_a_mark_alone_or_a_database_alone_is_damage(path, store):
    filled(store)
    store.close()
    whole = copies(path)
    path.unlink()
    assert damage_of(path) == "its mark is there, but the database is not"
    path.touch()
    assert damage_of(path) == "its mark is there, but the database is not"
    put_back(path, whole)
    mark_path(path).unlink()
    assert damage_of(path) == "its mark is missing"
    mark_path(path).write_bytes(bytes(2 * SLOT_BYTES))
    assert damage_of(path) == "its mark cannot be read"
    mark_path(path).unlink()
    path.write_bytes(b"not a database, but long enough to look at\n" * 100)
    with pytest.raises(StoreFailed, match="is no store of this program"):
        Store(path, "up1")


def test_a_database_that_is_none_any_more_is_damage(path, store):
    store.close()
    path.write_bytes(b"not a database, but long enough to look at\n" * 100)
    assert damage_of(path) == "it cannot be read (file is not a database)"


def test_the_mark_of_another_store_is_damage(path, store, tmp_path):
    other = tmp_path / "other" / "ledger.sqlite"
    Store.init(other, "up1", bytes(16))
    store.close()
    mark_path(path).write_bytes(mark_path(other).read_bytes())
    assert damage_of(path) == "its mark is that of another store"


BASE = MarkRecord(ID, 2, 3, T1, T1, 5, 6, entry(6).root, b"")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"sequence": 8, "last_index": 8}, "4 transactions behind its mark: entry 6 instead of 8"),
        ({"sequence": 4, "last_index": 5}, "something else than its mark"),
        ({"promised": T2}, "a lower term than its mark says"),
        ({"adopted": T2}, "a lower term than its mark says"),
        ({"commit_index": 6}, "fewer entries of it are committed"),
        ({"last_index": 7}, "entry 7, which its mark names, is missing"),
        ({"last_index": 5}, "entry 5 is another one than its mark says"),
        ({"last_index": 5, "last_root": entry(5).root}, ""),
        ({"last_index": 7, "adopted": NO_TERM}, ""),
    ],
)
def test_whatever_contradicts_the_mark_is_damage(path, store, changes, what):
    filled(store)
    store.close()
    values = {name: getattr(BASE, name) for name in BASE.__struct_fields__} | changes
    mark_path(path).write_bytes(encode_slot(MarkRecord(**values)) * 2)
    assert what in damage_of(path)
    assert bool(what) == bool(damage_of(path))


def test_damage_that_shows_itself_in_use_is_told_once_and_nothing_is_reported_after(path, store):
    store.write([append(1, *(entry(i) for i in range(1, 200)))])
    store._db.execute("UPDATE entry SET body = x'00' WHERE number = 2")
    told: list[object] = []

    async def main() -> None:
        over = asyncio.Event()
        thread = StoreThread(store, told.append, on_damaged=told.append)
        thread.write(append(2, entry(200)), lambda: told.append("written"))
        thread.read(1, 9, 1 << 20, told.append)
        thread.write(append(3, entry(201)), lambda: told.append("written too"))
        thread.stage_put(0, b"chunk", lambda: told.append("staged"))
        thread.read(150, 151, 1 << 20, told.append)
        thread.read_chunk(0, 0, lambda _none: over.set())
        await over.wait()
        assert thread.waiting == 0
        await thread.stop()

    asyncio.run(main())
    what = "entry 2 is not as it was written"
    assert told == ["written", Damaged(what), what, Damaged(what)]


# --- the mark itself ---


def test_a_slot_keeps_its_record_and_nothing_else_passes_for_one():
    slot = encode_slot(BASE)
    assert decode_slot(slot) == BASE
    used = len(slot.rstrip(b"\0"))
    for position in range(used):
        spoilt = bytearray(slot)
        spoilt[position] ^= 1 << position % 8
        assert decode_slot(bytes(spoilt)) is None, position
    for size in range(used):
        assert decode_slot(slot[:size].ljust(SLOT_BYTES, b"\0")) is None
    assert decode_slot(slot[:-1]) is None
    with pytest.raises(ValueError, match="does not fit into its slot"):
        encode_slot(MarkRecord(ID, 2, 4, T1, T1, 5, 6, entry(6).root, bytes(5000)))


def test_a_torn_write_leaves_the_record_before_it(tmp_path):
    path = tmp_path / "mark"
    mark = Mark(path, REAL_FILES)
    assert (mark.exists, mark.newest) == (False, None)
    records = [
        MarkRecord(ID, 2, number, Term(number, "tmr1", 1), T1, 5, 6, bytes(32), b"m" * 100)
        for number in range(6)
    ]
    mark.create(records[0])
    for number, record in enumerate(records[1:], start=1):
        before = path.read_bytes()
        mark.write(record)
        after = path.read_bytes()
        assert len(after) == 2 * SLOT_BYTES
        for size in range(0, 2 * SLOT_BYTES, 64):
            path.write_bytes(after[:size] + before[size:])
            assert Mark(path, REAL_FILES).newest in (record, records[number - 1])
            path.write_bytes(before[:size] + after[size:])
            assert Mark(path, REAL_FILES).newest in (record, records[number - 1])
        path.write_bytes(after)
        mark.close()
        mark = Mark(path, REAL_FILES)
        assert mark.newest == record
    mark.close()
