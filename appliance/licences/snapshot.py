"""A state as bytes, so that the log before it can go (design D1): chunks, one after the other.

    chunk    "TMRSTAT2" | number | 1 if it is the last, else 0 | version of the rules in force
             | checksum of the chunk before | part of the stream | SHA-256 of all of this chunk
    stream   records: length, 4 bytes, and MessagePack
             a section is (name, count of rows) and then its rows, each (key, value)

The same state gives the same bytes, whatever its history: rows stand in the order of their
keys' bytes. What can be derived from the rest (the merge of the containers, the seats in use) is
left out, and derived again; `appliance.licences.tables` declares which is which. Two releases
write one state alike, whichever knows newer rules: what came later is there only if it says
something. A release that does not know the rules in force says so at the first chunk.

What can go wrong in here is to take what is no snapshot: truncated, mixed up or foreign chunks are
refused. Whether a sound one is the right one is the ledger's to know, by its `digest`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from heapq import merge
from itertools import islice
from typing import Any, Final

import msgspec

from appliance import RULES
from appliance.licences.rules import encode, newer
from appliance.licences.state import State
from appliance.licences.tables import LATER, SCALARS, TABLES
from appliance.unreadable import UNREADABLE

CHUNK_BYTES_MAX: Final = 1 << 20
"""No chunk is longer."""
CHUNKS_MAX: Final = 4096
"""A snapshot of more chunks is refused."""
SLICE_ROWS: Final = 1024
"""So many rows are looked at between two breaths: about a millisecond."""

_MAGIC: Final = b"TMRSTAT2"
_HEAD: Final = struct.Struct(">8sIBI32s")
_DIGEST_BYTES: Final = 32
_PART_BYTES: Final = CHUNK_BYTES_MAX - _HEAD.size - _DIGEST_BYTES
_LENGTH: Final = struct.Struct(">I")
_SCALARS: Final = "scalars"
_NO_DIGEST: Final = bytes(_DIGEST_BYTES)
_EMPTY: Final = State()

_decode_section: Final = msgspec.msgpack.Decoder(tuple[str, int]).decode
_decode_scalar: Final = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw]).decode
_row_decoders: Final[Mapping[str, msgspec.msgpack.Decoder[Any]]] = {
    name: msgspec.msgpack.Decoder(tuple.__class_getitem__(types)) for name, types in TABLES.items()
}


class SnapshotRefused(Exception):
    """These chunks are no snapshot that can be used; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NewerRules(SnapshotRefused):
    """A snapshot under rules that this release does not know: it is sound, for all we know."""


def dump(state: State) -> Iterator[bytes]:
    """The state as it is now, in chunks of at most CHUNK_BYTES_MAX, made one by one.

    The state may be changed meanwhile: its values are immutable, and its tables are copied first.
    """
    return (chunk for chunk in dump_in_slices(state) if chunk is not None)


def dump_in_slices(state: State) -> Iterator[bytes | None]:
    """As `dump`, with None after each SLICE_ROWS rows of work: whoever has other duties goes on
    with them there."""
    scalars = {name: getattr(state, name) for name in SCALARS if _says(state, name)}
    tables = {name: dict(getattr(state, name)) for name in TABLES if _says(state, name)}
    return _chunks(_stream({_SCALARS: scalars, **tables}), state.rules)


def load(chunks: Iterable[bytes], known: int = RULES) -> State:
    """The state in these chunks, with nothing to undo, for a release that knows these rules.

    Raises SnapshotRefused.
    """
    loader = Loader(known)
    for chunk in chunks:
        loader.feed(chunk)
    return loader.state()


def digest(last_chunk: bytes) -> bytes:
    """What tells this snapshot from any other, 32 bytes: equal states have equal digests."""
    return last_chunk[-_DIGEST_BYTES:]


def _says(state: State, name: str) -> bool:
    """Whether an attribute has to be written."""
    return name not in LATER or getattr(state, name) != getattr(_EMPTY, name)


# --- writing ---


def _stream(sections: Mapping[str, Mapping[Any, Any]]) -> Iterator[bytes | None]:
    """The records, and None wherever a slice of work is done."""
    for name, rows in sections.items():
        yield encode((name, len(rows)))
        runs: list[list[tuple[bytes, Any]]] = []
        keys = iter(rows)
        while run := sorted((encode(key), key) for key in islice(keys, SLICE_ROWS)):
            runs.append(run)
            if len(run) == SLICE_ROWS:
                yield None
        for number, (_, key) in enumerate(merge(*runs), 1):
            yield encode((key, rows[key]))
            if number % SLICE_ROWS == 0:
                yield None


def _chunks(records: Iterable[bytes | None], rules: int = 0) -> Iterator[bytes | None]:
    buffer = bytearray()
    number, previous = 0, _NO_DIGEST
    for record in records:
        if record is None:
            yield None
            continue
        buffer += _LENGTH.pack(len(record))
        buffer += record
        while len(buffer) > _PART_BYTES:
            chunk = _chunk(number, False, rules, previous, bytes(buffer[:_PART_BYTES]))
            del buffer[:_PART_BYTES]
            number, previous = number + 1, digest(chunk)
            yield chunk
    yield _chunk(number, True, rules, previous, bytes(buffer))


def _chunk(number: int, last: bool, rules: int, previous: bytes, part: bytes) -> bytes:
    body = _HEAD.pack(_MAGIC, number, last, rules, previous) + part
    return body + sha256(body).digest()


# --- reading ---


class Loader:
    """Builds a state of chunks as they come. After SnapshotRefused it is of no more use."""

    def __init__(self, known: int = RULES) -> None:
        """`known` is the newest version of the rules that this release knows."""
        self._known = known
        self._rules = 0
        self.chunks = 0
        """How many chunks were fed, which is the number of the one that has to come next."""
        self.complete = False
        """Whether the last chunk was fed."""
        self.digest = _NO_DIGEST
        """That of the chunks so far; once complete, the snapshot's."""
        self._state = State()
        self._buffer = bytearray()
        self._sections = iter((_SCALARS, *TABLES))
        self._section = ""
        self._rows_left = 0
        self._key = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk. Raises SnapshotRefused."""
        part = self._part(chunk)
        try:
            self._take(part)
        except UNREADABLE as error:
            raise SnapshotRefused(f"The snapshot holds what it should not: {error}.") from error

    def state(self) -> State:
        """The state, with nothing to undo; to be asked for once. Raises SnapshotRefused."""
        if not self.complete:
            raise SnapshotRefused(f"The snapshot is cut short: it ends after {self.chunks} chunks.")
        if self._buffer:
            raise SnapshotRefused("The snapshot ends within a record.")
        if self._rows_left or any(section not in LATER for section in self._sections):
            raise SnapshotRefused("The snapshot holds less than it should: it lacks rows.")
        state = self._state
        if state.rules != self._rules:
            raise SnapshotRefused("The snapshot contradicts itself about the rules in force.")
        state.count_all()
        state.derive()
        state.derive_access()
        state.take_changes()
        return state

    def _part(self, chunk: bytes) -> bytes:
        """This chunk's part of the stream, once it is known to be the next."""
        number = self.chunks
        if self.complete:
            raise SnapshotRefused(f"Chunk {number} of the snapshot comes after its last one.")
        if not chunk.startswith(_MAGIC):
            raise SnapshotRefused(
                f"Chunk {number} is none of a snapshot that this program can read."
            )
        if not _HEAD.size + _DIGEST_BYTES <= len(chunk) <= CHUNK_BYTES_MAX:
            raise SnapshotRefused(f"Chunk {number} of the snapshot has {len(chunk)} bytes.")
        body = chunk[:-_DIGEST_BYTES]
        if sha256(body).digest() != digest(chunk):
            raise SnapshotRefused(f"Chunk {number} of the snapshot is not as it was written.")
        _, says, last, rules, before = _HEAD.unpack_from(body)
        if rules > self._known:
            raise NewerRules(f"The snapshot cannot be read: {newer(rules, self._known)}.")
        if (says, before) != (number, self.digest) or number >= CHUNKS_MAX:
            raise SnapshotRefused(
                f"Chunk {number} does not follow on the one before: it is chunk {says}, or of"
                " another snapshot."
            )
        self.chunks, self.digest, self.complete = number + 1, digest(chunk), bool(last)
        self._rules = rules
        return body[_HEAD.size :]

    def _take(self, part: bytes) -> None:
        """Take the records that this part completes."""
        buffer, at = self._buffer, 0
        buffer += part
        while at + _LENGTH.size <= len(buffer):
            end = at + _LENGTH.size + _LENGTH.unpack_from(buffer, at)[0]
            if end > len(buffer):
                break
            self._record(bytes(buffer[at + _LENGTH.size : end]))
            at = end
        del buffer[:at]

    def _record(self, data: bytes) -> None:
        if self._rows_left == 0:
            self._open(data)
            return
        self._rows_left -= 1
        if self._section == _SCALARS:
            key, raw = _decode_scalar(data)
            if key not in SCALARS:
                raise SnapshotRefused(
                    f"The snapshot holds {key[:40]!r}, which this program does not know: run the"
                    " newer program that wrote it."
                )
            setattr(self._state, key, msgspec.msgpack.decode(raw, type=SCALARS[key]))
        else:
            key, value = _row_decoders[self._section].decode(data)
            getattr(self._state, self._section)[key] = value
        order = encode(key)
        if order <= self._key:
            raise SnapshotRefused(
                f"The rows of {self._section!r} in the snapshot are out of order."
            )
        self._key = order

    def _open(self, data: bytes) -> None:
        """The section that has to come next begins."""
        name, count = _decode_section(data)
        section = next((one for one in self._sections if one == name or one not in LATER), None)
        if section is None:
            raise SnapshotRefused("The snapshot goes on after its end: it is of another version.")
        if name != section or count < 0:
            raise SnapshotRefused(
                f"The snapshot holds {name[:40]!r} in the place of {section!r}: it is of another"
                " version."
            )
        self._section, self._rows_left, self._key = section, count, b""
