"""Tables and single values with a record of how to undo each change of them.

What can go wrong in here: a write past the record. So tables are written by `_put` alone, and the
single values, which are few, are kept whole before each round of changes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, ClassVar, Final

import msgspec

_Put = tuple[dict[Any, Any], Any, Any]
"""Before the change, this table held that under the key (ABSENT: nothing)."""


class _Singles(msgspec.Struct, frozen=True):
    """Everything that is no table, as it was."""

    values: tuple[Any, ...]


Change = _Put | _Singles
"""One step of an undo record; to be kept and handed to `revert`, nothing else."""

ABSENT: Final = object()


class Undoable:
    """The base of what can be undone; a subclass names its SINGLES, and calls `_begin` once they
    are there."""

    __slots__ = ("_before", "_changes")
    SINGLES: ClassVar[tuple[str, ...]] = ()
    _read: ClassVar[Any]

    def __init_subclass__(cls) -> None:
        if cls.SINGLES:
            cls._read = attrgetter(*cls.SINGLES)

    def _begin(self) -> None:
        self._changes: list[Change] = []
        self._before = _Singles(self._read(self))

    def take_changes(self) -> list[Change]:
        """How to undo everything since the last call; forgets it here."""
        changes = [self._before, *self._changes]
        self._changes = []
        self._before = _Singles(self._read(self))
        return changes

    def revert(self, changes: Sequence[Change]) -> None:
        """Undo `changes`, the latest taken and not yet undone; first, what was not taken yet."""
        for change in (*reversed(self._changes), self._before, *reversed(changes)):
            if isinstance(change, _Singles):
                for name, value in zip(self.SINGLES, change.values, strict=True):
                    setattr(self, name, value)
            else:
                self._put_back(*change)
        self._changes = []
        self._before = _Singles(self._read(self))

    def _put_back(self, table: dict[Any, Any], key: Any, old: Any) -> None:
        """Undo one write. A subclass counts anew here what follows from a table: what is only
        counted needs no record of its own."""
        if old is ABSENT:
            del table[key]
        else:
            table[key] = old

    def _put(self, table: dict[Any, Any], key: Any, value: object) -> None:
        """Write and record; a value of ABSENT removes the key, which must be there."""
        self._changes.append((table, key, table.get(key, ABSENT)))
        if value is ABSENT:
            del table[key]
        else:
            table[key] = value


def count_up(table: dict[Any, int], key: object, more: int = 1) -> None:
    """So many more."""
    table[key] = table.get(key, 0) + more


def count_down(table: dict[Any, int], key: object, less: int = 1) -> None:
    """So many less; what comes to zero is absent."""
    left = table[key] - less
    if left:
        table[key] = left
    else:
        del table[key]


def enlist(table: dict[Any, list[Any]], key: object, value: object) -> None:
    """One more value in the list under this key, which is in order."""
    insort(table.setdefault(key, []), value)


def delist(table: dict[Any, list[Any]], key: object, value: object) -> None:
    """This value is in that list no more; what comes to nothing is absent."""
    those = table[key]
    del those[bisect_left(those, value)]
    if not those:
        del table[key]
