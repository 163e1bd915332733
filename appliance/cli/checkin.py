"""`tmr checkin`: give back the seat that `tmr checkout` keeps in a file.

What can go wrong here is forgetting a seat that is still held: the file goes only once the servers
said that the lease is over, and not on the word of servers that know us under another name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform
from appliance.cli._installation import Connection
from appliance.cli.checkout import state_option
from appliance.cli.output import fail, json_option, print_json, say
from appliance.errors import UserError

if TYPE_CHECKING:
    from appliance.cli._seat import Seat
    from appliance.client import AsyncClient
    from appliance.codec.api import EndedDocument


@click.command(epilog=EXIT_CODES)
@connection_options
@state_option
@click.option("--no-linger", is_flag=True, help="Keep it for nobody, even if the vendor would.")
@json_option
def checkin(asked: Asked, state_path: Path | None, no_linger: bool, as_json: bool) -> None:
    """Give back the seat kept in a file; one that has ended already is no error."""
    from appliance.cli._seat import default_path, load, remove

    path = state_path or default_path()
    seat = load(path)
    if seat is None:
        fail(
            f"{path} is not there or empty, so no seat is kept in it; name the right file with "
            "--state."
        )
    connection = asked.connect(seat.profile)
    document, over = perform(
        connection,
        lambda client: _give_back(client, seat, connection, path, no_linger),
        unknown="do it again; a seat that nobody gives back lapses by itself",
    )
    remove(path)
    if as_json:
        print_json(document)
    elif not over:
        say(f"The seat of {seat.products} was given back (lease {seat.lease_id}).")
    if over:
        say(f"tmr: there was no seat to give back: {over}.", err=True)


async def _give_back(
    client: AsyncClient, seat: Seat, connection: Connection, path: Path, no_linger: bool
) -> tuple[EndedDocument, str]:
    """End the lease. Gives the server's document, and why it was over already, "" if it was not."""
    from appliance.client import Refused
    from appliance.codec.api import EndedDocument

    generation = seat.generation
    if generation == 0:
        generation = await _listed(client, seat)
        if generation == 0:
            over = "its check-out was never granted, or has lapsed"
            return EndedDocument(lease_id=seat.lease_id, generation=0), over
    try:
        return await _delete(client, seat, generation, no_linger), ""
    except Refused as refused:
        if refused.reason == "old-generation":
            present = await _listed(client, seat)
            if present:
                return await _delete(client, seat, present, no_linger), ""
        elif refused.reason == "lease-unknown" and seat.profile != _path(connection):
            raise UserError(
                f"lease-unknown: the servers know no lease {seat.lease_id} of this identity; it "
                f"was checked out with {seat.profile}: use --profile {seat.profile}, or remove "
                f"{path} if that installation is no more."
            ) from refused
        elif refused.reason not in ("lease-ended", "lease-unknown"):
            raise
        over = refused.detail.partition(";")[0].rstrip(".") or refused.reason
        return EndedDocument(lease_id=seat.lease_id, generation=generation), over


def _path(connection: Connection) -> str:
    return str(connection.profile.path.absolute())


async def _listed(client: AsyncClient, seat: Seat) -> int:
    """The generation under which this lease is held now, 0 if it is not held."""
    for lease in (await client.leases()).leases:
        if lease.lease_id == seat.lease_id and lease.firm_code == seat.firm_code:
            return lease.generation
    return 0


async def _delete(
    client: AsyncClient, seat: Seat, generation: int, no_linger: bool
) -> EndedDocument:
    """DELETE /v1/leases/{id}: not by `AsyncLease`, which would check out first."""
    from appliance.client.engine import Sent
    from appliance.client.wire import lease_path, read
    from appliance.codec.api import EndedDocument

    target = f"{lease_path(seat.lease_id)}?generation={generation}"
    if no_linger:
        target += "&no_linger=1"

    def make(left_s: float) -> Sent:
        data = client.maker.make("DELETE", target, secret=seat.secret, deadline_s=left_s)
        return Sent(data, b"", client.now())

    answer, _ = await client.engine.exchange(make)
    return read(answer, EndedDocument)
