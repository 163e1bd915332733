"""How a log line is written: nobody else's words can forge a second one (CWE-117)."""

from __future__ import annotations

import logging

from appliance.text import plain, plain_lines


class PlainFormatter(logging.Formatter):
    """A record's message in one line; a traceback of ours below it keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        record.message = plain(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        return plain_lines(super().format(record))
