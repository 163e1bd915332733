"""What the active host enters by itself, once each in a term: nobody asked for it.

A replacement that is proven, the rules that TMR hosts know, and entries that were lost. Each is
judged by every host, so it has no effect if it is not so.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.ledger.certificates.proofs import CommitProof, encode_proof
from appliance.ledger.leader.known_rules import KnownRules
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.heads import Heads
from appliance.licences.commands import AnyCommand, NoteLoss, Replaced


class OwnEntries:
    """Remembers what it gave in this term."""

    def __init__(self, rules: KnownRules, heads: Heads, tail: Tail) -> None:
        self._rules = rules
        self._heads = heads
        self._tail = tail
        self.begin()

    def begin(self) -> None:
        """A term starts to serve."""
        self._replaced_index = 0
        self._noted = b""

    def due(self, now_s: float, proof: CommitProof | None) -> Iterator[AnyCommand]:
        """What is to be entered now; `proof` is the newest of this term."""
        pending = self._tail.book.state.membership.pending
        # A replacement that both remaining stores hold is proven: then the new one votes (D7).
        if (
            pending is not None
            and proof is not None
            and proof.index >= pending.index != self._replaced_index
        ):
            self._replaced_index = pending.index
            yield Replaced(encode_proof(proof))
        yield from self._rules.news(now_s)
        yield from self.lost()

    def lost(self) -> Iterator[NoteLoss]:
        """That committed entries are lost, if somebody showed so."""
        note = self._heads.to_note()
        if note is not None and note.seen != self._noted:
            self._noted = note.seen
            yield note
