"""How well a typed text fits a command: words in any order, as parts or by their letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeVar

Thing = TypeVar("Thing")
START, INSIDE, LETTERS = 100, 60, 20
"""What a word is worth that begins a word of the text, stands within it, or gives its letters."""
_WORD: Final = re.compile(r"\w+")


def score(typed: str, text: str) -> int | None:
    """How well this fits, more is better; None if it does not. Nothing typed fits everything."""
    text = text.casefold()
    total = 0
    for word in typed.casefold().split():
        found = _word(word, text)
        if found is None:
            return None
        total += found
    return total


def _word(word: str, text: str) -> int | None:
    if any(start.group().startswith(word) for start in _WORD.finditer(text)):
        return START
    if word in text:
        return INSIDE
    # The letters in their order; each gap costs, since letters far apart fit anything.
    at, gaps = -1, 0
    for letter in word:
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        gaps += at >= 0 and found != at + 1
        at = found
    return max(1, LETTERS - 2 * gaps) if gaps < len(word) - 1 or len(word) <= 3 else None


def ranked(typed: str, things: Sequence[tuple[str, Thing]], most: int) -> list[Thing]:
    """The things whose text fits, best first; equals stay in their order."""
    found = [
        (-points, number, thing)
        for number, (text, thing) in enumerate(things)
        if (points := score(typed, text)) is not None
    ]
    found.sort(key=lambda one: one[:2])
    return [thing for _, _, thing in found[:most]]
