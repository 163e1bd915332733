"""Planted bugs in snapshots and compaction; `mutants` lists them."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger.log.book import Book
from appliance.ledger.replica.standing import Standing
from appliance.ledger.snapshot import compaction as keeping
from appliance.ledger.snapshot import fetching
from appliance.ledger.snapshot import install as incoming
from appliance.ledger.snapshot.compaction import Compaction
from appliance.ledger.snapshot.dumps import Dumps
from appliance.ledger.snapshot.seals import Sealed


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

    def greedy(self: Compaction) -> list[Any]:
        standing, retention = self._standing, self._retention
        goal = standing.book.last_index - retention.keep
        if not retention.every or goal <= standing.base_index:
            return []
        standing.base_index = goal
        return [standing.write(None, None, compact_to=goal)]

    monkeypatch.setattr(Compaction, "_compact", greedy)


def snapshot_taken_unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica is content with its own word for its state."""
    slice_of = Compaction._slice

    def alone(self: Compaction, making: Any) -> list[Any]:
        effects = slice_of(self, making)
        if making.seal is not None:
            effects += self.learn(-1e9, Sealed(making.seal.head, (making.seal.voice,)))
        return effects

    monkeypatch.setattr(Compaction, "_slice", alone)
    monkeypatch.setattr("appliance.ledger.snapshot.compaction.is_sealed", lambda *_: True)


def dump_survives_a_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state is dumped before it is committed, and kept when its entry is cut."""
    following = Dumps.next

    def early(self: Dumps, commit_index: int, after: int, busy_index: int) -> Any:
        return following(self, 1 << 60, after, busy_index)

    monkeypatch.setattr(Dumps, "next", early)
    monkeypatch.setattr(Dumps, "rolled_back", lambda self, index: None)


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
