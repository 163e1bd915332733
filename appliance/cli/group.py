"""`tmr activate`, `request` and `import`: licences for all three containers in one go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform
from appliance.cli._ticket import read_ticket
from appliance.cli.output import fail, json_option, print_json, say
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api_groups import ImportedDocument, ImportedPart
    from appliance.codec.ticket_codes import Chosen

GOES_ON_MAX: Final = 50
"""So many files one activation fetches; more by the same command."""
AGAIN: Final = "repeat the command, which gets nothing twice"
ENOUGH: Final = 2
_file = click.Path(dir_okay=False, path_type=Path)
lines_option = click.option(
    "--lines",
    "lines",
    default="",
    metavar="1,3x5",
    help="Only these lines of the ticket: line 1, and 5 of line 3. What your group is to have of"
    " them, with what it has already.",
)


@click.command(epilog=EXIT_CODES)
@click.argument("ticket", required=False)
@lines_option
@click.option(
    "--firm", "firm_code", type=int, default=0, help="Whose ticket it is, of several vendors."
)
@connection_options
@json_option
def activate(ticket: str | None, lines: str, firm_code: int, asked: Asked, as_json: bool) -> None:
    """Get what was bought: show a vendor's TICKET over the network; needs role operate.

    Without TICKET, or with -, it is read from the input; at a terminal you are asked, and it is not
    shown. On the command line others on this computer can read it. After whatever went wrong, the
    same command goes on.
    """
    code, chosen = _code(ticket), _chosen(lines)

    async def work(client: AsyncClient) -> list[ImportedDocument]:
        made = [await client.activate(code, chosen, firm_code)]
        while made[-1].more and len(made) < GOES_ON_MAX:
            made.append(await client.activate(code, chosen, firm_code))
        return made

    _say(perform(asked.connect(), work, unknown=AGAIN), as_json)


@click.command(epilog=EXIT_CODES)
@click.option("--firm", "firm_code", type=int, required=True, help="The vendor's firm code.")
@click.option("--ticket", is_flag=True, help="Show a ticket, which is asked for.")
@lines_option
@click.option("--order", default="", metavar="NAME", help="For the order of this name instead.")
@click.option("--out", type=_file, required=True, help="Where to put the group request file.")
@connection_options
@json_option
def request(
    firm_code: int, ticket: bool, lines: str, order: str, out: Path, asked: Asked, as_json: bool
) -> None:
    """Ask a vendor by a file, for all three containers; needs role operate.

    With --ticket it shows a ticket, which is read from the input (the file does not hold it); with
    --order it is for that order; else it asks for what the firm issued since. The vendor answers by
    `tmr central answer`, or for an order by `tmr central issue`.
    """
    if ticket and order:
        raise click.UsageError("Show a --ticket or name an --order, not both.")
    if lines and not ticket:
        raise click.UsageError("--lines are those of a --ticket.")
    code, chosen = _code(None) if ticket else "", _chosen(lines)
    made = perform(
        asked.connect(),
        lambda client: client.group_request(firm_code, ticket=code, chosen=chosen, order=order),
    )
    _write(out, made.file)
    if as_json:
        print_json({"file": str(out)})
    else:
        say(f"Request of the group written to {out}: send it to the vendor.")


@click.command("import", epilog=EXIT_CODES)
@click.argument("file", type=_file)
@click.option("--receipt", type=_file, help="Write the group receipt, for the vendor, here.")
@connection_options
@json_option
def import_answer(file: Path, receipt: Path | None, asked: Asked, as_json: bool) -> None:
    """Import FILE, which a vendor answered to `tmr request`; needs role operate.

    Each container gets its part. One whose host is away gets it once that is back. Two of three are
    enough for the licence.
    """
    text = _read(file)

    async def work(client: AsyncClient) -> tuple[ImportedDocument, str]:
        made = await client.group_import(text)
        firms = {part.firm_code for part in made.parts if part.imported}
        if receipt is None or not firms:
            return made, ""
        return made, (await client.group_receipt(min(firms))).file

    made, signed = perform(asked.connect(), work, unknown=AGAIN)
    if receipt is not None and signed:
        _write(receipt, signed)
    _say([made], as_json)
    if receipt is not None and not as_json:
        said = f"Receipt written to {receipt}: send it to the vendor."
        say(said if signed else f"No receipt: repeat this with {file} later.")


def _code(given: str | None) -> str:
    from appliance.codec.ticket_codes import Mistyped, read_code

    try:
        return read_code(read_ticket(given))
    except Mistyped as wrong:
        fail(wrong.detail, ExitCode.USAGE)


def _chosen(lines: str) -> Chosen:
    from appliance.codec.ticket_codes import Mistyped, read_chosen

    try:
        return read_chosen(lines)
    except Mistyped as wrong:
        fail(wrong.detail, ExitCode.USAGE)


def _say(made: list[ImportedDocument], as_json: bool) -> None:
    if as_json:
        print_json(made[-1] if len(made) == 1 else _joined(made))
        return
    parts = [part for one in made for part in one.parts]
    if not parts:
        say("Nothing new: the containers have all of it.")
    for firm, sequence in dict.fromkeys((one.firm_code, one.sequence) for one in parts):
        _say_update(
            f"Update {sequence} of firm {firm}",
            [one for one in parts if (one.firm_code, one.sequence) == (firm, sequence)],
        )
    if made[-1].more:
        say("There is more: do it once more.")


def _say_update(name: str, parts: list[ImportedPart]) -> None:
    here = sum(one.imported for one in parts)
    away = [one.host or one.serial for one in parts if not one.imported]
    enough = " That is enough." if ENOUGH <= here < len(parts) else ""
    say(f"{name}: {here} of {len(parts)} containers have it.{enough}")
    if away:
        say(f"{' and '.join(away)}: imported by itself once the host is back.")


def _joined(made: list[ImportedDocument]) -> dict[str, Any]:
    return {"parts": [part for one in made for part in one.parts], "more": made[-1].more}


def _read(file: Path) -> str:
    from appliance.codec.group_files import ANSWER_BYTES_MAX

    try:
        with file.open("rb") as opened:
            data = opened.read(ANSWER_BYTES_MAX + 1)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    if len(data) > ANSWER_BYTES_MAX or not data.isascii():
        fail(f"{file} is no answer to a group: it is too long, or no text.")
    return data.decode("ascii").strip()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(f"{text}\n", "ascii", newline="\n")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")
