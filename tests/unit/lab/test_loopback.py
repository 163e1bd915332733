"""The loopback lab, and what both kinds of lab share: start, end, freeze, remember."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.lab import prerequisites, processes
from appliance.lab.firewall import bridge_base, bridge_cut, host_ruleset
from appliance.lab.hosts import HOSTS, SERVERS, TMRS, UPSTREAMS, host_named, twin_of
from appliance.lab.loopback import LabLoopback
from appliance.lab.open import new_lab, open_lab
from appliance.lab.platform import LabRefused, ProcessSpec, Started

SLEEP = "import time; print('up', flush=True); time.sleep(3600)"
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
print("up", flush=True)
time.sleep(3600)
"""


def spec(name: str, tmp_path: Path, code: str = SLEEP, **env: str) -> ProcessSpec:
    log = str(tmp_path / f"{name}.log")
    return ProcessSpec(name=name, argv=(sys.executable, "-c", code), log=log, env=env)


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"not seen: {what}"
        time.sleep(0.01)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabLoopback]:
    lab = LabLoopback(tmp_path / "lab")
    lab.up({host.name: [spec(host.name, tmp_path)] for host in SERVERS})
    try:
        yield lab
    finally:
        lab.down()


def only(lab: LabLoopback, host: str) -> Started:
    (started,) = lab.state().hosts[host].started
    return started


def test_all_five_run_and_down_ends_them(lab: LabLoopback) -> None:
    started = [only(lab, host.name) for host in SERVERS]
    assert all(processes.is_alive(one) for one in started)
    lab.down()
    assert not any(processes.is_alive(one) for one in started)
    assert not (lab.directory / "lab.json").exists()
    lab.down()


def test_power_cut_and_boot_from_another_command(lab: LabLoopback) -> None:
    before = only(lab, "tmr1")
    other = open_lab(lab.directory)
    began = other.power_cut("tmr1")
    assert began <= time.monotonic()
    assert not processes.is_alive(before)
    assert lab.processes("tmr1") == []
    with pytest.raises(LabRefused, match="tmr1 is off already"):
        other.power_cut("tmr1")
    with pytest.raises(LabRefused, match="tmr1 is off: boot it first"):
        other.freeze("tmr1")
    with pytest.raises(LabRefused, match="tmr1 is off: boot it first"):
        other.start("tmr1", "tmr1")
    other.boot("tmr1")
    after = only(lab, "tmr1")
    assert processes.is_alive(after)
    assert after != before
    with pytest.raises(LabRefused, match="tmr1 is on already"):
        other.boot("tmr1")


def test_a_power_cut_takes_children_and_ignores_handlers(tmp_path: Path) -> None:
    lab = LabLoopback(tmp_path / "lab")
    lab.up({"up1": [spec("stubborn", tmp_path, STUBBORN)]})
    started = only(lab, "up1")
    wait_until(lambda: len(processes.pids_in_groups([started])) == 2, "parent and child")
    lab.power_cut("up1")
    assert processes.pids_in_groups([started]) == []
    lab.down()


def test_freeze_and_thaw(lab: LabLoopback) -> None:
    stat = Path(f"/proc/{only(lab, 'tmr1').pid}/stat")
    lab.freeze("tmr1")
    wait_until(lambda: ") T " in stat.read_text(), "a stopped process")
    assert lab.state().hosts["tmr1"].frozen
    lab.thaw("tmr1")
    wait_until(lambda: ") T " not in stat.read_text(), "a process that goes on")
    lab.freeze("tmr1")
    lab.power_cut("tmr1")
    assert not stat.exists() or ") Z " in stat.read_text()


def test_one_process_is_stopped_and_started(lab: LabLoopback) -> None:
    first = only(lab, "up1")
    lab.start("up1", "up1")
    assert only(lab, "up1") == first
    lab.stop("up1", "up1")
    assert [one.alive for one in lab.processes("up1")] == [False]
    lab.start("up1", "up1")
    second = only(lab, "up1")
    assert second != first
    lab.stop("up1", "up1", kill=True)
    assert not processes.is_alive(second)


def test_what_loopback_cannot_do_is_refused(lab: LabLoopback) -> None:
    with pytest.raises(LabRefused, match="cannot cut a host off, because it has no network"):
        lab.cut("up1")
    with pytest.raises(LabRefused, match="cannot drop frames"):
        lab.block("up1", "tmr1", "vrrp")
    lab.heal("up1")
    with pytest.raises(LabRefused, match="no host 'up7'"):
        lab.heal("up7")


def test_environment_log_and_command(tmp_path: Path) -> None:
    lab = LabLoopback(tmp_path / "lab")
    code = "import os, sys; print(os.environ['COLOUR']); print('bad', file=sys.stderr)"
    lab.up({"up1": [spec("talker", tmp_path, code, COLOUR="blue")]})
    log = tmp_path / "talker.log"
    wait_until(lambda: log.read_text() == "blue\nbad\n", "both streams in the log")
    assert lab.command("clients", ["true"]) == ["true"]
    assert lab.address("tmr2") == "127.0.77.22"
    lab.down()


def test_one_lab_a_directory(lab: LabLoopback, tmp_path: Path) -> None:
    with pytest.raises(LabRefused, match="is up in"):
        new_lab("loopback", lab.directory).up({})
    assert processes.is_alive(only(lab, "up1"))
    with pytest.raises(LabRefused, match="No lab is up"):
        open_lab(tmp_path / "elsewhere")


def test_a_program_that_is_not_there_dies_at_once(tmp_path: Path) -> None:
    lab = LabLoopback(tmp_path / "lab")
    log = tmp_path / "log"
    lab.up({"up1": [ProcessSpec(name="none", argv=("/nonexistent",), log=str(log))]})
    wait_until(lambda: not lab.processes("up1")[0].alive, "the failed start")
    wait_until(lambda: "nonexistent" in log.read_text(), "what the shell said")
    lab.down()


def test_a_reused_process_id_is_not_ours() -> None:
    mine = Started(name="me", pid=os.getpid(), started_at=processes.start_time(os.getpid()))
    assert processes.is_alive(mine)
    reused = Started(name="me", pid=os.getpid(), started_at="1")
    assert not processes.is_alive(reused)
    # Ending it must not touch the process that has the id now.
    processes.end(reused, signal.SIGTERM)
    assert os.getpid() not in processes.pids_in_groups([reused])


def test_hosts_are_those_of_the_design() -> None:
    assert [host.name for host in HOSTS] == [
        "up1",
        "up2",
        "up3",
        "tmr1",
        "tmr2",
        "clients",
        "vendors",
    ]
    assert (len(SERVERS), len(UPSTREAMS), len(TMRS)) == (5, 3, 2)
    assert twin_of("tmr1").name == "tmr2"
    assert twin_of("tmr2").name == "tmr1"
    for name in ("up1", "nobody"):
        with pytest.raises(KeyError):
            twin_of(name)


def test_filters_name_only_what_is_let_in() -> None:
    upstream = host_ruleset(host_named("up1"))
    assert "policy drop" in upstream
    assert "ip saddr { 10.77.0.21, 10.77.0.22 } tcp dport 7101 accept" in upstream
    assert "dport 22 " not in upstream
    tmr = host_ruleset(host_named("tmr1"))
    assert "ip saddr 10.77.0.22 ip protocol vrrp accept" in tmr
    assert "ip saddr 10.77.0.22 tcp dport 7103 accept" in tmr
    assert "    tcp dport 7200 accept" in tmr
    assert "dport" not in host_ruleset(host_named("clients"))


def test_bridge_cuts() -> None:
    assert "drop" not in bridge_base()
    assert bridge_cut("vtmr1", None, "all").endswith('forward iifname "vtmr1" drop\n')
    assert 'oifname "vtmr2" ether type ip ip protocol vrrp drop' in bridge_cut(
        "vtmr1", "vtmr2", "vrrp"
    )


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (prerequisites.Prerequisites((), ("needs root: do this.",)), "needs root"),
        (
            prerequisites.Prerequisites(("keepalived", "nftables"), ()),
            "apt-get install keepalived nftables",
        ),
    ],
)
def test_prerequisites_say_what_to_do(found: prerequisites.Prerequisites, says: str) -> None:
    assert not found.met
    with pytest.raises(LabRefused) as refused:
        found.require()
    assert says in refused.value.sentence


def test_missing_programs_are_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerequisites, "find", lambda program: None)
    assert prerequisites.check().packages == ("iproute2", "nftables", "keepalived", "util-linux")
    with pytest.raises(LabRefused, match="apt-get install nftables"):
        prerequisites.path_of("nft")


def test_root_is_asked_for_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabRefused, match=r"needs root .*make lab LAB=loopback"):
        prerequisites.check().require()
