"""How far a client has seen the ledger: the newest of its receipts, which two containers signed.

Told with each request in a few characters (`codec.api.SEEN_HEADER`). A server that does not find
that entry in its ledger asks for the receipt itself, which proves that the entry was there: so
clients notice that a ledger was put back where nobody else is left who could (design D3, issue 14).
"""

from __future__ import annotations

from typing import Final

from appliance.client.wire import RequestMaker
from appliance.codec.api import SEEN_HEADER, seen_text
from appliance.verifier.documents import ReceiptDocument

SHOW_EVERY_S: Final = 30.0
"""A server that asks again and again is shown it no more often."""


class Seen:
    """The newest receipt of one client; `maker` tells of it from then on."""

    def __init__(self, maker: RequestMaker) -> None:
        self._maker = maker
        self._receipt: ReceiptDocument | None = None
        self._shown_at_s = -1e9

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

    def to_show(self, now_s: float) -> ReceiptDocument | None:
        """What to show to a server that asks for it at boot time `now_s`; None: not again yet."""
        if self._receipt is None or now_s - self._shown_at_s < SHOW_EVERY_S:
            return None
        self._shown_at_s = now_s
        return self._receipt
