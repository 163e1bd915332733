"""`tmr lab chaos`: fault after fault on a lab of its own, with clients at work, and a judge.

Exit code 1 if anything was found that must not be; then the record is kept and named.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._teller import Bar
from appliance.cli.output import fail, json_option, print_json, print_table, say

if TYPE_CHECKING:
    from appliance.lab.chaos.report import ChaosReport
    from appliance.lab.chaos.turning_back import TurnsReport

DEFAULT_DIRECTORY = ".lab-chaos"
DEFAULT_KEEP = ".lab-chaos-record"
SHOWN_MAX = 10


@click.command()
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    default=DEFAULT_DIRECTORY,
    show_default=True,
    help="Where the lab is made; removed at the end.",
)
@click.option(
    "--id",
    "lab_id",
    default="tmrchaos",
    show_default=True,
    help="Prefix of its namespaces: two network labs on one machine need different ones.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Which faults, on whom and when; the same seed gives the same faults.",
)
@click.option("--minutes", type=click.FloatRange(0.3, 24 * 60), default=5.0, show_default=True)
@click.option(
    "--advert-int",
    "advert_int_s",
    type=click.FloatRange(0.05, 10),
    default=0.3,
    show_default=True,
    help="VRRP's advert interval in seconds, from which all other times follow.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    default=DEFAULT_KEEP,
    show_default=True,
    help="Where the record of a run with violations goes.",
)
@click.option(
    "--put-back",
    is_flag=True,
    help="Put disks of some hosts back to an earlier state instead, as a snapshot of a virtual"
    " machine does: each loss of entries has to be named.",
)
@json_option
def chaos(
    directory: Path,
    lab_id: str,
    seed: int,
    minutes: float,
    advert_int_s: float,
    keep: Path,
    put_back: bool,
    as_json: bool,
) -> None:
    """Break five real hosts in every way, while clients work; then judge what they were told.

    Nothing that a client was told may be lost, nothing doubled, and the system may not stay stuck.
    """
    from appliance.lab.chaos.run import Chaos
    from appliance.lab.chaos.turning_back import TurningBack

    if put_back:
        with _Teller("", 1.0, quiet=as_json) as teller:
            turns = TurningBack(directory, lab_id, seed, minutes, keep, teller.told, advert_int_s)
            _show_turns(turns.run(), as_json=as_json)
        return
    with _Teller("", 1.0, quiet=as_json) as teller:
        report = Chaos(directory, lab_id, seed, minutes, keep, teller.told, advert_int_s).run()
    if as_json:
        print_json(report)
    else:
        _print_report(report)
    if report.violations:
        fail(
            f"Seed {seed}: {len(report.violations)} violations, the first: {report.violations[0]}."
            f" The record is in {report.record}."
        )


def _show_turns(report: TurnsReport, *, as_json: bool) -> None:
    """All turns, and exit code 1 if something was amiss in one."""
    if as_json:
        print_json(report)
    else:
        print_table(
            ("Put back", "Later", "Committed", "A witness proves", "Kept", "Named", "after s"),
            [
                (
                    " ".join(one.turn.turned),
                    " ".join(one.turn.away),
                    one.committed,
                    one.known,
                    one.kept,
                    " ".join(one.named),
                    one.after_s,
                )
                for one in report.turns
            ],
            title=f"Seed {report.seed}: {len(report.turns)} turns, {report.took_s / 60:.1f} min",
        )
    if report.violations:
        fail(f"Seed {report.seed}: {report.violations[0]}.")


def _print_report(report: ChaosReport) -> None:
    print_table(
        ("Fault", "Count", "Interruption median s", "worst s", "Whole again median s", "worst s"),
        [
            (
                line.kind,
                line.count,
                line.interruption_median_s,
                line.interruption_worst_s,
                line.recovery_median_s,
                line.recovery_worst_s,
            )
            for line in report.table
        ],
        title=f"Seed {report.seed}: {report.faults} faults in {report.took_s / 60:.1f} minutes",
    )
    for kind, why in report.skipped.items():
        say(f"skipped: {kind}: {why}")
    say(
        f"{report.calls} calls ({report.unanswered} unanswered), {report.entries} entries,"
        f" {report.histories} histories of at most {report.history_calls_max} calls,"
        f" {len(report.violations)} violations"
    )
    for violation in report.violations[:SHOWN_MAX]:
        say(f"violation: {violation}")


class _Teller(Bar):
    """What is being done."""

    def told(self, what: str, share: float) -> None:
        """Something begins."""
        self._show(what, f"{share:4.0%} {what}", completed=share)
