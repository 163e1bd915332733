"""`tmr restore`: found a ledger anew from a backup, after all three upstreams lost theirs (D7)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from appliance.cli import _backups
from appliance.cli._admin import Admin, ask, read_answer
from appliance.cli._connection import EXIT_CODES, Asked, connection_options, why_option
from appliance.cli._hosts import ask_each, nobody
from appliance.cli._installation import Connection
from appliance.cli.output import fail, json_option, print_json, say
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.codec.api import LedgerDocument, StatusDocument
    from appliance.ledger.membership.backups import Backup
    from appliance.services.upstream.documents import UpstreamStatusDocument

UPSTREAMS = 3
FOUNDED_WITHIN_S = 120.0
ASK_EVERY_S = 1.0


class _Seen(NamedTuple):
    """What one host knows of ledgers."""

    host: str
    ledgers: tuple[LedgerDocument, ...]


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--admin",
    "admins",
    metavar="URL",
    multiple=True,
    required=True,
    help="The administration API of an upstream; give all three.",
)
@click.option("--serial", help="The virtual serial that the backup has to be of.")
@click.option(
    "--losing",
    type=click.IntRange(min=1),
    metavar="N",
    help="So many entries that a host still knows of are to be lost.",
)
@click.option("--without-clients", is_flag=True, help="Enrolled clients do not live on.")
@_backups.root_option
@why_option
@json_option
def restore(
    asked: Asked,
    path: Path,
    admins: tuple[str, ...],
    serial: str | None,
    losing: int | None,
    without_clients: bool,
    root_path: Path | None,
    why: str,
    as_json: bool,
) -> None:
    """Found a new ledger in which what FILE holds lives on.

    For three upstreams with empty stores, each made by `tmr upstream init --for-restore --config
    FILE`, and two TMR hosts. Unit counters rest until the vendors confirm them. Nothing changes if
    anything is wrong with the file, or if a host knows a newer state than it holds: then --losing
    has to say how much is to be lost. Give the addresses of both TMR hosts (--address). Safe to
    repeat. Needs role administer.
    """
    connection = asked.connect()
    root = _backups.read_root(root_path, connection.profile.licence_root)
    backup = _backups.checked(path, root)
    if serial is not None and serial != backup.head.virtual_serial:
        fail(f"{path} is of another system: of {backup.head.virtual_serial}, not of {serial}.")
    if len(set(admins)) != UPSTREAMS:
        fail("A ledger is founded by three upstreams: name each once by --admin.", ExitCode.USAGE)
    identities = [_admin(connection, url) for url in admins]
    upstreams = [(admin, _status(admin)) for admin in identities]
    statuses = asyncio.run(_asked(connection))
    waiting = _waiting(upstreams, backup)
    lost = _lost([*_seen_by(upstreams), *_seen(statuses)], backup, path) if waiting else 0
    if waiting and lost != (losing or 0):
        _refuse_loss(lost, losing, path)
    intent = _intent(backup, why, connection, clients=not without_clients)
    for admin in waiting:
        ask(admin, "PUT", f"/v1/restore?losing={lost}", intent)
    status = asyncio.run(_founded(connection, backup))
    document = {
        "ledger_id": status.ledger_id,
        "virtual_serial": status.virtual_serial,
        "restored": {"ledger_id": backup.head.ledger_id.hex(), "index": backup.head.index},
        "lost": lost,
        "units_used": {str(k): n for k, n in sorted(backup.state.units_used.items())},
        "containers": sorted(backup.state.containers),
    }
    if as_json:
        print_json(document)
        return
    say(
        f"Ledger {status.ledger_id} is founded: it goes on from entry {backup.head.index} of"
        f" {backup.head.ledger_id.hex()}."
    )
    say(
        "Now ask each vendor to issue the licences anew, if the containers are new, and to confirm"
        f" the unit counters for ledger {status.ledger_id}; give him the backup."
    )


def _admin(connection: Connection, url: str) -> Admin:
    tls = connection.profile.tls
    if tls.certificate is None or tls.key is None:
        fail("An operator's certificate is needed: give --certificate and --key.", ExitCode.USAGE)
    return Admin(url, tls.certificate, tls.key, tls.ca)


def _status(admin: Admin) -> UpstreamStatusDocument:
    from appliance.services.upstream.documents import UpstreamStatusDocument

    return read_answer(admin, ask(admin, "GET", "/v1/status"), UpstreamStatusDocument)


async def _asked(connection: Connection) -> list[StatusDocument]:
    answers = await ask_each(connection)
    documents = [answer.document for answer in answers if answer.document is not None]
    if not documents:
        fail(nobody(answers), ExitCode.UNREACHABLE)
    return documents


def _waiting(upstreams: list[tuple[Admin, UpstreamStatusDocument]], backup: Backup) -> list[Admin]:
    """Those upstreams that have to be told. Ends the verb if one of them cannot be."""
    names = {status.name for _, status in upstreams}
    if len(names) != UPSTREAMS:
        fail(f"The three --admin lead to {', '.join(sorted(names))} only.", ExitCode.USAGE)
    waiting = []
    for admin, status in upstreams:
        if status.awaits_restore:
            _check_container(status, backup)
            waiting.append(admin)
        elif not _is_ours(status.ledger, backup):
            holds = status.ledger.ledger_id if status.ledger is not None else "none, and waits not"
            fail(
                f"{status.name} holds a ledger ({holds}): nothing is restored over one. If it is to"
                " go, stop the upstream and use"
                " `tmr upstream init --again --for-restore --config FILE`."
            )
    return waiting


def _check_container(status: UpstreamStatusDocument, backup: Backup) -> None:
    mine, theirs = status.container.cmact_id, backup.cmact_id
    if mine and theirs and mine != theirs:
        fail(
            f"The backup is of another system: its containers have CmActID {theirs}, that of"
            f" {status.name} has {mine}."
        )


def _is_ours(ledger: LedgerDocument | None, backup: Backup) -> bool:
    """Whether this is what restoring the backup led to."""
    return ledger is not None and (ledger.origin_id, ledger.origin_index) == (
        backup.head.ledger_id.hex(),
        backup.head.index,
    )


def _seen_by(upstreams: list[tuple[Admin, UpstreamStatusDocument]]) -> list[_Seen]:
    return [
        _Seen(status.name, tuple(one for one in (status.ledger, status.before) if one is not None))
        for _, status in upstreams
    ]


def _seen(statuses: list[StatusDocument]) -> list[_Seen]:
    return [
        _Seen(status.host, tuple(one for one in (status.ledger, status.before) if one is not None))
        for status in statuses
    ]


def _lost(seen: list[_Seen], backup: Backup, path: Path) -> int:
    """How many entries that some host knows the backup lacks. Ends the verb for a foreign one."""
    from appliance.ledger.membership.founding_anew import entries_lost
    from appliance.licences.records import Known, Origin

    most = 0
    for host, ledgers in seen:
        for one in ledgers:
            origin = Origin(bytes.fromhex(one.origin_id), one.origin_index, b"")
            known = Known(bytes.fromhex(one.ledger_id), one.virtual_serial, one.index, origin)
            if _is_ours(one, backup):
                continue
            lost = entries_lost(known, backup.head.ledger_id, backup.head.index)
            if lost is None and known.virtual_serial != backup.head.virtual_serial:
                fail(
                    f"{path} is of another system: of {backup.head.virtual_serial}, and {host} knew"
                    f" {known.virtual_serial}."
                )
            most = max(most, known.index if lost is None else lost)
    return most


def _refuse_loss(lost: int, losing: int | None, path: Path) -> NoReturn:
    if not lost:
        fail("Nothing would be lost: leave --losing out.", ExitCode.USAGE)
    if losing is None:
        fail(
            f"{path} is older than what a host knows: {lost} entries would be lost. Use a newer"
            f" backup, or say that you mean it: --losing {lost}."
        )
    fail(f"{lost} entries would be lost, and not {losing}: look again, then say --losing {lost}.")


def _intent(backup: Backup, why: str, connection: Connection, *, clients: bool) -> bytes:
    from appliance.ledger.membership.founding_anew import IntentRefused, read_intent
    from appliance.licences.carry_over import intent_of
    from appliance.licences.commands import encode_command

    certificate = connection.profile.tls.certificate
    assert certificate is not None
    who, root = _who(certificate), backup.head.root
    intent = encode_command(
        intent_of(backup.state, root, backup.log_time_ms, who, why, clients=clients)
    )
    try:
        read_intent(intent)
    except IntentRefused as refused:
        fail(f"{refused.detail} That is --without-clients.")
    return intent


def _who(certificate: Path) -> str:
    """The operator's name, as the upstreams will see it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from appliance.adapters.pki.authority import IdentityRefused, certificate_identity
    from appliance.unreadable_x509 import UNREADABLE_X509

    try:
        pem = x509.load_pem_x509_certificate(certificate.read_bytes())
        return certificate_identity(pem.public_bytes(Encoding.DER)).name
    except (OSError, IdentityRefused, *UNREADABLE_X509) as error:
        fail(f"{certificate} is no operator's certificate: {error}.")


async def _founded(connection: Connection, backup: Backup) -> StatusDocument:
    """Wait until a TMR host serves the ledger that was founded."""
    until_s = time.monotonic() + FOUNDED_WITHIN_S
    while True:
        for answer in await ask_each(connection):
            status = answer.document
            if status is not None and _is_ours(status.ledger, backup):
                return status
        if time.monotonic() >= until_s:
            fail(
                f"No TMR host founded the ledger within {FOUNDED_WITHIN_S:.0f} s: `tmr status` says"
                " why; repeat this, which is safe.",
                ExitCode.UNREACHABLE,
            )
        await asyncio.sleep(ASK_EVERY_S)
