"""A store that does not hold what it signed was put back; an honest one is never accused."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.details import Detail
from appliance.ledger.certificates.proofs import Voice, ack_bytes
from appliance.ledger.leader.phases import PRE_VOTE, PREPARING, SERVING
from appliance.ledger.membership.turned_back import PutBack
from appliance.ledger.messages import Adopted, Entry, TermRefused
from appliance.ledger.replica.standing import BAD_REQUEST
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.test_liars import COMMITTED
from tests.unit.ledger.world import LOG, STORES, proof, term

SIGNED = proof(term(5), LOG, 4, "up1", "up2")


def found(claimant: Claimant, name: str) -> PutBack | None:
    """What is found of the store at this upstream."""
    return claimant.core.put_back.get(STORES[name].id)


def adopts(claimant: Claimant, name: str, log: list[Entry]) -> None:
    """An upstream adopted this log."""
    of, end = claimant.term, log[-1]
    voice = Voice(STORES[name].id, STORES[name].sign(ack_bytes(of, end.index, end.root, b"")))
    claimant.says(name, Adopted(of, end.index, end.root, voice))


def served_without(name: str) -> Claimant:
    """A coordinator that serves the shorter log of the two others."""
    claimant = Claimant()
    others = [other for other in ("up1", "up2", "up3") if other != name]
    for other in others:
        claimant.promises(other, LOG[:3], COMMITTED)
    claimant.wait(0.3)
    claimant.gives(claimant.holder(), LOG[:3])
    for other in others:
        adopts(claimant, other, LOG[:3])
    assert claimant.core.phase == SERVING
    return claimant


def test_one_that_serves_is_named_when_the_third_comes_with_its_signature() -> None:
    claimant = served_without("up2")
    assert found(claimant, "up1") is None
    claimant.promises("up2", LOG, SIGNED)
    back = found(claimant, "up1")
    assert back is not None and (back.place, back.signed_index, back.known_by) == ("up1", 4, "up2")
    assert found(claimant, "up2") is None and found(claimant, "up3") is None
    # What up2 says to the log that it is brought is kept for people.
    claimant.says(
        "up2",
        TermRefused(claimant.term, BAD_REQUEST, claimant.term, "", Detail.of("no common entry 4")),
    )
    assert claimant.core.peers["up2"].refuses == "no common entry 4"


def test_nobody_is_accused_by_what_it_did_not_sign() -> None:
    claimant = served_without("up2")
    forged = replace(SIGNED, voices=(SIGNED.voices[1], Voice(STORES["up1"].id, b"no signature")))
    claimant.promises("up2", LOG, forged)
    assert found(claimant, "up1") is None
    # Entries that one store alone holds are no sign of anything.
    claimant = served_without("up2")
    claimant.promises("up2", LOG, COMMITTED)
    assert [found(claimant, name) for name in ("up1", "up2", "up3")] == [None] * 3


def test_one_that_holds_the_entry_again_is_no_trouble_any_more() -> None:
    """up1 alone was put back: the two others know all, and it gets it from them."""
    claimant = Claimant()
    claimant.promises("up2", LOG, SIGNED)
    claimant.promises("up3", LOG, SIGNED)
    claimant.promises("up1", LOG[:3], COMMITTED)
    claimant.gives(claimant.holder(), LOG)
    assert found(claimant, "up1") is not None
    for name in ("up1", "up2", "up3"):
        adopts(claimant, name, LOG)
    assert claimant.core.phase == SERVING
    assert found(claimant, "up1") is None


def test_it_is_over_once_the_store_that_knew_more_is_replaced() -> None:
    claimant = served_without("up2")
    claimant.promises("up2", LOG, SIGNED)
    assert found(claimant, "up1") is not None
    claimant.core.peers["up2"].store = b"another store"
    assert found(claimant, "up1") is None


def test_two_that_were_put_back_are_named_and_hopeless_terms_are_tried_seldom() -> None:
    """M10: nothing may be chosen, which is right; but it was prepared for ever, without a word."""
    claimant = Claimant()
    terms = set()
    for _ in range(600):
        core = claimant.core
        if core.phase == PREPARING and core.term is not None and core.term not in terms:
            terms.add(core.term)
            claimant.promises("up3", LOG, proof(term(5), LOG, 4, "up1", "up3"))
            claimant.promises("up1", LOG[:3], COMMITTED)
            claimant.promises("up2", LOG[:2], proof(term(5), LOG, 2, "up1", "up2"))
            claimant.gives("up3", LOG)
        elif core.phase == PRE_VOTE:
            for name in ("up1", "up2", "up3"):
                claimant.willing(name)
        claimant.wait(0.05)
        if core.phase == PREPARING and "(" in core.why:
            said = core.why
    assert "up1: log-forgot" in said
    back = found(claimant, "up1")
    assert back is not None and (back.signed_index, back.known_by) == (4, "up3")
    assert len(terms) <= 12, "half a minute; it was several a second"
