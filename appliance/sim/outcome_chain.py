"""The history of outcomes as nobody else counts it: from what came of each committed entry.

Replicas, coordinators and snapshots carry a history root; here it is made anew, by the words of
docs/receipts.md and by nothing that the ledger makes it with.
"""

from __future__ import annotations

from hashlib import sha256

from appliance.ledger.invariants import require
from appliance.ledger.log.book import Applied
from appliance.verifier.merkle import root_of


class OutcomeChain:
    """The history roots after each committed entry, on top of `before`."""

    def __init__(self, before: bytes = bytes(32)) -> None:
        self._roots = [before]

    def extend(self, applied: Applied) -> None:
        """One more entry is committed. Raises InvariantViolation if its history is not so."""
        root = sha256(b"tmr-history-1\x00" + self._roots[-1] + root_of(applied.leaf_hashes))
        self._roots.append(root.digest())
        self.check("the reference", len(self._roots) - 1, applied.history_root)

    def root_at(self, index: int) -> bytes:
        """The history root after this entry."""
        return self._roots[index]

    def check(self, name: str, index: int, root: bytes) -> None:
        """Raise InvariantViolation unless this is the history root after that entry."""
        known = self._roots[index : index + 1]
        require(known == [root], f"{name} has another history of outcomes at entry {index}")
