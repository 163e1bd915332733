"""How far a client has seen the ledger; a part of the API (`appliance.codec.api`)."""

from __future__ import annotations

from typing import Final

from appliance.codec.api import Document
from appliance.verifier.documents import ReceiptDocument

SEEN_HEADER: Final = "tmr-seen"
"""The newest entry of which a client has a receipt, as `seen_text` writes it."""
SHOW_HEADER: Final = "tmr-show-seen"
"""An answer has it if the server wants to see that receipt: POST /v1/seen."""


class SeenRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/seen: the newest receipt that a client has verified. With `before`, which
    is of the ledger here, it is of another ledger, and newer."""

    receipt: ReceiptDocument
    before: ReceiptDocument | None = None


class SeenDocument(Document, frozen=True):
    """Answer to POST /v1/seen: the ledger here lacks what was shown, or there is another system."""

    lost: bool
    other_system: bool = False


def seen_text(ledger_id: bytes, index: int, log_root: bytes) -> str:
    """An entry in few characters: nobody believes it, so it need not be whole."""
    return f"{ledger_id[:4].hex()}-{index}-{log_root[:8].hex()}"
