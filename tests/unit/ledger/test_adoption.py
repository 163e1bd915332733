"""An adopt by itself: what is put aside for it, what it writes, and why it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import (
    NOT_FOUNDED,
    CommitProof,
    Voice,
    ack_bytes,
    encode_proof,
    vow_bytes,
)
from appliance.ledger.effects import Write
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import (
    Ack,
    Adopted,
    Entry,
    EntryBody,
    Prepare,
    Stage,
    Staged,
    StageSnapshot,
    TermRefused,
    encode_body,
)
from appliance.ledger.replica import adoption
from appliance.ledger.replica.standing import BAD_REQUEST, HIGHER_TERM
from appliance.licences.commands import Replace, Replaced, Tick
from appliance.sim.vendor import UPSTREAMS
from appliance.verifier.layouts import entry_root
from tests.unit.ledger.test_snapshots import LONG, sealed_at
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    STORES,
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

FOUR, FIVE, SIX = term(4), term(5), term(6)
OTHER = entries((FOUND,), (Tick(), Tick()), (Tick(),), of=FIVE)


def claimed(bench: Bench | None = None, of: Term = SIX) -> Bench:
    """It has three entries of term 5, and promised the next."""
    bench = bench or served()
    bench.ask(Prepare(of))
    return bench


def refused(bench: Bench, message: Any, detail: str, why: str = BAD_REQUEST) -> None:
    """It is refused with just these words, and nothing changes."""
    before = fingerprint(bench.replica.book), adopted(bench)
    promised = bench.replica.promised
    got = only(bench.ask(message), TermRefused)
    assert (got.term, got.why, got.promised, got.hears) == (message.term, why, promised, "")
    assert got.detail == detail
    assert (fingerprint(bench.replica.book), adopted(bench)) == before


def voice_of_up1(of: Term, log: list[Entry]) -> Voice:
    data = ack_bytes(of, len(log), log[-1].root, b"")
    return Voice(STORES["up1"].id, STORES["up1"].sign(data))


# --- what is put aside ---


def test_only_the_term_that_was_promised_last_stages_and_adopts() -> None:
    bench = claimed()
    sealed, chunks = sealed_at(4)
    for of in (FOUR, FIVE, term(7)):
        for message in (
            Stage(of, (LOG[3],)),
            adopt(of, LOG),
            StageSnapshot(of, sealed.head, 0, chunks[0]),
        ):
            refused(bench, message, "", HIGHER_TERM)


def test_what_is_put_aside_follows_on_the_commit_or_on_the_log_of_this_term() -> None:
    bench = claimed()
    assert bench.ask(Stage(SIX, tuple(LOG[1:]))) == [Staged(SIX, 0, 0)]
    assert bench.ask(Stage(SIX, tuple(LOG[:2]))) == [Staged(SIX, 2, 0)]
    assert bench.ask(Stage(SIX, (LOG[1], LOG[2]))) == [Staged(SIX, 3, 0)], "what it has comes twice"
    assert bench.ask(Stage(SIX, ())) == [Staged(SIX, 3, 0)]
    bench = served()
    assert bench.ask(Stage(FIVE, (LOG[3],))) == [Staged(FIVE, 4, 0)], "on the log of its own term"
    # Whoever stages what is in that log believes an older vow.
    told = Adopted(FIVE, 3, LOG[2].root, voice_of_up1(FIVE, LOG[:3]))
    assert bench.ask(Stage(FIVE, (LOG[2],))) == [told]
    assert bench.ask(Stage(FIVE, ())) == [told]


def test_what_is_put_aside_has_a_bound_and_is_then_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "STAGE_BYTES_MAX", LOG[0].held_bytes + LOG[1].held_bytes)
    bench = claimed()
    assert bench.ask(Stage(SIX, (LOG[0],))) == [Staged(SIX, 1, 0)]
    assert bench.ask(Stage(SIX, (LOG[1],))) == [Staged(SIX, 2, 0)]
    refused(bench, Stage(SIX, (LOG[2],)), "too much to keep aside")
    assert bench.ask(Stage(SIX, ())) == [Staged(SIX, 0, 0)]
    assert bench.ask(Stage(SIX, tuple(LOG[:2]))) == [Staged(SIX, 2, 0)], "it is counted anew"


def test_what_another_term_or_an_adopt_left_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "STAGE_BYTES_MAX", sum(e.held_bytes for e in LOG))
    bench = claimed()
    bench.ask(Stage(SIX, tuple(LOG)))
    bench.ask(Prepare(term(7)))
    assert bench.ask(Stage(term(7), tuple(LOG))) == [Staged(term(7), 4, 0)]
    bench.ask(adopt(term(7), OTHER))
    bench.ask(Prepare(term(8)))
    assert bench.ask(Stage(term(8), tuple(LOG))) == [Staged(term(8), 4, 0)]


def test_what_was_put_aside_for_an_older_term_is_not_used() -> None:
    bench = claimed()
    bench.ask(Stage(SIX, tuple(LOG)))
    bench.ask(Prepare(term(7)))
    message = adopt(term(7), LOG, cut=2, staged_to=4)
    refused(bench, message, "the log ends at 2, not as announced at 4")


def test_what_appends_brought_meanwhile_counts_as_aside_and_no_gap_changes_that() -> None:
    bench = served()
    bench.ask(Stage(FIVE, (LOG[3],)))
    only(bench.ask(append(FIVE, LOG, 4)), Ack)
    beyond = chained(LOG[3], 2)
    assert bench.ask(Stage(FIVE, (beyond[1],))) == [Staged(FIVE, 4, 0)]
    assert bench.ask(Stage(FIVE, tuple(beyond))) == [Staged(FIVE, 6, 0)]


def test_whoever_began_a_ledger_with_an_empty_log_stages_on_it() -> None:
    bench = Bench()
    bench.ask(Prepare(SIX))
    bench.ask(adopt(SIX, [], vows=tuple(vow(SIX, [], name) for name in UPSTREAMS)))
    told = only(bench.ask(Stage(SIX, ())), Adopted)
    assert (told.term, told.last_index) == (SIX, 0)
    assert bench.ask(Stage(SIX, (LOG[0],))) == [Staged(SIX, 1, 0)]


def test_an_adopt_takes_of_what_is_aside_only_what_it_names() -> None:
    bench = claimed()
    bench.ask(Stage(SIX, tuple(LOG)))
    shorter = adopt(SIX, LOG[:3], cut=1, staged_to=3)
    only(bench.ask(shorter), Adopted)
    assert [entry.root for entry in bench.disk.entries] == [entry.root for entry in LOG[:3]]


# --- what it answers and writes ---


def test_an_adopt_is_answered_with_a_signature_once_it_is_durable() -> None:
    bench = claimed()
    message = adopt(SIX, LOG, cut=2)
    assert bench.tell(message) == []
    assert bench.tell(message) == [], "its own answer waits for its write"
    (write,) = bench.disk.pending
    assert isinstance(write, Write)
    assert (write.adopted, write.cut_to, write.append) == (SIX, 2, tuple(LOG[2:]))
    told = Adopted(SIX, 4, LOG[3].root, voice_of_up1(SIX, LOG))
    assert bench.sync() == [told]
    assert bench.ask(message) == [told], "said again"
    assert bench.replica.adopted == SIX


def test_an_adopt_that_lengthens_changes_no_term() -> None:
    bench = served()
    longer = replace(adopt(FIVE, LOG, cut=3), vows=())
    bench.tell(longer)
    (write,) = bench.disk.pending
    assert isinstance(write, Write)
    assert (write.adopted, write.cut_to, write.append) == (None, 3, (LOG[3],))
    assert bench.sync() == [Adopted(FIVE, 4, LOG[3].root, voice_of_up1(FIVE, LOG))]


def test_an_adopt_of_its_term_that_lengthens_nothing_is_answered_and_does_nothing() -> None:
    bench = served()
    told = Adopted(FIVE, 3, LOG[2].root, voice_of_up1(FIVE, LOG[:3]))
    for message in (
        replace(adopt(FIVE, LOG, cut=2), vows=()),  # It would cut.
        adopt(FIVE, LOG, cut=3),  # It has vows.
    ):
        assert bench.ask(message) == [told]
        assert adopted(bench) == (FIVE, 3)


def test_the_proof_that_comes_with_an_adopt_is_learnt() -> None:
    bench = claimed()
    shown = proof(FIVE, LOG, 3)
    only(bench.ask(adopt(SIX, LOG, commit=shown)), Adopted)
    assert bench.replica.book.commit_index == 3


# --- why it is refused ---


def test_a_log_that_is_not_whole_is_refused_by_name() -> None:
    bench = claimed()
    whole = adopt(SIX, LOG, cut=2)
    for change, detail in (
        ({"cut_root": LOG[0].root}, "no common entry 2"),
        ({"tail": tuple(LOG[3:])}, "entry 4 does not follow on 2"),
        ({"tail": (LOG[2],)}, "the log ends at 3, not as announced at 4"),
        ({"last_root": LOG[0].root}, "the log ends at 4, not as announced at 4"),
        ({"cut_index": 4, "cut_root": LOG[3].root, "tail": ()}, "no common entry 4"),
        ({"tail": (), "last_root": LOG[1].root}, "the log ends at 2, not as announced at 4"),
    ):
        refused(bench, replace(whole, **change), detail)
    only(bench.ask(whole), Adopted)


def test_entries_after_the_longest_log_that_was_vowed_have_to_be_of_this_term() -> None:
    vows = tuple(vow(SIX, LOG[:3], name) for name in ("up2", "up3"))
    bench = claimed()
    refused(bench, adopt(SIX, LOG, vows=vows), "entries after 3 that no vow speaks of")
    mine = entries((FOUND,), (Tick(),), (Tick(), Tick()), (Tick(),), of=SIX)
    log = [*LOG[:3], mine[3]]
    assert only(bench.ask(adopt(SIX, log, vows=vows)), Adopted).last_index == 4


def test_the_longest_of_the_best_vows_counts() -> None:
    bench = claimed()
    vows = (vow(SIX, LOG[:2], "up2"), vow(SIX, LOG[:3], "up3"))
    assert only(bench.ask(adopt(SIX, LOG[:3], vows=vows)), Adopted).last_index == 3


def test_an_empty_log_is_adopted_with_three_empty_stores_only() -> None:
    """Its own vow is among them, and each is for this term."""
    bench = Bench()
    bench.ask(Prepare(SIX))
    vows = [vow(SIX, [], name) for name in UPSTREAMS]
    for shown in (
        vows[:2],
        vows[1:],
        [*vows[:2], vow(FIVE, [], "up3")],
        [*vows[:2], vow(SIX, LOG[:1], "up3")],
        [*vows[:2], replace(vows[2], signature=b"")],
    ):
        refused(bench, adopt(SIX, [], vows=tuple(shown)), NOT_FOUNDED)
    only(bench.ask(adopt(SIX, [], vows=tuple(vows))), Adopted)
    assert adopted(bench) == (SIX, 0)


def test_a_log_without_a_founding_is_none() -> None:
    bench = Bench()
    bench.ask(Prepare(SIX))
    log = entries((Tick(),))
    vows = tuple(vow(SIX, log, name) for name in UPSTREAMS)
    refused(bench, adopt(SIX, log, vows=vows), "a log that nobody founded")
    bench = claimed()
    empty = tuple(vow(SIX, [], name) for name in UPSTREAMS)
    refused(bench, adopt(SIX, [], vows=empty), "a log that nobody founded")


# --- a store that is replaced by the log ---


def leaving(to: str = "up1") -> list[Entry]:
    """A log in which this store's place is taken: asked for in entry 4, proven in entry 5."""
    asked = Replace(to, b"new", "olga", "disk")
    batches: list[Any] = [(FOUND,), (Tick(),), (Tick(), Tick()), (asked,)]
    remaining = [name for name in UPSTREAMS if name != to]
    shown = encode_proof(proof(FIVE, entries(*batches, of=FIVE), 4, *remaining))
    return entries(*batches, (Replaced(shown),), (Tick(),), of=FIVE)


@pytest.mark.parametrize(
    ("upto", "proven", "taken"),
    [(4, 0, False), (4, 3, False), (4, 4, True), (6, 4, False), (6, 5, True), (6, 6, True)],
)
def test_a_store_leaves_only_by_what_two_others_stored(upto: int, proven: int, taken: bool) -> None:
    bench = claimed()
    bench.consent(b"new")
    bench.sync()
    log = leaving()[:upto]
    vows = tuple(vow(SIX, log, name) for name in ("up2", "up3"))
    shown: CommitProof | None = proof(FIVE, log, proven) if proven else None
    message = adopt(SIX, log, vows=vows, commit=shown)
    if taken:
        assert only(bench.ask(message), Adopted).last_index == upto
        assert not bench.replica.votes
    else:
        refused(bench, message, "nothing proves that this store was replaced")


def test_a_proof_of_another_log_lets_no_store_leave() -> None:
    bench = claimed()
    bench.consent(b"new")
    bench.sync()
    log = leaving()[:4]
    vows = tuple(vow(SIX, log, name) for name in ("up2", "up3"))
    for shown in (proof(FIVE, LOG, 4), replace(proof(FIVE, log, 4), voices=())):
        message = adopt(SIX, log, vows=vows, commit=shown)
        refused(bench, message, "nothing proves that this store was replaced")


def test_without_an_operators_word_no_replacement_is_adopted() -> None:
    bench = claimed()
    log = leaving("up3")[:4]
    message = adopt(SIX, log, vows=tuple(vow(SIX, log, name) for name in ("up1", "up2")))
    refused(bench, message, "no operator of this host agreed to who votes then")


def test_another_stores_leaving_needs_no_such_proof() -> None:
    bench = claimed()
    bench.consent(b"new")
    bench.sync()
    log = leaving("up3")
    vows = tuple(vow(SIX, log, name) for name in ("up1", "up2"))
    assert only(bench.ask(adopt(SIX, log, vows=vows)), Adopted).last_index == 6
    assert bench.replica.votes


# --- behind a snapshot ---


def test_entries_that_follow_on_a_snapshot_are_put_aside_with_it() -> None:
    of = term(2)
    bench = Bench()
    bench.disk._committed = lambda: LONG
    bench.serve(term(1), LONG[:1])
    bench.ask(Prepare(of))
    sealed, chunks = sealed_at(4)
    for number, data in enumerate(chunks):
        assert bench.ask(StageSnapshot(of, sealed.head, number, data)) == [
            Staged(of, 0, number + 1)
        ]
    assert bench.ask(Stage(of, (LONG[4],))) == [Staged(of, 5, 0)]
    message = replace(
        adopt(of, LONG, cut=4, staged_to=5, snapshot=sealed),
        vows=tuple(vow(of, LONG, name) for name in ("up2", "up3")),
    )
    assert bench.tell(message) == []
    write = bench.disk.pending[-1]
    assert isinstance(write, Write)
    assert write.snapshot is not None and write.cut_to is None, "nothing is left to be cut"
    assert only(bench.sync(), Adopted).last_index == 6
    assert (bench.disk.base_index, bench.replica.book.commit_index) == (4, 4)
    assert bench.replica.adopted == of


def snapshot_aside(of: Term) -> Bench:
    """It holds one entry, and the snapshot of entry 4 is aside."""
    bench = Bench()
    bench.disk._committed = lambda: LONG
    bench.serve(term(1), LONG[:1])
    bench.ask(Prepare(of))
    sealed, chunks = sealed_at(4)
    for number, data in enumerate(chunks):
        bench.ask(StageSnapshot(of, sealed.head, number, data))
    return bench


def test_what_a_vow_knows_to_be_committed_is_compared_with_the_snapshot() -> None:
    """At the entry of which it is; what is below is covered by it."""
    of = term(2)
    for proven, root, taken in (
        (4, LONG[3].root, True),
        (4, LONG[2].root, False),
        (3, LONG[2].root, True),
    ):
        bench = snapshot_aside(of)
        knows = replace(vow(of, LONG, "up2"), proof_index=proven, proof_root=root)
        knows = replace(knows, signature=STORES["up2"].sign(vow_bytes(knows)))
        message = adopt(of, LONG, cut=4, snapshot=sealed_at(4)[0])
        answer = bench.ask(replace(message, vows=(knows, vow(of, LONG, "up3"))))
        assert isinstance(answer[-1], Adopted) is taken


def test_entries_that_are_covered_by_a_snapshot_do_not_follow_on_it() -> None:
    of = term(2)
    bench = snapshot_aside(of)
    assert bench.ask(Stage(of, tuple(LONG[3:5]))) == [Staged(of, 0, 0)]
    assert bench.ask(Stage(of, tuple(LONG[4:]))) == [Staged(of, 6, 0)]


def test_an_adopt_that_is_refused_and_names_no_snapshot_leaves_it_aside() -> None:
    of = term(2)
    bench = snapshot_aside(of)
    refused(bench, adopt(of, LOG, cut=3), "no common entry 3")
    message = replace(
        adopt(of, LONG, cut=4, snapshot=sealed_at(4)[0]),
        vows=tuple(vow(of, LONG, name) for name in ("up2", "up3")),
    )
    assert only(bench.ask(message), Adopted).last_index == 6


def test_entries_of_another_log_do_not_stay_aside_when_a_snapshot_is_whole() -> None:
    of = term(2)
    bench = Bench()
    bench.disk._committed = lambda: LONG
    bench.serve(term(1), LONG[:1])
    bench.ask(Prepare(of))
    other = [LONG[0], *chained(LONG[0], 5)]
    assert bench.ask(Stage(of, tuple(other))) == [Staged(of, 6, 0)]
    sealed, chunks = sealed_at(4)
    for number, data in enumerate(chunks):
        bench.ask(StageSnapshot(of, sealed.head, number, data))
    assert bench.ask(Stage(of, tuple(LONG[4:]))) == [Staged(of, 6, 0)]
    message = replace(
        adopt(of, LONG, cut=4, staged_to=6, snapshot=sealed),
        vows=tuple(vow(of, LONG, name) for name in ("up2", "up3")),
    )
    assert only(bench.ask(message), Adopted).last_index == 6


def chained(after: Entry, count: int) -> list[Entry]:
    """So many entries that follow on another."""
    log: list[Entry] = []
    for index in range(after.index + 1, after.index + count + 1):
        body = encode_body(EntryBody(0, (), ()))
        log.append(Entry(index, FIVE, entry_root((log or [after])[-1].root, index, body), body))
    return log


def test_a_store_may_leave_by_what_a_snapshot_covers() -> None:
    """Two stores sealed it, so what it covers is committed, and needs no other proof."""
    log = [*leaving(), *chained(leaving()[-1], 1)]
    for covers, taken in ((5, True), (4, False)):
        of = SIX
        bench = Bench()
        bench.disk._committed = lambda: log
        bench.serve(FIVE, log[:1])
        bench.consent(b"new")
        bench.sync()
        bench.ask(Prepare(of))
        sealed, chunks = sealed_at(covers, log=log)
        for number, data in enumerate(chunks):
            bench.ask(StageSnapshot(of, sealed.head, number, data))
        vows = tuple(vow(of, log, name) for name in ("up2", "up3"))
        answer = bench.ask(adopt(of, log, cut=covers, snapshot=sealed, vows=vows))[-1]
        assert isinstance(answer, Adopted) is taken, answer
