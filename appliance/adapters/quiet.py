"""What goes on and on is logged at once, and then seldom, with how often it came.

What can go wrong in here is to be silent of something new. So whoever logs names a key for what is
the same trouble, and each key is told of at once the first time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

FIRST_S: Final = 60.0
MOST_S: Final = 3600.0
KEYS_MAX: Final = 256
_DIGITS: Final = re.compile(r"\d+")


def without_numbers(text: str) -> str:
    """For a key: what stays the same of a text that tells of terms, entries and times."""
    return _DIGITS.sub("", text)


@dataclass(slots=True)
class _Told:
    at_s: float
    seen_s: float
    wait_s: float = FIRST_S
    untold: int = 0


class Quiet:
    """Logs to `log`. Times in seconds of one steady clock. The waits between two records of one
    key double from a minute to an hour; one that stayed away for so long is told of at once."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told: dict[Hashable, _Told] = {}

    def tell(self, now_s: float, key: Hashable, level: int, text: str, *values: object) -> None:
        """Log this, unless its key was logged lately; then it is counted."""
        told = self._told.pop(key, None)
        if told is None:
            while len(self._told) >= KEYS_MAX:
                del self._told[next(iter(self._told))]
            self._told[key] = _Told(now_s, now_s)
            self._log.log(level, text, *values)
            return
        self._told[key] = told
        away = now_s - told.seen_s >= told.wait_s
        told.seen_s = now_s
        if now_s - told.at_s < told.wait_s:
            told.untold += 1
            return
        since_s = now_s - told.at_s
        told.at_s, told.wait_s = now_s, FIRST_S if away else min(2 * told.wait_s, MOST_S)
        if told.untold:
            self._log.log(level, text + " (%d more in %.0f s)", *values, told.untold, since_s)
        else:
            self._log.log(level, text, *values)
        told.untold = 0
