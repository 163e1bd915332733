"""The whole log of a stopped store: from the database, whatever a snapshot stands for."""

from __future__ import annotations

import contextlib
from pathlib import Path

from appliance.adapters.signatures import StoreKey
from appliance.adapters.store.database import Store
from appliance.lab.chaos.logs import read_stores
from appliance.lab.chaos.run import keep_store
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import Term
from tests.unit.codec import world
from tests.unit.ledger.world import LOG

TERM = Term(5, "tmr1", 7)


def a_store(tmp_path: Path, name: str, *more: Write) -> tuple[str, Path]:
    """A store that holds LOG."""
    path = tmp_path / name / "ledger.sqlite"
    path.parent.mkdir()
    key = StoreKey.draw()
    Store.init(path, name, key.id, key=key.private)
    with contextlib.closing(Store(path, name)) as store:
        store.write([Write(1, promised=TERM, adopted=TERM, append=tuple(LOG), commit_index=4)])
        for write in more:
            store.write([write])
    return name, path


def test_a_log_is_read_whole_behind_a_snapshot_and_out_of_the_archive(tmp_path: Path) -> None:
    snapshot = SnapshotRecord(3, LOG[2].root, (b"state",))
    stores = [
        a_store(tmp_path, "up1"),
        a_store(tmp_path, "up2", Write(2, snapshot=snapshot)),
        a_store(tmp_path, "up3", Write(2, snapshot=snapshot), Write(3, compact_to=2)),
    ]
    log, replicas = read_stores(stores, world.ROOT)
    assert [entry.index for entry in log.entries] == [1, 2, 3, 4]
    assert [replica.roots for replica in replicas] == [tuple(entry.root for entry in LOG)] * 3


def test_a_kept_store_is_read_whole_too_with_its_archive(tmp_path: Path) -> None:
    snapshot = SnapshotRecord(3, LOG[2].root, (b"state",))
    name, path = a_store(tmp_path, "up1", Write(2, snapshot=snapshot), Write(3, compact_to=2))
    kept = tmp_path / "record" / name
    kept.parent.mkdir()
    keep_store(path, kept)
    log, _ = read_stores([(name, kept / path.name)], world.ROOT)
    assert [entry.index for entry in log.entries] == [1, 2, 3, 4]
