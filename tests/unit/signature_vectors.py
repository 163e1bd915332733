"""Makes tests/vectors/signatures.json; write it anew with `python -m tests.unit.signature_vectors`.

docs/signatures.md explains it. All values are written down here, none is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.clocks.certified import TimeRequest
from appliance.codec.certified_statements import _signed_bytes
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.snapshot.seals import Sealed, StateHead, seal_bytes
from tests.unit.samples import others

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "signatures.json"
TERM = Term(3, "tmr1", 0x0123456789ABCDEF)
ROOT, PROVEN, DIGEST = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
TIME_MS = 1_767_225_600_000
REQUEST = TimeRequest("130-10000001", TIME_MS, bytes(range(32)), bytes(range(16)))
TOKEN = b"a token of a time server"


class Signer:
    """A key that is the same in each run; its public half is a store's id."""

    def __init__(self, number: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self.id = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def voice(self, data: bytes) -> Voice:
        """Its signature under these bytes."""
        return Voice(self.id, self._key.sign(data))


STORES = tuple(Signer(number) for number in (21, 22, 23))
STRANGER = Signer(24)
PROOF = CommitProof(TERM, 17, ROOT, b"", ())
HEAD = StateHead(b"ledger-of-tests!", 10_000, ROOT, TIME_MS, DIGEST)
VOW = Vow(TERM, Term(2, "tmr2", 5), 17, ROOT, 16, PROVEN, STORES[0].id)
VOW_OF_AN_EMPTY_STORE = Vow(TERM, NO_TERM, 0, bytes(32), 0, bytes(32), STORES[1].id)
TIME = TimeStatement("130-10000001", TIME_MS, b"")


def ack_of(proof: CommitProof) -> bytes:
    """What is signed under a commit proof."""
    return ack_bytes(proof.term, proof.index, proof.root, proof.digest)


def signed(value: Any, data_of: Callable[[Any], bytes], *signers: Signer) -> Any:
    """The same value with these stores' voices under its bytes."""
    data = data_of(value)
    return msgspec.structs.replace(value, voices=tuple(one.voice(data) for one in signers))


def cases_of(value: Any, data_of: Callable[[Any], bytes]) -> Iterator[dict[str, Any]]:
    """Commit proofs or seals: by whom they hold, and that no field can be changed."""
    one, two, three = STORES
    good = signed(value, data_of, one, two)
    yield _case("two stores", "accepted", good)
    yield _case("three stores", "accepted", signed(value, data_of, one, two, three))
    yield _case("one store", "refused", signed(value, data_of, one))
    yield _case("one store twice", "refused", signed(value, data_of, one, one))
    yield _case("a stranger", "refused", signed(value, data_of, one, STRANGER))
    for where, other in others(value):
        if not where.startswith("voices"):
            yield _case(f"another {where}", "refused", _with_voices_of(other, good))


def _with_voices_of(value: Any, good: Any) -> Any:
    return msgspec.structs.replace(value, voices=good.voices)


def _case(name: str, expected: str, value: Any) -> dict[str, Any]:
    return {"name": name, "expected": expected, "value": plain(value)}


def plain(value: Any) -> Any:
    """A struct as a mapping by names, bytes in hex: array-like structs would have none."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, bytes):
        return value.hex()
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def sealed_bytes(sealed: Sealed) -> bytes:
    """What is signed under a sealed snapshot."""
    return seal_bytes(sealed.head)


def vows() -> Iterator[dict[str, Any]]:
    """A vow holds by its own store's key alone."""
    for name, vow, store in (
        ("of a store with a log", VOW, STORES[0]),
        ("of an empty store", VOW_OF_AN_EMPTY_STORE, STORES[1]),
    ):
        data = vow_bytes(vow)
        good = msgspec.structs.replace(vow, signature=store.voice(data).signature)
        yield _case(name, "accepted", good)
        false = msgspec.structs.replace(vow, signature=STRANGER.voice(data).signature)
        yield _case(f"{name}, by another key", "refused", false)
        for where, other in others(vow):
            if where not in ("signature", "store"):
                forged = msgspec.structs.replace(other, signature=good.signature)
                yield _case(f"{name}, another {where}", "refused", forged)


def times() -> Iterator[dict[str, Any]]:
    """A container's system time; `key` stands for the one in its certificate."""
    key = STORES[2]
    data = time_bytes(TIME.serial, TIME.system_time_ms)
    good = msgspec.structs.replace(TIME, signature=key.voice(data).signature)
    yield _case("a system time", "accepted", good)
    for where, other in others(TIME):
        if where != "signature":
            forged = msgspec.structs.replace(other, signature=good.signature)
            yield _case(f"another {where}", "refused", forged)


def document() -> dict[str, Any]:
    """The whole file."""
    return {
        "about": "docs/signatures.md explains the fields; bytes are hex",
        "stores": [store.id.hex() for store in STORES],
        "container_key": STORES[2].id.hex(),
        "bytes": {
            "ack": ack_of(PROOF).hex(),
            "vow": vow_bytes(VOW).hex(),
            "seal": seal_bytes(HEAD).hex(),
            "system_time": time_bytes(TIME.serial, TIME.system_time_ms).hex(),
            "time_request_imprint": REQUEST.imprint().hex(),
            "certified_statement": _signed_bytes(REQUEST, TOKEN).hex(),
        },
        "time_request": {name: plain(value) for name, value in REQUEST._asdict().items()},
        "token": TOKEN.hex(),
        "commit_proofs": list(cases_of(PROOF, ack_of)),
        "sealed_snapshots": list(cases_of(Sealed(HEAD, ()), sealed_bytes)),
        "vows": list(vows()),
        "system_times": list(times()),
    }


def text() -> str:
    """The file's text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8")
