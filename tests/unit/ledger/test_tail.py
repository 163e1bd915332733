"""A TMR host's copy of the log's end: what it reports, keeps, and goes back to."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.ledger.effects import Committed
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.snapshot.seals import StateHead
from appliance.licences.machine import Machine
from appliance.licences.reasons import DONE
from appliance.licences.records import NOTHING_KNOWN
from appliance.licences.state import State
from appliance.sim.vendor import READERS
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.world import FOUND, LOG, entries, proof, term


def tail(limits: Limits | None = None) -> Tail:
    return Tail(Machine(*READERS), limits or Limits())


def test_each_committed_entry_is_reported_once_with_what_came_of_it() -> None:
    made = tail()
    assert made.take(LOG)
    assert made.commit(0) == []
    first = made.commit(3)
    assert [type(one) for one in first] == [Committed] * 3
    assert [one.index for one in first if isinstance(one, Committed)] == [1, 2, 3]
    third = first[2]
    assert isinstance(third, Committed)
    assert [outcome.reason for outcome in third.outcomes] == [DONE, DONE]
    assert len(third.commands) == 2
    assert third.log_time_ms == 0
    assert made.commit(3) == []
    assert len(made.commit(9)) == 1


def test_what_does_not_follow_is_left_out_and_the_sound_part_stays() -> None:
    made = tail()
    wrong = replace(LOG[2], root=b"x" * 32)
    assert not made.take([*LOG[:2], wrong])
    assert (made.book.last_index, made.window.last_index) == (2, 2)
    assert made.take(LOG[2:])


def test_another_log_can_be_held_up_to_where_it_is_the_same() -> None:
    made = tail()
    made.take(LOG)
    assert made.may_hold(4, LOG[3].root) and made.may_hold(2, LOG[1].root)
    assert not made.may_hold(4, b"x" * 32)
    assert not made.may_hold(5, LOG[3].root), "nothing of it is known here"
    made.window.restart(4, LOG[3].root)
    assert made.may_hold(2, b"x" * 32), "what is not known any more speaks against nobody"


def test_the_newest_proof_is_kept() -> None:
    made = tail()
    made.take(LOG)
    old, new = proof(term(5), LOG, 2), proof(term(5), LOG, 3)
    later = proof(term(6), LOG, 3)
    for one, kept in ((old, old), (new, new), (old, new), (later, later), (new, later)):
        made.prove(one)
        assert made.proof is kept
    made.prove(proof(term(6), LOG, 3, "up1", "up2"))
    assert made.proof is later, "an equal one is no newer"


def test_going_back_forgets_what_was_not_committed() -> None:
    made = tail()
    made.take(LOG)
    made.commit(2)
    made.drop_uncommitted()
    assert (made.book.last_index, made.book.last_root) == (2, LOG[1].root)
    assert (made.window.last_index, made.window.base_index) == (2, 0)
    assert made.window.root_at(1) == LOG[0].root, "older entries are still at hand"
    assert made.commit(4) == []
    assert made.take(LOG[2:])
    assert len(made.commit(4)) == 2


def test_going_back_before_the_window_begins_it_at_the_commit() -> None:
    made = tail(Limits(window_bytes=1))
    made.take(LOG)
    made.commit(2)
    assert made.window.base_index == 3
    made.drop_uncommitted()
    assert (made.window.base_index, made.window.base_root) == (2, LOG[1].root)
    assert made.window.last_index == 2
    assert made.take(LOG[2:])


def test_going_back_to_where_the_window_begins_leaves_it() -> None:
    made = tail(Limits(window_bytes=1))
    made.take(LOG)
    made.commit(3)
    made.drop_uncommitted()
    assert (made.window.base_index, made.window.last_index) == (3, 3)


def test_a_sealed_state_takes_the_place_of_the_log() -> None:
    made = tail()
    made.take(LOG)
    made.prove(proof(term(5), LOG, 3))
    known = made.book.state.ledger_id
    head = StateHead(known, 9, b"r" * 32, 77, b"s" * 32)
    state = State()
    made.restore(state, head)
    assert (made.book.last_index, made.book.last_root) == (9, b"r" * 32)
    assert made.book.state is state and made.book.log_time_ms == 77
    assert (made.window.base_index, made.window.base_root) == (9, b"r" * 32)
    assert made.proof is None
    assert made.commit(9) == []


def test_what_was_known_before_is_remembered_when_all_is_forgotten() -> None:
    made = tail()
    made.take(LOG)
    made.commit(3)
    made.prove(proof(term(5), LOG, 3))
    made.forget()
    assert made.book.before.ledger_id == b"L" * 16 and made.book.before.index == 3
    assert (made.book.last_index, made.window.last_index, made.proof) == (0, 0, None)
    assert made.window.base_root == ZERO_ROOT
    before = made.book.before
    made.forget()
    assert made.book.before == before, "of an empty book there is nothing new to know"
    assert tail().book.before == NOTHING_KNOWN
    assert made.take(entries((FOUND,)))
