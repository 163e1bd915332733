"""The store's own thread, so that nothing on the event loop ever waits for a disk (design D4).

Everything is done in the order in which it was asked for. Writes that wait together share one
transaction, one sync and one mark; each is reported on the event loop, in order, once all of that
has succeeded.

What can go wrong in here is a queue without end: whoever feeds it looks at `crowded` first and
stops reading from its peers. A store that fails takes no further work, and says so once. One that
turns out to be damaged says so once, too: what is written to it from then on is never reported, and
what is read from it is `Damaged`.
"""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from appliance.adapters.store.archive import ArchiveFacts
from appliance.adapters.store.database import Store, StoreDamaged, StoreFailed
from appliance.adapters.store.names import NamesRead
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry, Recorded
from appliance.ledger.replica.surroundings import Damaged

QUEUE_MAX: Final = 4096
CROWDED_JOBS: Final = 512
CROWDED_BYTES: Final = 64 << 20
_GROUP_MAX: Final = 64
_END: Final = None


class _WriteJob(NamedTuple):
    write: Write
    size: int
    done: Callable[[], None]


class _OtherJob(NamedTuple):
    work: Callable[[], Any]
    size: int
    done: Callable[[Any], None]


_Job = _WriteJob | _OtherJob


class StoreThread:
    """Performs writes and reads of one store. All methods are for the event loop's thread.

    `on_failed` is called on the event loop, once, with a StoreFailed; `on_room` whenever a crowded
    queue has become short again; `on_damaged`, once, with what is wrong with the store in words,
    if that is found while it is in use.
    """

    def __init__(
        self,
        store: Store,
        on_failed: Callable[[StoreFailed], None],
        on_room: Callable[[], None] = lambda: None,
        on_damaged: Callable[[str], None] = lambda _what: None,
    ) -> None:
        self._store = store
        self._on_failed = on_failed
        self._on_room = on_room
        self._on_damaged = on_damaged
        self._known_damage = store.damage
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.Queue[_Job | None] = queue.Queue(QUEUE_MAX + 1)
        self._waiting = 0
        self._waiting_bytes = 0
        self._was_crowded = False
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many writes and reads are not reported yet."""
        return self._waiting

    @property
    def last_index(self) -> int:
        """The index of the last durable entry."""
        return self._store.last_index

    @property
    def archive(self) -> ArchiveFacts:
        """How large the archive is."""
        return self._store.archive

    @property
    def crowded(self) -> bool:
        """Whether so much waits that no more should be asked for."""
        crowded = self._waiting >= CROWDED_JOBS or self._waiting_bytes >= CROWDED_BYTES
        self._was_crowded = self._was_crowded or crowded
        return crowded

    def write(self, write: Write, done: Callable[[], None]) -> None:
        """Make this durable, then call `done`. Raises StoreFailed if far too much waits already."""
        size = sum(len(entry.body) for entry in write.append) + sum(map(len, write.results))
        if write.names is not None:
            size += sum(len(row.name) for row in write.names.rows)
        if write.snapshot is not None:
            size += sum(map(len, write.snapshot.chunks))
        self._submit(_WriteJob(write, size, done))

    def read(
        self,
        first: int,
        last: int,
        bytes_max: int,
        done: Callable[[tuple[Entry, ...] | Damaged], None],
    ) -> None:
        """Call `done` with what `Store.read` gives, after all writes asked for before.

        Raises StoreFailed if far too much waits already.
        """
        work = functools.partial(self._store.read, first, last, bytes_max)
        self._submit(_OtherJob(work, 0, done))

    def read_chunk(
        self, index: int, number: int, done: Callable[[bytes | Damaged | None], None]
    ) -> None:
        """Call `done` with what `Store.read_chunk` gives, after all writes asked for before.

        Raises StoreFailed if far too much waits already.
        """
        self._submit(_OtherJob(functools.partial(self._store.read_chunk, index, number), 0, done))

    def read_names(self, after: int, done: Callable[[NamesRead], None]) -> None:
        """Call `done` with what `Store.read_names` gives, after all writes asked for before.

        Raises StoreFailed if far too much waits already.
        """
        self._submit(_OtherJob(functools.partial(self._store.read_names, after), 0, done))

    def read_record(
        self, first: int, last: int, bytes_max: int, done: Callable[[tuple[Recorded, ...]], None]
    ) -> None:
        """Call `done` with what `Store.read_record` gives, after all writes asked for before.

        Raises StoreFailed if far too much waits already.
        """
        work = functools.partial(self._store.read_record, first, last, bytes_max)
        self._submit(_OtherJob(work, 0, done))

    def stage_put(self, number: int, data: bytes, done: Callable[[], None]) -> None:
        """Put a chunk aside (`Store.stage_put`), then call `done`. Raises StoreFailed likewise."""
        work = functools.partial(self._store.stage_put, number, data)
        self._submit(_OtherJob(work, len(data), lambda _none: done()))

    def stage_clear(self) -> None:
        """Drop what was put aside. Raises StoreFailed likewise."""
        self._submit(_OtherJob(self._store.stage_clear, 0, lambda _none: None))

    async def stop(self) -> None:
        """Finish what waits, end the thread and close the store."""
        while self._thread.is_alive():
            try:
                self._jobs.put_nowait(_END)
                break
            except queue.Full:  # It is working its way through them, or has failed and drains.
                await asyncio.sleep(0.01)
        await asyncio.to_thread(self._thread.join)
        self._store.close()

    def _submit(self, job: _Job) -> None:
        if self._failed or self._waiting >= QUEUE_MAX:
            raise StoreFailed("Too much waits for the disk: see whether it still works.")
        self._waiting += 1
        self._waiting_bytes += job.size
        self._jobs.put_nowait(job)

    # --- on the event loop, called by the thread ---

    def _deliver(self, writes: list[_WriteJob]) -> None:
        for job in writes:
            self._count_off(job.size)
            job.done()
        self._tell_room()

    def _deliver_other(self, job: _OtherJob, result: object) -> None:
        self._count_off(job.size)
        job.done(result)
        self._tell_room()

    def _drop(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            self._count_off(job.size)
        self._tell_room()

    def _count_off(self, size: int) -> None:
        self._waiting -= 1
        self._waiting_bytes -= size

    def _tell_room(self) -> None:
        if self._was_crowded and not self.crowded:
            self._was_crowded = False
            self._on_room()

    def _fail(self, error: StoreFailed) -> None:
        self._failed = True
        self._on_failed(error)

    # --- on the thread ---

    def _run(self) -> None:
        kept: _Job | None = None
        try:
            while True:
                job = kept or self._jobs.get()
                kept = None
                if job is _END:
                    return
                if isinstance(job, _OtherJob):
                    self._do_other(job)
                    continue
                group = [job]
                ended = False
                while len(group) < _GROUP_MAX:
                    try:
                        following = self._jobs.get_nowait()
                    except queue.Empty:
                        break
                    if following is _END:
                        ended = True
                        break
                    if isinstance(following, _OtherJob):
                        kept = following
                        break
                    group.append(following)
                self._do_writes(group)
                if ended:
                    return
        except StoreFailed as error:
            self._post(self._fail, error)
        except Exception as error:
            # A mistake of ours must end the process as well: a silent thread would hang every ack.
            self._post(self._fail, StoreFailed(f"The store's thread ended by mistake: {error!r}."))

    def _do_writes(self, group: list[_WriteJob]) -> None:
        try:
            self._store.write([job.write for job in group])
        except StoreDamaged:
            self._post(self._drop, group)
            self._tell_damage()
        else:
            self._post(self._deliver, group)

    def _do_other(self, job: _OtherJob) -> None:
        try:
            result = job.work()
        except StoreDamaged:
            self._post(self._drop, [job])
        else:
            self._post(self._deliver_other, job, result)
        self._tell_damage()

    def _tell_damage(self) -> None:
        if self._store.damage and not self._known_damage:
            self._known_damage = self._store.damage
            self._post(self._on_damaged, self._store.damage)

    def _post(self, what: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:
            return  # The loop is closed: nobody is left to be told.
