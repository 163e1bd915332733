"""Faults in a real network lab: whatever dies, freezes or is cut, what was granted stays granted.

One lab for all; each test injects a fault under load, heals it, and `World.under_load` then checks
seats, grants, units and receipts against the clients' own record.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.adapters.store.database import Store
from appliance.client import AsyncClient, QuorumLost, load_profile
from appliance.client.tools import tool_trust
from appliance.lab.build import client_name
from appliance.lab.hosts import (
    SERVERS,
    TMRS,
    UPSTREAM_ADMIN_PORT,
    UPSTREAMS,
)
from appliance.lab.story.stage import PRESSES, ROBOTS
from appliance.ledger.messages import Entry
from appliance.services.upstream.documents import UpstreamStatusDocument
from tests.lab.stale import StaleQuestions
from tests.lab.thief import Thief
from tests.lab.work import Asked, compare, hang_up, settle, work
from tests.lab.world import UNITS, Load, World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

WORKERS = 8
ACKNOWLEDGED_BEFORE_THE_CUT = 200


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("faults") / "lab") as made:
        yield made


@pytest.fixture
def told(record_property: Callable[[str, object], None]) -> Callable[[Load], None]:
    """Keeps what clients saw of a fault with the test's result; it is no condition of passing."""

    def tell(load: Load) -> None:
        seen = load.interruption
        record_property("interruption_s", round(seen.longest_s, 3))
        print(
            f"interruption {seen.longest_s:.3f} s, asked {seen.asked}, failed {seen.failed} "
            f"{seen.errors}, units {load.acknowledged}, repeated {load.retried}"
        )

    return tell


# --- the active TMR host ---


def test_the_active_host_is_frozen_and_thawed(world: World, told: Callable[[Load], None]) -> None:
    frozen = world.wait_until_whole()
    twin = world.twin(frozen)
    with world.under_load() as load:
        before = world.stage.statuses()[frozen].term
        with StaleQuestions(world, frozen) as stale:
            world.lab.freeze(frozen)
            stale.ask()
            world.wait_for(f"{twin} to serve", lambda: world.stage.active() == twin)
            newer = stale.change_the_world()
            world.lab.thaw(frozen)
            world.wait_until_whole()
            stale.check_answers(newer)
        term = world.stage.statuses()[world.stage.active()].term
        assert before is not None and term is not None
        assert term.counter > before.counter
    told(load)
    assert load.interruption.failed == 0


def test_vrrp_is_cut_both_ways(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    passive = world.twin(active)
    with world.under_load() as load:
        term = world.stage.statuses()[active].term
        said = world.log(passive, "tmr").count("address here=True")
        world.lab.block(active, passive, "vrrp")
        world.lab.block(passive, active, "vrrp")
        world.wait_for(
            f"the address on {passive} as well",
            lambda: world.log(passive, "tmr").count("address here=True") > said,
        )
        # It learns that the other one has the term, and lets go of the address.
        world.wait_for(
            f"the address on {active} alone",
            lambda: world.stage.holders_of_address() == [active],
        )
        answered = load.prober.answered + 20
        world.wait_for("answers meanwhile", lambda: load.prober.answered >= answered)
        assert world.stage.active() == active
        assert world.stage.statuses()[active].term == term
    told(load)
    assert world.wait_until_whole() == active
    assert load.interruption.failed == 0


def test_keepalived_is_killed_alone(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    with world.under_load() as load:
        killed = world.pids_of(active, "keepalived")
        assert killed
        world.kill(killed)
        world.wait_for("a new keepalived", lambda: world.pids_of(active, "keepalived") - killed)
    told(load)
    assert load.interruption.failed == 0


def test_the_address_process_is_killed(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    twin = world.twin(active)
    with world.under_load() as load:
        world.kill({world.pid(active, "vip")})
        world.wait_for(f"{twin} to serve", lambda: world.stage.active() == twin)
        world.lab.start(active, "vip")
        assert world.wait_until_whole() == twin
    told(load)
    assert load.interruption.failed == 0


def test_the_tmr_process_is_killed(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    twin = world.twin(active)
    with world.under_load() as load:
        world.lab.stop(active, "tmr", kill=True)
        world.wait_for(f"{twin} to serve", lambda: world.stage.active() == twin)
        world.lab.start(active, "tmr")
        assert world.wait_until_whole() == twin
    told(load)
    assert load.interruption.failed == 0


def test_both_tmr_processes_are_killed(world: World, told: Callable[[Load], None]) -> None:
    world.wait_until_whole()
    with world.under_load() as load:
        for host in TMRS:
            world.lab.stop(host.name, "tmr", kill=True)
        for host in TMRS:
            world.lab.start(host.name, "tmr")
        world.wait_until_whole()
    told(load)
    assert load.interruption.failed == 0


# --- cuts between the active host and the upstreams ---


def test_one_upstream_is_not_heard(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    with world.under_load() as load:
        world.lab.block("up1", active, "all")
        world.wait_for(
            "up1 to be missed", lambda: world.stage.statuses()[active].missing == ("up1",)
        )
        answered = load.prober.answered + 20
        world.wait_for("answers without it", lambda: load.prober.answered >= answered)
        assert world.stage.active() == active
    told(load)
    assert world.stage.active() == active
    assert load.interruption.failed == 0


def test_the_active_host_reaches_no_upstream(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    twin = world.twin(active)
    with world.under_load() as load:
        for upstream in UPSTREAMS:
            world.lab.block(active, upstream.name, "all")
        world.wait_for(f"{twin} to serve", lambda: world.stage.active() == twin)
        world.wait_for(f"the address on {twin}", lambda: world.stage.holders_of_address() == [twin])
        world.lab.heal(active)
        assert world.wait_until_whole() == twin
    told(load)
    # Until the twin has it, the holder says honestly that the quorum is lost.
    assert all("lost their quorum" in error for error in load.interruption.errors)


# --- upstreams ---


def test_an_upstream_is_frozen_and_catches_up(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    with world.under_load() as load:
        world.lab.freeze("up2")
        world.wait_for(
            "up2 to be missed", lambda: world.stage.statuses()[active].missing == ("up2",)
        )
        answered = load.prober.answered + 50
        world.wait_for("answers without it", lambda: load.prober.answered >= answered)
        world.lab.thaw("up2")
        assert world.wait_until_whole() == active
    told(load)
    assert load.interruption.failed == 0


def test_an_upstream_process_is_killed(
    world: World, told: Callable[[Load], None], tmp_path: Path
) -> None:
    active = world.wait_until_whole()
    with world.under_load() as load:
        answered = load.prober.answered + 50
        world.wait_for("some load", lambda: load.prober.answered >= answered)
        status = world.stage.statuses()[active]
        term = status.term
        acked = {up.name: up.last_index for up in status.upstreams}["up3"]
        world.lab.stop("up3", "upstream", kill=True)
        kept = _copy_of_store(world, "up3", tmp_path)
        assert term is not None
        assert kept.promised >= (term.counter, term.host, term.nonce)
        assert kept.last_index >= acked
        world.lab.start("up3", "upstream")
        assert world.wait_until_whole() == active
        after = _upstream_status(world, "up3")
        promised = after.promised
        assert promised is not None
        assert (promised.counter, promised.host, promised.nonce) >= kept.promised
        assert after.durable_index >= kept.last_index
    told(load)
    assert load.interruption.failed == 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What a dead upstream's disk holds."""

    promised: tuple[int, str, int]
    last_index: int


def _copy_of_store(world: World, host: str, into: Path) -> Kept:
    """Read a dead upstream's store, from a copy: nothing of the original is touched."""
    for path in world.files.host(host).glob("ledger.sqlite*"):
        shutil.copy(path, into / path.name)
    with contextlib.closing(Store(into / "ledger.sqlite", host)) as store:
        recovered = store.recover()
        last = max((entry.index for entry in recovered.entries), default=0)
        promised = recovered.promised
        return Kept((promised.counter, promised.host, promised.nonce), last)


def _upstream_status(world: World, host: str) -> UpstreamStatusDocument:
    """An upstream's own status, asked at its console."""
    profile = load_profile(world.files.profile("view"))

    async def ask() -> UpstreamStatusDocument:
        async with AsyncClient([("127.0.0.1", UPSTREAM_ADMIN_PORT)], profile.tls, None) as client:
            return await client.call("GET", "/v1/status", UpstreamStatusDocument)

    with world.inside(host) as inside:
        return inside.call(ask())


# --- operators ---


def test_an_orderly_switchover(world: World, told: Callable[[Load], None]) -> None:
    active = world.wait_until_whole()
    twin = world.twin(active)

    async def act() -> None:
        async with world.operator() as operator:
            await operator.switchover("a test", twin)

    with world.under_load() as load:
        world.stage.clients.call(act())
        world.wait_for(f"{twin} to serve", lambda: world.stage.active() == twin)
        assert world.wait_until_whole() == twin
    told(load)
    assert load.interruption.failed == 0


@pytest.mark.parametrize("which", ["active", "passive"])
def test_maintenance(world: World, told: Callable[[Load], None], which: str) -> None:
    active = world.wait_until_whole()
    twin = world.twin(active)
    host, serves = (active, twin) if which == "active" else (twin, active)

    async def maintain(on: bool) -> None:
        async with world.operator() as operator:
            await operator.maintenance(host, "a test", on)

    def in_maintenance() -> bool:
        status = world.stage.statuses()[serves]
        roles = {row.name: row.role for row in status.tmr_hosts}
        return status.phase == "serving" and roles[host] == "maintenance"

    with world.under_load() as load:
        world.stage.clients.call(maintain(True))
        try:
            world.wait_for(f"{host} in maintenance, {serves} serving", in_maintenance)
            world.wait_for(
                f"the address on {serves}", lambda: world.stage.holders_of_address() == [serves]
            )
        finally:
            world.stage.clients.call(maintain(False))
        assert world.wait_until_whole() == serves
    told(load)
    assert load.interruption.failed == 0


# --- everything ---


def test_all_five_lose_power_in_the_middle_of_it(world: World) -> None:
    world.wait_until_whole()
    clients = world.stage.clients
    record: list[Asked] = []
    before = world.licence(ROBOTS.code).units_left
    assert before == UNITS

    async def start() -> tuple[list[AsyncClient], list[asyncio.Task[None]]]:
        people = [load_profile(world.files.profile(client_name(n + 1))) for n in range(WORKERS)]
        made = [person.async_client(tool_trust(person)) for person in people]
        loop = asyncio.get_running_loop()
        return made, [loop.create_task(work(client, record)) for client in made]

    async def stop() -> list[BaseException | None]:
        for worker in workers:
            worker.cancel()
        ends = await asyncio.gather(*workers, return_exceptions=True)
        # The TMR hosts go last, and may have said honestly that the upstreams are gone.
        expected = (asyncio.CancelledError, QuorumLost)
        return [end for end in ends if not isinstance(end, expected)]

    made, workers = clients.call(start())
    try:
        enough = ACKNOWLEDGED_BEFORE_THE_CUT
        world.wait_for("acknowledged work", lambda: sum(1 for a in record if a.units) >= enough)
        for host in SERVERS:
            world.lab.power_cut(host.name)
        # Whoever has no answer by now gets none: the record is complete.
        assert clients.call(stop()) == []
        world.mend()
        world.wait_until_whole()
        compare(world, record, settled=False)
        clients.call(settle(record))
        compare(world, record, settled=True)
    finally:
        clients.call(stop())
        world.mend()
        clients.call(hang_up(made))
    world.check()


def test_three_disks_hold_one_chain(world: World) -> None:
    """After all of the above: the same entries everywhere, and they amount to what clients hold."""
    active = world.wait_until_whole()

    async def read(upstream: str) -> list[Entry]:
        async with Thief(world.files, active, upstream) as reader:
            return await reader.read_log()

    with world.inside(active) as inside:
        logs = [inside.call(read(upstream.name)) for upstream in UPSTREAMS]
    shortest = min(len(log) for log in logs)
    assert shortest > 0
    assert logs[0][:shortest] == logs[1][:shortest] == logs[2][:shortest]
    state = Thief(world.files, active, "up1").replay(logs[0]).state
    presses = [
        (lease.ref.client, lease.ref.lease_id, lease.generation)
        for lease in state.active_leases()
        if lease.key.firm_code == PRESSES.code
    ]
    assert sorted(presses) == world.granted
