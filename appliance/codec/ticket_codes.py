"""A ticket's code: as it is drawn, as people type it, and a typo told offline (pure).

    7KQ2M-4FX0D-…   five groups of five: 24 random characters, and the last one checks them

The alphabet is Crockford's, in which none looks like another. The check is a polynomial over the
field of its 32 characters, at a generator of that field: so one wrong character is always told, and
so are any two that changed places. What can go wrong in here is to repeat a ticket: a refusal goes
to a terminal or a log, so it never names what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from appliance.codec.certificates import RandomBits

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHARACTERS: Final = 25
MARK_BYTES: Final = 32
LINES_MAX: Final = 50
"""Lines that one ticket has at most."""
QUANTITY_MAX: Final = 10**9
_READ_AS: Final = str.maketrans("OIL", "011", "- \t")
_POLYNOMIAL: Final = 0b100101  # x^5 + x^2 + 1, which is primitive
_MARK_TAG: Final = b"tmr-ticket-1\0"
_CHOICE: Final = re.compile(r"([1-9][0-9]?)(?:x([1-9][0-9]{0,8}))?")

Chosen = tuple[tuple[int, int], ...]
"""Lines of a ticket, each with how much of it a group is to have; 0: all that is left of it. No
line at all stands for all of them."""


class Mistyped(Exception):
    """What was typed is no ticket, or no choice of its lines; `detail` says why, in one
    sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def new_code(rng: RandomBits) -> str:
    """A ticket's code: 120 random bits, which nobody guesses, and its check."""
    return checked("".join(ALPHABET[rng.getrandbits(5)] for _ in range(CHARACTERS - 1)))


def checked(bare: str) -> str:
    """The code of these 24 characters of the alphabet, with its check."""
    values = [ALPHABET.index(one) for one in bare]
    return _spelled(bare + ALPHABET[_times_x(_sum(values))])


def read_code(typed: str) -> str:
    """The code as it was sold; small letters, blanks and letters for digits (O, I, L) do not
    matter. Raises Mistyped."""
    bare = typed.upper().translate(_READ_AS)
    if len(bare) != CHARACTERS:
        raise Mistyped(
            f"A ticket has {CHARACTERS} characters in five groups, and this one has {len(bare)}:"
            " compare it with what the vendor sent."
        )
    values = [ALPHABET.find(one) for one in bare]
    if -1 in values:
        raise Mistyped(
            f"Character {values.index(-1) + 1} of the ticket is in none: compare it with what the"
            " vendor sent."
        )
    if _sum(values):
        raise Mistyped(
            "The ticket is mistyped: its last character does not fit the others. Compare it with"
            " what the vendor sent."
        )
    return _spelled(bare)


def is_code(text: str) -> bool:
    """Whether this is a ticket's code, exactly as it was sold."""
    try:
        return read_code(text) == text
    except Mistyped:
        return False


def ticket_mark(code: str) -> bytes:
    """How a file that is carried by hand names a ticket: 32 bytes from which nobody gets it."""
    return sha256(_MARK_TAG + code.encode()).digest()


def read_chosen(typed: str) -> Chosen:
    """The lines that are chosen by "1,3x5" (line 1, and 5 of line 3), "" for all. Raises
    Mistyped."""
    chosen: list[tuple[int, int]] = []
    for word in typed.replace(",", " ").split():
        found = _CHOICE.fullmatch(word)
        if found is None:
            raise Mistyped(
                f"{word[:20]!r} chooses nothing: write a line's number, or 3x5 for 5 of line 3."
            )
        chosen.append((int(found[1]), int(found[2] or 0)))
    made = tuple(sorted(chosen))
    if not is_chosen(made):
        raise Mistyped(f"Each line is chosen once, and a ticket has at most {LINES_MAX}.")
    return made


def is_chosen(chosen: Iterable[tuple[int, int]]) -> bool:
    """Whether these are lines in their order, each once, within their bounds."""
    lines = [line for line, _ in chosen]
    return (
        len(lines) <= LINES_MAX
        and lines == sorted(set(lines))
        and all(1 <= line <= LINES_MAX and 0 <= some <= QUANTITY_MAX for line, some in chosen)
    )


def order_of(code: str, chosen: Chosen) -> str:
    """What a container signs that it asks for, as an order's name: this much of this ticket."""
    return " ".join([code, *(f"{line}x{some}" for line, some in chosen)])


def _spelled(bare: str) -> str:
    return "-".join(bare[at : at + 5] for at in range(0, CHARACTERS, 5))


def _sum(values: Iterable[int]) -> int:
    total = 0
    for value in values:
        total = _times_x(total) ^ value
    return total


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ _POLYNOMIAL if value & 0b100000 else value
