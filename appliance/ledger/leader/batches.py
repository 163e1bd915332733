"""Requests on their way into the log: the queue, the one batch in flight, and who may be answered.

Each client has a queue of its own (`lanes`). All requests that arrive while a batch is on its way
form the next one (design D10). A batch is committed by two durable acks of one term; a grant in it
may be answered once two endorsements vouch for its position. Where an objection leaves it with
fewer, the third upstream's word is awaited for a bounded while, and then it is answered as it
stands: the shell says "unknown, repeat".
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.effects import Batch, Decided, Effect, Failed
from appliance.ledger.leader.lanes import NO_TICKET, Lanes, Request
from appliance.ledger.log.book import Applied
from appliance.ledger.messages import Ack, Entry, Outvoted
from appliance.licences.commands import AnyCommand, LeaseRef, encode_command
from appliance.licences.members import STORES, VOTES_NEEDED
from appliance.licences.reasons import GRANTED

__all__ = ["NO_TICKET", "Batches", "Flight", "Request"]

SETTLED_MAX = 16
"""How many answered batches are remembered, for the word of an upstream that is slow."""


UNSETTLED_MAX = 1_024
"""How many committed batches wait for endorsements; beyond that the oldest is answered as it
stands."""


@dataclass(slots=True)
class Flight:
    """A batch that was sent to the upstreams."""

    entry: Entry
    previous_root: bytes
    applied: Applied
    requests: list[Request]
    acks: dict[str, Voice] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    batch: Batch | None = None
    odd: dict[str, Endorsement] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    answer_until_s: float = 0.0

    def endorsed(self, name: str, endorsement: Endorsement) -> bool:
        """Keep an endorsement; False if it says something else than this coordinator computed."""
        batch = self.made_batch()
        if endorsement.statement != batch.statement:
            self.odd[name] = endorsement
            return False
        batch.endorsements[name] = endorsement
        return True

    def made_batch(self) -> Batch:
        """The batch's statement and leaves, computed when first needed: while upstreams write."""
        if self.batch is None:
            applied = self.applied
            self.batch = Batch(applied.statement(self.entry.term), applied.leaf_hashes)
        return self.batch

    def outvoted(self) -> list[tuple[str, Outvoted]]:
        """Whom two others contradict, and what proves it; each is named once."""
        agreed = tuple(self.batch.endorsements.values()) if self.batch is not None else ()
        if len(agreed) < VOTES_NEEDED or not self.odd:
            return []
        odd, self.odd = self.odd, {}
        return [(name, Outvoted(own, agreed[:STORES])) for name, own in odd.items()]

    def decided(self, position: int) -> Decided:
        """The answer to the request at this position."""
        return Decided(
            self.requests[position].ticket,
            self.applied.outcomes[position],
            self.applied.command_hashes[position],
            position,
            self.made_batch(),
        )


class Batches:
    """The queue and what became of it. `requests_max` bounds the queue, `batch_max` a batch; a
    grant takes the word of so many containers (`needed`)."""

    def __init__(
        self,
        requests_max: int,
        batch_max: int,
        batch_bytes_max: int,
        needed: int = VOTES_NEEDED,
    ) -> None:
        self._needed = needed
        self._batch_max = batch_max
        self._batch_bytes_max = batch_bytes_max
        self._queue = Lanes(requests_max)
        self.flight: Flight | None = None
        self._unsettled: deque[Flight] = deque()
        self._settled: deque[Flight] = deque(maxlen=SETTLED_MAX)

    def __len__(self) -> int:
        return len(self._queue)

    def submit(self, ticket: int, command: AnyCommand) -> bool:
        """Queue a command; False if the queue is full. What nobody waits for is never refused."""
        return self._queue.put(Request(ticket, command, encode_command(command)))

    def submit_first(self, ticket: int, command: AnyCommand) -> None:
        """Put a command before all that wait."""
        self._queue.put_first(Request(ticket, command, encode_command(command)))

    def take(self) -> list[Request]:
        """The requests of the next batch; what lowers log time goes alone."""
        return self._queue.take(self._batch_max, self._batch_bytes_max)

    def waits(self, lease: LeaseRef) -> bool:
        """Whether a check-out of this lease is still in the queue."""
        return self._queue.waits(lease)

    def acked(self, name: str, ack: Ack, endorsement: Endorsement | None) -> bool:
        """Count a durable ack; False if its endorsement contradicts this coordinator's outcomes."""
        for flight in self._flights():
            if flight.entry.index == ack.index and flight.entry.root == ack.root:
                flight.acks[name] = ack.voice
                flight.digests[name] = ack.digest
                return endorsement is None or flight.endorsed(name, endorsement)
        return True

    def _flights(self) -> list[Flight]:
        """Those of which an ack may still come: also where it changes no answer any more."""
        flying = [self.flight] if self.flight else []
        return [*flying, *self._unsettled, *self._settled]

    def outvoted(self) -> list[tuple[str, Outvoted]]:
        """The upstreams whose outcomes two others contradict, and what proves it to them."""
        return [found for flight in self._flights() if flight.odd for found in flight.outvoted()]

    def land(self, now_s: float, wait_s: float) -> Flight:
        """The flight is committed: it waits for its answers' endorsements up to `wait_s`."""
        flight = self.flight
        assert flight is not None
        self.flight = None
        flight.answer_until_s = now_s + wait_s
        self._unsettled.append(flight)
        return flight

    def settle(self, now_s: float, voices_max: int) -> list[Effect]:
        """Answers that are due: vouched for by enough, in no need of it, or out of time.

        `voices_max` is how many upstreams could still speak: with all heard there is no waiting.
        """
        effects: list[Effect] = []
        needed = self._needed
        for flight in list(self._unsettled):
            batch = flight.made_batch()
            given = list(batch.endorsements.values())
            crowded = len(self._unsettled) > UNSETTLED_MAX
            final = crowded or now_s >= flight.answer_until_s or len(given) >= voices_max
            objected = any(endorsement.objections for endorsement in given)
            for position, request in enumerate(flight.requests):
                if request.ticket == NO_TICKET or position in flight.answered:
                    continue
                vouched = len(given) >= needed and (
                    not objected or sum(position not in e.objections for e in given) >= needed
                )
                if vouched or final or flight.applied.outcomes[position].reason != GRANTED:
                    flight.answered.add(position)
                    effects.append(flight.decided(position))
            waiting = sum(request.ticket != NO_TICKET for request in flight.requests)
            if final or len(flight.answered) >= waiting:
                self._unsettled.remove(flight)
                self._settled.append(flight)
        return effects

    def abandon(self, why: str) -> list[Effect]:
        """The term ended: nobody can say here what became of what was in flight."""
        flights = [self.flight] if self.flight else []
        flights += list(self._unsettled)
        self.flight = None
        self._unsettled.clear()
        self._settled.clear()
        return [
            Failed(request.ticket, why)
            for flight in flights
            for position, request in enumerate(flight.requests)
            if request.ticket != NO_TICKET and position not in flight.answered
        ]

    def drop_own(self) -> None:
        """Forget what nobody waits for: it was queued for a term that is over."""
        self._queue.drop_own()

    def refuse_queue(self, why: str) -> list[Effect]:
        """Nothing of the queue was sent: every request fails, for certain without effect."""
        return [Failed(r.ticket, why) for r in self._queue.clear() if r.ticket != NO_TICKET]
