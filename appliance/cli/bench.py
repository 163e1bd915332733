"""`tmr bench`: measure it here, on a lab of its own that is gone afterwards.

Figures are for people and for comparing machines; no test depends on them. Nothing else should run
meanwhile: five hosts and all clients share this machine.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._bench_common import (
    directory_option,
    id_option,
    kind_of,
    machine_text,
    ms,
    network_option,
)
from appliance.cli._bench_records import queue, ticket, usage
from appliance.cli._bench_vendor import central, licences
from appliance.cli._teller import Teller
from appliance.cli.output import fail, json_option, print_json, print_table

if TYPE_CHECKING:
    from appliance.lab.bench.catchup import CatchUp
    from appliance.lab.bench.checkout import Checkout
    from appliance.lab.bench.failover import Cuts, Failover

LEVELS = (1, 16, 64, 256)
CROWDS = (1, 500)
ABSENCES = (1_000, 8_000, 20_000)

_several = partial(click.option, multiple=True, show_default=True)


@click.group()
def bench() -> None:
    """Measure it here."""


for verb in (central, licences, queue, ticket, usage):
    bench.add_command(verb)


@bench.command()
@directory_option
@id_option
@_several(
    "--connections",
    type=click.IntRange(1, 10_000),
    default=LEVELS,
    help="How many ask at the same time; repeat it for several levels.",
)
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=5.0, show_default=True)
@click.option(
    "--generators",
    type=click.IntRange(1, 12),
    default=1,
    show_default=True,
    help="Processes that make the load.",
)
@network_option
@json_option
def checkout(
    directory: Path,
    lab_id: str,
    connections: tuple[int, ...],
    seconds: float,
    generators: int,
    network: bool | None,
    as_json: bool,
) -> None:
    """Durable check-outs per second, with all checks, receipts and TLS."""
    from appliance.lab.bench import checkout as measuring
    from appliance.lab.bench.ground import Ground
    from appliance.lab.story.stage import StoryFailed

    kind = kind_of(network)
    with Teller("check-outs", len(connections), quiet=as_json) as teller:
        try:
            result = measuring.measure(
                lambda: Ground(directory.absolute(), kind, lab_id),
                kind,
                connections,
                seconds,
                generators,
                lambda level: teller.told(
                    f"{level.connections} connections: {level.rate_per_s:.0f}/s"
                ),
            )
        except StoryFailed as error:
            fail(f"This could not be measured: {error}.")
    if as_json:
        print_json(result)
    else:
        _print_checkout(result)


@bench.command()
@directory_option
@id_option
@click.option(
    "--cuts", type=click.IntRange(1, 1000), default=20, show_default=True, help="Of each kind."
)
@_several(
    "--clients",
    type=click.IntRange(1, 5000),
    default=CROWDS,
    help="How many clients look on; repeat it for several crowds.",
)
@json_option
def failover(
    directory: Path, lab_id: str, cuts: int, clients: tuple[int, ...], as_json: bool
) -> None:
    """What clients see of power cuts, of a switchover and of an upstream's loss; needs root."""
    from appliance.client import ClientError
    from appliance.lab import prerequisites
    from appliance.lab.bench import failover as measuring
    from appliance.lab.story.stage import StoryFailed

    prerequisites.check().require()
    faults = measuring.faults(cuts, len(clients))
    with Teller("the lab starts", faults, quiet=as_json) as teller:
        try:
            result = measuring.measure(
                directory.absolute(),
                cuts,
                clients,
                lab_id,
                lambda part, seen_s: teller.told(f"{part}: {seen_s:.3f} s"),
            )
        except (StoryFailed, ClientError, TimeoutError) as error:
            fail(f"This could not be measured: {error or 'a client was not answered in time'}.")
    if as_json:
        print_json(result)
    else:
        _print_failover(result)


@bench.command()
@directory_option
@id_option
@_several(
    "--entries",
    type=click.IntRange(10, 1_000_000),
    default=ABSENCES,
    help="How much it lacks; repeat it for several absences.",
)
@click.option("--clients", type=click.IntRange(1, 500), default=8, show_default=True)
@click.option(
    "--anew",
    is_flag=True,
    help="Both TMR hosts start anew meanwhile, so nobody has old entries in memory: what it lacks"
    " comes from the other upstreams' disks, or as a snapshot.",
)
@json_option
def catchup(
    directory: Path,
    lab_id: str,
    entries: tuple[int, ...],
    clients: int,
    anew: bool,
    as_json: bool,
) -> None:
    """What clients see while an upstream that was away catches up; needs root."""
    from appliance.client import ClientError
    from appliance.lab import prerequisites
    from appliance.lab.bench import catchup as measuring
    from appliance.lab.story.stage import StoryFailed

    prerequisites.check().require()
    with Teller("the lab starts", len(entries), quiet=as_json) as teller:
        try:
            result = measuring.measure(
                directory.absolute(), entries, clients, lab_id, teller.told, anew
            )
        except (StoryFailed, ClientError, TimeoutError) as error:
            fail(f"This could not be measured: {error or 'a client was not answered in time'}.")
    if as_json:
        print_json(result)
    else:
        _print_catchup(result)


@bench.command()
@directory_option
@click.option("--entries", type=click.IntRange(10, 5_000_000), default=100_000, show_default=True)
@click.option("--leases", type=click.IntRange(0, 200_000), default=1_000, show_default=True)
@json_option
def restart(directory: Path, entries: int, leases: int, as_json: bool) -> None:
    """How long it takes to begin again with a long log, whole and behind a snapshot."""
    from appliance.adapters.store.database import StoreFailed
    from appliance.lab.bench import restart as measuring

    try:
        result = measuring.measure(directory.absolute(), entries, leases)
    except (OSError, StoreFailed) as error:
        fail(f"This could not be measured: {error}.")
    if as_json:
        print_json(result)
        return
    rows = [
        ("an upstream restarts", ms(result.upstream_whole_s), ms(result.upstream_snapshot_s)),
        ("a TMR host starts anew", ms(result.tmr_whole_s), ms(result.tmr_snapshot_s)),
        ("a slice goes to the archive, worst", "–", ms(result.let_go_max_s)),
    ]
    print_table(
        ("", "Whole log", f"Snapshot and {result.tail} entries"),
        rows,
        title=f"{result.entries} entries, {result.leases} leases,"
        f" {result.snapshot_bytes / 1e6:.1f} MB of snapshot, {machine_text(result.machine)}",
    )


@bench.command()
@click.option("--licences", type=click.IntRange(1, 10_000), default=1_000, show_default=True)
@click.option("--leases", type=click.IntRange(1, 200_000), default=200_000, show_default=True)
@json_option
def state(licences: int, leases: int, as_json: bool) -> None:
    """What the licence machine itself costs: commands a second, time and memory as leases grow."""
    from appliance.lab.bench import state as measuring

    with Teller("the licence machine", 3, quiet=as_json) as teller:
        result = measuring.measure(licences, leases, teller.told)
    if as_json:
        print_json(result)
        return
    memory = result.state_bytes_per_lease + result.clock_bytes_per_lease
    print_table(
        ("Measured", "Found"),
        [
            ("check-outs, consumptions and check-ins", f"{result.commands_per_s:.0f}/s"),
            (f"a seat taken and given back, {result.few_leases} leases", f"{result.few_us} us"),
            (f"the same, {result.leases} leases", f"{result.many_us} us"),
            ("memory of a lease on the active host", f"{memory:.0f} bytes"),
        ],
        title=f"The licence machine on one core, {result.licences} licences, "
        f"{machine_text(result.machine)}",
    )


@bench.command()
@click.option("--leases", type=click.IntRange(1, 1_000_000), default=100_000, show_default=True)
@click.option(
    "--events", type=click.IntRange(1, 5_000), default=2_000, show_default=True, help="A second."
)
@click.option("--seconds", type=click.FloatRange(1, 600), default=30.0, show_default=True)
@click.option(
    "--hour-events",
    type=click.IntRange(0, 100_000_000),
    default=7_200_000,
    show_default=True,
    help="So many events pass while memory is watched, quicker than in an hour; 0: none.",
)
@json_option
def monitor(leases: int, events: int, seconds: float, hour_events: int, as_json: bool) -> None:
    """The desktop monitor: first window, stalls, idle load, memory."""
    if importlib.util.find_spec("PySide6") is None:
        fail("the monitor is not installed here: install tmr-appliance[monitor], then repeat.")
    from monitor_gui.bench import report

    with Teller("the monitor starts", 4 + bool(hour_events), quiet=as_json) as teller:
        result = report.measure(report.BenchLoad(leases, events, seconds, hour_events), teller.told)
    if as_json:
        print_json(result)
        return
    marks = {True: "✔", False: "✖", None: ""}
    print_table(
        ("Measured", "Aim", "Found", ""),
        [(line.what, line.aim, line.measured, marks[line.met]) for line in result.lines],
        title=f"The desktop monitor, on {result.platform}; meanwhile a program that does nothing "
        f"was late by {result.machine_p999_ms:.0f} ms (99.9 %), load {result.machine_load:.1f}",
    )


def _print_checkout(result: Checkout) -> None:
    rows = [
        (
            level.connections,
            f"{level.rate_per_s:.0f}",
            ms(level.median_s),
            ms(level.p99_s),
            f"{level.batch_mean:.1f}",
            f"{level.generator_cpus:.2f}",
            ", ".join(f"{count} {reason}" for reason, count in level.refused.items()) or "0",
        )
        for level in result.levels
    ]
    print_table(
        ("Connections", "Check-outs/s", "Median", "p99", "In a batch", "Load's CPUs", "Refused"),
        rows,
        title=f"Durable check-outs, {result.lab} lab, {machine_text(result.machine)}",
    )


def _print_failover(result: Failover) -> None:
    alone, upstreams = result.keepalived, result.upstream_loss
    rows: list[tuple[object, ...]] = [
        (
            "keepalived alone",
            alone.count,
            *(ms(s) for s in (alone.median_s, alone.p99_s, alone.max_s)),
            *("–",) * 3,
        )
    ]
    rows += [_cuts_row(f"power cut, {c.clients} client(s)", c) for c in result.power_cuts]
    rows.append(_cuts_row("switchover", result.switchover))
    gap = ms(upstreams.longest_gap_s)
    lost = ("upstream lost", upstreams.cuts, "–", "–", gap, "–", "–", upstreams.failed_requests)
    print_table(
        ("Fault", "Times", "Median", "p99", "Worst", "Leases lost", "Seats doubled", "Failed"),
        [*rows, lost],
        title=f"Interruptions that clients saw, advert interval {result.advert_int_s} s, "
        f"{machine_text(result.machine)}",
    )


def _print_catchup(result: CatchUp) -> None:
    rows = []
    for absence in result.absences:
        way = "by a snapshot" if absence.by_snapshot else "by entries"
        for what, seen in (
            ("all three", absence.whole),
            ("two of three", absence.without),
            ("two of three, and another process computes", absence.beside),
            (f"the third starts, {absence.took_s - absence.reachable_s:.1f} s", absence.starting),
            (f"it catches up {way}, {absence.reachable_s:.1f} s", absence.catching_up),
        ):
            times = (ms(seen.median_s), ms(seen.p99_s), ms(seen.max_s))
            rows.append((absence.lacked, what, seen.count, *times))
    print_table(
        ("Lacked", "While", "Answers", "Median", "p99", "Worst"),
        rows,
        title=f"Pauses between answers that {result.clients} clients saw,"
        f" {result.failed_requests} of {result.requests} requests failed, "
        f"{machine_text(result.machine)}",
    )


def _cuts_row(name: str, cuts: Cuts) -> tuple[object, ...]:
    times = (ms(cuts.median_s), ms(cuts.p99_s), ms(cuts.max_s))
    return (
        name,
        cuts.cuts,
        *times,
        cuts.leases_lost,
        cuts.seats_doubled,
        cuts.failed_requests,
    )
