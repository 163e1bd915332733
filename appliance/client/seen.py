"""How far a client has seen the ledger: the newest of its receipts, which two containers signed.

A client that gets a receipt of one ledger, of another one, and of the first again, has met two
systems with the same containers: one is a copy. After a restore the old ledger never answers again.

Told with each request in a few characters (`codec.seen_documents.SEEN_HEADER`). A server that does
not find that entry in its ledger asks for the receipt itself, which proves that the entry was
there: so clients notice that a ledger was put back where nobody else is left who could (design D3,
issue 14).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Final

from appliance.client.engine import Engine
from appliance.client.errors import ClientError
from appliance.client.states import TWO_SYSTEMS
from appliance.client.wire import RequestMaker
from appliance.codec.seen_documents import SEEN_HEADER, SeenDocument, SeenRequest, seen_text
from appliance.verifier.documents import ReceiptDocument

SIGNERS: Final = 2
"""So many of the same containers have to have endorsed both."""
Call = Callable[[str, str, type[SeenDocument], SeenRequest], Coroutine[Any, Any, SeenDocument]]
"""`AsyncClient.call`."""
LEDGERS_MAX: Final = 4
"""Of so many ledgers a receipt is remembered, the newest."""
SHOW_EVERY_S: Final = 30.0
"""A server that asks again and again is shown it no more often."""


class Seen:
    """The newest receipt of one client; `maker` tells of it from then on, `call` shows it where a
    server asks `engine` for it."""

    def __init__(self, maker: RequestMaker, engine: Engine, call: Call) -> None:
        self._maker = maker
        self._engine = engine
        self._call = call
        self._receipts: dict[bytes, ReceiptDocument] = {}  # the ledger that spoke last comes last
        self.two_systems: tuple[str, str] | None = None
        """A word and a sentence if two systems with the same containers were met."""
        self._shown_at_s = -1e9
        self._showing: asyncio.Task[None] | None = None
        engine.on_asked = self._asked

    @property
    def _receipt(self) -> ReceiptDocument | None:
        """The newest one of the ledger that spoke last."""
        return next(reversed(self._receipts.values()), None)

    def note(self, receipt: ReceiptDocument | None) -> None:
        """A receipt was verified, in answer to a request that was just made."""
        if receipt is None:
            return
        last, before = self._receipt, self._receipts.pop(receipt.ledger_id, None)
        if last is not None and before is not None and last is not before:
            self._met_again(receipt, last, before)
        kept = receipt if before is None or receipt.index > before.index else before
        if len(self._receipts) >= LEDGERS_MAX:
            del self._receipts[next(iter(self._receipts))]
        self._receipts[receipt.ledger_id] = kept
        text = seen_text(kept.ledger_id, kept.index, kept.log_root)
        self._maker.seen = f"{SEEN_HEADER}: {text}\r\n"

    def _met_again(
        self, receipt: ReceiptDocument, last: ReceiptDocument, before: ReceiptDocument
    ) -> None:
        """A ledger answers again after another one did: `before` was its last word until then."""
        signers = _signers(receipt)
        # One that was verified and has a single signer is by a container that stands alone.
        if len(signers & _signers(last)) < min(SIGNERS, len(signers)):
            return
        self.two_systems = (
            TWO_SYSTEMS,
            f"two systems work with the same licence containers, by the ledgers"
            f" {receipt.ledger_id.hex()} and {last.ledger_id.hex()}: one is a copy of the other."
            " Tell whoever runs the licence servers",
        )
        if self.to_show(self._engine.now()) is not None:
            self._show_soon(SeenRequest(receipt=last, before=before))

    def close(self) -> None:
        """Nothing is shown any more."""
        if self._showing is not None:
            self._showing.cancel()

    def _asked(self) -> None:
        """A server does not find in its ledger what this client has a receipt of."""
        receipt = self.to_show(self._engine.now())
        if receipt is not None:
            self._show_soon(SeenRequest(receipt=receipt))

    def _show_soon(self, request: SeenRequest) -> None:
        if self._showing is None or self._showing.done():
            self._showing = asyncio.get_running_loop().create_task(self._show(request))

    async def _show(self, request: SeenRequest) -> None:
        """Show it, once: nobody waits for that, and who does not hear it asks again."""
        with contextlib.suppress(ClientError):
            await self._call("POST", "/v1/seen", SeenDocument, request)

    def to_show(self, now_s: float) -> ReceiptDocument | None:
        """What to show to a server that asks for it at boot time `now_s`; None: not again yet."""
        if self._receipt is None or now_s - self._shown_at_s < SHOW_EVERY_S:
            return None
        self._shown_at_s = now_s
        return self._receipt


def _signers(receipt: ReceiptDocument) -> set[bytes]:
    """The containers that endorsed it, as verified."""
    return {one.certificate for one in receipt.endorsements}
