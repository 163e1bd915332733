"""Which lives the lease clock counts: those of leases, and those of places of who waits.

Both are known by a key and a number (`licences.queue`), bear a while of silence, and end by an
entry. What can go wrong in here is a clock that counts on for what has ended without a command of
its own, as a place does whose offer nobody took: so what is due is looked up in the state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from appliance.ledger.certificates.receipts import TimeStatement
from appliance.ledger.leader.lease_clock import LeaseClock
from appliance.ledger.log.book import Book
from appliance.ledger.log.log_time import vote_ms
from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Expire,
    LeaseRef,
    Outcome,
    Release,
    Unknown,
)
from appliance.licences.reasons import QUEUED
from appliance.licences.state import State


def all_lives(state: State) -> Iterator[tuple[LeaseRef, int, float]]:
    """Each lease and each place: its key, its number, and how many seconds of silence it bears."""
    for lease in state.active_leases():
        yield lease.ref, lease.generation, float(lease.lease_ttl_s)
    for place in state.places.values():
        yield place.ref, place.number, float(place.ttl_s)


def lives(clock: LeaseClock, now_s: float, command: AnyCommand | Unknown, outcome: Outcome) -> None:
    """Begin or end a life, as a committed command says."""
    if type(command) is CheckOut:
        if outcome.ok or outcome.reason == QUEUED:
            ttl_s = float(outcome.lease_ttl_s)
            clock.start(now_s, command.lease, outcome.generation, ttl_s)
    elif isinstance(command, CheckIn | Expire | Release) and outcome.ok:
        clock.end(command.lease)


def overdue(clock: LeaseClock, now_s: float, most: int, state: State) -> Iterator[Expire]:
    """What was silent for too long, at most so many, if it is there still."""
    for ref, generation in clock.due(now_s, most):
        lease, place = state.lease(ref), state.place(ref)
        number = lease.generation if lease else place.number if place else None
        if number == generation:
            yield Expire(ref, generation)
        else:
            clock.end(ref)


def wakes(book: Book, times: Sequence[TimeStatement]) -> bool:
    """Whether an entry now, at the log time of these clocks, would free a seat for which somebody
    waits: an offer is over, or a seat lingers no more."""
    voted_ms = vote_ms([time.system_time_ms for time in times], book.state)
    return book.state.frees_by(book.state.age_at(max(voted_ms, book.log_time_ms)))
