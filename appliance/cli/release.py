"""`tmr release`: an operator ends somebody else's lease; who and why stay in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    why_option,
)
from appliance.cli.leases import holder_text
from appliance.cli.output import json_option, print_json, say

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api import EndedDocument


def _client(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A client as the ledger names it."""
    kind, _, name = value.partition(":")
    if kind not in ("cert", "token") or not name:
        raise click.BadParameter(
            f"{value!r} is no client: write cert:NAME or token:NAME, as `tmr leases` shows it.",
            ctx,
            param,
        )
    return value


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("client", callback=_client)
@click.argument("lease_id")
@why_option
@json_option
def release(asked: Asked, client: str, lease_id: str, why: str, as_json: bool) -> None:
    """End the lease LEASE_ID of CLIENT (both as `tmr leases` shows them); needs role operate."""
    document, holder = perform(
        asked.connect(),
        lambda connected: _release(connected, client, lease_id, why),
        unknown="look with `tmr leases`, and do it again if it is still there",
    )
    if as_json:
        print_json(document)
        return
    say(f"Lease {lease_id} of {holder} was ended (generation {document.generation}).")


async def _release(
    connected: AsyncClient, client: str, lease_id: str, why: str
) -> tuple[EndedDocument, str]:
    """Release it by its generation, so that a repeat ends no later lease under the same id."""
    from appliance.client import Refused
    from appliance.codec.api import EndedDocument

    lease = next(
        (
            lease
            for lease in (await connected.leases()).leases
            if (lease.client, lease.lease_id) == (client, lease_id)
        ),
        None,
    )
    if lease is None:
        # Not there, or not ours to see: the server knows which, and says so.
        return await connected.release(client, lease_id, why), client
    try:
        done = await connected.release(client, lease_id, why, lease.generation)
    except Refused as refused:
        if refused.reason != "lease-ended":
            raise
        # It was there a moment ago: our own first try, whose answer was lost, or somebody else.
        done = EndedDocument(lease_id=lease_id, generation=lease.generation)
    return done, holder_text(lease)
