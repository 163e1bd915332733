"""What a program trusts: the licence root, its firms, and how far clocks may be apart.

A `Trust` is part of the program, never of a file beside it: whoever can put another root into a
file makes receipts of his own. What can go wrong in here is a false alarm that stops an honest
plant. So nothing is compared with a clock unless the program's vendor says so, and the build date
counts less one day, whatever time zone it was written in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.unreadable_x509 import UNREADABLE_X509

BEFORE_BUILD: Final = "before-build"
CLOCK_DIFFERS: Final = "clock-differs"
TWINS: Final = "twins"
SINGLE: Final = "single"
REDUNDANCIES: Final = (TWINS, SINGLE)

TOLERANCE_MIN_S: Final = 60
"""Log time moves in steps and is a few seconds old when a client sees it."""
_PEM_BEGINS: Final = b"-----BEGIN"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SLACK: Final = timedelta(days=1)
_LOOK: Final = "`tmr time` shows the clocks of the licence servers"


class Doubt(NamedTuple):
    """Why a proven log time is not believed: the stable word, and which clock to look at."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What a program believes. Compile it in; see docs/programs.md.

    `root` is the licence root's certificate, as PEM (text or bytes) or DER; `firms` are the only
    firm codes whose licences count (none: any that the root certifies). `built_on`, the day on
    which the program was built, refuses receipts whose log time lies more than a day before it.
    `clock_tolerance_s` refuses those whose log time is further than so many seconds from this
    computer's clock, either way (None: the clock is not looked at). With `pin_ledger` the first
    ledger that was proven is the only one believed from then on, so a restored ledger needs a new
    client. `redundancy` is "twins": two containers have to vouch for a grant. With "single" one is
    enough if the root certified it to stand alone, and two twins are as good as ever, so a customer
    who moves to five hosts needs no new program; one of twins is enough in no case. Raises
    ValueError if the root is no PEM, the tolerance below a minute, or the redundancy another word.
    """

    root: bytes | str
    firms: Collection[int] = ()
    built_on: date | None = None
    clock_tolerance_s: int | None = None
    pin_ledger: bool = False
    redundancy: str = TWINS

    def __post_init__(self) -> None:
        object.__setattr__(self, "firms", frozenset(self.firms))
        tolerance_s = self.clock_tolerance_s
        if tolerance_s is not None and tolerance_s < TOLERANCE_MIN_S:
            raise ValueError(
                f"clock_tolerance_s is {tolerance_s}: give at least {TOLERANCE_MIN_S} seconds, "
                "since log time is never quite up to date, or None to compare nothing"
            )
        if self.redundancy not in REDUNDANCIES:
            raise ValueError(
                f"redundancy is {self.redundancy!r}: say {TWINS!r}, or {SINGLE!r} if a container"
                " that stands alone is enough"
            )
        root_der(self.root)

    @property
    def takes_single(self) -> bool:
        """Whether a container that the root certified to stand alone is enough."""
        return self.redundancy == SINGLE

    def doubt(self, log_time_ms: int, wall_s: Callable[[], float] | None) -> Doubt | None:
        """Why a log time (Unix ms) that two containers signed is not believed, None if it is.

        `wall_s` is this computer's clock in Unix seconds. Raises ValueError if it is to be compared
        and is not given.
        """
        if self.built_on is not None:
            built = datetime(self.built_on.year, self.built_on.month, self.built_on.day, tzinfo=UTC)
            if log_time_ms < (built - _SLACK - _EPOCH) / timedelta(milliseconds=1):
                return Doubt(
                    BEFORE_BUILD,
                    f"the licence servers' log time is {_shown(log_time_ms / 1000)}, before this "
                    f"program was built ({self.built_on.isoformat()}): put the clocks of the "
                    f"licence servers right; {_LOOK}",
                )
        if self.clock_tolerance_s is None:
            return None
        if wall_s is None:
            raise ValueError("clock_tolerance_s compares with a clock: give wall_s")
        own_s = wall_s()
        apart_s = log_time_ms / 1000 - own_s
        if abs(apart_s) <= self.clock_tolerance_s:
            return None
        return Doubt(
            CLOCK_DIFFERS,
            f"the licence servers' log time is {_shown(log_time_ms / 1000)} and this computer's "
            f"clock says {_shown(own_s)}, more than the {self.clock_tolerance_s} s apart that this "
            f"program allows: put this computer's clock right, or the other one; {_LOOK}",
        )


def root_der(root: bytes | str) -> bytes:
    """The DER of a root certificate given as PEM or DER. Raises ValueError for a broken PEM."""
    data = root.strip().encode() if isinstance(root, str) else root
    if not isinstance(root, str) and not data.startswith(_PEM_BEGINS):
        return data
    try:
        return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
    except UNREADABLE_X509 as error:
        raise ValueError(f"the licence root is no certificate in PEM ({error})") from error


def _shown(seconds: float) -> str:
    """A moment (Unix seconds) as people read it, to the second, in UTC."""
    try:
        return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return f"{seconds:.0f} s after 1970"
