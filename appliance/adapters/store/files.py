"""The few things that a store asks of a file system beside SQLite, and how it asks them.

The mark and the archive are files of our own. They are written through this seam, so that the crash
tests can put a disk beneath them that records everything, and forgets what was not synced.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

from appliance.adapters.files import PRIVATE_MODE, make_directory, sync_directory

# A mark does not change its size: its data alone has to reach the disk, where a system can tell.
_sync_data: Final = getattr(os, "fdatasync", os.fsync)


class OpenFile(Protocol):
    """A file that is written to. Every method may raise OSError."""

    def write_at(self, offset: int, data: bytes) -> None:
        """Writes all of `data` there; the file grows if need be."""

    def sync(self) -> None:
        """What was written to this file is durable after it."""

    def close(self) -> None:
        """Ends the use of it."""


class Files(Protocol):
    """A file system. Every method may raise OSError."""

    def read(self, path: Path, bytes_max: int) -> bytes | None:
        """The first bytes of the file; None if there is none."""

    def size(self, path: Path) -> int | None:
        """How long the file is; None if there is none."""

    def open(self, path: Path) -> OpenFile:
        """The file to be written to; an empty one is made if there is none."""

    def rename(self, source: Path, target: Path) -> None:
        """Gives the file its new name; a file that had that name is gone."""

    def delete(self, path: Path) -> None:
        """Takes the name away."""

    def names(self, directory: Path) -> list[str]:
        """The names in this directory, sorted; none if there is no such directory."""

    def make_directory(self, path: Path) -> None:
        """Makes this directory and its parents, durably; it may exist."""

    def sync_directory(self, path: Path) -> None:
        """The names in this directory are durable after it."""


class _RealFile:
    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._handle = os.open(path, flags, PRIVATE_MODE)

    def write_at(self, offset: int, data: bytes) -> None:
        os.lseek(self._handle, offset, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._handle, rest) :]

    def sync(self) -> None:
        _sync_data(self._handle)

    def close(self) -> None:
        os.close(self._handle)


class RealFiles:
    """This computer's file system."""

    def read(self, path: Path, bytes_max: int) -> bytes | None:
        """See Files."""
        try:
            with path.open("rb") as file:
                return file.read(bytes_max)
        except FileNotFoundError:
            return None

    def size(self, path: Path) -> int | None:
        """See Files."""
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None

    def open(self, path: Path) -> OpenFile:
        """See Files."""
        return _RealFile(path)

    def rename(self, source: Path, target: Path) -> None:
        """See Files."""
        os.replace(source, target)

    def delete(self, path: Path) -> None:
        """See Files."""
        os.unlink(path)

    def names(self, directory: Path) -> list[str]:
        """See Files."""
        try:
            return sorted(os.listdir(directory))
        except FileNotFoundError:
            return []

    def make_directory(self, path: Path) -> None:
        """See Files."""
        make_directory(path)

    def sync_directory(self, path: Path) -> None:
        """See Files."""
        sync_directory(path)


REAL_FILES: Final[Files] = RealFiles()
