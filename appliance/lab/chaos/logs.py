"""What the three upstreams' disks hold at the end, read from their stores once they have stopped.

Every entry is decoded and run through a licence machine of our own; what it said then and what
clients were told is for the judge to compare.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from appliance.adapters.machines import machine_of
from appliance.adapters.store.archive import Archive, archive_path
from appliance.adapters.store.database import Store
from appliance.adapters.store.files import REAL_FILES
from appliance.lab.chaos.facts import Act, Log, LogEntry, Replica, committed
from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.invariants import InvariantViolation, check_log_time
from appliance.ledger.log.book import Applied, Book, ChainBroken
from appliance.ledger.messages import Entry
from appliance.ledger.replica.standing import proof_in
from appliance.ledger.replica.surroundings import Damaged
from appliance.licences import commands as c
from appliance.licences.commands import AnyCommand, Outcome
from appliance.sim.history import CHECK_IN, CHECK_OUT, CONSUME, EXPIRE, RELEASE, SETTLE

PAGE_BYTES = 1 << 20


def read_stores(stores: Iterable[tuple[str, Path]], root: bytes) -> tuple[Log, list[Replica]]:
    """The longest committed log, and how long each host's log is and what it is made of.

    `stores` are host names with paths, `root` the licence root. Raises StoreFailed or ChainBroken
    for what cannot be read.
    """
    replicas: list[Replica] = []
    logs: dict[str, list[Entry]] = {}
    for host, path in stores:
        with contextlib.closing(Store(path, host)) as store:
            recovered = store.recover()
            logs[host] = _whole_log(store, path)
        roots = tuple(entry.root for entry in logs[host])
        replicas.append(Replica(host, recovered.commit_index, str(recovered.adopted), roots))
    best, count = committed(replicas)
    return replay(logs[best][:count] if best else [], root), replicas


def proof_of(path: Path, host: str) -> CommitProof | None:
    """The newest proof of a commit in a store that nobody uses. Raises StoreFailed."""
    with contextlib.closing(Store(path, host)) as store:
        return proof_in(store.recover())


def _whole_log(store: Store, path: Path) -> list[Entry]:
    """All entries: what a snapshot covers is still in the store, or sealed in the archive.

    Raises ChainBroken for a log that does not reach back to its beginning.
    """
    archive = Archive(archive_path(path), REAL_FILES)
    entries = [entry for segment in archive.segments() for entry in archive.read(segment)]
    while True:
        page = store.read(len(entries) + 1, store.last_index, PAGE_BYTES)
        if isinstance(page, Damaged):
            raise ChainBroken(f"{path}: {page.what}")
        entries += page
        if not page:
            break
    if len(entries) != store.last_index:
        raise ChainBroken(f"{path} holds {len(entries)} entries of {store.last_index}")
    return entries


def replay(entries: Iterable[Entry], root: bytes) -> Log:
    """What these entries say, by a machine of our own. Raises ChainBroken."""
    book = Book(machine_of(root))
    read = []
    for entry in entries:
        before_ms = book.log_time_ms
        applied = book.apply(entry)
        book.commit(entry.index)
        lowers = _lowers(book, before_ms, applied)
        read.append(LogEntry(applied.index, applied.log_time_ms, _acts(applied), lowers))
    state = book.state
    left = {
        (key.firm_code, key.product_code, key.tmr_id): state.units_left(key) for key in state.items
    }
    return Log(tuple(read), left)


def _lowers(book: Book, before_ms: int, applied: Applied) -> bool:
    """Whether this entry lowers log time by certified tokens of two containers (design D6)."""
    try:
        check_log_time(before_ms, applied.log_time_ms, book.state, applied.commands)
    except InvariantViolation:
        return False
    return applied.log_time_ms < before_ms


def _acts(applied: Applied) -> tuple[Act, ...]:
    triples = zip(applied.commands, applied.command_hashes, applied.outcomes, strict=True)
    acts = (_act(command, digest, outcome) for command, digest, outcome in triples)
    return tuple(act for act in acts if act is not None)


def _act(command: AnyCommand | c.Unknown, digest: bytes, outcome: Outcome) -> Act | None:
    mode, party, no_linger = "", ("", b"", b""), False
    request = units = 0
    match command:
        case c.CheckOut():
            kind, generation = CHECK_OUT, outcome.generation
            mode = command.wishes.mode
            party = (command.lease.client, command.station, command.address)
            # A client does not know which address the TMR host saw it at.
            digest = sha256(c.encode_command(replace(command, address=b""))).digest()
        case c.Consume():
            kind, generation = CONSUME, command.generation
            request, units = command.number, command.units
        case c.Settle():
            kind, generation = SETTLE, command.generation
            request, units = command.number, command.used
        case c.CheckIn():
            kind, generation, no_linger = CHECK_IN, command.generation, command.no_linger
        case c.Expire():
            kind, generation = EXPIRE, command.generation
        case c.Release():
            kind, generation = RELEASE, command.generation
        case _:
            return None
    return Act(
        kind,
        command.lease,
        digest,
        outcome.reason,
        generation,
        request,
        units,
        outcome.key.tmr_id if outcome.key is not None else 0,
        outcome.units_left,
        tuple((line.product_code, line.tmr_id, line.seats) for line in outcome.lines),
        mode,
        party,
        no_linger,
    )
