"""Chaos on real processes, links and keepalived, for a little more than a minute.

`tmr lab chaos --seed S --minutes M` does the same for as long as one likes.
"""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.lab.chaos.faults import Injector
from appliance.lab.chaos.ground import Ground
from appliance.lab.chaos.run import WHOLE_WITHIN_S
from appliance.lab.chaos.schedule import FaultKind, Strike, plan
from appliance.lab.chaos.watch import Supervisor, Watch
from appliance.lab.disks import SmallDisk, unmount_below
from tests.lab.conftest import unique_lab_id, wait_until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(420)]

# Of the schedules of this length, one that meets most kinds of faults.
SEED = 524
MINUTES = 1.2
WANTED = {
    FaultKind.POWER_ALL,
    FaultKind.POWER_TMRS,
    FaultKind.FREEZE_ACTIVE,
    FaultKind.CUT_ACTIVE,
    FaultKind.ONE_WAY,
    FaultKind.VRRP_CUT,
    FaultKind.DISK_FULL,
    FaultKind.DISKS_FULL,
    FaultKind.CLOCK_STEP,
    FaultKind.RESTART,
}


def test_a_small_disk_is_full_and_has_room_again(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path / "disk")
    disk.mount()
    try:
        file = disk.path / "file"
        file.write_bytes(b"x" * 100_000)
        disk.fill()
        with pytest.raises(OSError) as refused:
            (disk.path / "more").write_bytes(b"x" * 100_000)
        assert refused.value.errno == errno.ENOSPC
        assert file.read_bytes() == b"x" * 100_000
        disk.free()
        (disk.path / "more").write_bytes(b"x" * 100_000)
    finally:
        unmount_below(tmp_path)
    assert not disk.path.is_mount()


def test_an_upstream_stops_on_a_full_disk_and_comes_back(tmp_path: Path) -> None:
    with Ground(tmp_path / "lab", unique_lab_id(), SEED, 60, 0.3) as ground:
        watch = Watch(ground)
        assert watch.wait_until_whole(WHOLE_WITHIN_S) == ""
        injector = Injector(ground, watch)
        strike = Strike(kind=FaultKind.DISK_FULL, hosts=("up2",), how="live")
        log = ground.files.logs / "up2-upstream.log"
        with Supervisor(ground):
            ground.start_clients()
            injector.strike(strike, strike.hosts)
            # It says so in one sentence and ends, and each further start ends in the same way.
            wait_until(lambda: " is full: free some space" in log.read_text(), "a full disk")
            wait_until(lambda: log.read_text().count("\ntmr: ") >= 2, "a second attempt")
            before = watch.level
            wait_until(lambda: _moved_on(ground, before), "the other two go on")
            assert "up2" in watch.amiss()
            injector.heal(strike, strike.hosts)
            assert watch.wait_until_whole(WHOLE_WITHIN_S) == ""
            assert ground.end_clients() == []
        assert "Traceback" not in log.read_text()


def _moved_on(ground: Ground, before: int) -> bool:
    return any(s.commit_index > before + 20 for s in ground.stage.statuses().values())


def test_more_than_a_minute_of_everything(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    kinds = {strike.kind for each in plan(SEED, MINUTES).rounds for strike in each.strikes}
    assert kinds >= WANTED
    argv = ["lab", "chaos", "--seed", str(SEED), "--minutes", str(MINUTES), "--json"]
    where = ["--dir", str(tmp_path / "lab"), "--id", unique_lab_id()]
    keep = ["--keep", str(tmp_path / "record")]
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli.main", *argv, *where, *keep],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    report = json.loads(done.stdout)
    for line in report["table"]:
        record_property(line["kind"], line["interruption_worst_s"])
    assert report["violations"] == [], done.stderr
    assert done.returncode == 0
    assert report["rounds"] == len(plan(SEED, MINUTES).rounds)
    assert report["faults"] >= len(WANTED)
    # It has to have been about something.
    assert report["history_calls_total"] > 1000
    assert report["entries"] > 300
    assert not (tmp_path / "lab").exists()
    assert not (tmp_path / "record").exists()


def test_a_directory_that_exists_is_not_touched(tmp_path: Path) -> None:
    precious = tmp_path / "lab" / "precious"
    precious.parent.mkdir()
    precious.touch()
    argv = ["lab", "chaos", "--minutes", "1", "--dir", str(precious.parent), "--id", "x"]
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli.main", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "exists: name a directory that does not" in done.stderr
    assert precious.exists()
