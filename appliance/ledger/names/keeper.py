"""An upstream's side of the names: which it takes, and when it forgets them (`licences.names`).

Names come from the coordinator of the term, before the entry that has their tags, and go to any TMR
host that asks. They are forgotten when an entry that is committed erases them, and some time after
their last use; what is full forgets what was not used for longest.

What can go wrong in here is a name that comes back after it was erased: so each one carries when it
was last used, and what was used before the erasure is neither taken nor given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appliance.ledger.effects import Effect, NamesWrite, Origin, ReadNames
from appliance.ledger.messages import NAMES_PER_MESSAGE, KeepNames, NamesPage, NamesRequest
from appliance.licences.names import NameRow, fits, key_hash
from appliance.licences.state import State

NAMES_MAX: Final = 100_000
"""Names that a host keeps."""
DAY_MS: Final = 86_400_000
KEPT_MS: Final = 90 * DAY_MS
"""For how long after its last use a name is kept, unless a setting says otherwise."""
LOOK_EVERY_S: Final = 3600.0
"""How often it is looked for names that were not used for long."""


class Keeper:
    """What an upstream does about names. `kept_ms` is for how long a name stays after its use."""

    def __init__(self, kept_ms: int = KEPT_MS) -> None:
        self._kept_ms = kept_ms
        self._erased_index = 0
        self._look_at_s = 0.0

    def keep(self, state: State, message: KeepNames) -> list[Effect]:
        """Take what the coordinator says, as far as it is true."""
        if not message.key or key_hash(message.key) != state.names_key_hash:
            return []
        since_ms = self._since_ms(state)
        rows = tuple(
            row
            for row in message.rows
            if since_ms <= row.seen_ms <= state.log_time_ms + DAY_MS
            and fits(state, message.key, row)
        )
        return [NamesWrite(message.key, rows)]

    def asked(self, origin: Origin, message: NamesRequest) -> list[Effect]:
        """A TMR host wants to know what was written after that number."""
        return [ReadNames(origin, message.after)]

    def page(self, state: State, key: bytes, last: int, rows: Sequence[NameRow]) -> NamesPage:
        """The answer, of what a store gave: `last` is the number of the last row."""
        known = bool(key) and key_hash(key) == state.names_key_hash
        given = tuple(row for row in rows if known and fits(state, key, row))
        more = len(rows) >= NAMES_PER_MESSAGE
        return NamesPage(key if known else b"", given, last, more, self._kept_ms)

    def tick(self, now_s: float, state: State, commit_index: int) -> list[Effect]:
        """What is to be forgotten by now."""
        effects: list[Effect] = []
        if self._erased_index < state.erased_index <= commit_index:
            # After a start all of them: the disk may be an older one.
            forget = tuple(
                (tag, erased.at_ms)
                for tag, erased in state.erased.items()
                if erased.index > self._erased_index
            )
            self._erased_index = state.erased_index
            effects.append(NamesWrite(forget=forget))
        if now_s >= self._look_at_s and state.log_time_ms:
            self._look_at_s = now_s + LOOK_EVERY_S
            since_ms = self._since_ms(state)
            effects.append(NamesWrite(used_since_ms=since_ms, most=NAMES_MAX))
        return effects

    def _since_ms(self, state: State) -> int:
        return max(0, state.log_time_ms - self._kept_ms)
