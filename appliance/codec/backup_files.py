"""A backup as a file: records one after the other, and a checksum over all of them.

    file     "TMRBACK1", records
    record   length of what follows, 4 bytes, big-endian; what it is, 1 byte; MessagePack
    kinds    H  head, the first     S  chunk of a snapshot, if the head names one     E  entry
             Z  end: proof, and SHA-256 of all up to there

Nothing follows the end. What can go wrong in here is a file that is read as far as it goes: one
that was cut short, or altered anywhere, is refused by name. Whether a sound file is also true is
`appliance.ledger.membership.backups`' to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final, Protocol

import msgspec

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.membership.backups import BackupHead, BackupRefused, Chunk, End, Record
from appliance.ledger.messages import Entry
from appliance.unreadable import UNREADABLE

MAGIC: Final = b"TMRBACK1"
RECORD_BYTES_MAX: Final = 8 << 20
"""No record is longer: an entry is one message between hosts."""
_LENGTH_BYTES: Final = 4
_HEAD, _CHUNK, _ENTRY, _END = b"H", b"S", b"E", b"Z"


class _Seal(msgspec.Struct, frozen=True, array_like=True):
    proof: CommitProof
    digest: bytes


_encode: Final = msgspec.msgpack.Encoder().encode
_decoders: Final[dict[bytes, msgspec.msgpack.Decoder[Any]]] = {
    _HEAD: msgspec.msgpack.Decoder(BackupHead),
    _CHUNK: msgspec.msgpack.Decoder(Chunk),
    _ENTRY: msgspec.msgpack.Decoder(Entry),
    _END: msgspec.msgpack.Decoder(_Seal),
}


class _Digest(Protocol):
    def copy(self) -> _Digest: ...
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def _sealed(before: _Digest, proof: CommitProof) -> bytes:
    """The checksum of all records before the end, and of its proof."""
    digest = before.copy()
    digest.update(_encode(proof))
    return digest.digest()


class BackupWriter:
    """Turns records into a file's bytes: the head, chunks, entries, the end, in this order."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._digest = sha256()
        self._put(MAGIC)

    def head(self, head: BackupHead) -> None:
        """The first record."""
        self._record(_HEAD, head)

    def chunk(self, data: bytes) -> None:
        """The next chunk of the snapshot that the head names."""
        self._record(_CHUNK, Chunk(data))

    def entry(self, entry: Entry) -> None:
        """The next entry."""
        self._record(_ENTRY, entry)

    def end(self, proof: CommitProof) -> None:
        """The last record."""
        self._record(_END, _Seal(proof, _sealed(self._digest, proof)))

    def _record(self, kind: bytes, record: object) -> None:
        data = kind + _encode(record)
        self._put(len(data).to_bytes(_LENGTH_BYTES, "big") + data)

    def _put(self, data: bytes) -> None:
        self._digest.update(data)
        self._write(data)


def read_backup(read: Callable[[int], bytes]) -> Iterator[Record]:
    """The records of a file of which `read(n)` gives the next n bytes, fewer only at its end.

    Raises BackupRefused, at the latest with the last record.
    """
    if read(len(MAGIC)) != MAGIC:
        raise BackupRefused("This file is no backup of a ledger.")
    digest = sha256(MAGIC)
    ended = False
    while head := read(_LENGTH_BYTES):
        if ended:
            raise BackupRefused("The backup goes on after its end.")
        length = int.from_bytes(head, "big")
        if len(head) < _LENGTH_BYTES:
            raise BackupRefused("The backup is cut short: it ends within a record.")
        if not 1 < length <= RECORD_BYTES_MAX:
            raise BackupRefused(f"The backup was altered: a record claims {length} bytes.")
        data = read(length)
        if len(data) < length:
            raise BackupRefused("The backup is cut short: it ends within a record.")
        record = _decoded(data)
        if isinstance(record, _Seal):
            if record.digest != _sealed(digest, record.proof):
                raise BackupRefused("The backup was altered: its checksum is not the one it had.")
            ended = True
            yield End(record.proof)
        else:
            yield record
        digest.update(head + data)
    if not ended:
        raise BackupRefused("The backup is cut short: its end is missing.")


def _decoded(data: bytes) -> BackupHead | Chunk | Entry | _Seal:
    decoder = _decoders.get(data[:1])
    if decoder is None:
        raise BackupRefused(f"The backup holds a record of a kind {data[:1]!r} that is unknown.")
    try:
        record: BackupHead | Chunk | Entry | _Seal = decoder.decode(data[1:])
    except UNREADABLE as error:
        raise BackupRefused(f"The backup was altered: a record cannot be read ({error}).") from None
    return record
