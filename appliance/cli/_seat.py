"""The file in which `tmr checkout` keeps a seat until `tmr checkin` gives it back.

It holds the lease's secret, so only its owner may read it (mode 0600). It is written before the
check-out is sent: whatever happens then, the same request can be repeated under the same id, and
nothing is taken twice. What can go wrong here is a second check-out over the first one's file,
which would forget a seat that is held; so a new file appears whole, and only where there is none.
An empty file (of `mktemp`, or of a disk that was full) holds nothing and is written over.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.files import PRIVATE_MODE, make_directory, new_file, write_whole
from appliance.cli._products import Products
from appliance.codec.api import HolderDocument
from appliance.errors import ExitCode, UserError
from appliance.licences.commands import Item
from appliance.licences.modes import NO_STATION
from appliance.licences.wishes import NO_WISHES, Wishes
from appliance.unreadable import UNREADABLE

VERSION: Final = 1
FILE_BYTES_MAX: Final = 64 << 10
# What a file system without hard links (FAT, some networks') says to a link.
_NO_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


class Seat(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is needed to repeat a check-out, to consume, and to check in.

    `generation` 0 means that the check-out was not answered yet; `units` are those wanted with it,
    `units_taken` whether they were acknowledged. `profile` is the one it was made with.
    """

    version: int
    lease_id: str
    secret: bytes
    firm_code: int
    items: tuple[Item, ...]
    holder: HolderDocument
    profile: str
    generation: int = 0
    units: int = 0
    units_taken: bool = False
    wishes: Wishes = NO_WISHES
    station: bytes = NO_STATION

    @property
    def pending(self) -> bool:
        """Whether a request is still without an answer."""
        return self.generation == 0 or (self.units > 0 and not self.units_taken)

    @property
    def products(self) -> Products:
        """What it is of."""
        return Products(self.firm_code, self.items)


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a seat is kept if nobody says where: the user's state directory (XDG).

    Raises UserError for a user without a home directory.
    """
    from appliance.client.surroundings import home_directory

    base = environment.get("XDG_STATE_HOME", "")
    home = home_directory()
    if not base and home is None:
        raise UserError(
            "this user has no home directory, so there is no usual place to keep a seat in: "
            "name a file with --state.",
            ExitCode.USAGE,
        )
    root = Path(base) if base or home is None else home / ".local" / "state"
    return root / "tmr" / "lease.json"


def load(path: Path) -> Seat | None:
    """The seat in this file, None if there is no file or an empty one. Raises UserError if it is no
    such file."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
        if not data:
            return None
        seat = msgspec.json.decode(data, type=Seat)
        if len(data) > FILE_BYTES_MAX or seat.version != VERSION or len(seat.secret) == 0:
            raise msgspec.ValidationError("it was made by another version")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    except UNREADABLE as error:
        raise UserError(
            f"{path} is no file of `tmr checkout` ({error}), so what it held is not known: name "
            "another with --state, or remove it; a seat that was held with it lapses by itself.",
            ExitCode.USAGE,
        ) from error
    return seat


def create(path: Path, seat: Seat) -> None:
    """Write a new seat where there is no file, or an empty one. Raises UserError."""
    try:
        make_directory(path.parent)
        if path.exists() and path.stat().st_size == 0:
            write_whole(path, _encoded(seat), PRIVATE_MODE)
            return
        try:
            with new_file(path, PRIVATE_MODE) as (_, file):
                file.write(_encoded(seat))
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE))
            write_whole(path, _encoded(seat), PRIVATE_MODE)
    except FileExistsError:
        raise UserError(
            f"{path} was just made by another `tmr checkout`; name another file with --state."
        ) from None
    except OSError as error:
        raise _unusable(path, error) from error


def save(path: Path, seat: Seat) -> None:
    """Write the seat, whole or not at all, for its owner alone. Raises UserError."""
    try:
        write_whole(path, _encoded(seat), PRIVATE_MODE)
    except OSError as error:
        raise _unusable(path, error) from error


def _encoded(seat: Seat) -> bytes:
    return msgspec.json.format(msgspec.json.encode(seat)) + b"\n"


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
