"""`tmr central serve` and `tmr central ticket`: licences over the network, the vendors' side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from appliance.cli._central import firm_option, print_done, refusals
from appliance.cli._options import chosen, licence_options
from appliance.cli._ticket import read_ticket, ticket_argument
from appliance.cli.output import json_option
from appliance.cli.output import show as show_rows
from appliance.cli.serve import level_option, log_to_stderr, run_service
from appliance.errors import ExitCode, UserError
from appliance.services.central import LicenseCentral

_pem = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where containers ask.")
@click.option("--cert", type=_pem, required=True, help="Certificate for TLS (PEM, with its chain).")
@click.option("--key", type=_pem, required=True, help="Its private key (PEM).")
@level_option
@click.pass_obj
def serve(directory: Path, listen: str, cert: Path, key: Path, log_level: str) -> None:
    """Serve activations, updates and returns over HTTPS, until Ctrl-C."""
    from appliance.services.central import service
    from appliance.services.settings import host_port

    try:
        address = host_port(listen)
    except ValueError as error:
        raise UserError(f"{error}.", ExitCode.USAGE) from None
    log_to_stderr(log_level)
    run_service(service.run(directory, address, cert, key))


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
@json_option
@click.pass_obj
def ticket_list(directory: Path, as_json: bool) -> None:
    """List tickets, and what became of them."""
    with refusals():
        found = [
            {
                "ticket": one.code,
                "licence": f"{firm.firm_code}:{one.product_code}",
                "tmr_id": one.tmr_id,
                "shown_by": len(one.requests),
            }
            for firm in LicenseCentral(directory).firms()
            for one in firm.tickets
        ]
    columns = ("ticket", "licence", "tmr_id", "shown_by")
    show_rows(
        {"tickets": found},
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
    """List licences that were given back, and which containers have yet to confirm it."""
    with refusals():
        rows = [
            (str(one.key(firm.firm_code)), ", ".join(firm.waiting_for(one)))
            for firm in LicenseCentral(directory).firms()
            for one in firm.returns
        ]
    columns = ("licence", "waiting_for")
    show_rows(
        {"returns": [dict(zip(columns, row, strict=True)) for row in rows]},
        as_json=as_json,
        columns=("licence", "waiting for"),
        rows=rows,
    )
