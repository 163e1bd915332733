"""The usage record in a store: results stay beside their entries, in the log and in the archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.adapters.store.archive import Archive, ArchiveLimits, archive_path
from appliance.adapters.store.database import Store, StoreFailed
from appliance.adapters.store.files import REAL_FILES
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import Entry, Recorded
from appliance.verifier.layouts import ZERO_ROOT, entry_root

T1 = Term(1, "tmr1", 1)
ALL = 1 << 30


def chain(count: int) -> list[Recorded]:
    """Entries that follow on each other, each with what came of it."""
    kept, root = [], ZERO_ROOT
    for index in range(1, count + 1):
        body = b"body %d" % index
        root = entry_root(root, index, body)
        kept.append(Recorded(Entry(index, T1, root, body), b"result %d" % index))
    return kept


LOG = chain(40)


def write(first: int, last: int) -> Write:
    part = LOG[first - 1 : last]
    return Write(
        first,
        append=tuple(one.entry for one in part),
        results=tuple(one.result for one in part),
        commit_index=last,
    )


def compact(index: int) -> Write:
    record = SnapshotRecord(index, LOG[index - 1].entry.root, (b"state",), about=b"about")
    return Write(99, snapshot=record, compact_to=index)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    Store.init(path, "up1", bytes(16))
    store = Store(path, "up1")
    yield store
    store.close()


def filled(store: Store) -> None:
    """Entries 1 to 20 in two segments, 21 to 30 in the log, 31 to 40 not committed."""
    store.write([write(1, 10)])
    store.write([compact(10)])
    store.write([write(11, 30)])
    store.write([compact(20)])
    store.write([Write(7, append=tuple(one.entry for one in LOG[30:]))])


def test_what_came_of_an_entry_is_there_after_a_restart(path: Path, store: Store) -> None:
    filled(store)
    store.close()
    again = Store(path, "up1")
    assert again.read_record(1, 99, ALL) == tuple(LOG[:30])
    assert again.read_record(9, 12, ALL) == tuple(LOG[8:12])
    assert again.read_record(25, 99, 1) == (LOG[24],)
    assert again.read_record(31, 99, ALL) == ()
    again.close()


def test_a_result_that_was_changed_on_the_disk_is_damage(store: Store) -> None:
    filled(store)
    assert store._db is not None
    store._db.execute("UPDATE entry SET result = 'x' WHERE number = 25")
    with pytest.raises(StoreFailed):
        store.read_record(21, 30, ALL)
    assert "25" in store.damage


def test_what_the_archive_lacks_is_passed_over(path: Path, store: Store) -> None:
    filled(store)
    first, second = Archive(archive_path(path), REAL_FILES).segments()
    data = bytearray(first.path.read_bytes())
    data[60] ^= 1
    first.path.write_bytes(bytes(data))
    assert store.read_record(1, 99, ALL) == tuple(LOG[10:30])
    second.path.unlink()
    store._archive._read = None
    assert store.read_record(1, 99, ALL) == tuple(LOG[20:30])


def test_records_go_with_their_segment_when_their_time_is_over(path: Path) -> None:
    Store.init(path, "up1", bytes(16))
    store = Store(path, "up1", archive_limits=ArchiveLimits(bytes_max=1))
    filled(store)
    assert store.read_record(1, 99, ALL) == tuple(LOG[10:30])
    store.close()


def test_a_log_that_is_cut_loses_what_came_of_it(store: Store) -> None:
    store.write([write(1, 10)])
    other = Entry(9, T1, entry_root(LOG[7].entry.root, 9, b"other"), b"other")
    cut = Write(2, cut_to=8, append=(other,), results=(b"another",), commit_index=9)
    store.write([cut])
    assert store.read_record(8, 99, ALL) == (LOG[7], Recorded(other, b"another"))


def test_more_results_than_entries_are_a_mistake(store: Store) -> None:
    with pytest.raises(StoreFailed, match="more results than entries"):
        store.write([Write(1, append=(LOG[0].entry,), results=(b"one", b"two"))])
