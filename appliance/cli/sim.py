"""`tmr sim`: play simulated clusters from seeds. Exit codes: 0 no violation, 1 violations, 2 usage.

Each seed is a whole life of five hosts and their clients; a seed that fails fails again, with the
same trace, wherever it is played.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from appliance.cli.output import (
    console,
    fail,
    json_option,
    on_terminal,
    print_json,
    print_table,
    say,
)
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.sim.run import Result

SEEDS_MAX = 1_000_000


def parse_seeds(ctx: click.Context, param: click.Parameter, value: str) -> range:
    """`A..B` (both included) or a single seed, as a range. Raises click.BadParameter."""
    first, dots, last = value.partition("..")
    try:
        seeds = range(int(first), int(last if dots else first) + 1)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no range of seeds; write it like 0..99", ctx, param
        ) from None
    if not 0 < len(seeds) <= SEEDS_MAX or seeds.start < 0:
        raise click.BadParameter(
            f"{value!r} must hold 1 to {SEEDS_MAX} seeds, none below 0", ctx, param
        )
    return seeds


@click.command()
@click.option(
    "--seeds", callback=parse_seeds, default="0..99", show_default=True, help="A..B, both included."
)
@click.option("--trace", "trace_lines", type=click.IntRange(0, 1000), default=40, show_default=True)
@click.option(
    "--malicious",
    is_flag=True,
    help="One host of five lies with all its keys, each in turn: it must break nothing.",
)
@click.option(
    "--put-back",
    is_flag=True,
    help="Disks are put back to an earlier state: each loss must be named once a witness is back.",
)
@click.option(
    "--mutants", is_flag=True, help="Plant known bugs, too, and see them found (source tree only)."
)
@json_option
@click.pass_context
def sim(
    ctx: click.Context,
    seeds: range,
    trace_lines: int,
    malicious: bool,
    put_back: bool,
    mutants: bool,
    as_json: bool,
) -> None:
    """Play simulated clusters: crashes, cuts, bad disks, wrong clocks; checked after every step."""
    from appliance.sim.options import malicious_swarm, swarm
    from appliance.sim.run import run_put_back, run_seed

    if malicious and put_back:
        fail("A life is either --malicious or --put-back.", ExitCode.USAGE)
    killed = _mutants() if mutants else None
    options = malicious_swarm if malicious else swarm
    started_s = time.monotonic()
    results = [
        run_put_back(seed) if put_back else run_seed(seed, options(seed))
        for seed in _with_progress(seeds)
    ]
    took_s = max(time.monotonic() - started_s, 1e-9)
    kind = " --malicious" if malicious else " --put-back" if put_back else ""
    document = summary(results, took_s, f"tmr sim{kind}")
    document["mutants"] = killed
    if as_json:
        print_json(document)
    else:
        print_table(("what", "value"), [(k, v) for k, v in document.items() if k != "violations"])
        for violation in document["violations"]:
            _tell(violation, trace_lines)
    if document["violations"] or (killed is not None and killed["survived"]):
        ctx.exit(int(ExitCode.REFUSED))


def _mutants() -> dict[str, Any]:
    """How many of the planted bugs are found. They are test code, so they come with the source."""
    import importlib

    try:
        killing = importlib.import_module("tests.sim.killing")
    except ImportError:
        fail("The planted bugs are in the source tree: run this there.", ExitCode.USAGE)
    found: dict[str, Any] = killing.summary()
    return found


def summary(results: list[Result], took_s: float, replay: str = "tmr sim") -> dict[str, Any]:
    """What a run amounts to, as `--json` prints it; `lies` and `measured` for liars only."""
    faults = _added(result.faults for result in results)
    inputs = sum(result.inputs for result in results)
    simulated_s = sum(result.simulated_s for result in results)
    return {
        "seeds": len(results),
        "inputs": inputs,
        "inputs_per_s": round(inputs / took_s),
        "simulated_hours_per_minute": round(simulated_s / 3600 / (took_s / 60), 3),
        "entries": sum(result.entries for result in results),
        "calls": sum(result.calls for result in results),
        "histories_undecided": sum(result.undecided for result in results),
        "faults": faults,
        "lies": _added(result.lies for result in results),
        "measured": _added(result.measured for result in results),
        "violations": [
            {
                "seed": result.seed,
                "violation": result.violation,
                "replay": f"{replay} --seeds {result.seed}",
                "options": result.options,
                "trace": result.trace,
            }
            for result in results
            if result.violation
        ],
    }


def _added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """All counts by name, in the order of names."""
    total: dict[str, int] = {}
    for count in counts:
        for name, number in count.items():
            total[name] = total.get(name, 0) + number
    return dict(sorted(total.items()))


def _tell(violation: dict[str, Any], trace_lines: int) -> None:
    """One failure in words: what, with which options, what happened last, how to see it again."""
    say(f"\nseed {violation['seed']}: {violation['violation']}")
    say("options: " + ", ".join(f"{k}={v}" for k, v in violation["options"].items()))
    for line in violation["trace"][-trace_lines:] if trace_lines else ():
        say(line)
    say(f"replay: {violation['replay']}")


def _with_progress(seeds: range) -> Iterable[int]:
    """The seeds, with a bar on a terminal."""
    if not on_terminal():
        return seeds
    return _bar(seeds)


def _bar(seeds: range) -> Iterator[int]:
    with _progress() as progress:
        task = progress.add_task("seeds", total=len(seeds))
        for seed in seeds:
            yield seed
            progress.advance(task)


@contextmanager
def _progress() -> Iterator[Any]:
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:3], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        yield progress
