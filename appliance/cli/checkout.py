"""`tmr checkout`: take a seat, verify its receipt, and keep it in a file for `tmr checkin`.

Nobody sends heartbeats for such a seat, so it lives as long as one lease and no longer; the output
says how long that is. The file is written before the request, so a check-out without an answer is
repeated under the same id by the same command.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    refusal,
)
from appliance.cli._installation import Connection
from appliance.cli._products import (
    METAVAR,
    Products,
    ProductType,
    Written,
    products_in,
    seats_option,
)
from appliance.cli._waiting import queue_option, say_place
from appliance.cli._wishes import wish_options
from appliance.cli.output import complain, fail, json_option, print_json, print_table, say
from appliance.errors import ExitCode, UserError
from appliance.licences.wishes import Wishes, asked_of

if TYPE_CHECKING:
    from appliance.cli._seat import Seat
    from appliance.client import AsyncClient, AsyncLease, Refused
    from appliance.codec.api import GrantDocument

STATE_VARIABLE: Final = "TMR_STATE"
HOLDERS_SHOWN_MAX: Final = 5
# After these the lease of an earlier try is certainly not held, so its file is of no more use.
_ENDED: Final = frozenset(("lease-ended", "no-seat-free"))

state_option = click.option(
    "--state",
    "state_path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar=STATE_VARIABLE,
    metavar="FILE",
    help=f"Where the seat is kept; else {STATE_VARIABLE}, ~/.local/state/tmr/lease.json.",
)


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("products", nargs=-1, required=True, type=ProductType(), metavar=f"{METAVAR}...")
@state_option
@seats_option
@queue_option
@wish_options
@click.option("--units", type=click.IntRange(1), metavar="N", help="Consume N units as well.")
@json_option
def checkout(
    asked: Asked,
    products: tuple[Written, ...],
    state_path: Path | None,
    seats: int,
    queue_s: int,
    units: int | None,
    as_json: bool,
    wishes: Wishes,
) -> None:
    """Take a seat of FIRM:PRODUCT and keep it in a file until `tmr checkin`; with several products
    of a firm, or several seats, all or none.

    Where the file holds that seat already, no second is taken. It lives for one lease's lifetime,
    since nobody sends heartbeats for it. To hold a seat while a command runs, use `tmr run`.
    The receipt is verified by the profile's licence_root: whoever writes the profile says who is
    believed, so this protects nothing. A licensed program brings its own trust.
    """
    from appliance.cli._seat import default_path

    wanted = products_in(products, seats)
    connection = asked.connect_for_seats()
    path = state_path or default_path()

    async def work(client: AsyncClient) -> GrantDocument:
        seat, again = _begin(path, wanted, units or 0, wishes, connection)
        return await _take(client, path, seat, again, queue_s)

    grant = perform(
        connection,
        work,
        unknown=f"the same command repeats the very request, `tmr checkin` takes it back ({path})",
    )
    if as_json:
        print_json(grant)
        return
    title = "One seat" if grant.seats == 1 else f"{grant.seats} seats"
    print_table(("grant", "value"), _facts(grant, path), title=title)
    say(
        f"tmr: nobody sends heartbeats for this seat: it ends in {_life_s(grant)} s unless `tmr "
        "checkin` gives it back before. To hold one while a command runs: tmr run --product "
        f"{str(wanted).replace(' ', ' --product ')} -- COMMAND",
        err=True,
    )


def _life_s(grant: GrantDocument) -> int:
    return min(grant.lease_ttl_s, grant.valid_for_s)


def _facts(grant: GrantDocument, path: Path) -> list[tuple[str, object]]:
    twins = len(grant.receipt.endorsements) if grant.receipt is not None else 0
    return [
        *(
            ("licence", f"{grant.firm_code}:{line.product_code}#{line.tmr_id}{_of(line.seats)}")
            for line in grant.lines
        ),
        ("role", grant.role),
        ("lease id", grant.lease_id),
        ("generation", grant.generation),
        ("lives for", f"{_life_s(grant)} s"),
        ("receipt", f"verified: {twins} containers vouch for it for {grant.valid_for_s} s"),
        ("features", grant.features),
        ("units taken", grant.units_taken),
        ("units left", grant.units_left),
        ("kept in", path),
    ]


def _of(seats: int) -> str:
    return f", {seats} seats" if seats > 1 else ""


def _begin(
    path: Path, wanted: Products, units: int, wishes: Wishes, connection: Connection
) -> tuple[Seat, bool]:
    """The seat to ask for, safely on disk, and whether it goes on with an unanswered request."""
    from appliance.cli._seat import VERSION, Seat, create, load
    from appliance.client import this_process, this_station

    seat = load(path)
    if seat is None:
        seat = Seat(
            version=VERSION,
            lease_id=secrets.token_hex(16),
            secret=secrets.token_bytes(32),
            firm_code=wanted.firm_code,
            items=wanted.items,
            # The process is our parent, since this one ends before the seat does.
            holder=this_process("tmr checkout", os.getppid()),
            profile=_named(connection.profile.path),
            units=units,
            wishes=wishes,
            station=this_station(wanted.firm_code),
        )
        create(path, seat)
        return seat, False
    asked = (seat.products, seat.units, seat.wishes)
    if not seat.pending and asked != (wanted, units, wishes):
        fail(
            f"{path} holds a seat of {seat.products} already; give it back with `tmr checkin`, or "
            "keep this one in another file with --state."
        )
    if asked != (wanted, units, wishes):
        open_one = f"{seat.products} --units {seat.units}" if seat.units else str(seat.products)
        fail(
            f"{path} holds an unanswered check-out of {open_one}; repeat that one, take it back "
            "with `tmr checkin`, or name another file with --state."
        )
    return seat, True


async def _take(
    client: AsyncClient, path: Path, seat: Seat, again: bool, queue_s: int
) -> GrantDocument:
    """Check out, and consume if units are wanted; the file always says how far it came."""
    from appliance.cli._seat import remove, save
    from appliance.client import ProfileError, ReceiptRefused, Refused, TlsRefused

    held = not seat.pending
    lease = client.lease_all(
        *seat.products.asked,
        holder=seat.holder,
        lease_id=seat.lease_id,
        secret=seat.secret,
        station=seat.station,
        wait_s=queue_s,
        on_queue=say_place,
        **asked_of(seat.wishes),
    )
    try:
        grant = await lease.check_out()
    except Refused as refused:
        if not again or refused.reason in _ENDED:
            remove(path)
        if again and refused.reason == "lease-ended":
            sentence = f"lease-ended: {refused.detail.partition(';')[0].rstrip('.')}"
            raise UserError(f"{sentence}; the same command now takes a new seat.") from refused
        if refused.reason != "no-seat-free":
            raise
        sentence = f"{refusal(refused)}; {await _holders(client, seat)}."
        raise UserError(sentence, ExitCode.NO_LICENCE) from refused
    except ReceiptRefused:
        remove(path)  # the library gave the seat back, or it lapses
        raise
    except (TlsRefused, ProfileError):
        if not again:
            remove(path)
        raise
    if held and seat.generation == grant.generation:
        complain(f"{path} holds this seat already: it has a fresh receipt, and no second was taken")
        return grant
    seat.generation, seat.units_taken = grant.generation, False
    save(path, seat)
    if not seat.units:
        return grant
    try:
        # In an earlier process this was request 1 too, so a repeat takes nothing twice.
        grant = await lease.consume(seat.units)
    except Refused as refused:
        raise await _without_units(lease, path, refused) from refused
    seat.units_taken = True
    save(path, seat)
    return grant


async def _without_units(lease: AsyncLease, path: Path, refused: Refused) -> UserError:
    """The units were refused: give the seat back, and say so."""
    from appliance.cli._seat import remove
    from appliance.client import ClientError

    said = f"the seat is kept in {path}: give it back with `tmr checkin`"
    with suppress(ClientError):
        await lease.check_in()
        remove(path)
        said = "the seat was given back"
    return UserError(f"{refusal(refused)}; {said}.", refused.code)


async def _holders(client: AsyncClient, seat: Seat) -> str:
    """Who holds the seats, as far as this caller may see."""
    from appliance.cli.leases import holder_text
    from appliance.client import ClientError

    try:
        leases = (await client.leases()).leases
    except ClientError:
        leases = ()
    products = {item.product_code for item in seat.items}
    held = [
        holder_text(lease)
        for lease in leases
        if lease.firm_code == seat.firm_code and lease.product_code in products
    ]
    if not held:
        return "an operator's `tmr leases` shows who holds them"
    more = len(held) - HOLDERS_SHOWN_MAX
    shown = ", ".join(held[:HOLDERS_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
    return f"of those that you may see, seats are held by {shown}"


def _named(profile: Path) -> str:
    """The profile as the file can name it; "" if its path is no text, so that it is named again."""
    text = str(profile.absolute())
    try:
        text.encode()
    except UnicodeEncodeError:
        return ""
    return text
