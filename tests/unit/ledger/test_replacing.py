"""A replica that is asked to replace a store."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import vow_bytes
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.messages import (
    CONSENTS_MAX,
    Ack,
    Adopt,
    Adopted,
    Entry,
    Heartbeat,
    HeartbeatAck,
    Prepare,
    Promise,
    TermRefused,
)
from appliance.ledger.replica.standing import BAD_REQUEST
from appliance.licences.commands import Replace, Tick
from appliance.sim.disk import Disk
from appliance.sim.vendor import UPSTREAMS, SimStore
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    Bench,
    adopt,
    adopted,
    append,
    entries,
    only,
    served,
    term,
    vow,
)

REPLACED = (Replace("up1", b"new", "o", "w"),)


def replacing(place: str) -> list[Entry]:
    """A log that replaces the store at this place."""
    return entries((FOUND,), (Tick(),), (Tick(), Tick()), (Replace(place, b"new", "o", "w"),))


def test_a_replacement_needs_an_operators_word_on_each_remaining_host() -> None:
    bench = served()
    message = append(term(5), replacing("up3"), 4)
    for attempt in (message, replace(message, live=False)):
        assert only(bench.ask(attempt), TermRefused).why == BAD_REQUEST
    on = replace(adopt(term(5), replacing("up3"), cut=3), vows=())
    assert only(bench.ask(on), TermRefused).why == BAD_REQUEST
    assert adopted(bench) == (term(5), 3)
    bench.consent(b"new")
    bench.sync()
    assert only(bench.ask(Heartbeat(term(5), 1, False)), HeartbeatAck).consents == (b"new",)
    assert only(bench.ask(message), Ack).index == 4
    assert bench.replica.book.state.membership.pending is not None


def test_the_store_to_be_replaced_is_asked_as_well() -> None:
    """Was a bug: it stored what a hijacked host made up, and its log was chosen for ever (seed 54).

    A new store, which has no vote yet, is not asked: it gets the log as it is.
    """
    bench = served()
    refused = only(bench.ask(append(term(5), replacing("up1"), 4)), TermRefused)
    assert "no operator" in refused.detail
    bench.consent(b"new")
    bench.sync()
    assert only(bench.ask(append(term(5), replacing("up1"), 4)), Ack).endorsement is None
    assert not bench.replica.votes
    new = Bench(Disk(SimStore(b"store-empty")))
    new.serve(term(5), LOG[:3])
    assert only(new.ask(append(term(5), replacing("up1"), 4)), Ack).index == 4


STEPS = 5


@pytest.mark.parametrize("cut_after", range(STEPS + 1))
def test_a_word_once_told_on_outlives_a_power_cut_at_every_step(cut_after: int) -> None:
    """The entry may be stored by the other upstream only, and come here in an adopt."""
    bench = served()
    log = replacing("up3")
    told: list[bytes] = []

    def beat() -> None:
        told.extend(only(bench.ask(Heartbeat(term(5), 1, False)), HeartbeatAck).consents)

    steps = (
        lambda: bench.consent(b"new"),
        lambda: told.extend(only(bench.tell(Heartbeat(term(5), 1, False)), HeartbeatAck).consents),
        bench.sync,
        beat,
        lambda: bench.tell(append(term(5), log, 4)),
    )
    assert len(steps) == STEPS
    for step in steps[:cut_after]:
        step()
    assert told == ([b"new"] if cut_after > 3 else []), "it is told on when it is durable"
    bench.power_cut()
    bench.ask(Prepare(term(6)))
    vows = tuple(vow(term(6), log, name) for name in ("up1", "up2"))
    answer = bench.ask(adopt(term(6), log, vows=vows))
    if cut_after < 3:
        assert "no operator" in only(answer, TermRefused).detail
    else:
        assert only(answer, Adopted).last_index == 4


def test_words_are_kept_once_each_and_have_a_bound() -> None:
    bench = served()

    def consents() -> tuple[bytes, ...]:
        return tuple(only(bench.ask(Heartbeat(term(5), 1, False)), HeartbeatAck).consents)

    assert bench.consent(b"new")
    bench.sync()
    assert not bench.consent(b"new"), "it is durable already"
    for number in range(2 * CONSENTS_MAX):
        bench.consent(bytes([number]))
    bench.sync()
    assert consents() == tuple(bytes([n]) for n in range(CONSENTS_MAX, 2 * CONSENTS_MAX))
    bench.power_cut()
    bench.ask(Prepare(term(6)))
    bench.ask(adopt(term(6), LOG))
    kept = only(bench.ask(Heartbeat(term(6), 1, False)), HeartbeatAck).consents
    assert len(kept) == CONSENTS_MAX


def test_a_founding_brings_no_replacement_along() -> None:
    """Was a bug: an upstream that had missed the founding stored both in one adopt (seed 138)."""
    bench = Bench()
    bench.ask(Prepare(term(5)))
    log = replacing("up3")
    vows = tuple(vow(term(5), log, name) for name in ("up1", "up2"))
    assert "no operator" in only(bench.ask(adopt(term(5), log, vows=vows)), TermRefused).detail
    assert adopted(bench) == (NO_TERM, 0)


def test_what_only_a_store_without_a_vote_holds_is_not_chosen() -> None:
    """It went on alone for an entry, and each upstream refused the log that ended with it: nobody
    was served for ever (seed 700022)."""
    claimant = Claimant()
    new = SimStore(b"new store of up2")
    mine = replace(vow(claimant.term, LOG, "up2", adopted=term(5)), store=new.id)
    mine = replace(mine, signature=new.sign(vow_bytes(mine)))
    grounds = tuple(vow(term(5), LOG, name) for name in UPSTREAMS)
    claimant.says("up2", Promise(claimant.term, mine, grounds, None, None, 0))
    for name in ("up1", "up3"):
        claimant.promises(name, LOG[:3], None)
    claimant.gives("up2", LOG)
    claimant.wait(0.1)
    claimant.gives("up3", LOG[:3])
    for name in ("up1", "up2", "up3"):
        assert claimant.last(name, Adopt).last_index == 3
    assert claimant.disputed == [], "nobody lied"


def test_an_empty_store_is_not_given_a_vote_and_replaced_at_once() -> None:
    """A hijacked host made up both for a store that had missed the founding; the others' log was
    never chosen again (malicious seed 801373)."""
    bench = Bench()
    bench.ask(Prepare(term(6)))
    log = [*LOG[:3], entries((FOUND,), (Tick(),), (Tick(), Tick()), REPLACED, of=term(6))[3]]
    vows = tuple(vow(term(6), LOG[:3], name) for name in ("up2", "up3"))
    refused = only(bench.ask(adopt(term(6), log, vows=vows)), TermRefused)
    assert refused.detail == "nothing proves that this store was replaced"
    only(bench.ask(adopt(term(6), LOG[:3], vows=vows)), Adopted)
