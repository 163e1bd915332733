"""SIGTERM and SIGINT end a service in an orderly way, on Windows as well."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable


def on_end_signals(end: Callable[[], object]) -> None:
    """From now on these signals call `end`, in the running loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))
        else:
            loop.add_signal_handler(number, end)
