"""The bytes of docs/receipts.md, made from its own text; the code is compared with them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.licences.grants import Grant
from appliance.verifier.layouts import endorsement_bytes, entry_root, outcome_leaf

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/receipts.md").read_text("utf-8")
FILE: dict[str, Any] = json.loads((ROOT / "tests/vectors/receipt.json").read_text("utf-8"))
BYTES: dict[str, Any] = FILE["bytes"]
NONCE = base64.b64decode(FILE["cases"][0]["wanted"]["nonce"])
ABSENT = {"units_left": 2**64 - 1}


def table(name: str) -> list[tuple[str, str]]:
    """The rows (field, type) of the page's table about these bytes."""
    part = PAGE.partition(f"**{name}**")[2].partition("\n|---|")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in part.splitlines()[1:]]
    return [(field.strip().strip("`"), of.strip()) for field, of in rows]


def laid(of: str, value: Any) -> bytes:
    """One value as the type's words say."""
    if of.startswith('`"'):
        return of.strip('`"').replace("\\0", "\0").encode()
    if of.startswith("text"):
        text = str(value).encode()
        return struct.pack(">H", len(text)) + text
    if of == "u64":
        return struct.pack(">Q", value)
    if of == "u32":
        return struct.pack(">I", value)
    if of == "hash" or re.match(r"\d+ bytes, without a length", of):
        return bytes(value)
    if of.startswith("bytes"):
        return struct.pack(">H", len(value)) + bytes(value)
    count, _, inner = of.partition(", then for each: ")
    assert count.startswith("u16 count"), of
    fields = [part.split(" ") for part in inner.replace("`", "").split(", ")]
    lines = [laid(kind, data(line[name])) for line in value for kind, name in fields]
    return struct.pack(">H", len(value)) + b"".join(lines)


def data(value: Any) -> Any:
    """Bytes of base64, whatever else as it is."""
    return base64.b64decode(value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["leaf", "leaf_of_many_lines"])
def test_the_leaf_is_what_its_table_says(name: str) -> None:
    fields = BYTES[f"{name}_of"] | {
        "tag": "",
        "ledger id": b"ledger-of-tests!",
        "command hash": bytes(range(32)),
        "nonce": NONCE,
    }
    rows = table("Leaf")
    assert {field for field, _ in rows} == set(fields)
    made = b""
    for field, of in rows:
        value = fields[field]
        value = ABSENT[field] if value is None else value
        text = isinstance(value, str) and not of.startswith("text")
        made += laid(of, data(value) if text else value)
    assert made.hex() == BYTES[name]


def test_a_leafs_hash_is_that_of_rfc_6962() -> None:
    leaf = bytes.fromhex(BYTES["leaf"])
    assert hashlib.sha256(b"\0" + leaf).hexdigest() == BYTES["leaf_hash"]


def test_the_entry_root_is_what_the_page_says() -> None:
    of = BYTES["entry_root_of"]
    parts = bytes.fromhex(of["previous"]), struct.pack(">Q", of["index"])
    body = hashlib.sha256(bytes.fromhex(of["body"])).digest()
    made = hashlib.sha256(b"tmr-entry-1\0" + b"".join(parts) + body)
    assert made.hexdigest() == BYTES["entry_root"]


def test_the_history_root_is_what_the_page_says() -> None:
    of = BYTES["history_root_of"]
    parts = bytes.fromhex(of["previous"]) + bytes.fromhex(of["outcome_root"])
    assert hashlib.sha256(b"tmr-history-1\0" + parts).hexdigest() == BYTES["history_root"]


def test_the_item_hash_is_what_the_page_says() -> None:
    of = BYTES["item_of"]
    text = json.dumps(of["item"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert text == BYTES["item_canonical"]
    made = hashlib.sha256(b"tmr-item-1\0" + struct.pack(">Q", of["firm_code"]) + text.encode())
    assert made.hexdigest() == BYTES["item_hash"]
    line = base64.b64decode(BYTES["leaf_of"]["lines"][0]["item_hash"])
    assert line == made.digest()


def test_the_wishes_hash_is_what_the_page_says() -> None:
    text = json.dumps(BYTES["wishes_of"], sort_keys=True, separators=(",", ":"))
    assert text == BYTES["wishes_canonical"]
    made = hashlib.sha256(b"tmr-wishes-1\0" + text.encode()).digest()
    assert made.hex() == BYTES["wishes_hash"]
    assert data(BYTES["leaf_of_many_lines_of"]["wishes_hash"]) == made


def test_the_endorsement_is_what_its_table_says() -> None:
    fields: dict[str, bytes] = {
        "ledger id": laid("bytes", b"ledger-of-tests!"),
        "term": struct.pack(">Q", 3) + laid("text", "tmr1") + struct.pack(">Q", 0x123456789ABCDEF),
        "index": struct.pack(">Q", 1),
        "log root": bytes(range(32)),
        "outcome root": bytes(range(32, 64)),
        "history root": bytes(range(64, 96)),
        "size": struct.pack(">I", 5),
        "log time": struct.pack(">Q", 1_767_225_600_000),
        "objections": struct.pack(">III", 2, 2, 4),
        "system time": struct.pack(">Q", 1_767_225_600_007),
    }
    rows = table("Endorsement")
    made = b"".join(fields[row] if row in fields else laid(of, "") for row, of in rows)
    assert {row for row, _ in rows} == {"tag", *fields}
    assert made.hex() == BYTES["endorsement"]


def test_the_firms_word_is_what_its_table_says() -> None:
    fields = BYTES["firm_word_of"]
    hashes = ("key_hash", "root")
    rows = table("Firm's word")
    made = b"".join(
        laid(of, bytes.fromhex(fields[name]) if name in hashes else fields.get(name))
        for name, of in rows
    )
    assert {name for name, _ in rows} == {"tag", *fields}
    assert made.hex() == BYTES["firm_word"]
    key = x509.load_der_x509_certificate(
        base64.b64decode(FILE["cases"][0]["grant"]["receipt"]["endorsements"][0]["certificate"])
    ).public_key()
    assert isinstance(key, Ed25519PublicKey)
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert hashlib.sha256(raw).hexdigest() == fields["key_hash"]


def test_the_root_over_a_firms_items_is_what_the_page_says() -> None:
    code, item = BYTES["item_of"]["firm_code"], BYTES["item_of"]["item"]
    level = []
    for tmr_id in range(1, 17):
        made = item | {"tmr_id": tmr_id}
        text = json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        hashed = hashlib.sha256(b"tmr-item-1\0" + struct.pack(">Q", code) + text.encode()).digest()
        level.append(hashlib.sha256(b"\0" + hashed).digest())
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [hashlib.sha256(b"\1" + one + other).digest() for one, other in pairs]
    assert level[0].hex() == BYTES["items_root"] == BYTES["firm_word_of"]["root"]


@dataclass(frozen=True)
class _Term:
    counter: int
    host: str
    nonce: int


@dataclass(frozen=True)
class _Said:
    ledger_id: bytes
    term: _Term
    index: int
    log_root: bytes
    outcome_root: bytes
    history_root: bytes
    size: int
    log_time_ms: int


def test_numbers_use_all_their_bits() -> None:
    u64, u32 = 2**64 - 1, 2**32 - 1
    roots = bytes([1] * 32), bytes([2] * 32), bytes([3] * 32)
    said = _Said(b"L", _Term(u64, "h" * 40_000, u64 - 1), u64 - 2, *roots, u32, u64 - 3)
    made = endorsement_bytes(said, (u32, 0), u64 - 4)
    assert made == b"".join(
        (
            b"tmr-endorsement-2\0\0\1L" + struct.pack(">QH", u64, 40_000) + b"h" * 40_000,
            struct.pack(">QQ", u64 - 1, u64 - 2) + b"".join(roots),
            struct.pack(">IQIIIQ", u32, u64 - 3, 2, u32, 0, u64 - 4),
        )
    )
    last = entry_root(bytes(32), u64, b"body")
    body = hashlib.sha256(b"body").digest()
    hashed = hashlib.sha256(b"tmr-entry-1\0" + bytes(32) + b"\xff" * 8 + body)
    assert last == hashed.digest()
    nonce = bytes(40_000)
    leaf = outcome_leaf(nonce, bytes(32), nonce, Grant("done"))
    length = struct.pack(">H", 40_000)
    head = b"tmr-outcome-2\0" + length + nonce + bytes(32) + length + nonce
    assert leaf.startswith(head + b"\0\4done\0\0\0\0")
