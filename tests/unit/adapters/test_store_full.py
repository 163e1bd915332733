"""A disk that takes no more, at any operation: said clearly, nothing reported, and nothing lost."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from appliance.adapters.store.database import Store, StoreDamaged, StoreFailed
from tests.unit.adapters.crash_disk import Disk
from tests.unit.adapters.crash_story import ID, Content, Staged, Story, Written, found_in, life
from tests.unit.adapters.crash_vfs import ForgetfulVfs


@pytest.fixture
def vfs() -> Iterator[ForgetfulVfs]:
    vfs = ForgetfulVfs(seed=1)
    with vfs.registered():
        yield vfs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def lived_until(vfs: ForgetfulVfs, path: Path, room_ops: int, story: Story) -> str:
    """Lives until the disk takes no more after so many operations; what the store says then.

    "" if it lived to the end. `story` gets what was reported.
    """
    vfs.disk.room_ops = room_ops
    store: Store | None = None
    staged: list[bytes] = []
    try:
        for act in (None, *life(Random(0))):
            if store is None or act is None:
                if store is not None:
                    store.close()
                store = None
                store = Store(path, "up1", vfs.files)
            elif isinstance(act, Staged):
                del staged[act.number :]
                staged.append(act.data)
                store.stage_put(act.number, act.data)
            else:
                story.steps.append(Written(act, 0, 10**9, 0, tuple(staged)))
                store.write(act)
                story.steps[-1].reported = 0
    except StoreDamaged as damaged:
        raise AssertionError("a full disk passes for damage") from damaged
    except StoreFailed as failed:
        # It failed for good: what a later sync seems to confirm may rest on what is lost.
        vfs.disk.room_ops = -1
        if store is not None:
            with pytest.raises(StoreFailed, match=r"free some space|look after the disk"):
                store.write(())
        return str(failed)
    finally:
        if store is not None:
            store.close()
    return ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full: free some space and start again"),
        (errno.EIO, "look after the disk"),
    ],
)
def test_whenever_the_disk_takes_no_more_what_was_reported_is_there(vfs, path, number, words):
    vfs.disk = Disk()
    Store.init(path, "up1", ID, vfs.files)
    made = {name: bytes(data) for name, data in vfs.disk.files.items()}
    said, kept, room_ops = list[str](), set[Content](), 0
    while not said or said[-1]:
        vfs.disk = Disk(made)
        vfs.disk.full = lambda: OSError(number, "planted")
        story = Story(vfs.disk, path)
        said.append(lived_until(vfs, path, room_ops, story))
        vfs.disk.room_ops = -1
        store = Store(path, "up1", vfs.files)
        content = found_in(store, vfs.files)
        store.close()
        assert content in story.allowed(1), said[-1]
        kept.add(content)
        room_ops += 1
    assert len(said) > 200
    assert len(kept) > 15
    for what in said[:-1]:
        assert words in what or (number == errno.ENOSPC and "look after the disk" in what)
    assert sum(words in what for what in said) > 0.9 * len(said)


def test_no_store_is_made_on_a_full_disk(vfs, path):
    failures = 0
    for room_ops in range(100):
        vfs.disk = Disk()
        vfs.disk.room_ops = room_ops
        try:
            Store.init(path, "up1", ID, vfs.files)
        except StoreFailed as failed:
            assert "is full: free some space" in str(failed)
            failures += 1
            vfs.disk.room_ops = -1
            with pytest.raises(StoreFailed, match="`tmr upstream init --config FILE`"):
                Store(path, "up1", vfs.files)
            Store.init(path, "up1", ID, vfs.files)
        vfs.disk.room_ops = -1
        Store(path, "up1", vfs.files).close()
    assert 5 < failures < 100
