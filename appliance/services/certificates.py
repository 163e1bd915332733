"""Which TLS certificates are good no more: by the ledger, for every request, on every host.

TLS looks at a certificate once, when a connection is made, and a resumed session shows the old one
again. So both of its ends are looked at here: whether it was dismissed, and whether it has ended.
What time it is the ledger says, too: this computer's clock counts while it is near log time, since
one wrong clock must not shut out everybody. Links between hosts that stand are asked for dismissals
only; they outlive a clock that steps, and a new one is judged by TLS.

What can go wrong in here is to believe a dismissal that was never committed: one hijacked TMR host
could shut out the other with an entry that it sends to one upstream. So it counts once its entry is
committed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.adapters import clock
from appliance.adapters.pki.authority import Identity
from appliance.ledger.log.book import Book

NEAR_MS: Final = 120_000
"""An idle ledger's log time moves once a minute."""


def now_ms(log_time_ms: int, wall_ms: int) -> int:
    """Unix ms to compare a certificate's end with: this computer's clock if it is near log time,
    else log time, which three upstreams vote on."""
    if log_time_ms and abs(wall_ms - log_time_ms) > NEAR_MS:
        return log_time_ms
    return wall_ms


class Certificates:
    """Judges peers by the ledger's book, as it is at that moment."""

    def __init__(
        self, book: Callable[[], Book], wall_ms: Callable[[], int] = clock.wall_ms
    ) -> None:
        self._book = book
        self._wall_ms = wall_ms

    def dismissed(self, identity: Identity) -> str:
        """Why this peer's certificate was taken back, "" if it was not."""
        return _dismissed(self._book(), identity)

    def why_not(self, identity: Identity) -> str:
        """Why this peer's certificate is good no more, "" if it is good."""
        book = self._book()
        gone = _dismissed(book, identity)
        ends_ms = identity.ends_at_s * 1000
        if gone or ends_ms <= 0:
            return gone
        wall_ms, log_time_ms = self._wall_ms(), book.log_time_ms
        if wall_ms < ends_ms and log_time_ms < ends_ms:
            return ""  # By either of them, so which one counts need not be found out.
        if ends_ms <= now_ms(log_time_ms, wall_ms):
            return f"this certificate of {identity.name} has ended: use a new one"
        return ""


def _dismissed(book: Book, identity: Identity) -> str:
    dismissed = book.state.dismissed
    what = dismissed.get(identity.serial) if dismissed else None
    if what is None or what.index > book.commit_index:
        return ""
    return f"this certificate of {identity.name} was dismissed: use a new one"
