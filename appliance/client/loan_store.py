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
from threading import Lock
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
_changing: Final = Lock()


class LoanStore:
    """The files of the ticket at `path`. All methods but `unlock` raise TicketRefused."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        self.key_path = self.path.with_name(self.path.name + ".key")
        self._locks: list[tuple[int, Path]] = []

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

    def remove_key(self) -> None:
        """Nothing is out under this key."""
        with suppress(OSError):
            self.key_path.unlink()

    def remove_ticket(self) -> None:
        """There is nothing borrowed any more; the key file goes on saying so."""
        with suppress(OSError):
            self.path.unlink()

    def lock(self, seats: int) -> None:
        """Take one of its seats for this ticket."""
        with _changing:
            for number in range(min(seats, LOCKS_MAX)):
                if self._locked(number):
                    return
        raise self._in_use(f"and has {'one seat' if seats == 1 else f'{seats} seats'}")

    def lock_all(self, seats: int) -> None:
        """Take all of its seats, so that nobody uses it until `unlock`."""
        try:
            with _changing:
                if all(self._locked(number) for number in range(min(seats, LOCKS_MAX))):
                    return
            raise self._in_use("and is not given back meanwhile")
        except BaseException:
            self.unlock()
            raise

    def unlock(self) -> None:
        """Let others have what this ticket took."""
        with _changing:
            while self._locks:
                handle, name = self._locks.pop()
                _open_here.discard(name)
                os.close(handle)

    def _locked(self, number: int) -> bool:
        """Whether this seat of the ticket was free, and is taken now."""
        name = self.path.with_name(f"{self.path.name}.lock{number}").absolute()
        if name in _open_here:
            return False
        try:
            handle = os.open(name, os.O_RDWR | os.O_CREAT, PRIVATE_MODE)
        except OSError as error:
            raise self._unusable(name, error) from error
        if not locked(handle):
            os.close(handle)
            return False
        self._locks.append((handle, name))
        _open_here.add(name)
        return True

    def _in_use(self, so: str) -> TicketRefused:
        return TicketRefused(
            IN_USE, f"{self.path} is in use by another program, {so}: end that first"
        )

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
