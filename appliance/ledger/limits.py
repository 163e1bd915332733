"""How much a TMR host keeps in memory and puts into one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ENTRY_BYTES: Final = 300
"""What an entry costs in memory beside its body: an empty one is not free."""
UNCOMMITTED_BYTES_MAX: Final = 512 << 20
"""What an upstream takes of a log that nothing proves to be committed, before it refuses more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a deployment need not touch; the simulator makes them tiny to meet their edges.

    `window_bytes` of newest entries are kept in memory; one message carries `message_entries` or
    `message_bytes` of entries, whichever is less: to pack them must not keep batches waiting, nor
    to send them again to an upstream that is busy. `in_flight` appends are on their way at a time;
    whoever is more than `bulk_entries` behind gets whole messages of them instead.
    `fetch_bytes` are asked for at once: applying them must not keep a host from beating.
    """

    window_bytes: int = 16 << 20
    message_entries: int = 4096
    message_bytes: int = 1 << 17
    fetch_bytes: int = 1 << 16
    in_flight: int = 8
    bulk_entries: int = 256
