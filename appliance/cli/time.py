"""`tmr time`: the three times of each container and of the virtual one; and certified updates.

Exit codes of `tmr time`: 0 told, 2 wrong usage or profile, 4 no TMR host answered. Of `tmr time
update`: 0 each container asked has a new certified time, 1 one of them got none, 2 and 4 as above.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    why_option,
)
from appliance.cli._hosts import ask_each, best, nobody
from appliance.cli.output import fail, json_option, print_json, print_table
from appliance.details import told
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.codec.api import ContainerTimes, StatusDocument

COLUMNS: Final = (
    "container",
    "host",
    "certified",
    "age",
    "box",
    "age",
    "system",
    "offset",
    "state",
)
_SERVERS: Final = ("host", "time server", "state", "last answer", "detail")
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


@click.group(invoke_without_command=True, epilog=EXIT_CODES)
@connection_options
@json_option
@click.pass_context
def time(context: click.Context, asked: Asked, as_json: bool) -> None:
    """The containers' three times, with their ages."""
    context.obj = asked
    if context.invoked_subcommand is not None:
        return
    answers = asyncio.run(ask_each(asked.connect()))
    document = best(answers)
    if document is None:
        fail(nobody(answers), ExitCode.UNREACHABLE)
    if as_json:
        print_json(times_of(document))
        return
    print_table(COLUMNS, rows_of(document), title="Times (UTC)")
    servers = [
        (one.name, server.url, server.state, _instant(server.answered_at_ms), told(server.detail))
        for one in document.upstreams
        for server in one.time_servers
    ]
    if servers:
        print_table(_SERVERS, servers, title="Time servers")


@time.command(epilog=EXIT_CODES)
@click.argument("container", required=False, default="")
@click.option("--all", "everyone", is_flag=True, help="All containers.")
@why_option
@connection_options
@json_option
@click.pass_obj
def update(
    before: Asked, asked: Asked, container: str, everyone: bool, why: str, as_json: bool
) -> None:
    """Get certified time now for CONTAINER (a serial or its host) or --all; needs role operate.

    It is the only way by which a container's clock, and log time, go back.
    """
    if everyone == bool(container):
        raise click.UsageError("Name one container, or say --all.")
    document = perform(
        asked.over(before).connect(),
        lambda client: client.update_time(why, container),
        unknown="do it again, which is safe",
    )
    if as_json:
        print_json(document)
    else:
        rows = [
            (name, "refused" if name in document.failed else "done", "; ".join(map(str, said)))
            for name, said in document.results.items()
        ]
        print_table(("container", "outcome", "detail"), rows)
    if document.failed:
        names = ", ".join(document.failed)
        fail(f"{names} got no certified time: see `tmr time` for what each time server said.")


def times_of(document: StatusDocument) -> dict[str, Any]:
    """What `tmr time --json` prints."""
    return {
        "virtual": {
            "serial": document.virtual_serial,
            "log_time_ms": document.log_time_ms,
            "times": document.virtual_times,
        },
        "containers": [
            {
                "host": one.name,
                "serial": one.serial,
                "times": one.times,
                "time_servers": one.time_servers,
            }
            for one in document.upstreams
        ],
    }


def rows_of(document: StatusDocument) -> list[tuple[object, ...]]:
    """One row for the virtual container, and one for each container."""
    rows = []
    virtual = document.virtual_times
    if virtual is not None:
        state = "ahead of the clocks: certified updates of two bring it back"
        shown = _row(document.virtual_serial or "-", "virtual", virtual)
        rows.append((*shown, state if virtual.outvoted else "ok"))
    for one in document.upstreams:
        if one.times is None:
            rows.append((one.serial or "-", one.name, *(None,) * 6, "not told"))
        else:
            shown = _row(one.serial or "-", one.name, one.times)
            rows.append((*shown, "outvoted: does not count" if one.times.outvoted else "ok"))
    return rows


def _row(serial: str, host: str, times: ContainerTimes) -> tuple[object, ...]:
    # What rounds to nothing has no sign: adding 0.0 turns -0.0 into 0.0.
    offset = times.offset_ms
    offset_s = None if offset is None else f"{round(offset / 1000, 1) + 0.0:+.1f} s"
    return (
        serial,
        host,
        _instant(times.certified_ms),
        _age(times.certified_age_s),
        _instant(times.box_ms),
        _age(times.box_age_s),
        _instant(times.system_ms),
        offset_s,
    )


def _instant(unix_ms: int | None) -> str:
    if unix_ms is None:
        return "never"
    try:
        return f"{datetime.fromtimestamp(unix_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError):
        return f"{unix_ms} ms"


def _age(age_s: float | None) -> str | None:
    """An age as a person says it."""
    if age_s is None:
        return None
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if abs(age_s) >= 2 * unit_s:
            return f"{age_s / unit_s:.0f} {unit}"
    return f"{age_s:.0f} s"
