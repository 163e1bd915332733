"""Container serials: a mask that says what kind of container it is, and a number.

The masks are those of design section 1. A serial has one spelling only, since the ledger and
certificates compare serials as text: two spellings would be two containers. A container's number
is derived from its key, so that nobody takes another one's serial by naming it first. (32 bits: to
find a key with a given serial takes about four thousand million keys, and what that gains is a name
that the true container does without: it is made anew.)
"""

from __future__ import annotations

import re
from enum import IntEnum
from hashlib import sha256
from typing import Protocol

import msgspec

NUMBER_MAX = 2**32 - 1
"""The highest number of a serial; the lowest is 1."""

_NUMBER_DRAWN_MIN = 10_000_000
_KEY_TAG = b"tmr-serial-1\0"
_SPELLING = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,9})", re.ASCII)


class Mask(IntEnum):
    """What kind of container a serial names: the part before the dash."""

    DONGLE = 1
    DONGLE_2 = 2
    DONGLE_3 = 3
    SOFTWARE = 128
    SOFTWARE_2 = 129
    SOFTWARE_UNIVERSAL = 130
    VIRTUAL = 131
    CLOUD = 140

    @property
    def kind(self) -> str:
        """The kind in words."""
        return _KINDS[self]


_KINDS = {
    Mask.DONGLE: "dongle",
    Mask.DONGLE_2: "dongle",
    Mask.DONGLE_3: "dongle",
    Mask.SOFTWARE: "software",
    Mask.SOFTWARE_2: "software",
    Mask.SOFTWARE_UNIVERSAL: "software with universal firm code",
    Mask.VIRTUAL: "virtual",
    Mask.CLOUD: "cloud",
}


class RandomSource(Protocol):
    """What `Serial.random` needs of a random.Random."""

    def randint(self, a: int, b: int, /) -> int:
        """A whole number from a to b, both included."""


class Serial(msgspec.Struct, frozen=True, order=True):
    """A container's serial, such as 130-12345678. `number` is 1 to 2**32 - 1."""

    mask: Mask
    number: int

    def __str__(self) -> str:
        return f"{int(self.mask)}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> Serial:
        """The serial that `text` spells.

        Raises ValueError, with one sentence for people, if it spells none or its mask is unknown.
        """
        match = _SPELLING.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text[:40]!r} is no container serial: write mask, dash and number without"
                " leading zeros, such as 130-12345678"
            )
        mask, number = int(match[1]), int(match[2])
        if mask not in _KNOWN:
            known = ", ".join(str(value) for value in sorted(_KNOWN))
            raise ValueError(
                f"container serial {text} has the unknown mask {mask}: known masks are {known}"
            )
        if number > NUMBER_MAX:
            raise ValueError(
                f"container serial {text} has too high a number: the highest is {NUMBER_MAX}"
            )
        return cls(Mask(mask), number)

    @classmethod
    def random(cls, mask: Mask, rng: RandomSource) -> Serial:
        """A serial of this kind, drawn from `rng`, of eight digits or more."""
        return cls(mask, rng.randint(_NUMBER_DRAWN_MIN, NUMBER_MAX))

    @classmethod
    def of_key(cls, mask: Mask, public_key: bytes) -> Serial:
        """The serial of this kind that belongs to the container with this public key."""
        digest = int.from_bytes(sha256(_KEY_TAG + public_key).digest())
        return cls(mask, _NUMBER_DRAWN_MIN + digest % (NUMBER_MAX - _NUMBER_DRAWN_MIN + 1))


_KNOWN = frozenset(int(mask) for mask in Mask)
