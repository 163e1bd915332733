"""What can be said of a lease, and how often it makes itself heard.

NEW       not checked out yet
HELD      the servers answer, lease and receipt are valid
AT_RISK   they do not, or refuse to renew: still valid, by our own count, for a while
LOST      they ended it (`final`), or our own count ran out: not to be relied on any more
RETURNED  checked in
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

RELEASED: Final = "lease-released"
"""The code of a server's words about an ended lease that an operator ended."""
ANEW: Final = "taken-anew"
"""The reason of HELD after a final loss, under a new lease id."""

TWO_SYSTEMS: Final = "two-systems"
"""The reason of HELD where another system was met that works with the same containers."""


class LeaseState(enum.Enum):
    """See the header."""

    NEW = "new"
    HELD = "held"
    AT_RISK = "at-risk"
    LOST = "lost"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """State, a stable word for why, and the same for people. `final`: it will not come back."""

    state: LeaseState
    reason: str = ""
    detail: str = ""
    final: bool = False


StatusListener = Callable[[LeaseStatus], None]


@dataclass(frozen=True, slots=True)
class LeaseTiming:
    """How often a lease makes itself heard.

    A heartbeat goes every `lease_ttl_s` times `heartbeat_share` (less up to a fifth, by chance), a
    renewal at `valid_for_s` times `renewal_share`. A heartbeat without answer for `answer_s` puts
    the lease at risk; after a refusal that may pass, the next try waits `retry_s`, or
    `lost_retry_s` once the lease is lost by our own count. Since the boot
    clock counts while the machine sleeps and timers do not, no wait is longer than `nap_max_s`.
    A lease that regains its seat (after a sleep, say) waits `wake_s` for the network and an answer
    before it counts as lost.
    """

    heartbeat_share: float = 1 / 3
    renewal_share: float = 2 / 3
    answer_s: float = 2.0
    retry_s: float = 1.0
    lost_retry_s: float = 5.0
    check_in_s: float = 5.0
    wake_s: float = 10.0
    nap_max_s: float = 5.0
