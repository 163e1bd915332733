"""`tmr status`: who is active, and how each of the five hosts is, in one table.

Both TMR hosts are asked where the profile names both, and one that does not answer is a row that
says so. The verdict is that of all tools (docs/health.md). Exit codes: 0 it serves (there may be
notices), 1 it is down, 2 wrong usage or profile, 4 no TMR host answered, 5 it serves, but something
is wrong.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from appliance.cli._connection import Asked, connection_options
from appliance.cli._hosts import (
    HostAnswer,
    ask_each,
    asking,
    best,
    cause,
    is_active,
    judged,
    nobody,
    where_and_why,
)
from appliance.cli._installation import Connection
from appliance.cli.output import (
    cell_text,
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
    from rich.console import Group

    from appliance.cli._hosts import Ask
    from appliance.codec.api import HostStatus, StatusDocument, UpstreamStatus
    from appliance.watch.verdict import Verdict

COLUMNS: Final = ("host", "role", "health", "virtual IP", "entry", "lag", "heard", "detail")
REFRESH_S: Final = 1.0
CODES: Final = {
    "serving": ExitCode.OK,
    "degraded": ExitCode.DEGRADED,
    "down": ExitCode.REFUSED,
}
_COLOURS: Final = {"serving": "green", "degraded": "yellow", "down": "red"}
_HEALTH_COLOURS: Final = {
    "ok": "green",
    "unreachable": "red",
    "locked": "red",
    "put back": "red",
    "apart": "yellow",
    "damaged": "red",
    "shut": "red",
    "maintenance": "yellow",
}

Row = tuple[object, ...]
Judge = Callable[[Sequence[HostAnswer]], "Awaitable[Verdict]"]
Sleep = Callable[[float], Awaitable[None]]


@click.command(
    epilog="Exit codes: 0 it serves, 1 it is down, 2 wrong usage or profile, 4 no TMR host "
    "answered, 5 it serves, but something is wrong. With --watch and --json one document a line.",
)
@connection_options
@click.option("--watch", is_flag=True, help="Refresh every second until Ctrl-C.")
@json_option
def status(asked: Asked, watch: bool, as_json: bool) -> None:
    """Who serves, in which term, who has the virtual IP, and how each host is."""
    connection = asked.connect()
    if watch:
        asyncio.run(_watch(connection, as_json))
        return
    answers, verdict = asyncio.run(_ask(connection))
    document = best(answers)
    if document is None:
        fail(nobody(answers), _code_of(answers))
    if as_json:
        print_json(as_document(answers, document, verdict))
    else:
        show(answers, document, verdict)
    click.get_current_context().exit(int(CODES[verdict.word]))


async def _ask(connection: Connection) -> tuple[list[HostAnswer], Verdict]:
    answers = await ask_each(connection)
    return answers, await judged(connection, answers)


def _code_of(answers: Sequence[HostAnswer]) -> ExitCode:
    """The code of what all hosts had to say; a refusal is more than a silence."""
    codes = [answer.trouble.code for answer in answers if answer.trouble is not None]
    return min(codes, default=ExitCode.UNREACHABLE)


async def _watch(connection: Connection, as_json: bool) -> None:
    async with asking(connection) as ask:

        async def judge(answers: Sequence[HostAnswer]) -> Verdict:
            return await judged(connection, answers)

        await watch_rounds(ask, judge, as_json, asyncio.sleep)


async def watch_rounds(ask: Ask, judge: Judge, as_json: bool, sleep: Sleep) -> None:
    """Ask and show, again and again, until `sleep` is cancelled or raises."""
    if as_json or not on_terminal():
        while True:
            started_s = time.monotonic()
            answers = await ask(REFRESH_S)
            _print_round(answers, await judge(answers), as_json)
            await sleep(_left_s(started_s))
    from rich.live import Live

    with Live(console=console(), auto_refresh=False) as live:
        while True:
            started_s = time.monotonic()
            answers = await ask(REFRESH_S)
            document, verdict = best(answers), await judge(answers)
            live.update(
                nobody(answers) if document is None else panel(answers, document, verdict),
                refresh=True,
            )
            await sleep(_left_s(started_s))


def _left_s(started_s: float) -> float:
    return max(0.0, REFRESH_S - (time.monotonic() - started_s))


def _print_round(answers: Sequence[HostAnswer], verdict: Verdict, as_json: bool) -> None:
    document = best(answers)
    if as_json:
        whole = (
            {"asked": _asked(answers)}
            if document is None
            else as_document(answers, document, verdict)
        )
        say(json.dumps(whole, ensure_ascii=False))
    elif document is None:
        say(f"tmr: {nobody(answers)}", err=True)
    else:
        show(answers, document, verdict)
        say("")


def as_document(
    answers: Sequence[HostAnswer], document: StatusDocument, verdict: Verdict
) -> dict[str, Any]:
    """The API's document of the host to go by, with the verdict on what all hosts told; under
    "findings" all that is wrong, and under "asked" what each address answered."""
    import msgspec

    from appliance.watch import words

    whole: dict[str, Any] = msgspec.to_builtins(document)
    return whole | {
        "verdict": verdict.word,
        "reason": verdict.reason,
        "findings": [words.document(one) for one in verdict.findings],
        "asked": _asked(answers),
    }


def _asked(answers: Sequence[HostAnswer]) -> list[dict[str, Any]]:
    return [
        {
            "address": answer.address,
            "answered": answer.document is not None,
            "host": answer.document.host if answer.document is not None else "",
            "trouble": cause(answer.trouble) if answer.trouble is not None else "",
        }
        for answer in answers
    ]


def show(answers: Sequence[HostAnswer], document: StatusDocument, verdict: Verdict) -> None:
    """The verdict, what is wrong, the facts of the whole, and the table of hosts."""
    if on_terminal():
        console().print(panel(answers, document, verdict))
        return
    say(f"verdict\t{verdict.word}\t{verdict.reason}")
    for level, what in problems(verdict):
        say(f"{level}\t{what}")
    for name, value in facts(document):
        say(f"{name}\t{value}")
    print_table(COLUMNS, rows(answers, document))


def problems(verdict: Verdict) -> list[tuple[str, str]]:
    """What is wrong, each with its level; notices are left to `tmr doctor`."""
    from appliance.watch.problems import NOTICE
    from appliance.watch.words import what

    return [
        (one.severity, what(one))
        for one in verdict.findings
        if one.severity != NOTICE or one.code == "rules-to-raise"
    ]


def panel(answers: Sequence[HostAnswer], document: StatusDocument, found: Verdict) -> Group:
    """The same for a terminal, in colour."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    colour = _COLOURS.get(found.word, "yellow")
    verdict = Text(found.word, style=f"bold {colour}")
    verdict.append(f": {found.reason}", style="default")
    for level, what in problems(found):
        verdict.append(f"\n  {level}: {what}", style="red" if level == "critical" else "yellow")
    table = Table()
    for column in COLUMNS:
        table.add_column(column)
    health = COLUMNS.index("health")
    for row in rows(answers, document):
        cells = [Text(cell_text(cell)) for cell in row]
        cells[health].stylize(_HEALTH_COLOURS.get(cells[health].plain, "default"))
        table.add_row(*cells)
    return Group(
        verdict, Text(" · ".join(f"{name} {value}" for name, value in facts(document))), table
    )


def facts(document: StatusDocument) -> list[tuple[str, str]]:
    """What holds for the installation as a whole, as names and values."""
    term = document.term
    holders = [host.name for host in document.tmr_hosts if host.holds_address]
    address = document.virtual_ip or "none"
    if document.virtual_ip:
        address += f" at {' and '.join(holders)}" if holders else " at nobody"
    return [
        ("active", next((h.name for h in document.tmr_hosts if h.role == "active"), "nobody")),
        ("term", f"{term.counter} of {term.host}" if term is not None else "none"),
        ("virtual IP", address),
        ("entry", str(document.commit_index)),
        ("leases", str(document.leases)),
        ("virtual container", document.virtual_serial or "none"),
    ]


def rows(answers: Sequence[HostAnswer], document: StatusDocument) -> list[Row]:
    """The table: the TMR hosts, each as it says itself if it was asked, then the upstreams."""
    own = {
        answer.document.host: answer.document for answer in answers if answer.document is not None
    }
    silent = [answer for answer in answers if answer.document is None]
    unheard = [host for host in document.tmr_hosts if host.name not in own]
    # With one address silent and one host unheard, that is its address; else nobody can tell.
    paired = len(silent) == 1 and len(unheard) == 1
    found = [
        _tmr_row(host, own.get(host.name), document, silent[0] if paired else None)
        for host in document.tmr_hosts
    ]
    if not paired:
        for answer in silent:
            trouble = cause(answer.trouble) if answer.trouble is not None else ""
            found.append((answer.address, "TMR", "unreachable", None, None, None, None, trouble))
    return found + [_upstream_row(upstream) for upstream in document.upstreams]


def _tmr_row(
    host: HostStatus,
    own: StatusDocument | None,
    document: StatusDocument,
    silent: HostAnswer | None,
) -> Row:
    """One TMR host: by its own document, else by the twin's word and by our failure to ask it."""
    said = host
    if own is not None:
        said = next((row for row in own.tmr_hosts if row.name == host.name), host)
    details = [f"VRRP {said.vrrp}" if said.vrrp else "", f"tmr {said.version}" * bool(said.version)]
    role, health = said.role, "ok"
    if said.role == "maintenance":
        health = "maintenance"
    elif said.role == "unreachable":
        role, health = "-", "unreachable"
    if own is None and silent is not None and silent.trouble is not None:
        health = "unreachable"
        details.append(where_and_why(silent))
    if own is not None and own.host != document.host and is_active(own) and is_active(document):
        details.append("says that it serves, too: one of the two is behind")
    return (
        host.name,
        f"TMR, {role}" if role != "-" else "TMR",
        health,
        "here" if said.holds_address else None,
        own.commit_index if own is not None else None,
        None,
        None,
        "; ".join(filter(None, details)),
    )


def _upstream_row(upstream: UpstreamStatus) -> Row:
    heard = upstream.last_heard_s
    return (
        upstream.name,
        f"upstream, {upstream.phase}" if upstream.phase else "upstream",
        _upstream_health(upstream),
        None,
        upstream.last_index,
        upstream.lag,
        "never" if heard is None else f"{heard:.1f} s ago",
        (upstream.serial or "no container known")
        + (f", blocked: {upstream.locked}" if upstream.locked else "")
        + (f", store damaged: {upstream.damage}" if upstream.damage else "")
        + (f", shut: {upstream.shut}" if upstream.shut else "")
        + (f", {upstream.catching_up}" if upstream.catching_up else "")
        + (f", its store {upstream.store[:16]}… has no vote" if upstream.votes is False else "")
        + (f", {upstream.failure}" if upstream.failure else "")
        + (f", refuses: {upstream.refuses}" if upstream.refuses else "")
        + (", its disk was put back" if upstream.put_back else ""),
    )


def _upstream_health(upstream: UpstreamStatus) -> str:
    if upstream.damage:
        return "damaged"
    if upstream.shut:
        return "shut"
    if not upstream.reachable:
        return "unreachable"
    if upstream.votes is False:
        return "no vote"
    if upstream.put_back:
        return "put back"
    if upstream.phase not in ("", "following"):
        return "apart"
    return "locked" if upstream.locked else "ok"
