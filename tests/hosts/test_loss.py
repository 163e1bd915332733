"""What cannot be mended is replaced: an upstream's machine, and then all five.

It goes on from what `test_hosts.py` left, and so comes after it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.hosts.plant import (
    FIRM,
    PRODUCT,
    TMR_HOSTS,
    UNITS,
    UPSTREAMS,
    Load,
    Plant,
    in_lab,
    lab,
)

pytestmark = [
    pytest.mark.skipif(not in_lab(), reason="needs the five hosts: run `make test-hosts` as root"),
    pytest.mark.timeout(1200),
]


def test_a_new_machine_replaces_a_lost_upstream_under_load(plant, capsys):
    """Its container is lost with it: two constituents carry the licence from here on."""
    plant.wait_until_whole()
    before = upstream_row(plant, "up2")
    assert before["votes"]
    with plant.client("upstream") as client, Load(client).running() as load:
        lab("cut", "up2")
        load.wait_for_more()
        lab("wipe", "up2")
        lab("boot", "up2")
        played = plant.play("replace_host.yml", replace_host="up2")
        load.wait_for_more()
    assert played.code == 0, played.said
    plant.wait_until_whole()
    after = upstream_row(plant, "up2")
    assert after["votes"]
    assert after["store"] not in ("", before["store"])
    again = plant.play("replace_host.yml", replace_host="up2")
    assert (again.code, again.changes) == (0, 0), again.said
    with capsys.disabled():
        print(
            f"\nhosts: a new machine for up2 in {played.seconds:.0f} s: {len(load.done_at_s)}"
            f" check-outs, {len(load.failures)} failed, {load.longest_gap_s:.2f} s between two"
        )
    assert load.failures == []


def upstream_row(plant: Plant, name: str) -> dict[str, Any]:
    """An upstream as `tmr status` shows it."""
    rows: list[dict[str, Any]] = plant.status()["upstreams"]
    return next(row for row in rows if row["name"] == name)


def test_restore_after_total_loss(plant, capsys):
    """All five machines are gone: a backup, five bare ones, the vendor's word, a licence."""
    plant.wait_until_whole()
    with plant.client("counts") as client, client.lease(FIRM, PRODUCT) as lease:
        lease.consume(7)
    old_ledger = plant.status()["ledger_id"]
    backups = plant.directory / "backups"
    for _ in range(2):
        played = plant.play("backup.yml", backup_directory=str(backups), backup_keep=1)
        assert played.code == 0, played.said
    (backup,) = backups.iterdir()
    root = ("--root", str(plant.central / "root" / "root.cert.der"))
    lost = plant.tmr("backup", str(backup), "--check", *root)
    assert lost["units_used"] == {f"{FIRM}:{PRODUCT}#1": 7}
    over = plant.play("restore.yml", restore_from=str(backup), restore_confirm="lab")
    assert over.code != 0
    assert "serves, and nothing is restored over a ledger" in " ".join(over.said.split())
    assert over.changes == 0

    for host in (*UPSTREAMS, *TMR_HOSTS):
        lab("cut", host)
        lab("wipe", host)
        lab("boot", host)
    refused = plant.play("restore.yml", restore_from=str(backup))
    assert refused.code != 0
    assert "Nothing is restored: confirm it" in " ".join(refused.said.split())
    assert refused.changes == 0
    played = plant.play("restore.yml", restore_from=str(backup), restore_confirm="lab")
    assert played.code == 0, played.said
    plant.wait_until_whole()
    ledger = plant.status()["ledger"]
    assert ledger["ledger_id"] != old_ledger
    assert (ledger["origin_id"], ledger["origin_index"]) == (old_ledger, lost["index"])
    assert ledger["ledger_id"] in played.said
    assert all(serial in played.said for serial in lost["containers"])

    plant.reissue_licence(lost, ledger["ledger_id"])
    with plant.client("restored") as client:
        plant.wait_until_available(client)
        with client.lease(FIRM, PRODUCT) as lease:
            receipt = lease.grant.receipt
            assert receipt is not None
            assert len(receipt.endorsements) == 2
            assert lease.consume(1).units_left == UNITS - 8
    with capsys.disabled():
        print(f"\nhosts: restored after total loss in {played.seconds / 60:.1f} minutes")
