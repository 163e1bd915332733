"""What the verbs of `tmr central` share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from appliance.cli.output import (
    can_ask,
    complain,
    end_of,
    fail,
    for_people,
    print_json,
    print_table,
    say,
)
from appliance.errors import UserError
from appliance.services.central.refusals import CentralRefused

if TYPE_CHECKING:
    from appliance.licences.model import ProductItem
    from appliance.services.central.issued import IssuedUpdate

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

firm_option = click.option("--firm", "firm_code", type=int, required=True, help="Firm code.")
order_option = click.option(
    "--order",
    default="",
    metavar="NAME",
    help="The order that the requests were made for; without it they have to be open ones.",
)
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory for the update files.",
)
yes_option = click.option(
    "--yes", is_flag=True, help="Issue what nobody can check out without being asked."
)


def requests_argument(*, required: bool = True) -> Callable[[Decorated], Decorated]:
    """The request files that a verb takes."""
    return click.argument(
        "requests",
        nargs=-1,
        required=required,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Turns refusals into one sentence and exit code 1."""
    try:
        yield
    except CentralRefused as refused:
        raise UserError(refused.detail) from None
    except OSError as error:
        what = error.filename or "A file"
        raise UserError(f"{what} cannot be used: {error.strerror or error}.") from None


def print_done(document: dict[str, Any], as_json: bool, said: str) -> None:
    """What was done: the document, or one sentence."""
    if as_json:
        print_json(document)
    else:
        say(said)


def said_end(expires_at_s: int | None) -> str:
    """A sentence that says back when a licence ends."""
    if expires_at_s is None:
        return "It does not expire."
    over = " That is in the past." if expires_at_s <= datetime.now(UTC).timestamp() else ""
    return f"It works until {end_of(expires_at_s)}.{over}"


def moment(at_s: int | None) -> str:
    """A time (Unix time) to the minute, "" for none."""
    if at_s is None:
        return ""
    return datetime.fromtimestamp(at_s, UTC).isoformat(sep=" ", timespec="minutes")


def check_plausible(items: Iterable[ProductItem], yes: bool) -> None:
    """Before a licence of which no seat can ever be checked out is issued: is that meant?

    Nobody can take back what was issued, so a person at a terminal is asked first. A script goes
    on, and is told on stderr. With `yes` nothing is asked or told. Raises UserError for a no.
    """
    doubts = dict.fromkeys(doubt for item in items for doubt in _doubts(item))
    if yes or not doubts:
        return
    sentence = f"The licence {' and '.join(doubts)}: nobody can check it out."
    if not can_ask():
        complain(f"{sentence} --yes says that this is meant.")
        return
    question = f"{for_people(sentence)} What is issued cannot be taken back. Issue it?"
    if not click.confirm(question, err=True):
        fail("Nothing was issued.")


def _doubts(item: ProductItem) -> Iterator[str]:
    if item.expires_at_s is not None and item.expires_at_s <= datetime.now(UTC).timestamp():
        yield f"ends in the past ({end_of(item.expires_at_s)})"
    if item.quantity == 0:
        yield "has no seat (quantity 0)"


def read_bounded(path: Path) -> bytes:
    """The request file, or just enough of it to be refused as too long."""
    from appliance.codec.signed_files import FILE_BYTES_MAX

    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def read_group_file(path: Path) -> bytes:
    """A group's request or receipt file, or just enough of it to be refused as too long."""
    from appliance.codec.group_files import REQUEST_BYTES_MAX

    with path.open("rb") as file:
        return file.read(REQUEST_BYTES_MAX + 1)


def read_requests(paths: Iterable[Path]) -> list[bytes]:
    """The request files in these; a group request file has those of three. Raises UserError."""
    from appliance.codec.group_files import GroupRefused, is_group_request, read_group_request

    found: list[bytes] = []
    for path in paths:
        data = read_bounded(path)
        try:
            found += read_group_request(data).files if is_group_request(data) else (data,)
        except GroupRefused as refused:
            raise UserError(f"{path}: {refused.detail}") from None
    return found


def print_updates(
    what: str,
    tmr_id: int,
    updates: tuple[IssuedUpdate, ...],
    paths: list[Path],
    as_json: bool,
    said: str = "",
) -> None:
    """Which file is for which container, and what is `said` below that."""
    rows = [
        (update.serial, update.sequence, str(path))
        for update, path in zip(updates, paths, strict=True)
    ]
    if as_json:
        files = [{"serial": row[0], "sequence": row[1], "file": row[2]} for row in rows]
        print_json({"tmr_id": tmr_id, "updates": files})
        return
    title = f"{what}: each file goes to the container it is named after"
    print_table(("container", "update", "file"), rows, title=title)
    if said:
        say(said)
