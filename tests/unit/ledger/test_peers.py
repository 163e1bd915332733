"""What a coordinator remembers of an upstream, for how long, and how it counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.leader.peers import ASKED, FOLLOWING, PROMISED, Peer, Peers, Relay
from appliance.ledger.messages import Promise
from appliance.licences.members import Membership
from appliance.sim.vendor import UPSTREAMS
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.test_snapshots import LONG, sealed_at
from tests.unit.ledger.world import LOG, peers, proof, term, vow

FIVE = term(5)


def promise(commit: CommitProof | None = None) -> Promise:
    return Promise(FIVE, vow(FIVE, LOG, "up1"), (), commit, None, 0)


def test_there_are_three() -> None:
    with pytest.raises(ValueError, match=r"^a ledger has three upstreams, not 2$"):
        Peers(UPSTREAMS[:2], Membership)
    assert len(peers()) == 3
    assert [peer.name for peer in peers()] == list(UPSTREAMS)


def test_staging_anew_what_was_staged_is_no_progress() -> None:
    peer = Peer("up1")
    assert peer.gained(3, 0, 9)
    assert not peer.gained(3, 0, 9) and not peer.gained(2, 0, 9)
    assert peer.gained(99, 0, 9), "it has nine at most"
    assert (peer.furthest, peer.furthest_chunk) == (9, 0)
    assert not peer.gained(100, 5, 9), "no snapshot is on its way"
    peer.relay = Relay("up2", chunks=3)
    assert peer.gained(0, 2, 9) and not peer.gained(0, 2, 9)
    assert peer.gained(0, 7, 9) and peer.furthest_chunk == 3
    assert not peer.gained(0, 8, 9)


def test_a_snapshot_on_its_way_is_whole_with_all_its_chunks() -> None:
    sealed, _ = sealed_at(4)
    assert not Relay("up2", None, 2, 2).whole
    assert not Relay("up2", sealed, 2, 1).whole
    assert Relay("up2", sealed, 2, 2).whole


def test_up_to_where_its_log_is_the_common_one() -> None:
    peer = Peer("up1")
    assert peer.common() == (0, ZERO_ROOT)
    peer.promise = promise(proof(FIVE, LOG, 3))
    assert peer.common() == (3, LOG[2].root)
    sealed, _ = sealed_at(4)
    newer = replace(peer.promise, snapshot=sealed)
    peer.promise = newer
    assert peer.common() == (4, LONG[3].root), "its snapshot is newer than its proof"
    peer.promise = replace(newer, commit=proof(FIVE, LONG, 5))
    assert peer.common() == (5, LONG[4].root), "its proof is newer"
    peer.in_term, peer.match_index, peer.match_root = True, 2, b"root"
    assert peer.common() == (2, b"root")
    peer.relay = Relay("up2", sealed, 2, 1)
    assert peer.common() == (2, b"root"), "the snapshot is not whole"
    peer.relay.done = 2
    assert peer.common() == (4, LONG[3].root)


def test_the_better_promise_has_the_higher_rank() -> None:
    peer = Peer("up1")
    assert peer.rank() == (NO_TERM, 0, "up1")
    peer.promise = promise()
    assert peer.rank() == (Term(4, "tmr9", 1), 4, "up1")


def busy() -> Peer:
    """All that a term leaves behind."""
    return Peer(
        "up1",
        up=True,
        phase=FOLLOWING,
        promise=promise(),
        store=b"s",
        in_term=True,
        match_index=1,
        match_root=b"r",
        sent_index=2,
        bulk_after=3,
        staged_to=4,
        furthest=5,
        furthest_chunk=6,
        wanted=7,
        relay=Relay("up2"),
        asked_at_s=8.0,
        heard_at_s=9.0,
        acked_number=10,
        confirmed_at_s=11.0,
        commit_index=12,
        consents=(b"new",),
        willing=13,
    )


def test_asked_again_it_keeps_what_is_true_of_it_in_any_place() -> None:
    peer = busy()
    peer.ask_again()
    kept = Peer(
        "up1",
        up=True,
        store=b"s",
        furthest=5,
        furthest_chunk=6,
        heard_at_s=9.0,
        acked_number=10,
        confirmed_at_s=11.0,
        consents=(b"new",),
        willing=13,
    )
    assert peer == kept and peer.phase == ASKED
    peer.restart()
    assert peer == Peer("up1", up=True, store=b"s", heard_at_s=9.0, consents=(b"new",))


def test_two_decide_that_vote_and_before_the_founding_all_do() -> None:
    made = peers()
    assert made.decide(["up1", "up3"]) and not made.decide(["up1"])
    assert not made.decide(["up1", "up1"]) and not made.decide(["up1", "up9"])
    made["up3"].store = b"another"
    assert [peer.name for peer in made.voting()] == ["up1", "up2"]
    assert not made.decide(["up1", "up3"])
    unfounded = peers(Membership())
    unfounded["up3"].store = b""
    assert unfounded.decide(["up1", "up3"])


def test_a_promise_is_asked_for_where_it_is_missing_and_not_too_often() -> None:
    made = peers()
    made["up2"].phase = PROMISED
    made["up3"].up = False
    assert [peer.name for peer in made.to_ask(100.0, 1.0)] == ["up1"]
    assert made.to_ask(101.0, 1.0) == []
    assert [peer.name for peer in made.to_ask(101.125, 1.0)] == ["up1"]
    made["up1"].promise = made["up3"].promise = promise()
    assert [peer.name for peer in made.promised()] == ["up1"]


def test_what_two_reached() -> None:
    made = peers()
    assert made.reached([3.0, 1.0, 2.0], -1.0) == 2.0
    assert made.reached([1.0, 2.0], -1.0) == 1.0
    assert made.reached([1.0], -1.0) == -1.0
    assert Peers(UPSTREAMS[:1], Membership).reached([1.0], -1.0) == 1.0, "one of one"
    for peer, at_s in zip(made, (3.0, 1.0, 2.0), strict=True):
        peer.confirmed_at_s = at_s
    assert made.confirmed_at_s() == 2.0
    made["up1"].store = made["up2"].store = b""
    assert made.confirmed_at_s() == -1e9, "one that votes is no majority"
