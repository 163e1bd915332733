"""What a replica gives away: entries, its snapshot, and whose word it knows.

It changes nothing and signs nothing, so whoever asks need not have a term; only what is not yet
committed is for the one coordinator that was promised. What can go wrong in here is an answer about
the log as memory has it when the disk is still behind: reads follow all writes asked for before.
"""

from __future__ import annotations

from appliance.ledger.effects import Effect, Origin, Read, ReadChunk, ReadRecord, Send
from appliance.ledger.messages import (
    Entries,
    Fetch,
    RecordRequest,
    SnapshotChunkRequest,
    SnapshotHead,
)
from appliance.ledger.replica.standing import HIGHER_TERM, Standing
from appliance.ledger.snapshot.compaction import Compaction

FETCH_BYTES_MAX = 1 << 20
RECORD_BYTES = 1 << 20
"""What one page of the usage record holds at most, unless one entry is longer."""


class LogReads:
    """The replica's part that answers whoever lacks something."""

    def __init__(self, standing: Standing, compaction: Compaction) -> None:
        self._standing = standing
        self._compaction = compaction

    def read(self, origin: Origin, message: Fetch | RecordRequest) -> list[Effect]:
        """Entries, or the usage record."""
        if isinstance(message, RecordRequest):
            return self._record(origin, message)
        return self._entries(origin, message)

    def _entries(self, origin: Origin, message: Fetch) -> list[Effect]:
        """Entries from the log, as far as it reaches back."""
        standing = self._standing
        book, commit, base = standing.book, standing.commit, standing.base_index
        if message.term is not None and message.term != standing.promised:
            return [standing.refuse(origin, message.term, HIGHER_TERM)]
        if standing.durable.adopted != standing.adopted:
            return []  # The disk still has the log before the adopt, to which no commit refers.
        last = book.commit_index if message.term is None else book.last_index
        # Nor could the store be asked for a number of 64 bits.
        if message.first > last or message.first <= base:
            return [Send(origin, Entries(message.first, (), base, last, commit))]
        bytes_max = min(max(message.bytes_max, 1), FETCH_BYTES_MAX)
        return [Read(origin, message.first, last, bytes_max, base, commit)]

    def _record(self, origin: Origin, message: RecordRequest) -> list[Effect]:
        """Committed entries with what came of them here, the archive's as well."""
        standing = self._standing
        if standing.durable.adopted != standing.adopted:
            return []
        return [ReadRecord(origin, max(message.first, 1), standing.book.commit_index)]

    def head(self, origin: Origin) -> list[Effect]:
        """Which snapshot is here, and which stores can have sealed one.

        An empty store names those that it believes, itself among them.
        """
        kept, stores = self._standing.kept, self._standing.known().stores
        stores = stores or self._standing.trusted()
        sealed, chunks = (kept.sealed, kept.chunks) if kept is not None else (None, 0)
        return [Send(origin, SnapshotHead(sealed, chunks, stores))]

    def chunk(self, now_s: float, origin: Origin, message: SnapshotChunkRequest) -> list[Effect]:
        """One chunk of the snapshot; nothing if it is another one by now."""
        kept = self._standing.kept
        if kept is None or kept.sealed.head.index != message.index:
            return self.head(origin)
        if message.chunk >= kept.chunks:
            return []
        self._compaction.fetched(now_s)
        return [ReadChunk(origin, message.index, message.chunk)]
