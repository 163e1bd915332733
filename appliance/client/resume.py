"""The resume file: a program that was killed and starts again has its own seat back at once.

It holds what another process needs to repeat the check-out under the same id: the lease's id and
secret, who held it, what was asked of the licence, and which numbered request comes next. It is
written before each request that it has to know of, whole or not at all, for its owner alone.

What can go wrong in here is one seat for two programs. So a file beside it is locked while the
lease lives, and the lock dies with its process, however that ends. Another is a number that is used
again: units would seem to be taken that are not. So a consumption is in the file before it is sent,
and is settled by whoever resumes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.files import PRIVATE_MODE, make_directory, write_whole
from appliance.client.errors import ClientError
from appliance.client.locks import locked
from appliance.codec.api import HolderDocument
from appliance.errors import ExitCode
from appliance.licences.commands import Item
from appliance.licences.wishes import NO_WISHES, Wishes
from appliance.unreadable import UNREADABLE

VERSION: Final = 1
FILE_BYTES_MAX: Final = 64 << 10
RESUMED: Final = "resumed"
"""The reason of HELD: the seat of the process before is held on."""
NOT_RESUMED: Final = "not-resumed"
"""The reason of HELD: a new seat was taken, since that of the process before is none any more."""

_open_here: Final[set[Path]] = set()
"""The files that leases of this process have open: their locks are the process's."""


class ResumeRefused(ClientError):
    """The resume file cannot be used; nothing was changed, and no seat was taken."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ExitCode.USAGE)


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says. `generation` 0: the check-out was not answered yet. `number` is that of
    the next numbered request, `unfinished` its units (of product `unit_product`) if its outcome is
    unknown, else 0; with a `settle_seed` they are to be reserved."""

    version: int = VERSION
    lease_id: str
    secret: bytes
    firm_code: int
    items: tuple[Item, ...]
    holder: HolderDocument
    wishes: Wishes = NO_WISHES
    ledger_id: bytes = b""
    generation: int = 0
    number: int = 1
    unfinished: int = 0
    unit_product: int = 0
    settle_seed: bytes = b""

    def fits(self) -> bool:
        """Whether a process of this version wrote that."""
        return (
            self.version == VERSION
            and len(self.lease_id) > 0
            and len(self.secret) > 0
            and len(self.items) > 0
            and self.generation >= 0
            and self.number >= 1
            and self.unfinished >= 0
        )


class ResumeFile:
    """One resume file, and the lock beside it. Its methods but `close` touch the disk in a thread
    of their own, and raise ResumeRefused."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        self._real = self.path
        self._lock: int | None = None
        self._turn = asyncio.Lock()

    async def open(self, firm_code: int, items: Sequence[Item]) -> Kept | None:
        """Lock it, and read what it says of these products; None if there is no file, or an empty
        one."""
        async with self._turn:
            return await asyncio.to_thread(self._open, _named(firm_code, items))

    async def write(self, kept: Kept) -> None:
        """Let it say this."""
        async with self._turn:
            await asyncio.to_thread(self._write, kept)

    async def remove(self) -> None:
        """There is nothing to resume any more."""
        async with self._turn:
            with suppress(OSError):
                await asyncio.to_thread(self.path.unlink)

    def close(self) -> None:
        """Let another process have it."""
        lock, self._lock = self._lock, None
        if lock is not None:
            _open_here.discard(self._real)
            os.close(lock)

    def _open(self, wanted: str) -> Kept | None:
        try:
            make_directory(self.path.parent)
            self._take_lock()
            with self.path.open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.close()
            raise self._unusable(error) from error
        if not data:
            return None
        try:
            kept = _read(data)
            found = _named(kept.firm_code, kept.items)
            if found != wanted:
                raise ResumeRefused(
                    f"{self.path} is the resume file of {found}, and not of {wanted}: name another"
                    " file for this."
                )
        except UNREADABLE as error:
            self.close()
            raise ResumeRefused(
                f"{self.path} is no resume file, or a damaged one ({error}): name another file, or"
                " remove this one; a seat that was held with it lapses by itself."
            ) from error
        except ResumeRefused:
            self.close()
            raise
        return kept

    def _take_lock(self) -> None:
        """Raises ResumeRefused if another process or lease has it. Where a file system knows no
        locks, nobody is hindered."""
        self._real = self.path.resolve()
        if self._real in _open_here:
            raise ResumeRefused(
                f"{self.path} is in use by another lease of this program: name another file for"
                " this one."
            )
        name = self.path.with_name(self.path.name + ".lock")
        self._lock = os.open(name, os.O_RDWR | os.O_CREAT, PRIVATE_MODE)
        _open_here.add(self._real)
        if not locked(self._lock):
            self.close()
            raise ResumeRefused(
                f"{self.path} is in use by another process, whose seat it is: name another file"
                " for this one."
            )

    def _write(self, kept: Kept) -> None:
        try:
            write_whole(self.path, msgspec.json.encode(kept), PRIVATE_MODE)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> ResumeRefused:
        why = error.strerror or type(error).__name__
        return ResumeRefused(f"{self.path} cannot be used ({why}); name another resume file.")


def _named(firm_code: int, items: Sequence[Item]) -> str:
    """These products, for people; how many seats of each does not matter."""
    return ", ".join(f"{firm_code}:{item.product_code}" for item in items)


def _read(data: bytes) -> Kept:
    """Raises one of UNREADABLE."""
    kept = msgspec.json.decode(data, type=Kept)
    if len(data) > FILE_BYTES_MAX or not kept.fits():
        raise msgspec.ValidationError("it was not written by this version")
    return kept
