"""How far a client has seen the ledger: the newest of its receipts, which two containers signed.

Told with each request in a few characters (`codec.api.SEEN_HEADER`). A server that does not find
that entry in its ledger asks for the receipt itself, which proves that the entry was there: so
clients notice that a ledger was put back where nobody else is left who could (design D3, issue 14).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Final

from appliance.client.engine import Engine
from appliance.client.errors import ClientError
from appliance.client.wire import RequestMaker
from appliance.codec.api import SEEN_HEADER, SeenDocument, SeenRequest, seen_text
from appliance.verifier.documents import ReceiptDocument

Call = Callable[[str, str, type[SeenDocument], SeenRequest], Coroutine[Any, Any, SeenDocument]]
"""`AsyncClient.call`."""
SHOW_EVERY_S: Final = 30.0
"""A server that asks again and again is shown it no more often."""


class Seen:
    """The newest receipt of one client; `maker` tells of it from then on, `call` shows it where a
    server asks `engine` for it."""

    def __init__(self, maker: RequestMaker, engine: Engine, call: Call) -> None:
        self._maker = maker
        self._engine = engine
        self._call = call
        self._receipt: ReceiptDocument | None = None
        self._shown_at_s = -1e9
        self._showing: asyncio.Task[None] | None = None
        engine.on_asked = self._asked

    def note(self, receipt: ReceiptDocument | None) -> None:
        """A receipt was verified."""
        last = self._receipt
        if receipt is None or (
            last is not None and last.ledger_id == receipt.ledger_id and last.index >= receipt.index
        ):
            return
        self._receipt = receipt
        text = seen_text(receipt.ledger_id, receipt.index, receipt.log_root)
        self._maker.seen = f"{SEEN_HEADER}: {text}\r\n"

    def close(self) -> None:
        """Nothing is shown any more."""
        if self._showing is not None:
            self._showing.cancel()

    def _asked(self) -> None:
        """A server does not find in its ledger what this client has a receipt of."""
        receipt = self.to_show(self._engine.now())
        if receipt is not None and (self._showing is None or self._showing.done()):
            self._showing = asyncio.get_running_loop().create_task(self._show(receipt))

    async def _show(self, receipt: ReceiptDocument) -> None:
        """Show it, once: nobody waits for that, and who does not hear it asks again."""
        with contextlib.suppress(ClientError):
            await self._call("POST", "/v1/seen", SeenDocument, SeenRequest(receipt=receipt))

    def to_show(self, now_s: float) -> ReceiptDocument | None:
        """What to show to a server that asks for it at boot time `now_s`; None: not again yet."""
        if self._receipt is None or now_s - self._shown_at_s < SHOW_EVERY_S:
            return None
        self._shown_at_s = now_s
        return self._receipt
