"""The queue before the log, with a lane for each client, so that none waits behind another's crowd.

A batch takes from all lanes in turn, one request at a time. Requests of one client keep their
order; between clients there is none to keep, since nobody was answered yet. The ledger's own
commands and the operators' have a lane that comes first with up to a quarter of a batch: expiries
must not wait behind those who wait for the seats that they free.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Consume,
    LeaseRef,
    LowerLogTime,
)

NO_TICKET: Final = 0
"""The ticket of commands that the coordinator submits itself: nobody waits for them."""
LANE_SHARE: Final = 4
"""One client's lane holds at most a quarter of the queue, but LANE_LEAST always."""
LANE_LEAST: Final = 16
OWN_SHARE: Final = 4
"""The ledger's and the operators' lane fills at most a quarter of a batch before the others."""
_OWN: Final = ""


class Request(msgspec.Struct, frozen=True):
    """One command that waits for its batch."""

    ticket: int
    command: AnyCommand
    data: bytes


def _lane_of(request: Request) -> str:
    """Whose lane it waits in."""
    if request.ticket == NO_TICKET:
        return _OWN
    command = request.command
    if type(command) is CheckOut or type(command) is Consume or type(command) is CheckIn:
        return command.lease.client
    return _OWN


class Lanes:
    """At most `requests_max` requests; what nobody waits for is never refused."""

    def __init__(self, requests_max: int) -> None:
        self._requests_max = requests_max
        self._lane_max = max(LANE_LEAST, requests_max // LANE_SHARE)
        self._lanes: dict[str, deque[Request]] = {}
        self._count = 0
        self._check_outs: dict[str, int] = {}  # by lease id, whose hash costs nothing

    def __len__(self) -> int:
        return self._count

    def put(self, request: Request) -> bool:
        """Queue it; False if its lane or the whole queue is full."""
        whose = _lane_of(request)
        lane = self._lanes.get(whose)
        if request.ticket != NO_TICKET:
            full = lane is not None and whose != _OWN and len(lane) >= self._lane_max
            if full or self._count >= self._requests_max:
                return False
        if lane is None:
            lane = self._lanes[whose] = deque()
        lane.append(request)
        self._count += 1
        if type(request.command) is CheckOut:
            lease_id = request.command.lease.lease_id
            self._check_outs[lease_id] = self._check_outs.get(lease_id, 0) + 1
        return True

    def put_first(self, request: Request) -> None:
        """Put it before all others of the ledger's own lane, which comes first."""
        self._lanes.setdefault(_OWN, deque()).appendleft(request)
        self._count += 1

    def waits(self, lease: LeaseRef) -> bool:
        """Whether a check-out of this lease waits, or of another client's with the same id."""
        return lease.lease_id in self._check_outs

    def take(self, count_max: int, bytes_max: int) -> list[Request]:
        """The next batch: at most so many, and no more bytes unless it is a single one. What lowers
        log time goes alone."""
        taken: list[Request] = []
        size = self._take_own(taken, max(1, count_max // OWN_SHARE), bytes_max)
        while self._lanes and len(taken) < count_max:
            whose, lane = next(iter(self._lanes.items()))
            request = lane[0]
            size += len(request.data)
            alone = type(request.command) is LowerLogTime
            if taken and (alone or size > bytes_max or _goes_alone(taken)):
                break
            taken.append(self._pop(whose, lane))
            if lane and len(self._lanes) > 1:  # To the end of the round.
                self._lanes[whose] = self._lanes.pop(whose)
        return taken

    def _take_own(self, taken: list[Request], count_max: int, bytes_max: int) -> int:
        """Take from the own lane into `taken`; gives the bytes taken."""
        size = 0
        while (lane := self._lanes.get(_OWN)) and len(taken) < count_max:
            request = lane[0]
            if taken and (
                size + len(request.data) > bytes_max
                or type(request.command) is LowerLogTime
                or _goes_alone(taken)
            ):
                break
            size += len(request.data)
            taken.append(self._pop(_OWN, lane))
        return size

    def _pop(self, whose: str, lane: deque[Request]) -> Request:
        """Take the first of a lane, which goes if it was the last."""
        request = lane.popleft()
        self._count -= 1
        if not lane:
            del self._lanes[whose]
        if type(request.command) is CheckOut:
            lease_id = request.command.lease.lease_id
            left = self._check_outs.pop(lease_id) - 1
            if left:
                self._check_outs[lease_id] = left
        return request

    def drop_own(self) -> None:
        """Forget what nobody waits for."""
        own = self._lanes.pop(_OWN, None)
        if own is not None:
            kept = deque(request for request in own if request.ticket != NO_TICKET)
            self._count -= len(own) - len(kept)
            if kept:
                self._lanes[_OWN] = kept

    def clear(self) -> list[Request]:
        """Forget everything; gives what waited."""
        waited = [request for lane in self._lanes.values() for request in lane]
        self._lanes.clear()
        self._check_outs.clear()
        self._count = 0
        return waited


def _goes_alone(taken: list[Request]) -> bool:
    return type(taken[0].command) is LowerLogTime
