"""Which time server to ask, and when (pure): in order, with fallback, backoff and a schedule.

Servers are asked in the order in which they are configured. With two or more, two answers are
compared (`appliance.clocks.certified.judge`); with one, its answer stands alone. A server that
failed is passed over for a while that doubles with each failure; asked for on demand, it is tried
all the same, after the others. What can go wrong in here: a crowd of containers that ask a server
at the same moment after it was away. So the shell spreads the waits by chance (`spread`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

SERVERS_MAX: Final = 8
COMPARED: Final = 2
"""How many independent answers are compared, where there are that many servers."""
BACKOFF_FIRST_S: Final = 30.0
BACKOFF_MAX_S: Final = 3_600.0
RETRY_S: Final = 60.0
"""How long after an update that brought nothing the schedule tries again."""

NEVER: Final = "never"
GOOD: Final = "good"
FAILED: Final = "failed"
LIAR: Final = "liar"


class Server(msgspec.Struct, frozen=True):
    """What is known of one time server. `state` is "never", "good", "failed" or "liar".

    `answered_boot_s` is when it last gave an answer that was believed, boot time in seconds.
    """

    url: str
    state: str = NEVER
    detail: str = ""
    failures: int = 0
    not_before_s: float = -1e9
    answered_boot_s: float | None = None


class Asking:
    """The plan of one container. `now_s` is boot time in seconds everywhere.

    `interval_s` is how long after a certified update the next one is due.
    """

    def __init__(self, urls: Sequence[str], interval_s: float) -> None:
        self._servers = {url: Server(url) for url in urls[:SERVERS_MAX]}
        self._interval_s = interval_s
        self._due_s = -math.inf

    @property
    def servers(self) -> tuple[Server, ...]:
        """All servers in their order."""
        return tuple(self._servers.values())

    @property
    def wanted(self) -> int:
        """How many answers make an update."""
        return min(COMPARED, len(self._servers))

    def due_in_s(self, now_s: float, spread: float) -> float | None:
        """In how many seconds the schedule wants an update, None if no server is configured.

        `spread` is 0.0 to 1.0, drawn by chance: up to a tenth of the wait is added by it.
        """
        if not self._servers:
            return None
        wait_s = max(0.0, self._due_s - now_s)
        return wait_s * (1.0 + 0.1 * spread)

    def order(self, now_s: float, on_demand: bool) -> tuple[str, ...]:
        """The servers to ask one after the other until enough of them have answered."""
        ready = [one.url for one in self._servers.values() if one.not_before_s <= now_s]
        resting = [one.url for one in self._servers.values() if one.not_before_s > now_s]
        return tuple(ready + resting) if on_demand else tuple(ready)

    def failed(self, url: str, now_s: float, detail: str, state: str = FAILED) -> None:
        """This server gave no answer that can be used, or was found to lie (`state`)."""
        before = self._servers[url]
        failures = before.failures + 1
        backoff_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 16))
        self._servers[url] = msgspec.structs.replace(
            before, state=state, detail=detail, failures=failures, not_before_s=now_s + backoff_s
        )

    def believed(self, url: str, now_s: float) -> None:
        """This server's answer was believed, or agreed with the one that was."""
        self._servers[url] = Server(url, GOOD, answered_boot_s=now_s)

    def updated(self, now_s: float, done: bool) -> None:
        """An update was made, or came to nothing: when the schedule comes next follows from it."""
        self._due_s = now_s + (self._interval_s if done else RETRY_S)
