"""Where a replica stands, by itself: what it recovers, signs, believes, and waits for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from appliance.details import TEXT_MAX, Detail
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.effects import Origin, Send, SnapshotRecord
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.log.book import ChainBroken
from appliance.ledger.messages import CONSENTS_MAX, Entry, PreVote, TermRefused
from appliance.ledger.replica.standing import (
    HIGHER_TERM,
    Kept,
    KnownStores,
    Lost,
    Position,
    Standing,
    proof_in,
    quarantine_in,
)
from appliance.ledger.replica.surroundings import Recovered
from appliance.ledger.snapshot.dumps import Dumps
from appliance.licences.commands import Replace
from appliance.licences.machine import Machine
from appliance.licences.members import Membership, founders
from appliance.sim.vendor import READERS, verify_store
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.test_snapshots import LONG, sealed_at
from tests.unit.ledger.world import FOUND, FOUNDERS, LOG, STORES, TMR1, entries, proof, term, vow

UP1, UP2, UP3 = (STORES[name].id for name in ("up1", "up2", "up3"))
FIVE, SIX = term(5), term(6)
OTHERS_PROOF = proof(FIVE, LOG, 3)
_encode = msgspec.msgpack.encode


def record(
    grounds: tuple[Vow, ...] = (),
    commit: CommitProof | None = None,
    consents: tuple[bytes, ...] = (),
    quarantine: str = "",
) -> bytes:
    """What a store keeps for its replica."""
    return _encode((grounds, commit, consents, Detail.of(quarantine)))


class Counting(Dumps):
    """Dumps that say what they were told."""

    def __init__(self) -> None:
        super().__init__(0)
        self.told: list[Any] = []

    def applied(self, book: Any) -> None:
        self.told.append(book.last_index)

    def rolled_back(self, index: int) -> None:
        self.told.append(f"back to {index}")

    def clear(self) -> None:
        self.told.append("cleared")


def standing(log: list[Entry] = LOG, candidates: Dumps | None = None, **recovered: Any) -> Standing:
    """What up1 finds in its store."""
    given = Recovered(promised=SIX, adopted=FIVE, entries=log, **recovered)
    return Standing(Machine(*READERS), STORES["up1"], verify_store, given, candidates or Dumps(0))


# --- after a restart ---


def test_all_that_was_kept_is_there_again() -> None:
    grounds = (vow(FIVE, [], "up2"), vow(FIVE, [], "up3"))
    kept = record(grounds, OTHERS_PROOF, (b"new",))
    one = standing(membership=kept, first_index=1)
    assert (one.promised, one.adopted, one.grounds) == (SIX, FIVE, grounds)
    assert (one.commit, one.consents, one.damage) == (OTHERS_PROOF, (b"new",), "")
    assert (one.book.last_index, one.book.commit_index, one.base_index) == (4, 3, 0)
    assert one.durable == Position(FIVE, 4, LOG[3].root)
    assert (one.kept, one.staging, one.restore) == (None, False, None)
    assert proof_in(Recovered(membership=kept)) == OTHERS_PROOF
    assert proof_in(Recovered()) is None
    assert (quarantine_in(kept), quarantine_in(b"")) == ("", "")


def test_a_store_that_was_made_for_a_restore_waits_for_it() -> None:
    assert standing([], restore=b"what was known").restore == b""


def test_a_damaged_or_quarantined_store_reads_nothing_more() -> None:
    assert standing(damage="a bad page").damage == "a bad page"
    ill = record(quarantine="it went wrong")
    one = standing(membership=ill)
    assert one.damage == quarantine_in(ill) == "it went wrong"
    assert (one.book.last_index, one.durable.last_index) == (0, 0)
    assert standing(membership=ill, damage="a bad page").damage == "a bad page"


def snapshot(**changed: Any) -> dict[str, Any]:
    """A store with the snapshot of entry 4 of LONG."""
    sealed, chunks = sealed_at(4)
    return {
        "snapshot": chunks,
        "snapshot_index": 4,
        "snapshot_root": sealed.head.root,
        "snapshot_about": _encode(sealed),
        "first_index": 3,
        **changed,
    }


def test_it_begins_from_its_snapshot() -> None:
    sealed, chunks = sealed_at(4)
    one = standing(LONG[4:], **snapshot())
    assert one.damage == ""
    assert one.kept == Kept(sealed, len(chunks))
    assert (one.book.last_index, one.book.commit_index, one.base_index) == (6, 4, 2)
    assert standing([], **snapshot()).book.log_time_ms == sealed.head.log_time_ms
    assert one.known() == KnownStores((UP1, UP2, UP3), (UP2, UP3))


def head_of(**changed: Any) -> bytes:
    return _encode(replace(sealed_at(4)[0], head=replace(sealed_at(4)[0].head, **changed)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"snapshot": ()}, "its snapshot cannot be used: "),
        ({"snapshot_about": b"\xc1"}, "its snapshot cannot be used: "),
        ({"snapshot_index": 5}, "its snapshot is of another entry than was sealed"),
        ({"snapshot_root": ZERO_ROOT}, "its snapshot is of another entry than was sealed"),
        (
            {"snapshot_about": head_of(digest=ZERO_ROOT)},
            "its snapshot is another one than was sealed",
        ),
        (
            {"snapshot_about": head_of(ledger_id=b"M" * 16)},
            "its snapshot is another one than was sealed",
        ),
    ],
)
def test_a_snapshot_that_is_none_is_damage(changed: dict[str, Any], said: str) -> None:
    one = standing(LONG[4:], **snapshot(**changed))
    assert one.damage.startswith(said)
    assert not said.endswith(": ") or len(one.damage) > len(said)
    assert (one.book.last_index, one.kept) == (0, None)


# --- the log ---


def test_candidates_hear_of_every_entry_and_of_every_way_back() -> None:
    told = Counting()
    one = standing(LOG[:3], told)
    one.apply(LOG[3])
    assert one.rollback(2) == tuple(LOG[2:])
    assert told.told == [1, 2, 3, 4, "back to 2"]
    with pytest.raises(ChainBroken):
        one.apply(LOG[3])
    sealed, _ = sealed_at(4)
    book = one.new_book(standing(LONG[4:], **snapshot()).book.state, sealed.head)
    assert (book.last_index, book.last_root, book.log_time_ms) == (
        4,
        sealed.head.root,
        sealed.head.log_time_ms,
    )
    one.begin_anew(book, Kept(sealed, 1))
    assert (one.book, one.kept, one.base_index) == (book, Kept(sealed, 1), 4)
    assert told.told[-1] == "cleared"


def test_a_root_is_told_from_the_commit_on() -> None:
    one = standing(membership=record(commit=OTHERS_PROOF))
    assert [one.root_is(i, LOG[i - 1].root) for i in (2, 3, 4)] == [None, True, True]
    assert [one.root_is(i, ZERO_ROOT) for i in (2, 3, 4, 5)] == [None, False, False, False]


# --- whom it believes ---


def test_seals_of_those_that_vote_will_or_did_count() -> None:
    asked = entries((FOUND,), (Replace("up3", b"new", "olga", "disk"),))
    one = standing(asked)
    for store in (UP1, UP2, UP3, b"new"):
        assert one.counts(store)
    assert not one.counts(b"stranger")
    assert one.known() == KnownStores((UP1, UP2, b"new", UP3), ())
    assert standing(LOG).known() == KnownStores((UP1, UP2, UP3), ())


def test_before_anything_is_committed_those_that_founded_and_those_named_count() -> None:
    empty = (vow(FIVE, [], "up2"), vow(FIVE, LOG, "up3"))
    made_up = entries((replace(FOUND, stores=(("up1", b"a"), ("up2", b"b"), ("up3", b"c"))),))
    kept = record(empty, None, (b"named",))
    for log in ([], made_up):
        one = standing(log, membership=kept)
        assert one.trusted() == (b"named", UP2, UP1), "its own seal it can tell"
        assert one.counts(UP2) and one.counts(b"named")
        assert not one.counts(UP3), "its log was not empty"
    # Once something is committed, the log alone says who counts.
    one = standing(made_up, membership=kept)
    one.book.commit(1)
    assert one.trusted() == (b"named", UP1)
    assert not one.counts(UP2) and not one.counts(b"named") and one.counts(b"a")


def test_of_grounds_three_are_looked_at() -> None:
    grounds = (*(vow(FIVE, LOG, name) for name in STORES), vow(FIVE, [], "up2"))
    assert standing([], membership=record(grounds)).trusted() == ()
    assert standing([], membership=record(grounds[1:])).trusted() == (UP2, UP1)


# --- what it signs ---


def test_its_vow_says_what_it_holds_and_knows() -> None:
    one = standing(membership=record(commit=OTHERS_PROOF))
    said = one.vow(term(7))
    assert said == Vow(
        term(7), FIVE, 4, LOG[3].root, 3, LOG[2].root, UP1, STORES["up1"].sign(vow_bytes(said))
    )
    bare = standing([]).vow(term(7))
    assert (bare.last_index, bare.proof_index, bare.proof_root) == (0, 0, ZERO_ROOT)
    data = ack_bytes(FIVE, 4, LOG[3].root, b"digest")
    assert one.voice(FIVE, 4, LOG[3].root, b"digest") == Voice(UP1, STORES["up1"].sign(data))


def test_it_votes_if_its_log_lists_it() -> None:
    assert standing().votes()
    assert not standing([]).votes()
    assert not standing(entries((FOUND,), (Replace("up1", b"new", "olga", "disk"),))).votes()


# --- to which changes of voters it consents ---


def test_a_founding_is_stored_only_as_it_was_told_of_it() -> None:
    one = standing([])
    assert one.consents_to(Membership(), FOUNDERS)
    restored = founders(((n, s.id) for n, s in STORES.items()), 7, b"mark")
    assert not one.consents_to(Membership(), restored)
    strangers = founders((name, name.encode()) for name in STORES)
    mark_of_others = founders(((name, name.encode()) for name in STORES), 7, b"mark")
    assert one.consents_to(Membership(), strangers) and one.consents_to(
        Membership(), mark_of_others
    )
    one.restore = b""
    assert not one.consents_to(Membership(), FOUNDERS), "it waits to be told what to restore"
    assert one.consents_to(FOUNDERS, FOUNDERS), "it is no founding"


def test_a_replacement_needs_an_operators_word_at_each_store_that_votes() -> None:
    for place in ("up1", "up3"):
        one = standing()
        pending = FOUNDERS.replace(place, b"new", 5)
        assert not one.consents_to(FOUNDERS, pending), place
        assert one.consents_to(pending, pending), "it was stored before"
        assert one.consents_to(FOUNDERS, pending.replaced(6)), "nothing is pending"
        one.consents = (b"another",)
        assert not one.consents_to(FOUNDERS, pending)
        one.consents = (b"another", b"new")
        assert one.consents_to(FOUNDERS, pending)
    strangers = founders((name, name.encode()) for name in STORES)
    assert standing().consents_to(strangers, strangers.replace("up2", b"new", 5)), (
        "a store that does not vote has nothing to say"
    )


def test_a_store_that_joined_is_no_founder_in_a_log_that_is_new_to_it() -> None:
    joined = FOUNDERS.replace("up1", b"new", 3).replaced(4)
    founded = replace(joined, voters=(replace(joined.voters[0], store=UP1), *joined.voters[1:]))
    one = standing([])
    one.restore = b""
    assert one.consents_to(Membership(), founded)


# --- what others proved ---


def test_a_proof_of_this_log_moves_the_commit_and_is_kept() -> None:
    one = standing()
    one.learn(None)
    assert (one.book.commit_index, one.commit) == (0, None)
    one.learn(OTHERS_PROOF)
    assert (one.book.commit_index, one.commit) == (3, OTHERS_PROOF)
    for older in (proof(SIX, LOG, 2), proof(SIX, LOG, 3)):
        one.learn(older)
        assert (one.book.commit_index, one.commit) == (3, OTHERS_PROOF)
    one.learn(newest := proof(FIVE, LOG, 4))
    assert (one.book.commit_index, one.commit) == (4, newest)


def test_a_proof_that_is_none_or_of_another_log_changes_nothing() -> None:
    other = entries((FOUND,), (), (), ())
    false = replace(OTHERS_PROOF, voices=OTHERS_PROOF.voices[:1])
    for given in (
        false,
        proof(FIVE, other, 3),
        proof(FIVE, other, 3, "up1", "up2"),
        proof(FIVE, other, 4, "up1", "up2"),  # It signed that before it adopted this log.
    ):
        one = standing()
        one.learn(given)
        assert (one.book.commit_index, one.commit) == (0, None)
    one = standing(LOG[:3])
    one.learn(proof(FIVE, LOG, 4))  # Not here yet, and never signed here.
    assert (one.book.commit_index, one.commit) == (0, None)


def test_what_it_signed_and_does_not_hold_is_lost() -> None:
    one = standing(LOG[:3])
    alone = proof(FIVE, LOG, 4, "up1")
    one.learn(alone)  # One signature proves nothing, not even its own.
    with pytest.raises(Lost) as lost:
        one.learn(proof(FIVE, LOG, 4, "up1", "up2"))
    assert str(lost.value) == (
        "this store signed entry 4, but ends at 3: it lost what it had stored"
    )
    assert (one.book.commit_index, one.commit) == (0, None)


# --- writes, and what waits for them ---


def test_consent_counts_once_it_is_durable_and_is_asked_for_once() -> None:
    one = standing()
    write = one.consent(b"new")
    assert write is not None and not one.consents
    assert _decoded(write.membership)[2] == [b"new"]
    assert one.consent(b"new") is not None, "it is not durable yet"
    assert one.written(write.ticket) == []
    assert one.consents == (b"new",)
    assert one.consent(b"new") is None


def _decoded(data: bytes | None) -> Any:
    assert data is not None
    return msgspec.msgpack.decode(data)


def test_the_newest_consents_are_kept_and_none_of_who_votes_already() -> None:
    one = standing(membership=record(consents=(UP2, b"a", b"b")))
    write = one.consent(b"a")
    assert write is None
    write = one.consent(b"c")
    assert write is not None
    assert _decoded(write.membership)[2] == [b"a", b"b", b"c"]
    for number in range(CONSENTS_MAX):
        write = one.consent(b"%d" % number)
    assert write is not None
    assert _decoded(write.membership)[2] == [b"%d" % number for number in range(CONSENTS_MAX)]
    # Said again before it is durable, it is the newest.
    write = one.consent(b"0")
    assert write is not None and _decoded(write.membership)[2][-2:] == [b"7", b"0"]
    assert len(_decoded(write.membership)[2]) == CONSENTS_MAX


def test_a_quarantine_is_kept_and_is_damage_at_once() -> None:
    one = standing(membership=record(commit=OTHERS_PROOF))
    write = one.take_no_part("it went wrong")
    assert one.damage == quarantine_in(write.membership or b"") == "it went wrong"
    assert proof_in(Recovered(membership=write.membership or b"")) == OTHERS_PROOF


def test_a_write_says_all_that_was_asked_and_what_is_known() -> None:
    grounds = (vow(FIVE, [], "up2"),)
    one = standing(membership=record(grounds, OTHERS_PROOF))
    first = one.write(None, None)
    assert (first.ticket, first.commit_index) == (1, 3)
    assert first.membership == record(grounds, OTHERS_PROOF)
    assert (first.promised, first.adopted, first.cut_to, first.append) == (None, None, None, ())
    assert (first.snapshot, first.compact_to) == (None, None)
    sealed, _ = sealed_at(4)
    made = SnapshotRecord(4, sealed.head.root)
    second = one.write(
        TMR1,
        PreVote(7),
        promised=SIX,
        adopted=FIVE,
        cut_to=2,
        append=(LOG[2],),
        snapshot=made,
        compact_to=1,
    )
    assert (second.ticket, second.promised, second.adopted) == (2, SIX, FIVE)
    assert (second.cut_to, second.append) == (2, (LOG[2],))
    assert (second.snapshot, second.compact_to) == (made, 1)


def test_an_answer_leaves_once_its_write_is_durable_and_so_does_what_it_rests_on() -> None:
    one = standing(LOG[:3])
    done = []
    before = one.durable
    one.apply(LOG[3])
    one.adopted = SIX
    write = one.write(TMR1, PreVote(7), then=lambda: done.append(one.durable.last_index))
    other = one.write(None, PreVote(8))
    quiet = one.write(TMR1, None)
    assert one.durable == before and not done
    assert one.awaits(lambda m: m == PreVote(7)) and one.awaits(lambda m: m == PreVote(8))
    assert not one.awaits(lambda m: m == PreVote(9))
    assert one.written(write.ticket) == [Send(TMR1, PreVote(7))]
    assert one.durable == Position(SIX, 4, LOG[3].root)
    assert done == [4]
    assert not one.awaits(lambda m: m == PreVote(7))
    assert one.written(other.ticket) == one.written(quiet.ticket) == []
    assert not one.awaits(lambda _: True)


def test_a_refusal_names_what_was_promised_and_is_of_bounded_length() -> None:
    one = standing()
    origin = Origin("tmr2", 3)
    told = one.refuse(origin, FIVE, HIGHER_TERM, "x" * (TEXT_MAX + 1), "tmr1")
    assert told == Send(
        origin, TermRefused(FIVE, HIGHER_TERM, SIX, "tmr1", Detail.of("x" * TEXT_MAX))
    )
    assert one.refuse(origin, FIVE, HIGHER_TERM).message == TermRefused(FIVE, HIGHER_TERM, SIX, "")


def test_nothing_is_recovered_of_nothing() -> None:
    bare = Standing(Machine(*READERS), STORES["up1"], verify_store, Recovered(), Dumps(0))
    assert (bare.promised, bare.adopted, bare.base_index) == (NO_TERM, NO_TERM, 0)
    assert bare.durable == Position(NO_TERM, 0, ZERO_ROOT)
