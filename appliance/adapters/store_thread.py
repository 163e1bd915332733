"""The store's own thread, so that nothing on the event loop ever waits for a disk (design D4).

Writes and reads are done in the order in which they were asked for. Writes that wait together share
one transaction and one sync; each is reported on the event loop, in order, once that has succeeded.

What can go wrong in here is a queue without end: whoever feeds it looks at `crowded` first and
stops reading from its peers. A store that fails takes no further work, and says so once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from appliance.adapters.store import Store, StoreFailed
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry

QUEUE_MAX: Final = 4096
CROWDED_JOBS: Final = 512
CROWDED_BYTES: Final = 64 << 20
_GROUP_MAX: Final = 64
_END: Final = None


class _WriteJob(NamedTuple):
    write: Write
    size: int
    done: Callable[[], None]


class _ReadJob(NamedTuple):
    first: int
    last: int
    bytes_max: int
    done: Callable[[tuple[Entry, ...]], None]


_Job = _WriteJob | _ReadJob


class StoreThread:
    """Performs writes and reads of one store. All methods are for the event loop's thread.

    `on_failed` is called on the event loop, once, with a StoreFailed; `on_room` whenever a crowded
    queue has become short again.
    """

    def __init__(
        self,
        store: Store,
        on_failed: Callable[[StoreFailed], None],
        on_room: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._on_failed = on_failed
        self._on_room = on_room
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
    def crowded(self) -> bool:
        """Whether so much waits that no more should be asked for."""
        crowded = self._waiting >= CROWDED_JOBS or self._waiting_bytes >= CROWDED_BYTES
        self._was_crowded = self._was_crowded or crowded
        return crowded

    def write(self, write: Write, done: Callable[[], None]) -> None:
        """Make this durable, then call `done`. Raises StoreFailed if far too much waits already."""
        size = sum(len(entry.body) for entry in write.append)
        self._submit(_WriteJob(write, size, done), size)

    def read(
        self, first: int, last: int, bytes_max: int, done: Callable[[tuple[Entry, ...]], None]
    ) -> None:
        """Call `done` with what `Store.read` gives, after all writes asked for before.

        Raises StoreFailed if far too much waits already.
        """
        self._submit(_ReadJob(first, last, bytes_max, done), 0)

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

    def _submit(self, job: _Job, size: int) -> None:
        if self._failed or self._waiting >= QUEUE_MAX:
            raise StoreFailed("Too much waits for the disk: see whether it still works.")
        self._waiting += 1
        self._waiting_bytes += size
        self._jobs.put_nowait(job)

    # --- on the event loop, called by the thread ---

    def _deliver(self, writes: list[_WriteJob]) -> None:
        for job in writes:
            self._count_off(job.size)
            job.done()
        self._tell_room()

    def _deliver_read(self, job: _ReadJob, entries: tuple[Entry, ...]) -> None:
        self._count_off(0)
        job.done(entries)
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
                if isinstance(job, _ReadJob):
                    entries = self._store.read(job.first, job.last, job.bytes_max)
                    self._post(self._deliver_read, job, entries)
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
                    if isinstance(following, _ReadJob):
                        kept = following
                        break
                    group.append(following)
                self._store.write([member.write for member in group])
                self._post(self._deliver, group)
                if ended:
                    return
        except StoreFailed as error:
            self._post(self._fail, error)
        except Exception as error:
            # A mistake of ours must end the process as well: a silent thread would hang every ack.
            self._post(self._fail, StoreFailed(f"The store's thread ended by mistake: {error!r}."))

    def _post(self, what: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:
            return  # The loop is closed: nobody is left to be told.
