"""Files that are whole or not there: written aside, synced, renamed (also on Windows).

What can go wrong in here is an order of steps after which a crash shows half a file. The rename is
the only step that makes the new content visible; before it stand the content's fsync, after it the
directory's, where the system knows such a thing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

PUBLIC_MODE: Final = 0o644
PRIVATE_MODE: Final = 0o600
PRIVATE_DIRECTORY_MODE: Final = 0o700
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
    with _naming(path):
        handle = os.open(aside, flags, mode)
        try:
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(handle, rest) :]
                os.fsync(handle)
            finally:
                os.close(handle)
            os.replace(aside, path)
        except OSError:
            # On a full disk half a file would be in the way of the next try.
            with contextlib.suppress(OSError):
                os.unlink(aside)
            raise
        sync_directory(path.parent)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What goes wrong with an open file names no file: say which one it was."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


@contextlib.contextmanager
def new_file(path: Path, mode: int = PRIVATE_MODE) -> Iterator[tuple[Path, BinaryIO]]:
    """A file to write, and its name until then: durably and whole at `path` once the block ends
    well, and gone if it does not.

    Raises FileExistsError if there is something at `path` already, which then stays as it is.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with _naming(path):
            with os.fdopen(handle, "wb") as file:
                yield Path(aside), file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, mode)
            os.link(aside, path)  # Unlike a rename, this never takes another file's place.
    finally:
        os.unlink(aside)
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


def make_directory(path: Path, mode: int = 0o777) -> None:
    """Makes this directory and its parents, durably; it may exist.

    What is made gets `mode` less the process's umask; what exists keeps its own.
    """
    missing = [path, *path.parents]
    made = [directory for directory in missing if not directory.exists()]
    for directory in reversed(made[1:]):
        directory.mkdir(mode, exist_ok=True)
    path.mkdir(mode, exist_ok=True)
    for directory in made:
        sync_directory(directory.parent)
