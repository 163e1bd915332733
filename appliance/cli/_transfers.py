"""`tmr central serve` and `tmr central ticket`: licences over the network, the vendors' side."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from appliance.cli._central import firm_option, print_done, refusals
from appliance.cli._options import chosen, licence_options
from appliance.cli._pages import cut, page_options, show_page
from appliance.cli.output import end_of, json_option, say
from appliance.cli.output import show as show_rows
from appliance.cli.serve import level_option, log_to_stderr, run_service
from appliance.errors import ExitCode, UserError
from appliance.services.central import FirmStore, LicenseCentral, Options
from appliance.services.central.returning import Return
from appliance.services.central.tickets import Ticket, Use

_pem = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where containers ask.")
@click.option("--cert", type=_pem, required=True, help="Certificate for TLS (PEM, with its chain).")
@click.option("--key", type=_pem, required=True, help="Its private key (PEM).")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A name by which containers reach it that is not in the certificate (repeatable).",
)
@level_option
@click.pass_obj
def serve(
    directory: Path, listen: str, cert: Path, key: Path, names: tuple[str, ...], log_level: str
) -> None:
    """Serve activations, updates and returns over HTTPS, until Ctrl-C.

    Containers sign by which name they reach it, so that what they signed is good nowhere else. It
    knows the names in its certificate; behind a proxy with another certificate, give --name.
    """
    from appliance.services.central import service
    from appliance.services.settings import host_port

    try:
        address = host_port(listen)
    except ValueError as error:
        raise UserError(f"{error}.", ExitCode.USAGE) from None
    log_to_stderr(log_level)
    run_service(service.run(directory, address, cert, key, names))


@click.group()
def ticket() -> None:
    """Tickets: licences that were sold, for whichever three containers show them."""


@click.command("--line")
@click.argument("product_code", metavar="PRODUCT", type=int)
@licence_options
def _line(product_code: int, **options: Any) -> tuple[int, Options]:
    """One line of a ticket, with the same options as a ticket of one product."""
    return product_code, chosen(options)


def _read_line(text: str) -> tuple[int, Options]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise click.UsageError(f"--line {text!r} is not closed: {error}.") from None
    made: tuple[int, Options] = _line.main(words, prog_name="--line", standalone_mode=False)
    return made


@ticket.command("add")
@firm_option
@click.option("--product", "product_code", type=int, help="Product code, of a ticket of one line.")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="'PRODUCT …'",
    help="A line: product code and options, such as '10 --quantity 5' (repeatable).",
)
@licence_options
@json_option
@click.pass_obj
def ticket_add(
    directory: Path,
    /,
    firm_code: int,
    product_code: int | None,
    lines: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Sell licences: three containers that show the ticket get them (`tmr activate`).

    One product by --product and its options, or several by a --line each. A line's seats may be
    activated in parts, by several groups; a line with a unit counter, without seats, or with a mode
    that has no limit goes as a whole.
    """
    given = chosen(options)
    if (product_code is None) == (not lines) or (lines and given.values):
        raise click.UsageError(
            "Name one --product with its options, or each --line with its options within."
        )
    wanted = [_read_line(one) for one in lines]
    if product_code is not None:
        wanted = [(product_code, given)]
    with refusals():
        made = LicenseCentral(directory).add_ticket(firm_code, wanted)
    print_done({"ticket": made.code, "firm_code": firm_code}, as_json, made.code)


@ticket.command("list")
@page_options
@json_option
@click.pass_obj
def ticket_list(directory: Path, after: str, limit: int, as_json: bool) -> None:
    """List tickets in the order of sale, page by page, and what became of their lines."""
    with refusals():
        some = LicenseCentral(directory).tickets(after, limit + 1)
        page, following = cut(some, limit, lambda one: one[1].code)
    show_page(
        {"tickets": [_ticket_document(*one) for one in page]},
        following,
        as_json=as_json,
        columns=("ticket", "line", "product", "quantity", "left", "state", "licences"),
        rows=[
            (
                one.code,
                line.line,
                f"{firm_code}:{line.product_code}",
                line.quantity,
                one.left(line) or 0,
                one.state_of(line),
                ", ".join(_said_use(use) for use in one.uses if use.line == line.line),
            )
            for firm_code, one in page
            for line in one.lines
        ],
    )


def _said_use(use: Use) -> str:
    return f"#{use.tmr_id} ({use.quantity}{', came back' if use.credited else ''})"


def _ticket_document(firm_code: int, one: Ticket) -> dict[str, Any]:
    return {
        "ticket": one.code,
        "firm_code": firm_code,
        "state": one.state,
        "lines": [
            {
                "line": line.line,
                "product_code": line.product_code,
                "quantity": line.quantity,
                "whole": line.whole,
                "left": one.left(line) or 0,
                "state": one.state_of(line),
                "licences": [
                    {
                        "tmr_id": use.tmr_id,
                        "quantity": use.quantity,
                        "cmact_id": use.cmact_id,
                        "came_back": use.credited,
                    }
                    for use in one.uses
                    if use.line == line.line
                ],
            }
            for line in one.lines
        ],
    }


@click.command()
@json_option
@click.pass_obj
def returns(directory: Path, as_json: bool) -> None:
    """List licences on their way back and how far each is, and containers that were put back.

    A container that was put back showed less than it had confirmed: its disk is an old one, or it
    confirmed what it did not import. Ask its owner, and block it if the answer does not do.
    """
    with refusals():
        firms = LicenseCentral(directory).firms()
        rows = [row for firm in firms for row in _returns_of(firm)]
        put_back: list[dict[str, Any]] = [
            {
                "serial": one.serial,
                "firm_code": firm.firm_code,
                "confirmed": one.confirmed,
                "showed": one.held,
                "at_s": one.at_s,
            }
            for firm in firms
            for one in firm.put_back
        ]
    show_rows(
        {"returns": rows, "put_back": put_back},
        as_json=as_json,
        columns=("licence", "state", "ordered by", "taken from", "waiting for"),
        rows=[
            (
                row["licence"],
                row["state"],
                ", ".join(row["ordered_by"]),
                None if row["due_at_s"] is None else end_of(row["due_at_s"]),
                ", ".join(row["waiting_for"]),
            )
            for row in rows
        ],
    )
    for note in () if as_json else put_back:
        say(
            f"{note['serial']} confirmed update {note['confirmed']} of firm {note['firm_code']},"
            f" and showed update {note['showed']} on {end_of(note['at_s'])}: it was put back, or"
            " confirmed what it did not import."
        )


def _returns_of(firm: FirmStore) -> Iterator[dict[str, Any]]:
    after = 0
    while page := firm.returns(after):
        confirmed = firm.confirmed({serial for one in page for serial in one.sequences})
        for one in page:
            yield {
                "licence": str(one.key(firm.firm_code)),
                "state": _state_of(one, confirmed),
                "ordered_by": list(one.orders),
                "due_at_s": one.due_at_s,
                "waiting_for": list(one.waiting_for(confirmed)),
            }
        after = page[-1].tmr_id


def _state_of(one: Return, confirmed: dict[str, int]) -> str:
    if one.taken:
        return "back" if one.is_back(confirmed) else "taken away"
    return "ordered by one" if one.due_at_s is None else "waits a day"
