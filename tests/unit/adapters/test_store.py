"""The store keeps what it reported, after kills too, and refuses what is not its own."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.adapters.store.archive import Archive, archive_path
from appliance.adapters.store.database import NotInitialised, Store, StoreFailed
from appliance.adapters.store.files import REAL_FILES
from appliance.adapters.store.home import set_aside
from appliance.adapters.store.mark import mark_path
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import Entry
from appliance.ledger.replica.surroundings import Damaged
from appliance.verifier.layouts import ZERO_ROOT, entry_root

ID = bytes(range(16))
T1, T2 = Term(1, "tmr1", 2**64 - 1), Term(2, "tmr2", 5)
ROOT = Path(__file__).resolve().parents[3]


def chain(*bodies: bytes, term: Term = T1, after: Entry | None = None) -> tuple[Entry, ...]:
    """Entries with these bodies, after this one or from the first on."""
    index, root = (after.index, after.root) if after else (0, ZERO_ROOT)
    entries = []
    for body in bodies:
        index += 1
        root = entry_root(root, index, body)
        entries.append(Entry(index, term, root, body))
    return tuple(entries)


E = (None, *chain(*(b"body",) * 600))


def entry(index: int) -> Entry:
    """Entry `index` of a long log."""
    found = E[index]
    assert found is not None
    return found


def held(store: Store, first: int) -> tuple[Entry, ...]:
    """All entries from this one on that are in the log."""
    entries = store.read(first, 10**6, 1 << 30)
    assert not isinstance(entries, Damaged)
    return entries


def append(ticket: int, *entries: Entry, commit_index: int | None = None) -> Write:
    return Write(ticket, append=entries, commit_index=commit_index)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "ledger.sqlite"


@pytest.fixture
def store(path):
    assert Store.init(path, "up1", ID) == ID
    store = Store(path, "up1")
    yield store
    store.close()


def recovered(store: Store):
    found = store.recover()
    assert not found.damage, found.damage
    return found.promised, found.adopted, found.commit_index, tuple(found.entries)


def test_a_new_store_is_empty(store):
    assert recovered(store) == (NO_TERM, NO_TERM, 0, ())
    assert store.read(1, 10, 1000) == ()
    assert (store.store_id, store.recover().store_id) == (ID, ID)


def test_what_was_written_is_there_after_reopening(path, store):
    store.write([Write(1, promised=T1)])
    store.write([Write(2, adopted=T1, cut_to=0, append=(entry(1),), commit_index=0)])
    store.write([append(3, entry(2), commit_index=1), append(4, entry(3), commit_index=2)])
    first_id = store.store_id
    store.close()
    again = Store(path, "up1")
    assert recovered(again) == (T1, T1, 2, (entry(1), entry(2), entry(3)))
    assert again.store_id == first_id
    again.close()


def test_a_cut_drops_what_comes_after_it(store):
    store.write([append(1, entry(1), entry(2), entry(3), commit_index=1)])
    other = chain(b"other", term=T2, after=entry(1))
    store.write([Write(2, adopted=T2, cut_to=1, append=other)])
    assert recovered(store) == (NO_TERM, T2, 1, (entry(1), *other))
    assert store.last_index == 2


def test_reads_are_bounded_but_never_empty_handed(store):
    five = chain(*(b"x" * 100,) * 5)
    store.write([append(1, *five)])
    assert store.read(2, 9, 250) == five[1:3]
    assert store.read(2, 2, 250) == five[1:2]
    assert store.read(5, 9, 1) == five[4:]
    assert store.read(6, 9, 250) == ()


def test_a_gap_is_refused_whole(path, store):
    with pytest.raises(StoreFailed, match="Entry 3 was to be stored after entry 1"):
        store.write([append(1, entry(1)), append(2, entry(3))])
    with pytest.raises(StoreFailed):
        store.write([append(3, entry(1))])
    store.close()
    again = Store(path, "up1")
    assert recovered(again)[3] == ()
    again.close()


# --- what is not its own ---


def test_another_hosts_store_is_refused(path, store):
    store.close()
    with pytest.raises(StoreFailed, match="is that of host up1, this is up2"):
        Store(path, "up2")


def in_another_process(path: Path, statement: str) -> None:
    """Does this there; what it fails with is raised here."""
    code = (
        "import sys; from pathlib import Path\n"
        "from appliance.adapters.store.database import Store\n"
        "from appliance.adapters.store.home import set_aside\n"
        "from appliance.adapters.store.files import REAL_FILES\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + statement, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=100,
    )
    if done.returncode:
        raise StoreFailed(done.stderr)


def test_a_store_in_use_is_refused(path, store):
    with pytest.raises(StoreFailed, match="is in use by another process"):
        in_another_process(path, "Store(Path(sys.argv[1]), 'up1')")


def test_foreign_files_are_refused(tmp_path):
    text = tmp_path / "text"
    text.write_bytes(b"not a database, but long enough to look at\n" * 100)
    with pytest.raises(StoreFailed, match="is no store of this program"):
        Store(text, "up1")
    other = tmp_path / "other"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()
    with pytest.raises(StoreFailed, match="is no store of this program"):
        Store(other, "up1")
    assert text.read_bytes().startswith(b"not a database")


def test_another_format_is_refused(path, store, monkeypatch):
    store.close()
    monkeypatch.setattr("appliance.adapters.store.records.VERSION", 5)
    monkeypatch.setattr("appliance.adapters.store.home.VERSION", 5)
    with pytest.raises(StoreFailed, match="has format 4, this program knows 5: run the program"):
        Store(path, "up1")


def test_a_place_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailed, match="cannot be used"):
        Store(tmp_path / "file" / "store", "up1")
    with pytest.raises(StoreFailed, match="cannot be used"):
        Store.init(tmp_path / "file" / "store", "up1", ID)


# --- made once, by an explicit act ---


def test_nobody_else_may_read_what_a_store_holds(path):
    Store.init(path, "up1", ID, key=b"k" * 32)
    store = Store(path, "up1")
    store.write([append(1, entry(1))])
    assert store.key == b"k" * 32
    assert {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()} == dict.fromkeys(
        ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite.mark"), 0o600
    )
    store.close()


def test_no_store_is_made_by_opening_one(path):
    with pytest.raises(NotInitialised, match="`tmr upstream init --config FILE`"):
        Store(path, "up1")
    assert not path.exists()


def test_a_store_is_made_once(path, store):
    with pytest.raises(StoreFailed, match="There is a store at"):
        Store.init(path, "up1", bytes(16))
    store.close()
    with pytest.raises(StoreFailed, match="There is a store at"):
        Store.init(path, "up1", bytes(16))
    mark_path(path).unlink()
    with pytest.raises(StoreFailed, match=r"There is a store at .*, of host up1"):
        Store.init(path, "up1", bytes(16))


def test_an_init_that_was_interrupted_is_finished(path):
    Store.init(path, "up1", ID)
    mark_path(path).unlink()
    with pytest.raises(NotInitialised):
        Store(path, "up1")
    assert Store.init(path, "up1", bytes(16)) == ID
    Store(path, "up1").close()


def test_a_store_is_set_aside_with_all_that_belongs_to_it(path, store):
    store.write(compacted(3))
    with pytest.raises(StoreFailed, match="in use by another process"):
        in_another_process(path, "set_aside(Path(sys.argv[1]), 'damaged', REAL_FILES)")
    store.close()
    assert set_aside(path, "damaged", REAL_FILES) == path.parent / "damaged"
    assert [name.name for name in path.parent.iterdir()] == ["damaged"]
    assert (path.parent / "damaged/archive/segment-1-3.tmr").exists()
    with pytest.raises(NotInitialised):
        set_aside(path, "damaged again", REAL_FILES)
    Store.init(path, "up1", bytes(16))
    kept = Store(path.parent / "damaged" / path.name, "up1")
    assert (kept.store_id, kept.last_index) == (ID, 3)
    kept.close()


# --- a snapshot instead of the log's beginning ---


def compacted(index: int, *chunks: bytes) -> list[Write]:
    """Entries up to this index, a snapshot after the last, and no entry but in the archive."""
    record = SnapshotRecord(index, entry(index).root, chunks or (b"state",), about=b"about")
    entries = tuple(entry(i) for i in range(1, index + 1))
    return [
        Write(1, append=entries, commit_index=index),
        Write(2, snapshot=record, compact_to=index),
    ]


def archived(path: Path) -> tuple[Entry, ...]:
    """All that is in the archive."""
    archive = Archive(archive_path(path), REAL_FILES)
    return tuple(entry for segment in archive.segments() for entry in archive.read(segment))


def test_a_snapshot_stands_for_what_is_before_it(path, store):
    store.write([append(1, *(entry(i) for i in range(1, 6)), commit_index=4)])
    record = SnapshotRecord(3, entry(3).root, (b"a" * 2_000_000, b"", b"b"), about=b"about")
    store.write([Write(2, snapshot=record, membership=b"up1 up2 up3")])
    store.close()
    again = Store(path, "up1")
    found = again.recover()
    assert found.snapshot == record.chunks
    assert (found.snapshot_index, found.snapshot_root) == (3, entry(3).root)
    assert (found.snapshot_about, found.membership) == (b"about", b"up1 up2 up3")
    assert [e.index for e in found.entries] == [4, 5]
    assert found.first_index == 1
    assert again.read(1, 9, 1 << 20) == tuple(entry(i) for i in range(1, 6))
    assert again.read_chunk(3, 2) == b"b"
    assert again.read_chunk(3, 3) is again.read_chunk(2, 0) is again.read_chunk(3, -1) is None
    again.close()


def test_compaction_moves_entries_into_the_archive(path, store):
    store.write([append(1, *(entry(i) for i in range(1, 10)), commit_index=8)])
    for index, number in ((4, 3), (7, 6)):
        record = SnapshotRecord(index, entry(index).root, (b"state",))
        store.write([Write(number, snapshot=record, compact_to=index - 1)])
    assert [e.index for e in held(store, 7)] == [7, 8, 9]
    assert store.read(3, 9, 1 << 20) == ()
    store.close()
    assert archived(path) == tuple(entry(i) for i in range(1, 7))
    again = Store(path, "up1")
    found = again.recover()
    assert (found.first_index, found.snapshot_index, found.commit_index) == (7, 7, 8)
    assert [e.index for e in found.entries] == [8, 9]
    again.write([append(9, entry(10))])
    with pytest.raises(StoreFailed, match="cut to entry 6, which is in the snapshot"):
        again.write([Write(10, cut_to=6)])
    again.close()


def test_a_snapshot_from_elsewhere_replaces_the_whole_log(path, store):
    store.write([append(1, entry(1), entry(2), entry(3), commit_index=2)])
    for number, chunk in enumerate((b"one", b"two", b"three")):
        store.stage_put(number, b"first try")
        store.stage_put(number, chunk)
    record = SnapshotRecord(50, entry(50).root, staged=3, replaces=True)
    tail = (entry(51), entry(52))
    store.write([Write(2, adopted=T2, snapshot=record, append=tail, commit_index=51)])
    for _ in range(2):
        found = store.recover()
        assert found.snapshot == (b"one", b"two", b"three")
        assert (found.first_index, found.commit_index, found.adopted) == (51, 51, T2)
        assert tuple(found.entries) == tail
        store.close()
        assert archived(path) == (entry(1), entry(2)), "what was committed here is not lost"
        store = Store(path, "up1")
    store.close()


def test_what_was_put_aside_is_gone_after_a_restart_or_when_told(path, store):
    record = SnapshotRecord(1, entry(1).root, staged=1)
    store.write([append(1, entry(1), commit_index=1)])
    store.stage_put(0, b"one")
    store.close()
    again = Store(path, "up1")
    with pytest.raises(StoreFailed, match="A snapshot of 1 chunks has 0"):
        again.write([Write(2, snapshot=record)])
    again.close()
    again = Store(path, "up1")
    again.stage_put(0, b"one")
    again.stage_clear()
    with pytest.raises(StoreFailed, match="A snapshot of 1 chunks has 0"):
        again.write([Write(2, snapshot=record)])
    again.close()


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (Write(2, compact_to=1), "which no snapshot covers"),
        (Write(2, snapshot=SnapshotRecord(3, entry(3).root, (b"s",))), "pass the commit"),
        (Write(2, snapshot=SnapshotRecord(2, entry(1).root, (b"s",))), "of another log"),
        (Write(2, snapshot=SnapshotRecord(9, entry(9).root, (b"s",))), "of another log"),
        (Write(2, snapshot=SnapshotRecord(2, entry(2).root)), "A snapshot of 0 chunks has 0"),
        (Write(2, commit_index=9), "Entry 9 was to be committed, 4 is the last"),
        (Write(2, membership=bytes(3000)), "The membership has 3000 bytes"),
    ],
)
def test_what_makes_no_sense_is_refused_whole(path, store, write, what):
    store.write([append(1, entry(1), entry(2), entry(3), commit_index=2)])
    with pytest.raises(StoreFailed, match=f"{what}.*a mistake in the program; nothing was stored"):
        store.write([append(2, entry(4)), write])
    store.close()
    again = Store(path, "up1")
    assert recovered(again) == (NO_TERM, NO_TERM, 2, (entry(1), entry(2), entry(3)))
    again.close()


def test_a_full_disk_is_said_and_final(path, store):
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFailed, match="is full: free some space"):
        store.write([append(1, *chain(b"x" * 100_000))])
    with pytest.raises(StoreFailed, match="is full"):
        store.write([append(2, entry(1))])
    store.close()
    again = Store(path, "up1")
    assert recovered(again)[3] == ()
    again.close()


# --- kills ---

WRITER = """
import sys
from pathlib import Path
from appliance.adapters.store.database import Store
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.messages import Entry
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from appliance.ledger.election.terms import Term
store = Store(Path(sys.argv[1]), "up1")
index, roots = store.last_index, {store.last_index: store._position.last_root}
while True:
    index += 1
    term = Term(index, "tmr1", index)
    body = b"x" * (index % 500)
    roots[index] = entry_root(roots[index - 1], index, body)
    new = Entry(index, term, roots[index], body)
    snapshot = None
    if index % 10 == 0 and index - 1 in roots:
        snapshot = SnapshotRecord(index - 1, roots[index - 1], (b"%d" % index,))
    store.write([
        Write(index, term, term, None, (new,), (b'result',), index - 1, snapshot,
              snapshot and index - 5)
    ])
    sys.stdout.write(f"{index}\\n")
    sys.stdout.flush()
"""


def test_killed_again_and_again_it_keeps_all_it_reported(path):
    Store.init(path, "up1", ID)
    reported = 0
    for round_number in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as writer:
            assert writer.stdout is not None
            for _ in range(30 + 7 * round_number):
                reported = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            reported = max(reported, *map(int, [*writer.stdout.read().split(b"\n")[:-1], b"0"]))
        store = Store(path, "up1")
        found = store.recover()
        log = (*archived(path), *held(store, found.first_index))
        store.close()
        # One more may have been durable, though not reported.
        assert not found.damage
        assert len(log) in (reported, reported + 1)
        assert found.promised == found.adopted == Term(len(log), "tmr1", len(log))
        assert found.commit_index == len(log) - 1
        assert found.snapshot == (b"%d" % (found.snapshot_index + 1),)
        for position, one in enumerate(log, start=1):
            assert one.index == position
            assert one.body == b"x" * (position % 500)
