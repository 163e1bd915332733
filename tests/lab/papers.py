"""Certificates that somebody might try at a port that is not for them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.adapters.pki import authority as pki
from appliance.lab.build import client_name
from tests.lab.world import World


def careless(files: pki.IdentityFiles) -> ssl.SSLContext:
    """A context of somebody who does not mind whom he talks to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(files.cert, files.key)
    return context


def foreign(world: World, directory: Path) -> pki.IdentityFiles:
    now = datetime.now(UTC)
    pki.create_ca(directory / "ca", now, "Another deployment")
    return pki.issue_host(directory / "ca", directory / "tls", "tmr1", "tmr", now)


def expired(world: World, directory: Path) -> pki.IdentityFiles:
    long_ago = datetime.now(UTC) - timedelta(days=pki.IDENTITY_DAYS + 30)
    return pki.issue_host(world.files.ca, directory / "tls", "tmr1", "tmr", long_ago)


def client(world: World, directory: Path) -> pki.IdentityFiles:
    return pki.IdentityFiles.of(world.files.person(client_name(1)))


def upstream(world: World, directory: Path) -> pki.IdentityFiles:
    return pki.IdentityFiles.of(world.files.host("up2") / "tls")


def stranger(world: World, directory: Path) -> pki.IdentityFiles:
    now = datetime.now(UTC)
    return pki.issue_host(world.files.ca, directory / "tls", "tmr9", "tmr", now)


Papers = Callable[[World, Path], pki.IdentityFiles]
