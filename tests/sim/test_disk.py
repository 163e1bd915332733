"""The simulated disk finds rot where the store would, and nowhere else."""

from __future__ import annotations

from random import Random

import pytest

from appliance.ledger.effects import PutAside, SnapshotRecord, Write
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.messages import Entry
from appliance.sim.disk import Disk, Rotten
from appliance.sim.vendor import SimStore

LOG = tuple(Entry(i, NO_TERM, i.to_bytes(32, "big"), bytes(10)) for i in range(1, 6))


def written(disk: Disk, write: Write | PutAside) -> None:
    """This write goes through."""
    disk.pending.append(write)
    disk.complete()


def filled(snapshot: int = 0) -> Disk:
    """A disk with five entries, all committed, and a snapshot of two chunks after `snapshot`."""
    disk = Disk(SimStore(b"store-up1"))
    written(disk, Write(1, append=LOG, commit_index=5))
    if snapshot:
        written(disk, PutAside(0, b"one"))
        written(disk, PutAside(1, b"two"))
        written(disk, Write(2, snapshot=taken(snapshot)))
    return disk


def taken(index: int) -> SnapshotRecord:
    """A snapshot of what this disk holds."""
    return SnapshotRecord(index, LOG[index - 1].root, staged=2)


def test_a_rotten_entry_is_found_by_whoever_reads_it() -> None:
    disk = filled()
    disk.bad_entry = 3
    assert [entry.index for entry in disk.read(1, 2, 1000)] == [1, 2]
    assert not disk.damage
    with pytest.raises(Rotten, match="entry 3"):
        disk.read(2, 5, 1000)
    assert disk.damage


def test_a_start_looks_at_everything_and_gives_nothing_then() -> None:
    for seed, disk in enumerate((filled(2), filled(2), filled(2), filled(2))):
        assert disk.rot(Random(seed))
        recovered = disk.recovered()
        assert recovered.damage == disk.damage != ""
        assert recovered.store_id == b"store-up1"
        assert not tuple(recovered.entries)


def test_a_rotten_chunk_is_found_when_it_is_fetched() -> None:
    disk = filled(4)
    disk.bad_chunk = 1
    assert disk.read_chunk(4, 0) == b"one"
    with pytest.raises(Rotten, match="chunk 1"):
        disk.read_chunk(4, 1)


@pytest.mark.parametrize("bad", [2, 4])
def test_entries_are_read_before_they_are_let_go(bad: int) -> None:
    disk = filled(4)
    disk.bad_entry = bad
    disk.pending.extend((Write(3, compact_to=3), Write(4, promised=NO_TERM)))
    if bad > 3:
        disk.complete()
        assert (disk.base_index, disk.damage) == (3, "")
        return
    with pytest.raises(Rotten):
        disk.complete()
    assert disk.base_index == 0
    assert not disk.pending, "what was asked for after it is never written"


def test_what_is_cut_off_harms_nobody() -> None:
    disk = filled()
    disk.bad_entry = 5
    written(disk, Write(2, cut_to=4, commit_index=4))
    assert not disk.rotten
    disk.bad_entry = 3
    disk.pending.append(Write(3, cut_to=3))
    with pytest.raises(Rotten):
        disk.complete()
    assert len(disk.entries) == 4
