"""`tmr replace-upstream`: a new store takes a lost one's place, for good (design D7)."""

from __future__ import annotations

import asyncio
import time

import click
import msgspec

from appliance.cli._admin import Admin, ask, read_answer
from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, why_option
from appliance.cli.output import fail, json_option, print_json, say
from appliance.errors import ExitCode

REPLACED_WITHIN_S = 120.0
ASK_EVERY_S = 1.0
STORE_ID_BYTES = 32


class _Status(msgspec.Struct, frozen=True):
    """What is needed of an upstream's status: stores by their ids in hex."""

    store_id: str
    stores: tuple[str, ...] = ()
    sealed_by: tuple[str, ...] = ()


@click.command(name="replace-upstream", epilog=EXIT_CODES)
@connection_options
@click.argument("place")
@click.option("--with", "new", metavar="STORE", required=True, help="As `tmr upstream init` said.")
@click.option(
    "--admin",
    "admins",
    metavar="URL",
    multiple=True,
    required=True,
    help="An upstream's administration API: give all three, at least both that remain.",
)
@why_option
@json_option
def replace_upstream(
    asked: Asked, place: str, new: str, admins: tuple[str, ...], why: str, as_json: bool
) -> None:
    """Let the store STORE vote at upstream PLACE, in the stead of the one that did.

    Make it with `tmr upstream init` (on the same host: `--again`), and start that upstream: it
    catches up by itself. The old store can never vote again. Both remaining upstreams have to be
    there; each is told of the new store by you, so that no TMR host can admit one of its own. The
    new one is told whose snapshots to believe, if you name its API, too. With
    only one upstream left there is nothing to agree: bring one of the others back first. Needs role
    administer.
    """
    try:
        store = bytes.fromhex(new)
    except ValueError:
        store = b""
    if len(store) != STORE_ID_BYTES:
        fail(f"{new!r} is no store's id: `tmr upstream init` says it.", ExitCode.USAGE)
    connection = asked.connect()
    tls = connection.profile.tls
    if tls.certificate is None or tls.key is None:
        fail("An operator's certificate is needed: give --certificate and --key.", ExitCode.USAGE)
    introduce([Admin(url, tls.certificate, tls.key, tls.ca) for url in admins], store)

    async def replaced(client: object) -> object:
        from appliance.client import AsyncClient, Refused

        assert isinstance(client, AsyncClient)
        until_s = time.monotonic() + REPLACED_WITHIN_S
        while True:
            try:
                return await client.replace(place, store, why)
            except Refused as refused:
                # It may still be catching up, or the upstreams' next beat is not there yet; all
                # other refusals stay as they are, however often one asks.
                if refused.reason != "not-yet-replaced" or time.monotonic() >= until_s:
                    raise
            await asyncio.sleep(ASK_EVERY_S)

    document = perform(connection, replaced, unknown="do it again, which is safe")
    if as_json:
        print_json(document)
        return
    say(
        f"The new store of {place} is admitted."
        " It votes when both other upstreams have stored this."
    )


def introduce(admins: list[Admin], new: bytes) -> None:
    """Tell those that remain of the new store, and the new one of theirs and of those whose
    snapshot they would give it. Raises UserError."""
    said = {admin: read_answer(admin, ask(admin, "GET", "/v1/status"), _Status) for admin in admins}
    remaining = [status for status in said.values() if status.store_id != new.hex()]
    known = [status.store_id for status in remaining]
    for status in remaining:
        # Whoever sealed a snapshot may be gone by now. No single host's word makes a store known.
        known += [
            store
            for store in status.sealed_by
            if store not in (*known, new.hex()) and all(store in one.stores for one in remaining)
        ]
    for admin, status in said.items():
        named = known if status.store_id == new.hex() else [new.hex()]
        for stranger in named:
            ask(admin, "PUT", "/v1/consent", stranger.encode())
