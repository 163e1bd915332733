"""What the verbs of `tmr central` share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli.output import print_json, print_table
from appliance.errors import UserError
from appliance.services.central.options import Options
from appliance.services.central.refusals import CentralRefused

if TYPE_CHECKING:
    from appliance.services.central.issued import IssuedUpdate

firm_option = click.option("--firm", "firm_code", type=int, required=True, help="Firm code.")
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory for the update files.",
)
requests_argument = click.argument(
    "requests",
    nargs=-1,
    required=True,
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
        raise UserError(f"{error.filename} cannot be used: {error.strerror}.") from None


def print_done(document: dict[str, Any], as_json: bool, said: str) -> None:
    """What was done: the document, or one sentence."""
    if as_json:
        print_json(document)
    else:
        click.echo(said)


_NOT_ANY = "none"


def _instant(text: str) -> int | str:
    """Unix seconds of a date or time (UTC unless it says otherwise); "never" is _NOT_ANY."""
    if text == "never":
        return _NOT_ANY
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time: write a date such as 2030-12-31, Unix seconds or never."
        ) from None
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


def _units(text: str) -> int | str:
    """A number of units, or _NOT_ANY."""
    try:
        return _NOT_ANY if text == _NOT_ANY else int(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number: write a number or none.") from None


def licence_options(command: Any) -> Any:
    """The product item options; those that are not given are None."""
    options = (
        click.option("--text", help="What people read."),
        click.option("--quantity", type=int, help="Licence quantity (seats)."),
        click.option(
            "--expires", "expires_at_s", type=_instant, metavar="TIME", help="A date, or never."
        ),
        click.option("--units", type=_units, metavar="UNITS", help="Unit counter, or none."),
        click.option("--feature-map", type=int, help="Feature map."),
        click.option("--lease-ttl-s", type=int, help="How long a lease outlives silence."),
        click.option("--receipt-valid-s", type=int, help="How long a receipt holds."),
        click.option(
            "--certified-age-max-s",
            type=_units,
            metavar="SECONDS",
            help="How old the certified time may get before the licence rests, or none.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def chosen(options: dict[str, Any]) -> Options:
    """The options that were given."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    for name in ("expires_at_s", "units", "certified_age_max_s"):
        if given.get(name) == _NOT_ANY:
            given[name] = None
    return Options(**given)


def read_bounded(path: Path) -> bytes:
    """The request file, or just enough of it to be refused as too long."""
    from appliance.codec.signed_files import FILE_BYTES_MAX

    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def hand_out(updates: tuple[IssuedUpdate, ...], out: Path) -> list[Path]:
    """Writes each update into a file of its own, and gives their paths."""
    from appliance.adapters.files import write_whole

    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for update in updates:
        paths.append(out / update.file_name)
        write_whole(paths[-1], update.data)
    return paths


def print_updates(
    what: str, tmr_id: int, updates: tuple[IssuedUpdate, ...], paths: list[Path], as_json: bool
) -> None:
    """Which file is for which container."""
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
