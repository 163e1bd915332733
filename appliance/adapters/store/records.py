"""What a store's tables hold, and the checksum that each record of them carries.

    owner      one row: which host's store this is, and the id that it got when it was made
    position   one row: everything that one transaction moves together
    entry      one row for each entry of the log, with what came of it
    chunk      one row for each chunk of the snapshot, and of the next one while it is put aside
    name       names beside the ledger (`names`); no checksum: a name proves itself by its tag

What can go wrong in here is a record that is sound and not where it belongs: so a checksum covers
the record's key and where each of its fields ends, too.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec

from appliance.adapters.store.mark import MarkRecord
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.verifier.layouts import ZERO_ROOT

APPLICATION_ID: Final = 0x544D5231  # "TMR1"
VERSION: Final = 4
ID_BYTES: Final = 16
ID_BYTES_MAX: Final = 32
CHUNKS_MAX: Final = 1 << 20
"""More chunks than that a snapshot may not have."""
SCHEMA: Final = (
    "CREATE TABLE owner"
    " (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL, sum BLOB NOT NULL)",
    "CREATE TABLE position"
    " (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL, sum BLOB NOT NULL)",
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, term BLOB NOT NULL, root BLOB NOT NULL,"
    " body BLOB NOT NULL, result BLOB NOT NULL, sum BLOB NOT NULL)",
    "CREATE TABLE chunk (number INTEGER PRIMARY KEY, data BLOB NOT NULL, sum BLOB NOT NULL)",
    "CREATE TABLE name (number INTEGER PRIMARY KEY AUTOINCREMENT, tag BLOB NOT NULL UNIQUE,"
    " text BLOB NOT NULL, seen_ms INTEGER NOT NULL)",
)
_CHECKSUM_BYTES: Final = 16


class Damage(Exception):
    """Something of the store is not as it was written; the message says what, by a code of
    `appliance.details.store`."""


class Owner(msgspec.Struct, frozen=True, array_like=True):
    """Whose store this is, and the private half of its key (see `adapters.signatures`).

    `restore` is None, or what whoever made it for a restore wrote down (`Recovered.restore`).
    """

    host: str
    store_id: bytes
    key: bytes = b""
    restore: bytes | None = None


class SnapshotHead(msgspec.Struct, frozen=True, array_like=True):
    """Which chunks are the snapshot: `count` of them, with keys from `chunk_key(slot, 0)` on."""

    slot: int
    index: int
    root: bytes
    count: int
    about: bytes


class Position(msgspec.Struct, frozen=True, array_like=True):
    """What a transaction moves. The table `entry` holds `base_index + 1 … last_index`.

    `sequence` counts the transactions; `slot` is that of the last snapshot.
    """

    sequence: int = 0
    promised: Term = NO_TERM
    adopted: Term = NO_TERM
    commit_index: int = 0
    base_index: int = 0
    base_root: bytes = ZERO_ROOT
    last_index: int = 0
    last_root: bytes = ZERO_ROOT
    snapshot: SnapshotHead | None = None
    slot: int = 0
    membership: bytes = b""

    def mark(self, store_id: bytes) -> MarkRecord:
        """What is put down beside the store for it."""
        return MarkRecord(
            store_id,
            VERSION,
            self.sequence,
            self.promised,
            self.adopted,
            self.commit_index,
            self.last_index,
            self.last_root,
            self.membership,
        )


encode: Final = msgspec.msgpack.Encoder().encode
decode_owner: Final = msgspec.msgpack.Decoder(Owner).decode
decode_position: Final = msgspec.msgpack.Decoder(Position).decode
decode_term: Final = msgspec.msgpack.Decoder(Term).decode


def checksum(data: bytes) -> bytes:
    """Of a record's bytes."""
    return blake2b(data, digest_size=_CHECKSUM_BYTES).digest()


def entry_row(number: int, term: bytes, root: bytes, body: bytes, result: bytes) -> tuple[Any, ...]:
    """The row of an entry."""
    about = encode((number, len(term), len(root), len(body), len(result)))
    summed = checksum(b"".join((about, term, root, body, result)))
    return (number, term, root, body, result, summed)


def chunk_key(slot: int, number: int) -> int:
    """Where the chunk with this number, from 0 on, is kept."""
    return slot * CHUNKS_MAX + number


def chunk_row(key: int, data: bytes) -> tuple[Any, ...]:
    """The row of a chunk."""
    return (key, data, checksum(encode((key, len(data))) + data))
