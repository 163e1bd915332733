"""`tmr bench checkout`: durable check-outs per second, at several numbers of connections.

Durable means on two disks of three; all checks, receipts and TLS are on. The generators share the
machine with the five hosts, so what they use of it is told too.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from appliance.lab.bench.figures import quantile, rounded
from appliance.lab.bench.generator import Order, Result
from appliance.lab.bench.ground import FIRM_CODE, PRODUCT_CODE, Computer, Ground, machine
from appliance.lab.build import client_name
from appliance.lab.hosts import CLIENT_API_PORT
from appliance.lab.platform import Kind
from appliance.lab.story.stage import Stage, StoryFailed
from appliance.licences.reasons import TOO_MANY_LEASES
from appliance.licences.seats import LEASES_KEPT, LEASES_MAX, LEASES_PER_CLIENT_MAX

LEVELS = (1, 16, 64, 256)
# Python starts, imports and makes its TLS connections.
START_S = 2.0
START_PER_CONNECTION_S = 0.006
WARM_S = 1.0
END_S = 60.0


class LoadLevel(msgspec.Struct, frozen=True, kw_only=True):
    """One number of connections. `generator_cpus` is how many processors the load itself used."""

    connections: int
    rate_per_s: float
    median_s: float
    p99_s: float
    checked_out: int
    batch_mean: float
    receipts_verified: int
    refused: dict[str, int]
    generator_cpus: float


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """What `tmr bench checkout --json` prints."""

    machine: Computer
    lab: Kind
    seconds: float
    generators: int
    levels: tuple[LoadLevel, ...]


def measure(
    lay: Callable[[], Ground],
    kind: Kind,
    levels: Sequence[int],
    seconds: float,
    generators: int,
    told: Callable[[LoadLevel], None],
) -> Checkout:
    """Measure every level in turn, each on ground laid anew, since what one level takes would count
    against the next one's bound of leases. Raises StoryFailed if a generator does."""
    done: list[LoadLevel] = []
    for number, connections in enumerate(levels):
        with lay() as ground:
            done.append(_level(ground.stage, f"r{number}", connections, seconds, generators))
        told(done[-1])
    return Checkout(
        machine=machine(),
        lab=kind,
        seconds=seconds,
        generators=generators,
        levels=tuple(done),
    )


def shares(connections: int, generators: int) -> list[int]:
    """How many connections each generator makes: as equal as can be, none of them idle."""
    generators = max(1, min(generators, connections))
    least, more = divmod(connections, generators)
    return [least + (number < more) for number in range(generators)]


def _level(stage: Stage, name: str, connections: int, seconds: float, generators: int) -> LoadLevel:
    parts = shares(connections, generators)
    begin_s = time.monotonic() + START_S + START_PER_CONNECTION_S * connections + WARM_S
    host = stage.files.virtual_ip or stage.lab.address(stage.active())
    orders = [
        Order(
            profile=str(stage.files.profile(client_name(number + 1))),
            host=host,
            port=CLIENT_API_PORT,
            firm_code=FIRM_CODE,
            product_code=PRODUCT_CODE,
            connections=part,
            name=f"{name}-{number}",
            count_from_s=begin_s,
            count_to_s=begin_s + seconds,
        )
        for number, part in enumerate(parts)
    ]
    with ThreadPoolExecutor(len(orders)) as pool:
        results = list(pool.map(lambda order: _generate(stage, order, seconds), orders))
    return combined(connections, seconds, results)


def combined(connections: int, seconds: float, results: Sequence[Result]) -> LoadLevel:
    """One level from what its generators counted. Raises StoryFailed if that is nothing, or if a
    client met its bound of leases."""
    refused: Counter[str] = Counter()
    latencies_us: list[int] = []
    for result in results:
        refused.update(result.refused)
        latencies_us += result.latencies_us
    if not latencies_us:
        raise StoryFailed(f"nothing was checked out at {connections} connections: {dict(refused)}")
    if refused[TOO_MANY_LEASES]:
        raise StoryFailed(
            f"at {connections} connections there were as many leases as may be"
            f" ({LEASES_PER_CLIENT_MAX} of one client, {LEASES_MAX - LEASES_KEPT} of all such)"
            " before the time was over: measure for fewer seconds"
        )
    latencies_us.sort()
    batches = max(1, *(result.batches for result in results))
    return LoadLevel(
        connections=connections,
        rate_per_s=round(len(latencies_us) / seconds, 1),
        median_s=rounded(quantile(latencies_us, 0.5) / 1e6),
        p99_s=rounded(quantile(latencies_us, 0.99) / 1e6),
        checked_out=len(latencies_us),
        batch_mean=round(len(latencies_us) / batches, 2),
        receipts_verified=sum(result.receipts_verified for result in results),
        refused=dict(refused),
        generator_cpus=round(sum(result.cpu_s for result in results) / seconds, 2),
    )


def _generate(stage: Stage, order: Order, seconds: float) -> Result:
    """Run one generator in the clients' network."""
    argv = [sys.executable, "-m", "appliance.lab.bench.generator"]
    done = subprocess.run(
        stage.lab.command("clients", argv),
        input=msgspec.json.encode(order),
        capture_output=True,
        timeout=START_S + START_PER_CONNECTION_S * order.connections + seconds + END_S,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise StoryFailed(f"a generator ended: {said[-1] if said else done.returncode}")
    return msgspec.json.decode(done.stdout, type=Result)
