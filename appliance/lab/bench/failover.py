"""`tmr bench failover`: what clients see of power cuts, of a switchover and of an upstream's loss.

An interruption is the longest time that a client, which asks without pause, went without an answer
from the moment of the fault on. After every fault the ledger's leases are compared with what the
clients hold: none may be missing, and none may be there that nobody holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from appliance.client import AsyncClient, ClientError, load_profile
from appliance.lab.bench import bare
from appliance.lab.bench.figures import Spread, quantile, rounded, spread
from appliance.lab.bench.ground import Computer, Ground, machine
from appliance.lab.bench.load_clients import DEADLINE_S, LoadClients
from appliance.lab.build import LAB_ADVERT_INT_S
from appliance.lab.hosts import UPSTREAMS, twin_of
from appliance.lab.inside import Inside
from appliance.lab.processes import now_s
from appliance.lab.story.stage import Stage, require

MOUNT_S = 120.0
SWITCHOVERS = 10
Progress = Callable[[str, float], None]
"""Told after each fault: which part, and what the slowest client saw, in seconds."""


class Cuts(msgspec.Struct, frozen=True, kw_only=True):
    """Power cuts of the active host, seen by so many clients at once."""

    clients: int
    cuts: int
    median_s: float
    p99_s: float
    max_s: float
    leases_lost: int
    seats_doubled: int
    failed_requests: int
    requests: int
    errors: tuple[str, ...] = ()


class UpstreamLoss(msgspec.Struct, frozen=True, kw_only=True):
    """Power cuts of each upstream in turn, seen by one client."""

    cuts: int
    longest_gap_s: float
    failed_requests: int
    requests: int


class Failover(msgspec.Struct, frozen=True, kw_only=True):
    """What `tmr bench failover --json` prints."""

    machine: Computer
    advert_int_s: float
    keepalived_median_s: float
    keepalived: Spread
    power_cuts: tuple[Cuts, ...]
    switchover: Cuts
    upstream_loss: UpstreamLoss


class Tally:
    """What was seen over several faults."""

    def __init__(self, load_clients: LoadClients) -> None:
        self._load_clients = load_clients
        self.seen_s: list[float] = []
        self.faults = 0
        self.lost: set[tuple[str, str, int]] = set()
        self.doubled: set[tuple[str, str, int]] = set()

    def add(self, seen_s: Sequence[float], ledger: Sequence[tuple[str, str, int]]) -> None:
        """One fault: what the clients saw, and which leases the ledger has now."""
        self.faults += 1
        self.seen_s += seen_s
        held = [load_client.holds for load_client in self._load_clients.all]
        lost, doubled = compared(held, ledger)
        self.lost |= lost
        self.doubled |= doubled

    def cuts(self) -> Cuts:
        """The sum of it."""
        ordered = sorted(self.seen_s)
        load_clients = self._load_clients
        failures = load_clients.failures()
        return Cuts(
            clients=len(load_clients.all),
            cuts=self.faults,
            median_s=rounded(quantile(ordered, 0.5)),
            p99_s=rounded(quantile(ordered, 0.99)),
            max_s=rounded(ordered[-1]),
            leases_lost=len(self.lost | {r.holds for r in load_clients.all if r.lost}),
            seats_doubled=len(self.doubled),
            failed_requests=len(failures),
            requests=sum(load_client.asked for load_client in load_clients.all),
            errors=tuple(sorted(set(failures)))[:3],
        )


def compared(
    held: Sequence[tuple[str, str, int]], ledger: Sequence[tuple[str, str, int]]
) -> tuple[set[tuple[str, str, int]], set[tuple[str, str, int]]]:
    """Leases (client, id, generation) that clients hold and the ledger lost, and the opposite.

    A seat is doubled if the ledger counts it for a lease, or a grant of one, that nobody holds.
    """
    return set(held) - set(ledger), set(ledger) - set(held)


def faults(cuts: int, crowds: int) -> int:
    """How many faults `measure` injects."""
    return cuts * (1 + crowds) + SWITCHOVERS + len(UPSTREAMS)


def measure(
    directory: Path, cuts: int, crowds: Sequence[int], lab_id: str, told: Progress
) -> Failover:
    """Everything in turn. Raises StoryFailed or ClientError if a part cannot be measured."""
    alone_s = bare.measure(
        directory.with_name(f"{directory.name}-bare"),
        cuts,
        lambda seen_s: told("keepalived alone", seen_s),
    )
    with Ground(directory, "network", lab_id) as ground:
        stage = ground.stage
        with Inside("load", stage.namespace("clients")) as field:
            power = tuple(_power_cuts(stage, field, clients, cuts, told) for clients in crowds)
            switched = _switchovers(stage, field, told)
            upstreams = _upstreams(stage, field, told)
    alone = spread(alone_s)
    assert alone is not None
    return Failover(
        machine=machine(),
        advert_int_s=LAB_ADVERT_INT_S,
        keepalived_median_s=alone.median_s,
        keepalived=alone,
        power_cuts=power,
        switchover=switched,
        upstream_loss=upstreams,
    )


def _mounted(stage: Stage, field: Inside, clients: int) -> LoadClients:
    async def mount() -> LoadClients:
        load_clients = LoadClients()
        await load_clients.mount(stage.files, clients)
        return load_clients

    return field.call(mount(), MOUNT_S)


def _ledger(stage: Stage) -> list[tuple[str, str, int]]:
    return [(lease.client, lease.lease_id, lease.generation) for lease in stage.leases()]


def _power_cuts(stage: Stage, field: Inside, clients: int, cuts: int, told: Progress) -> Cuts:
    load_clients = _mounted(stage, field, clients)
    tally = Tally(load_clients)
    try:
        for _ in range(cuts):
            active = stage.wait_until_whole()
            seen_s = _fault(stage, field, load_clients, partial(stage.lab.power_cut, active))
            tally.add(seen_s, _ledger(stage))
            told(f"power cuts, {_count(clients)}", max(seen_s))
            stage.lab.boot(active)
        stage.wait_until_whole()
        return tally.cuts()
    finally:
        field.call(load_clients.dismount(), MOUNT_S)


def _count(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


def _fault(
    stage: Stage, field: Inside, load_clients: LoadClients, inject: Callable[[], float]
) -> list[float]:
    """Inject a fault that moves the service; gives what each client saw of it."""
    field.call(load_clients.hurry())
    cut_at_s = inject()
    load_clients.struck_at_s = now_s()
    stage.wait_for("an answer for every client", lambda: load_clients.over_it, DEADLINE_S)
    field.call(load_clients.rest())
    seen_s = load_clients.interruptions_s(cut_at_s)
    require(len(seen_s) == len(load_clients.all), "a client was not answered")
    return seen_s


def _switchovers(stage: Stage, field: Inside, told: Progress) -> Cuts:
    load_clients = _mounted(stage, field, 1)
    tally = Tally(load_clients)
    operator = load_profile(stage.files.profile("operate"))

    async def begin() -> AsyncClient:
        return operator.async_client()

    client = stage.clients.call(begin())
    try:
        for _ in range(SWITCHOVERS):
            twin = twin_of(stage.wait_until_whole()).name
            # A host that gave the address away a moment ago cannot take it at once.
            stage.wait_for(f"{twin}'s keepalived", partial(_is_backup, stage, twin))
            stage.clients.call(client.status())

            def switch(host: str = twin) -> float:
                began_s = now_s()
                stage.clients.call(_switch(client, host))
                return began_s

            tally.add(_fault(stage, field, load_clients, switch), _ledger(stage))
            told("switchovers", tally.seen_s[-1])
        return tally.cuts()
    finally:
        stage.clients.call(client.close())
        field.call(load_clients.dismount(), MOUNT_S)


def _is_backup(stage: Stage, host: str) -> bool:
    status = stage.status_of(host)
    rows = status.tmr_hosts if status is not None else ()
    return any(row.name == host and row.vrrp == "backup" for row in rows)


async def _switch(client: AsyncClient, host: str) -> None:
    try:
        await client.switchover("measured", host)
    except ClientError:
        # The answer may be lost with the address; whether the service moved is seen by the clients.
        return


def _upstreams(stage: Stage, field: Inside, told: Progress) -> UpstreamLoss:
    load_clients = _mounted(stage, field, 1)
    load_client = load_clients.all[0]
    longest_s = 0.0
    try:
        for host in UPSTREAMS:
            active = stage.wait_until_whole()
            field.call(load_clients.hurry())
            cut_at_s = stage.lab.power_cut(host.name)

            def missed(name: str = host.name, active: str = active) -> bool:
                status = stage.status_of(active)
                return status is not None and status.missing == (name,)

            stage.wait_for(f"{host.name} to be missed", missed)
            stage.lab.boot(host.name)
            stage.wait_until_whole()
            field.call(load_clients.rest())
            gap_s = max(load_clients.interruptions_s(cut_at_s))
            longest_s = max(longest_s, gap_s)
            told("upstreams lost", gap_s)
        return UpstreamLoss(
            cuts=len(UPSTREAMS),
            longest_gap_s=rounded(longest_s),
            failed_requests=len(load_client.failed),
            requests=load_client.asked,
        )
    finally:
        field.call(load_clients.dismount(), MOUNT_S)
