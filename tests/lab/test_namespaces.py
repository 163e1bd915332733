"""The network lab on real namespaces: packet filters, cuts, power, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.lab import processes
from appliance.lab.hosts import HOSTS
from appliance.lab.namespaces import NAMESPACES, LabNetwork
from appliance.lab.open import open_lab
from appliance.lab.platform import LabRefused, ProcessSpec, Started
from tests.lab.conftest import unique_lab_id, wait_until

pytestmark = pytest.mark.lab

LISTEN = """
import selectors, socket, sys
chooser = selectors.DefaultSelector()
for port in map(int, sys.argv[2:]):
    chooser.register(socket.create_server((sys.argv[1], port)), selectors.EVENT_READ)
print("listening", flush=True)
while True:
    for key, _ in chooser.select():
        key.fileobj.accept()[0].close()
"""

KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=float(sys.argv[3])).close()
except ConnectionRefusedError:
    print("closed")
except OSError as error:
    print("silent", error)
else:
    print("open")
"""

SLEEP = "import time; time.sleep(3600)"

FAMILY = """
import subprocess, sys, time
family = [subprocess.Popen([sys.executable, "-c", sys.argv[1]]) for _ in range(3)]
time.sleep(3600)
"""


def python(name: str, log: Path, code: str, *arguments: str) -> ProcessSpec:
    return ProcessSpec(name=name, argv=(sys.executable, "-u", "-c", code, *arguments), log=str(log))


def knock(lab: LabNetwork, source: str, target: str, port: int, timeout_s: float = 20) -> str:
    argv = [sys.executable, "-c", KNOCK, lab.address(target), str(port), str(timeout_s)]
    result = subprocess.run(
        lab.command(source, argv), capture_output=True, text=True, check=True, timeout=60
    )
    return result.stdout.split()[0]


def ping(lab: LabNetwork, source: str, target: str) -> bool:
    """Whether a datagram makes the way there and back: ICMP is let in everywhere."""
    code = (
        "import socket, struct, sys\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)\n"
        "s.settimeout(float(sys.argv[2]))\n"
        "s.connect((sys.argv[1], 0))\n"
        "s.send(struct.pack('!BBHHH', 8, 0, 0xF7FD, 1, 1))\n"
        "try:\n"
        "    while s.recv(99)[20] != 0: pass\n"
        "    print('yes')\n"
        "except OSError:\n"
        "    print('no')\n"
    )
    argv = [sys.executable, "-c", code, lab.address(target), "0.3"]
    result = subprocess.run(
        lab.command(source, argv), capture_output=True, text=True, check=True, timeout=60
    )
    return result.stdout.strip() == "yes"


def reaches(lab: LabNetwork, source: str, target: str) -> None:
    """Wait for a way to open: after a failure the kernel asks for the neighbour once a second."""
    wait_until(lambda: ping(lab, source, target), f"{target} reached from {source}")


def run_listener(lab: LabNetwork, host: str, log: Path, *ports: int) -> None:
    wanted = [str(port) for port in ports]
    lab.define(host, [python("listener", log, LISTEN, lab.address(host), *wanted)])
    lab.start(host, "listener")
    wait_until(lambda: "listening" in log.read_text(), f"a listener on {host}")


def test_packet_filters(lab: LabNetwork, tmp_path: Path) -> None:
    run_listener(lab, "up1", tmp_path / "up1.log", 22, 7101, 7102, 7103)
    run_listener(lab, "tmr1", tmp_path / "tmr1.log", 22, 7101, 7103, 7200)
    # The listeners are there: loopback reaches them all.
    assert [knock(lab, "up1", "up1", port) for port in (22, 7101, 7102, 7103)] == ["open"] * 4
    assert [knock(lab, "tmr1", "tmr1", port) for port in (22, 7103, 7200)] == ["open"] * 3
    seen = {
        (source, target, port): knock(lab, source, target, port)
        for source in ("clients", "vendors", "tmr2", "up2")
        for target, port in (
            ("up1", 22),
            ("up1", 7101),
            ("up1", 7102),
            ("up1", 7103),
            ("tmr1", 22),
            ("tmr1", 7101),
            ("tmr1", 7103),
            ("tmr1", 7200),
        )
    }
    opened = {way for way, answer in seen.items() if answer == "open"}
    assert opened == {
        ("clients", "tmr1", 7200),
        ("vendors", "tmr1", 7200),
        ("vendors", "up1", 7102),
        ("tmr2", "up1", 7101),
        ("tmr2", "tmr1", 7103),
        ("tmr2", "tmr1", 7200),
        ("up2", "tmr1", 7200),
    }
    # Closed is said, not left to a timeout.
    assert set(seen.values()) == {"open", "closed"}


def test_power_cut_kills_all_and_a_boot_is_a_real_one(lab: LabNetwork, tmp_path: Path) -> None:
    lab.define("up1", [python("family", tmp_path / "family.log", FAMILY, SLEEP)])
    lab.start("up1", "family")
    namespace = lab.namespace("up1")
    wait_until(lambda: len(processes.pids_in_namespace(namespace)) == 4, "a family of four")
    pids = processes.pids_in_namespace(namespace)
    subprocess.run(
        lab.command("up1", ["ip", "addr", "add", "10.77.0.99/24", "dev", "eth0"]), check=True
    )
    lab.power_cut("up1")
    assert not namespace.exists()
    assert all(not processes.is_alive(_started(pid)) for pid in pids)
    assert not ping(lab, "clients", "up1")
    with pytest.raises(LabRefused, match="up1 is off already"):
        lab.power_cut("up1")
    lab.boot("up1")
    reaches(lab, "clients", "up1")
    shown = subprocess.run(
        lab.command("up1", ["ip", "-brief", "addr"]), capture_output=True, text=True, check=True
    ).stdout
    assert "10.77.0.99" not in shown
    wait_until(lambda: len(processes.pids_in_namespace(namespace)) == 4, "the family after boot")
    with pytest.raises(LabRefused, match="up1 is on already"):
        lab.boot("up1")


def _started(pid: int) -> Started:
    return Started(name="any", pid=pid, started_at="")


def test_cut_and_heal_from_another_command(lab: LabNetwork) -> None:
    # Another command knows only the directory.
    other = open_lab(lab.directory)
    assert ping(lab, "clients", "up2")
    other.cut("up2")
    assert not ping(lab, "clients", "up2")
    assert lab.state().hosts["up2"].cut
    other.heal("up2")
    reaches(lab, "clients", "up2")
    assert not lab.state().hosts["up2"].cut


def test_one_way_block_keeps_the_other_ways(lab: LabNetwork) -> None:
    lab.block("up2", "clients")
    assert not ping(lab, "clients", "up2")
    assert ping(lab, "vendors", "up2")
    lab.block("up3")
    assert not ping(lab, "vendors", "up3")
    lab.heal("up3")
    reaches(lab, "vendors", "up3")
    assert not ping(lab, "clients", "up2")
    lab.heal("clients")
    reaches(lab, "clients", "up2")


def test_freeze_and_thaw(lab: LabNetwork, tmp_path: Path) -> None:
    run_listener(lab, "tmr1", tmp_path / "tmr1.log", 7200)
    pid = lab.processes("tmr1")[0].pid
    lab.freeze("tmr1")
    wait_until(lambda: _state_of(pid) == "T", "a stopped process")
    # A frozen host's kernel still answers.
    assert ping(lab, "clients", "tmr1")
    lab.thaw("tmr1")
    wait_until(lambda: _state_of(pid) != "T", "a process that goes on")


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_frozen_hosts_can_lose_power(lab: LabNetwork, tmp_path: Path) -> None:
    lab.define("up1", [python("sleeper", tmp_path / "log", SLEEP)])
    lab.start("up1", "sleeper")
    lab.freeze("up1")
    lab.power_cut("up1")
    assert not lab.namespace("up1").exists()
    lab.boot("up1")
    assert not lab.state().hosts["up1"].frozen


def test_down_leaves_nothing_and_is_repeatable(tmp_path: Path) -> None:
    lab = LabNetwork(tmp_path / "lab", unique_lab_id())
    sleeper = [python("sleeper", tmp_path / "log", SLEEP)]
    lab.up({host.name: sleeper for host in HOSTS})
    pids = [lab.processes(host.name)[0].pid for host in HOSTS]
    lab.power_cut("up3")
    lab.down()
    assert list(NAMESPACES.glob(f"{lab.lab_id}-*")) == []
    assert not any(processes.is_alive(_started(pid)) for pid in pids)
    assert lab.lab_id not in Path("/proc/mounts").read_text()
    lab.down()
    with pytest.raises(LabRefused, match="No lab is up"):
        lab.boot("up1")


def test_a_start_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    lab = LabNetwork(tmp_path / "lab", unique_lab_id())
    good = python("sleeper", tmp_path / "log", SLEEP)
    # A file where the log's directory should be.
    (tmp_path / "file").write_text("")
    bad = python("sleeper", tmp_path / "file" / "log", SLEEP)
    with pytest.raises(LabRefused, match="Cannot start sleeper"):
        lab.up({"up1": [good], "tmr1": [good, bad]})
    assert list(NAMESPACES.glob(f"{lab.lab_id}-*")) == []
    lab.down()
    lab.up({})
    lab.down()


def test_down_without_the_state_file_leaves_nothing(tmp_path: Path) -> None:
    lab = LabNetwork(tmp_path / "lab", unique_lab_id())
    lab.up({"up1": [python("sleeper", tmp_path / "log", SLEEP)]})
    pid = lab.processes("up1")[0].pid
    (lab.directory / "lab.json").write_text("{")
    with pytest.raises(LabRefused, match="cannot be read"):
        lab.state()
    lab.down()
    assert list(NAMESPACES.glob(f"{lab.lab_id}-*")) == []
    assert not processes.is_alive(_started(pid))


def test_two_labs_do_not_meet(lab: LabNetwork, tmp_path: Path) -> None:
    with pytest.raises(LabRefused, match="is there already"):
        LabNetwork(tmp_path / "other", lab.lab_id).up({})
    # The refusal took nothing of the first one away.
    assert lab.namespace("up1").exists()
    other = LabNetwork(tmp_path / "other", unique_lab_id())
    other.up({})
    other.cut("up1")
    assert ping(lab, "clients", "up1")
    other.down()
    assert ping(lab, "clients", "up1")


def test_unknown_hosts_and_ids_are_refused(lab: LabNetwork, tmp_path: Path) -> None:
    with pytest.raises(LabRefused, match="no host 'up9' in the lab: choose one of up1"):
        lab.power_cut("up9")
    with pytest.raises(LabRefused, match="lab id 'a b'"):
        LabNetwork(tmp_path, "a b")
    with pytest.raises(LabRefused, match="up1 has no process nothing"):
        lab.start("up1", "nothing")
    with pytest.raises(LabRefused, match="is up in"):
        lab.up({})


def test_the_command_may_be_gone(lab: LabNetwork, tmp_path: Path) -> None:
    """Processes belong to init once started: the command that started them may exit."""
    lab.define("up1", [python("sleeper", tmp_path / "log", SLEEP)])
    lab.start("up1", "sleeper")
    pid = lab.processes("up1")[0].pid
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    assert int(stat[1]) != os.getpid()
    assert int(stat[3]) == pid
    lab.stop("up1", "sleeper")
    assert not lab.processes("up1")[0].alive
