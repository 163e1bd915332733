"""License Central as a process: HTTPS on one address, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Collection
from pathlib import Path
from typing import Final

from cryptography import x509

from appliance.adapters import clock
from appliance.adapters.doors.doorkeeper import Bounds
from appliance.adapters.systemd import Notifier
from appliance.errors import UserError
from appliance.services.central.app import make_app
from appliance.services.central.central import LicenseCentral
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.transfers import Transfers
from appliance.services.contact_face import Noting
from appliance.services.contacts import CONTACTS, ContactBook
from appliance.services.signals import on_end_signals
from appliance.services.web import WebServer
from appliance.unreadable_x509 import UNREADABLE_X509

CONNECTIONS_MAX: Final = 64
CONNECTIONS_PER_ADDRESS_MAX: Final = 16
ARRIVALS_MAX: Final = 1_024
ARRIVALS_PER_MINUTE: Final = 240
"""How often one address may connect: a group of three containers needs a dozen for all its acts."""
BOUNDS: Final = Bounds(
    arrivals_max=ARRIVALS_MAX,
    arrivals_per_address_max=ARRIVALS_MAX // 4,
    shaking_max=CONNECTIONS_MAX,
    strangers_max=CONNECTIONS_MAX,
    strangers_per_address_max=CONNECTIONS_PER_ADDRESS_MAX,
    arrivals_per_minute=ARRIVALS_PER_MINUTE,
)

log = logging.getLogger(__name__)


async def run(
    directory: Path,
    listen: tuple[str, int],
    cert: Path,
    key: Path,
    names: Collection[str] = (),
) -> None:
    """Serve the vendors' directory. `cert` (with its chain) and `key` are PEM, for TLS; containers
    reach it by the names in the certificate, and by these `names`.

    Raises UserError for what a person has to mend.
    """
    central = LicenseCentral(directory)
    try:
        serial_count = len(central.root.containers)
    except CentralRefused as refused:
        raise UserError(refused.detail) from None
    context = _context(cert, key)
    known_as = {*certified_names(cert), *names}
    try:
        book = ContactBook(directory / CONTACTS)
    except OSError as error:
        raise UserError(f"License Central cannot start: {error}.") from None
    app = make_app(Transfers(directory, central, names=known_as))
    server = WebServer(
        listen,
        Noting(app, book, clock.wall_ms, clock.boot_s),
        context,
        bounds=BOUNDS,
    )
    try:
        host, port = await server.start()
    except OSError as error:
        where = f"{listen[0]}:{listen[1]}"
        raise UserError(f"License Central cannot listen on {where}: {error}.") from None
    ended = asyncio.Event()
    on_end_signals(ended.set)
    notifier = Notifier()
    log.info("ready: listen=%s:%d containers=%d", host, port, serial_count)
    notifier.ready("License Central ready")
    try:
        await ended.wait()
    finally:
        notifier.stopping()
        await server.close()


def _context(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            f"The TLS files {cert} and {key} cannot be used ({error}); issue them again."
        ) from None
    return context


def certified_names(cert: Path) -> tuple[str, ...]:
    """The host names and addresses of the first certificate in this PEM file. Raises UserError."""
    try:
        certificate = x509.load_pem_x509_certificate(cert.read_bytes())
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except (OSError, *UNREADABLE_X509) as error:
        raise UserError(f"The certificate {cert} cannot be read: {error}.") from None
    names = found.get_values_for_type(x509.DNSName)
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*names, *map(str, addresses))
