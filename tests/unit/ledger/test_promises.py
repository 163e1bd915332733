"""What one upstream says that it promised moves no honest coordinator away from the others (D3)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.details import Detail
from appliance.ledger.election.terms import STEP_MAX, Term, counter_max
from appliance.ledger.leader.phases import PRE_VOTE, PREPARING, SERVING
from appliance.ledger.messages import Prepare, PreVoteReply, Promise, TermRefused, Vows
from appliance.ledger.replica.standing import BAD_REQUEST, HIGHER_TERM
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.world import LOG, TMR2, Bench, only, proof, served, term, vow

FAR = [2**34, 2**63 - 1, 2**64 - 1]
SECOND = 8
"""What the two honest upstreams promised."""


def serving(seen: int = SECOND) -> Claimant:
    """A coordinator that serves with up1 and up2, above a term of this counter."""
    claimant = Claimant(PRE_VOTE)
    for name in ("up1", "up2"):
        claimant.says(name, PreVoteReply(1, True, term(seen), ""))
    claimant.promises("up1", LOG, proof(term(5), LOG, 3))
    claimant.promises("up2", LOG, None)
    claimant.wait(0.4)
    claimant.gives(claimant.holder(), LOG)
    for name in ("up1", "up2"):
        claimant.adopts(name, LOG)
    assert claimant.core.phase == SERVING
    return claimant


def refuses(claimant: Claimant, name: str, promised: Term, why: str = HIGHER_TERM) -> None:
    claimant.says(name, TermRefused(claimant.term, why, promised, ""))


@pytest.mark.parametrize("counter", FAR)
@pytest.mark.parametrize("liar", ["up1", "up2", "up3"])
def test_a_claim_is_one_above_what_two_promised(counter: int, liar: str) -> None:
    """One PreVoteReply with 2^34 stopped the system for good, and 2^64 - 1 ended both processes."""
    claimant = Claimant(PRE_VOTE)
    claimant.says(liar, PreVoteReply(1, True, Term(counter, "tmr1", 1), ""))
    for name in ("up1", "up2", "up3"):
        if name != liar:
            claimant.says(name, PreVoteReply(1, True, term(SECOND), ""))
    while claimant.core.phase == PRE_VOTE:  # Two words were enough, of which one was the liar's.
        claimant.wait(0.1)
    assert claimant.core.phase == PREPARING
    assert claimant.last("up1", Prepare).term.counter <= SECOND + 1
    for name in ("up1", "up2", "up3"):
        if name != liar:
            refuses(claimant, name, term(SECOND + 1, "tmr9"))
    refuses(claimant, liar, Term(counter, "tmr1", 1))
    assert claimant.last("up1", Prepare).term.counter <= SECOND + 2


@pytest.mark.parametrize("counter", FAR)
def test_a_term_that_two_follow_does_not_end_by_an_impossible_one(counter: int) -> None:
    claimant = serving()
    mine = claimant.term
    for _ in range(20):
        refuses(claimant, "up3", Term(counter, "tmr1", 1))
        claimant.says("up3", PreVoteReply(1, True, Term(counter, "tmr1", 1), ""))
        claimant.wait(0.05)
        keep(claimant)
    assert (claimant.core.phase, claimant.core.term) == (SERVING, mine)
    told = [name for name, what in claimant.doubted if str(counter) in what]
    assert told == ["up3"]  # It is named, once.
    claimant.wants(False)
    claimant.wants(True)
    for name in ("up1", "up2"):
        claimant.says(name, PreVoteReply(claimant.probe(), True, mine, ""))
    assert claimant.last("up1", Prepare).term.counter == mine.counter + 1


def keep(claimant: Claimant) -> None:
    """The two honest ones ack the newest beat."""
    for name in ("up1", "up2"):
        claimant.acks_beat(name)


def test_whoever_is_a_little_ahead_is_followed_at_once_and_then_ever_more_seldom() -> None:
    """A liar that always has promised one more would end every term."""
    claimant = serving()
    terms = {claimant.term}
    for _ in range(40 * 20):
        refuses(claimant, "up3", Term(claimant.term.counter + 1, "tmr1", 1))
        terms.add(claimant.term)
        claimant.wait(0.05)
        bring_back(claimant)
    # In 40 s: at once, then after 1, 2, 4, 8 and 16 s more; and their own terms are not counted up.
    assert 2 <= len(terms) <= 8


def bring_back(claimant: Claimant) -> None:
    """The two honest ones do whatever it takes to serve."""
    if claimant.core.phase == PREPARING:
        for name in ("up1", "up2"):
            claimant.promises(name, LOG, None)
        claimant.wait(0.4)
        for name in ("up1", "up2"):
            claimant.adopts(name, LOG)
    keep(claimant)


def test_two_words_for_a_higher_term_end_this_one_at_once() -> None:
    claimant = serving()
    mine = claimant.term
    higher = Term(mine.counter + 5, "tmr1", 1)
    refuses(claimant, "up3", Term(2**40, "tmr1", 1))
    assert claimant.core.term == mine
    claimant.says("up2", TermRefused(mine, HIGHER_TERM, higher, ""))
    assert claimant.last("up1", Prepare).term.counter == higher.counter + 1


def test_without_a_third_the_word_of_one_is_followed() -> None:
    """With up3 gone it takes up2, whatever it promised, as far as an honest one can have."""
    claimant = serving()
    claimant.loses("up3")
    for _ in range(3):
        mine = claimant.term
        refuses(claimant, "up2", Term(mine.counter + 3, "tmr1", 1))
        assert claimant.last("up1", Prepare).term.counter == mine.counter + 4


def test_two_vows_bring_up_an_upstream_that_was_left_behind() -> None:
    """A hijacked TMR host took two others 2^32 terms further while it was away. With nothing
    committed there it came after them in steps of 1,024 terms, for hours (malicious seed 183)."""
    comes_after(serving(3 * STEP_MAX), served())


def test_an_empty_store_that_knows_no_other_follows_in_steps() -> None:
    """It believes no vows, whoever's they are, and was asked for the same term for ever (malicious
    seed 288)."""
    comes_after(serving(STEP_MAX + 9), Bench())


def comes_after(claimant: Claimant, bench: Bench) -> None:
    """Up3, which promised a low term, is asked until it promised this one."""
    bench.ask(Prepare(term(6)))
    bench.tick(1.0)
    for _ in range(5):
        asked = claimant.last("up3", Prepare)
        (answer,) = [m for m in bench.ask(asked, TMR2) if isinstance(m, Promise | TermRefused)]
        claimant.says("up3", answer)
        claimant.wait(0.4)
        keep(claimant)
    assert bench.replica.promised == claimant.term


FAR_TERM = Term(3 * STEP_MAX, "tmr2", 7)


@pytest.mark.parametrize(
    ("vows", "follows"),
    [
        ((vow(FAR_TERM, LOG, "up2"), vow(FAR_TERM, LOG, "up3")), True),
        ((vow(FAR_TERM, LOG, "up2"), vow(FAR_TERM, LOG, "up2")), False),
        ((vow(FAR_TERM, LOG, "up2"), vow(term(9), LOG, "up3")), False),
        ((vow(FAR_TERM, LOG, "up2"), replace(vow(FAR_TERM, LOG, "up3"), signature=b"")), False),
        ((vow(FAR_TERM, LOG, "up2"), replace(vow(FAR_TERM, LOG, "up3"), store=b"x")), False),
    ],
)
def test_only_two_stores_vows_lead_an_upstream_far_away(vows: Vows, follows: bool) -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    bench.tick(1.0)
    only(bench.ask(Prepare(FAR_TERM, vows), TMR2), Promise if follows else TermRefused)


def test_the_grounds_of_one_upstream_are_not_believed_unsigned() -> None:
    """Else a lying upstream has another one asked for terms that it must refuse, for ever."""
    claimant = Claimant(PRE_VOTE)
    for name in ("up1", "up2"):
        claimant.says(name, PreVoteReply(1, True, term(3 * STEP_MAX), ""))
    claimant.wait(0.1)
    far = Term(2**60, "tmr1", 1)
    grounds = tuple(replace(vow(far, LOG, name), signature=b"") for name in ("up1", "up2"))
    mine = vow(claimant.term, LOG, "up1", adopted=far)
    claimant.says("up1", Promise(claimant.term, mine, grounds, None, None, 0))
    asked = claimant.last("up3", Prepare)
    claimant.says("up3", TermRefused(asked.term, BAD_REQUEST, term(6), "", Detail.of("far")))
    claimant.wait(0.4)
    assert claimant.last("up3", Prepare).term.counter == counter_max(term(6), 0)
