"""The newest entries of the log, in memory and bounded: what most peers need is still here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from appliance.ledger.messages import Entry
from appliance.verifier.layouts import ZERO_ROOT


class Window:
    """Consecutive entries `base_index + 1 … last_index`; older ones drop out beyond `bytes_max`."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self.base_index = 0
        self.base_root = ZERO_ROOT

    @property
    def last_index(self) -> int:
        """The index of the newest entry, `base_index` if there is none."""
        return self.base_index + len(self._entries)

    def push(self, entry: Entry) -> None:
        """Add the next entry, dropping old ones as needed; the newest always stays."""
        self._entries.append(entry)
        self._bytes += len(entry.body)
        while self._bytes > self._bytes_max and len(self._entries) > 1:
            oldest = self._entries.popleft()
            self._bytes -= len(oldest.body)
            self.base_index, self.base_root = oldest.index, oldest.root

    def cut(self, index: int) -> None:
        """Drop all entries after `index`."""
        while self._entries and self._entries[-1].index > index:
            self._bytes -= len(self._entries.pop().body)

    def restart(self, index: int, root: bytes) -> None:
        """Drop everything; the next entry pushed is `index + 1`."""
        self._entries.clear()
        self._bytes = 0
        self.base_index, self.base_root = index, root

    def root_at(self, index: int) -> bytes | None:
        """The log root after entry `index`, None if it is out of the window."""
        if index == self.base_index:
            return self.base_root
        position = index - self.base_index - 1
        return self._entries[position].root if 0 <= position < len(self._entries) else None

    def after(self, index: int, count_max: int, bytes_max: int) -> tuple[Entry, ...] | None:
        """Entries from `index + 1` on within both bounds (at least one if any), None if gone."""
        if index < self.base_index:
            return None
        return tuple(self._take(index - self.base_index, count_max, bytes_max))

    def _take(self, position: int, count_max: int, bytes_max: int) -> Iterator[Entry]:
        taken = size = 0
        while position + taken < len(self._entries) and taken < count_max:
            entry = self._entries[position + taken]
            size += len(entry.body)
            if taken and size > bytes_max:
                return
            taken += 1
            yield entry
