"""The names beside a log, in memory: what `adapters.store.names` does on a disk."""

from __future__ import annotations

from appliance.ledger.effects import NamesWrite, ReadNames, Send
from appliance.ledger.messages import NAMES_PER_MESSAGE
from appliance.ledger.replica.replica import Replica
from appliance.licences.names import NameRow


class NamesTable:
    """The rows by their numbers, and the key; it outlives the replica beside it."""

    def __init__(self) -> None:
        self.key = b""
        self.rows: dict[bytes, tuple[int, NameRow]] = {}
        self._numbers = 0

    def perform(self, replica: Replica | None, effect: NamesWrite | ReadNames) -> list[Send]:
        """Do what a replica asks for; gives its answer, if there is one."""
        if isinstance(effect, NamesWrite):
            self._write(effect)
            return []
        if replica is None:
            return []
        rows = sorted(row for row in self.rows.values() if row[0] > effect.after)
        rows = rows[:NAMES_PER_MESSAGE]
        last = rows[-1][0] if rows else effect.after
        names = [row for _, row in rows]
        return [Send(effect.to, replica.names.page(replica.book.state, self.key, last, names))]

    def _write(self, write: NamesWrite) -> None:
        self.key = write.key or self.key
        for row in write.rows:
            _, old = self.rows.get(row.tag, (0, None))
            if old is None or old.seen_ms < row.seen_ms:
                self._numbers += 1
                self.rows[row.tag] = (self._numbers, row)
        until_ms = dict(write.forget)
        self.rows = {
            tag: (number, row)
            for tag, (number, row) in self.rows.items()
            if row.seen_ms > until_ms.get(tag, -1) and row.seen_ms >= write.used_since_ms
        }
        if write.most is not None and len(self.rows) > write.most:
            newest = sorted(self.rows.items(), key=lambda one: one[1][1].seen_ms, reverse=True)
            self.rows = dict(newest[: write.most])
