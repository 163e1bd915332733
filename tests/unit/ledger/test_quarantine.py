"""A replica whose outcomes two others contradict takes no part any more; nobody less does that."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.leader.batches import Batches, Flight
from appliance.ledger.leader.quarantine import why_outvoted
from appliance.ledger.messages import Ack, Entry, Heartbeat, Outvoted, Prepare, TermRefused
from appliance.ledger.replica.standing import DAMAGED
from appliance.licences.commands import AnyCommand, ImportUpdate, Tick
from appliance.licences.members import Member, Membership
from appliance.licences.state import State
from appliance.sim.disk import Disk
from appliance.sim.vendor import FIRM_A, SimContainer, SimStore, verify
from appliance.verifier.layouts import endorsement_bytes
from tests.unit.ledger.world import FOUND, SYSTEM_MS, Bench, append, entries, only, term

TWINS = [SimContainer(twin) for twin in (1, 2, 3)]
TERM = term(5)


def imports() -> tuple[AnyCommand, ...]:
    """What makes the three containers known."""
    found = []
    for twin in TWINS:
        if not twin.updates:
            twin.issue(FIRM_A, ())
        update = twin.news_for(State())
        assert isinstance(update, ImportUpdate)
        found.append(update)
    return tuple(found)


LOG = entries((FOUND,), imports(), (Tick(),), (Tick(),))


def endorsing() -> tuple[Bench, Endorsement]:
    """A replica that just endorsed entry 4."""
    bench = Bench()
    bench.container.updates = TWINS[0].updates
    bench.serve(TERM, LOG[:3])
    own = only(bench.ask(append(TERM, LOG, 4)), Ack).endorsement
    assert own is not None
    return bench, own


def word(own: Endorsement, twin: int, **changes: Any) -> Endorsement:
    """What that twin signed: other outcomes of the same entry, if nothing else is asked for."""
    said = replace(own.statement, **(changes or {"outcome_root": b"o" * 32}))
    signature = TWINS[twin - 1].sign(endorsement_bytes(said, (), SYSTEM_MS))
    return Endorsement(said, (), SYSTEM_MS, signature)


def takes_part(bench: Bench) -> bool:
    answers = bench.ask(Heartbeat(TERM, 1, False))
    return not (isinstance(answers[0], TermRefused) and answers[0].why == DAMAGED)


def test_two_others_put_it_out_for_good() -> None:
    bench, own = endorsing()
    assert bench.ask(Outvoted(own, (word(own, 2), word(own, 3)))) == []
    assert "its own licence state went wrong" in bench.replica.damage
    for message in (Heartbeat(TERM, 1, False), Prepare(term(9)), append(TERM, LOG, 4)):
        assert only(bench.ask(message), TermRefused).why == DAMAGED
    bench.power_cut()
    assert "its own licence state went wrong" in bench.replica.damage
    assert only(bench.ask(Prepare(term(9))), TermRefused).why == DAMAGED


def test_a_word_about_something_else_hides_no_two_that_contradict_it() -> None:
    bench, own = endorsing()
    others = (word(own, 1, index=5), word(own, 2), word(own, 3))
    bench.ask(Outvoted(own, others))
    assert "its own licence state went wrong" in bench.replica.damage


@pytest.mark.parametrize(
    "others",
    [
        lambda own: (),
        lambda own: (word(own, 2),),
        lambda own: (word(own, 2), word(own, 2)),
        lambda own: (word(own, 1), word(own, 2)),
        lambda own: (word(own, 2), word(own, 3, outcome_root=b"p" * 32)),
        lambda own: (word(own, 2), replace(word(own, 3), signature=b"")),
        lambda own: (word(own, 2, index=5), word(own, 3, index=5)),
        lambda own: (word(own, 2, log_root=b"l" * 32), word(own, 3, log_root=b"l" * 32)),
        lambda own: (word(own, 2, term=term(4)), word(own, 3, term=term(4))),
        lambda own: (word(own, 2, size=own.statement.size), word(own, 3, size=own.statement.size)),
    ],
    ids=range(10),
)
def test_nothing_less_does(others: Any) -> None:
    bench, own = endorsing()
    assert bench.ask(Outvoted(own, others(own))) == []
    assert takes_part(bench)


def test_what_it_did_not_say_itself_does_not_count() -> None:
    """Else a stolen TMR host could put out anybody with two words about another entry."""
    bench, own = endorsing()
    others = (word(own, 2), word(own, 3))
    for false in (word(own, 2, size=9), replace(own, signature=b""), word(own, 3, size=9)):
        bench.ask(Outvoted(false, others))
        assert takes_part(bench)


# --- who tells it ---


def acked(log: list[Entry], bench: Bench) -> tuple[Batches, Any, Endorsement]:
    """A coordinator's batches with one in flight, which computed what this replica computed."""
    batches = Batches(9, 9, 999)
    book = Bench().replica.book
    for entry in log[:3]:
        book.apply(entry)
    batches.flight = Flight(log[3], log[2].root, book.apply(log[3]), [])
    ack = only(bench.ask(append(TERM, log, 4)), Ack)
    return batches, ack, ack.endorsement


@pytest.mark.parametrize("order", [("up1", "up2", "up3"), ("up3", "up1", "up2")])
@pytest.mark.parametrize("landed", [False, True])
def test_the_odd_one_is_told_whenever_its_word_comes(order: tuple[str, ...], landed: bool) -> None:
    bench = Bench()
    bench.container.updates = TWINS[0].updates
    bench.serve(TERM, LOG[:3])
    batches, ack, true = acked(LOG, bench)
    true = replace(true, statement=replace(true.statement, term=LOG[3].term))
    odd = word(true, 3)
    words = {"up1": true, "up2": word(true, 2, term=true.statement.term), "up3": odd}
    told = []
    for count, name in enumerate(order):
        assert batches.acked(name, ack, words[name]) is (name != "up3")
        told += batches.outvoted()
        if landed and count == 1:
            batches.land(0.0, 0.0)
            batches.settle(1.0, 3)
    assert told == [("up3", Outvoted(odd, (words["up1"], words["up2"])))]
    assert batches.outvoted() == []


# --- about whom it is ---


def test_what_the_store_before_said_does_not_put_out_a_new_one() -> None:
    """The container signed for it, too, and whoever keeps the proof may show it again."""
    _, own = endorsing()
    new = Bench(Disk(SimStore(b"a new store of the same host")))
    new.container.updates = TWINS[0].updates
    new.serve(TERM, LOG[:3])
    new.ask(append(TERM, LOG, 4))
    new.ask(Outvoted(own, (word(own, 2), word(own, 3))))
    assert takes_part(new)


@pytest.mark.parametrize(("joined_index", "counts"), [(3, True), (4, False), (5, False)])
def test_a_new_store_answers_for_what_came_after_it_had_a_vote(
    joined_index: int, counts: bool
) -> None:
    bench, own = endorsing()
    state, store = bench.replica.book.state, bench.disk.store.id
    voters = state.membership.voters
    joined = (Member("up1", store, joined_index), *voters[1:])
    state.membership = Membership(joined)
    proof = Outvoted(own, (word(own, 2), word(own, 3)))
    assert bool(why_outvoted(proof, bench.container.serial, store, state, verify)) is counts


def test_what_was_said_in_another_ledger_does_not_count() -> None:
    """The containers live on when a ledger is restored."""
    bench, own = endorsing()
    bench.replica.book.state.ledger_id = b"M" * 16
    bench.ask(Outvoted(own, (word(own, 2), word(own, 3))))
    assert takes_part(bench)
