"""Segments for a gap of the archive: made aside, and put into their places once they are proven.

    archive-filled/segment-FIRST-LAST.tmr        beside the archive

What a crash leaves behind is either aside, and dropped by the next try, or in its place and whole:
each segment proves itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from appliance.adapters.store.archive import SEGMENT_BYTES_MAX, Archive, archive_path
from appliance.adapters.store.files import Files
from appliance.ledger.messages import Recorded

ASIDE: Final = "archive-filled"


class Aside:
    """What was given for the gaps of the archive of `store`. Every method may raise OSError."""

    def __init__(self, store: Path, store_id: bytes, files: Files) -> None:
        self._target = archive_path(store)
        self._directory = store.parent / ASIDE
        self._files = files
        self._store_id = store_id
        self.drop()

    def drop(self) -> None:
        """Nothing is aside any more."""
        for name in self._files.names(self._directory):
            self._files.delete(self._directory / name)
        self._archive = Archive(self._directory, self._files)
        self._begins: bytes | None = None
        self._part: list[Recorded] = []
        self._size = 0
        self.entries = 0

    def keep(self, root: bytes, kept: Recorded) -> None:
        """Put this entry aside; it follows on the log root `root` and on what was kept before."""
        self._begins = root if self._begins is None else self._begins
        self._part.append(kept)
        self._size += len(kept.entry.body) + len(kept.result)
        self.entries += 1
        if self._size >= SEGMENT_BYTES_MAX:
            self._seal()

    def take(self) -> int:
        """Put all of it into the archive, durably; gives how many entries that were."""
        self._seal()
        self._files.make_directory(self._target)
        for segment in self._archive.segments():
            self._files.rename(segment.path, self._target / segment.path.name)
        self._files.sync_directory(self._target)
        entries = self.entries
        self.drop()
        return entries

    def _seal(self) -> None:
        if self._begins is not None:
            self._archive.seal(self._store_id, self._begins, self._part)
        self._begins, self._part, self._size = None, [], 0


def gaps(archive: Archive, base_index: int) -> list[tuple[int, int]]:
    """The entries up to `base_index` that the archive lacks: first and last of each gap."""
    found, following = [], 1
    for segment in archive.segments():
        if segment.first > following:
            found.append((following, segment.first - 1))
        following = max(following, segment.last + 1)
    if base_index >= following:
        found.append((following, base_index))
    return found
