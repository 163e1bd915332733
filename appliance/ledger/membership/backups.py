"""A copy of a ledger that proves itself: its log, and two stores' word for where that ends (D7).

Whoever wrote such a copy need not be trusted: the log is a chain of hashes, who votes follows from
the log, and two of those who vote signed the root at its end. What can go wrong in here is to
believe what the copy says of itself; so its head is compared with what the log leads to, and
nothing else is taken from it. One thing it cannot prove: a forger may found a ledger of his own, in
every respect like ours but for the ids of its stores. Those are shown, to be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

import msgspec

from appliance.ledger.certificates.proofs import CommitProof, VerifyStore, is_proven
from appliance.ledger.election.terms import Count
from appliance.ledger.log.book import Book, ChainBroken
from appliance.ledger.messages import Entry
from appliance.ledger.snapshot.seals import Sealed, is_sealed
from appliance.licences.machine import Machine
from appliance.licences.snapshot import Loader, SnapshotRefused
from appliance.licences.state import State

BACKUP_FORMAT: Final = 1


class BackupRefused(Exception):
    """This is no backup that can be relied on; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BackupHead(msgspec.Struct, frozen=True, array_like=True):
    """What a backup says that it is: of which ledger, up to which entry.

    `taken_at_ms` (Unix ms) and `taken_by` are whoever wrote it, and nobody proves them. Where the
    log's beginning is gone, `base` is the snapshot that stands for it, by two stores' seals.
    """

    ledger_id: bytes
    virtual_serial: str
    index: Count
    root: bytes
    taken_at_ms: int
    taken_by: str
    base: Sealed | None = None
    format: int = BACKUP_FORMAT


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """The next part of the snapshot that the head names."""

    data: bytes


class End(msgspec.Struct, frozen=True, array_like=True):
    """The last record: the proof of the entry that the head names."""

    proof: CommitProof


Record = BackupHead | Chunk | Entry | End


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that holds: the state after its last entry, and where that is."""

    head: BackupHead
    proof: CommitProof
    state: State
    log_time_ms: int

    @property
    def signers(self) -> tuple[str, ...]:
        """The upstreams whose stores signed the proof, as far as they still vote, in name order."""
        signed = {voice.store for voice in self.proof.voices}
        return tuple(m.place for m in self.state.membership.voters if m.store in signed)

    @property
    def cmact_id(self) -> str:
        """The containers' CmActID, "" if none was known."""
        return next((one.cmact_id for one in self.state.containers.values()), "")


def proven(records: Iterable[Record], machine: Machine, verify: VerifyStore) -> Backup:
    """Read a whole backup and check all of it, entry by entry. Raises BackupRefused."""
    rest = iter(records)
    head = next(rest, None)
    if not isinstance(head, BackupHead):
        raise BackupRefused("The backup does not begin with its head.")
    if head.format != BACKUP_FORMAT:
        raise BackupRefused(
            f"The backup has format {head.format}, this program knows {BACKUP_FORMAT}: use the"
            " program that wrote it, or a newer one."
        )
    book = Book(machine)
    if head.base is not None:
        rest = _restore(book, head.base, rest)
    end = _replay(book, head, rest)
    state = book.state
    voting = state.membership
    if head.base is not None and not is_sealed(head.base, voting.knows, verify, voting.needed):
        raise BackupRefused(
            "The backup's snapshot is not sealed by two stores that vote in it: use another backup."
        )
    if (state.ledger_id, state.virtual_serial) != (head.ledger_id, head.virtual_serial):
        raise BackupRefused("The backup's head names another ledger than its log founds.")
    if (end.proof.index, end.proof.root) != (head.index, head.root):
        raise BackupRefused("The backup's proof is for another entry than its last.")
    if not is_proven(end.proof, state.membership, verify):
        raise BackupRefused(
            "The backup is not proven: it takes the signatures of two stores that vote in it, and"
            " they are not there; keep it for the support, and use another."
        )
    return Backup(head, end.proof, state, book.log_time_ms)


def begin(book: Book, base: Sealed, chunks: Iterable[bytes]) -> None:
    """Let a book begin with a snapshot. Raises BackupRefused unless it is the one that was sealed;
    whether whoever sealed it counts is for the caller to judge."""
    loader, head = Loader(), base.head
    try:
        for chunk in chunks:
            loader.feed(chunk)
        state = loader.state()
    except SnapshotRefused as refused:
        raise BackupRefused(refused.detail) from refused
    if (loader.digest, state.ledger_id) != (head.digest, head.ledger_id):
        raise BackupRefused("The backup was altered: its snapshot is not the one that was sealed.")
    book.begin(state, head.index, head.root, head.log_time_ms)


def _restore(book: Book, base: Sealed, records: Iterator[Record]) -> Iterator[Record]:
    """Begin with the chunks that come first; gives what follows them."""
    follows: list[Record] = []

    def chunks() -> Iterator[bytes]:
        for record in records:
            if not isinstance(record, Chunk):
                follows.append(record)
                return
            yield record.data

    begin(book, base, chunks())
    return chain(follows, records)


def _replay(book: Book, head: BackupHead, records: Iterator[Record]) -> End:
    """Apply all entries; gives the end that follows them."""
    for record in records:
        if isinstance(record, Entry):
            if record.index > head.index:
                raise BackupRefused("The backup holds more entries than its head says.")
            try:
                book.apply(record)
            except ChainBroken as broken:
                raise BackupRefused(f"The backup was altered: {broken}.") from broken
            book.commit(record.index)
        elif isinstance(record, End):
            if (book.last_index, book.last_root) != (head.index, head.root):
                raise BackupRefused(
                    f"The backup holds {book.last_index} entries, and not those {head.index} that"
                    " its head says."
                )
            return record
        else:
            raise BackupRefused("The backup has a head or a snapshot in the wrong place.")
    raise BackupRefused(f"The backup is cut short after entry {book.last_index} of {head.index}.")
