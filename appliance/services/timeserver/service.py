"""One time server as a process: its key, its addresses, systemd (design D8).

It certifies what the computer's clock says, so that clock has to be right: chrony or another NTP
client is this host's first duty. What can go wrong in here is a key that does not belong to the
certificate; every token would be refused far away, so it is compared at the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.adapters import clock
from appliance.adapters.doors.doorkeeper import Bounds
from appliance.adapters.doors.rates import BURST
from appliance.adapters.health import clock_synchronised
from appliance.adapters.systemd import Notifier
from appliance.codec.time_responder import Signer
from appliance.errors import UserError
from appliance.services.contact_face import Noting
from appliance.services.contacts import ContactBook
from appliance.services.settings import host_port
from appliance.services.signals import on_end_signals
from appliance.services.timeserver.app import Clockwork, make_app
from appliance.services.timeserver.settings import TimeServerSettings
from appliance.services.web import WebServer
from appliance.unreadable_x509 import UNREADABLE_X509

SERIAL_BITS = 159
ARRIVALS_MAX = 1_024
ARRIVALS_FACTOR = 4
"""How often an address may connect, as a multiple of how often it may ask."""

log = logging.getLogger(__name__)


async def run(settings: TimeServerSettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises UserError for what a person has to mend."""
    name, signer = read_signer(settings)
    works = clockwork(settings.require_synchronised)
    app: Any = make_app(signer, settings.crl, settings.requests_per_minute, works)
    if settings.contacts is not None:
        try:
            app = Noting(app, ContactBook(settings.contacts), works.wall_ms, works.boot_s)
        except OSError as error:
            raise UserError(f"The time server cannot start: {error}.") from None
    bounds = bounds_of(settings)
    servers = [WebServer(host_port(settings.listen), app, bounds=bounds)]
    if settings.https is not None:
        context = _tls(settings.https.cert, settings.https.key)
        address = host_port(settings.https.listen)
        servers.append(WebServer(address, app, context, bounds=bounds))
    stopped, notifier = asyncio.Event(), Notifier()
    on_end_signals(stopped.set)
    try:
        for server in servers:
            host, port = await server.start()
            log.info("listening: host=%s port=%d", host, port)
        if settings.crl is None or not settings.crl.exists():
            log.warning("no block list: containers of this root take no certified time from here")
        log.info("ready: name=%s", name)
        notifier.ready(f"time server {name} ready")
        await _until(stopped, notifier)
    except OSError as error:
        raise UserError(f"The time server cannot listen: {error}.") from error
    finally:
        notifier.stopping()
        for server in servers:
            await server.close()


def bounds_of(settings: TimeServerSettings) -> Bounds:
    """How many connections there may be, all of strangers; one address has a quarter at most."""
    most = settings.connections_max
    quarter = max(1, most // 4)
    return Bounds(
        arrivals_max=ARRIVALS_MAX,
        arrivals_per_address_max=ARRIVALS_MAX // 4,
        shaking_max=most,
        strangers_max=most,
        strangers_per_address_max=quarter,
        # Who asks too often is told so first (429), and cut off where it does not listen.
        arrivals_per_minute=ARRIVALS_FACTOR * max(BURST, settings.requests_per_minute),
    )


def clockwork(require_synchronised: bool) -> Clockwork:
    """The computer's clocks, and serial numbers that are never drawn twice."""
    return Clockwork(
        clock.wall_ms,
        clock.boot_s,
        lambda: secrets.randbits(SERIAL_BITS) + 1,
        (lambda: clock_synchronised() is True) if require_synchronised else (lambda: True),
    )


def read_signer(settings: TimeServerSettings) -> tuple[str, Signer]:
    """The server's name and what it signs with. Raises UserError."""
    key_path, certificate_path = settings.key, settings.certificate
    try:
        key = load_pem_private_key(key_path.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except OSError as error:
        raise UserError(f"Cannot read {error.filename}: {error.strerror}.") from error
    except (x509.ExtensionNotFound, *UNREADABLE_X509) as error:
        raise UserError(
            f"{key_path} and {certificate_path} hold no time server's key and certificate"
            f" ({error}); make them with `tmr central timeserver-certificate`."
        ) from error
    own = isinstance(key, ec.EllipticCurvePrivateKey)
    if not own or key.public_key() != certificate.public_key():
        raise UserError(f"{key_path} is not the key of {certificate_path}; give the two together.")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    if list(usage) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise UserError(f"{certificate_path} is not for time stamps; have the root issue one.")
    if certificate.not_valid_after_utc <= datetime.now(UTC):
        raise UserError(
            f"{certificate_path} ended on {certificate.not_valid_after_utc:%Y-%m-%d}; renew it with"
            " `tmr central timeserver-certificate`."
        )
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else "?"
    return name, Signer(key, certificate.public_bytes(Encoding.DER), settings.accuracy_ms)


def _tls(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise UserError(f"{cert} and {key} cannot be used for HTTPS: {error}.") from error
    return context


async def _until(stopped: asyncio.Event, notifier: Notifier) -> None:
    """Wait for the end, telling systemd meanwhile that this process is alive."""
    interval_s = notifier.watchdog_interval_s
    while not stopped.is_set():
        notifier.watchdog()
        timeout_s = None if interval_s is None else interval_s / 2
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), timeout_s)
