"""A host without a term takes nothing into its copy that is not proven, and nobody stops it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof, ack_bytes
from appliance.ledger.effects import Committed, Tell
from appliance.ledger.leader.peers import Peers
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import Entries, Entry, Fetch
from appliance.ledger.replication import learner as following_module
from appliance.ledger.replication.learner import PATIENCE_ASKS, Learner
from appliance.ledger.snapshot.fetching import Fetching
from appliance.licences.commands import Found, Operate, Tick
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, UPSTREAMS, SimStore, verify_store
from tests.unit.ledger.world import FOUND, LOG, STORES, entries, proof, term

PROOF = proof(term(1), LOG, 4)
FALSE = entries((FOUND,), (Operate("switchover", "tmr2", "w", "y"),), (Tick(),), (Tick(),))


class Follower:
    """A follower with links to all three."""

    def __init__(self) -> None:
        limits = Limits()
        self.tail = Tail(Machine(*READERS), limits)
        self.peers = Peers(UPSTREAMS, lambda: self.tail.book.state.membership)
        for peer in self.peers:
            peer.up = True
        fetching = Fetching(self.peers, self.tail, verify_store)
        self.learner = Learner(self.peers, self.tail, fetching, limits, verify_store)

    def took(self, name: str, log: list[Entry], first: int, last: int, shown: Any) -> list[Any]:
        """An upstream gives these entries of that log, and shows a proof."""
        message = Entries(first, tuple(log[first - 1 : last]), 0, last, shown)
        return self.learner.took(0.0, self.peers[name], message, 1.0)

    def founded(self) -> None:
        """Two upstreams gave the entry that begins the ledger, one of them with its proof."""
        first = proof(term(1), LOG, 1)
        assert self.took("up1", LOG, 1, 1, first) == []
        assert [type(e) for e in self.took("up2", LOG, 1, 1, first)] == [Committed]

    @property
    def known(self) -> int:
        return self.tail.book.last_index

    def asked(self) -> dict[str, Fetch]:
        """What it asks for now, by upstream."""
        told = [effect for effect in self.learner.ask() if isinstance(effect, Tell)]
        return {t.to: t.message for t in told if isinstance(t.message, Fetch)}


def test_a_page_is_shown_to_nobody_before_the_proof_that_it_leads_to() -> None:
    follower = Follower()
    follower.founded()
    effects = follower.took("up1", LOG, 2, 3, PROOF)
    assert [type(effect) for effect in effects] == [Tell], "it asks for the rest"
    assert follower.known == 1
    committed = follower.took("up1", LOG, 4, 4, PROOF)
    assert [effect.index for effect in committed] == [2, 3, 4]
    assert follower.tail.book.commit_index == follower.known == 4
    assert follower.tail.proof == PROOF


@pytest.mark.parametrize(
    "shown",
    [
        proof(term(1), FALSE, 4, "up3"),
        proof(term(1), FALSE, 4, "up3", "up3"),
        replace(proof(term(1), FALSE, 4), root=LOG[3].root),
        PROOF,
    ],
)
def test_a_made_up_log_is_never_taken_and_its_giver_is_not_asked_for_more(
    shown: CommitProof,
) -> None:
    follower = Follower()
    follower.founded()
    follower.took("up3", FALSE, 2, 3, shown)
    follower.took("up3", FALSE, 4, 4, shown)
    assert follower.known == 1
    follower.took("up3", LOG, 2, 4, PROOF)
    assert follower.known == 1, "it is distrusted"
    follower.took("up1", LOG, 2, 4, PROOF)
    assert follower.known == 4


def test_what_comes_from_another_upstream_is_not_mixed_in() -> None:
    follower = Follower()
    follower.founded()
    follower.took("up1", LOG, 2, 2, PROOF)
    assert follower.took("up3", FALSE, 3, 4, PROOF) == []
    follower.took("up1", LOG, 3, 4, PROOF)
    assert follower.known == 4


def test_a_ledger_begins_only_as_two_upstreams_say() -> None:
    """A liar can list stores of its own in a log of its own, and prove anything by them."""
    mine = {name: SimStore(f"mine-{name}".encode()) for name in STORES}
    own = Found(b"M" * 16, "131-2", tuple((name, store.id) for name, store in mine.items()))
    log = entries((own,), (Tick(),))
    false = proof(term(1), log, 2)
    voices = tuple(
        replace(voice, store=store.id, signature=store.sign(_signed(false)))
        for voice, store in zip(false.voices, mine.values(), strict=False)
    )
    follower = Follower()
    for _ in range(3):
        follower.took("up3", log, 1, 2, replace(false, voices=voices))
    assert follower.known == 0
    follower.founded()
    assert follower.tail.book.state.ledger_id == FOUND.ledger_id


def _signed(shown: CommitProof) -> bytes:
    return ack_bytes(shown.term, shown.index, shown.root, shown.digest)


def test_a_giver_that_falls_silent_makes_room_for_others() -> None:
    follower = Follower()
    follower.founded()
    follower.took("up3", LOG, 2, 3, PROOF)
    for _ in range(PATIENCE_ASKS):
        assert follower.asked()["up3"] == Fetch(None, 4, Limits().fetch_bytes)
    assert follower.asked() == {
        "up1": Fetch(None, 2, Limits().fetch_bytes),
        "up2": Fetch(None, 2, 1),
    }
    follower.took("up1", LOG, 2, 4, PROOF)
    assert follower.known == 4


def test_what_is_held_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following_module, "HELD_BYTES_MAX", 1)
    follower = Follower()
    follower.founded()
    assert follower.took("up3", LOG, 2, 3, PROOF) == []
    assert "up3" in follower.asked()
    assert follower.asked()["up1"].first == 2, "what was held is gone"


def test_a_long_proven_log_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following_module, "APPLIED_MAX", 2)
    follower = Follower()
    follower.founded()
    assert len(follower.took("up1", LOG, 2, 4, PROOF)) == 2
    assert follower.known == 3
    assert follower.took("up2", LOG, 4, 4, PROOF) == [], "it is here already"
    assert [effect.index for effect in follower.learner.ask()] == [4]  # type: ignore[union-attr]
    assert {fetch.first for fetch in follower.asked().values()} == {5}


def test_held_pages_do_not_outlive_a_term() -> None:
    follower = Follower()
    follower.founded()
    follower.took("up1", LOG, 2, 3, PROOF)
    follower.tail.take(LOG[1:2])
    follower.tail.commit(2)
    assert {fetch.first for fetch in follower.asked().values()} == {3}


ANEW = entries((Found(b"R" * 16, "131-1", FOUND.stores),), *[(Tick(),)] * 9)


def test_what_two_upstreams_contradict_is_the_copy_of_another_ledger() -> None:
    """A backup was restored while this host went on. One upstream alone may say so falsely."""
    follower = Follower()
    follower.founded()
    follower.took("up1", LOG, 2, 4, PROOF)
    shown = proof(term(1), ANEW, 6)
    for _ in range(3):
        follower.took("up1", ANEW, 5, 6, shown)
        assert follower.known == 4
    follower.took("up2", ANEW, 5, 6, shown)
    assert (follower.known, follower.tail.book.commit_index) == (0, 0)
    assert follower.asked()["up3"].first == 1
    assert follower.tail.book.before.index == 4, "how far the old one got is still known"


def test_a_gap_in_what_one_upstream_gave_contradicts_nothing() -> None:
    follower = Follower()
    follower.founded()
    for name in ("up1", "up2"):
        follower.took(name, LOG, 2, 2, PROOF)
        follower.took(name, FALSE, 3, 3, PROOF)
    assert follower.known == 1
