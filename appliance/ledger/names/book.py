"""A TMR host's side of the names: tags for those that clients say, names for those that it shows.

All that it knows is in memory, and comes from the upstreams: each is asked now and then for what it
got since (`ask`, `take`). The host that serves also gives: what a client says anew goes to all
upstreams before the entry that has its tag (`told`), and an upstream that was away gets what it
lacks once it has said what it has (`lacks`).

What can go wrong in here is the hot path: a name that was used in the last day costs two looks into
a table. Without a key there are no tags, and no check-out waits for one. And a check-out that is
refused uses no name: else anybody who is let in could crowd out all others' names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from appliance.ledger.messages import NAMES_PER_MESSAGE, NamesPage
from appliance.ledger.names.keeper import DAY_MS, KEPT_MS, NAMES_MAX
from appliance.licences.commands import Holder
from appliance.licences.names import NameRow, erased_at_ms, fits, key_hash, short, tag_of
from appliance.licences.state import State
from appliance.text import plain

REFRESHED_MS: Final = DAY_MS
"""A name that is used every day is written once in so long."""
TAGS_MAX: Final = 20_000
"""Names whose tags are at hand."""
LOOK_EVERY_S: Final = 60.0


class Shelf:
    """What is known of one upstream's names: up to which of its numbers, what it was not seen to
    have, for how long it keeps names, whether it has the key, and whether all was read once."""

    __slots__ = ("has_key", "kept_ms", "lacks", "number", "read")

    def __init__(self, lacks: Iterable[bytes] = ()) -> None:
        self.number = 0
        self.has_key = False
        self.lacks: dict[bytes, None] = dict.fromkeys(lacks)
        self.kept_ms: int | None = None
        self.read = False


class NameBook:
    """The names that one TMR host knows. `key` is what it founds a ledger with, if it does."""

    def __init__(self, upstreams: Iterable[str], key: bytes = b"") -> None:
        self._own_key = key
        self._key = b""
        self._hash = b""
        self._rows: dict[bytes, NameRow] = {}
        self._tags: dict[str, tuple[bytes, int]] = {}
        self._told: list[NameRow] = []
        self._shelves = {name: Shelf() for name in upstreams}
        self._erased_index = 0
        self._look_at_s = 0.0
        self._undated = False
        """Whether names were used before any log time was known, as they are after a founding."""

    def __len__(self) -> int:
        return len(self._rows)

    # --- tags and names ---

    def key(self, state: State) -> bytes:
        """The key of this ledger's tags, empty while it is not known."""
        if state.names_key_hash != self._hash:
            self._begin(state.names_key_hash)
        return self._key

    def _begin(self, hashed: bytes) -> None:
        """It is another ledger: nothing that was known fits it."""
        self._hash = hashed
        own = self._own_key
        self._key = own if own and key_hash(own) == hashed else b""
        self._rows, self._tags, self._told = {}, {}, []
        self._shelves = {name: Shelf() for name in self._shelves}
        self._erased_index = 0

    def holder(self, state: State, user: str, host: str, pid: int, application: str) -> Holder:
        """Who a client says that it is, as the ledger holds it."""
        tag = self.tag_of
        return Holder(tag(state, user), tag(state, host), pid, tag(state, application))

    def tag_of(self, state: State, name: str) -> bytes:
        """The tag of a name; empty without a name or a key. It is not used by this."""
        known = self._tags.get(name)
        if known is not None:
            return known[0]
        key = self.key(state)
        if not (name and key):
            return b""
        return self._remember(name, tag_of(key, plain(name)), 0)

    def _remember(self, name: str, tag: bytes, until_ms: int) -> bytes:
        if len(self._tags) >= TAGS_MAX:
            self._tags.clear()
        self._tags[name] = (tag, until_ms)
        return tag

    def in_use(self, state: State, *names: str) -> bool:
        """Whether all of these were used lately, so that nothing is to be written."""
        now_ms, tags = state.log_time_ms, self._tags
        return all(not name or (name in tags and now_ms < tags[name][1]) for name in names)

    def use(self, state: State, name: str) -> bytes:
        """The tag of a name that is used now: a request that has its tag is about to be ordered."""
        key = self.key(state)
        if not (name and key):
            return b""
        said, name = name, plain(name)
        tag, now_ms = tag_of(key, name), state.log_time_ms
        erased_ms = erased_at_ms(state, tag)
        row = self._rows.get(tag)
        if row is None or row.seen_ms <= erased_ms or now_ms - row.seen_ms >= REFRESHED_MS:
            row = NameRow(tag, name, max(now_ms, erased_ms + 1))
            self._put(row, "")
            self._undated = self._undated or not row.seen_ms
            self._told.append(row)
        return self._remember(said, tag, row.seen_ms + REFRESHED_MS)

    def shown(self, state: State, tag: bytes) -> str:
        """The name of this tag, or what is shown in its place."""
        row = self._rows.get(tag)
        if row is None or row.seen_ms <= erased_at_ms(state, tag):
            return short(tag)
        return row.name

    def known(self, state: State) -> Iterator[tuple[bytes, str]]:
        """Every tag whose name is known, with the name."""
        for tag, row in self._rows.items():
            if row.seen_ms > erased_at_ms(state, tag):
                yield tag, row.name

    def _put(self, row: NameRow, source: str) -> None:
        """Know this row, which `source` has."""
        old = self._rows.pop(row.tag, None)
        if old is None and len(self._rows) >= NAMES_MAX:
            self._drop(next(iter(self._rows)))
        self._rows[row.tag] = row
        for name, shelf in self._shelves.items():
            if name != source:
                shelf.lacks[row.tag] = None

    def _drop(self, tag: bytes) -> None:
        del self._rows[tag]
        for shelf in self._shelves.values():
            shelf.lacks.pop(tag, None)

    # --- what upstreams have ---

    def linked(self, upstream: str) -> None:
        """An upstream is there, perhaps with another disk: ask for all that it has."""
        self._shelves[upstream] = Shelf(self._rows)

    def ask(self, upstream: str) -> int:
        """After which of its numbers to ask this upstream."""
        return self._shelves[upstream].number

    def take(self, upstream: str, state: State, page: NamesPage) -> bool:
        """An upstream said what it has; whether it has more."""
        if not self.key(state) and page.key and key_hash(page.key) == self._hash:
            self._key = page.key
        shelf = self._shelves[upstream]
        if page.last < shelf.number or not self._key:
            return False  # Without a key nothing is judged: it is asked for the same again.
        for row in page.rows:
            if not fits(state, self._key, row) or row.seen_ms > state.log_time_ms + DAY_MS:
                continue
            known = self._rows.get(row.tag)
            if known is None or known.seen_ms < row.seen_ms:
                self._put(row, upstream)
            if known is None or known.seen_ms <= row.seen_ms:
                shelf.lacks.pop(row.tag, None)
        more = page.more and page.last > shelf.number
        shelf.number, shelf.kept_ms, shelf.has_key = page.last, page.kept_ms, bool(page.key)
        shelf.read = shelf.read or not more
        return more

    def told(self) -> tuple[NameRow, ...]:
        """What clients said since this was asked last, for all upstreams."""
        told, self._told = tuple(self._told[:NAMES_PER_MESSAGE]), []
        return told

    def has_key(self, upstream: str) -> bool:
        """Whether this upstream said that it has the key."""
        return self._shelves[upstream].has_key

    def lacks(self, upstream: str, state: State) -> tuple[NameRow, ...]:
        """What this upstream does not have, as far as it said, and would keep; nothing before it
        said it all. Asked again, it says the next ones."""
        shelf = self._shelves[upstream]
        if not shelf.read:
            return ()
        rows = []
        for tag in list(islice(shelf.lacks, NAMES_PER_MESSAGE)):
            row = self._rows[tag]
            del shelf.lacks[tag]
            if shelf.kept_ms is None or row.seen_ms >= state.log_time_ms - shelf.kept_ms:
                shelf.lacks[tag] = None  # at the end, so that what is refused bars nothing
                rows.append(row)
        return tuple(rows)

    # --- forgetting ---

    def tick(self, now_s: float, state: State) -> None:
        """Forget what was erased, or not used for as long as the upstreams keep names."""
        self.key(state)
        if state.erased_index != self._erased_index:
            self._erased_index = state.erased_index
            self._tags.clear()
            self._told.clear()
            for tag, erased in state.erased.items():
                row = self._rows.get(tag)
                if row is not None and row.seen_ms <= erased.at_ms:
                    self._drop(tag)
        if self._undated and state.log_time_ms:
            self._undated = False
            self._tags.clear()
            for row in [row for row in self._rows.values() if not row.seen_ms]:
                self._put(NameRow(row.tag, row.name, state.log_time_ms), "")
        if now_s >= self._look_at_s:
            self._look_at_s = now_s + LOOK_EVERY_S
            self._use_ruled(state)
            since_ms = state.log_time_ms - self._kept_ms()
            for row in [row for row in self._rows.values() if row.seen_ms < since_ms]:
                self._drop(row.tag)

    def _use_ruled(self, state: State) -> None:
        """Names that the access rules in force hold are in use."""
        in_force = state.access.get(state.access_version)
        for subjects in in_force.rules.lists() if in_force is not None else ():
            for tag in (*subjects.users, *subjects.hosts):
                row = self._rows.get(tag)
                if row is not None and state.log_time_ms - row.seen_ms >= REFRESHED_MS:
                    self._put(NameRow(tag, row.name, state.log_time_ms), "")

    def _kept_ms(self) -> int:
        """For how long names are kept: of what the upstreams say the median, so that one that lies
        has no effect."""
        said = sorted(one.kept_ms for one in self._shelves.values() if one.kept_ms is not None)
        return said[len(said) // 2] if len(said) > 1 else KEPT_MS
