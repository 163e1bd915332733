"""A backup's file: what was written comes back, and nothing else does."""

from __future__ import annotations

from io import BytesIO

import pytest

from appliance.codec.backup_files import RECORD_BYTES_MAX, BackupWriter, read_backup
from appliance.ledger.membership.backups import BackupHead, BackupRefused, End, Record
from appliance.licences.commands import Tick
from tests.unit.ledger.world import FOUND, entries, proof, term

LOG = entries((FOUND,), (Tick(),))
PROOF = proof(term(1), LOG, 2)
HEAD = BackupHead(b"L" * 16, "131-1", 2, LOG[1].root, 5, "olga")


def written() -> bytes:
    file = BytesIO()
    writer = BackupWriter(file.write)
    writer.head(HEAD)
    for entry in LOG:
        writer.entry(entry)
    writer.end(PROOF)
    return file.getvalue()


def read(data: bytes) -> list[Record]:
    return list(read_backup(BytesIO(data).read))


FILE = written()


def test_what_was_written_comes_back() -> None:
    assert read(FILE) == [HEAD, *LOG, End(PROOF)]


def test_wherever_it_is_cut_it_is_refused() -> None:
    for size in range(len(FILE)):
        with pytest.raises(BackupRefused, match=r"cut short|no backup"):
            read(FILE[:size])


def test_whatever_bit_is_flipped_it_is_refused() -> None:
    for at in range(len(FILE) * 8):
        data = bytearray(FILE)
        data[at // 8] ^= 1 << at % 8
        with pytest.raises(BackupRefused) as refused:
            read(bytes(data))
        assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no backup"),
        (b"SQLite format 3\x00", "no backup"),
        (FILE + b"\x00\x00\x00\x02H\x90", "goes on after its end"),
        (FILE + FILE[8:], "goes on after its end"),
        (FILE[:8] + (RECORD_BYTES_MAX + 1).to_bytes(4, "big"), "claims 8388609 bytes"),
        (FILE[:8] + b"\x00\x00\x00\x01H", "claims 1 bytes"),
        (FILE[:8] + b"\x00\x00\x00\x02Q\x90", "unknown"),
        (FILE[:8] + b"\x00\x00\x00\x02H\xc1", "cannot be read"),
    ],
)
def test_what_is_no_backup_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BackupRefused, match=words):
        read(data)
