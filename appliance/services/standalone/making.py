"""Makes all that a licence server on one host needs, once, in one directory of its owner's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Final

import msgspec

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.files import write_whole
from appliance.adapters.pki import authority as pki
from appliance.adapters.signatures import StoreKey
from appliance.adapters.store.database import Store
from appliance.services import settings as service_settings
from appliance.services.settings import ADMIN_PORT, API_PORT, TlsSettings, host_port
from appliance.services.standalone.settings import STORE_PLACE, StandaloneSettings
from appliance.verifier.trust import SINGLE

CONFIG: Final = "standalone.toml"
LOOPBACK: Final = "127.0.0.1"
CLIENT, OPERATOR = "client", "operator"


def make(
    directory: Path,
    root: bytes,
    name: str,
    listen: str = f"{LOOPBACK}:{API_PORT}",
    admin_listen: str = f"{LOOPBACK}:{ADMIN_PORT}",
    addresses: Iterable[str] = (),
) -> str:
    """Authority, certificates, container, store, settings and two profiles; gives the container's
    serial. `root` is the licence root (DER); `addresses` are where clients find the server, for its
    certificate and their profile.

    Raises FileExistsError if there is something already, PkiError, ValueError, or StoreFailed.
    """
    if directory.exists() and any(directory.iterdir()):
        raise FileExistsError(f"{directory} is not empty: name another directory with --dir.")
    port = host_port(listen)[1]
    reached = list(addresses) or [host_port(listen)[0]]
    settings = StandaloneSettings(
        name=name,
        api_listen=(listen,),
        admin_listen=admin_listen,
        tls=_tls("tls"),
        admin_tls=_tls("admin-tls"),
        store=Path("ledger.sqlite"),
        container=Path("container"),
        root=Path("root.der"),
        memory=Path("memory"),
    )
    now = datetime.now(UTC)
    authority = directory / "ca"
    pki.create_ca(authority, now, f"{name} licence server")
    alternatives = [*reached, LOOPBACK]
    numeric = [one for one in alternatives if one.replace(".", "").isdigit() or ":" in one]
    dns = [one for one in alternatives if one not in numeric]
    pki.issue_host(authority, directory / "tls", name, "tmr", now, numeric, dns)
    pki.issue_host(authority, directory / "admin-tls", STORE_PLACE, "upstream", now, [LOOPBACK])
    home = ContainerHome.create(
        directory / "container", SystemRandom(), name, root_certificate=root
    )
    key = StoreKey.draw()
    Store.init(directory / settings.store, STORE_PLACE, key.id, key=key.private)
    write_whole(directory / settings.root, root)
    pki.issue_client(authority, directory / CLIENT, CLIENT, now)
    pki.issue_operator(authority, directory / OPERATOR, OPERATOR, "administer", now)
    for person in (CLIENT, OPERATOR):
        _profile(directory / person, root, [_joined(one, port) for one in reached])
    write_whole(directory / CONFIG, service_settings.dump(settings).encode())
    return home.serial


def _tls(directory: str) -> TlsSettings:
    """Paths in settings are relative to the settings file."""
    tls = Path(directory)
    return TlsSettings(cert=tls / "cert.pem", key=tls / "key.pem", ca=tls / "ca.pem")


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _profile(directory: Path, root: bytes, addresses: list[str]) -> None:
    write_whole(directory / "root.der", root)
    values: dict[str, object] = {
        "addresses": addresses,
        "ca": "ca.pem",
        "certificate": "cert.pem",
        "key": "key.pem",
        "licence_root": "root.der",
        "redundancy": SINGLE,
    }
    lines = [f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in values.items()]
    write_whole(directory / "profile.toml", "".join(lines).encode())
