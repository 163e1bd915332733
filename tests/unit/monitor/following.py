"""A feed in a test: what it posted, and waiting for it with a generous deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from monitor_gui.feed.history import History
from monitor_gui.feed.thread import Feed, Open
from monitor_gui.model.connections import System
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Acted, Update

WAIT_S = 60.0
Kind = TypeVar("Kind")


class Followed:
    """A store that is fed by a real feed; reads are safe while `locked`."""

    def __init__(self, open_source: Open, directory: Path | None = None) -> None:
        self.store = Store()
        self.updates: list[Update] = []
        self._changed = threading.Condition()
        self.feed = Feed(open_source, History(directory), self._post)

    def _post(self, update: Update) -> None:
        with self._changed:
            self.updates.append(update)
            self.store.apply(update)
            self._changed.notify_all()

    def until(self, condition: Callable[[Store], bool], what: str) -> None:
        """Wait until the store is so."""
        give_up_at_s = time.monotonic() + WAIT_S
        with self._changed:
            while not condition(self.store):
                left_s = give_up_at_s - time.monotonic()
                assert left_s > 0, f"it never came to pass that {what}"
                assert "fault of this program" not in self.store.trouble, self.store.trouble
                self._changed.wait(min(left_s, 0.5))

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The updates of a kind."""
        with self._changed:
            return self.of_unlocked(kind)

    def of_unlocked(self, kind: type[Kind]) -> list[Kind]:
        """The same for use within `until`, which holds the lock already."""
        return [update for update in self.updates if isinstance(update, kind)]

    def acted(self, what: str) -> Acted:
        """The first answer to an act of that name that was not taken yet."""
        found: list[Acted] = []

        def there(store: Store) -> bool:
            for update in self.updates:
                if isinstance(update, Acted) and update.what == what:
                    found.append(update)
                    self.updates.remove(update)
                    return True
            return False

        self.until(there, f"{what} was answered")
        return found[0]


@contextmanager
def following(
    open_source: Open, system: System | None = None, directory: Path | None = None
) -> Iterator[Followed]:
    """A feed that follows a system, ended at the end."""
    followed = Followed(open_source, directory)
    try:
        followed.feed.connect(system)
        yield followed
    finally:
        followed.feed.close()
