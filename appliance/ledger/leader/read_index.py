"""Read fences: an answer from local state waits for a beat that was sent after it was asked for.

Two upstreams that ack such a beat in this term prove that no other coordinator had committed
anything by then (design D1, "whatever is not an entry"). One fence beat flies at a time; all
tickets that come meanwhile share the next one.
"""

from __future__ import annotations

from collections.abc import Iterable


class ReadIndex:
    """Tickets that wait for a fence. The caller sends the beats and reports their acks."""

    def __init__(self, waiting_max: int) -> None:
        self._waiting_max = waiting_max
        self._waiting: list[int] = []
        self._flying: list[int] = []
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._waiting or self._flying)

    def ask(self, ticket: int) -> bool:
        """Let `ticket` wait; False if too many do already."""
        if len(self._waiting) + len(self._flying) >= self._waiting_max:
            return False
        self._waiting.append(ticket)
        return True

    def ask_again(self, tickets: Iterable[int]) -> None:
        """Let tickets wait that waited before: they have had their place."""
        self._waiting += tickets

    def forget(self, ticket: int) -> None:
        """A ticket that waits needs no fence any more."""
        self._waiting.remove(ticket)

    @property
    def wants_beat(self) -> bool:
        """Whether a fence beat should be sent now."""
        return bool(self._waiting) and not self._flying

    def sent(self, number: int) -> None:
        """A beat went out: if none flies yet, it fences every ticket that waits."""
        if not self._flying:
            self._flying, self._waiting, self._number = self._waiting, [], number

    def acked(self, numbers: Iterable[int], needed: int) -> list[int]:
        """Given each voter's newest acked number, the tickets that so many of them fenced."""
        if not self._flying or sum(number >= self._number for number in numbers) < needed:
            return []
        done, self._flying = self._flying, []
        return done

    def clear(self) -> list[int]:
        """Give up: every ticket, none of them fenced."""
        tickets, self._flying, self._waiting = self._flying + self._waiting, [], []
        return tickets

    def ground(self) -> None:
        """The term ended but another follows: those in flight wait again."""
        self._waiting, self._flying = self._flying + self._waiting, []
