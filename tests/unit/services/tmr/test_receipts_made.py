"""A receipt is made of its own batch, whatever else had the same index in this process."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from appliance.client.errors import ReceiptRefused
from appliance.client.receipts import ReceiptVerifier
from appliance.codec.api import GrantDocument
from appliance.ledger.certificates.receipts import Endorsement, Statement
from appliance.ledger.effects import Batch, Decided
from appliance.ledger.election.terms import Term
from appliance.licences.commands import LeaseRef, Outcome
from appliance.licences.grants import FIELDS
from appliance.services.tmr.receipts import ReceiptMaker
from appliance.verifier.layouts import endorsement_bytes, outcome_leaf
from appliance.verifier.merkle import Tree, leaf_hash
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import Trust
from tests.unit.verifier.plant import LOG_TIME_MS, Plant, a_grant

NONCE = bytes(range(16))
LEASE = LeaseRef("cert:alice", "one")
PLANT = Plant()
VERIFIER = PLANT.taught(ReceiptVerifier(Trust(PLANT.root)))
HASH = hashlib.sha256(b"command").digest()


def decided(index: int = 7, ledger: bytes = b"ledger-of-tests!", **changes: Any) -> Decided:
    """One grant of a batch of three, without endorsements."""
    outcome = Outcome(*(getattr(a_grant(), name) for name in FIELDS))
    leaf = leaf_hash(outcome_leaf(ledger, HASH, NONCE, outcome))
    hashes = (hashlib.sha256(ledger).digest(), leaf, bytes(32))
    values: dict[str, Any] = {
        "ledger_id": ledger,
        "term": Term(3, "tmr1", 5),
        "index": index,
        "log_root": hashlib.sha256(b"log" + ledger).digest(),
        "outcome_root": Tree(hashes).root,
        "history_root": hashlib.sha256(b"history" + ledger).digest(),
        "size": len(hashes),
        "log_time_ms": LOG_TIME_MS,
    }
    statement = Statement(**(values | changes))
    return Decided(1, outcome, HASH, 1, Batch(statement, hashes))


def endorse(done: Decided, *twins: int, objecting: int = 0) -> None:
    """These twins' words arrive."""
    for twin in twins:
        objections = (1,) if twin == objecting else ()
        data = endorsement_bytes(done.batch.statement, objections, 9)
        signature = PLANT.twins[twin - 1].key.sign(data)
        word = Endorsement(done.batch.statement, objections, 9, signature)
        done.batch.endorsements[f"up{twin}"] = word


@pytest.fixture
def maker() -> ReceiptMaker:
    maker = ReceiptMaker()
    maker.certificates = {f"up{n}": twin.certificate for n, twin in enumerate(PLANT.twins, 1)}
    return maker


def believed(maker: ReceiptMaker, done: Decided) -> GrantDocument | None:
    """What a client makes of the receipt, None if there is none. Raises ReceiptRefused."""
    data = maker.grant(done, LEASE, NONCE)
    if data is None:
        return None
    grant = msgspec.json.decode(data, type=GrantDocument)
    VERIFIER.verify(grant, Wanted(100001, 10, NONCE))
    assert grant.receipt is not None
    assert grant.receipt.ledger_id == done.batch.statement.ledger_id
    return grant


@pytest.mark.parametrize(
    "other",
    [
        {"ledger": b"a restored ledger"},
        {"term": Term(4, "tmr1", 5)},
        {"log_root": bytes(32)},
        {"log_time_ms": 5},
    ],
    ids=lambda other: next(iter(other)),
)
def test_two_batches_of_one_index_have_two_receipts(
    maker: ReceiptMaker, other: dict[str, Any]
) -> None:
    """After a failover, or a restore, another entry may have the index of one that was answered."""
    one, two = decided(), decided(**other)
    for done in (one, two):
        endorse(done, 1, 3)
    for _ in range(2):  # Whichever of them was made last.
        assert believed(maker, one) is not None
        assert believed(maker, two) is not None


def test_a_voice_that_comes_late_is_in_the_next_receipt(maker: ReceiptMaker) -> None:
    done = decided()
    endorse(done, 1)
    assert believed(maker, done) is None
    endorse(done, 2, objecting=2)
    assert believed(maker, done) is None
    endorse(done, 3)
    grant = believed(maker, done)
    assert grant is not None and grant.receipt is not None
    assert [word.objections for word in grant.receipt.endorsements] == [(), ()]


def test_an_upstream_whose_certificate_is_unknown_has_no_voice(maker: ReceiptMaker) -> None:
    done = decided()
    endorse(done, 1, 2)
    del maker.certificates["up2"]
    assert believed(maker, done) is None


def test_few_batches_are_kept(maker: ReceiptMaker) -> None:
    for index in range(1, 40):
        done = decided(index)
        endorse(done, 1, 2)
        assert believed(maker, done) is not None
    assert len(maker._prepared) <= 8


def test_this_test_can_fail(maker: ReceiptMaker) -> None:
    one, two = decided(), decided(log_root=bytes(32))
    endorse(one, 1, 2)
    two.batch.endorsements.update(one.batch.endorsements)
    with pytest.raises(ReceiptRefused):
        believed(maker, two)
