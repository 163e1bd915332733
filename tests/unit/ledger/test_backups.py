"""A backup is believed only whole, in order, and if two stores that vote in it signed its end."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from appliance.ledger.backups import Backup, BackupRefused, End, Head, Record, proven
from appliance.ledger.messages import Entry
from appliance.ledger.proofs import CommitProof, Voice, ack_bytes
from appliance.licences.commands import Enrol, Found, Tick
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, SimStore, verify_store
from tests.unit.ledger.world import FOUND, STORES, entries, proof, term

LOG = entries((FOUND,), (Tick(),), (Enrol("app", b"h" * 32, "adam", "new"), Tick()), (Tick(),))
HEAD = Head(b"L" * 16, "131-1", 4, LOG[3].root, 1_800_000_000_000, "olga")
PROOF = proof(term(1), LOG, 4)


def judged(records: Iterable[Record]) -> Backup:
    return proven(records, Machine(*READERS), verify_store)


def file_of(
    head: Head = HEAD, log: Iterable[Entry] = LOG, end: CommitProof = PROOF
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
        ([HEAD, HEAD, *LOG, End(PROOF)], "two heads"),
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
