"""`tmr bench licences|central`: what it costs on the vendors' side, as what they sold grows."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._bench_common import directory_option, machine_text, ms
from appliance.cli._records import database_option
from appliance.cli._teller import Teller
from appliance.cli.output import fail, json_option, print_json, print_table

HOLDINGS = (1, 1_000, 10_000)


@click.command()
@directory_option
@click.option(
    "--licences",
    multiple=True,
    show_default=True,
    type=click.IntRange(1, 100_000),
    default=HOLDINGS,
    help="What the licence of this number costs; repeat it for several.",
)
@json_option
def licences(directory: Path, licences: tuple[int, ...], as_json: bool) -> None:
    """What one more licence costs to issue, to import and in the ledger, as licences grow.

    All before it are issued and imported one by one, which takes minutes for 10,000.
    """
    from appliance.lab.bench import licences as measuring

    with Teller("licences", len(set(licences)), quiet=as_json) as teller:
        try:
            result = measuring.measure(directory.absolute(), licences, teller.told)
        except OSError as error:
            fail(f"This could not be measured: {error}.")
    if as_json:
        print_json(result)
        return
    print_table(
        ("Licence", "To issue", "Of that CPU", "To import", "Of that CPU", "In the ledger"),
        [
            (
                one.licences,
                f"{one.issue_ms:.1f} ms",
                f"{one.issue_cpu_ms:.1f} ms",
                f"{one.import_ms:.1f} ms",
                f"{one.import_cpu_ms:.1f} ms",
                f"{one.ledger_ms:.1f} ms",
            )
            for one in result.levels
        ],
        title="One more licence for three containers: in License Central, in three upstreams, in "
        f"the ledger of one host; {machine_text(result.machine)}",
    )


@click.command()
@directory_option
@database_option
@click.option("--licences", type=click.IntRange(1, 1_000_000), default=100_000, show_default=True)
@click.option(
    "--in-one-group",
    type=click.IntRange(1, 100_000),
    default=10_000,
    show_default=True,
    help="So many of them belong to one group of containers; the others to groups of ten.",
)
@click.option(
    "--audit-rows", type=click.IntRange(1, 100_000_000), default=1_000_000, show_default=True
)
@click.option(
    "--groups",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="So many groups of three new containers show a ticket.",
)
@json_option
def central(
    directory: Path,
    database: str,
    licences: int,
    in_one_group: int,
    audit_rows: int,
    groups: int,
    as_json: bool,
) -> None:
    """How many groups a large License Central serves in a second, and how soon its lists answer.

    A PostgreSQL that is named has to be empty, and keeps what was measured.
    """
    from appliance.lab.bench import central as measuring
    from appliance.services.central import CentralRefused

    size = measuring.Size(
        licences=licences, in_one_group=min(in_one_group, licences), audit_rows=audit_rows
    )
    with Teller("the records are filled", 3, quiet=as_json) as teller:
        try:
            result = measuring.measure(directory.absolute(), size, groups, database, teller.told)
        except CentralRefused as refused:
            fail(f"This could not be measured: {refused.detail}")
        except OSError as error:
            fail(f"This could not be measured: {error}.")
    if as_json:
        print_json(result)
        return
    print_table(
        (f"What, up to {result.page} rows", "Median", "95 %", "Of that CPU"),
        [
            (one.what, ms(one.median_s), ms(one.p95_s), ms(one.cpu_s))
            for one in (result.group, *result.lists, result.verify)
        ],
        title=f"License Central with {size.licences} licences, {size.in_one_group} of one group,"
        f" and {size.audit_rows} audit rows: {result.groups_per_s:.0f} groups a second;"
        f" {result.database}, {machine_text(result.machine)}",
    )
