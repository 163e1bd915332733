"""Proofs of commits: of two voters' words that say the same, are signed, and are theirs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from appliance.ledger.certificates.proofs import Voice, ack_bytes, is_proven
from appliance.ledger.certificates.proving import Proving
from appliance.ledger.leader.batches import Flight
from appliance.ledger.leader.peers import ADOPTING, FOLLOWING
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import Entry
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, verify_store
from tests.unit.ledger.test_batches import flight
from tests.unit.ledger.world import FOUNDERS, LOG, STORES, peers, term

FIVE = term(5)
ROOT, INDEX = LOG[-1].root, LOG[-1].index


class Bench:
    def __init__(self) -> None:
        self.peers = peers()
        for peer in self.peers:
            peer.phase = FOLLOWING
        self.tail = Tail(Machine(*READERS), Limits())
        assert self.tail.take(LOG)
        self.proving = Proving(self.peers, self.tail, verify_store)

    def adopted(self, *names: str, root: bytes = ROOT) -> None:
        """These say that they adopted the log."""
        for name in names:
            self.peers[name].adopted = voice(name)
            self.peers[name].match_root = root
        self.proving.adopted(FIVE)

    def landed(
        self, acks: Mapping[str, Voice], digests: Mapping[str, bytes] | None = None
    ) -> Flight:
        made = flight(index=INDEX)
        made.entry = Entry(INDEX, FIVE, ROOT, b"")
        made.acks.update(acks)
        made.digests.update(digests or {})
        self.proving.landed(made)
        return made

    def by(self) -> list[bytes]:
        """Whose words make the newest proof; empty if there is none."""
        proof = self.proving.proof()
        if proof is None:
            return []
        assert is_proven(proof, FOUNDERS, verify_store)
        assert (proof.index, proof.root) == (INDEX, ROOT)
        assert self.tail.proof == proof
        return [one.store for one in proof.voices]


def voice(name: str, digest: bytes = b"", by: str = "", of: int = 5) -> Voice:
    """This upstream's word, signed by another one's store if `by` says so."""
    data = ack_bytes(term(of), INDEX, ROOT, digest)
    return Voice(STORES[name].id, STORES[by or name].sign(data))


def ids(*names: str) -> list[bytes]:
    return [STORES[name].id for name in names]


def test_without_words_there_is_no_proof() -> None:
    assert Bench().by() == []


def test_two_that_adopted_the_log_prove_its_end() -> None:
    bench = Bench()
    bench.adopted("up1", "up3")
    assert bench.by() == ids("up1", "up3")
    assert bench.by() == ids("up1", "up3"), "it is kept"


@pytest.mark.parametrize("how", ["phase", "no word", "another log"])
def test_who_did_not_adopt_this_log_proves_nothing(how: str) -> None:
    bench = Bench()
    bench.peers["up2"].phase = ADOPTING if how == "phase" else FOLLOWING
    bench.adopted("up1")
    if how != "no word":
        other = b"o" * 32 if how == "another log" else ROOT
        bench.adopted("up2", root=other)
    assert bench.by() == []
    bench.adopted("up3")
    assert bench.by() == ids("up1", "up3")


def test_two_durable_acks_prove_the_batch_that_landed() -> None:
    bench = Bench()
    bench.landed({"up2": voice("up2"), "up3": voice("up3")})
    assert bench.by() == ids("up2", "up3")


def test_one_bad_signature_spoils_no_proof() -> None:
    bench = Bench()
    bench.landed({"up1": voice("up1", by="up2"), "up2": voice("up2")})
    assert bench.by() == []
    bench.landed({"up1": voice("up1", by="up2"), "up2": voice("up2"), "up3": voice("up3")})
    assert bench.by() == ids("up2", "up3")


def test_a_third_ack_that_comes_late_completes_the_proof() -> None:
    bench = Bench()
    made = bench.landed({"up1": voice("up1", of=4), "up2": voice("up2")})
    assert bench.by() == []
    made.acks["up3"] = voice("up3")
    assert bench.by() == ids("up2", "up3")


def test_words_of_a_store_that_is_not_at_its_place_do_not_count() -> None:
    bench = Bench()
    bench.landed({"up1": voice("up2"), "up2": voice("up2"), "up3": voice("up3")})
    assert bench.by() == ids("up2", "up3")
    bench = Bench()
    bench.landed({"up1": voice("up2"), "up2": voice("up2")})
    assert bench.by() == []


def test_two_words_that_say_different_things_prove_nothing() -> None:
    bench = Bench()
    one, two = b"1" * 32, b"2" * 32
    acks = {"up1": voice("up1", one), "up2": voice("up2", two)}
    digests = {"up1": one, "up2": two}
    bench.landed(acks, digests)
    assert bench.by() == []
    bench.landed(acks | {"up3": voice("up3", two)}, digests | {"up3": two})
    assert bench.by() == ids("up2", "up3")


def test_a_newer_batch_without_a_proof_leaves_the_last_one() -> None:
    bench = Bench()
    bench.adopted("up1", "up2")
    before = bench.proving.proof()
    bench.landed({"up1": voice("up1")})
    assert bench.proving.proof() is before
