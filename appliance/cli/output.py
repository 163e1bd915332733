"""How every verb speaks: a table for people, plain columns for a pipe, JSON for programs.

People get rich tables on a terminal. When stdout is no terminal the same rows come as one line
each with tabs between, so that `cut` and `sort` work and nothing is wrapped or cut off. With
`--json` stdout holds exactly one JSON document. Errors go to stderr as one sentence (`fail`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from appliance.errors import ExitCode, UserError
from appliance.sentences import as_text
from appliance.text import plain_lines, shown_document

if TYPE_CHECKING:
    from rich.console import Console

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Row = Sequence[object]
_ERROR_NUMBER = re.compile(r"\[Errno -?\d+\] ")


def json_option(command: Decorated) -> Decorated:
    """Give a verb `--json`; it arrives as the argument `as_json: bool`."""
    option = click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document instead of a table."
    )
    return option(command)


def fail(sentence: str, code: ExitCode = ExitCode.REFUSED) -> NoReturn:
    """End the verb with one sentence that says what is wrong and what to do.

    Raises `UserError`, always; `tmr` shows it on stderr and exits with `code`.
    """
    raise UserError(sentence, code)


def say(text: str, err: bool = False) -> None:
    """A line on stdout, or on stderr; nothing in it moves a cursor, whoever wrote parts of it."""
    click.echo(for_people(text), err=err)


def complain(sentence: str) -> None:
    """A line on stderr. That nobody can read it ends nothing: the exit code tells all the same."""
    try:
        click.echo(f"tmr: {for_people(sentence)}", err=True)
    except (OSError, ValueError):
        # What is left is thrown away, or Python would try it once more and exit with 120.
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stderr.fileno())
            os.close(nowhere)


def print_json(document: object) -> None:
    """Write `document` (msgspec structs too) to stdout as indented JSON with a final newline."""
    import msgspec

    shown = shown_document(msgspec.to_builtins(document, enc_hook=as_text))
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Row], *, title: str | None = None) -> None:
    """Write rows under their column names: a rich table on a terminal, else tab-separated lines.

    A cell is shown by `cell_text`. Raises ValueError if a row has more or fewer cells than there
    are columns, before anything has been written.
    """
    texts = [[cell_text(cell) for cell in row] for row in rows]
    for row in texts:
        if len(row) != len(columns):
            raise ValueError(f"a row has {len(row)} cells, the table {len(columns)} columns")
    if not on_terminal():
        for line in [list(columns), *texts]:
            click.echo("\t".join(_one_line(cell) for cell in line))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in texts:
        # As Text, because a client's name must not be read as rich markup.
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def show(
    document: object,
    *,
    as_json: bool,
    columns: Sequence[str],
    rows: Iterable[Row],
    title: str | None = None,
) -> None:
    """Print `document` if JSON is wanted, else the table: what most verbs end with."""
    if as_json:
        print_json(document)
    else:
        print_table(columns, rows, title=title)


def cell_text(value: object) -> str:
    """A value as a person reads it: None as a dash, bool as yes or no, a list with commas.

    Nothing in it moves a terminal's cursor or changes its colours, whoever wrote it.
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(cell_text(item) for item in value) or "-"
    return for_people(str(value))


def for_people(text: str) -> str:
    """A text that is fit for a terminal, without the numbers of the system's errors in it."""
    return _ERROR_NUMBER.sub("", plain_lines(text))


def end_of(expires_at_s: int | None) -> str:
    """When a licence ends, for people."""
    if expires_at_s is None:
        return "never"
    try:
        return f"{datetime.fromtimestamp(expires_at_s, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "after the year 9999"


def counted(number: int, what: str) -> str:
    """ "1 seat", "2 seats"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def on_terminal() -> bool:
    """True if stdout is a terminal, so that colour, frames and progress make sense."""
    return sys.stdout is not None and sys.stdout.isatty()


def can_ask() -> bool:
    """True if somebody reads a question on stderr and can answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def console() -> Console:
    """A rich console on the present stdout (not a cached one: tests and pipes replace stdout)."""
    from rich.console import Console

    return Console(file=sys.stdout)


def _one_line(cell: str) -> str:
    """`cell` without what would break a tab-separated line."""
    return " ".join(cell.split()) if any(mark in cell for mark in "\t\r\n") else cell
