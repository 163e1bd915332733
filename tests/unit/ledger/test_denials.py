"""A refused check-out is no entry, and is refused by what is committed: fenced, and landed."""

from __future__ import annotations

from appliance.ledger.effects import Denied
from appliance.ledger.leader.denials import Denials
from appliance.licences.commands import CheckOut, Holder, LeaseRef, Outcome
from appliance.licences.reasons import NO_SEAT_FREE

NO = Outcome(NO_SEAT_FREE)


def ask(number: int) -> CheckOut:
    return CheckOut(LeaseRef("cert:a", str(number)), 1, 1, b"", Holder(), b"")


def test_with_nothing_in_flight_it_is_answered_at_its_fence() -> None:
    denials = Denials()
    denials.ask(1, ask(1))
    assert 1 in denials and 2 not in denials
    assert denials.take(2) is None, "a read"
    assert denials.take(1) == ask(1)
    assert denials.hold(1, ask(1), NO, 7, 7) == [Denied(1, NO)]
    assert not len(denials)


def test_what_rests_on_a_batch_in_flight_waits_until_that_is_committed() -> None:
    denials = Denials()
    assert denials.hold(1, ask(1), NO, 8, 7) == []
    assert denials.hold(2, ask(2), NO, 9, 8) == []
    denials.ask(3, ask(3))
    assert len(denials) == 3
    assert denials.landed(7) == []
    assert denials.landed(8) == [Denied(1, NO)]
    assert denials.landed(9) == [Denied(2, NO)]


def test_a_lost_term_sends_it_back_to_another_fence() -> None:
    denials = Denials()
    denials.ask(1, ask(1))
    denials.hold(2, ask(2), NO, 8, 7)
    assert denials.ground() == [2], "the first is at the fences still"
    assert denials.landed(99) == []
    assert (denials.take(1), denials.take(2)) == (ask(1), ask(2))
    denials.ask(3, ask(3))
    denials.clear()
    assert denials.take(3) is None
