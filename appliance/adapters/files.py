"""Files that are whole or not there: written aside, synced, renamed (also on Windows).

What can go wrong in here is an order of steps after which a crash shows half a file. The rename is
the only step that makes the new content visible; before it stand the content's fsync, after it the
directory's, where the system knows such a thing.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

PUBLIC_MODE: Final = 0o644
PRIVATE_MODE: Final = 0o600
_ASIDE: Final = ".new"


def write_whole(path: Path, data: bytes, mode: int = PUBLIC_MODE) -> None:
    """Puts `data` at `path`, durably and in one step; an older file there is replaced.

    After any failure (OSError) or crash, `path` holds the old content or the new, never a mixture.
    """
    aside = path.with_name(path.name + _ASIDE)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside)
    # O_EXCL with the final mode: a private key is never readable to others, not even for a moment.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(aside, flags, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(aside, path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Makes the names in this directory durable; Windows does so by itself."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_directory(path: Path) -> None:
    """Makes this directory and its parents, durably; it may exist."""
    missing = [path, *path.parents]
    made = [directory for directory in missing if not directory.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for directory in made:
        sync_directory(directory.parent)
