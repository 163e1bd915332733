"""The files of one loan on this computer's disk: the ticket, and beside it the key that only its
owner reads.

What can go wrong in here is a loan that nobody can give back: so the key is on the disk before it
is asked for, whole or not at all. Another is one seat for two programs: so as many processes have
the ticket open as it has seats.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.adapters.files import PRIVATE_MODE, PUBLIC_MODE, make_directory, write_whole
from appliance.client.locks import locked
from appliance.client.ticket_files import (
    FILE_BYTES_MAX,
    UNREADABLE_FILE,
    KeyFile,
    TicketRefused,
    encode,
    read_key,
)

NO_KEY: Final = "no-key"
IN_USE: Final = "ticket-in-use"
LOCKS_MAX: Final = 64
"""A ticket for more seats is for as many processes."""
BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
_open_here: Final[set[Path]] = set()
"""The locks that tickets of this process have: a lock of the system is the process's."""


class LoanStore:
    """The files of the ticket at `path`. All methods but `unlock` raise TicketRefused."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        self.key_path = self.path.with_name(self.path.name + ".key")
        self._lock: tuple[int, Path] | None = None

    def ticket(self) -> bytes:
        """The ticket as it stands there."""
        data = self._bytes(self.path)
        if data is None:
            raise TicketRefused(UNREADABLE_FILE, f"there is no ticket {self.path}")
        return data

    def key(self) -> KeyFile:
        """The key beside it."""
        found = self.known_key()
        if found is None:
            raise TicketRefused(
                NO_KEY,
                f"{self.path} has no key {self.key_path.name} beside it: use it on the computer"
                " that borrowed it",
            )
        return found

    def known_key(self) -> KeyFile | None:
        """The same; None if there is none."""
        data = self._bytes(self.key_path)
        if data is None:
            return None
        try:
            return read_key(data)
        except TicketRefused as refused:
            raise TicketRefused(refused.reason, f"{self.key_path}: {refused}") from refused

    def has_ticket(self) -> bool:
        """Whether there is one."""
        return self.path.is_file()

    def write_ticket(self, data: bytes) -> None:
        """Put the ticket there, whole."""
        self._write(self.path, data, PUBLIC_MODE)

    def write_key(self, key: KeyFile) -> None:
        """Put the key there, whole, for its owner alone."""
        self._write(self.key_path, encode(key), PRIVATE_MODE)

    def remove_ticket(self) -> None:
        """There is nothing borrowed any more; the key file goes on saying so."""
        with suppress(OSError):
            self.path.unlink()

    def lock(self, seats: int) -> None:
        """Take one of its seats for this ticket."""
        for number in range(min(seats, LOCKS_MAX)):
            name = self.path.with_name(f"{self.path.name}.lock{number}").absolute()
            if name in _open_here:
                continue
            try:
                handle = os.open(name, os.O_RDWR | os.O_CREAT, PRIVATE_MODE)
            except OSError as error:
                raise self._unusable(name, error) from error
            if locked(handle):
                self._lock = handle, name
                _open_here.add(name)
                return
            os.close(handle)
        raise TicketRefused(
            IN_USE,
            f"{self.path} is in use by {'another process' if seats == 1 else 'other processes'},"
            f" and has {'one seat' if seats == 1 else f'{seats} seats'}: end one first",
        )

    def unlock(self) -> None:
        """Let another process have it."""
        lock, self._lock = self._lock, None
        if lock is not None:
            _open_here.discard(lock[1])
            os.close(lock[0])

    def _bytes(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                return file.read(FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(path, error) from error

    def _write(self, path: Path, data: bytes, mode: int) -> None:
        try:
            make_directory(path.parent)
            write_whole(path, data, mode)
        except OSError as error:
            raise self._unusable(path, error) from error

    def _unusable(self, path: Path, error: OSError) -> TicketRefused:
        why = error.strerror or type(error).__name__
        return TicketRefused(UNREADABLE_FILE, f"{path} cannot be used ({why})")


def read_file(path: Path) -> str:
    """What stands in a small file of the system; "" if there is none."""
    try:
        with path.open("rb") as file:
            return file.read(256).decode("ascii", "replace").strip()
    except OSError:
        return ""
