"""Planted bugs in snapshots and compaction; `mutants` lists them."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger import fetching, incoming, keeping
from appliance.ledger.book import Book
from appliance.ledger.candidates import Candidates
from appliance.ledger.keeping import Keeping
from appliance.ledger.seals import Sealed
from appliance.ledger.standing import Standing


def snapshot_without_its_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot from elsewhere is stored without the entries that followed on it."""
    write = Standing.write

    def tailless(self: Standing, origin: Any, answer: Any, **fields: Any) -> Any:
        if fields.get("snapshot") is not None and fields["snapshot"].replaces:
            fields["append"] = ()
        return write(self, origin, answer, **fields)

    monkeypatch.setattr(Standing, "write", tailless)


def compaction_past_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries are let go of as soon as they are old, whatever covers them."""

    def greedy(self: Keeping) -> list[Any]:
        standing, retention = self._standing, self._retention
        goal = standing.book.last_index - retention.keep
        if not retention.every or goal <= standing.base_index:
            return []
        standing.base_index = goal
        return [standing.write(None, None, compact_to=goal)]

    monkeypatch.setattr(Keeping, "_compact", greedy)


def snapshot_taken_unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica is content with its own word for its state."""
    slice_of = Keeping._slice

    def alone(self: Keeping, making: Any) -> list[Any]:
        effects = slice_of(self, making)
        if making.seal is not None:
            effects += self.learn(-1e9, Sealed(making.seal.head, (making.seal.voice,)))
        return effects

    monkeypatch.setattr(Keeping, "_slice", alone)
    monkeypatch.setattr("appliance.ledger.keeping.is_sealed", lambda *_: True)


def dump_survives_a_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state is dumped before it is committed, and kept when its entry is cut."""
    following = Candidates.next

    def early(self: Candidates, commit_index: int, after: int, busy_index: int) -> Any:
        return following(self, 1 << 60, after, busy_index)

    monkeypatch.setattr(Candidates, "next", early)
    monkeypatch.setattr(Candidates, "rolled_back", lambda self, index: None)


def log_time_is_not_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that begins with a snapshot begins with no time."""
    begin = Book.begin

    def timeless(self: Book, state: Any, index: int, root: bytes, log_time_ms: int) -> None:
        begin(self, state, index, root, 0)

    monkeypatch.setattr(Book, "begin", timeless)


def seals_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is said to be sealed is believed."""
    for module in (fetching, incoming, keeping):
        monkeypatch.setattr(module, "is_sealed", lambda *_: True)
