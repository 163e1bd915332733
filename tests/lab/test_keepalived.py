"""Two real keepalived under the address process: every surprise that was seen with 2.2.7.

The TMR service is played by the test: it sends verdicts and listens to the reports.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from appliance.adapters.vrrp import keepalived
from appliance.lab.namespaces import LabNetwork
from tests.lab.conftest import unique_lab_id
from tests.lab.pair import Pair, Side, in_loop, seen

pytestmark = pytest.mark.lab

HOLD_AN_ADDRESS = ("ip", "addr", "add", "10.77.0.100/24", "dev", "eth0")


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    lab = LabNetwork(tmp_path_factory.mktemp("l"), unique_lab_id())
    lab.up({})
    try:
        yield Pair(lab)
    finally:
        lab.down()
        for side in ("tmr1", "tmr2"):
            log = lab.directory / side / "vip.log"
            # Shown by pytest if the test failed.
            print(side, log.read_text() if log.exists() else "(no log)")


def told_of(side: Side, stranger: str) -> bool:
    return side.state is not None and str(side.state.stranger).startswith(f"{stranger} (")


@in_loop
async def test_notify_fifo_netlink_and_verdict_agree(pair: Pair) -> None:
    holder, rest = await pair.begin()
    await seen(lambda: rest.state and rest.state.vrrp == "backup", "a backup")
    await seen(lambda: rest.state and rest.state.twin_heard, "the master's adverts")
    assert rest.state is not None
    assert rest.state.twin_priority == holder.config.priority
    assert holder.paths.verdict.read_text() == "0\n"
    holder.client.set_verdict(False, "no upstream in reach")
    await pair.one_holder(at=rest)
    assert holder.paths.verdict.read_text() == "1\n"
    await seen(lambda: holder.state and holder.state.vrrp == "fault", "a host at fault")
    assert holder.state is not None
    assert holder.state.reason == "no upstream in reach"
    # It resigned: nobody waited for its adverts to stop.
    assert any(state.twin_priority == 0 for state in rest.states)
    # Healthy again, it takes nothing back.
    holder.client.set_verdict(True)
    await seen(lambda: holder.state and holder.state.vrrp == "backup", "a backup again")
    assert rest.holds()
    # And each tells its TMR service of anybody else who wants the address.
    assert {side.state.stranger for side in pair.sides.values() if side.state} == {None}
    stranger = await asyncio.to_thread(pair.a_stranger_advertises)
    for side in (holder, rest):
        await seen(partial(told_of, side, stranger), "the stranger")
    assert rest.holds()
    await pair.end()


@in_loop
async def test_switchover_by_dropping_the_address(pair: Pair) -> None:
    holder, rest = await pair.begin()
    for new, old in ((rest, holder), (holder, rest)):
        old.client.drop_address("switchover")
        await pair.one_holder(at=new)
        await seen(old.is_healthy_backup, "the old holder as a healthy backup")
    await pair.end()


@pytest.mark.parametrize("victim", ["vrrp", "group", "parent"])
@in_loop
async def test_keepalived_dies_alone(pair: Pair, victim: str) -> None:
    holder, rest = await pair.begin()
    pid = holder.pid("vrrp" if victim == "vrrp" else "parent")
    starts = holder.state.keepalived_starts if holder.state else 0
    if victim == "group":
        # What it does by itself: with its supervisor stopped, the address is on both hosts.
        os.kill(holder.vip_pid(), signal.SIGSTOP)
        os.killpg(pid, signal.SIGKILL)
        await seen(rest.holds, "the twin with the address")
        assert holder.holds()
        os.kill(holder.vip_pid(), signal.SIGCONT)
    else:
        os.kill(pid, signal.SIGKILL)
    await pair.one_holder(at=rest)
    await seen(
        lambda: (
            holder.state
            and holder.state.vrrp == "backup"
            and holder.state.keepalived_starts > starts
        ),
        "keepalived back as a backup",
    )
    # The address process took the address off itself, before there was a keepalived again. (If
    # only the parent dies, the child does that on its way out.)
    assert any(not state.keepalived_alive and not state.holds_address for state in holder.states)
    assert not holder.holds()
    await pair.end()


def make_clients_patient(lab: LabNetwork) -> None:
    """Keep the clients' kernel from finding out by itself where the address went.

    It asks the old owner for ever, so only a gratuitous ARP helps.
    """
    patient = "echo 100000 >/proc/sys/net/ipv4/neigh/eth0/ucast_solicit"
    subprocess.run(lab.command("clients", ["/bin/sh", "-c", patient]), check=True)


@in_loop
async def test_a_frozen_master_thaws(pair: Pair) -> None:
    holder, rest = await pair.begin()
    make_clients_patient(pair.lab)
    await asyncio.to_thread(pair.lab.freeze, holder.host)
    await seen(rest.holds, "the twin with the address")
    assert holder.holds()
    await seen(lambda: pair.who_answers() == rest.host, "the clients at the twin")
    await asyncio.to_thread(pair.lab.thaw, holder.host)
    # Whoever it is (the higher priority may take it back): one, and the clients reach it.
    await pair.one_holder()
    await pair.end()


@in_loop
async def test_a_frozen_keepalived_thaws_and_is_not_a_black_hole(pair: Pair) -> None:
    """It takes the address back, in spite of nopreempt: then its ARPs must say so as well."""
    await pair.watch_arps()
    holder, rest = await pair.begin()
    if holder.host != "tmr1":
        holder.client.drop_address("tmr1 has the higher priority")
        holder, rest = await pair.one_holder(at=rest)
    # Else the second burst, sent late, would hide what is looked for here.
    await pair.settled_arps(holder)
    make_clients_patient(pair.lab)
    pids = [holder.pid("parent"), holder.pid("vrrp")]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    await seen(rest.holds, "the twin with the address")
    await seen(lambda: pair.who_answers() == rest.host, "the clients at the twin")
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    await pair.one_holder(at=holder)
    await pair.end()


@in_loop
async def test_power_cut_of_the_master(pair: Pair) -> None:
    holder, rest = await pair.begin()
    rest.states.clear()
    await asyncio.to_thread(pair.lab.power_cut, holder.host)
    await pair.one_holder(at=rest)
    # Nothing said goodbye: the twin found out by silence.
    assert all(state.twin_priority != 0 for state in rest.states)
    await asyncio.to_thread(pair.lab.boot, holder.host)
    await seen(lambda: holder.state and holder.state.vrrp == "backup", "the host back as backup")
    # The host returns; nothing moves.
    assert await pair.one_holder() == (rest, holder)
    await pair.end()


@in_loop
async def test_killing_everything_at_once_sends_no_resignation(pair: Pair) -> None:
    """Without the link going down first, which would hide a resignation."""
    holder, rest = await pair.begin()
    rest.states.clear()
    await asyncio.to_thread(pair.lab.freeze, holder.host)
    for pid in (holder.vip_pid(), holder.pid("parent"), holder.pid("vrrp")):
        os.kill(pid, signal.SIGKILL)
    await seen(rest.holds, "the twin with the address")
    assert all(state.twin_priority != 0 for state in rest.states)
    # The dead host's kernel still has the address: only a reboot or a new start takes it away.
    assert holder.holds()
    await asyncio.to_thread(pair.lab.start, holder.host, "vip")
    await pair.one_holder(at=rest)
    await pair.end()


@in_loop
async def test_the_address_process_is_killed(pair: Pair) -> None:
    holder, rest = await pair.begin()
    os.kill(holder.vip_pid(), signal.SIGKILL)
    # Its keepalived gets SIGTERM from the kernel, resigns and takes the address off.
    await pair.one_holder(at=rest)
    assert any(state.twin_priority == 0 for state in rest.states)
    await asyncio.to_thread(pair.lab.start, holder.host, "vip")
    await seen(lambda: holder.state and holder.state.vrrp == "backup", "a backup after restart")
    await pair.end()


@in_loop
async def test_an_orderly_stop_leaves_nothing(pair: Pair) -> None:
    holder, rest = await pair.begin()
    await asyncio.to_thread(pair.lab.stop, holder.host, "vip")
    await pair.one_holder(at=rest)
    left = [
        Path(f"/proc/{pid}/cmdline").read_bytes()
        for pid in pair.lab._pids(holder.host, None)
        if Path(f"/proc/{pid}/cmdline").exists()
    ]
    assert not any(b"keepalived" in line for line in left)
    assert not Path(holder.config.socket).exists()
    await pair.end()


@in_loop
async def test_without_tmr_services_nobody_holds_the_address(pair: Pair) -> None:
    holder, rest = await pair.begin()
    await holder.disconnect()
    await pair.one_holder(at=rest)
    await rest.disconnect()
    await seen(lambda: not holder.holds() and not rest.holds(), "an address that nobody has")
    holder.connect()
    await pair.one_holder(at=holder)
    await pair.end()


@in_loop
async def test_a_hung_keepalived_is_killed(pair: Pair) -> None:
    holder, rest = await pair.begin()
    os.kill(holder.pid("vrrp"), signal.SIGSTOP)
    await seen(rest.holds, "the twin with the address")
    assert holder.holds()
    # What the TMR service says when two upstreams hear the other coordinator (design D4, b).
    holder.client.set_verdict(False, "address without a term")
    await pair.one_holder(at=rest)
    holder.client.set_verdict(True)
    await seen(lambda: holder.state and holder.state.vrrp == "backup", "a new backup")
    await pair.end()


@in_loop
async def test_a_stray_address_is_removed(pair: Pair) -> None:
    holder, rest = await pair.begin()
    subprocess.run(pair.lab.command(rest.host, HOLD_AN_ADDRESS), check=True)
    await seen(lambda: not rest.holds(), "the stray address gone")
    assert await pair.one_holder() == (holder, rest)
    await pair.end()


@in_loop
async def test_only_vrrp_is_cut(pair: Pair) -> None:
    holder, rest = await pair.begin()
    pair.lab.block(holder.host, rest.host, "vrrp")
    pair.lab.block(rest.host, holder.host, "vrrp")
    await seen(lambda: holder.holds() and rest.holds(), "the address on both hosts")
    await seen(lambda: rest.state and not rest.state.twin_heard, "the twin not heard")
    rest.client.set_verdict(False, "address without a term")
    await pair.one_holder(at=holder)
    pair.lab.heal(rest.host)
    await seen(lambda: rest.state and rest.state.twin_heard, "the twin heard again")
    rest.client.set_verdict(True)
    await seen(lambda: rest.state and rest.state.vrrp == "backup", "a backup")
    assert await pair.one_holder() == (holder, rest)
    await pair.end()


def test_keepalived_itself_refuses_a_bad_file(tmp_path: Path) -> None:
    bad = tmp_path / "keepalived.conf"
    bad.write_text("vrrp_instance x {\n  virtual_router_id nonsense\n")
    with pytest.raises(keepalived.ConfigurationRefused, match="keepalived refuses"):
        keepalived.try_configuration(bad)


def test_keepalived_accepts_what_is_rendered(lab: LabNetwork, tmp_path: Path) -> None:
    # It wants to see the interface, so it reads the file within a host of the lab.
    for advert_int_s in (0.01, 0.1, 0.3, 1.0, 40.95):
        for unicast in (False, True):
            settings = keepalived.VrrpSettings(
                interface="eth0",
                address=lab.virtual_address(),
                vrid=255,
                priority=254,
                runtime_dir=str(tmp_path),
                advert_int_s=advert_int_s,
                unicast_source=lab.address("tmr1") if unicast else "",
                unicast_peers=(lab.address("tmr2"),) if unicast else (),
            )
            path = tmp_path / "keepalived.conf"
            path.write_text(keepalived.render(settings))
            keepalived.write_verdict(tmp_path / "verdict", False)
            program = keepalived.find_keepalived()
            assert program is not None
            result = subprocess.run(
                lab.command("tmr1", [program, "--config-test", f"--use-file={path}"]),
                capture_output=True,
                text=True,
                check=False,
            )
            assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_a_missing_interface_is_named(tmp_path: Path) -> None:
    settings = keepalived.VrrpSettings(
        interface="nothere0",
        address="10.77.0.100/24",
        vrid=1,
        priority=254,
        runtime_dir=str(tmp_path),
    )
    with pytest.raises(keepalived.ConfigurationRefused, match="nothere0"):
        keepalived.install_configuration(settings)
    # Nothing was put in place, and nothing says that this host is well.
    assert not (tmp_path / "keepalived.conf").exists()
    assert (tmp_path / "verdict").read_text() == "1\n"
