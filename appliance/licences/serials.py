"""Container serials: a mask that says what kind of container it is, and a number.

The masks are those of design section 1. A serial has one spelling only, since the ledger and
certificates compare serials as text: two spellings would be two containers. A container's number
is derived from its key, so that nobody takes another one's serial by naming it first. (32 bits: to
find a key with a given serial takes about four thousand million keys, and what that gains is a name
that the true container does without: it is made anew.)
"""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import Protocol

import msgspec

NUMBER_MAX = 2**32 - 1
"""The highest number of a serial; the lowest is 1."""

_NUMBER_DRAWN_MIN = 10_000_000
_KEY_TAG = b"tmr-serial-1\0"
_SPELLING = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,9})", re.ASCII)


class Binding(StrEnum):
    """What a container's key is bound to (docs/containers.md)."""

    FILE = "file"
    """Nothing: whoever has the file has the key."""
    LOOSE = "loose"
    """A host of which half may change."""
    STRICT = "strict"
    """A host of which one thing may change."""
    TPM = "tpm"
    """The host's TPM, without which the file is of no use."""
    TOKEN = "token"
    """A PKCS#11 token, which the key never leaves."""


class Kind(IntEnum):
    """How firmly a container is bound; a higher one does for whoever asks for a lower one."""

    ANY = 0
    BOUND = 1
    HARDWARE = 2


class Mask(IntEnum):
    """What kind of container a serial names: the part before the dash."""

    DONGLE = 1
    DONGLE_2 = 2
    DONGLE_3 = 3
    STRICT = 128
    LOOSE = 129
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
    Mask.STRICT: "software",
    Mask.LOOSE: "software",
    Mask.SOFTWARE_UNIVERSAL: "software with universal firm code",
    Mask.VIRTUAL: "virtual",
    Mask.CLOUD: "cloud",
}


BINDINGS: dict[Mask, frozenset[Binding]] = {
    Mask.DONGLE: frozenset((Binding.TOKEN,)),
    Mask.DONGLE_2: frozenset((Binding.TOKEN,)),
    Mask.DONGLE_3: frozenset((Binding.TOKEN,)),
    Mask.STRICT: frozenset((Binding.STRICT,)),
    Mask.LOOSE: frozenset((Binding.LOOSE,)),
    Mask.SOFTWARE_UNIVERSAL: frozenset((Binding.FILE, Binding.TPM)),
}
"""What may hold the key of a container with this mask. The other masks name no upstream's one."""

MASK_OF: dict[Binding, Mask] = {
    Binding.FILE: Mask.SOFTWARE_UNIVERSAL,
    Binding.LOOSE: Mask.LOOSE,
    Binding.STRICT: Mask.STRICT,
    Binding.TPM: Mask.SOFTWARE_UNIVERSAL,
    Binding.TOKEN: Mask.DONGLE,
}
"""The mask that a container gets, unless another one is asked for."""

_GRADES = {
    Binding.FILE: Kind.ANY,
    Binding.LOOSE: Kind.BOUND,
    Binding.STRICT: Kind.BOUND,
    Binding.TPM: Kind.BOUND,
    Binding.TOKEN: Kind.HARDWARE,
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


def kind_of(serial: str, binding: str = "") -> Kind:
    """How firmly the container of this serial is bound.

    The serial alone says the least that is sure; `binding` is what the container's certificate
    says, which tells a key in a TPM from a plain file. What does not fit the mask counts for
    nothing. Raises ValueError if that is no serial of an upstream's container.
    """
    mask = Serial.parse(serial).mask
    if mask not in BINDINGS:
        raise ValueError(f"container serial {serial} is not one of an upstream's container")
    fitting = BINDINGS[mask]
    if binding in fitting:
        return _GRADES[Binding(binding)]
    return min(_GRADES[one] for one in fitting)
