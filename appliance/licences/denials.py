"""Denial episodes: a client that is refused for want of seats, and asks again and again.

A refusal is no entry (`ledger.leader.denials`), or whoever polls a full licence fills three disks.
So an episode is two: the first refusal opens it, and once the client had its seats, or asked no
more for EPISODE_S, it is closed with the number of refusals. In between they are counted in the
serving host's memory (`ledger.leader.episodes`); a host that takes over finds the open ones here,
closes them, and says "at least" of their number.

For whoever reads the ledger: `OpenDenial` has who, what and why; `CloseDenial` has the number and
how it ended; each takes effect once (outcome DONE), a second one of either kind does not. A *true
denial* is an episode that ended without a grant. Several products of one check-out are an episode
of the first one.

These are the handlers; the table is in `appliance.licences.denial_book`.
"""

from __future__ import annotations

from typing import Final

from appliance.details import detail
from appliance.licences import reasons, refuse
from appliance.licences.bounds import COUNT_MAX, NAME_MAX, SEATS_MAX, TAG_BYTES
from appliance.licences.commands import CloseDenial, OpenDenial, Outcome
from appliance.licences.records import Denial
from appliance.licences.state import State

EPISODES_MAX: Final = 10_000
"""Episodes that are open at a time; beyond it refusals are counted nowhere but in metrics."""
EPISODES_PER_CLIENT_MAX: Final = 16
"""Those of one client."""
EPISODE_S: Final = 60.0
"""A client that asked for nothing in so many seconds asks no more."""


def open_denial(state: State, command: OpenDenial) -> Outcome:
    """Apply a first refusal."""
    holder, key = command.holder, (command.client, command.firm_code, command.product_code)
    names = max(len(command.client), len(command.reason))
    tags = max(len(holder.user), len(holder.host), len(holder.application))
    if names > NAME_MAX or tags > TAG_BYTES or not 0 < command.seats <= SEATS_MAX:
        return refuse.bad(detail("episode-wrong"))
    if key in state.denials or len(state.denials) >= EPISODES_MAX:
        return refuse.bad(detail("episode-open"))
    state.set_denial(key, Denial(command.reason, state.log_time_ms))
    return Outcome(reasons.DONE)


def close_denial(state: State, command: CloseDenial) -> Outcome:
    """Apply the end of an episode."""
    key = command.client, command.firm_code, command.product_code
    if key not in state.denials or not 0 < command.count <= COUNT_MAX:
        return refuse.bad(detail("episode-closed"))
    state.set_denial(key, None)
    return Outcome(reasons.DONE)
