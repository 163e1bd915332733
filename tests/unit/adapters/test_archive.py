"""The archive's retention and bound: what is deleted, and in which order."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import pytest

from appliance.adapters.store.archive import (
    DAY_MS,
    SEGMENTS_MAX,
    Archive,
    ArchiveLimits,
    archive_path,
)
from appliance.adapters.store.database import Store
from appliance.adapters.store.files import REAL_FILES
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import Entry, EntryBody, Recorded
from appliance.verifier.layouts import ZERO_ROOT, entry_root

TERM = Term(1, "tmr1", 7)
ID = b"i" * 32
MIB = 1 << 20


def entries(count: int, days: float = 1.0, size: int = 0) -> list[Entry]:
    """A log of so many entries, one each `days` of log time, each of at least `size` bytes."""
    made, root = [], ZERO_ROOT
    for index in range(1, count + 1):
        body = EntryBody(int(index * days * DAY_MS), (), (bytes(size),))
        data = msgspec.msgpack.encode(body)
        root = entry_root(root, index, data)
        made.append(Entry(index, TERM, root, data))
    return made


def filled(path: Path, limits: ArchiveLimits, log: list[Entry]) -> Archive:
    """An archive of one segment for each entry, sealed one after the other."""
    archive, root = Archive(path, REAL_FILES, limits), ZERO_ROOT
    for entry in log:
        archive.keep_within_limits(archive.seal(ID, root, [Recorded(entry)]))
        root = entry.root
    return archive


def firsts(archive: Archive) -> list[int]:
    """The first entry of each segment that is there."""
    return [segment.first for segment in archive.segments()]


def test_what_is_older_than_the_retention_is_deleted(tmp_path: Path) -> None:
    archive = filled(tmp_path, ArchiveLimits(days=5.0), entries(20))
    assert firsts(archive) == [15, 16, 17, 18, 19, 20]
    assert archive.facts.days == 5.0


def test_no_retention_keeps_everything_that_has_room(tmp_path: Path) -> None:
    assert len(firsts(filled(tmp_path, ArchiveLimits(days=0.0), entries(20)))) == 20


def test_the_oldest_go_first_once_there_is_no_room(tmp_path: Path) -> None:
    archive = filled(tmp_path, ArchiveLimits(100.0, bytes_max=10_000), entries(20, size=3_000))
    assert firsts(archive) == [18, 19, 20]
    assert archive.facts.bytes <= 10_000
    assert archive.facts.days == 2.0


def test_the_newest_segment_stays_though_it_is_too_large(tmp_path: Path) -> None:
    archive = filled(tmp_path, ArchiveLimits(100.0, bytes_max=100), entries(3, size=3_000))
    assert firsts(archive) == [3]


def test_the_number_of_segments_has_a_bound_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SEGMENTS_MAX == 100_000
    monkeypatch.setattr("appliance.adapters.store.archive.SEGMENTS_MAX", 4)
    assert len(firsts(filled(tmp_path, ArchiveLimits(), entries(9)))) == 4


def test_a_restart_finds_the_archive_and_deletes_by_the_new_limits(tmp_path: Path) -> None:
    filled(tmp_path, ArchiveLimits(), entries(20))
    archive = Archive(tmp_path, REAL_FILES, ArchiveLimits(days=3.0))
    archive.keep_within_limits()
    assert firsts(archive) == [17, 18, 19, 20]


def test_a_computer_whose_clock_is_wrong_deletes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Age is that of log time, on which three upstreams agree."""
    monkeypatch.setattr("time.time", lambda: 4e9)
    monkeypatch.setattr("time.time_ns", lambda: 4 * 10**18)
    archive = filled(tmp_path, ArchiveLimits(days=30.0), entries(20))
    assert len(firsts(archive)) == 20


def test_a_segment_that_does_not_tell_its_time_is_deleted_for_want_of_room_alone(
    tmp_path: Path,
) -> None:
    log = entries(6)
    for place in (0, 1):
        root = log[place - 1].root if place else ZERO_ROOT
        log[place] = Entry(place + 1, TERM, entry_root(root, place + 1, b"?"), b"?")
    assert firsts(filled(tmp_path, ArchiveLimits(days=2.0), log))[0] == 1


def test_a_store_keeps_its_archive_within_the_limits_as_it_lives(tmp_path: Path) -> None:
    path, log = tmp_path / "ledger.sqlite", entries(30)
    Store.init(path, "up1", ID)
    limits = ArchiveLimits(days=4.0)
    with contextlib.closing(Store(path, "up1", archive_limits=limits)) as store:
        store.write([Write(1, append=tuple(log), commit_index=30)])
        for index in range(2, 30):
            snapshot = SnapshotRecord(index, log[index - 1].root, (b"state",))
            store.write([Write(index, snapshot=snapshot, compact_to=index)])
        assert store.archive.days <= 4.0
    assert firsts(Archive(archive_path(path), REAL_FILES)) == [25, 26, 27, 28, 29]
