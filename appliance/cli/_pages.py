"""Lists in pages: `--limit` and `--after`, and what tells that a list goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

from appliance.cli.output import Row, complain, fail, show
from appliance.errors import ExitCode

LIMIT_MAX: Final = 10_000
_DIGITS_MAX: Final = 18
Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_T = TypeVar("_T")


def page_options(command: Decorated) -> Decorated:
    """Give a verb `--limit` and `--after`; they arrive as `limit: int` and `after: str`."""
    limited = click.option(
        "--limit",
        type=click.IntRange(1, LIMIT_MAX),
        default=1_000,
        show_default=True,
        help="List so many at most.",
    )
    placed = click.option(
        "--after", default="", metavar="NEXT", help="Go on behind this: what the page before named."
    )
    return limited(placed(command))


def cut(found: Sequence[_T], limit: int, name: Callable[[_T], str]) -> tuple[Sequence[_T], str]:
    """The page of what was found, of which one more was asked for than `limit`; and what names its
    last row if there is more, else ""."""
    if len(found) <= limit:
        return found, ""
    return found[:limit], name(found[limit - 1])


def row_number(after: str) -> int | None:
    """The number that `--after` names where rows have numbers; None for the first page."""
    if not after:
        return None
    if not after.isascii() or not after.isdigit() or len(after) > _DIGITS_MAX:
        fail("--after is the number that the page before named.", ExitCode.USAGE)
    return int(after)


def show_page(
    document: dict[str, Any],
    following: str,
    *,
    as_json: bool,
    columns: Sequence[str],
    rows: Sequence[Row],
) -> None:
    """As `show`; `following` is what the next page's `--after` is, "" if this was the last one."""
    show({**document, "next": following or None}, as_json=as_json, columns=columns, rows=rows)
    if following and not as_json:
        complain(f"There is more: --after {following}")
