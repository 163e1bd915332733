"""The TMR service's end of the line to the address process.

What can go wrong here: the address process may be absent, restarted or frozen. In all three cases
the state is None, which means "I do not know that I hold the address": a TMR service does not serve
then. A killed address process takes its keepalived with it, so the address moves to the twin.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from appliance.sentences import in_english
from appliance.services.vip_protocol import (
    LINE_BYTES_MAX,
    DropAddress,
    FromTmr,
    MalformedMessage,
    Verdict,
    VipState,
    decode_from_vip,
    encode,
)

log = logging.getLogger(__name__)

RECONNECT_PAUSE_S = 0.05


class VipClient:
    """Keeps the TMR service connected to its address process.

    The verdict set last is sent on connecting, at each change, and every advert interval; until
    `set_verdict` was called nothing is sent, so the host counts as unhealthy.
    """

    def __init__(self, path: str, advert_int_s: float) -> None:
        self._path = path
        self._repeat_interval_s = max(0.05, advert_int_s)
        # The address process reports every advert interval; ten missing mean that it is frozen.
        self._silent_bound_s = max(1.0, 10 * advert_int_s)
        self._verdict: Verdict | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._state: VipState | None = None

    @property
    def state(self) -> VipState | None:
        """The newest report, or None while there is no line to the address process."""
        return self._state

    def set_verdict(self, healthy: bool, reason: str = "") -> None:
        """Say whether this host may hold the address (design D4); cheap to repeat."""
        verdict = Verdict(healthy=healthy, reason=in_english(reason))
        if verdict != self._verdict:
            self._verdict = verdict
            self._send(verdict)

    def drop_address(self, reason: str) -> None:
        """Have the address given to the twin at once, if this host holds it."""
        self._send(DropAddress(reason=in_english(reason)))

    async def run(self, on_state: Callable[[VipState | None], None]) -> None:
        """Connect, and connect again, until cancelled. `on_state` is called with each VipState that
        arrives and with None when the line is lost."""
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(
                    self._path, limit=LINE_BYTES_MAX
                )
            except OSError:
                await asyncio.sleep(RECONNECT_PAUSE_S)
                continue
            self._writer = writer
            repeating = asyncio.create_task(self._repeat())
            try:
                await self._read(reader, on_state)
            except (MalformedMessage, ValueError, OSError, TimeoutError) as error:
                log.warning("the line to the address process is lost: %s", error or "it is silent")
            finally:
                repeating.cancel()
                self._writer = None
                writer.transport.abort()
                if self._state is not None:
                    self._state = None
                    on_state(None)
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _read(
        self, reader: asyncio.StreamReader, on_state: Callable[[VipState | None], None]
    ) -> None:
        while True:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes with a line.
            async with asyncio.timeout(self._silent_bound_s):
                line = await reader.readline()
            if not line:
                return
            self._state = decode_from_vip(line)
            on_state(self._state)

    async def _repeat(self) -> None:
        while True:
            if self._verdict is not None:
                self._send(self._verdict)
            await asyncio.sleep(self._repeat_interval_s)

    def _send(self, message: FromTmr) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message))
