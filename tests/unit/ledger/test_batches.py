"""Who is answered when: a grant needs two who vouch for it, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.effects import Decided, Effect, Failed
from appliance.ledger.leader.batches import (
    NO_TICKET,
    SETTLED_MAX,
    UNSETTLED_MAX,
    Batches,
    Flight,
    Request,
)
from appliance.ledger.log.book import Applied
from appliance.ledger.messages import Ack, Entry, Outvoted
from appliance.licences.commands import Outcome, Tick, encode_command
from appliance.licences.grants import NO_HASH
from appliance.licences.reasons import GRANTED, NO_SEAT_FREE
from tests.unit.ledger.world import term

ROOT = b"r" * 32
WAIT_S = 2.0
VOICE = Voice(b"store", b"signature")
TICK = encode_command(Tick())
GRANT = Outcome(GRANTED)
FULL = Outcome(NO_SEAT_FREE)


def flight(*requests: tuple[int, Outcome], index: int = 7) -> Flight:
    """A batch with these tickets and outcomes."""
    count = len(requests)
    applied = Applied(
        index,
        ROOT,
        1_000,
        b"L" * 16,
        tuple(Tick() for _ in requests),
        tuple(bytes([n]) * 32 for n in range(count)),
        tuple(outcome for _, outcome in requests),
        tuple(bytes([100 + n]) * 32 for n in range(count)),
        NO_HASH,
        NO_HASH,
        count,
    )
    entry = Entry(index, term(5), ROOT, b"")
    return Flight(entry, ROOT, applied, [Request(t, Tick(), TICK) for t, _ in requests])


def endorsement(of: Flight, *objections: int) -> Endorsement:
    statement = of.applied.statement(of.entry.term)
    return Endorsement(statement, objections, 5, b"signed")


def ack(of: Flight, endorsed: Endorsement | None = None, digest: bytes = b"") -> Ack:
    return Ack(term(5), of.entry.index, of.entry.root, endorsed, digest, VOICE)


class Desk:
    """Batches with one flight landed at 10 s, to be answered until 12 s."""

    def __init__(self, *requests: tuple[int, Outcome]) -> None:
        self.batches = Batches(100, 10, 1 << 20)
        self.flight = flight(*requests)
        self.batches.flight = self.flight
        assert self.batches.land(10.0, WAIT_S) is self.flight
        assert self.batches.flight is None

    def endorses(self, name: str, *objections: int) -> None:
        assert self.flight.endorsed(name, endorsement(self.flight, *objections))

    def settles(self, now_s: float = 10.0, voices_max: int = 3) -> list[int]:
        return tickets(self.batches.settle(now_s, voices_max))


def tickets(effects: Iterable[Effect]) -> list[int]:
    found = []
    for effect in effects:
        assert isinstance(effect, Decided)
        found.append(effect.ticket)
    return found


def test_a_grant_is_answered_once_two_vouch_for_it() -> None:
    desk = Desk((1, GRANT), (2, GRANT))
    assert desk.settles() == []
    desk.endorses("up1")
    assert desk.settles() == [], "one alone vouches for nothing"
    desk.endorses("up2")
    assert desk.settles() == [1, 2]
    assert desk.settles() == [], "nobody is answered twice"


def test_an_answer_carries_what_it_needs_for_a_receipt() -> None:
    desk = Desk((1, GRANT), (2, FULL))
    desk.endorses("up1")
    desk.endorses("up2")
    one, two = desk.batches.settle(10.0, 3)
    assert isinstance(one, Decided) and isinstance(two, Decided)
    assert (one.position, two.position) == (0, 1)
    assert (one.outcome, two.outcome) == (GRANT, FULL)
    assert (one.command_hash, two.command_hash) == (b"\x00" * 32, b"\x01" * 32)
    assert one.batch is two.batch
    assert one.batch.leaf_hashes == desk.flight.applied.leaf_hashes
    assert one.batch.statement == desk.flight.applied.statement(term(5))
    assert list(one.batch.endorsements) == ["up1", "up2"]


def test_a_refusal_needs_nobody_to_vouch_for_it() -> None:
    desk = Desk((1, FULL), (2, GRANT))
    assert desk.settles() == [1]
    desk.endorses("up1")
    desk.endorses("up2")
    assert desk.settles() == [2]


def test_where_one_objects_the_third_is_waited_for() -> None:
    desk = Desk((1, GRANT), (2, GRANT))
    desk.endorses("up1", 1)
    desk.endorses("up2")
    assert desk.settles() == [1], "only the second grant is objected to"
    desk.endorses("up3")
    assert desk.settles(voices_max=4) == [2], "two of three do not object"


def test_a_grant_that_two_object_to_is_answered_as_it_stands() -> None:
    desk = Desk((1, GRANT))
    for name in ("up1", "up2"):
        desk.endorses(name, 0)
    assert desk.settles() == []
    desk.endorses("up3")
    assert desk.settles() == [1], "all three have spoken"


def test_with_all_heard_that_can_speak_there_is_no_waiting() -> None:
    desk = Desk((1, GRANT))
    desk.endorses("up1")
    assert desk.settles(voices_max=2) == []
    assert desk.settles(voices_max=1) == [1]


@pytest.mark.parametrize(("now_s", "answered"), [(11.99, []), (12.0, [1]), (13.0, [1])])
def test_nobody_waits_longer_than_the_deadline(now_s: float, answered: list[int]) -> None:
    assert Desk((1, GRANT)).settles(now_s) == answered


def test_what_nobody_waits_for_is_not_answered() -> None:
    desk = Desk((NO_TICKET, GRANT), (4, GRANT), (NO_TICKET, FULL))
    desk.endorses("up1")
    desk.endorses("up2")
    assert desk.settles() == [4]
    assert desk.batches.abandon("over") == [], "it waits for nothing any more"


def test_a_batch_of_the_ledgers_own_is_settled_at_once() -> None:
    desk = Desk((NO_TICKET, GRANT))
    assert desk.settles() == []
    assert desk.batches.acked("up1", ack(desk.flight), None), "its acks still count"
    assert desk.flight.acks == {"up1": VOICE}


def test_too_many_batches_that_wait_are_answered_as_they_stand() -> None:
    batches = Batches(100, 10, 1 << 20)
    for number in range(1, UNSETTLED_MAX + 1):
        batches.flight = flight((number, GRANT), index=number)
        batches.land(10.0, WAIT_S)
    assert batches.settle(10.0, 3) == []
    batches.flight = flight((9_999, GRANT), index=9_999)
    batches.land(10.0, WAIT_S)
    assert tickets(batches.settle(10.0, 3)) == [1], "the oldest, and no more than that"


def test_a_late_word_still_counts_for_the_newest_that_were_answered() -> None:
    batches = Batches(100, 10, 1 << 20)
    flights = []
    for number in range(1, SETTLED_MAX + 2):
        batches.flight = flight((number, FULL), index=number)
        flights.append(batches.land(10.0, WAIT_S))
    batches.settle(10.0, 3)
    for one in flights:
        assert batches.acked("up3", ack(one), None)
    assert [bool(one.acks) for one in flights] == [False] + [True] * SETTLED_MAX


def test_an_ack_counts_for_the_entry_that_it_names() -> None:
    batches = Batches(100, 10, 1 << 20)
    first, second = flight((1, FULL), index=1), flight((2, FULL), index=2)
    batches.flight = first
    batches.land(10.0, WAIT_S)
    batches.flight = second
    assert batches.acked("up1", ack(second, digest=b"d" * 32), None)
    assert (first.acks, second.acks, second.digests) == ({}, {"up1": VOICE}, {"up1": b"d" * 32})
    assert batches.acked("up2", ack(flight((3, FULL), index=3)), None), "of none that is known"
    elsewhere = flight((1, FULL), index=1)
    elsewhere.entry = Entry(1, term(5), b"x" * 32, b"")
    assert batches.acked("up2", ack(elsewhere), None)
    assert "up2" not in first.acks | second.acks


def test_who_endorses_something_else_is_told_so_once_two_agree() -> None:
    desk = Desk((1, GRANT))
    wrong = endorsement(flight((1, GRANT), index=8))
    assert not desk.batches.acked("up3", ack(desk.flight, wrong), wrong)
    assert desk.batches.outvoted() == []
    desk.endorses("up1")
    assert desk.batches.outvoted() == [], "one against one proves nothing"
    desk.endorses("up2")
    right = endorsement(desk.flight)
    assert desk.batches.outvoted() == [("up3", Outvoted(wrong, (right, right)))]
    assert desk.batches.outvoted() == [], "each is named once"


def test_the_end_of_a_term_fails_all_that_were_not_answered() -> None:
    desk = Desk((1, FULL), (2, GRANT), (NO_TICKET, GRANT))
    assert desk.settles() == [1]
    desk.batches.flight = flight((3, GRANT), (NO_TICKET, FULL), index=8)
    failed = desk.batches.abandon("the term ended")
    assert failed == [Failed(3, "the term ended"), Failed(2, "the term ended")]
    assert desk.batches.flight is None
    assert desk.batches.settle(99.0, 0) == []
    assert desk.batches.acked("up1", ack(desk.flight), None)
    assert desk.flight.acks == {}, "it is forgotten"
