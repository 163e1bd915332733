"""The logs of all hosts as one, in the order of their own clocks, within a bound.

Lines arrive in lumps, one for each request. A lump that is older than what is here (a host was
away, or its clock is behind) is put where it belongs, and `epoch` tells a view to begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from appliance.codec.api import LogRecord

LINES_MAX: Final = 5_000
TEXT_MAX: Final = 2_000
NAME_MAX: Final = 100
LEVELS: Final = ("debug", "info", "warning", "error")
"""The levels that can be asked for, each meaning itself and what is worse."""
_RANKS: Final = {
    "trace": 0,
    "debug": 0,
    "info": 1,
    "notice": 1,
    "warning": 2,
    "warn": 2,
    "error": 3,
    "critical": 3,
    "fatal": 3,
}


def rank(level: str) -> int:
    """How bad a level is, as an index of LEVELS; one that nobody knows counts as information."""
    return _RANKS.get(level.casefold(), 1)


class Logs:
    """The newest lines. `total` counts all that ever came, `epoch` how often their order broke."""

    def __init__(self) -> None:
        self.lines: list[LogRecord] = []
        self.total = 0
        self.epoch = 0
        self.heard_at_s: float | None = None
        self.trouble = ""

    def hear(self, records: Iterable[LogRecord], at_s: float, trouble: str = "") -> None:
        """Take in a lump; with `trouble` there was none to be had."""
        self.trouble = trouble
        if trouble:
            return
        self.heard_at_s = at_s
        new = sorted((_bounded(record) for record in records), key=_order)[-LINES_MAX:]
        if not new:
            return
        late = bool(self.lines) and _order(new[0]) < _order(self.lines[-1])
        self.lines += new
        self.total += len(new)
        if late:
            self.lines.sort(key=_order)
            self.epoch += 1
        del self.lines[:-LINES_MAX]

    def hosts(self) -> list[str]:
        """The hosts of which there are lines."""
        return sorted({record.host for record in self.lines})

    def count(self, least: int) -> int:
        """How many lines are of that rank or worse."""
        return sum(rank(record.level) >= least for record in self.lines)


def _bounded(record: LogRecord) -> LogRecord:
    """A line that is longer than honest hosts write them is cut: it has to be drawn."""
    if len(record.text) <= TEXT_MAX and len(record.host) <= NAME_MAX >= len(record.logger):
        return record
    return replace(
        record,
        text=record.text[:TEXT_MAX],
        host=record.host[:NAME_MAX],
        logger=record.logger[:NAME_MAX],
    )


def _order(record: LogRecord) -> tuple[int, str, int]:
    return record.at_ms, record.host, record.number
