"""How long it takes to count a usage record, and to prove it complete.

No lab and no network: an archive on the disk as an upstream writes it, of check-outs and check-ins
that the real machine answered. Endorsements go along as they are stored; that they are signed is
checked for the last few entries of a record only, however long it is, and so it is not measured.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from appliance.adapters.store.archive import Archive
from appliance.adapters.store.files import REAL_FILES
from appliance.lab.bench.figures import rounded
from appliance.lab.bench.ground import Computer, machine
from appliance.lab.bench.restart import TERM, batches
from appliance.ledger.certificates.receipts import Endorsement
from appliance.ledger.log.book import Book
from appliance.ledger.log.results import result_bytes
from appliance.ledger.messages import Entry, EntryBody, Recorded, encode_body
from appliance.licences.commands import encode_command
from appliance.licences.machine import Machine as LicenceMachine
from appliance.licences.names import pseudonym
from appliance.sim.vendor import READERS
from appliance.usage.folding import Folding
from appliance.usage.report import Report
from appliance.usage.verifying import Verification
from appliance.verifier.layouts import entry_root

IN_A_SEGMENT = 500
STEP_MS = 2_000
"""Of log time between two entries."""
LEASES = 100
"""Held all the while."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of one core. The record has `entries`, of `bytes` in all, with `rows` about seats;
    each of the reports reads all of it."""

    machine: Computer
    entries: int
    rows: int
    bytes: int
    by_product_and_day_s: float
    by_user_and_hour_s: float
    verify_s: float


def measure(directory: Path, entries: int) -> Usage:
    """Makes an archive of so many entries in `directory`, which is removed at the end. Raises
    OSError."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        archive = Archive(directory, REAL_FILES)
        _fill(archive, entries)
        segments = archive.segments()
        return Usage(
            machine=machine(),
            entries=entries,
            rows=max(0, 2 * (entries - LEASES)),
            bytes=sum(one.path.stat().st_size for one in segments),
            by_product_and_day_s=rounded(_report_s(archive, "product", "day")),
            by_user_and_hour_s=rounded(_report_s(archive, "user", "hour")),
            verify_s=rounded(_verify_s(archive)),
        )
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _fill(archive: Archive, entries: int) -> None:
    book = Book(LicenceMachine(*READERS))
    part: list[Recorded] = []
    begun = root = book.last_root
    for index, commands in zip(range(1, entries + 1), batches(LEASES), strict=False):
        data = tuple(encode_command(command) for command in commands)
        body = encode_body(EntryBody(index * STEP_MS, (), data))
        root = entry_root(root, index, body)
        entry = Entry(index, TERM, root, body)
        applied = book.apply(entry)
        book.commit(index)
        endorsement = Endorsement(applied.statement(TERM), (), index * STEP_MS, bytes(64))
        part.append(Recorded(entry, result_bytes(applied, endorsement)))
        if len(part) == IN_A_SEGMENT or index == entries:
            archive.seal(bytes(16), begun, part)
            begun, part = root, []


def _kept(archive: Archive) -> Iterator[Recorded]:
    for segment in archive.segments():
        yield from archive.read_recorded(segment)


def _report_s(archive: Archive, *by: str) -> float:
    begun_s = time.process_time()
    report = Report(by, pseudonym)
    folding = Folding(report)
    for kept in _kept(archive):
        folding.entry(kept)
    folding.close()
    assert report.rows(folding.begin_ms, folding.end_ms)
    return time.process_time() - begun_s


def _verify_s(archive: Archive) -> float:
    begun_s = time.process_time()
    verification = Verification()
    for kept in _kept(archive):
        verification.feed(kept)
    assert not verification.broken
    return time.process_time() - begun_s
