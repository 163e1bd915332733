"""One store's seal is its own word for one snapshot, and passes for nothing else."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.snapshot.seals import Seal, StateHead, is_seal, seal_bytes
from appliance.sim.vendor import verify_store
from tests.unit.ledger.world import STORES

HEAD = StateHead(b"L" * 16, 4, bytes(range(32)), 1_800_000_000_000, bytes(range(32, 64)))


def test_a_seal_is_of_the_store_that_it_names_and_of_just_this_snapshot() -> None:
    one, other = STORES["up1"], STORES["up2"]
    seal = Seal(HEAD, Voice(one.id, one.sign(seal_bytes(HEAD))))
    assert is_seal(seal, verify_store)
    assert not is_seal(replace(seal, voice=replace(seal.voice, store=other.id)), verify_store)
    assert not is_seal(replace(seal, head=replace(HEAD, index=5)), verify_store)
