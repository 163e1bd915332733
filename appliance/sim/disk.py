"""A disk that forgets what was not synced.

Writes queue up and become durable one after the other, each whole or not at all, as the store's
transactions do. A crash keeps some prefix of what was queued: a write may be durable although
nobody was told so, but never a later one without an earlier.
"""

from __future__ import annotations

from collections import deque
from random import Random

from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.surroundings import Recovered
from appliance.ledger.terms import NO_TERM
from appliance.sim.vendor import SimStore


class Disk:
    """The durable image of one upstream, and the writes on their way to it."""

    def __init__(self, store: SimStore, restore: bytes | None = None) -> None:
        self.store = store
        self.restore = restore
        self.promised = NO_TERM
        self.adopted = NO_TERM
        self.commit_index = 0
        self.record = b""
        self.entries: list[Entry] = []
        self.pending: deque[Write] = deque()
        self.busy_until_s = 0.0

    def complete(self) -> tuple[Write, int]:
        """The oldest write becomes durable; with it, after which index the log is new."""
        write = self.pending.popleft()
        low = len(self.entries)
        if write.promised is not None:
            self.promised = write.promised
        if write.cut_to is not None:
            low = min(low, write.cut_to)
            del self.entries[write.cut_to :]
        self.entries.extend(write.append)
        if write.adopted is not None:
            self.adopted, low = write.adopted, 0
        if write.commit_index is not None:
            self.commit_index = write.commit_index
        if write.membership is not None:
            self.record = write.membership
        return write, low

    def crash(self, rng: Random, kept: float) -> list[int]:
        """Power is gone. Gives the `low` of each write that made it in spite of that."""
        made = []
        while self.pending and rng.random() < kept:
            made.append(self.complete()[1])
        self.pending.clear()
        self.busy_until_s = 0.0
        return made

    def recovered(self) -> Recovered:
        """What a restart finds."""
        return Recovered(
            self.promised,
            self.adopted,
            self.commit_index,
            tuple(self.entries),
            self.store.id,
            membership=self.record,
            restore=self.restore,
        )

    def read(self, first: int, last: int, bytes_max: int) -> tuple[Entry, ...]:
        """Durable entries from `first` to `last`, at least one if any, within the bound."""
        taken: list[Entry] = []
        size = 0
        for entry in self.entries[max(first, 1) - 1 : last]:
            size += len(entry.body)
            if taken and size > bytes_max:
                break
            taken.append(entry)
        return tuple(taken)
