"""How long it takes to begin again with a long log: an upstream's restart, a TMR host that starts.

No lab and no network: a real store and the real cores in this process, with a log of check-outs and
check-ins, once whole and once behind a snapshot. Signatures of updates are the simulator's cheap
ones; there are three of them in the whole log.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from appliance.adapters.signatures import StoreKey, verify_store
from appliance.adapters.store.database import Store
from appliance.lab.bench.figures import rounded
from appliance.lab.bench.ground import Computer, machine
from appliance.lab.bench.state import founding
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import Term
from appliance.ledger.limits import Limits
from appliance.ledger.log.book import Book
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import Entry, EntryBody, encode_body
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import RETENTION
from appliance.ledger.snapshot.seals import Head, Sealed, encode_sealed
from appliance.ledger.timing import Timing
from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Holder,
    LeaseRef,
    encode_command,
)
from appliance.licences.machine import Machine as LicenceMachine
from appliance.licences.model import ProductItem
from appliance.licences.snapshot import digest, dump, load
from appliance.sim.vendor import FIRM_A, PRODUCT, READERS, SimContainer, verify
from appliance.verifier.layouts import ZERO_ROOT, entry_root

TERM = Term(1, "tmr1", 1)
IN_A_WRITE = 256
SEATS = 1_000_000
TTL_S = 60


class Restart(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `tail` entries follow on the snapshot; `let_go_max_s` is the longest that a write
    took which moved a slice of the log into the archive: so long a batch may wait for it."""

    machine: Computer
    entries: int
    leases: int
    tail: int
    snapshot_bytes: int
    upstream_whole_s: float
    upstream_snapshot_s: float
    tmr_whole_s: float
    tmr_snapshot_s: float
    let_go_max_s: float


def measure(directory: Path, entries: int, leases: int) -> Restart:
    """Makes a store in `directory` with a log that long, which ends with so many active leases.

    The directory is removed at the end. Raises OSError or StoreFailed if the disk does not do.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        return _measure(directory / "ledger.sqlite", entries, leases)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _measure(path: Path, entries: int, leases: int) -> Restart:
    key = StoreKey.draw()
    Store.init(path, "up1", key.id, key=key.private)
    log = _log(entries, leases)
    cut = max(1, entries - RETENTION.every)
    store = Store(path, "up1")
    for first in range(0, entries, IN_A_WRITE):
        part = tuple(log[first : first + IN_A_WRITE])
        store.write([Write(1, TERM, TERM, append=part, commit_index=part[-1].index)])
    store.close()
    upstream_whole_s = _upstream_s(path, key)
    book = Book(LicenceMachine(*READERS))
    for entry in log[:cut]:
        book.apply(entry)
        book.commit(entry.index)
    chunks = tuple(dump(book.state))
    head = Head(book.state.ledger_id, cut, book.last_root, book.log_time_ms, digest(chunks[-1]))
    about = encode_sealed(Sealed(head, ()))
    store = Store(path, "up1")
    store.write([Write(2, snapshot=SnapshotRecord(cut, head.root, chunks, about=about))])
    let_go_max_s = 0.0
    for base in range(RETENTION.slice, cut - RETENTION.keep, RETENTION.slice):
        begun_s = time.perf_counter()
        store.write([Write(3, compact_to=base)])
        let_go_max_s = max(let_go_max_s, time.perf_counter() - begun_s)
    store.close()
    return Restart(
        machine=machine(),
        entries=entries,
        leases=leases,
        tail=entries - cut,
        snapshot_bytes=sum(map(len, chunks)),
        upstream_whole_s=rounded(upstream_whole_s),
        upstream_snapshot_s=rounded(_upstream_s(path, key)),
        tmr_whole_s=rounded(_tmr_s(log, None, ())),
        tmr_snapshot_s=rounded(_tmr_s(log, head, chunks)),
        let_go_max_s=rounded(let_go_max_s),
    )


def _upstream_s(path: Path, key: StoreKey) -> float:
    """Open the store, look at all of it, and have the state."""
    begun_s = time.perf_counter()
    store = Store(path, "up1")
    try:
        replica = Replica(
            LicenceMachine(*READERS),
            SimContainer(1),
            verify,
            key,
            verify_store,
            Timing(),
            store.recover(),
        )
        took_s = time.perf_counter() - begun_s
        assert not replica.damage, replica.damage
        return took_s
    finally:
        store.close()


def _tmr_s(log: list[Entry], head: Head | None, chunks: tuple[bytes, ...]) -> float:
    """Take chunks and entries as they come from an upstream, but for the network."""
    begun_s = time.perf_counter()
    tail = Tail(LicenceMachine(*READERS), Limits())
    if head is not None:
        tail.restore(load(chunks), head)
    assert tail.take(log[tail.book.last_index :])
    tail.commit(log[-1].index)
    return time.perf_counter() - begun_s


def _log(entries: int, leases: int) -> list[Entry]:
    log: list[Entry] = []
    root = ZERO_ROOT
    for index, commands in zip(range(1, entries + 1), batches(leases), strict=False):
        body = encode_body(EntryBody(0, (), tuple(encode_command(c) for c in commands)))
        root = entry_root(root, index, body)
        log.append(Entry(index, TERM, root, body))
    return log


def batches(leases: int) -> Iterator[tuple[AnyCommand, ...]]:
    """Found, import, then check-outs and check-ins without end, so many leases held meanwhile."""
    item = ProductItem(product_code=PRODUCT, tmr_id=1, quantity=SEATS, lease_ttl_s=TTL_S)
    for command in founding(item):
        yield (command,)
    applied, number = 4, 0
    held: dict[int, int] = {}
    while True:
        number += 1
        applied += 1
        held[number] = applied
        lease = LeaseRef("bench", f"{number}")
        out = CheckOut(lease, FIRM_A, PRODUCT, bytes(32), Holder(b"bench", b"host", 1), b"nonce")
        if len(held) <= leases:
            yield (out,)
            continue
        oldest = next(iter(held))
        applied += 1
        yield (out, CheckIn(LeaseRef("bench", f"{oldest}"), held.pop(oldest)))
