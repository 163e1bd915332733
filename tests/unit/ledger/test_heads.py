"""A ledger that is less than was seen is named; one that may only lag never is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes, encode_proof
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.leader.phases import SERVING
from appliance.ledger.membership.heads import (
    OTHERS_MAX,
    OWN,
    Head,
    Memory,
    decode_memory,
    encode_memory,
)
from appliance.ledger.messages import Adopted, Entry
from appliance.licences.commands import NoteLoss, Tick, decode_command
from appliance.licences.model import LicenceKey
from appliance.sim.vendor import FIRM_A, UPSTREAMS
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.test_liars import COMMITTED
from tests.unit.ledger.test_turned_back import adopts
from tests.unit.ledger.world import FOUND, LOG, STORES, entries, proof, term, vow

USED = ((LicenceKey(FIRM_A, 10, 1), 5),)
OTHER_LOG = [
    *LOG[:3],
    *entries((FOUND,), (Tick(),), (Tick(), Tick()), (Tick(), Tick()), (Tick(),))[3:],
]


def head(index: int = 4, of: int = 5, log: list[Entry] = LOG, *signers: str) -> Head:
    """What two stores proved of this log."""
    proven = proof(term(of), log, index, *(signers or ("up1", "up2")))
    return head_of(proven)


def head_of(proven: CommitProof) -> Head:
    return Head(
        FOUND.ledger_id,
        b"",
        proven.term,
        proven.index,
        proven.root,
        encode_proof(proven),
        USED,
        3,
    )


def serving(log: list[Entry], *shown: Head, kept: Head | None = None) -> Claimant:
    """A coordinator that knew these heads before it came to serve this log."""
    claimant = Claimant()
    if kept is not None:
        claimant.core.heads.load(Memory(kept), claimant.now_s)
    for other in ("up1", "up2"):
        claimant.promises(other, log, COMMITTED)
    claimant.wait(0.3)
    claimant.gives(claimant.holder(), log)
    for one in shown:
        claimant.core.heads.show(claimant.now_s, "tmr2", one)
    for other in ("up1", "up2"):
        adopts(claimant, other, log)
    assert claimant.core.phase == SERVING
    return claimant


def confirmed(claimant: Claimant) -> None:
    """Two upstreams confirm the term."""
    claimant.wait(0.3)
    for name in ("up1", "up2"):
        claimant.acks_beat(name)
    claimant.wait(0.1)


def test_a_ledger_that_is_not_founded_yet_is_no_head() -> None:
    """Else whoever founds it by another id, after a power cut in between, is told of a loss."""
    claimant = Claimant()
    for name in UPSTREAMS:
        claimant.promises_as(name, vow(claimant.term, [], name, adopted=NO_TERM), [])
    claimant.wait(0.3)
    for name in ("up1", "up2"):
        data = ack_bytes(claimant.term, 0, ZERO_ROOT, b"")
        voice = Voice(STORES[name].id, STORES[name].sign(data))
        claimant.says(name, Adopted(claimant.term, 0, ZERO_ROOT, voice))
    assert claimant.core.phase == SERVING and claimant.core.book.state.founded
    confirmed(claimant)
    assert claimant.core.heads.memory.head is None


def noted(claimant: Claimant) -> list[NoteLoss]:
    """What this coordinator enters of a loss."""
    flight = claimant.core._serving.batches.flight
    commands = [decode_command(r.data) for r in flight.requests] if flight is not None else []
    return [one for one in commands if isinstance(one, NoteLoss)]


def test_what_this_host_remembers_and_the_ledger_lacks_stands_in_the_first_entry() -> None:
    claimant = serving(LOG[:3], kept=head())
    found = claimant.core.heads.found
    assert found is not None
    assert (found.head.index, found.seen_by, found.index, found.units) == (4, OWN, 3, 5)
    (note,) = noted(claimant)
    assert (note.seen, note.units, note.leases) == (head().proof, 5, 3)
    assert claimant.core.book.state.loss.index == 4


@pytest.mark.parametrize("kept", [head(3), head(2), head(4, 5, LOG[:4])])
def test_what_the_ledger_holds_is_no_loss(kept: Head) -> None:
    claimant = serving(LOG, kept=kept)
    assert claimant.core.heads.found is None and not noted(claimant)
    assert claimant.core.heads.memory.found is None


def test_another_entry_in_its_place_is_a_loss_that_this_host_alone_can_tell() -> None:
    claimant = serving(OTHER_LOG, kept=head())
    found = claimant.core.heads.found
    assert found is not None and found.head.index == 4
    assert not noted(claimant)  # Entry 5 cannot prove it by its place.
    assert decode_memory(encode_memory(claimant.core.heads.memory)).found == found


def test_the_twin_is_believed_by_what_two_stores_signed() -> None:
    claimant = serving(LOG[:3], head())
    assert claimant.core.heads.found is None  # Nobody has confirmed this term since it was shown.
    confirmed(claimant)
    assert [one.who for one in noted(claimant)] == ["tmr2"]
    found = claimant.core.heads.found
    assert found is not None and found.seen_by == "tmr2"  # Until its entry is committed.


@pytest.mark.parametrize(
    "lie",
    [
        replace(head(), proof=b"no proof"),
        replace(head(), index=9),
        replace(head(), root=bytes(32)),
        head(4, 5, LOG, "up1"),
        replace(head(), ledger_id=b"another"),
    ],
)
def test_nobody_gains_by_a_head_that_never_was(lie: Head) -> None:
    claimant = serving(LOG[:3])
    assert not claimant.core.heads.show(claimant.now_s, "tmr2", lie)
    confirmed(claimant)
    assert claimant.core.heads.found is None


def test_a_lower_index_alone_is_a_wait() -> None:
    """A passive host's copy may lag, however far."""
    claimant = Claimant()
    claimant.core.heads.load(Memory(head()), claimant.now_s)
    claimant.wait(60.0)
    assert claimant.core.heads.found is None
    assert claimant.core.heads.memory.head == head()


def test_a_ledger_that_was_restored_from_the_one_that_was_seen_is_no_loss() -> None:
    kept = replace(head(), ledger_id=b"before")
    claimant = Claimant()
    claimant.core.heads.load(Memory(kept), claimant.now_s)
    book = claimant.core.book
    heads = claimant.core.heads
    assert heads.found is None and book.state.ledger_id == b""


def test_a_ledger_that_nobody_restored_in_the_place_of_the_one_that_was_seen_is_named() -> None:
    claimant = serving(LOG, kept=replace(head(), ledger_id=b"before"))
    found = claimant.core.heads.found
    assert found is not None and found.anew
    assert not noted(claimant)
    claimant = serving(LOG)
    claimant.core.heads.take(claimant.now_s, "client", replace(head(), ledger_id=b"before"))
    confirmed(claimant)
    assert claimant.core.heads.found is None  # Others may have seen any ledger.


def test_so_many_heads_are_compared_at_a_time() -> None:
    claimant = Claimant()
    for number in range(3 * OTHERS_MAX):
        claimant.core.heads.take(claimant.now_s, f"client-{number}", head())
    assert len(claimant.core.heads._shown) <= OTHERS_MAX
