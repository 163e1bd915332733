"""Names beside the log: written with what else is written, and forgotten for good."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance.adapters.store.database import Store
from appliance.adapters.store.names import NamesRead
from appliance.ledger.effects import NamesWrite, SnapshotRecord, Write
from appliance.ledger.messages import NAMES_PER_MESSAGE
from appliance.licences.names import NameRow, tag_of
from tests.unit.adapters.test_store import ID, chain

KEY = b"k" * 32


def row(name: str, seen_ms: int = 5) -> NameRow:
    return NameRow(tag_of(KEY, name), name, seen_ms)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    Store.init(path, "up1", ID)
    return path


def write(store: Store, **what: object) -> None:
    store.write([Write(0, names=NamesWrite(**what))])  # type: ignore[arg-type]


def names(store: Store, after: int = 0) -> list[tuple[str, int]]:
    return [(one.name, one.seen_ms) for one in store.read_names(after).rows]


def test_names_and_key_outlive_a_restart_and_are_read_on_from_a_number(path: Path) -> None:
    store = Store(path, "up1")
    assert store.read_names(0) == NamesRead(b"", 0, ())
    write(store, key=KEY, rows=(row("Ada"), row("Bob")))
    first = store.read_names(0)
    write(store, rows=(row("Ada", 9), row("Bob", 4), row("Cid")))
    store.close()
    store = Store(path, "up1")
    assert names(store) == [("Bob", 5), ("Ada", 9), ("Cid", 5)]
    assert names(store, first.last) == [("Ada", 9), ("Cid", 5)], "what changed is met again"
    assert store.read_names(99) == NamesRead(KEY, 99, ())
    store.close()


def test_a_page_has_a_bound(path: Path) -> None:
    store = Store(path, "up1")
    write(store, key=KEY, rows=tuple(row(f"n{n}") for n in range(NAMES_PER_MESSAGE + 3)))
    first = store.read_names(0)
    assert len(first.rows) == NAMES_PER_MESSAGE
    assert names(store, first.last) == [(f"n{NAMES_PER_MESSAGE + n}", 5) for n in range(3)]
    store.close()


def test_what_is_to_be_forgotten_is(path: Path) -> None:
    store = Store(path, "up1")
    write(store, key=KEY, rows=tuple(row(f"n{n}", n) for n in range(1, 9)))
    write(store, forget=((row("n8").tag, 7), (row("n7").tag, 7), (row("unknown").tag, 7)))
    assert [name for name, _ in names(store)] == ["n1", "n2", "n3", "n4", "n5", "n6", "n8"]
    write(store, used_since_ms=3)
    assert [name for name, _ in names(store)] == ["n3", "n4", "n5", "n6", "n8"]
    write(store, most=2)
    assert [name for name, _ in names(store)] == ["n6", "n8"]
    assert store.read_names(0).key == KEY
    store.close()


def test_a_name_that_is_not_as_it_was_written_makes_room_for_the_right_one(path: Path) -> None:
    store = Store(path, "up1")
    write(store, key=KEY, rows=(row("Ada"),))
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE name SET text = x'ff' WHERE tag = ?", (row("Ada").tag,))
        db.execute("UPDATE name SET text = 7 WHERE tag = x''")
        db.execute("INSERT INTO name (tag, text, seen_ms) VALUES (1, 'x', 2)")
    db.close()
    store = Store(path, "up1")
    assert not store.damage and store.read_names(0)[0::2] == (b"", ())
    write(store, key=KEY, rows=(row("Ada"),))
    assert names(store) == [("Ada", 5)] and store.read_names(0).key == KEY
    store.close()


def test_a_forgotten_name_is_in_no_file_not_even_in_a_free_page(path: Path) -> None:
    """Many names, in pages that split and empty again, among entries, snapshots and an archive."""
    store = Store(path, "up1")
    erased = [row(f"person-{n:04d}-{'x' * (n % 90)}") for n in range(1_500)]
    kept = [row(f"other-{n:04d}") for n in range(50)]
    log = chain(*(bytes(3_000) for _ in range(60)))
    for part in range(30):
        rows = (*erased[part * 50 : part * 50 + 50], *kept[part : part + 1])
        writes = [Write(0, names=NamesWrite(KEY, rows)), Write(part, append=log[part : part + 1])]
        store.write(writes)
    for part in range(0, 1_500, 7):  # refreshed, so that rows move
        write(store, rows=(NameRow(erased[part].tag, erased[part].name.upper(), 6),))
    snapshot = SnapshotRecord(30, log[29].root, (b"state" * 99,))
    store.write([Write(99, commit_index=30, snapshot=snapshot, compact_to=20)])
    assert present(path, b"person-") and present(path, b"PERSON-")
    write(store, forget=tuple((one.tag, 6) for one in erased))
    assert not present(path, b"person-") and not present(path, b"PERSON-")
    assert [name for name, _ in names(store)] == [one.name for one in kept[:30]]
    store.close()
    store = Store(path, "up1")
    assert not store.damage and not present(path, b"person-")
    assert store.recover().commit_index == 30
    store.close()


def present(path: Path, name: bytes) -> bool:
    """Whether this stands in any file of the store: database, write-ahead log, mark, archive."""
    files = [one for one in path.parent.rglob("*") if one.is_file()]
    assert len(files) >= 3
    return any(name in one.read_bytes() for one in files)
