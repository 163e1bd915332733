"""What a store has come to, written down a second time, outside of SQLite (design D7).

SQLite ends a WAL at the first frame whose checksum fails: one flipped bit undoes every transaction
from there on, and `integrity_check` calls what is left sound. So after each commit, and before
anything that rests on it leaves this host, the store's position is synced into a file of its own.
A store that is behind its mark has lost something.

    slot 0, at byte 0          slot 1, at byte 4096
    "TMRMARK1" | length of the record, 4 bytes | record | checksum of all before | zeros

The slots are written in turn, so that a torn write spoils the older one and leaves the newer. The
file never changes its size: a write of it is one block, and one sync.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.store.files import Files, OpenFile
from appliance.ledger.election.terms import Term
from appliance.unreadable import UNREADABLE

SLOT_BYTES: Final = 4096
MEMBERSHIP_BYTES_MAX: Final = 2048
"""The longest `membership` that a mark has room for."""
_MAGIC: Final = b"TMRMARK1"
_LENGTH: Final = struct.Struct(">I")
_CHECKSUM_BYTES: Final = 16
_SLOTS: Final = 2


class MarkRecord(msgspec.Struct, frozen=True, array_like=True):
    """A store's position after its transaction number `sequence`; `format` is the store's own."""

    store_id: bytes
    format: int
    sequence: int
    promised: Term
    adopted: Term
    commit_index: int
    last_index: int
    last_root: bytes
    membership: bytes


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(MarkRecord)


def mark_path(store: Path) -> Path:
    """Where the mark of this store is."""
    return store.with_name(store.name + ".mark")


def encode_slot(record: MarkRecord) -> bytes:
    """One slot's bytes. Raises ValueError if the record does not fit."""
    data = _encoder.encode(record)
    data = b"".join((_MAGIC, _LENGTH.pack(len(data)), data))
    if len(data) + _CHECKSUM_BYTES > SLOT_BYTES:
        raise ValueError(f"a mark of {len(data)} bytes does not fit into its slot")
    return (data + _checksum(data)).ljust(SLOT_BYTES, b"\0")


def decode_slot(data: bytes) -> MarkRecord | None:
    """The record in a slot, None if it is not as it was written."""
    start = len(_MAGIC) + _LENGTH.size
    if len(data) != SLOT_BYTES or not data.startswith(_MAGIC):
        return None
    end = start + _LENGTH.unpack_from(data, len(_MAGIC))[0]
    if _checksum(data[:end]) != data[end : end + _CHECKSUM_BYTES]:
        return None
    try:
        return _decoder.decode(data[start:end])
    except UNREADABLE:
        return None


class Mark:
    """The mark of one store. Its methods raise OSError."""

    def __init__(self, path: Path, files: Files) -> None:
        """Reads what is there; nothing is written."""
        self._path = path
        self._files = files
        self._file: OpenFile | None = None
        data = files.read(path, SLOT_BYTES * _SLOTS)
        self.exists = data is not None
        """Whether there is such a file, whatever is in it."""
        slots = [
            decode_slot((data or b"")[number * SLOT_BYTES : (number + 1) * SLOT_BYTES])
            for number in range(_SLOTS)
        ]
        self.newest: MarkRecord | None = None
        self._next = 0
        for number, record in enumerate(slots):
            if record and (self.newest is None or record.sequence > self.newest.sequence):
                self.newest, self._next = record, 1 - number

    def create(self, record: MarkRecord) -> None:
        """Makes the file, or makes it anew, with this record in both slots, durably."""
        self._open().write_at(0, encode_slot(record) * _SLOTS)
        self._open().sync()
        self._files.sync_directory(self._path.parent)
        self.exists, self.newest = True, record

    def write(self, record: MarkRecord) -> None:
        """Puts down a newer record, durably, over the older of the two."""
        file = self._open()
        file.write_at(self._next * SLOT_BYTES, encode_slot(record))
        file.sync()
        self.newest, self._next = record, 1 - self._next

    def close(self) -> None:
        """Ends the use of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> OpenFile:
        if self._file is None:
            self._file = self._files.open(self._path)
        return self._file


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=_CHECKSUM_BYTES).digest()
