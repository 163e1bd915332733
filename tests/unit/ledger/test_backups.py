"""A backup is believed only whole, in order, and if two stores that vote in it signed its end."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes
from appliance.ledger.log.book import Book
from appliance.ledger.membership.backups import (
    Backup,
    BackupHead,
    BackupRefused,
    Chunk,
    End,
    Record,
    proven,
)
from appliance.ledger.messages import Entry
from appliance.ledger.snapshot import seals
from appliance.ledger.snapshot.seals import Sealed
from appliance.licences.commands import Enrol, Found, Tick
from appliance.licences.machine import Machine
from appliance.licences.snapshot import digest, dump
from appliance.sim.vendor import READERS, SimStore, verify_store
from tests.unit.ledger.world import FOUND, STORES, entries, proof, term

LOG = entries((FOUND,), (Tick(),), (Enrol("app", b"h" * 32, "adam", "new"), Tick()), (Tick(),))
HEAD = BackupHead(b"L" * 16, "131-1", 4, LOG[3].root, 1_800_000_000_000, "olga")
PROOF = proof(term(1), LOG, 4)


def judged(records: Iterable[Record]) -> Backup:
    return proven(records, Machine(*READERS), verify_store)


def file_of(
    head: BackupHead = HEAD, log: Iterable[Entry] = LOG, end: CommitProof = PROOF
) -> list[Record]:
    return [head, *log, End(end)]


def test_a_backup_says_what_it_holds() -> None:
    found = judged(file_of())
    assert found.signers == ("up2", "up3")
    assert found.state.clients == {"app": b"h" * 32}
    assert (found.state.entry_index, found.cmact_id) == (4, "")
    shorter = replace(HEAD, index=2, root=LOG[1].root)
    assert not judged(file_of(shorter, LOG[:2], proof(term(1), LOG, 2))).state.clients


FOREIGN = SimStore(b"store-of-a-thief")
FORGED = (Voice(FOREIGN.id, FOREIGN.sign(ack_bytes(term(1), 4, LOG[3].root, b""))),)
OTHER_LOG = entries((replace(FOUND, ledger_id=b"M" * 16),), (Tick(),), (Tick(),), (Tick(),))


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "does not begin with its head"),
        ([*LOG, End(PROOF)], "does not begin with its head"),
        (file_of(replace(HEAD, format=9)), "format 9"),
        ([HEAD, *LOG], "cut short after entry 4 of 4"),
        ([HEAD, *LOG[:2]], "cut short after entry 2 of 4"),
        (file_of(log=LOG[:3]), "holds 3 entries"),
        (file_of(log=(*LOG[:2], LOG[3])), "was altered: entry 4 does not follow"),
        (file_of(log=(LOG[0], replace(LOG[1], body=LOG[2].body), *LOG[2:])), "was altered"),
        (file_of(log=(*LOG, LOG[3])), "was altered"),
        (file_of(log=entries((FOUND,), *[(Tick(),)] * 4)), "more entries"),
        (file_of(log=OTHER_LOG), "not those 4 that its head says"),
        (file_of(replace(HEAD, ledger_id=b"M" * 16)), "another ledger"),
        (file_of(replace(HEAD, virtual_serial="131-2")), "another ledger"),
        ([HEAD, HEAD, *LOG, End(PROOF)], "wrong place"),
        (file_of(end=proof(term(1), LOG, 3)), "proof is for another entry"),
        (file_of(end=proof(term(1), LOG, 4, "up2")), "not proven"),
        (file_of(end=proof(term(1), LOG, 4, "up2", "up2")), "not proven"),
        (file_of(end=replace(PROOF, voices=(PROOF.voices[0], *FORGED))), "not proven"),
        (file_of(end=replace(PROOF, term=term(2))), "not proven"),
    ],
)
def test_what_is_no_backup_is_refused(records: list[Record], words: str) -> None:
    with pytest.raises(BackupRefused, match=words) as refused:
        judged(records)
    assert refused.value.detail.startswith("The backup")
    assert refused.value.detail.endswith(".")


def test_a_ledger_of_other_stores_is_another_one() -> None:
    """Whoever founds a ledger of his own can sign for it: its stores are shown, to be compared."""
    thieves = [SimStore(f"thief-{number}".encode()) for number in range(3)]
    stores = tuple((name, one.id) for name, one in zip(STORES, thieves, strict=True))
    log = entries((Found(b"L" * 16, "131-1", stores),))
    data = ack_bytes(term(1), 1, log[0].root, b"")
    signed = tuple(Voice(one.id, one.sign(data)) for one in thieves[:2])
    end = CommitProof(term(1), 1, log[0].root, b"", signed)
    found = judged(file_of(replace(HEAD, index=1, root=log[0].root), log, end))
    assert {member.store for member in found.state.membership.voters} == {one.id for one in thieves}


def snapshot(index: int, *by: str) -> tuple[Sealed, list[bytes]]:
    """The state after so many entries, sealed by these stores, and its chunks."""
    book = Book(Machine(*READERS))
    for entry in LOG[:index]:
        book.apply(entry)
        book.commit(entry.index)
    chunks = list(dump(book.state))
    head = seals.StateHead(HEAD.ledger_id, index, book.last_root, 0, digest(chunks[-1]))
    data = seals.seal_bytes(head)
    voices = tuple(Voice(STORES[name].id, STORES[name].sign(data)) for name in by)
    return Sealed(head, voices), chunks


def short(sealed: Sealed, chunks: Iterable[bytes], log: Iterable[Entry] = LOG[3:]) -> list[Record]:
    """A backup that begins with a snapshot."""
    return [replace(HEAD, base=sealed), *map(Chunk, chunks), *log, End(PROOF)]


def test_a_snapshot_stands_for_entries_that_are_gone() -> None:
    whole = judged(file_of())
    for index in (1, 3, 4):
        found = judged(short(*snapshot(index, "up1", "up2"), LOG[index:]))
        assert found.state.fingerprint() == whole.state.fingerprint()
        assert found.head.index == 4


SEALED, CHUNKS = snapshot(3, "up1", "up2")


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (short(snapshot(3, "up1")[0], CHUNKS), "not sealed by two stores"),
        (short(snapshot(3, "up1", "up1")[0], CHUNKS), "not sealed by two stores"),
        (short(SEALED, []), "cut short"),
        (short(SEALED, [*CHUNKS, *CHUNKS]), "comes after its last one"),
        (short(SEALED, [CHUNKS[0][:-1] + b"x"]), "not as it was written"),
        (short(SEALED, snapshot(2, "up1")[1]), "not the one that was sealed"),
        (short(*snapshot(2, "up1", "up2")), "was altered: entry 4 does not follow"),
        (short(SEALED, CHUNKS, []), "holds 3 entries"),
        ([HEAD, *map(Chunk, CHUNKS), *LOG[3:], End(PROOF)], "wrong place"),
        ([replace(HEAD, base=SEALED)], "cut short"),
    ],
)
def test_a_snapshot_that_is_none_is_refused(records: list[Record], words: str) -> None:
    with pytest.raises(BackupRefused, match=words) as refused:
        judged(records)
    assert refused.value.detail.startswith(("The backup", "The snapshot", "Chunk"))
    assert refused.value.detail.endswith(".")
