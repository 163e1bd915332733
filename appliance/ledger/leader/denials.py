"""Check-outs that are refused without an entry: what they wait for, and when they are answered.

    asked       the state here says no: a fence is asked for, as for a read
    fenced      the state is judged anew: it is the newest there is, but for what is in flight
    landed      the batch that was in flight then is committed: the "no" cannot be taken back

What can go wrong in here is a "no" that was never true: one from a state that others have left
behind (hence the fence), or one that rests on a grant in flight which nobody will ever get (hence
the landing). A term that ends in between takes the answer with it: the check-out is judged anew
behind a fence of the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from appliance.ledger.effects import Denied, Effect
from appliance.licences.commands import CheckOut, Outcome


class Denials:
    """Tickets on their way to a refusal. As many as there are fences: each has had a fence's place,
    and between fence and landing there is one batch."""

    def __init__(self, told: Callable[[CheckOut, Outcome], None] = lambda *_: None) -> None:
        """`told` hears of each check-out that is refused so."""
        self._told = told
        self._asked: dict[int, CheckOut] = {}
        self._held: deque[tuple[int, int, CheckOut, Outcome]] = deque()

    def __len__(self) -> int:
        return len(self._asked) + len(self._held)

    def __contains__(self, ticket: int) -> bool:
        return ticket in self._asked

    def ask(self, ticket: int, command: CheckOut) -> None:
        """This ticket's fence was asked for."""
        self._asked[ticket] = command

    def take(self, ticket: int) -> CheckOut | None:
        """The check-out that waited for this fence; None if the fence was for a read."""
        return self._asked.pop(ticket, None)

    def hold(
        self, ticket: int, command: CheckOut, outcome: Outcome, last_index: int, commit_index: int
    ) -> list[Effect]:
        """It is to be refused so, once what the state included then is committed."""
        if last_index <= commit_index:
            self._told(command, outcome)
            return [Denied(ticket, outcome)]
        self._held.append((last_index, ticket, command, outcome))
        return []

    def landed(self, commit_index: int) -> list[Effect]:
        """Everything up to this entry is committed."""
        denied: list[Effect] = []
        while self._held and self._held[0][0] <= commit_index:
            _, ticket, command, outcome = self._held.popleft()
            self._told(command, outcome)
            denied.append(Denied(ticket, outcome))
        return denied

    def ground(self) -> list[int]:
        """The term ended: the tickets that need another fence."""
        again = [ticket for _, ticket, _, _ in self._held]
        self._asked |= {ticket: command for _, ticket, command, _ in self._held}
        self._held.clear()
        return again

    def clear(self) -> None:
        """Nobody is going to serve: the tickets are all with the fences, which fail them."""
        self._asked.clear()
