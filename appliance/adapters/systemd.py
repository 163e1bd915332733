"""Tells the service manager how this process is doing (sd_notify(3)), by one datagram each.

Without NOTIFY_SOCKET in the environment, or on a system without Unix sockets, nothing is sent: a
service behaves the same under systemd, in the lab and on Windows.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Mapping

STATUS_CHARACTERS_MAX = 500


class Notifier:
    """Sends sd_notify messages to the socket named by NOTIFY_SOCKET; never raises, never blocks."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = os.environ if environ is None else environ
        self._address = env.get("NOTIFY_SOCKET", "")
        self.watchdog_interval_s = _watchdog_interval_s(env)

    def ready(self, status: str = "") -> None:
        """The service has started, or a reload has ended."""
        self._send("READY=1", status)

    def stopping(self, status: str = "") -> None:
        """The service has begun to stop."""
        self._send("STOPPING=1", status)

    def watchdog(self) -> None:
        """The service is alive. Call it every half of `watchdog_interval_s`, if that is set."""
        self._send("WATCHDOG=1", "")

    async def feed_watchdog(self) -> None:
        """Say so for as long as the event loop runs; ends at once if nobody wants to hear it."""
        while self.watchdog_interval_s is not None:
            self.watchdog()
            await asyncio.sleep(self.watchdog_interval_s / 2)

    def status(self, text: str) -> None:
        """One line on what the service is doing, shown by `systemctl status`."""
        self._send("", text)

    def _send(self, state: str, status: str) -> None:
        lines = [state] if state else []
        if status:
            lines.append("STATUS=" + " ".join(status.split())[:STATUS_CHARACTERS_MAX])
        if self._address and lines:
            _send_datagram(self._address, "\n".join(lines).encode())


def _send_datagram(address: str, data: bytes) -> None:
    if sys.platform != "win32":
        # A leading @ names a socket in the abstract namespace, whose first byte is NUL.
        target = "\0" + address[1:] if address.startswith("@") else address
        # A service manager that does not listen is no reason to fail the service.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
        ):
            sender.setblocking(False)
            sender.sendto(data, target)


def _watchdog_interval_s(environ: Mapping[str, str]) -> float | None:
    """How often systemd wants to hear WATCHDOG=1, in seconds, or None (sd_watchdog_enabled(3))."""
    try:
        pid = int(environ.get("WATCHDOG_PID", "0"))
        interval_us = int(environ.get("WATCHDOG_USEC", "0"))
    except ValueError:
        return None
    if interval_us <= 0 or pid not in (0, os.getpid()):
        return None
    return interval_us / 1_000_000
