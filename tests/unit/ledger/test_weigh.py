"""Which promises justify adopting a log, case by case (design D3), and which commits are proven."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import (
    CONFLICT,
    NOT_CHOSEN,
    TOO_FEW,
    UNPROVEN,
    CommitProof,
    Vow,
    believable,
    best_on,
    encode_proof,
    furthest,
    is_proven,
    proof_reader,
    start_of,
    weigh,
)
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import Entry
from appliance.licences.commands import Tick
from appliance.licences.members import Member, Membership, founders
from appliance.sim.vendor import SimStore, verify_store
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.world import FOUND, FOUNDERS, LOG, STORES, entries, proof, term, vow

OTHER = entries((FOUND,), (Tick(), Tick()), (Tick(),))
ASKED, FIVE, FOUR = term(6), term(5), term(4)


@dataclass(frozen=True)
class Held:
    """The log to be adopted; it forgot the roots before `from_index`."""

    log: list[Entry]
    from_index: int = 1

    def contains(self, index: int, root: bytes) -> bool | None:
        if index < self.from_index:
            return None
        if not index:
            return root == ZERO_ROOT
        return index <= len(self.log) and self.log[index - 1].root == root


def says(name: str, log: list[Entry], adopted: Term = FIVE, proven: int = 0) -> Vow:
    return vow(ASKED, log, name, adopted=adopted, proven=proven)


@pytest.mark.parametrize(
    ("vows", "why"),
    [
        # Two promises are needed, of this term, by two stores that vote.
        ([], TOO_FEW),
        ([says("up1", LOG)], TOO_FEW),
        ([says("up1", LOG), says("up1", LOG)], TOO_FEW),
        ([says("up1", LOG), vow(FIVE, LOG, "up2")], TOO_FEW),
        ([says("up1", LOG), replace(says("up2", LOG), store=b"somebody")], TOO_FEW),
        ([says("up1", LOG), says("up2", LOG)], ""),
        # Of those that adopted the highest term each has to be on this log; others say nothing.
        ([says("up1", LOG), says("up2", LOG[:2])], ""),
        ([says("up1", LOG), says("up2", OTHER, adopted=FOUR)], ""),
        ([says("up1", LOG), says("up2", [], adopted=NO_TERM)], ""),
        ([says("up1", LOG, adopted=FOUR), says("up2", OTHER)], NOT_CHOSEN),
        ([says("up1", LOG), says("up2", OTHER)], CONFLICT),
        # With all three two equal ones win over a third, and nothing else does.
        ([says("up1", LOG), says("up2", OTHER), says("up3", LOG[:3])], ""),
        ([says("up1", OTHER), says("up2", OTHER), says("up3", LOG)], CONFLICT),
        ([says("up1", LOG), says("up2", OTHER), says("up3", LOG, adopted=FOUR)], CONFLICT),
        ([says("up1", LOG), says("up2", LOG), says("up3", OTHER)], ""),
        ([says("up1", OTHER), says("up2", OTHER), says("up3", LOG, adopted=FOUR)], CONFLICT),
        # Whatever anybody knows to be committed has to be there, even by an old term's store.
        ([says("up1", LOG, proven=3), says("up2", LOG, proven=2)], ""),
        ([says("up1", LOG), says("up2", OTHER, adopted=FOUR, proven=2)], UNPROVEN),
    ],
)
def test_the_table(vows: list[Vow], why: str) -> None:
    assert weigh(ASKED, vows, FOUNDERS, Held(LOG).contains) == why


def test_what_is_too_old_to_be_told_is_no_objection() -> None:
    """A root that was forgotten lies below the commit, where all honest logs are one."""
    vows = [says("up1", LOG), says("up2", OTHER[:2], proven=2)]
    assert weigh(ASKED, vows, FOUNDERS, Held(LOG).contains) == UNPROVEN
    assert weigh(ASKED, vows, FOUNDERS, Held(LOG, from_index=3).contains) == ""


def test_an_empty_log_is_on_every_log_whatever_root_is_said_of_it() -> None:
    log = Held(LOG, from_index=0)
    empty = says("up2", [])
    for one in (empty, replace(empty, last_root=LOG[0].root)):
        assert weigh(ASKED, [says("up1", LOG), one], FOUNDERS, log.contains) == ""


def test_the_best_on_a_log_are_those_of_the_highest_term_that_it_goes_on_from() -> None:
    on = [says("up1", LOG), says("up2", LOG[:2])]
    off = [says("up3", OTHER), says("up3", LOG[:3], adopted=FOUR)]
    assert best_on([*off, *on], Held(LOG).contains) == on
    assert best_on([off[0]], Held(LOG).contains) == []


def test_a_log_is_the_same_by_its_end() -> None:
    mine = says("up1", LOG)
    assert mine.same_log(says("up2", LOG, adopted=FOUR, proven=2))
    assert not mine.same_log(says("up2", LOG[:3]))
    assert not mine.same_log(replace(mine, last_root=LOG[0].root))


def test_a_store_that_joined_counts_once_it_holds_the_proof_of_it() -> None:
    voters = (*FOUNDERS.voters[:2], Member("up3", STORES["up3"].id, joined_index=4))
    joined = Membership(voters)
    contains = Held(LOG).contains
    assert weigh(ASKED, [says("up1", LOG), says("up3", LOG[:3])], joined, contains) == TOO_FEW
    assert weigh(ASKED, [says("up1", LOG), says("up3", LOG)], joined, contains) == ""


# --- believing a promise ---


def test_a_store_is_believed_with_two_promises_of_the_term_that_it_adopted() -> None:
    claim = says("up1", LOG)
    grounds = [vow(FIVE, LOG, "up2"), vow(FIVE, LOG, "up3")]

    def believed(claim: Vow, *shown: Vow) -> bool:
        return believable(claim, shown, FOUNDERS, verify_store)

    assert believed(claim, *grounds)
    assert not believed(claim)
    assert not believed(claim, grounds[0])
    assert not believed(claim, grounds[0], grounds[0])
    assert not believed(claim, grounds[0], vow(FOUR, LOG, "up3"))
    assert not believed(claim, grounds[0], replace(grounds[1], last_index=1)), "its signature"
    assert not believed(replace(claim, last_index=9), *grounds), "its own signature"
    assert believed(says("up1", [], adopted=NO_TERM))
    assert not believed(says("up1", LOG, adopted=NO_TERM))


def test_only_what_a_ledger_began_with_was_never_adopted() -> None:
    restored = founders(((name, store.id) for name, store in STORES.items()), base_index=4)
    for log, believed in (([], True), (LOG[:1], False), (LOG[:3], False), (LOG, True)):
        claim = says("up1", log, adopted=NO_TERM)
        assert believable(claim, (), restored, verify_store) is believed


def test_the_furthest_term_is_the_highest_that_two_stores_promised() -> None:
    six = [vow(ASKED, LOG, "up1"), vow(ASKED, LOG, "up2")]
    five = [vow(FIVE, LOG, "up1"), vow(FIVE, LOG, "up3")]

    def shown(*vows: Vow) -> int:
        return furthest(vows, FOUNDERS.knows, verify_store, 2)

    assert shown(*six) == 6
    assert shown(five[0], *six) == 6
    assert shown(six[0], *five) == 5, "up1 alone promised 6"
    assert shown(six[0], replace(six[1], signature=b"")) == 0
    assert shown(six[0], five[1]) == 0
    assert shown() == 0
    assert furthest(six, lambda store: store != STORES["up2"].id, verify_store, 2) == 0


# --- commit proofs ---


@pytest.mark.parametrize(
    ("given", "proven"),
    [
        (proof(FIVE, LOG, 3), True),
        (proof(FIVE, LOG, 3, "up1", "up2", "up3"), True),
        (proof(FIVE, LOG, 3, "up2"), False),
        (proof(FIVE, LOG, 3, "up2", "up2"), False),
        (replace(proof(FIVE, LOG, 3), index=4), False),
        (replace(proof(FIVE, LOG, 3), term=FOUR), False),
        (replace(proof(FIVE, LOG, 3), root=LOG[0].root), False),
        (replace(proof(FIVE, LOG, 3), digest=b"state"), False),
    ],
)
def test_two_signatures_over_just_this_prove_a_commit(given: CommitProof, proven: bool) -> None:
    assert is_proven(given, FOUNDERS, verify_store) is proven
    strangers = founders((name, SimStore(name.encode()).id) for name in STORES)
    assert not is_proven(given, strangers, verify_store)


def test_what_is_known_to_be_committed_starts_at_the_proof_or_at_nothing() -> None:
    assert start_of(proof(FIVE, LOG, 3)) == (3, LOG[2].root)
    assert start_of(None) == (0, bytes(32))


def test_a_replacement_is_proven_by_both_that_remain_and_nobody_else() -> None:
    read = proof_reader(verify_store)
    asked = FOUNDERS.replace("up1", b"new", 3)
    assert read(encode_proof(proof(FIVE, LOG, 3, "up2", "up3")), asked) == 3
    by_the_replaced = proof(FIVE, LOG, 3, "up1", "up2")
    assert is_proven(by_the_replaced, asked, verify_store), "it proves what was before"
    with pytest.raises(ValueError, match=r"^this proof is not signed by both remaining stores$"):
        read(encode_proof(by_the_replaced), asked)
    for data in (b"", b"\xff", b"\x95\x00", encode_proof(proof(FIVE, LOG, 3))[:-1]):
        with pytest.raises(ValueError, match=r"^this is no commit proof: "):
            read(data, asked)
