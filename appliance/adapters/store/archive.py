"""Sealed segments: what compaction took out of the log stays as an archive (design D1).

    archive/segment-FIRST-LAST.tmr

    "TMRSEG2\\n" | header | entry | entry | … | checksum of all before, 32 bytes
    header and entries: length, 4 bytes, and MessagePack; an entry has its result beside it

A segment is written aside, synced and renamed before the transaction that drops its entries. What a
crash leaves behind is therefore a segment of entries that are in the log as well; the next one that
is sealed takes its place. The header holds the log's root before the first entry: so the entries of
each segment prove by themselves that they belong together, and follow on the segment before.

The archive has a bound. Segments older than the retention go first, then the oldest ones until the
rest fits. Age is counted in log time, so that one wrong clock deletes nothing.
"""

from __future__ import annotations

import contextlib
import re
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance.adapters.store.files import Files
from appliance.ledger.messages import Entry, EntryBody, Recorded
from appliance.unreadable import UNREADABLE
from appliance.verifier.layouts import entry_root

SEGMENT_BYTES_MAX: Final = 4 << 20
"""A segment is closed once its entries and their results are that long: it is read whole."""
SEGMENTS_MAX: Final = 100_000
"""So many segments are kept at most, however small they are."""
DAY_MS: Final = 86_400_000
_HEADER_BYTES_MAX: Final = 512
_MAGIC: Final = b"TMRSEG2\n"
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


class ArchiveLimits(NamedTuple):
    """How much of the archive stays: `days` of log time (0: no end), and `bytes_max`."""

    days: float = 0.0
    bytes_max: int = 1 << 62


NO_LIMITS: Final = ArchiveLimits()


class ArchiveFacts(NamedTuple):
    """The archive as it is: its size, its limits, and the days of log time that it holds."""

    bytes: int
    limits: ArchiveLimits
    days: float


class _Header(msgspec.Struct, frozen=True, array_like=True):
    store_id: bytes
    first: int
    last: int
    previous_root: bytes
    log_time_ms: int = 0
    """Of the last entry; 0 if it is not known."""


class _Held(NamedTuple):
    segment: Segment
    size: int


_encode: Final = msgspec.msgpack.Encoder().encode
_decode_header: Final = msgspec.msgpack.Decoder(_Header).decode
_decode_recorded: Final = msgspec.msgpack.Decoder(Recorded).decode
_decode_body: Final = msgspec.msgpack.Decoder(EntryBody).decode


def archive_path(store: Path) -> Path:
    """The directory of the segments of this store."""
    return store.parent / "archive"


class Archive:
    """The segments in one directory. Every method may raise OSError."""

    def __init__(self, directory: Path, files: Files, limits: ArchiveLimits = NO_LIMITS) -> None:
        self._directory = directory
        self._files = files
        self._limits = limits
        self._held: deque[_Held] = deque()
        self._read: tuple[Segment, tuple[Recorded, ...]] | None = None
        self.facts = ArchiveFacts(0, limits, 0.0)
        """As of the last `keep_within_limits`; a value, so any thread may read it."""

    def segments(self) -> list[Segment]:
        """What there is, in the order of the log."""
        return sorted(
            Segment(int(match[1]), int(match[2]), self._directory / match[0])
            for match in map(_NAME.fullmatch, self._files.names(self._directory))
            if match
        )

    def seal(self, store_id: bytes, root: bytes, kept: Iterable[Recorded]) -> list[Segment]:
        """Puts these entries, which follow on the log root `root`, into segments, durably."""
        self._files.make_directory(self._directory)
        sealed: list[Segment] = []
        part: list[Recorded] = []
        size = 0
        for one in kept:
            part.append(one)
            size += len(one.entry.body) + len(one.result)
            if size >= SEGMENT_BYTES_MAX:
                sealed.append(self._write(store_id, root, part))
                root, part, size = one.entry.root, [], 0
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

    def keep_within_limits(self, sealed: Iterable[Segment] = ()) -> list[Segment]:
        """Deletes the oldest segments beyond the limits, and gives them.

        `sealed` are the segments that came since the last call, in order; without any the directory
        is read. The newest segment always stays.
        """
        new = list(sealed)
        if not new or not self._held:
            self._held.clear()
            new = self.segments()
        while new and self._held and self._held[-1].segment.first >= new[0].first:
            self._held.pop()
        self._held.extend(_Held(s, self._files.size(s.path) or 0) for s in new)
        if not self._held:
            return []
        newest_ms = self._read_log_time_ms(self._held[-1].segment)
        total = sum(held.size for held in self._held)
        deleted: list[Segment] = []
        while len(self._held) > 1:
            oldest = self._held[0]
            oldest_ms = self._read_log_time_ms(oldest.segment)
            age_days = (newest_ms - oldest_ms) / DAY_MS if oldest_ms else 0.0
            is_old = 0 < self._limits.days < age_days
            is_full = total > self._limits.bytes_max or len(self._held) > SEGMENTS_MAX
            if not (is_old or is_full):
                break
            with contextlib.suppress(FileNotFoundError):
                self._files.delete(oldest.segment.path)
            self._held.popleft()
            total -= oldest.size
            deleted.append(oldest.segment)
        oldest_ms = self._read_log_time_ms(self._held[0].segment) or newest_ms
        self.facts = ArchiveFacts(total, self._limits, (newest_ms - oldest_ms) / DAY_MS)
        return deleted

    def _read_log_time_ms(self, segment: Segment) -> int:
        """Log time of a segment's last entry, 0 if its header does not tell."""
        data = self._files.read(segment.path, _HEADER_BYTES_MAX) or b""
        try:
            return _decode_header(next(_records(data))).log_time_ms
        except (StopIteration, struct.error, *UNREADABLE):
            return 0

    def read(self, segment: Segment) -> tuple[Entry, ...]:
        """The entries of a segment. Raises SegmentDamaged."""
        return tuple(kept.entry for kept in self.read_recorded(segment))

    def read_recorded(self, segment: Segment) -> tuple[Recorded, ...]:
        """The entries of a segment with their results. Raises SegmentDamaged."""
        data = self._files.read(segment.path, _read_bytes_max(self._files, segment.path))
        try:
            header, kept = _decoded(data or b"")
        except (struct.error, *UNREADABLE) as error:
            raise SegmentDamaged(f"{segment.path} is not as it was written: {error}") from None
        if (header.first, header.last) != (segment.first, segment.last):
            raise SegmentDamaged(f"{segment.path} holds other entries than its name says")
        return kept

    def recorded(self, first: int) -> Iterator[Recorded]:
        """What there is from entry `first` on, in the order of the log. A segment that is damaged
        or cannot be read is passed over, as one that is not there; the last one read is kept."""
        for held in list(self._held):
            if held.segment.last >= first:
                yield from (one for one in self._part(held.segment) if one.entry.index >= first)

    def _part(self, segment: Segment) -> tuple[Recorded, ...]:
        if self._read is None or self._read[0] != segment:
            try:
                self._read = segment, self.read_recorded(segment)
            except (SegmentDamaged, OSError):
                return ()
        return self._read[1]

    def _write(self, store_id: bytes, root: bytes, kept: list[Recorded]) -> Segment:
        first, last = kept[0].entry.index, kept[-1].entry.index
        path = self._directory / f"segment-{first}-{last}.tmr"
        aside = path.with_name(path.name + _ASIDE)
        if self._files.size(aside) is not None:
            self._files.delete(aside)
        file = self._files.open(aside)
        try:
            at = 0
            header = _Header(store_id, first, last, root, _log_time_ms(kept[-1].entry))
            for piece in _pieces(header, kept):
                file.write_at(at, piece)
                at += len(piece)
            file.sync()
        finally:
            file.close()
        self._files.rename(aside, path)
        return Segment(first, last, path)


def _log_time_ms(entry: Entry) -> int:
    try:
        return _decode_body(entry.body).log_time_ms
    except UNREADABLE:
        return 0


def _read_bytes_max(files: Files, path: Path) -> int:
    return files.size(path) or 0


def _pieces(header: _Header, kept: Iterable[Recorded]) -> Iterator[bytes]:
    """A segment's bytes, in pieces of about _WRITE_BYTES."""
    checksum = blake2b(digest_size=_CHECKSUM_BYTES)
    buffer = bytearray(_MAGIC)
    for record in (header, *kept):
        data = _encode(record)
        buffer += _LENGTH.pack(len(data))
        buffer += data
        if len(buffer) >= _WRITE_BYTES:
            checksum.update(buffer)
            yield bytes(buffer)
            buffer.clear()
    checksum.update(buffer)
    yield bytes(buffer) + checksum.digest()


def _decoded(data: bytes) -> tuple[_Header, tuple[Recorded, ...]]:
    """A segment's content. Raises ValueError, struct.error or MsgspecError."""
    body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if blake2b(body, digest_size=_CHECKSUM_BYTES).digest() != checksum:
        raise ValueError("its checksum is another one")
    if not body.startswith(_MAGIC):
        raise ValueError("it is no segment of this format")
    records = _records(body)
    header = _decode_header(next(records, b""))
    root, index = header.previous_root, header.first - 1
    kept = []
    for one in map(_decode_recorded, records):
        entry = one.entry
        index += 1
        root = entry_root(root, index, entry.body)
        if (entry.index, entry.root) != (index, root):
            raise ValueError(f"entry {entry.index} does not follow on {index - 1}")
        kept.append(one)
    if index != header.last:
        raise ValueError(f"it ends with entry {index} instead of {header.last}")
    return header, tuple(kept)


def _records(body: bytes) -> Iterator[bytes]:
    at = len(_MAGIC)
    while at < len(body):
        (size,) = _LENGTH.unpack_from(body, at)
        at += _LENGTH.size
        yield body[at : at + size]
        at += size
