"""`tmr bench usage`, `queue` and `ticket`: who had what, who waits, what leaves the plant."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from appliance.cli._bench_common import (
    directory_option,
    id_option,
    kind_of,
    machine_text,
    ms,
    network_option,
)
from appliance.cli._teller import Teller
from appliance.cli.output import fail, json_option, print_json, print_table

TICKET_MS_MAX = 10


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


@click.command()
@directory_option
@id_option
@click.option("--turns", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option(
    "--waiting",
    type=click.IntRange(1, 1_000),
    default=1_000,
    show_default=True,
    help="How many wait for the one seat while the active host loses power.",
)
@click.option(
    "--passed-on",
    type=click.IntRange(1, 1_000),
    default=50,
    show_default=True,
    help="Through how many hands the seat goes afterwards, at most as many as wait.",
)
@network_option
@json_option
def queue(
    directory: Path,
    lab_id: str,
    turns: int,
    waiting: int,
    passed_on: int,
    network: bool | None,
    as_json: bool,
) -> None:
    """How soon a freed seat is with who waits for it, and a queue through a failover."""
    from appliance.client import ClientError
    from appliance.lab.bench import queue as measuring
    from appliance.lab.bench.ground import SOLD, Ground
    from appliance.lab.story.stage import StoryFailed

    kind, one_seat = kind_of(network), replace(SOLD, quantity=1)
    with Teller("the queue", 3, quiet=as_json) as teller:
        try:
            result = measuring.measure(
                lambda: Ground(directory.absolute(), kind, lab_id, one_seat),
                kind,
                turns,
                waiting,
                min(passed_on, waiting),
                teller.told,
            )
        except (StoryFailed, ClientError, TimeoutError) as error:
            fail(f"This could not be measured: {error or 'a client was not answered in time'}.")
    if as_json:
        print_json(result)
        return
    times = (result.turn_median_s, result.turn_p99_s, result.turn_max_s)
    rows = [
        ("a freed seat is with who waits: median, 99 %, worst", ", ".join(map(ms, times))),
        ("the active host loses power, until another serves", ms(result.failover_s)),
        ("of those who waited, lost", result.lost),
        ("of those who waited, elsewhere in the order", result.overtaken),
        (f"the seat passed on {result.passed_on} times, to a wrong one", result.passed_on_wrongly),
        ("each time, median", ms(result.pass_on_median_s)),
    ]
    title = f"{result.turns} turns, then {result.waiting} who wait; {result.lab} lab, "
    print_table(("What", "Found"), rows, title=title + machine_text(result.machine))


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
