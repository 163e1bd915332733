"""What pages may ask for: the one way from the window back to the system.

Calls return at once; what became of them arrives later as an `Acted`.
"""

from __future__ import annotations

from typing import Protocol

from monitor_gui.model.connections import System
from monitor_gui.model.remembered import Remembered

OPERATE_ROLES = frozenset({"operate", "administer"})


class Desk(Protocol):
    """Acts of an operator. Each takes the reason that will be recorded."""

    def connect(self, system: System | None) -> None:
        """Follow another system from now on; None is the demo."""

    def release(self, client: str, lease_id: str, generation: int, why: str) -> None:
        """End somebody's lease."""

    def write_off(self, client: str, lease_id: str, why: str) -> None:
        """Say that what that client borrowed is lost."""

    def switchover(self, host: str, why: str) -> None:
        """Let that TMR host serve."""

    def maintenance(self, host: str, on: bool, why: str) -> None:
        """Begin or end the maintenance of a TMR host."""

    def update_time(self, container: str, why: str) -> None:
        """Get certified time, for the container of that serial or for all ("")."""

    def inject(self, fault: str) -> None:
        """Demo only: make one of `Opened.faults` happen."""

    def remember(self, system: str, alerts: tuple[Remembered, ...]) -> None:
        """Keep these alerts of that system for the next start, if it is still followed."""

    def save(self, path: str, text: str | bytes) -> None:
        """Write a file that a person chose; not on the thread that draws."""

    def answer(self, number: int, yes: bool) -> None:
        """A person's answer to a `Question`."""


"""Takes an update, on whatever thread."""
