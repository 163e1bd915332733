"""The last records of a process's log, kept in memory for those who ask over the network.

What can go wrong in here is a log that costs without end, or that stops the program it tells of:
the ring has a bound, so has each record, and a record that cannot be formatted is kept without its
arguments.
"""

from __future__ import annotations

import logging
from collections import deque
from itertools import islice
from typing import Final

from appliance.codec.api import LogRecord
from appliance.codec.reports import LOGGER_NAME_MAX, RECORD_TEXT_MAX
from appliance.text import plain

RECORDS_MAX: Final = 2_000
_START_BITS: Final = 20


class LogRing(logging.Handler):
    """A logging handler that keeps the newest `records_max` records as documents.

    `started_s` is the Unix second of this process's start: it is where numbers begin, so that they
    are higher than those of an earlier start (api.LogRecord). Any thread may log and read.
    """

    def __init__(self, host: str, started_s: int, records_max: int = RECORDS_MAX) -> None:
        super().__init__()
        self._host = host
        self._newest = started_s << _START_BITS
        self._records: deque[LogRecord] = deque(maxlen=records_max)

    @property
    def newest(self) -> int:
        """The number of the newest record."""
        return self._newest

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it. Called by logging with this handler's lock held."""
        self._newest += 1
        self._records.append(
            LogRecord(
                host=self._host,
                number=self._newest,
                at_ms=int(record.created * 1000),
                level=record.levelname.lower(),
                logger=record.name[:LOGGER_NAME_MAX],
                text=plain(_text(record)[:RECORD_TEXT_MAX]),
            )
        )

    def after(self, number: int, at_most: int) -> tuple[LogRecord, ...]:
        """The oldest records after this number."""
        with _locked(self):
            return tuple(islice((r for r in self._records if r.number > number), at_most))


class _locked:
    """A handler's own lock, which logging offers as two calls."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler = handler

    def __enter__(self) -> None:
        self._handler.acquire()

    def __exit__(self, *exc: object) -> None:
        self._handler.release()


def _text(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):
        text = str(record.msg)
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text = f"{text} ({type(error).__name__}: {error})"
    return text
