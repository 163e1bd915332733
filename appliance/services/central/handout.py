"""Update files for a directory of the vendor's choice: written first, named when they count.

An issued licence cannot be taken back by the one who issued it. So all that may fail on the way to
the directory (no room, no right to write, a file in the way) comes before: the files are stored
there under other names while nothing is issued yet, and get their names once it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from appliance.adapters.files import PUBLIC_MODE, make_directory, sync_directory, write_whole
from appliance.services.central.issued import IssuedUpdate
from appliance.services.central.refusals import CentralRefused

_STAGED: Final = ".part"


class Handout:
    """Hands update files out into `out`. As a context manager, it leaves no staged file behind."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._staged: list[IssuedUpdate] = []

    def __enter__(self) -> Handout:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for update in self._staged:
            with contextlib.suppress(OSError):
                os.unlink(self._part(update))

    def stage(self, updates: Sequence[IssuedUpdate]) -> None:
        """Stores these files durably under other names. Raises CentralRefused, with none left."""
        try:
            make_directory(self._out)
            for update in updates:
                target = self._out / update.file_name
                if target.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
                self._staged.append(update)
                write_whole(self._part(update), update.data, PUBLIC_MODE)
        except OSError as error:
            raise CentralRefused(
                f"The files cannot be written into {self._out} ({error.strerror}:"
                f" {error.filename}). Nothing was issued: make room or name another directory, and"
                " repeat the command."
            ) from None

    def publish(self) -> list[Path]:
        """Gives the staged files their names, in order. Raises CentralRefused, which then says how
        to get at what was issued."""
        paths = []
        try:
            for update in self._staged:
                paths.append(self._out / update.file_name)
                os.replace(self._part(update), paths[-1])
            sync_directory(self._out)
        except OSError as error:
            raise CentralRefused(_issued_already(self._out, self._staged, error)) from None
        self._staged = []
        return paths

    def _part(self, update: IssuedUpdate) -> Path:
        return self._out / f".{update.file_name}{_STAGED}"


def _issued_already(out: Path, updates: Sequence[IssuedUpdate], error: OSError) -> str:
    serials = " and ".join(update.serial for update in updates)
    return (
        f"The licence is issued, but its files cannot be put into {out} ({error.strerror}). Do not"
        f" issue it again: get them by `tmr central updates --firm {updates[0].firm_code}"
        f" --serial SERIAL --out …` for the serials {serials}."
    )
