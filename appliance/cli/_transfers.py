"""`tmr central serve` and `tmr central ticket`: licences over the network, the vendors' side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from appliance.cli._central import firm_option, print_done, refusals
from appliance.cli._options import chosen, licence_options
from appliance.cli._pages import cut, page_options, show_page
from appliance.cli._ticket import read_ticket, ticket_argument
from appliance.cli.output import end_of, json_option, say
from appliance.cli.output import show as show_rows
from appliance.cli.serve import level_option, log_to_stderr, run_service
from appliance.errors import ExitCode, UserError
from appliance.services.central import FirmStore, LicenseCentral
from appliance.services.central.returning import Return

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
    """Tickets: a licence that was sold, for whichever three containers show it."""


@ticket.command("add")
@firm_option
@click.option("--product", "product_code", type=int, required=True, help="Product code.")
@licence_options
@json_option
@click.pass_obj
def ticket_add(
    directory: Path, /, firm_code: int, product_code: int, as_json: bool, **options: Any
) -> None:
    """Sell a licence: its three containers show the ticket (`tmr container activate`)."""
    with refusals():
        made = LicenseCentral(directory).add_ticket(firm_code, product_code, chosen(options))
    print_done({"ticket": made.code, "firm_code": firm_code}, as_json, made.code)


@ticket.command("list")
@page_options
@json_option
@click.pass_obj
def ticket_list(directory: Path, after: str, limit: int, as_json: bool) -> None:
    """List tickets in the order of sale, page by page, and what became of them."""
    with refusals():
        some = LicenseCentral(directory).tickets(after, limit + 1)
        page, following = cut(some, limit, lambda one: one[1].code)
    found = [
        {
            "ticket": one.code,
            "licence": f"{firm_code}:{one.product_code}",
            "tmr_id": one.tmr_id,
            "shown_by": len(one.requests),
        }
        for firm_code, one in page
    ]
    columns = ("ticket", "licence", "tmr_id", "shown_by")
    show_page(
        {"tickets": found},
        following,
        as_json=as_json,
        columns=("ticket", "licence", "TMR-ID", "shown by"),
        rows=[tuple(one[name] for name in columns) for one in found],
    )


@ticket.command("clear")
@ticket_argument
@json_option
@click.pass_obj
def ticket_clear(directory: Path, ticket: str | None, as_json: bool) -> None:
    """Forget who showed a ticket that is not used up: a wrong container was among them.

    Without TICKET, or with -, it is read from the input; at a terminal you are asked, and it is
    not shown. On the command line others on this computer can read it.
    """
    code = read_ticket(ticket)
    with refusals():
        cleared = LicenseCentral(directory).clear_ticket(code)
    document = {"product_code": cleared.product_code, "shown_by": 0}
    print_done(document, as_json, "The ticket has been shown by nobody.")


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
