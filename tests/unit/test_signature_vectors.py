"""The published signatures of stores and containers: what the code makes, and what it believes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.adapters.signatures import verify_store
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, is_proven, is_signed
from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.election.terms import Term
from appliance.ledger.snapshot.seals import Sealed, StateHead, is_sealed
from appliance.licences.members import Member, Membership
from tests.unit import signature_vectors as vectors

FILE = json.loads(vectors.VECTORS.read_text("utf-8"))
STORES = [bytes.fromhex(store) for store in FILE["stores"]]
MEMBERS = Membership(tuple(Member(f"up{n}", store, 0) for n, store in enumerate(STORES, 1)))


def hexed(value: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(value[name]) for name in names]


def voices(value: dict[str, Any]) -> tuple[Voice, ...]:
    return tuple(Voice(*hexed(voice, "store", "signature")) for voice in value["voices"])


def proof_holds(value: dict[str, Any]) -> bool:
    root, digest = hexed(value, "root", "digest")
    proof = CommitProof(Term(**value["term"]), value["index"], root, digest, voices(value))
    return is_proven(proof, MEMBERS, verify_store)


def seal_holds(value: dict[str, Any]) -> bool:
    head = value["head"]
    ledger_id, root, digest = hexed(head, "ledger_id", "root", "digest")
    said = StateHead(ledger_id, head["index"], root, head["log_time_ms"], digest, head["format"])
    return is_sealed(Sealed(said, voices(value)), STORES.__contains__, verify_store, 2)


def vow_holds(value: dict[str, Any]) -> bool:
    last_root, proof_root, store, signature = hexed(
        value, "last_root", "proof_root", "store", "signature"
    )
    vow = Vow(
        Term(**value["term"]),
        Term(**value["adopted"]),
        value["last_index"],
        last_root,
        value["proof_index"],
        proof_root,
        store,
        signature,
    )
    return is_signed(vow, verify_store)


def time_holds(value: dict[str, Any]) -> bool:
    (signature,) = hexed(value, "signature")
    time = TimeStatement(value["serial"], value["system_time_ms"], signature)
    data = time_bytes(time.serial, time.system_time_ms)
    return verify_store(bytes.fromhex(FILE["container_key"]), data, time.signature)


HOLDS = {
    "commit_proofs": proof_holds,
    "sealed_snapshots": seal_holds,
    "vows": vow_holds,
    "system_times": time_holds,
}
CASES = [(kind, case) for kind in HOLDS for case in FILE[kind]]


def test_the_published_file_is_what_the_code_makes() -> None:
    assert vectors.text() == vectors.VECTORS.read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "case"), CASES, ids=[f"{kind}: {case['name']}" for kind, case in CASES]
)
def test_each_case_of_the_published_file(kind: str, case: dict[str, Any]) -> None:
    assert HOLDS[kind](case["value"]) is (case["expected"] == "accepted")


def test_each_kind_has_good_cases_and_bad_ones() -> None:
    for kind in HOLDS:
        assert {case["expected"] for case in FILE[kind]} == {"accepted", "refused"}, kind
