"""Container serials: a mask that says what kind of container it is, and a number.

The masks are those of design section 1. A serial has one spelling only, since the ledger and
certificates compare serials as text: two spellings would be two containers.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Protocol

import msgspec

NUMBER_MAX = 2**32 - 1
"""The highest number of a serial; the lowest is 1."""

_NUMBER_RANDOM_MIN = 10_000_000
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
        return cls(mask, rng.randint(_NUMBER_RANDOM_MIN, NUMBER_MAX))


_KNOWN = frozenset(int(mask) for mask in Mask)
