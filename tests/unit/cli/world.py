"""`tmr` against fake TMR hosts: a profile that names them, and what they answer."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.cli.main import tmr
from appliance.codec.api import (
    ConstituentDocument,
    DoneDocument,
    HolderDocument,
    HostStatus,
    LeaseDocument,
    LeasesDocument,
    LicenceDocument,
    LicencesDocument,
    StatusDocument,
    TermDocument,
    UpstreamStatus,
)
from appliance.errors import ExitCode
from tests.unit.client.fake import HOST, Certificates, FakeServer, Reply, Request

Route = Reply | Callable[[Request], Reply]


@dataclass
class Routes:
    """What one fake host answers, by "METHOD /path"; what is not named here it answers honestly."""

    server: FakeServer
    table: dict[str, Route] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        route = self.table.get(f"{request.method} {request.path}", self.server.honest)
        return route if isinstance(route, Reply) else route(request)

    def say(self, call: str, route: Route) -> None:
        self.table[call] = route


@dataclass
class World:
    """Two fake hosts, a profile of one's own, and the verb as a user calls it."""

    directory: Path
    certificates: Certificates
    first: Routes
    second: Routes
    profile: Path

    @property
    def state(self) -> Path:
        return self.directory / "state" / "lease.json"

    def write_profile(self, *ports: int, name: str = "client.toml", more: str = "") -> Path:
        root = x509.load_der_x509_certificate(self.first.server.plant.root)
        (self.directory / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
        path = self.directory / name
        addresses = ", ".join(f'"{HOST}:{port}"' for port in ports)
        path.write_text(
            f'addresses = [{addresses}]\nca = "{self.certificates.ca}"\n'
            f'certificate = "{self.certificates.client}"\nkey = "{self.certificates.client_key}"\n'
            f'licence_root = "root.pem"\n{more}'
        )
        return path

    def tmr(self, *arguments: object, profile: Path | None = None) -> Result:
        """Run a verb; it never ends with a traceback, and an error is one sentence."""
        environment = {
            "TMR_PROFILE": str(profile or self.profile),
            "XDG_STATE_HOME": str(self.directory / "xdg"),
            "COLUMNS": "250",
            "TMR_STATE": None,
        }
        result = CliRunner().invoke(tmr, list(map(str, arguments)), env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        if result.exit_code not in (ExitCode.OK, ExitCode.USAGE) and result.stderr:
            (sentence,) = result.stderr.splitlines()
            assert sentence.startswith("tmr: ") and sentence.endswith("."), sentence
            assert ".." not in sentence
        return result

    def sent(self, method: str) -> list[Request]:
        return [request for request in self.first.server.requests if request.method == method]


def document(result: Result) -> dict[str, Any]:
    """The one JSON document on stdout."""
    decoded: dict[str, Any] = msgspec.json.decode(result.stdout)
    return decoded


def cells(result: Result) -> list[list[str]]:
    """The tab-separated lines of stdout."""
    return [line.split("\t") for line in result.stdout.splitlines()]


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


def an_upstream(number: int, **fields: Any) -> UpstreamStatus:
    values: dict[str, Any] = {
        "name": f"up{number}",
        "reachable": True,
        "phase": "following",
        "last_index": 812,
        "lag": 0,
        "last_heard_s": 0.04,
        "serial": f"130-10000{number}",
    }
    return UpstreamStatus(**(values | fields))


def a_status(host: str = "tmr1", active: str = "tmr1", **fields: Any) -> StatusDocument:
    hosts = tuple(
        HostStatus(
            name=name,
            role="active" if name == active else "passive",
            holds_address=name == active,
            vrrp=("master" if name == active else "backup") if name == host else "",
            version="0.1.0",
        )
        for name in ("tmr1", "tmr2")
    )
    values: dict[str, Any] = {
        "host": host,
        "verdict": "serving",
        "reason": "all three upstreams answer",
        "phase": "serving",
        "term": TermDocument(counter=3, host=active, nonce=5) if active == host else None,
        "virtual_ip": "10.77.0.100",
        "virtual_serial": "131-777",
        "ledger_id": "aa",
        "commit_index": 812 if active == host else 811,
        "log_time_ms": 1,
        "leases": 10,
        "upstreams": tuple(an_upstream(number) for number in (1, 2, 3)),
        "tmr_hosts": hosts,
    }
    return StatusDocument(**(values | fields))


def a_lease(client: str = "cert:app1", lease_id: str = "l1", **fields: Any) -> LeaseDocument:
    values: dict[str, Any] = {
        "client": client,
        "lease_id": lease_id,
        "generation": 17,
        "firm_code": 100001,
        "product_code": 10,
        "tmr_id": 4,
        "holder": HolderDocument(user="alice", host="ws1", pid=12, application="cad"),
        "granted_at_ms": 1_767_225_600_000,
        "heartbeat_age_s": 3.21,
    }
    return LeaseDocument(**(values | fields))


def some_leases(*leases: LeaseDocument) -> Reply:
    return Reply(200, LeasesDocument(leases=leases))


def a_licence(*states: str, **fields: Any) -> LicenceDocument:
    """A licence with these states of its constituents; "differs" does so in its expiry."""
    parts = tuple(
        ConstituentDocument(
            host=f"up{twin}" if state != "missing" else "",
            serial=f"130-10000{twin}" if state != "missing" else "",
            twin=twin,
            state=state,
            differs_in=("expires_at_s",) if state == "differs" else (),
        )
        for twin, state in enumerate(states, 1)
    )
    values: dict[str, Any] = {
        "firm_code": 100001,
        "firm_name": "Acme",
        "product_code": 10,
        "tmr_id": 4,
        "text": "CAD",
        "quantity": 10,
        "in_use": 3,
        "available": states.count("ok") > 1,
        "constituents": parts,
    }
    return LicenceDocument(**(values | fields))


def some_licences(*licences: LicenceDocument) -> Reply:
    return Reply(200, LicencesDocument(virtual_serial="131-777", licences=licences))


def done(index: int = 40) -> Reply:
    return Reply(200, DoneDocument(index=index))


def mode_of(path: Path) -> int:
    return os.stat(path).st_mode & 0o777
