"""States that may become snapshots: taken on the way, dumped bit by bit, never in anybody's way.

Each entry whose index is a multiple of `every` leaves a candidate: the state's tables as they are
then, of which a dump is made when the commit has passed it. The dump is made in slices, a few at a
tick and one at each entry, so no batch waits for it, and it ends before the next candidate comes.

What can go wrong in here is a dump of what was rolled back: so nothing is dumped that is not
committed, and what waits is dropped with the entries it rests on. And three replicas have to come
to the same index, or no two seals ever agree: so what was begun is finished, and given up only for
a candidate at a multiple of `ALIGNED * every`, which all meet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.ledger.log.book import Book
from appliance.licences.snapshot import dump_in_slices

WAITING_MAX: Final = 4
"""Dumps kept until the commit passes them: more than that are made only by a long adopt."""
ALIGNED: Final = 4


@dataclass(slots=True)
class Dump:
    """The state after entry `index`; `slices` gives its chunks, and None where one may stop."""

    ledger_id: bytes
    index: int
    root: bytes
    log_time_ms: int
    slices: Iterator[bytes | None]


class Dumps:
    """What one replica took. `every` is a number of entries, 0 for no snapshots at all."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._waiting: deque[Dump] = deque(maxlen=WAITING_MAX)

    def applied(self, book: Book) -> None:
        """An entry was applied: take a candidate if it is its turn."""
        index = book.last_index
        if self._every and index % self._every == 0 and book.state.founded:
            self._waiting.append(
                Dump(
                    book.state.ledger_id,
                    index,
                    book.last_root,
                    book.log_time_ms,
                    dump_in_slices(book.state),
                )
            )

    def rolled_back(self, index: int) -> None:
        """Entries after `index` are gone, and what was taken of them."""
        while self._waiting and self._waiting[-1].index > index:
            self._waiting.pop()

    def next(self, commit_index: int, after: int, busy_index: int) -> Dump | None:
        """The newest candidate that is committed and newer than `after`, to be dumped now.

        If a dump of entry `busy_index` is under way or waits for its seals (0: none), only one for
        which that is given up.
        """
        committed = [c for c in self._waiting if c.index <= commit_index]
        able = [c for c in committed if c.index > max(after, busy_index)]
        if busy_index:
            able = [c for c in able if c.index % (ALIGNED * self._every) == 0]
        # The newest that is committed may still get its turn when the one before is sealed.
        keep = committed[-1].index if committed else 0
        while self._waiting and self._waiting[0].index < keep:
            self._waiting.popleft()
        if not able:
            return None
        while self._waiting and self._waiting[0].index <= able[-1].index:
            self._waiting.popleft()
        return able[-1]

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()
