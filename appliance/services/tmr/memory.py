"""What a TMR host keeps on its own disk: how far it has seen the ledger to be committed.

Written a few times a second at most, beside all else, and whole or not at all. What can go wrong in
here is a disk that fails: the host serves on, since it needs no memory to be right, and says so.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from appliance.adapters.files import PRIVATE_MODE, write_whole
from appliance.adapters.quiet import Quiet
from appliance.ledger.membership.heads import Memory, decode_memory, encode_memory

KEEP_EVERY_S: Final = 0.5
MEMORY_BYTES_MAX: Final = 128 << 10
"""Two heads with their proofs are smaller."""

log = logging.getLogger(__name__)


class MemoryFile:
    """The file, None for a host that has none; `kept` is what stands in it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept = b""
        self._quiet = Quiet(log)

    def load(self) -> Memory:
        """What was kept. A file that cannot be read is said in the log, and counts as none."""
        try:
            if self._path is None or not self._path.exists():
                return Memory()
            if self._path.stat().st_size > MEMORY_BYTES_MAX:
                raise ValueError("it is too large to be what a host remembers")
            self._kept = self._path.read_bytes()
            return decode_memory(self._kept)
        except (OSError, ValueError) as error:
            log.error("memory of the ledger lost: %s: %s", self._path, error)
            return Memory()

    async def keep(self, now_s: float, memory: Memory) -> None:
        """Write it down if it is news; `now_s` is boot time."""
        data = encode_memory(memory)
        if self._path is None or data == self._kept:
            return
        try:
            await asyncio.to_thread(write_whole, self._path, data, PRIVATE_MODE)
        except OSError as error:
            text = "memory of the ledger is not kept: %s"
            self._quiet.tell(now_s, ("memory", type(error).__name__), logging.ERROR, text, error)
            return
        self._kept = data
