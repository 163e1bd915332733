"""Which rules the TMR hosts know, as the active one enters it in the ledger (`licences.raising`).

A TMR host keeps nothing and signs nothing: it speaks for itself, and for its twin what that says
on a link of its own.
"""

from __future__ import annotations

from typing import Final

from appliance.ledger.log.tail import Tail
from appliance.licences.commands import AnyCommand, Outcome, RaiseRules, Support
from appliance.licences.raising import due
from appliance.licences.refuse import rules_wait

SUPPORT_EVERY_S: Final = 5.0
"""How often a host's word is entered anew, as long as the ledger has another one."""


class KnownRules:
    """What this host's release knows, and the twin's."""

    def __init__(self, host: str, tail: Tail) -> None:
        self.host = host
        self._tail = tail
        self._twin: tuple[tuple[str, int], ...] = ()
        self._entered_at_s = -1e9

    @property
    def known(self) -> int:
        """The newest version of the rules that this release knows."""
        return self._tail.rules

    @property
    def out_of_date(self) -> str:
        """Why this release takes no part in a ledger whose rules it does not know, "" if it can."""
        return self._tail.book.out_of_date

    def twin_says(self, twin: str, version: int) -> None:
        """The other TMR host knows these rules."""
        self._twin = ((twin, version),)

    def refusal(self, command: AnyCommand) -> Outcome | None:
        """This host raises no rules that it does not know itself: it could not go on with them."""
        if type(command) is not RaiseRules or command.version <= self.known:
            return None
        return rules_wait(command.version, (self.host,))

    def news(self, now_s: float) -> list[Support]:
        """What is to be entered, since the ledger has another word of a host."""
        if now_s - self._entered_at_s < SUPPORT_EVERY_S:
            return []
        state = self._tail.book.state
        knows = ((self.host, self.known), *self._twin)
        news = [Support(version, host) for host, version in knows if due(state, host, b"", version)]
        if news:
            self._entered_at_s = now_s
        return news
