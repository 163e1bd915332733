"""Refusals for want of seats, counted in the serving host's memory (`licences.denials`).

What can go wrong in here is an entry for each refusal, or an episode that is closed twice or never.
So an episode that is open here is open in the ledger or about to be, and a host that takes over
begins with those of the ledger.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from appliance.licences.commands import (
    AnyCommand,
    CheckOut,
    CloseDenial,
    OpenDenial,
    Outcome,
    Unknown,
)
from appliance.licences.denial_book import Key
from appliance.licences.denials import EPISODE_S, EPISODES_MAX, EPISODES_PER_CLIENT_MAX
from appliance.licences.reasons import GRANTED, WANT_OF_SEATS
from appliance.licences.state import State


@dataclass(slots=True)
class _Episode:
    last_s: float
    count: int = 1
    at_least: bool = False


class Episodes:
    """The open episodes of a term. `most` is how many there may be; with 0 none is noted."""

    def __init__(self, most: int = EPISODES_MAX) -> None:
        self.most = most
        self._open: dict[Key, _Episode] = {}
        self._of: Counter[str] = Counter()
        self._due: deque[AnyCommand] = deque()
        self._now_s = 0.0

    def begin(self, now_s: float, state: State | None) -> None:
        """A term begins with what is open in the ledger, or ends (None)."""
        self._open.clear()
        self._of.clear()
        self._due.clear()
        self._now_s = now_s
        for key in state.denials if state is not None and self.most else ():
            self._open[key] = _Episode(now_s, 1, at_least=True)
            self._of[key[0]] += 1

    def refused(self, command: CheckOut, outcome: Outcome) -> None:
        """A check-out is refused so, with an entry or without."""
        if outcome.reason not in WANT_OF_SEATS or not self.most:
            return
        key = client, firm_code, product_code = _key(command)
        known = self._open.pop(key, None)
        if known is not None:
            known.last_s, known.count = self._now_s, known.count + 1
            self._open[key] = known  # Whoever asked longest ago stands first.
            return
        if len(self._open) >= self.most or self._of[client] >= EPISODES_PER_CLIENT_MAX:
            return
        self._open[key] = _Episode(self._now_s)
        self._of[client] += 1
        seats, holder = command.seats, command.holder
        self._due.append(OpenDenial(client, firm_code, product_code, outcome.reason, holder, seats))

    def decided(self, command: AnyCommand | Unknown, outcome: Outcome) -> None:
        """A command is committed."""
        if type(command) is not CheckOut:
            return
        if outcome.reason != GRANTED:
            self.refused(command, outcome)
        elif (key := _key(command)) in self._open:
            self._close(key, granted=True)

    def due(self, now_s: float) -> list[AnyCommand]:
        """What is to be entered now."""
        self._now_s = now_s
        while self._open:
            key, first = next(iter(self._open.items()))
            if now_s - first.last_s < EPISODE_S:
                break
            self._close(key, granted=False)
        due = list(self._due)
        self._due.clear()
        return due

    def _close(self, key: Key, *, granted: bool) -> None:
        episode = self._open.pop(key)
        self._of[key[0]] -= 1
        if not self._of[key[0]]:
            del self._of[key[0]]
        self._due.append(CloseDenial(*key, episode.count, episode.at_least, granted))


def _key(command: CheckOut) -> Key:
    return command.lease.client, command.firm_code, command.product_code
