"""Sealed segments: what compaction took out of the log stays as an archive (design D1).

    archive/segment-FIRST-LAST.tmr

    "TMRSEG1\\n" | header | entry | entry | … | checksum of all before, 32 bytes
    header and entries: length, 4 bytes, and MessagePack

A segment is written aside, synced and renamed before the transaction that drops its entries. What a
crash leaves behind is therefore a segment of entries that are in the log as well; the next one that
is sealed takes its place. The header holds the log's root before the first entry: so the entries of
each segment prove by themselves that they belong together, and follow on the segment before.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance.adapters.store_files import Files
from appliance.errors import UNREADABLE
from appliance.ledger.messages import Entry
from appliance.ledger.receipts import entry_root

SEGMENT_BYTES_MAX: Final = 64 << 20
"""A segment is closed once its entries' bodies are that long."""
_MAGIC: Final = b"TMRSEG1\n"
_LENGTH: Final = struct.Struct(">I")
_CHECKSUM_BYTES: Final = 32
_WRITE_BYTES: Final = 1 << 20
_ASIDE: Final = ".new"
_NAME: Final = re.compile(r"segment-([1-9][0-9]*)-([1-9][0-9]*)\.tmr")


class SegmentDamaged(Exception):
    """A segment is not as it was written; the message says which and how."""


class Segment(NamedTuple):
    """A sealed segment: the entries from `first` to `last`."""

    first: int
    last: int
    path: Path


class _Header(msgspec.Struct, frozen=True, array_like=True):
    store_id: bytes
    first: int
    last: int
    previous_root: bytes


_encode: Final = msgspec.msgpack.Encoder().encode
_decode_header: Final = msgspec.msgpack.Decoder(_Header).decode
_decode_entry: Final = msgspec.msgpack.Decoder(Entry).decode


def archive_path(store: Path) -> Path:
    """The directory of the segments of this store."""
    return store.parent / "archive"


class Archive:
    """The segments in one directory. Every method may raise OSError."""

    def __init__(self, directory: Path, files: Files) -> None:
        self._directory = directory
        self._files = files

    def segments(self) -> list[Segment]:
        """What there is, in the order of the log."""
        return sorted(
            Segment(int(match[1]), int(match[2]), self._directory / match[0])
            for match in map(_NAME.fullmatch, self._files.names(self._directory))
            if match
        )

    def seal(self, store_id: bytes, root: bytes, entries: Iterable[Entry]) -> list[Segment]:
        """Puts these entries, which follow on the log root `root`, into segments, durably."""
        self._files.make_directory(self._directory)
        sealed: list[Segment] = []
        part: list[Entry] = []
        size = 0
        for entry in entries:
            part.append(entry)
            size += len(entry.body)
            if size >= SEGMENT_BYTES_MAX:
                sealed.append(self._write(store_id, root, part))
                root, part, size = entry.root, [], 0
        if part:
            sealed.append(self._write(store_id, root, part))
        self._files.sync_directory(self._directory)
        return sealed

    def replace_by(self, sealed: list[Segment]) -> None:
        """Deletes what an interrupted sealing left behind, now that these have taken its place."""
        if not sealed:
            return
        for segment in self.segments():
            if segment.first >= sealed[0].first and segment not in sealed:
                self._files.delete(segment.path)
        for name in self._files.names(self._directory):
            if name.endswith(_ASIDE):
                self._files.delete(self._directory / name)

    def read(self, segment: Segment) -> tuple[Entry, ...]:
        """The entries of a segment. Raises SegmentDamaged."""
        data = self._files.read(segment.path, _read_bytes_max(self._files, segment.path))
        try:
            header, entries = _decoded(data or b"")
        except (struct.error, *UNREADABLE) as error:
            raise SegmentDamaged(f"{segment.path} is not as it was written: {error}") from None
        if (header.first, header.last) != (segment.first, segment.last):
            raise SegmentDamaged(f"{segment.path} holds other entries than its name says")
        return entries

    def _write(self, store_id: bytes, root: bytes, entries: list[Entry]) -> Segment:
        first, last = entries[0].index, entries[-1].index
        path = self._directory / f"segment-{first}-{last}.tmr"
        aside = path.with_name(path.name + _ASIDE)
        if self._files.size(aside) is not None:
            self._files.delete(aside)
        file = self._files.open(aside)
        try:
            at = 0
            for piece in _pieces(_Header(store_id, first, last, root), entries):
                file.write_at(at, piece)
                at += len(piece)
            file.sync()
        finally:
            file.close()
        self._files.rename(aside, path)
        return Segment(first, last, path)


def _read_bytes_max(files: Files, path: Path) -> int:
    return files.size(path) or 0


def _pieces(header: _Header, entries: Iterable[Entry]) -> Iterator[bytes]:
    """A segment's bytes, in pieces of about _WRITE_BYTES."""
    checksum = blake2b(digest_size=_CHECKSUM_BYTES)
    buffer = bytearray(_MAGIC)
    for record in (header, *entries):
        data = _encode(record)
        buffer += _LENGTH.pack(len(data))
        buffer += data
        if len(buffer) >= _WRITE_BYTES:
            checksum.update(buffer)
            yield bytes(buffer)
            buffer.clear()
    checksum.update(buffer)
    yield bytes(buffer) + checksum.digest()


def _decoded(data: bytes) -> tuple[_Header, tuple[Entry, ...]]:
    """A segment's content. Raises ValueError, struct.error or MsgspecError."""
    body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if blake2b(body, digest_size=_CHECKSUM_BYTES).digest() != checksum:
        raise ValueError("its checksum is another one")
    if not body.startswith(_MAGIC):
        raise ValueError("it is no segment of this format")
    records = _records(body)
    header = _decode_header(next(records, b""))
    root, index = header.previous_root, header.first - 1
    entries = []
    for entry in map(_decode_entry, records):
        index += 1
        root = entry_root(root, index, entry.body)
        if (entry.index, entry.root) != (index, root):
            raise ValueError(f"entry {entry.index} does not follow on {index - 1}")
        entries.append(entry)
    if index != header.last:
        raise ValueError(f"it ends with entry {index} instead of {header.last}")
    return header, tuple(entries)


def _records(body: bytes) -> Iterator[bytes]:
    at = len(_MAGIC)
    while at < len(body):
        (size,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        yield body[at : at + size]
        at += size
