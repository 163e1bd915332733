"""One host says something in one field, whatever its type can hold: no core raises for it (D3).

The lies are made from the messages' definitions (`appliance.sim.byzantine.fields`), so a new field
is tried here without anybody naming it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, get_args

import pytest
from msgspec import inspect
from msgspec.structs import replace

from appliance.codec.frames import FrameRefused, encode_frame, link_reader
from appliance.details import Detail
from appliance.ledger import messages as m
from appliance.ledger.certificates.proofs import Voice, ack_bytes
from appliance.ledger.certificates.receipts import TimeStatement
from appliance.ledger.election.terms import STEP_MAX
from appliance.ledger.leader.phases import (
    ADOPTING_LOG,
    PASSIVE,
    PRE_VOTE,
    PREPARING,
    READING,
    SERVING,
)
from appliance.ledger.snapshot.seals import Seal, Sealed, StateHead, seal_bytes
from appliance.licences.commands import CheckOut, Consume, Holder, LeaseRef, Tick, encode_command
from appliance.licences.snapshot import digest, dump
from appliance.sim.byzantine.fields import example, lies_about
from appliance.verifier.layouts import entry_root
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.world import (
    LOG,
    STORES,
    Bench,
    adopt,
    append,
    entries,
    proof,
    served,
    term,
    vow,
)

LIAR = "up3"


def readable(messages: Any) -> bool:
    """Whether this passes the decoder of a link; what does not closes that link."""
    try:
        return bool(link_reader().feed(encode_frame(messages)))
    except FrameRefused:
        return False


def lies(message: Any) -> Iterator[Any]:
    """Every lie in one field of this that a decoder lets pass."""
    return (lie for _, lie in lies_about(message, Random(1)) if readable(lie))


def signed(head: StateHead, *names: str) -> tuple[Voice, ...]:
    return tuple(Voice(STORES[n].id, STORES[n].sign(seal_bytes(head))) for n in names)


def head_of(bench: Bench) -> StateHead:
    book = bench.replica.book
    last = list(dump(book.state))[-1]
    return StateHead(book.state.ledger_id, 2, LOG[1].root, 0, digest(last))


def asked(bench: Bench) -> list[Any]:
    """Something true of each kind that a TMR host says to an upstream."""
    head = head_of(served())
    sealed = Sealed(head, signed(head, "up2", "up3"))
    chunks = list(dump(served().replica.book.state))
    of = bench.replica.promised
    next_term = term(of.counter + 1)
    true = [
        adopt(of, LOG, commit=proof(of, LOG, 3)),
        adopt(next_term, LOG),
        replace(adopt(of, LOG, cut=2, vows=()), snapshot=sealed),
        append(of, LOG, 4),
        m.Heartbeat(of, 8, True, proof(of, LOG, 3), sealed),
        m.Prepare(next_term),
        m.Stage(of, tuple(LOG)),
        m.StageSnapshot(of, head, 0, chunks[0]),
        m.Fetch(of, 1, 1000),
        m.SnapshotChunkRequest(2, 0),
        m.PreVote(5),
    ]
    others = [t for t in get_args(m.AnyMessage) if t not in {type(message) for message in true}]
    return [*true, *(example(inspect.type_info(other)) for other in others)]


def fresh() -> Bench:
    return Bench()


def promised() -> Bench:
    bench = served()
    bench.ask(m.Prepare(term(6)))
    return bench


@pytest.mark.parametrize("made", [fresh, promised, served])
def test_a_replica_bears_a_lie_in_every_field(made: Callable[[], Bench]) -> None:
    count = 0
    for message in asked(made()):
        bench, before = made(), None
        for lie in lies(message):
            if before != (before := where(bench)) or bench.replica.damage:
                bench = made()
                before = where(bench)
            for answer in [*bench.ask(lie), *bench.tick(0.01)]:
                assert readable(answer), (lie, answer)
            assert not bench.replica.damage, lie
            count += 1
    assert count > 2_000


def where(bench: Bench) -> tuple[Any, ...]:
    replica = bench.replica
    return replica.promised, replica.adopted, replica.book.last_index, replica.book.commit_index


def at(phase: str) -> Claimant:
    """A coordinator in this phase, of which up1 and up2 are honest."""
    if phase == PASSIVE:
        claimant = Claimant(PASSIVE)
    elif phase == PRE_VOTE:
        claimant = Claimant(PRE_VOTE)
    else:
        claimant = Claimant()
    if phase in (READING, ADOPTING_LOG, SERVING):
        claimant.promises("up1", LOG, proof(term(5), LOG, 3))
        claimant.promises("up2", LOG, None)
        claimant.promises("up3", LOG[:2], None)
    if phase in (ADOPTING_LOG, SERVING):
        claimant.gives(claimant.holder(), LOG)
    if phase == SERVING:
        for name in ("up1", "up2"):
            claimant.adopts(name, LOG)
        claimant.wait(0.2)
    assert claimant.core.phase == phase
    return claimant


def answered(claimant: Claimant) -> list[Any]:
    """Something true of each kind that an upstream says to this coordinator."""
    of = claimant.core.term or term(8)
    head = StateHead(b"L" * 16, 2, LOG[1].root, 0, bytes(32))
    sealed = Sealed(head, signed(head, "up1", "up3"))
    serial = "130-3"
    time = TimeStatement(serial, 5, b"")
    seal = Seal(head, sealed.voices[1])
    consents = (STORES["up1"].id,)
    book = claimant.core.book
    end = LOG[-1]
    mine = vow(of, LOG, LIAR, adopted=term(5), proven=3)
    ack = m.Ack(of, end.index + 1, bytes(32), None, b"", voice_of(of, end.index + 1, bytes(32)))
    true = [
        m.PreVoteReply(1, True, term(8), ""),
        m.Promise(of, mine, (vow(term(5), LOG, "up1"),) * 2, proof(term(5), LOG, 3), sealed, 0),
        m.TermRefused(of, "higher-term", of, "", Detail("entry-missing", {"index": 7})),
        m.Staged(of, 4, 0),
        m.Adopted(of, end.index, end.root, voice_of(of, end.index, end.root)),
        ack,
        m.Behind(of, 2, LOG[1].root),
        m.HeartbeatAck(of, 1, end.index, 3, 0, consents, time, "", seal),
        m.Entries(1, tuple(LOG), 0, len(LOG), proof(term(5), LOG, 3)),
        m.Entries(book.last_index + 1, (), book.last_index + 1, 9, None),
        m.SnapshotHead(sealed, 3, tuple(store.id for store in STORES.values())),
        m.SnapshotChunk(2, 0, b"chunk"),
        m.Offer(encode_command(Tick())),
    ]
    others = [t for t in get_args(m.AnyMessage) if t not in {type(message) for message in true}]
    return [*true, *(example(inspect.type_info(other)) for other in others)]


def voice_of(of: Any, index: int, root: bytes) -> Voice:
    store = STORES[LIAR]
    return Voice(store.id, store.sign(ack_bytes(of, index, root, b"")))


@pytest.mark.parametrize("phase", [PASSIVE, PRE_VOTE, PREPARING, READING, ADOPTING_LOG, SERVING])
def test_a_coordinator_bears_a_lie_in_every_field(phase: str) -> None:
    """And what it says then can be read by the others: no number that it was told spoils that."""
    count = 0
    claimant = at(phase)
    fits = place_of(claimant)
    for message in answered(claimant):
        for lie in lies(message):
            if place_of(claimant) != fits or count % 50 == 0:
                claimant = at(phase)
            claimant.told.clear()
            claimant.says(LIAR, lie)
            claimant.wait(0.05)
            for _, told in claimant.told:
                assert readable(told), (lie, told)
            counter = claimant.core.term.counter if claimant.core.term else 0
            assert counter <= 9 + STEP_MAX, lie
            count += 1
    assert count > 2_000


def place_of(claimant: Claimant) -> tuple[Any, ...]:
    core = claimant.core
    return core.phase, core.term, core.book.last_index, core.book.commit_index


COMMANDS = (
    CheckOut(LeaseRef("c", "l"), 1, 1, b"s" * 32, Holder(b"u"), b"n"),
    Consume(LeaseRef("c", "l"), 1, 1, 1, b"n"),
    Tick(),
)


def test_a_replica_bears_a_lie_in_every_field_of_an_entrys_body() -> None:
    """The root fits it: so only what is in it can be wrong."""
    for command in COMMANDS:
        (entry,) = entries((command,))[-1:]
        body = m.decode_body(entry.body)
        for _, lie in lies_about(body, Random(1)):
            try:
                data = m.encode_body(lie)
            except OverflowError:
                continue
            bench = served()
            root = entry_root(LOG[2].root, 4, data)
            told = m.Append(term(5), m.Entry(4, term(5), root, data), LOG[2].root, True)
            assert all(readable(answer) for answer in bench.ask(told)), lie
