"""What an application may ask of a licence beyond a seat: one field each, and all else follows.

The command, the body of a check-out, the client library's arguments, the command line and the file
of `tmr checkout` derive from the struct and the table here. What becomes of a wish is said by the
options (`appliance.licences.options`): a licence that does not meet it is not eligible.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol, TypedDict, Unpack, cast

import msgspec

from appliance.details import detail
from appliance.licences.bounds import COUNT_MAX, is_date
from appliance.licences.modes import MODES, USER_LIMIT


class Wishes(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What a check-out asks for; what is not asked takes no room, so that a host that does not know
    a wish yet reads all commands without it.

    `release_date` is when the application was released, as an ISO date (2026-09-01); "" if it does
    not say. `features` are the bits that the licence's feature map has to have, all of them.
    `mode` is how seats are to be counted (`appliance.licences.modes`).
    `emergency` says whether an emergency licence will do, where no other is available.
    """

    release_date: str = ""
    features: int = 0
    mode: str = USER_LIMIT
    emergency: bool = True


NO_WISHES: Final = Wishes()
RELEASE_YEAR_MAX: Final = 2199
"""A later release date is a mistake. No clock is asked, which may be wrong, too."""
HASHES_KEPT: Final = 1_024
"""Of so many different wishes the hash is remembered."""


class Dated(Protocol):
    """A `datetime.date`; this room knows no calendar."""

    def isoformat(self) -> str:
        """The date as YYYY-MM-DD."""
        ...


class Asked(TypedDict, total=False):
    """The same as keyword arguments of the client library."""

    release_date: str | Dated
    features: int
    mode: str
    emergency: bool


class Wish(NamedTuple):
    """One field of `Wishes`: its place on a command line, what it has to be, and whether a value is
    that."""

    field: str
    flag: str
    metavar: str
    help: str
    what: str
    fits: Callable[[Any], bool]


WISHES: Final = (
    Wish(
        "release_date",
        "--release-date",
        "DATE",
        "When the application was released, such as 2026-09-01: its licence has to cover that day.",
        f"a date such as 2026-09-01, up to {RELEASE_YEAR_MAX}",
        lambda value: not value or (is_date(value) and int(value[:4]) <= RELEASE_YEAR_MAX),
    ),
    Wish(
        "features",
        "--features",
        "N",
        "Which features the licence has to have: a number, each bit a feature.",
        f"a number from 0 to {COUNT_MAX}",
        lambda value: 0 <= value <= COUNT_MAX,
    ),
    Wish(
        "mode",
        "--mode",
        "MODE",
        f"How seats are counted, if the vendor permits it: {', '.join(MODES)}.",
        f"one of {', '.join(MODES)}",
        MODES.__contains__,
    ),
    Wish(
        "emergency",
        "--emergency/--no-emergency",
        "",
        "Whether an emergency licence will do where no other is available.",
        "true or false",
        lambda value: isinstance(value, bool),
    ),
)
WISH_NAMES: Final = Wishes.__struct_fields__
_WISHES_TAG: Final = b"tmr-wishes-1\x00"
_canonical: Final = msgspec.json.Encoder(order="sorted").encode
_values_of: Final = attrgetter(*WISH_NAMES)
_NO_VALUES: Final = _values_of(NO_WISHES)


def wishes_in(body: Wishes) -> Wishes:
    """The wishes alone of a document that has them among its fields."""
    values = _values_of(body)
    return NO_WISHES if values == _NO_VALUES else Wishes(*values)


def wishes_hash(wishes: Wishes) -> bytes:
    """What tells these wishes from any others, 32 bytes; empty if nothing is wished.

    SHA-256 over a tag and the wishes as canonical JSON (RFC 8785), those at their defaults left
    out. A grant carries it, so a client sees whether its wishes arrived as it sent them.
    """
    return b"" if wishes == NO_WISHES else _hashed(wishes)


@lru_cache(maxsize=HASHES_KEPT)
def _hashed(wishes: Wishes) -> bytes:
    return sha256(_WISHES_TAG + _canonical(wishes)).digest()


def asked_of(wishes: Wishes) -> Asked:
    """The wishes as keyword arguments of the client library."""
    asked: Any = msgspec.structs.asdict(wishes)
    return cast("Asked", asked)


def why_not(wishes: Wishes) -> str:
    """What is wrong with a wish, "" if nothing is."""
    if wishes == NO_WISHES:
        return ""
    for wish in WISHES:
        if not wish.fits(getattr(wishes, wish.field)):
            return detail("wish-unfit", wish=wish.field, why=wish.what)
    return ""


def wished(**asked: Unpack[Asked]) -> Wishes:
    """The wishes that a program has. Raises ValueError for one that nobody can have."""
    values: dict[str, Any] = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in asked.items()
    }
    try:
        wishes = msgspec.convert(values, Wishes)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    wrong = why_not(wishes)
    if wrong:
        raise ValueError(wrong)
    return wishes
