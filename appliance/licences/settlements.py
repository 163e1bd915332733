"""The bytes that a client signs to settle a reservation (docs/signatures.md)."""

from __future__ import annotations

import struct
from typing import Final

_TAG: Final = b"tmr-settle-1\x00"


def settle_bytes(ledger_id: bytes, generation: int, number: int, used: int) -> bytes:
    """Of request `number` on the lease of this generation `used` units were used."""
    head = _TAG + struct.pack(">H", len(ledger_id)) + ledger_id
    return head + struct.pack(">QQQ", generation, number, used)
