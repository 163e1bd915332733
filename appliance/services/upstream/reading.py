"""What an upstream's store is asked to read, and the answers that it leads to.

Nothing here waits for the disk: the store's own thread reads, and what it found is sent later, to
the connection that asked, if that still stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from appliance.adapters.store.names import NamesRead
from appliance.adapters.store.thread import StoreThread
from appliance.codec.frames import FrameRefused
from appliance.ledger.effects import Origin, Read, ReadChunk, ReadNames, ReadRecord
from appliance.ledger.messages import Entries, Entry, Message, Recorded, RecordPage, SnapshotChunk
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Damaged
from appliance.ledger.replication.log_reads import RECORD_BYTES

log = logging.getLogger(__name__)


class Reading:
    """Performs what a replica asks to have read. `send` gives a message to a connection."""

    def __init__(self, store: StoreThread, send: Callable[[Origin, Message], object]) -> None:
        self._store = store
        self._send = send

    def perform(self, replica: Replica, effect: Read | ReadChunk | ReadNames | ReadRecord) -> None:
        """Have it read, and answered. Raises StoreFailed."""
        match effect:
            case Read():
                done = partial(self._entries, effect)
                self._store.read(effect.first, effect.last, effect.bytes_max, done)
            case ReadChunk(_, index, number):
                self._store.read_chunk(index, number, partial(self._chunk, effect))
            case ReadNames(to, after):
                self._store.read_names(after, partial(self._names, replica, to))
            case ReadRecord(_, first, last):
                self._store.read_record(first, last, RECORD_BYTES, partial(self._record, effect))

    def _entries(self, read: Read, entries: tuple[Entry, ...] | Damaged) -> None:
        if isinstance(entries, Damaged):
            return  # The service is told as well.
        answer = Entries(read.first, entries, read.base_index, read.last, read.commit)
        self._tell(read.to, answer, read.first)

    def _chunk(self, read: ReadChunk, data: bytes | Damaged | None) -> None:
        if isinstance(data, bytes):
            self._send(read.to, SnapshotChunk(read.index, read.number, data))

    def _names(self, replica: Replica, to: Origin, read: NamesRead) -> None:
        self._send(to, replica.names.page(replica.book.state, *read))

    def _record(self, read: ReadRecord, kept: tuple[Recorded, ...]) -> None:
        self._tell(read.to, RecordPage(read.first, kept, read.last), read.first)

    def _tell(self, to: Origin, answer: Message, first: int) -> None:
        try:
            self._send(to, answer)
        except FrameRefused as refused:
            log.error("entries are not sent: first=%d why=%s", first, refused.detail)
