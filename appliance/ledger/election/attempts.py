"""Whether an attempt to take a term comes nearer to it (design D1).

What can go wrong in here is to take any word for progress: an upstream that says something all the
while, and never what it was asked for, would keep a coordinator waiting for ever.
"""

from __future__ import annotations

from appliance.ledger.timing import Timing


class Attempts:
    """Times in seconds of boot time. An attempt is given up, or goes on without whoever is read."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._at_s = 0.0
        self._read_at_s: float | None = None  # Set by the first tick after the request.
        self._chunks = 0

    def begins(self) -> None:
        """A term is claimed."""
        self._chunks = 0

    def made(self, now_s: float) -> None:
        """Something was reached that was not there before."""
        self._at_s = now_s

    def fetched(self, now_s: float, progress: tuple[int, int] | None) -> None:
        """A piece of a snapshot may have come: it counts if there were never so many."""
        chunks = progress[0] if progress is not None else 0
        if chunks > self._chunks:
            self._chunks, self._at_s, self._read_at_s = chunks, now_s, None

    def asked(self) -> None:
        """More was asked for of the log that is being read."""
        self._read_at_s = None

    def over(self, now_s: float) -> bool:
        """Whether this attempt takes too long."""
        return now_s - self._at_s > self._timing.give_up_s

    def silent(self, now_s: float) -> bool:
        """Whether the holder of the log leaves this host waiting; asked once a beat.

        What this host was busy with when it asked, a long page say, is not the holder's time.
        """
        self._read_at_s = now_s if self._read_at_s is None else self._read_at_s
        return now_s - self._read_at_s > self._timing.patience_s
