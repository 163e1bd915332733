"""After a power cut the store has what it reported written, and of the rest whole writes or none.

The real store runs on a disk that records everything (`crash_disk`, `crash_vfs`). The power is cut
after every single operation; from each cut come several images of what the disk may hold then, and
the real store is opened on each (`crash_story`). A store or a disk that leaves out one sync has to
be found out.

More of it: TMR_CRASH_SEEDS=20 python -m pytest tests/unit/adapters/test_store_crash.py
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from sqlite3 import Connection

import pytest

from appliance.adapters.store.database import Store, StoreFailed
from appliance.adapters.store.files import REAL_FILES
from appliance.adapters.store.records import Position
from appliance.adapters.store.thread import StoreThread
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.replica.surroundings import Damaged
from tests.unit.adapters.crash_disk import SECTOR_BYTES, Disk, Wreck
from tests.unit.adapters.crash_story import (
    ID,
    T1,
    T3,
    Chain,
    Inspection,
    Lost,
    Story,
    Written,
    found_in,
    lived,
)
from tests.unit.adapters.crash_vfs import ForgetfulVfs

SEEDS = range(int(os.environ.get("TMR_CRASH_SEEDS", "1")))


@pytest.fixture
def vfs() -> Iterator[ForgetfulVfs]:
    vfs = ForgetfulVfs(seed=1)
    with vfs.registered():
        yield vfs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_power_cut_at_any_operation_loses_nothing_that_was_reported(vfs, path, seed, capsys):
    story = lived(vfs, path, seed)
    kinds = {(op.kind, Path(op.path).suffix) for op in story.disk.ops}
    assert {("write", ".sqlite-wal"), ("sync", ".sqlite-wal"), ("write", ".sqlite")} <= kinds
    assert {("sync", ".sqlite"), ("delete", ".sqlite-wal"), ("create", ".sqlite-journal")} <= kinds
    assert {("sync", ".mark"), ("write", ".mark"), ("rename", ".new")} <= kinds
    checked = Inspection(vfs, story, seed).all()
    with capsys.disabled():
        print(f" {checked.cuts} cuts, {checked.images} images, {checked.second_cuts} second cuts")
    assert checked.images > 1000
    assert checked.second_cuts > 100


def test_without_a_power_cut_all_is_there(vfs, path):
    story = lived(vfs, path, 0)
    (last,) = story.allowed(len(story.disk.ops))
    assert (last.promised, last.commit_index, last.first_index) == (T3, 402, 401)
    assert [e.index for e in last.log] == [*range(1, 45), 401, 402, 403]
    vfs.disk = Disk({name: bytes(content) for name, content in story.disk.files.items()})
    store = Store(path, "up1", vfs.files)
    assert found_in(store, vfs.files) == last
    store.close()


def test_the_recording_disk_holds_what_a_real_one_would(vfs, path):
    story = lived(vfs, path, 0)
    assert not path.exists()
    with vfs.aside():
        lived(vfs, path, 0, files=REAL_FILES)
    real = {str(p): p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}
    assert sorted(real) == sorted(story.disk.files)
    for name, content in real.items():
        assert content == story.disk.files[name], name


def test_the_real_file_system_shows_the_same_wreck(vfs, path):
    story = lived(vfs, path, 0)
    wreck, random, looked_at = Wreck({}), Random(0), 0
    for cut, op in enumerate(story.disk.ops, 1):
        wreck.happens(op)
        if cut % 10:
            continue
        *_, (_, image) = wreck.images(random, 1)
        shutil.rmtree(path.parent)
        (path.parent / "archive").mkdir(parents=True)
        for name, data in image.items():
            Path(name).write_bytes(data)
        if cut < story.made:
            continue
        with vfs.aside():
            store = Store(path, "up1")
            content = found_in(store)
            store.close()
        assert content in story.allowed(cut)
        looked_at += 1
    assert looked_at > 20


@pytest.mark.parametrize("pragma", ["synchronous = OFF", "synchronous = NORMAL"])
def test_a_store_that_does_not_sync_its_commits_is_found_out(vfs, path, pragma):
    story = lived(vfs, path, 0, pragma)
    with pytest.raises(Lost):
        Inspection(vfs, story, 0).all()


@pytest.mark.parametrize(
    "deaf_to", ["", "-wal", ".sqlite", "directory", ".mark", ".tmr.new", "archive"]
)
def test_a_sync_that_does_nothing_is_found_out(vfs, path, deaf_to):
    def deafen(disk: Disk) -> None:
        disk.deaf_to = deaf_to

    story = lived(vfs, path, 0, when_made=deafen)
    with pytest.raises(Lost):
        Inspection(vfs, story, 0).all()


@pytest.mark.parametrize("deaf_to", ["-journal", ".sqlite", "directory", ".mark"])
def test_a_sync_missing_while_a_store_is_made_is_found_out(vfs, path, deaf_to):
    vfs.disk.deaf_to = deaf_to
    disk = vfs.disk
    Store.init(path, "up1", ID, vfs.files)
    disk.deaf_to = None
    story = Story(disk, path, len(disk.ops))
    store = Store(path, "up1", vfs.files)
    store.write([Write(1, promised=T1)])
    story.steps.append(Written((Write(1, promised=T1),), story.made, len(disk.ops), 2))
    store.close()
    with pytest.raises(Lost):
        for seed in range(20):
            Inspection(vfs, story, seed).all()


def test_a_write_in_two_transactions_is_found_out(vfs, path, monkeypatch):
    whole: Callable[[Store, Sequence[Write]], None] = Store.write

    def halves(store: Store, writes: Sequence[Write]) -> None:
        for write in writes:
            if write.cut_to is not None:
                whole(store, [Write(0, cut_to=write.cut_to)])
                write = replace(write, cut_to=None)  # noqa: PLW2901
            whole(store, [write])

    monkeypatch.setattr(Store, "write", halves)
    story = lived(vfs, path, 0)
    with pytest.raises(Lost, match="instead of"):
        Inspection(vfs, story, 0).all()


def killed_then_cut(vfs: ForgetfulVfs, story: Story, every: int) -> int:
    """Kills the process after operations, starts it again, and only then cuts the power.

    What the second process found, and may have told, has to be found by a third. Raises Lost.
    """
    path, random, looked_at = story.path, Random(0), 0
    for cut in range(story.made, len(story.disk.ops), every):
        disk, wreck = Disk(), Wreck({})
        for op in story.disk.ops[:cut]:
            disk.repeat(op)
            wreck.happens(op)
        vfs.disk = disk
        second = Store(path, "up1", vfs.files)
        found = found_in(second, vfs.files)
        for op in disk.ops[cut:]:
            wreck.happens(op)
        images = [image for _, image in wreck.images(random, 2)]
        second.close()
        assert found in story.allowed(cut)
        for image in images:
            vfs.disk = Disk(image)
            third = Store(path, "up1", vfs.files)
            content = found_in(third, vfs.files)
            third.close()
            if content != found:
                raise Lost(f"killed after operation {cut}: what was found is gone again")
            looked_at += 1
    return looked_at


def test_what_a_killed_process_left_unsynced_is_synced_before_it_is_told(vfs, path):
    assert killed_then_cut(vfs, lived(vfs, path, 0), every=3) > 200


def test_a_start_that_syncs_nothing_is_found_out(vfs, path, monkeypatch):
    story = lived(vfs, path, 0)
    # The stores themselves, not their id(): that of one that is gone is given to the next.
    commit, started = Store._commit, set[Store]()

    def only_later(store: Store, database: Connection, position: Position) -> None:
        if store in started:
            commit(store, database, position)
        else:
            started.add(store)
            database.execute("ROLLBACK")
            store._position = position

    monkeypatch.setattr(Store, "_commit", only_later)
    with pytest.raises(Lost, match="is gone again"):
        killed_then_cut(vfs, story, every=1)


class Held(Store):
    """A store whose reads wait, so that the writes behind them share a transaction."""

    go: threading.Event

    def read(self, first: int, last: int, bytes_max: int) -> tuple[Entry, ...] | Damaged:
        assert self.go.wait(60)
        return ()


def test_what_the_stores_thread_reports_survives(vfs, path):
    story = Story(Disk(), path)
    vfs.disk = story.disk

    async def threaded() -> None:
        Store.init(path, "up1", ID, vfs.files)
        story.made = len(story.disk.ops)
        store = Held(path, "up1", vfs.files)
        store.go = threading.Event()
        failures: list[StoreFailed] = []
        thread = StoreThread(store, failures.append)
        chain, index = Chain(Random(3)), 0
        for group in (1, 5, 12):
            store.go.clear()
            thread.read(1, 1, 1, lambda _entries: None)
            for _ in range(group):
                index += 1
                write = Write(index, append=chain.entries(index, T1, 500))
                step = Written((write,), len(story.disk.ops), 0, 0)
                story.steps.append(step)

                def done(step: Written = step) -> None:
                    step.reported = len(story.disk.ops)

                thread.write(write, done)
            store.go.set()
            while thread.waiting and not failures:
                await asyncio.sleep(0.001)
        await thread.stop()
        assert failures == []

    asyncio.run(threaded())
    assert len({step.reported for step in story.steps}) == 3
    assert Inspection(vfs, story, 0).all().images > 100


# --- the disk itself ---


def test_the_disk_forgets_what_was_not_synced():
    disk = Disk()
    disk.create("a")
    disk.write("a", 0, b"x" * 3 * SECTOR_BYTES)
    disk.sync("a")
    disk.sync_directory(".")
    disk.write("a", SECTOR_BYTES, b"y" * 2 * SECTOR_BYTES)
    disk.create("b")
    disk.truncate("a", 3 * SECTOR_BYTES - 1)
    disk.delete("a")
    wreck = Wreck({})
    assert [image for _, image in wreck.images(Random(0), 9)] == [{}, {}]
    for op in disk.ops[:2]:
        wreck.happens(op)
    assert next(wreck.images(Random(0), 0))[1] == {}
    for op in disk.ops[2:6]:
        wreck.happens(op)
    images = [image for _, image in wreck.images(Random(0), 200)]
    assert images[0] == {"a": b"x" * 3 * SECTOR_BYTES}
    assert images[1] == {"a": b"x" * SECTOR_BYTES + b"y" * 2 * SECTOR_BYTES, "b": b""}
    middles = {(i["a"][SECTOR_BYTES], i["a"][2 * SECTOR_BYTES]) for i in images}
    assert middles == {(a, b) for a in b"xy" for b in b"xy"}
    assert {"b" in image for image in images} == {True, False}
    for op in disk.ops[6:]:
        wreck.happens(op)
    images = [image for _, image in wreck.images(Random(0), 200)]
    assert images[1] == {"b": b""}
    assert {len(i["a"]) for i in images if "a" in i} == {3 * SECTOR_BYTES, 3 * SECTOR_BYTES - 1}
