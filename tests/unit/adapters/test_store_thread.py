"""The store's thread reports in order, groups what waits, and ends with the store."""

import asyncio
import threading
from functools import partial

import pytest

from appliance.adapters.store.database import Store, StoreFailed
from appliance.adapters.store.thread import StoreThread
from tests.unit.adapters.test_store import ID, append, entry


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "ledger.sqlite"
    Store.init(path, "up1", ID)
    store = Store(path, "up1")
    yield store
    store.close()


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
