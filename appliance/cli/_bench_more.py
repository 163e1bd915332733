"""Benches of `tmr bench` that need one host or none, and what all benches show alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli.output import fail, json_option, print_json, print_table

if TYPE_CHECKING:
    from appliance.lab.bench.ground import Computer

DEFAULT_DIRECTORY = ".lab-bench"
TICKET_MS_MAX = 10

directory_option = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    default=DEFAULT_DIRECTORY,
    show_default=True,
    help="Where the lab is made, on the disk to be measured; removed at the end.",
)


@click.command()
@directory_option
@click.option("--times", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@json_option
def ticket(directory: Path, times: int, as_json: bool) -> None:
    """How large the ticket of a borrowed seat is, and how long it takes to open without a network.

    Borrows it in a loopback lab of its own.
    """
    from appliance.client import ClientError
    from appliance.client.ticket_files import FILE_BYTES_MAX
    from appliance.lab.bench import ticket as measuring
    from appliance.lab.story.stage import StoryFailed

    try:
        result = measuring.measure(directory.absolute(), times)
    except (StoryFailed, ClientError) as error:
        fail(f"This could not be measured: {error}.")
    if as_json:
        print_json(result)
        return
    aim = f"{TICKET_MS_MAX} ms"
    print_table(
        ("Measured", "Aim", "Found"),
        [
            ("bytes of a ticket", FILE_BYTES_MAX, result.bytes),
            ("opened after a start of the system, median", aim, ms(result.opened.median_s)),
            ("the same, 99 %", aim, ms(result.opened.p99_s)),
            ("opened again within a minute, median", aim, ms(result.again.median_s)),
            ("of one opening and closing the processor's own", "", ms(result.again_cpu_s)),
        ],
        title=f"A ticket, opened {result.opened.count} times, {machine_text(result.machine)}",
    )


@click.command()
@directory_option
@click.option(
    "--entries", type=click.IntRange(1_000, 10_000_000), default=100_000, show_default=True
)
@json_option
def usage(directory: Path, entries: int, as_json: bool) -> None:
    """How long it takes to count a usage record, and to prove it complete."""
    from appliance.lab.bench import usage as measuring

    try:
        result = measuring.measure(directory.absolute(), entries)
    except OSError as error:
        fail(f"This could not be measured: {error}.")
    if as_json:
        print_json(result)
        return
    rows = [
        ("report by product and day", ms(result.by_product_and_day_s)),
        ("report by user and hour", ms(result.by_user_and_hour_s)),
        ("to prove it complete", ms(result.verify_s)),
        ("bytes of an entry", f"{result.bytes / result.entries:.0f}"),
    ]
    title = f"A record of {result.entries} entries, {result.rows} uses begun or ended, "
    print_table(("What", "Took"), rows, title=title + machine_text(result.machine))


def machine_text(machine: Computer) -> str:
    """Where it was measured, for a title."""
    beside = f", keepalived {machine.keepalived}" if machine.keepalived else ""
    return f"{machine.cpus} CPUs, Python {machine.python}{beside}"


def ms(value_s: float) -> str:
    """Seconds as milliseconds."""
    return f"{value_s * 1000:.1f} ms"
