"""The bytes that a borrower signs (docs/signatures.md)."""

from __future__ import annotations

import struct
from typing import Final

BORROWER_BYTES: Final = 32
"""An Ed25519 public key."""
BORROW_SIGNATURE_BYTES: Final = 64
_RETURN_TAG: Final = b"tmr-return-borrowed-1\x00"
_EXTEND_TAG: Final = b"tmr-extend-borrowed-1\x00"


def return_bytes(ledger_id: bytes, borrower: bytes) -> bytes:
    """What was borrowed under this key in that ledger is given back."""
    return _RETURN_TAG + struct.pack(">H", len(ledger_id)) + ledger_id + borrower


def extend_bytes(ledger_id: bytes, borrower: bytes, extends_ms: int, seconds: int) -> bytes:
    """What ends at `extends_ms` shall be borrowed for so many seconds from now on."""
    head = _EXTEND_TAG + struct.pack(">H", len(ledger_id)) + ledger_id + borrower
    return head + struct.pack(">QQ", extends_ms, seconds)
