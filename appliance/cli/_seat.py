"""The file in which `tmr checkout` keeps a seat until `tmr checkin` gives it back.

It holds the lease's secret, so only its owner may read it (mode 0600). It is written before the
check-out is sent: whatever happens then, the same request can be repeated under the same id, and
nothing is taken twice. What can go wrong here is a second check-out over the first one's file,
which would forget a seat that is held; so a new file is made only where there is none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.files import PRIVATE_MODE, make_directory, write_whole
from appliance.codec.api import HolderDocument
from appliance.errors import UNREADABLE, ExitCode, UserError

VERSION: Final = 1
FILE_BYTES_MAX: Final = 64 << 10
_SECRET_BYTES: Final = 32


class Seat(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is needed to repeat a check-out, to consume, and to check in.

    `generation` 0 means that the check-out was not answered yet; `units` are those wanted with it,
    `units_taken` whether they were acknowledged. `profile` is the one it was made with.
    """

    version: int
    lease_id: str
    secret: bytes
    firm_code: int
    product_code: int
    holder: HolderDocument
    profile: str
    generation: int = 0
    units: int = 0
    units_taken: bool = False

    @property
    def pending(self) -> bool:
        """Whether a request is still without an answer."""
        return self.generation == 0 or (self.units > 0 and not self.units_taken)

    @property
    def product(self) -> str:
        """FIRM:PRODUCT."""
        return f"{self.firm_code}:{self.product_code}"


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a seat is kept if nobody says where: the user's state directory (XDG)."""
    base = environment.get("XDG_STATE_HOME", "")
    root = Path(base) if base else Path.home() / ".local" / "state"
    return root / "tmr" / "lease.json"


def load(path: Path) -> Seat | None:
    """The seat in this file, None if there is no file. Raises UserError if it is no such file."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
        seat = msgspec.json.decode(data, type=Seat)
        if len(data) > FILE_BYTES_MAX or seat.version != VERSION or len(seat.secret) == 0:
            raise msgspec.ValidationError("it was made by another version")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    except UNREADABLE as error:
        raise UserError(
            f"{path} is no file of `tmr checkout` ({error}); name another with --state, or remove "
            "it if nothing is held with it.",
            ExitCode.USAGE,
        ) from error
    return seat


def reserve(path: Path) -> None:
    """Make the empty file, which must not be there yet. Raises UserError."""
    try:
        make_directory(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE))
    except FileExistsError:
        raise UserError(
            f"{path} was just made by another `tmr checkout`; name another file with --state."
        ) from None
    except OSError as error:
        raise _unusable(path, error) from error


def save(path: Path, seat: Seat) -> None:
    """Write the seat, whole or not at all, for its owner alone. Raises UserError."""
    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(seat)) + b"\n", PRIVATE_MODE)
    except OSError as error:
        raise _unusable(path, error) from error


def remove(path: Path) -> None:
    """Forget the seat. Raises UserError if the file stays."""
    try:
        with suppress(FileNotFoundError):
            path.unlink()
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> UserError:
    why = error.strerror or type(error).__name__
    return UserError(f"{path} cannot be used ({why}); name another file with --state.")
