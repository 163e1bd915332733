"""A replica's table of refusals, and what is durable before it answers."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.messages import (
    Ack,
    Adopted,
    Append,
    Behind,
    DirectUse,
    DirectUseRefused,
    Entry,
    EntryBody,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    Offer,
    Prepare,
    PreVote,
    PreVoteReply,
    Promise,
    Resign,
    Stage,
    Staged,
    TermRefused,
    encode_body,
)
from appliance.ledger.replica.standing import BAD_REQUEST, HEARS_COORDINATOR, HIGHER_TERM
from appliance.licences.commands import ImportBlockList, Tick, encode_command
from appliance.licences.state import State
from appliance.sim.vendor import (
    FIRM_A,
    SimContainer,
    block_list,
    fake_signature,
)
from appliance.verifier.layouts import entry_root
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    TMR1,
    TMR2,
    Bench,
    adopt,
    append,
    entries,
    only,
    proof,
    served,
    term,
)

# --- promises ---


def test_a_promise_leaves_only_when_it_is_durable() -> None:
    bench = Bench()
    assert bench.tell(Prepare(term(1))) == []
    bench.power_cut()
    assert bench.replica.promised == NO_TERM
    promise = only(bench.ask(Prepare(term(1))), Promise)
    assert (promise.term, promise.vow.adopted, promise.vow.last_index) == (term(1), NO_TERM, 0)
    bench.power_cut()
    assert bench.replica.promised == term(1)


def test_lower_terms_are_refused_by_name_and_change_nothing() -> None:
    bench = served()
    lower = term(4)
    for message in (
        Prepare(lower),
        Stage(lower, ()),
        adopt(lower, LOG[:1]),
        append(lower, LOG, 4),
        Heartbeat(lower, 1, True),
        Fetch(lower, 1, 1000),
    ):
        refusal = only(bench.ask(message), TermRefused)
        assert (refusal.why, refusal.promised) == (HIGHER_TERM, term(5)), message
    assert bench.replica.book.last_index == 3
    assert len(bench.disk.entries) == 3


def test_nobody_claims_for_another_host() -> None:
    bench = Bench()
    refusal = only(bench.ask(Prepare(term(1, "tmr2")), TMR1), TermRefused)
    assert refusal.why == BAD_REQUEST
    assert bench.replica.promised == NO_TERM


def test_a_claim_waits_while_another_host_is_heard() -> None:
    bench = served()
    reply = only(bench.ask(PreVote(1), TMR2), PreVoteReply)
    assert (reply.willing, reply.hears) == (False, "tmr1")
    refusal = only(bench.ask(Prepare(term(6, "tmr2")), TMR2), TermRefused)
    assert (refusal.why, refusal.hears) == (HEARS_COORDINATOR, "tmr1")
    ack = only(bench.ask(Heartbeat(term(5), 1, False, proof(term(5), LOG, 3))), HeartbeatAck)
    assert ack.rival == "tmr2"
    assert bench.tick(0.1) == []
    bench.tick(0.2)
    assert only(bench.sync(), Promise).term == term(6, "tmr2")


def test_a_resignation_lets_the_parked_claim_pass_at_once() -> None:
    bench = served()
    bench.ask(PreVote(3), TMR2)
    assert bench.ask(Resign(term(4)), TMR1) == []
    assert bench.ask(Resign(term(5)), TMR2) == []
    assert only(bench.ask(Resign(term(5)), TMR1), PreVoteReply) == PreVoteReply(
        3, True, term(5), ""
    )


def test_the_host_that_is_heard_is_never_barred() -> None:
    bench = served()
    assert only(bench.ask(PreVote(1), TMR1), PreVoteReply).willing
    assert only(bench.ask(Prepare(term(9))), Promise).term == term(9)


def test_a_repeated_prepare_is_written_once_while_it_waits() -> None:
    bench = Bench()
    bench.tell(Prepare(term(1)))
    bench.tell(Prepare(term(1)))
    assert len(bench.disk.pending) == 1


# --- adopt ---


def test_an_adopt_is_durable_whole_before_it_is_answered() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    message = adopt(term(1), LOG, commit=proof(term(1), LOG, 2))
    assert bench.tell(message) == []
    bench.power_cut()
    assert (bench.replica.book.last_index, bench.replica.adopted) == (0, NO_TERM)
    adopted = only(bench.ask(message), Adopted)
    assert (adopted.last_index, adopted.last_root) == (4, LOG[3].root)
    bench.power_cut()
    assert bench.replica.adopted == term(1)
    assert bench.replica.book.commit_index == 2


def test_a_repeated_adopt_cuts_nothing_that_came_since() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    first = adopt(term(1), LOG[:3])
    bench.ask(first)
    bench.ask(append(term(1), LOG, 4))
    assert only(bench.ask(first), Adopted).last_index == 4
    assert len(bench.disk.entries) == 4


def test_an_adopt_never_cuts_below_the_commit() -> None:
    bench = served()
    bench.ask(Heartbeat(term(5), 1, False, proof(term(5), LOG, 3)))
    bench.ask(Prepare(term(6)))
    other = entries((FOUND,), (Tick(), Tick(), Tick()))
    refusal = only(bench.ask(adopt(term(6), other)), TermRefused)
    assert refusal.why == BAD_REQUEST
    assert bench.replica.book.last_index == 3
    assert bench.replica.adopted == term(5)


def test_an_adopt_with_a_broken_chain_changes_nothing() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    for tail in (
        (LOG[0], LOG[2]),
        (LOG[1],),
        (replace(LOG[0], root=bytes(32)),),
        (replace(LOG[0], body=LOG[1].body),),
    ):
        refusal = only(bench.ask(adopt(term(1), LOG, tail=tail)), TermRefused)
        assert refusal.why == BAD_REQUEST
    assert bench.replica.book.last_index == 0
    assert bench.disk.entries == []


def test_an_adopt_cuts_what_was_not_committed() -> None:
    bench = served()
    other = entries((FOUND,), (Tick(), Tick()), (Tick(),), of=term(2))
    bench.ask(Prepare(term(6)))
    bench.ask(adopt(term(6), other))
    assert [e.root for e in bench.disk.entries] == [e.root for e in other]
    assert bench.replica.book.state.commands_applied == 4


# --- staging ---


def test_staged_entries_count_only_with_their_adopt() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    assert only(bench.ask(Stage(term(1), tuple(LOG[:2]))), Staged).to_index == 2
    assert bench.replica.book.last_index == 0
    assert only(bench.ask(adopt(term(1), LOG, staged_to=2)), Adopted).last_index == 4


def test_a_chunk_after_a_gap_is_left_out_and_said_so() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    assert only(bench.ask(Stage(term(1), (LOG[1],))), Staged).to_index == 0
    assert only(bench.ask(Stage(term(1), (LOG[0],))), Staged).to_index == 1
    assert only(bench.ask(Stage(term(1), (LOG[2],))), Staged).to_index == 1


def test_staged_chunks_of_another_term_are_forgotten() -> None:
    bench = Bench()
    bench.ask(Prepare(term(1)))
    bench.ask(Stage(term(1), tuple(LOG[:2])))
    bench.ask(Prepare(term(2)))
    assert only(bench.ask(Stage(term(2), ())), Staged).to_index == 0
    refusal = only(bench.ask(adopt(term(2), LOG, staged_to=2)), TermRefused)
    assert refusal.why == BAD_REQUEST


def test_who_stages_after_the_adopt_is_told_of_the_adopt() -> None:
    bench = served()
    assert only(bench.ask(Stage(term(5), (LOG[0],))), Adopted).last_index == 3


def test_what_was_staged_before_appends_brought_it_makes_room() -> None:
    """Was a bug: the next chunk never fitted on it, and the upstream stayed behind for ever."""
    bench = Bench()
    bench.serve(term(5), LOG[:1])
    assert only(bench.ask(Stage(term(5), (LOG[1],))), Staged).to_index == 2
    for index in (2, 3):
        bench.ask(append(term(5), LOG, index))
    assert only(bench.ask(Stage(term(5), (LOG[3],))), Staged).to_index == 4


# --- appends ---


def test_an_append_is_acked_when_it_is_durable() -> None:
    bench = served()
    assert bench.tell(append(term(5), LOG, 4)) == []
    assert bench.tell(append(term(5), LOG, 4)) == []
    ack = only(bench.sync(), Ack)
    assert (ack.term, ack.index, ack.root) == (term(5), 4, LOG[3].root)
    assert only(bench.ask(append(term(5), LOG, 4)), Ack).endorsement == ack.endorsement


def test_an_append_that_does_not_fit_is_answered_by_where_the_log_ends() -> None:
    bench = Bench()
    bench.serve(term(5), LOG[:2])
    behind = only(bench.ask(append(term(5), LOG, 4)), Behind)
    assert (behind.last_index, behind.last_root) == (2, LOG[1].root)
    wrong = replace(append(term(5), LOG, 3), previous_root=bytes(32))
    assert only(bench.ask(wrong), Behind).last_index == 2


def test_an_append_needs_the_adopt_of_its_term() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    assert only(bench.ask(append(term(6), LOG, 4)), TermRefused).why == HIGHER_TERM


def test_another_entry_at_a_known_index_is_refused() -> None:
    bench = served()
    other = entries((FOUND,), (Tick(),), (Tick(),))
    assert only(bench.ask(append(term(5), other, 3)), TermRefused).why == BAD_REQUEST


@pytest.mark.parametrize(
    "commit",
    [
        None,
        proof(term(5), LOG, 3, "up2"),
        proof(term(5), LOG, 3, "up2", "up2"),
        replace(proof(term(5), LOG, 3), index=2),
        replace(proof(term(5), LOG, 3), term=term(4)),
        replace(proof(term(5), LOG, 3), digest=b"x"),
        proof(term(5), LOG, 4),
        proof(term(5), entries((FOUND,), (Tick(),), (Tick(),)), 3),
    ],
)
def test_nothing_is_committed_without_a_proof_of_it(commit: CommitProof | None) -> None:
    bench = served()
    assert only(bench.ask(Heartbeat(term(5), 1, False, commit)), HeartbeatAck).commit_index == 0
    assert bench.replica.book.commit_index == 0


def test_a_proof_commits_and_is_kept() -> None:
    bench = served()
    commit = proof(term(5), LOG, 3)
    assert only(bench.ask(Heartbeat(term(5), 1, False, commit)), HeartbeatAck).commit_index == 3
    bench.ask(Prepare(term(6)))
    bench.power_cut()
    assert bench.replica.book.commit_index == 3
    assert only(bench.ask(Prepare(term(7))), Promise).commit == commit


# --- what is endorsed ---


DEEP = b"\x91" * 100_000 + b"\xc0"
"""An array in an array in an array…: Python's stack ends before it does."""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        DEEP,
        b"\x94\x00\x90\x90" + DEEP,
    ],
    ids=range(4),
)
def test_an_entry_that_cannot_be_read_is_refused_and_leaves_no_trace(body: bytes) -> None:
    bench = served()
    before = bench.replica.book.state.fingerprint()
    broken = Entry(4, term(5), entry_root(LOG[2].root, 4, body), body)
    message = replace(append(term(5), LOG, 4), entry=broken)
    assert only(bench.ask(message), TermRefused).why == BAD_REQUEST
    assert bench.replica.book.last_index == 3
    assert bench.replica.book.state.fingerprint() == before


@pytest.mark.parametrize("data", [b"\x00", b"\xa1\xff", b"\x92\xa4Tick" + DEEP, b""], ids=range(4))
def test_a_command_that_nobody_knows_has_no_effect_and_keeps_nobody_waiting(data: bytes) -> None:
    bench = served()
    before = bench.replica.book.state
    leases, rules = dict(before.leases), before.rules
    body = encode_body(EntryBody(0, (), (data,)))
    entry = Entry(4, term(5), entry_root(LOG[2].root, 4, body), body)
    assert only(bench.ask(replace(append(term(5), LOG, 4), entry=entry)), Ack).index == 4
    assert (bench.replica.book.state.leases, bench.replica.book.state.rules) == (leases, rules)


def test_only_live_entries_are_endorsed() -> None:
    bench = served()
    message = replace(append(term(5), LOG, 4), live=False)
    assert only(bench.ask(message), Ack).endorsement is None


# --- log time ---


def timed(log_time_ms: int, *times: TimeStatement) -> Any:
    """The append of an entry that moves log time."""
    body = encode_body(EntryBody(log_time_ms, times, (encode_command(Tick()),)))
    entry = Entry(4, term(5), entry_root(LOG[2].root, 4, body), body)
    return replace(append(term(5), LOG, 4), entry=entry)


def stated(serial: str, ms: int, signer: str = "") -> TimeStatement:
    """A container's word for its time."""
    signature = fake_signature((signer or serial).encode(), time_bytes(serial, ms))
    return TimeStatement(serial, ms, signature)


@pytest.mark.parametrize(
    "times",
    [
        (),
        (stated("130-1", 5_000),),
        (stated("130-1", 5_000), stated("130-1", 5_000)),
        (stated("130-1", 5_000), stated("130-9", 5_000)),
        (stated("130-1", 5_000), stated("130-2", 5_000, signer="130-1")),
    ],
)
def test_log_time_moves_only_by_two_containers_signatures(times: tuple[TimeStatement, ...]) -> None:
    refusal = only(served().ask(timed(5_000, *times)), TermRefused)
    assert refusal.why == BAD_REQUEST


# --- the rest ---


def test_direct_use_is_always_refused() -> None:
    bench = Bench()
    assert "TMR servers" in only(bench.ask(DirectUse(10, 1)), DirectUseRefused).detail
    bench.container.block_list = block_list(1, {"130-1": "Stolen"})
    assert "blocked" in only(bench.ask(DirectUse(10, 1)), DirectUseRefused).detail


@pytest.mark.parametrize("message", [Staged(term(1), 1, 0), Offer(b"x"), Resign(term(1))])
def test_answers_are_no_requests(message: Any) -> None:
    answers = Bench().ask(message)
    assert answers == [] or only(answers, TermRefused).why == BAD_REQUEST


@pytest.mark.parametrize("knows", ["container", "ledger"])
def test_a_locked_container_endorses_nothing_and_states_no_time(knows: str) -> None:
    """It is what a thief has: a hijacked TMR host would show its word to clients."""
    bench = served()
    bench.container.issue(FIRM_A, ())
    update = bench.container.news_for(State())
    assert update is not None
    blocks = block_list(1, {bench.container.serial: "Stolen"})
    more = (ImportBlockList(blocks.data, "up1"),) if knows == "ledger" else (Tick(),)
    log = entries((FOUND,), (update,), (Tick(),), more, (Tick(),))
    bench.serve(term(6), log[:3])
    endorsed = only(bench.ask(append(term(6), log, 4)), Ack).endorsement
    assert (endorsed is None) is (knows == "ledger"), "the list itself is in this entry"
    if knows == "container":
        bench.container.block_list = blocks
    ack = only(bench.ask(append(term(6), log, 5)), Ack)
    assert ack.endorsement is None
    assert ack.voice.store == bench.disk.store.id, "it goes on storing"
    assert only(bench.ask(Heartbeat(term(6), 1, True)), HeartbeatAck).time is None


def test_a_locked_containers_time_counts_for_nothing() -> None:
    """Two signed times move log time, unless one is of a container that the ledger locked."""
    for locked in ({}, {"130-2": "Stolen"}):
        updates = []
        for twin in (1, 2):
            container = SimContainer(twin)
            container.issue(FIRM_A, ())
            update = container.news_for(State())
            assert update is not None
            updates.append(update)
        listed = ImportBlockList(block_list(1, locked).data, "up1")
        log = entries((FOUND, *updates), (listed,))
        times = (stated("130-1", 5_000), stated("130-2", 5_000))
        body = encode_body(EntryBody(5_000, times, (encode_command(Tick()),)))
        entry = Entry(3, term(5), entry_root(log[-1].root, 3, body), body)
        for message in (
            Append(term(5), entry, log[-1].root, True),
            adopt(term(6), [*log, entry]),
        ):
            bench = Bench()
            bench.serve(term(5), log)
            bench.ask(Prepare(message.term))
            answer = bench.ask(message)
            refused = [one for one in answer if isinstance(one, TermRefused)]
            assert len(refused) == len(locked)
            assert bench.replica.book.log_time_ms == (0 if locked else 5_000)
