"""Which proof goes with the adopt of a chosen log: the newest, by stores that are known."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes
from appliance.licences.commands import Tick
from appliance.sim.vendor import UPSTREAMS, SimStore
from tests.unit.ledger.test_log_selection import FIVE, OTHER, desk
from tests.unit.ledger.world import FOUND, LOG, entries, proof


def test_the_newest_proof_of_the_log_goes_with_it() -> None:
    one = desk()
    one.reads(LOG)
    one.says("up1", LOG, commit=proof(FIVE, LOG, 2))
    newest = proof(FIVE, LOG, 3)
    one.says("up2", LOG, commit=newest)
    one.says("up3", OTHER, commit=proof(FIVE, OTHER, 3))
    assert one.selection.proven() == 3
    assert one.tail.proof == newest


def test_without_a_proof_of_this_log_nothing_is_proven() -> None:
    one = desk()
    one.reads(LOG)
    one.says("up1", LOG)
    one.says("up3", OTHER, commit=proof(FIVE, OTHER, 3))
    assert one.selection.proven() == 0
    assert one.tail.proof is None


def test_stores_of_a_made_up_ledger_prove_nothing() -> None:
    """A liar's log lists stores of his own, which sign what he likes."""
    made_up = {name: SimStore(f"made-up-{name}".encode()) for name in UPSTREAMS}
    log = entries(
        (replace(FOUND, stores=tuple((name, made_up[name].id) for name in UPSTREAMS)),), (Tick(),)
    )
    data = ack_bytes(FIVE, 2, log[1].root, b"")
    voices = tuple(Voice(s.id, s.sign(data)) for s in (made_up["up1"], made_up["up2"]))
    forged = CommitProof(FIVE, 2, log[1].root, b"", voices)
    one = desk()
    one.reads(log)
    one.says("up1", log, commit=forged)
    one.says("up2", LOG)
    assert one.selection.proven() == 0
    one.tail.commit(1)  # Of a ledger that is known, its own stores are believed.
    assert one.selection.proven() == 2
