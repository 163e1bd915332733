"""Which term to claim, when to rest, and when one upstream's word ends a term."""

from __future__ import annotations

import pytest

from appliance.details import Detail
from appliance.ledger.effects import Doubted, Tell
from appliance.ledger.election.pre_vote import (
    BELIEVED_MAX,
    CLAIM_MAX,
    FORGIVEN_S,
    PROBES_VALID,
    REST_MAX_S,
    REST_MIN_S,
    YIELD_FIRST_S,
    YIELD_MAX_S,
    PreVotes,
)
from appliance.ledger.election.terms import LEAP_MAX, NO_TERM
from appliance.ledger.messages import Prepare, PreVote, PreVoteReply, Promise, TermRefused
from appliance.ledger.replica.standing import BAD_REQUEST, DAMAGED, HIGHER_TERM, OUT_OF_DATE
from appliance.sim.vendor import UPSTREAMS, verify_store
from tests.unit.ledger.world import LOG, peers, term, vow

SIX = term(6)


class Bench:
    """All three links stand, and each upstream promised a term with this counter."""

    def __init__(self, *promised: int) -> None:
        self.peers = peers()
        for peer, counter in zip(self.peers, promised or (5, 5, 5), strict=True):
            peer.promised = term(counter, "tmr9") if counter else NO_TERM
        self.votes = PreVotes(self.peers, "tmr1", 7, verify_store)

    def ask(self) -> int:
        """Ask all; gives the probe's number."""
        told = self.votes.ask()
        assert all(isinstance(effect, Tell) for effect in told)
        (number,) = {effect.message.number for effect in told}  # type: ignore[union-attr]
        return int(number)

    def says(self, name: str, number: int, willing: bool = True, now_s: float = 0.0) -> bool:
        said = PreVoteReply(number, willing, NO_TERM, "")
        return self.votes.replied(now_s, self.peers[name], said)

    def two_are_willing(self, now_s: float) -> bool:
        number = self.ask()
        self.says("up1", number, now_s=now_s)
        return self.says("up2", number, now_s=now_s)

    def refused(self, name: str, why: str = HIGHER_TERM, detail: str = "", of: int = 6) -> None:
        peer = self.peers[name]
        self.votes.refused(peer, TermRefused(term(of), why, peer.promised, "", Detail.of(detail)))

    def outdone(self, now_s: float, name: str = "up3", reachable: tuple[str, ...] = ()) -> bool:
        return self.votes.outdone(now_s, SIX, self.peers[name], reachable or UPSTREAMS)


# --- who is willing ---


def test_all_whose_link_stands_are_asked_and_each_probe_has_its_number() -> None:
    bench = Bench()
    assert bench.votes.ask() == [Tell(name, PreVote(1)) for name in UPSTREAMS]
    bench.peers["up2"].up = False
    assert bench.votes.ask() == [Tell("up1", PreVote(2)), Tell("up3", PreVote(2))]


def test_two_have_to_be_willing_at_once() -> None:
    bench = Bench()
    number = bench.ask()
    assert not bench.says("up1", number)
    assert not bench.says("up2", number, willing=False)
    assert bench.says("up3", number)
    assert not bench.says("up1", number, willing=False), "it changed its mind"


def test_an_answer_to_what_was_never_asked_is_no_consent() -> None:
    bench = Bench()
    number = bench.ask()
    bench.says("up1", number)
    assert not bench.says("up2", number + 1)


def test_who_is_not_there_any_more_does_not_count() -> None:
    bench = Bench()
    number = bench.ask()
    bench.says("up1", number)
    bench.peers["up1"].up = False
    assert not bench.says("up2", number)


def test_a_consent_counts_for_a_few_probes() -> None:
    bench = Bench()
    first = bench.ask()
    bench.says("up1", first)
    for _ in range(PROBES_VALID - 1):
        bench.ask()
    assert bench.says("up2", first)
    assert bench.says("up2", bench.votes._probes), "up1 consented to the last but two"
    newest = bench.ask()
    assert not bench.says("up2", newest)


# --- rests ---


def test_after_hopeless_terms_the_rests_double_up_to_a_bound() -> None:
    bench = Bench()
    for peer in bench.peers:
        peer.promise = promise(peer.name)
    now_s, expected_s = 100.0, REST_MIN_S
    for _ in range(9):
        bench.votes.rest(now_s, hopeless=True)
        assert not bench.two_are_willing(now_s + expected_s - 0.001)
        assert bench.two_are_willing(now_s + expected_s)
        now_s += expected_s
        expected_s = min(2 * expected_s, REST_MAX_S)
    assert expected_s == REST_MAX_S
    bench.votes.rest(now_s, hopeless=True)
    bench.votes.wake()
    assert bench.two_are_willing(now_s), "something changed"
    bench.votes.rest(now_s, hopeless=True)
    assert bench.two_are_willing(now_s + REST_MIN_S), "and it begins with the shortest again"


def test_nobody_rests_while_one_that_is_here_has_not_promised_yet() -> None:
    bench = Bench()
    for name in ("up1", "up2"):
        bench.peers[name].promise = promise(name)
    bench.votes.rest(100.0, hopeless=True)
    assert bench.two_are_willing(100.0)
    bench.peers["up3"].up = False
    bench.votes.rest(100.0, hopeless=True)
    assert not bench.two_are_willing(100.0)


def test_where_there_was_hope_nobody_rests() -> None:
    bench = Bench()
    for peer in bench.peers:
        peer.promise = promise(peer.name)
    bench.votes.rest(100.0, hopeless=False)
    assert bench.two_are_willing(100.0)


def promise(name: str, counter: int = 5) -> Promise:
    of = term(counter)
    return Promise(of, vow(of, LOG, name), (), None, None, 0)


# --- which term ---


@pytest.mark.parametrize("promised", [(5, 5, 9), (9, 5, 5), (5, 9, 1), (5, 5, 0)])
def test_a_claim_is_above_what_two_promised_and_each_above_the_last(
    promised: tuple[int, int, int],
) -> None:
    bench = Bench(*promised)
    assert [bench.votes.above().counter for _ in range(3)] == [6, 7, 8]
    assert bench.votes.above() == term(9)


def test_a_claim_goes_above_one_that_refused_but_not_for_ever_up() -> None:
    bench = Bench(5, 5, 40)
    assert bench.votes.above(bench.peers["up3"]).counter == 41
    bench = Bench(5, 5, 5 + BELIEVED_MAX)
    assert bench.votes.above(bench.peers["up3"]).counter == 5 + CLAIM_MAX
    bench = Bench(5, 5, 6 + BELIEVED_MAX)
    assert bench.votes.above(bench.peers["up3"]).counter == 6, "nobody can have promised that"


def test_an_impossible_word_is_doubted_once() -> None:
    bench = Bench(5, 5, 5)
    peer = bench.peers["up3"]
    assert bench.votes.heard(peer, term(5 + BELIEVED_MAX)) == []
    far = term(6 + BELIEVED_MAX)
    assert bench.votes.heard(peer, far) == [Doubted("up3", f"claims an impossible term, {far}")]
    assert bench.votes.heard(peer, far) == []
    further = term(7 + BELIEVED_MAX)
    assert bench.votes.heard(peer, further) != []


def test_before_the_founding_nobody_can_tell_what_is_impossible() -> None:
    bench = Bench(0, 0, 0)
    assert bench.votes.heard(bench.peers["up3"], term(6 + BELIEVED_MAX)) == []


# --- what a refusal says ---


def test_a_refusal_is_remembered_by_its_kind() -> None:
    bench = Bench()
    up1, up2, up3 = bench.peers
    bench.refused("up1", DAMAGED, "bit rot")
    bench.refused("up2", OUT_OF_DATE, "newer rules")
    bench.refused("up3", HIGHER_TERM, "something")
    assert (up1.damaged, up1.refuses) == ("bit rot", "")
    assert (up2.damaged, up2.refuses) == ("", "newer rules")
    assert (up3.damaged, up3.refuses) == ("", "")


def test_whom_an_upstream_hears_is_kept_until_it_says_otherwise() -> None:
    bench = Bench()
    peer = bench.peers["up1"]
    bench.votes.refused(peer, TermRefused(SIX, HIGHER_TERM, peer.promised, "tmr2"))
    bench.votes.refused(peer, TermRefused(SIX, HIGHER_TERM, peer.promised, ""))
    assert peer.hears == "tmr2"
    bench.votes.refused(peer, TermRefused(SIX, HIGHER_TERM, peer.promised, "tmr1"))
    assert peer.hears == "tmr1"


@pytest.mark.parametrize(
    ("why", "of", "reached"),
    [
        (BAD_REQUEST, 5 + LEAP_MAX, None),
        (BAD_REQUEST, 6 + LEAP_MAX, 0),
        (HIGHER_TERM, 6 + LEAP_MAX, None),
    ],
)
def test_one_that_refuses_a_leap_was_left_behind(why: str, of: int, reached: int | None) -> None:
    bench = Bench()
    bench.refused("up3", why, of=of)
    peer = bench.peers["up3"]
    assert (peer.reached, peer.unmoved) == (reached, False)
    bench.refused("up3", why, of=of)
    assert (peer.reached, peer.unmoved) == (reached, reached is not None)


def test_one_that_was_left_behind_is_known_by_what_it_adopted() -> None:
    bench = Bench()
    peer = bench.peers["up3"]
    bench.votes.stepped(peer, promise("up3"))
    assert peer.reached is None
    bench.refused("up3", BAD_REQUEST, of=6 + LEAP_MAX)
    bench.votes.stepped(peer, promise("up3"))
    assert peer.reached == 4, "the term whose log it has"
    assert peer.promised == term(5)


def test_one_that_is_not_left_behind_is_asked_for_the_term_itself() -> None:
    bench = Bench()
    bench.peers["up3"].reached = 4
    told = bench.votes.prepare(SIX, bench.peers)
    assert told == [Tell(name, Prepare(SIX)) for name in UPSTREAMS]


# --- one alone that promised more ---


def test_what_is_not_higher_ends_no_term() -> None:
    bench = Bench(5, 5, 6)
    bench.peers["up3"].promised = SIX
    assert not bench.outdone(0.0)


def test_two_that_promised_more_end_a_term() -> None:
    bench = Bench(5, 9, 9)
    assert all(bench.outdone(0.0) for _ in range(3))


def test_an_impossible_word_ends_no_term() -> None:
    bench = Bench(5, 5, 6 + BELIEVED_MAX)
    assert not bench.outdone(0.0)


def test_one_that_is_needed_is_followed_each_time() -> None:
    bench = Bench(5, 5, 9)
    assert all(bench.outdone(0.0, reachable=("up1", "up3")) for _ in range(3))
    bench.peers["up2"].damaged = "bit rot"
    assert all(bench.outdone(0.0) for _ in range(3))


def test_one_that_is_not_needed_is_followed_ever_more_seldom() -> None:
    bench = Bench(5, 5, 9)
    now_s, wait_s = 100.0, YIELD_FIRST_S
    assert bench.outdone(now_s)
    for _ in range(14):
        assert not bench.outdone(now_s + wait_s - 0.001)
        assert bench.outdone(now_s + wait_s)
        now_s += wait_s
        wait_s = min(2 * wait_s, YIELD_MAX_S)
    assert wait_s == YIELD_MAX_S
    assert not bench.outdone(now_s + YIELD_MAX_S - 0.001)
    assert bench.outdone(now_s + FORGIVEN_S + 0.001), "after an hour all is forgiven"
    now_s += FORGIVEN_S + 0.001
    assert not bench.outdone(now_s + YIELD_FIRST_S - 0.001)
    assert bench.outdone(now_s + YIELD_FIRST_S)


def test_each_upstream_has_waits_of_its_own() -> None:
    bench = Bench(9, 5, 5)
    assert bench.outdone(0.0, "up1")
    bench.peers["up1"].promised, bench.peers["up3"].promised = term(5), term(9)
    assert bench.outdone(0.0, "up3")
    assert not bench.outdone(0.0, "up3")


def test_a_claim_in_an_empty_system_is_for_the_first_term() -> None:
    assert Bench(0, 0, 0).votes.above().counter == 1


def test_after_just_an_hour_nothing_is_forgiven_yet() -> None:
    bench = Bench(5, 5, 9)
    assert bench.outdone(0.0) and bench.outdone(YIELD_FIRST_S)
    assert bench.outdone(YIELD_FIRST_S + FORGIVEN_S)
    assert not bench.outdone(YIELD_FIRST_S + FORGIVEN_S + YIELD_FIRST_S)
