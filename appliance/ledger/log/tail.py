"""A TMR host's own copy of the log's end: the book, the newest entries, and what is not committed.

The active host and the passive one keep it alike (design D5). It is a copy: losing it costs a
fetch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.effects import Committed, Effect
from appliance.ledger.limits import Limits
from appliance.ledger.log.book import Applied, Book, ChainBroken, Commands
from appliance.ledger.log.window import Window
from appliance.ledger.membership.founding_anew import known_by
from appliance.ledger.messages import Entry
from appliance.ledger.snapshot.seals import StateHead
from appliance.licences.machine import Machine
from appliance.licences.snapshot import Loader
from appliance.licences.state import State


class Tail:
    """Book and window, moved together; `proof` is the newest of what is committed in them."""

    def __init__(self, machine: Machine, limits: Limits) -> None:
        self._machine = machine
        self.book = Book(machine)
        self.window = Window(limits.window_bytes)
        self.proof: CommitProof | None = None
        self._uncommitted: deque[Applied] = deque()

    @property
    def rules(self) -> int:
        """The newest version of the rules that this release knows."""
        return self._machine.rules

    @property
    def stores(self) -> int:
        """How many stores a ledger here has."""
        return self._machine.stores

    def loader(self) -> Loader:
        """A reader of snapshots for this release."""
        return Loader(self._machine.rules)

    def take(self, entries: Sequence[Entry]) -> bool:
        """Apply the next entries; False if one does not fit (the sound ones before it stay)."""
        for entry in entries:
            try:
                self.add(entry)
            except ChainBroken:
                return False
        return True

    def add(self, entry: Entry, commands: Commands | None = None) -> Applied:
        """Apply one entry. Raises ChainBroken if it is not the next."""
        applied = self.book.apply(entry, commands)
        self.window.push(entry)
        self._uncommitted.append(applied)
        return applied

    def may_hold(self, index: int, root: bytes) -> bool:
        """Whether an upstream can hold this log up to there, as far as that is still known here."""
        return index <= self.book.last_index and self.window.root_at(index) in (None, root)

    def commit(self, index: int) -> list[Effect]:
        """Entries up to `index` are committed: report each once."""
        self.book.commit(index)
        effects: list[Effect] = []
        while self._uncommitted and self._uncommitted[0].index <= self.book.commit_index:
            applied = self._uncommitted.popleft()
            effects.append(
                Committed(applied.index, applied.log_time_ms, applied.commands, applied.outcomes)
            )
        return effects

    def prove(self, proof: CommitProof) -> None:
        """Keep a proof that somebody verified for this log, if it is the newest."""
        if self.proof is None or (proof.index, proof.term) > (self.proof.index, self.proof.term):
            self.proof = proof

    def drop_uncommitted(self) -> None:
        """Go back to the last commit."""
        self.book.rollback(self.book.commit_index)
        if self.book.commit_index < self.window.base_index:
            self.window.restart(self.book.commit_index, self.book.commit_root)
        self.window.cut(self.book.commit_index)
        self._uncommitted.clear()

    def restore(self, state: State, head: StateHead) -> None:
        """Go on from this state, which two stores sealed, instead of from what is here."""
        self._begin()
        self.book.begin(state, head.index, head.root, head.log_time_ms)
        self.window.restart(head.index, head.root)
        self.proof = None
        self._uncommitted.clear()

    def forget(self) -> None:
        """Start from nothing, but remember how far the ledger had got that was known here."""
        self._begin()
        self.window.restart(0, self.book.last_root)
        self.proof = None
        self._uncommitted.clear()

    def _begin(self) -> None:
        before = known_by(self.book)
        if not before.ledger_id:
            before = self.book.before
        self.book = Book(self._machine)
        self.book.before = before
