"""The holes that a lying host of five found in the simulator, each by itself (design D3).

Every test here failed before the rule that it names was there.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.details import Detail
from appliance.ledger.certificates.proofs import (
    CONFLICT,
    NOT_FOUNDED,
    CommitProof,
    Voice,
    ack_bytes,
    vow_bytes,
)
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.leader.phases import ADOPTING_LOG
from appliance.ledger.messages import (
    Ack,
    Adopt,
    Adopted,
    Entries,
    Entry,
    EntryBody,
    Heartbeat,
    Prepare,
    Staged,
    TermRefused,
    encode_body,
)
from appliance.ledger.replica.standing import BAD_REQUEST
from appliance.licences.commands import Found, Operate, Replace, Tick, encode_command
from appliance.sim.vendor import UPSTREAMS, SimStore
from appliance.verifier.layouts import entry_root
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.world import (
    LOG,
    STORES,
    SYSTEM_MS,
    TMR2,
    Bench,
    adopt,
    adopted,
    append,
    entries,
    fingerprint,
    only,
    proof,
    served,
    term,
    vow,
)


def with_entry(log: list[Entry], *commands: Any, log_time_ms: int = 0) -> list[Entry]:
    """This log and one entry more."""
    body = encode_body(EntryBody(log_time_ms, (), tuple(encode_command(c) for c in commands)))
    index, root = len(log) + 1, log[-1].root
    return [*log, Entry(index, log[-1].term, entry_root(root, index, body), body)]


# --- what an upstream is asked to adopt ---


@pytest.mark.parametrize("vows", [None, ()])
def test_an_adopt_moves_log_time_no_further_than_an_append(vows: Any) -> None:
    bench = served()
    pushed = with_entry(LOG[:3], Tick(), log_time_ms=SYSTEM_MS)
    before = fingerprint(bench.replica.book)
    if vows is None:
        bench.ask(Prepare(term(6)))
        message = adopt(term(6), pushed)
    else:
        message = replace(adopt(term(5), pushed, cut=3), vows=())
    assert "log time" in only(bench.ask(message), TermRefused).detail
    assert fingerprint(bench.replica.book) == before
    bench.power_cut()
    assert fingerprint(bench.replica.book) == before


def test_log_time_that_two_stores_stored_is_not_judged_anew_in_an_adopt() -> None:
    """They judged it when it came; the clocks may say something else by now."""
    pushed = with_entry(LOG[:3], Tick(), log_time_ms=SYSTEM_MS)
    for index, taken in ((4, True), (3, False)):
        bench = served()
        bench.ask(Prepare(term(6)))
        answers = bench.ask(adopt(term(6), pushed, commit=proof(term(1), pushed, index)))
        assert isinstance(answers[-1], Adopted) is taken
        assert bench.replica.book.log_time_ms == (SYSTEM_MS if taken else 0)


def test_an_adopt_that_replaces_a_store_needs_an_operators_word() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    log = with_entry(LOG[:3], Replace("up3", b"new", "o", "w"))
    message = adopt(term(6), log, vows=tuple(vow(term(6), log, name) for name in ("up1", "up2")))
    assert "no operator" in only(bench.ask(message), TermRefused).detail
    bench.consent(b"new")
    bench.sync()
    assert only(bench.ask(message), Adopted).last_index == 4


def test_an_empty_log_is_adopted_with_all_three_votes_only() -> None:
    """A hijacked host gave an upstream that had missed the founding a ledger of its own."""
    stores = [SimStore(b"a"), SimStore(b"b")]

    def empty(of: Term, *names: str, by: tuple[SimStore, ...] = ()) -> Adopt:
        vows = [vow(of, [], name) for name in names]
        for store in by:
            false = replace(vows[0], store=store.id)
            vows.append(replace(false, signature=store.sign(vow_bytes(false))))
        return adopt(of, [], vows=tuple(vows))

    bench = Bench()
    bench.ask(Prepare(term(5)))
    for message in (
        empty(term(5)),
        empty(term(5), "up1", "up2"),
        empty(term(5), "up1", "up2", "up2"),
        empty(term(5), "up2", by=tuple(stores)),
        adopt(term(5), [], vows=tuple(vow(term(5), LOG[:1], name) for name in UPSTREAMS)),
    ):
        assert only(bench.ask(message), TermRefused).detail == NOT_FOUNDED
    assert adopted(bench) == (NO_TERM, 0)
    assert only(bench.ask(empty(term(5), *UPSTREAMS)), Adopted).last_index == 0


def test_a_name_in_a_proof_is_no_signature() -> None:
    """A hijacked host added an upstream's name to a true proof: it took itself for damaged."""
    bench = served()
    true = proof(term(5), LOG, 4)
    named = replace(true, voices=(*true.voices, Voice(STORES["up1"].id, b"no signature")))
    bench.ask(Heartbeat(term(5), 1, False, named))
    assert not bench.replica.damage
    assert only(bench.ask(append(term(5), LOG, 4)), Ack).index == 4


# --- what a coordinator believes ---


FORK = with_entry(LOG[:1], Operate("switchover", "tmr2", "w", "y"))
COMMITTED = proof(term(5), LOG, 3)


def test_the_adopt_carries_the_newest_proof_that_a_promise_showed() -> None:
    """Without it an upstream with a fork below that proof never came back (seeds 93 and 209)."""
    claimant = Claimant()
    claimant.promises("up2", LOG, COMMITTED)
    claimant.promises("up3", FORK, None)
    claimant.promises("up1", LOG, COMMITTED)
    claimant.gives(claimant.holder(), LOG)
    assert claimant.core.phase == ADOPTING_LOG
    message = claimant.last("up3", Adopt)
    assert message.commit == COMMITTED

    bench = Bench()
    bench.serve(term(5), FORK)
    bench.tick(1.0)  # tmr1 is not heard any more.
    bench.ask(Prepare(claimant.term), TMR2)
    message = replace(message, vows=message.vows[:2])
    assert only(bench.ask(replace(message, commit=None), TMR2), TermRefused).detail == CONFLICT
    assert only(bench.ask(message, TMR2), Adopted).last_index == 4


def test_two_that_agree_win_over_a_longer_log_of_one() -> None:
    """With all three promises there is nobody left to wait for: the odd one is passed over."""
    claimant = Claimant()
    longer = with_entry(with_entry(LOG[:3], Tick(), Tick()), Tick())
    claimant.promises("up1", LOG, COMMITTED)
    claimant.promises("up2", longer, COMMITTED)
    claimant.promises("up3", LOG, COMMITTED)
    assert claimant.holder() == "up2"
    claimant.gives("up2", longer)
    assert claimant.holder() != "up2"
    claimant.says(claimant.holder(), Entries(4, tuple(LOG[3:]), 0, 4, None))
    assert claimant.core.phase == ADOPTING_LOG
    assert claimant.last("up2", Adopt).last_root == LOG[-1].root


def test_who_lost_what_it_signed_is_no_witness() -> None:
    """up1 acked entry 4 and lacks it now: whatever else it lost, it cannot say."""
    claimant = Claimant()
    claimant.promises("up3", LOG, proof(term(5), LOG, 4, "up1", "up3"))
    claimant.promises("up1", LOG[:3], COMMITTED)
    claimant.wait(0.4)
    assert claimant.holder() == "up3"
    claimant.gives("up3", LOG)
    assert claimant.core.phase != ADOPTING_LOG
    claimant.promises("up2", LOG[:3], COMMITTED)
    assert claimant.core.phase == ADOPTING_LOG
    vows = claimant.last("up2", Adopt).vows
    assert {vow.store for vow in vows} == {STORES["up2"].id, STORES["up3"].id}


def test_who_is_outranked_while_its_log_is_read_is_no_liar() -> None:
    claimant = Claimant()
    claimant.promises("up1", LOG[:2], None)
    claimant.promises("up3", LOG[:3], None)
    claimant.wait(0.4)
    assert claimant.holder() == "up3"
    claimant.promises("up2", LOG, None)
    claimant.gives("up3", LOG[:3])
    assert claimant.holder() == "up2"
    claimant.gives("up2", LOG)
    assert claimant.core.phase == ADOPTING_LOG
    assert claimant.disputed == []


def test_proofs_by_stores_that_only_the_read_log_lists_prove_nothing() -> None:
    mine = {name: SimStore(f"mine-{name}".encode()) for name in UPSTREAMS}
    listed = {**{name: store.id for name, store in mine.items()}, "up3": STORES["up3"].id}
    log = entries((Found(b"M" * 16, "131-2", tuple(listed.items())),), (Tick(),), (Tick(),))
    data = ack_bytes(term(9), 3, log[-1].root, b"")
    voices = tuple(Voice(mine[name].id, mine[name].sign(data)) for name in ("up1", "up2"))
    own = Voice(STORES["up3"].id, STORES["up3"].sign(data))
    for shown in (voices, (voices[0], own)):
        claimant = Claimant()
        claimant.promises("up3", log, CommitProof(term(9), 3, log[-1].root, b"", shown), term(9))
        claimant.promises("up1", LOG, COMMITTED)
        claimant.promises("up2", LOG, COMMITTED)
        claimant.gives("up3", log)
        assert claimant.core.book.commit_index == 0


def test_what_is_refused_and_staged_again_is_no_progress() -> None:
    """An upstream that refused its adopt was fed for ever, in a term that led nowhere."""
    claimant = Claimant()
    claimant.promises("up1", LOG, None)
    claimant.promises("up2", LOG, None)
    claimant.wait(0.3)
    claimant.gives(claimant.holder(), LOG)
    assert claimant.core.phase == ADOPTING_LOG
    mine = claimant.term
    for _ in range(40):
        claimant.wait(0.1)
        if claimant.core.term != mine:
            break
        claimant.says("up1", Staged(mine, 4, 0))
        claimant.says("up1", TermRefused(mine, BAD_REQUEST, mine, "", Detail.of("no")))
        claimant.promises("up1", LOG, None)
    assert claimant.core.term != mine
