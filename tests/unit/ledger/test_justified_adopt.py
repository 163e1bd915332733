"""No single host rewrites history: an adopt has to be justified by votes, a commit proven."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CONFLICT, NOT_CHOSEN, UNPROVEN, Vow, vow_bytes
from appliance.ledger.messages import (
    Ack,
    Adopted,
    Entry,
    EntryBody,
    Heartbeat,
    Prepare,
    TermRefused,
    encode_body,
)
from appliance.ledger.replica.standing import BAD_REQUEST, DAMAGED
from appliance.licences.commands import Tick
from appliance.sim.disk import Disk
from appliance.sim.vendor import (
    SimStore,
)
from appliance.verifier.layouts import entry_root
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    STORES,
    Bench,
    adopt,
    adopted,
    append,
    entries,
    only,
    proof,
    served,
    term,
    vow,
)


def test_a_store_that_lost_what_it_signed_says_no_more() -> None:
    bench = served()
    signed = proof(term(5), LOG, 4, "up1", "up2")
    assert only(bench.ask(Heartbeat(term(5), 1, False, signed)), TermRefused).why == DAMAGED
    assert bench.replica.damage
    for message in (Prepare(term(9)), append(term(5), LOG, 4), Heartbeat(term(5), 2, True)):
        assert only(bench.ask(message), TermRefused).why == DAMAGED


OTHER = entries((FOUND,), (Tick(), Tick()), (Tick(),), of=term(5))
LATER = entries((FOUND,), (Tick(),), (Tick(), Tick()), (Tick(), Tick()), of=term(5))


def by_a_stranger(said: Vow) -> Vow:
    """The same, said and signed by a store that the log does not list."""
    stranger = SimStore(b"store-of-a-stranger")
    mine = replace(said, store=stranger.id)
    return replace(mine, signature=stranger.sign(vow_bytes(mine)))


@pytest.mark.parametrize(
    "vows",
    [
        (),
        (vow(term(6), OTHER, "up2"),),
        (vow(term(6), OTHER, "up2"), vow(term(6), OTHER, "up2")),
        (vow(term(6), OTHER, "up2"), vow(term(4), OTHER, "up3")),
        (vow(term(6), OTHER, "up2"), replace(vow(term(6), OTHER, "up3"), signature=b"")),
        (vow(term(6), OTHER, "up2"), replace(vow(term(6), OTHER, "up3"), store=b"somebody")),
        (vow(term(6), OTHER, "up2"), by_a_stranger(vow(term(6), OTHER, "up3"))),
    ],
)
def test_an_adopt_without_two_vows_of_its_term_is_refused(vows: tuple[Any, ...]) -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    assert only(bench.ask(adopt(term(6), OTHER, vows=vows)), TermRefused).why == BAD_REQUEST
    assert adopted(bench) == (term(5), 3)


def test_an_adopt_of_another_log_than_the_rule_chooses_is_refused() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    longer = vow(term(6), LOG, "up3", adopted=term(5, "tmr2"))
    shorter = vow(term(6), OTHER, "up2", adopted=term(4))
    message = adopt(term(6), OTHER, vows=(shorter, longer))
    assert only(bench.ask(message), TermRefused).detail == NOT_CHOSEN
    assert adopted(bench) == (term(5), 3)


def test_an_adopt_that_lacks_what_anybody_knows_to_be_committed_is_refused() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    knows = vow(term(6), OTHER, "up2", proven=3)
    knows = resigned(replace(knows, proof_root=LOG[2].root), "up2")
    message = adopt(term(6), OTHER, vows=(knows, vow(term(6), OTHER, "up3")))
    assert only(bench.ask(message), TermRefused).detail == UNPROVEN
    assert adopted(bench) == (term(5), 3)


def test_logs_of_one_term_that_contradict_each_other_need_all_three() -> None:
    """tmr1 told up1 and up3 one entry 3 of its term 5, and up2 another."""
    bench = served()
    bench.ask(Prepare(term(6)))
    two = tuple(vow(term(6), OTHER, name, adopted=term(5)) for name in ("up2", "up3"))
    assert only(bench.ask(adopt(term(6), OTHER, vows=two)), TermRefused).detail == CONFLICT
    # Nor does it help to say without two signatures that it is committed in this term.
    for shown in (
        replace(proof(term(6), OTHER, 3), voices=()),
        proof(term(6), LOG, 3),
        proof(term(6), OTHER, 3, "up2"),
    ):
        message = adopt(term(6), OTHER, vows=two, commit=shown)
        assert only(bench.ask(message), TermRefused).detail == CONFLICT
    split = (two[0], vow(term(6), LOG[:3], "up3", adopted=term(5)))
    assert only(bench.ask(adopt(term(6), OTHER, vows=split)), TermRefused).detail == CONFLICT
    own = vow(term(6), LOG[:3], "up1", adopted=term(5))
    outvoted = adopt(term(6), OTHER, vows=(own, *split))
    assert only(bench.ask(outvoted), TermRefused).detail == CONFLICT
    assert adopted(bench) == (term(5), 3)
    two_equal = adopt(term(6), LOG[:3], vows=(own, *split))
    assert only(bench.ask(two_equal), Adopted).last_index == 3


def test_two_that_adopted_the_other_in_this_term_have_decided() -> None:
    """The third would stay outside for ever if it still asked for all three."""
    two = tuple(vow(term(6), OTHER, name, adopted=term(5)) for name in ("up2", "up3"))
    for of, index, taken in ((6, 3, True), (6, 1, True), (5, 3, False)):
        bench = served()
        bench.ask(Prepare(term(6)))
        shown = proof(term(of), OTHER, index)
        answer = bench.ask(adopt(term(6), OTHER, vows=two, commit=shown))
        if taken:
            assert only(answer, Adopted).last_root == OTHER[2].root
        else:
            assert only(answer, TermRefused).detail == CONFLICT, "stored in an older term"


def test_a_longer_log_of_ones_own_contradicts_where_the_shorter_one_ends() -> None:
    bench = Bench()
    bench.serve(term(5), LOG)
    bench.ask(Prepare(term(6)))
    two = tuple(vow(term(6), OTHER, name, adopted=term(5)) for name in ("up2", "up3"))
    assert only(bench.ask(adopt(term(6), OTHER, vows=two)), TermRefused).detail == CONFLICT
    assert adopted(bench) == (term(5), 4)
    begun = tuple(vow(term(6), LOG[:3], name, adopted=term(5)) for name in ("up2", "up3"))
    assert only(bench.ask(adopt(term(6), LOG[:3], vows=begun)), Adopted).last_index == 3


def test_what_a_vow_knows_to_be_committed_is_looked_for_in_what_is_here_already() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    knows = vow(term(6), LOG[:3], "up2", proven=2)
    other = resigned(replace(knows, proof_root=OTHER[1].root), "up2")
    message = adopt(term(6), LOG[:3], cut=3)
    vows = (other, vow(term(6), LOG[:3], "up3"))
    assert only(bench.ask(replace(message, vows=vows)), TermRefused).detail == UNPROVEN
    assert only(bench.ask(replace(message, vows=(knows, vows[1]))), Adopted).last_index == 3


def test_a_store_that_lost_its_end_but_not_the_proof_takes_no_shorter_log() -> None:
    bench = Bench()
    bench.serve(term(5), LOG)
    bench.ask(Heartbeat(term(5), 1, False, proof(term(5), LOG, 4)))
    bench.ask(append(term(5), [*LOG, *entries_after(LOG)], 5))
    del bench.disk.entries[3:]
    bench.power_cut()
    bench.ask(Prepare(term(6)))
    assert bench.replica.book.last_index == 3
    two = tuple(vow(term(6), LOG[:3], name) for name in ("up2", "up3"))
    shorter = adopt(term(6), LOG[:3], cut=3, vows=two)
    assert only(bench.ask(shorter), TermRefused).detail == UNPROVEN
    assert only(bench.ask(adopt(term(6), LOG, cut=3)), Adopted).last_index == 4


def entries_after(log: list[Entry]) -> list[Entry]:
    """One entry more."""
    body = encode_body(EntryBody(0, (), ()))
    index = len(log) + 1
    return [Entry(index, log[-1].term, entry_root(log[-1].root, index, body), body)]


def test_entries_that_no_vow_speaks_of_are_refused() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    vows = tuple(vow(term(6), LATER[:3], name) for name in ("up2", "up3"))
    assert only(bench.ask(adopt(term(6), LATER, vows=vows)), TermRefused).why == BAD_REQUEST
    assert adopted(bench) == (term(5), 3)


def resigned(changed: Any, by: str) -> Any:
    """The same vow with its signature put right."""
    return replace(changed, signature=STORES[by].sign(vow_bytes(changed)))


def test_one_choice_for_a_term() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    bench.ask(adopt(term(6), LOG))
    assert only(bench.ask(adopt(term(6), OTHER)), Adopted).last_index == 4
    assert adopted(bench) == (term(6), 4)


def test_what_is_far_behind_in_its_term_is_brought_on_by_a_long_append() -> None:
    bench = served()
    on = replace(adopt(term(5), LOG, cut=3), vows=())
    assert only(bench.ask(on), Adopted).last_index == 4
    assert len(bench.disk.entries) == 4
    other = replace(adopt(term(5), LATER, cut=2), vows=())
    assert only(bench.ask(other), Adopted).last_index == 4
    assert bench.disk.entries[-1].root == LOG[3].root


def test_a_store_that_is_not_listed_endorses_nothing() -> None:
    bench = Bench(Disk(SimStore(b"store-empty")))
    bench.serve(term(5), LOG[:3])
    assert not bench.replica.votes
    assert only(bench.ask(append(term(5), LOG, 4)), Ack).endorsement is None
