"""The store keeps what it reported, after kills too, and refuses what is not its own."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from appliance.adapters.store import Store, StoreFailed
from appliance.adapters.store_thread import StoreThread
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.terms import NO_TERM, Term

T1, T2 = Term(1, "tmr1", 2**64 - 1), Term(2, "tmr2", 5)
ROOT = Path(__file__).resolve().parents[3]


def entry(index: int, term: Term = T1, body: bytes = b"body") -> Entry:
    """An entry; the store does not judge chains."""
    return Entry(index, term, bytes([index % 256]) * 32, body)


def append(ticket: int, *entries: Entry, commit_index: int | None = None) -> Write:
    return Write(ticket, append=entries, commit_index=commit_index)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "ledger.sqlite"


@pytest.fixture
def store(path):
    store = Store(path, "up1")
    yield store
    store.close()


def recovered(store: Store):
    found = store.recover()
    return found.promised, found.adopted, found.commit_index, tuple(found.entries)


def test_a_new_store_is_empty(store):
    assert recovered(store) == (NO_TERM, NO_TERM, 0, ())
    assert store.read(1, 10, 1000) == ()
    assert len(store.store_id) == 32


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
    store.write([Write(2, adopted=T2, cut_to=1, append=(entry(2, T2, b"other"),))])
    assert recovered(store) == (NO_TERM, T2, 1, (entry(1), entry(2, T2, b"other")))
    assert store.last_index == 2


def test_reads_are_bounded_but_never_empty_handed(store):
    store.write([append(1, *(entry(i, body=b"x" * 100) for i in range(1, 6)))])
    assert [e.index for e in store.read(2, 9, 250)] == [2, 3]
    assert [e.index for e in store.read(2, 2, 250)] == [2]
    assert [e.index for e in store.read(5, 9, 1)] == [5]
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


def test_a_store_in_use_is_refused(path, store):
    code = (
        "import sys; from pathlib import Path; from appliance.adapters.store import Store\n"
        "Store(Path(sys.argv[1]), 'up1')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=100,
    )
    assert "is in use by another process" in done.stderr


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


def test_a_newer_format_is_refused(path, store):
    store.close()
    edit(path, "PRAGMA user_version = 2")
    with pytest.raises(StoreFailed, match="run the newer program"):
        Store(path, "up1")


def test_a_place_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailed, match="cannot be opened"):
        Store(tmp_path / "file" / "store", "up1")


# --- damage ---


def edit(path: Path, *statements: str) -> None:
    """Changes a closed store behind its back."""
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entry SET body = x'00' WHERE number = 2", "entry 2 is not as it was written"),
        ("UPDATE entry SET term = x'9301a001' WHERE number = 2", "entry 2 is not"),
        ("UPDATE entry SET root = zeroblob(32) WHERE number = 3", "entry 3 is not"),
        ("UPDATE entry SET number = 9 WHERE number = 3", "entry 9 is not"),
        ("DELETE FROM entry WHERE number = 2", "entry 2 is missing"),
    ],
)
def test_damaged_entries_are_found(path, store, statement, what):
    store.write([append(1, entry(1), entry(2), entry(3), commit_index=2)])
    store.close()
    edit(path, statement)
    again = Store(path, "up1")
    with pytest.raises(StoreFailed, match=what):
        recovered(again)
    with pytest.raises(StoreFailed):
        again.write([append(2, entry(4))])
    again.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE position SET data = zeroblob(9)", "'position' is not as it was written"),
        ("DELETE FROM position", "'position' is not as it was written"),
        ("UPDATE owner SET sum = zeroblob(16)", "'owner' is not as it was written"),
        ("DROP TABLE entry", "cannot be used"),
    ],
)
def test_damaged_records_are_found(path, store, statement, what):
    store.close()
    edit(path, statement)
    with pytest.raises(StoreFailed, match=what):
        Store(path, "up1")


def test_fewer_entries_than_were_committed_are_noticed(path, store):
    store.write([append(1, entry(1), entry(2), commit_index=2)])
    store.close()
    edit(path, "DELETE FROM entry WHERE number = 2")
    again = Store(path, "up1")
    with pytest.raises(StoreFailed, match="says that 2 entries were committed, but holds 1"):
        again.recover()
    again.close()


def test_a_full_disk_is_said_and_final(path, store):
    store._db.execute(f"PRAGMA max_page_count = {store._pragma('page_count') + 2}")
    with pytest.raises(StoreFailed, match="is full: free some space"):
        store.write([append(1, entry(1, body=b"x" * 100_000))])
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
from appliance.adapters.store import Store
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.terms import Term
store = Store(Path(sys.argv[1]), "up1")
index = store.last_index
while True:
    index += 1
    term = Term(index, "tmr1", index)
    new = Entry(index, term, bytes([index % 256]) * 32, b"x" * (index % 500))
    store.write([Write(index, term, term, None, (new,), index - 1)])
    sys.stdout.write(f"{index}\\n")
    sys.stdout.flush()
"""


def test_killed_again_and_again_it_keeps_all_it_reported(path):
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
        promised, adopted, commit_index, entries = recovered(store)
        store.close()
        # One more may have been durable, though not reported.
        assert len(entries) in (reported, reported + 1)
        assert promised == adopted == Term(len(entries), "tmr1", len(entries))
        assert commit_index == len(entries) - 1
        for position, one in enumerate(entries, start=1):
            assert one.index == position
            assert one.body == b"x" * (position % 500)


# --- the thread ---


def test_the_thread_reports_in_order_and_reads_after_writes(store):
    seen: list[object] = []

    async def main() -> None:
        thread = StoreThread(store, seen.append)
        finished = asyncio.Event()
        for number in range(1, 201):
            thread.write(append(number, entry(number)), partial(seen.append, number))
            if number == 100:
                thread.read(99, 200, 1 << 20, seen.append)
        thread.read(200, 200, 1, lambda found: finished.set())
        await finished.wait()
        assert thread.waiting == 0
        await thread.stop()

    asyncio.run(main())
    assert seen == [*range(1, 101), (entry(99), entry(100)), *range(101, 201)]


def test_waiting_writes_share_a_sync(store, monkeypatch):
    groups: list[int] = []
    gate = threading.Event()
    write = store.write

    def slow(writes) -> None:
        gate.wait(60)
        groups.append(len(writes))
        write(writes)

    monkeypatch.setattr(store, "write", slow)
    room: list[bool] = []

    async def main() -> None:
        thread = StoreThread(store, lambda error: None, lambda: room.append(True))
        finished = asyncio.Event()
        for number in range(1, 601):
            thread.write(append(number, entry(number)), lambda: None)
        assert thread.crowded
        thread.read(1, 1, 1, lambda found: finished.set())
        gate.set()
        await finished.wait()
        assert not thread.crowded
        await thread.stop()

    asyncio.run(main())
    assert sum(groups) == 600
    assert len(groups) < 20
    assert room == [True]


def test_a_failure_is_told_once_and_nothing_is_reported_after_it(store):
    failures: list[StoreFailed] = []
    done: list[int] = []

    async def main() -> None:
        thread = StoreThread(store, failures.append)
        thread.write(append(1, entry(1)), lambda: done.append(1))
        thread.write(append(2, entry(5)), lambda: done.append(2))
        thread.write(append(3, entry(2)), lambda: done.append(3))
        while not failures:
            await asyncio.sleep(0.01)
        with pytest.raises(StoreFailed):
            thread.write(append(4, entry(2)), lambda: done.append(4))
        await thread.stop()

    asyncio.run(main())
    assert len(failures) == 1
    assert "Entry 5" in str(failures[0])
    assert done in ([], [1])
