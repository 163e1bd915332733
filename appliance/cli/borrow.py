"""`tmr borrow`: seats that leave the plant with a ticket, and what operators do about them.

A computer without any network does the same by three files that somebody carries: request, ticket,
return (`tmr borrow request`, `tmr borrow --for`, `tmr borrow return --out` and `--from`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    product_codes,
    why_option,
)
from appliance.cli._wishes import wish_options
from appliance.cli.leases import holder_text, licence_text, since
from appliance.cli.output import counted, fail, json_option, print_json, say, show
from appliance.errors import ExitCode
from appliance.licences.bounds import DURATION_S_MAX, SEATS_MAX
from appliance.licences.wishes import Wishes, asked_of

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api import GrantDocument, LeaseDocument

TAKE: Final = "take"
_REPEAT: Final = "the same command finds the same loan again"
_HOURS_MAX: Final = DURATION_S_MAX // 3600

hours_option = click.option(
    "--hours",
    type=click.FloatRange(0, _HOURS_MAX, min_open=True),
    required=True,
    metavar="N",
    help="For how long, from now on.",
)
ticket_argument = click.argument("ticket", type=click.Path(dir_okay=False, path_type=Path))
into_option = click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="TICKET",
    help="The ticket's file; else FIRM-PRODUCT.tmr-ticket here. Its key goes beside it.",
)
seats_option = click.option(
    "--seats", type=click.IntRange(1, SEATS_MAX), default=1, show_default=True, metavar="N"
)
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Ask nobody: write a file that somebody takes to a computer with a network.",
)


class _Borrow(click.Group):
    """Words that are none of its commands are about taking a seat."""

    def completed(self, args: list[str]) -> list[str]:
        """These words, with the command that they leave out."""
        known = not args or args[0] in self.commands or args[0] == "--help"
        return args if known else [TAKE, *args]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As a group's."""
        return super().parse_args(ctx, self.completed(args))


def _codes(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    return None if value is None else product_codes(ctx, param, value)


@click.group(cls=_Borrow, epilog=EXIT_CODES)
def borrow() -> None:
    """Borrow seats: tmr borrow FIRM:PRODUCT --hours N."""


@borrow.command(TAKE, hidden=True, epilog=EXIT_CODES)
@connection_options
@click.argument("product", required=False, callback=_codes, metavar="FIRM:PRODUCT")
@click.option(
    "--hours", type=click.FloatRange(0, _HOURS_MAX, min_open=True), metavar="N", help="How long."
)
@into_option
@click.option(
    "--for",
    "request_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="REQUEST",
    help="Borrow for the computer that wrote this file (`tmr borrow request`).",
)
@seats_option
@wish_options
@json_option
def take(asked: Asked, as_json: bool, **how: Any) -> None:
    """Borrow seats of FIRM:PRODUCT, and write the ticket; or (with --for) that of another computer.

    A program uses the ticket without any network until its end: `Ticket.open` of the library. Its
    key stays on this computer.
    """
    request, into = how["request_path"], how["into"]
    if request is not None:
        if how["product"] or how["hours"] or into is None:
            raise click.UsageError("--for REQUEST says what is wanted: give --into TICKET alone.")
        _take_for(asked, request, into, as_json)
        return
    codes = how["product"]
    if codes is None or how["hours"] is None:
        raise click.UsageError("give FIRM:PRODUCT and --hours N, or --for REQUEST.")
    path = into or _named(codes)
    wishes: Wishes = how["wishes"]
    grant = perform(
        asked.connect_for_seats(),
        lambda client: client.borrow(
            *codes, hours=how["hours"], into=path, seats=how["seats"], **asked_of(wishes)
        ),
        unknown=_REPEAT,
    )
    _tell(grant, path, as_json)


def _take_for(asked: Asked, request: Path, into: Path, as_json: bool) -> None:
    from appliance.client.loan_store import LoanStore
    from appliance.client.ticket_files import read_ticket

    data = _content(request)
    ticket = perform(
        asked.connect_for_seats(), lambda client: client.borrow_for(data), unknown=_REPEAT
    )
    LoanStore(into).write_ticket(ticket)
    _tell(read_ticket(ticket).grant, into, as_json)


def _tell(grant: GrantDocument, path: Path, as_json: bool) -> None:
    if as_json:
        print_json(grant)
        return
    say(
        f"{counted(grant.seats, 'seat')} of {grant.firm_code}:{grant.product_code} may be used"
        f" until {since(grant.ends_at_ms)} (UTC), with the ticket {path}."
    )


@borrow.command(epilog=EXIT_CODES)
@click.argument("product", callback=product_codes, metavar="FIRM:PRODUCT")
@hours_option
@into_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="REQUEST",
    help="The request's file, for `tmr borrow --for`.",
)
@seats_option
@wish_options
@json_option
def request(
    product: tuple[int, int],
    hours: float,
    into: Path | None,
    out: Path,
    seats: int,
    wishes: Wishes,
    as_json: bool,
) -> None:
    """Write a request on a computer without a network, whose ticket will be TICKET.

    Somebody takes it to a computer with a network (`tmr borrow --for`), and brings the ticket back.
    """
    import secrets

    from appliance.client import this_process
    from appliance.client.lending import prepare, seconds_of
    from appliance.client.loan_store import LoanStore
    from appliance.client.station import this_machine
    from appliance.client.ticket_files import SEED_BYTES, Asked, encode

    path = into or _named(product)
    asked = Asked(
        borrower=b"",
        firm_code=product[0],
        product_code=product[1],
        seconds=seconds_of(hours),
        seats=seats,
        holder=this_process(),
        station=this_machine(product[0]),
        wishes=wishes,
    )
    key = prepare(LoanStore(path), asked, secrets.token_bytes(SEED_BYTES))
    _write(out, encode(key.asked))
    said = f"{out} asks for it. Put the ticket that answers it to {path}, whose key is there now."
    print_json({"request": str(out), "ticket": str(path)}) if as_json else say(said)


@borrow.command("list", epilog=EXIT_CODES)
@connection_options
@json_option
def listed(asked: Asked, as_json: bool) -> None:
    """What is borrowed until when, and by whom: your own, or everybody's if you are an operator."""

    async def work(client: AsyncClient) -> tuple[list[LeaseDocument], Any]:
        leases = (await client.leases()).leases
        return [one for one in leases if one.borrowed_until_ms], await client.borrowing()

    loans, borrowing = perform(asked.connect(), work)
    columns = ("licence", "seats", "until (UTC)", "by", "since (UTC)", "state", "id")
    rows = [
        (
            licence_text(one),
            one.seats,
            since(one.borrowed_until_ms or 0),
            holder_text(one),
            since(one.granted_at_ms),
            "lost" if one.lost_at_ms else "",
            one.lease_id,
        )
        for one in loans
    ]
    show({"borrowed": loans, "borrowing": borrowing}, as_json=as_json, columns=columns, rows=rows)
    if as_json:
        return
    if not rows:
        say("tmr: nothing is borrowed.", err=True)
    for held in borrowing.held_back:
        say(
            f"tmr: {counted(held.seats, 'seat')} of {held.firm_code}:{held.product_code}"
            f"#{held.tmr_id} may be out without this system's knowing, since it was restored, and"
            " so nobody gets them: `tmr borrow all-known` if you know that none is.",
            err=True,
        )


@borrow.command("return", epilog=EXIT_CODES)
@connection_options
@click.argument("ticket", required=False, type=click.Path(dir_okay=False, path_type=Path))
@out_option
@click.option(
    "--from",
    "word_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Bring the return that another computer wrote by --out.",
)
@json_option
def give_back(
    asked: Asked, ticket: Path | None, out: Path | None, word_path: Path | None, as_json: bool
) -> None:
    """Give borrowed seats back before their end. From then on TICKET is of no use."""
    if (ticket is None) == (word_path is None) or (word_path is not None and out is not None):
        raise click.UsageError("give TICKET, or --from FILE.")
    if word_path is not None:
        data, brought = _content(word_path), word_path
        perform(asked.connect(), lambda client: client.bring_back(data), unknown=_REPEAT)
        said = f"What {word_path} gives back is free again."
    elif ticket is not None and out is not None:
        _give_back_by_file(ticket, out)
        brought = out
        said = f"{out} gives it back, once it is brought: `tmr borrow return --from {out}`."
    else:
        assert ticket is not None
        brought = path = ticket
        perform(asked.connect(), lambda client: client.give_back(path), unknown=_REPEAT)
        said = f"What {path} was a ticket for is free again."
    print_json({"file": str(brought), "free": out is None}) if as_json else say(said)


def _give_back_by_file(ticket: Path, out: Path) -> None:
    from appliance.client.lending import returning
    from appliance.client.loan_store import LoanStore
    from appliance.client.ticket_files import encode

    store = LoanStore(ticket)
    _write(out, encode(returning(store)))
    store.remove_ticket()


@borrow.command(epilog=EXIT_CODES)
@connection_options
@ticket_argument
@hours_option
@out_option
@json_option
def extend(asked: Asked, ticket: Path, hours: float, out: Path | None, as_json: bool) -> None:
    """Let what is borrowed last N hours from now on: never less than it did."""
    if out is not None:
        from appliance.client.lending import extension_of, loan_in, seconds_of
        from appliance.client.loan_store import LoanStore
        from appliance.client.ticket_files import encode

        more = extension_of(*loan_in(LoanStore(ticket)), seconds=seconds_of(hours))
        _write(out, encode(more))
        said = f"{out} asks for it: `tmr borrow --for {out}`; put what comes back to {ticket}."
        print_json({"request": str(out), "ticket": str(ticket)}) if as_json else say(said)
        return
    grant = perform(
        asked.connect_for_seats(),
        lambda client: client.extend(ticket, hours=hours),
        unknown="do it again, which is safe",
    )
    _tell(grant, ticket, as_json)


@borrow.command("write-off", epilog=EXIT_CODES)
@connection_options
@click.argument("loan", metavar="ID")
@why_option
@json_option
def write_off(asked: Asked, loan: str, why: str, as_json: bool) -> None:
    """Say that what is borrowed under ID (of `tmr borrow list`) is lost; needs role operate.

    Its seats stay counted until its end, since nobody knows who uses them. Who borrowed it borrows
    nothing more until then.
    """
    done = perform(
        asked.connect(),
        lambda client: client.write_off(loan, why),
        unknown="do it again, which is safe",
    )
    print_json(done) if as_json else say("It is on record as lost, and counted until its end.")


@borrow.command("uncertified", epilog=EXIT_CODES)
@connection_options
@click.argument("allowed", type=click.Choice(("on", "off")))
@why_option
@json_option
def uncertified(asked: Asked, allowed: str, why: str, as_json: bool) -> None:
    """Let seats be borrowed without certified time, or no more; needs role operate.

    For plants that have no time server. Nothing is then borrowed for longer than seven days.
    """
    _operate(asked, f"uncertified-{allowed}", why, as_json)


@borrow.command("all-known", epilog=EXIT_CODES)
@connection_options
@why_option
@json_option
def all_known(asked: Asked, why: str, as_json: bool) -> None:
    """Say of a restored system that no seats are out but those of `tmr borrow list`; needs role
    operate.

    Until then it holds back as many seats as may have been lent after the backup was taken.
    """
    _operate(asked, "all-known", why, as_json)


def _operate(asked: Asked, action: str, why: str, as_json: bool) -> None:
    done = perform(
        asked.connect(),
        lambda client: client.operate_borrowing(action, why),
        unknown="do it again, which is safe",
    )
    print_json(done) if as_json else say("It is on record, and holds from now on.")


def _named(product: tuple[int, int]) -> Path:
    return Path(f"{product[0]}-{product[1]}.tmr-ticket")


def _content(path: Path) -> bytes:
    from appliance.client.ticket_files import FILE_BYTES_MAX

    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror}).", ExitCode.USAGE)


def _write(path: Path, data: bytes) -> None:
    from appliance.adapters.files import write_whole

    try:
        write_whole(path, data)
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}).")
