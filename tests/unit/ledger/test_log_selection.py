"""A choice by itself: when it is ripe, what it reads, whom it rejects, and what it tells people."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import (
    CONFLICT,
    NOT_CHOSEN,
    NOT_FOUNDED,
    TOO_FEW,
    UNPROVEN,
    CommitProof,
    Vow,
    encode_proof,
    vow_bytes,
)
from appliance.ledger.effects import Disputed
from appliance.ledger.election import log_selection as module
from appliance.ledger.election.log_selection import NO_VOTE, WAIT_FOR_MORE, LogSelection
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.leader.peers import Peers
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.founding_anew import AWAITS_RESTORE, WAITS
from appliance.ledger.messages import Entry, Promise
from appliance.licences.commands import Replace, Replaced, Tick
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, UPSTREAMS, SimStore, verify_store
from tests.unit.ledger.test_restoring import INTENT, an_intent
from tests.unit.ledger.world import FOUND, LOG, STORES, entries, proof, term, vow

NINE, FIVE, FOUR = term(9), term(5), term(4)
OTHER = entries((FOUND,), (Tick(), Tick()), (Tick(),))
PATIENCE_S = 0.25


@dataclass
class Desk:
    """A choice in term 9, with what it reads."""

    tail: Tail
    peers: Peers
    selection: LogSelection

    def says(
        self,
        name: str,
        log: list[Entry],
        *,
        adopted: Term = FIVE,
        commit: CommitProof | None = None,
        restore: bytes | None = None,
        now_s: float = 10.0,
    ) -> Vow:
        """An upstream promises term 9; gives what it said."""
        said = vow(NINE, log, name, adopted=adopted)
        if commit is not None:
            said = replace(said, proof_index=commit.index, proof_root=commit.root)
            said = replace(said, signature=STORES[name].sign(vow_bytes(said)))
        grounds = tuple(vow(adopted, log, other) for other in UPSTREAMS)
        message = Promise(NINE, said, grounds, commit, None, 0, restore)
        peer = self.peers[name]
        assert self.selection.heard(now_s, peer, message)
        peer.up, peer.promise = True, message
        return said

    def reads(self, log: list[Entry], commit: int = 0) -> None:
        assert self.tail.take(log)
        self.tail.commit(commit)


def desk() -> Desk:
    tail = Tail(Machine(*READERS), Limits())
    peers = Peers(UPSTREAMS, lambda: tail.book.state.membership)
    return Desk(tail, peers, LogSelection(peers, tail, verify_store, FOUND))


# --- when to choose ---


def test_only_what_the_store_itself_signed_for_this_term_is_heard() -> None:
    one = desk()
    said = vow(NINE, LOG, "up1")
    peer = one.peers["up1"]
    for false in (
        replace(said, term=FIVE),
        replace(said, store=b""),
        replace(said, last_index=1),
        vow(FIVE, LOG, "up1"),
    ):
        assert not one.selection.heard(1.0, peer, Promise(NINE, false, (), None, None, 0))
    assert peer.store == b""
    assert one.selection.heard(1.0, peer, Promise(NINE, said, (), None, None, 0))
    assert peer.store == STORES["up1"].id


def test_the_third_has_its_time_from_the_second_promise_on() -> None:
    one = desk()
    for name in UPSTREAMS:
        one.peers[name].up = True
    one.says("up1", LOG, now_s=10.0)
    assert not one.selection.ripe(99.0, PATIENCE_S)
    one.says("up2", LOG, now_s=20.0)
    assert not one.selection.ripe(20.0 + PATIENCE_S - 0.01, PATIENCE_S)
    assert one.selection.ripe(20.0 + PATIENCE_S, PATIENCE_S)
    one.says("up3", LOG, now_s=20.0)
    assert one.selection.ripe(20.0, PATIENCE_S), "nobody is left to wait for"


def test_a_third_that_is_down_is_not_waited_for() -> None:
    one = desk()
    one.says("up1", LOG)
    assert not one.selection.ripe(10.0, PATIENCE_S), "one promise is none"
    one.says("up2", LOG)
    assert one.selection.ripe(10.0, PATIENCE_S)
    one.peers["up2"].up = False
    assert not one.selection.ripe(99.0, PATIENCE_S)


def test_a_third_promise_does_not_begin_the_wait_anew() -> None:
    one = desk()
    one.peers["up3"].up = True
    one.says("up1", LOG, now_s=10.0)
    one.says("up2", LOG, now_s=10.0)
    one.says("up2", LOG, now_s=20.0)
    assert one.selection.ripe(10.0 + PATIENCE_S, PATIENCE_S)


def test_what_was_judged_is_judged_again_only_with_another_promise() -> None:
    one = desk()
    one.says("up1", LOG)
    one.says("up2", LOG)
    assert one.selection.choose()
    assert not one.selection.ripe(99.0, PATIENCE_S)
    one.says("up3", LOG)
    assert one.selection.ripe(10.0, PATIENCE_S)
    one.selection.restart()
    assert (one.selection.chosen, one.selection.holder, one.selection.vows) == (
        None,
        "",
        (),
    )
    assert one.selection.hopeless is False


# --- which ---


def test_the_highest_term_comes_first_then_the_longest_log() -> None:
    one = desk()
    one.says("up1", LOG[:2])
    assert not one.selection.choose()
    assert (one.selection.chosen, one.selection.holder) == (None, "")
    one.says("up2", LOG, adopted=FOUR)
    best = one.says("up3", LOG[:3])
    assert one.selection.choose()
    assert (one.selection.chosen, one.selection.holder) == (best, "up3")


def test_a_log_is_outdone_by_a_better_one_only() -> None:
    one = desk()
    assert not one.selection.outdone()
    one.says("up1", LOG[:3])
    one.says("up2", LOG[:3])
    assert not one.selection.outdone(), "nothing is chosen"
    assert one.selection.choose()
    assert not one.selection.outdone()
    one.says("up3", LOG[:3])
    assert not one.selection.outdone()
    one.says("up3", LOG)
    assert one.selection.outdone()


def test_whoever_is_rejected_is_told_of_and_not_chosen_again_in_this_term() -> None:
    one = desk()
    for name in ("up1", "up2"):
        one.says(name, LOG[:3])
    one.says("up3", LOG)
    assert one.selection.choose() and one.selection.holder == "up3"
    assert one.selection.reject("its log does not end") == [Disputed("up3", 4)]
    assert not one.selection.outdone()
    assert one.selection.choose() and one.selection.holder == "up2"
    assert one.selection.reject(NO_VOTE) == [], "no fault of its own"
    assert one.selection.choose() and one.selection.holder == "up1"
    assert one.selection._doubted() == "up3: its log does not end"
    one.selection.reject("odd")
    assert one.selection._doubted() == "up1: odd; up3: its log does not end"
    assert not one.selection.choose()
    one.selection.restart()
    assert one.selection._doubted() == ""
    assert one.selection.choose() and one.selection.holder == "up3"


def test_what_it_waits_for_is_told_and_whether_there_is_hope() -> None:
    one = desk()
    assert one.selection.waits() == "waits for promises"
    assert not one.selection.hopeless
    for why, hopeless in ((NOT_FOUNDED, False), (TOO_FEW, True), (CONFLICT, True)):
        assert one.selection.waits(why) == f"waits for a promise: {why}"
        assert one.selection.hopeless is hopeless
    one.says("up1", LOG)
    one.says("up2", LOG)
    one.selection.choose()
    one.selection.reject("odd")
    assert one.selection.waits() == "waits for a promise, and doubts what was promised (up2: odd)"
    assert one.selection.hopeless
    assert one.selection.waits("odd").endswith(": odd; and doubts what was promised (up2: odd)")
    assert one.selection.too_long("x").endswith("long, and what was promised is doubted (up2: odd)")


# --- how far to read ---


def test_no_more_is_read_on_one_stores_word_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk()
    one.says("up1", LOG)
    one.says("up2", LOG[:2])
    assert one.selection.choose()
    alone = LOG[2:]
    monkeypatch.setattr(module, "UNPROVEN_BYTES_MAX", sum(e.held_bytes for e in alone))
    assert not one.selection.endless(LOG[:2]), "two hold these"
    assert not one.selection.endless(LOG[1:3])
    assert not one.selection.endless(LOG[3:])
    assert one.selection.endless(LOG[3:])
    assert one.selection.choose()
    assert not one.selection.endless(LOG), "it is counted anew"


def test_what_two_signed_is_read_however_much_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNPROVEN_BYTES_MAX", 0)
    one = desk()
    one.reads(LOG[:1])
    one.says("up1", LOG, commit=proof(FIVE, LOG, 3))
    one.says("up2", LOG[:1])
    assert one.selection.choose()
    assert not one.selection.endless(LOG[:3])
    assert one.selection.endless(LOG[:4])


def test_with_one_promise_nothing_is_known_to_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNPROVEN_BYTES_MAX", 0)
    one = desk()
    one.says("up1", LOG)
    assert one.selection.endless(LOG[:1])


# --- a copy of another ledger ---


def test_a_copy_that_two_contradict_is_let_go() -> None:
    one = desk()
    one.reads(LOG[:2], commit=2)
    for name in UPSTREAMS:
        one.says(name, OTHER)
    one.selection.misfit("up1", OTHER[2:])
    one.selection.misfit("up1", OTHER[2:])
    assert one.tail.book.last_index == 2, "one of three may lie, however often"
    one.selection.misfit("up2", OTHER[2:])
    assert one.tail.book.last_index == 0


def test_a_copy_that_the_only_one_that_can_be_read_contradicts_is_let_go() -> None:
    one = desk()
    one.reads(LOG[:2], commit=2)
    one.says("up1", OTHER)
    one.says("up2", OTHER)
    one.selection.misfit("up1", OTHER[2:])
    assert one.tail.book.last_index == 0


def test_nothing_is_let_go_for_a_log_that_contradicts_itself_or_for_no_entries() -> None:
    for log, commit, given in ((LOG[:3], 2, OTHER[2:]), (LOG[:2], 2, [])):
        one = desk()
        one.reads(log, commit)
        one.says("up1", OTHER)
        one.selection.misfit("up1", given)
        assert one.tail.book.last_index == len(log)


# --- the judgement ---


def judged(one: Desk) -> str:
    assert one.selection.choose()
    return one.selection.judge(NINE)


def test_a_ledger_is_founded_with_all_three_and_from_nothing_only() -> None:
    one = desk()
    for name in ("up1", "up2"):
        one.says(name, [], adopted=NO_TERM)
    assert judged(one) == NOT_FOUNDED
    assert NOT_FOUNDED in WAIT_FOR_MORE
    one.says("up3", [], adopted=NO_TERM)
    assert judged(one) == ""
    assert [said.store for said in one.selection.vows] == [STORES[name].id for name in UPSTREAMS]
    assert one.selection.found().stores == FOUND.stores
    assert one.selection.found().virtual_serial == FOUND.virtual_serial
    one.says("up3", LOG)
    assert judged(one) == NOT_CHOSEN


def test_a_ledger_that_waits_for_a_restore_is_not_founded_from_nothing() -> None:
    one = desk()
    for name in UPSTREAMS:
        one.says(name, [], adopted=NO_TERM, restore=WAITS)
    assert judged(one) == AWAITS_RESTORE
    assert AWAITS_RESTORE in WAIT_FOR_MORE
    assert one.selection.found().restored is None


def test_what_all_three_were_told_to_restore_is_founded() -> None:
    one = desk()
    for name in UPSTREAMS:
        one.says(name, [], adopted=NO_TERM, restore=INTENT)
    assert judged(one) == ""
    found = one.selection.found()
    assert (found.restored, found.stores) == (an_intent().restored, FOUND.stores)
    # Another three, in a later term, were told nothing.
    for name in UPSTREAMS:
        one.says(name, [], adopted=NO_TERM)
    assert judged(one) == ""
    assert one.selection.found().restored is None


def test_what_is_committed_here_is_compared_to_its_last_entry() -> None:
    one = desk()
    one.reads(LOG, commit=3)
    one.says("up1", LOG)
    one.says("up2", OTHER)
    assert judged(one) == CONFLICT
    one.says("up2", OTHER[:2])
    assert judged(one) == "", "what is before that is not known any more"


def test_a_log_that_two_promised_is_taken_with_their_vows() -> None:
    one = desk()
    one.reads(LOG)
    said = [one.says(name, LOG) for name in ("up1", "up2")]
    assert judged(one) == ""
    assert one.selection.vows == tuple(said)


def test_whoever_says_of_himself_what_cannot_be_is_not_taken() -> None:
    one = desk()
    one.reads(LOG)
    for name in ("up1", "up3"):
        one.says(name, LOG[:3])
    one.says("up2", LOG)
    promise = one.peers["up2"].promise
    assert promise is not None
    one.peers["up2"].promise = replace(promise, grounds=())
    assert judged(one) == "what its holder says of it cannot be"


def test_a_store_that_lacks_what_it_signed_does_not_count_and_is_named() -> None:
    one = desk()
    one.reads(LOG)
    signed = proof(FIVE, LOG, 4, "up1", "up3")
    one.says("up1", LOG[:3])
    one.says("up3", LOG, commit=signed)
    assert judged(one) == TOO_FEW
    assert one.selection._doubted() == "up1: log-forgot"
    one.says("up2", LOG)
    assert judged(one) == ""
    assert len(one.selection.vows) == 2


def test_a_store_that_holds_just_what_it_signed_forgot_nothing() -> None:
    one = desk()
    one.reads(LOG)
    one.says("up1", LOG[:3], commit=proof(FIVE, LOG, 3, "up1", "up3"))
    one.says("up3", LOG)
    assert judged(one) == ""
    assert one.selection._doubted() == ""


@pytest.mark.parametrize("index", [2, 3])
def test_a_proof_other_than_the_vow_speaks_of_is_not_believed(index: int) -> None:
    one = desk()
    one.reads(LOG)
    one.says("up1", LOG, commit=proof(FIVE, LOG, 3))
    one.says("up2", LOG)
    promise = one.peers["up1"].promise
    assert promise is not None
    if index != 3:
        one.peers["up1"].promise = replace(promise, commit=proof(FIVE, LOG, index))
    assert judged(one) == ("" if index == 3 else TOO_FEW)
    one.says("up3", LOG)
    assert judged(one) == "", "the others count all the same"


def test_what_is_proven_and_lacks_is_never_outvoted() -> None:
    one = desk()
    one.reads(OTHER)
    one.says("up1", OTHER, adopted=term(6))
    one.says("up2", LOG[:2], commit=proof(FOUR, LOG, 2, "up2", "up3"))
    assert judged(one) == UNPROVEN


def test_three_that_contradict_each_other_leave_nobody_to_wait_for() -> None:
    one = desk()
    one.reads(LOG)
    one.says("up1", OTHER)
    one.says("up2", LOG)
    assert judged(one) == CONFLICT
    one.says("up3", LOG, adopted=FOUR)
    assert judged(one) == NOT_CHOSEN


def with_up3_replaced() -> list[Entry]:
    """A log in which a new store takes up3's place by entry 4."""
    replacement = Replace("up3", b"store-newcomer", "olga", "disk")
    asked = entries((FOUND,), (Tick(),), (replacement,))
    proven = Replaced(encode_proof(proof(FIVE, asked, 3, "up1", "up2")))
    return entries((FOUND,), (Tick(),), (replacement,), (proven,), (Tick(),))


def test_a_voteless_stores_longer_log_is_no_choice() -> None:
    """up3 was replaced, and goes on where nobody who votes can follow."""
    log = with_up3_replaced()
    one = desk()
    one.reads(log)
    one.says("up1", log[:4])
    one.says("up2", log[:4])
    one.says("up3", log)
    assert judged(one) == NO_VOTE
    one.says("up2", log)
    assert judged(one) == "", "one that votes is as far"


def test_a_strangers_log_is_no_choice_where_those_that_vote_have_none() -> None:
    """Whatever root they say that nothing has."""
    stranger = SimStore(b"store-of-a-stranger")
    one = desk()
    one.reads(LOG[:1])
    for name in ("up1", "up2"):
        said = replace(vow(NINE, [], name, adopted=NO_TERM), last_root=LOG[3].root)
        said = replace(said, signature=STORES[name].sign(vow_bytes(said)))
        one.peers[name].promise = Promise(NINE, said, (), None, None, 0)
    said = replace(vow(NINE, LOG[:1], "up3"), store=stranger.id)
    said = replace(said, signature=stranger.sign(vow_bytes(said)))
    one.peers["up3"].promise = Promise(NINE, said, (), None, None, 0)
    for peer in one.peers:
        peer.up = True
    assert judged(one) == NO_VOTE
