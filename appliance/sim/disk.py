"""A disk that forgets what was not synced, and may not give back what was.

Writes queue up and become durable one after the other, each whole or not at all, as the store's
transactions do. A crash keeps some prefix of what was queued: a write may be durable although
nobody was told so, but never a later one without an earlier.

One record may rot. That is found when it is read, as in the store (`adapters.store.check`): at each
start, at a request for it, and by the writes that look at the log, of which then nothing is done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import NoReturn

from appliance.ledger.effects import DropAside, PutAside, SnapshotRecord, Write
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.invariants import require
from appliance.ledger.messages import Entry
from appliance.ledger.replica.surroundings import Recovered
from appliance.sim.vendor import SimStore
from appliance.verifier.layouts import ZERO_ROOT


class Rotten(Exception):
    """A record is not as it was written; the message is the store's."""


class Disk:
    """The durable image of one upstream, and the writes on their way to it.

    `entries` is the whole log, for whoever looks on: the replica gets nothing of it up to
    `base_index`. `committed` gives the committed log, from which a snapshot from elsewhere fills
    what this disk never held. `bad_entry` and `bad_chunk` have rotten, if they are there; `damage`
    is what was found of that, in words.
    """

    def __init__(
        self,
        store: SimStore,
        committed: Callable[[], Sequence[Entry]] = tuple,
        restore: bytes | None = None,
    ) -> None:
        self.store = store
        self.restore = restore
        self._committed = committed
        self.base_index = 0
        self.snapshot: SnapshotRecord | None = None
        self._aside: list[bytes] = []
        self.promised = NO_TERM
        self.adopted = NO_TERM
        self.commit_index = 0
        self.record = b""
        self.entries: list[Entry] = []
        self.pending: deque[Write | PutAside | DropAside] = deque()
        self.busy_until_s = 0.0
        self.bad_entry = 0
        self.bad_chunk = -1
        self.damage = ""

    def image(self) -> dict[str, object]:
        """A copy of what is durable, as a snapshot of a virtual machine has it."""
        kept = ("base_index", "snapshot", "promised", "adopted", "commit_index", "record")
        lists = {"_aside": list(self._aside), "entries": list(self.entries)}
        return {name: getattr(self, name) for name in kept} | lists

    def put_back(self, image: dict[str, object]) -> None:
        """Whoever runs the virtual machine puts it back to that moment."""
        for name, value in image.items():
            setattr(self, name, list(value) if isinstance(value, list) else value)
        self.pending.clear()

    def complete(self) -> tuple[Write | None, int]:
        """The oldest write becomes durable; with it, after which index the log is new.

        None for what is only put aside. Raises Rotten, with nothing done.
        """
        write = self.pending.popleft()
        low = len(self.entries)
        if isinstance(write, PutAside):
            del self._aside[write.number :]
            require(len(self._aside) == write.number, "a chunk is put aside before the one before")
            self._aside.append(write.data)
            return None, low
        if isinstance(write, DropAside):
            self._aside.clear()
            return None, low
        self._look(write)
        if write.promised is not None:
            self.promised = write.promised
        if write.cut_to is not None:
            low = min(low, write.cut_to)
            del self.entries[write.cut_to :]
        if write.commit_index is not None:
            self.commit_index = write.commit_index
        if write.snapshot is not None:
            low = min(low, self._take(write.snapshot))
        self.entries.extend(write.append)
        if write.adopted is not None:
            self.adopted, low = write.adopted, 0
        if write.membership is not None:
            self.record = write.membership
        if write.compact_to is not None:
            covered = self.snapshot.index if self.snapshot is not None else 0
            require(
                write.compact_to <= min(covered, self.commit_index),
                f"entries up to {write.compact_to} are dropped, a snapshot covers {covered}",
            )
            self.base_index = max(self.base_index, write.compact_to)
        return write, low

    def _look(self, write: Write) -> None:
        """Raises Rotten if this write reads what has rotten; what it drops is no trouble any more.

        The store reads entries to cut after them, to put a snapshot over them, and to let them go.
        """
        bad, snapshot = self.bad_entry, write.snapshot
        if bad and write.cut_to is not None and write.cut_to < len(self.entries):
            if bad == write.cut_to:
                self._found_entry()
            bad = 0 if bad > write.cut_to else bad
        if bad and snapshot is not None and snapshot.replaces:
            if bad <= min(self.commit_index, snapshot.index):
                self._found_entry()
            bad = 0
        elif bad and snapshot is not None and bad == snapshot.index:
            self._found_entry()
        if bad and write.compact_to is not None and bad <= write.compact_to:
            self._found_entry()
        self.bad_entry = bad
        if snapshot is not None:
            self.bad_chunk = -1

    def _take(self, record: SnapshotRecord) -> int:
        """A snapshot takes its place; gives after which index the log is new."""
        low = len(self.entries)
        if record.replaces:
            low = 0
            self.entries = list(self._committed()[: record.index])
            self.base_index = record.index
            self.commit_index = max(self.commit_index, record.index)
        here = self.entries[record.index - 1].root if len(self.entries) >= record.index else b""
        require(here == record.root, f"a snapshot of entry {record.index} is of another log")
        require(len(self._aside) >= record.staged > 0, "a snapshot lacks chunks")
        require(record.index <= self.commit_index, "a snapshot passes the commit")
        self.snapshot = replace(record, chunks=tuple(self._aside[: record.staged]))
        self._aside.clear()
        return low

    def crash(self, rng: Random, kept: float) -> list[int]:
        """Power is gone. Gives the `low` of each write that made it in spite of that."""
        made = []
        with suppress(Rotten):
            while self.pending and rng.random() < kept:
                made.append(self.complete()[1])
        self.pending.clear()
        self._aside.clear()
        self.busy_until_s = 0.0
        return made

    def recovered(self) -> Recovered:
        """What a restart finds: it looks at everything."""
        with suppress(Rotten):
            if self.bad_entry:
                self._found_entry()
            if self.bad_chunk >= 0:
                self._found_chunk()
        if self.damage:
            return Recovered(store_id=self.store.id, damage=self.damage)
        snapshot = self.snapshot
        after = snapshot.index if snapshot is not None else 0
        return Recovered(
            self.promised,
            self.adopted,
            self.commit_index,
            tuple(self.entries[after:]),
            self.store.id,
            "",
            self.record,
            snapshot.chunks if snapshot is not None else None,
            after,
            snapshot.root if snapshot is not None else ZERO_ROOT,
            snapshot.about if snapshot is not None else b"",
            self.base_index + 1,
            self.restore,
        )

    def read_chunk(self, index: int, number: int) -> bytes | None:
        """A chunk of the snapshot after entry `index`, None if this is not the one.

        Raises Rotten.
        """
        snapshot = self.snapshot
        if snapshot is None or snapshot.index != index or number >= len(snapshot.chunks):
            return None
        if number == self.bad_chunk:
            self._found_chunk()
        return snapshot.chunks[number]

    def read(self, first: int, last: int, bytes_max: int) -> tuple[Entry, ...]:
        """Durable entries from `first` to `last`, at least one if any, within the bound.

        Raises Rotten.
        """
        taken: list[Entry] = []
        size = 0
        if max(first, 1) <= self.base_index:
            return ()
        for entry in self.entries[max(first, 1) - 1 : last]:
            if entry.index == self.bad_entry:
                self._found_entry()
            size += len(entry.body)
            if taken and size > bytes_max:
                break
            taken.append(entry)
        return tuple(taken)

    # --- rot ---

    @property
    def rotten(self) -> bool:
        """Whether some record is not what was written, known or not."""
        return bool(self.bad_entry or self.bad_chunk >= 0 or self.damage)

    def rot(self, rng: Random) -> str:
        """Some record goes bad; gives which one, in words, "" if there is none."""
        kept, snapshot = len(self.entries) - self.base_index, self.snapshot
        if snapshot is not None and (kept <= 0 or rng.random() < 0.5):
            self.bad_chunk = rng.randrange(len(snapshot.chunks))
            return f"chunk {self.bad_chunk} of its snapshot rots"
        if kept <= 0:
            return ""
        self.bad_entry = self.base_index + 1 + rng.randrange(kept)
        return f"entry {self.bad_entry} of its log rots"

    def _found_entry(self) -> NoReturn:
        self._found(f"entry {self.bad_entry} is not as it was written")

    def _found_chunk(self) -> NoReturn:
        self._found(f"chunk {self.bad_chunk} of the snapshot is not as it was written")

    def _found(self, damage: str) -> NoReturn:
        self.damage = damage
        self.pending.clear()
        raise Rotten(damage)
