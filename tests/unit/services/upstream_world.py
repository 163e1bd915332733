"""One upstream as a real process on the loopback, its vendors, and a raw link to it."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

import msgspec

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.pki import authority as pki
from appliance.adapters.signatures import StoreKey
from appliance.adapters.store.database import Store
from appliance.codec.certificates import build_container_certificate
from appliance.codec.frames import encode_frame, link_reader
from appliance.codec.licence_files import build_update
from appliance.codec.reports import Report
from appliance.ledger.certificates.proofs import vow_bytes
from appliance.ledger.certificates.receipts import TimeStatement
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import (
    Adopt,
    AnyMessage,
    Append,
    Entry,
    EntryBody,
    Promise,
    encode_body,
)
from appliance.licences.commands import Command, Found, Tick, encode_command
from appliance.services import settings
from appliance.verifier.certificates import ContainerIdentity
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from tests.unit.codec import world


def empty_adopt(promise: Promise) -> Adopt:
    """The adopt with which a ledger begins: this upstream's vow, and those of two others."""
    vows = [promise.vow]
    for key in (StoreKey.draw(), StoreKey.draw()):
        vow = msgspec.structs.replace(promise.vow, store=key.id)
        vows.append(msgspec.structs.replace(vow, signature=key.sign(vow_bytes(vow))))
    root = ZERO_ROOT
    return Adopt(promise.term, 0, root, 0, (), 0, root, tuple(vows), None, None)


DEADLINE_S = 60.0
ADDRESS = "127.0.77.11"
TMR = "from appliance.cli.main import main; main()"


def eventually(condition: Callable[[], object], what: str) -> None:
    """Waits until `condition` holds; fails, generously late, if it never does."""
    give_up_at = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < give_up_at, f"waited in vain: {what}"
        time.sleep(0.02)


def free_port(address: str = ADDRESS) -> int:
    """A TCP port that nobody has now."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


class Deployment:
    """The TLS authority, an upstream, TMR hosts, a client and operators; made once."""

    def __init__(self, path: Path) -> None:
        now = datetime.now(UTC)
        authority = path / "authority"
        pki.create_ca(authority, now)
        self.files = {
            "up1": pki.issue_host(authority, path / "up1", "up1", "upstream", now, [ADDRESS]),
            "up2": pki.issue_host(authority, path / "up2", "up2", "upstream", now),
            "tmr1": pki.issue_host(authority, path / "tmr1", "tmr1", "tmr", now),
            "tmr9": pki.issue_host(authority, path / "tmr9", "tmr9", "tmr", now),
            "client": pki.issue_client(authority, path / "client", "client", now),
            "viewer": pki.issue_operator(authority, path / "viewer", "viewer", "view", now),
            "operator": pki.issue_operator(authority, path / "operator", "op", "operate", now),
            "admin": pki.issue_operator(authority, path / "admin", "adam", "administer", now),
        }

    def context(self, who: str) -> ssl.SSLContext:
        """For connecting as `who`; "" shows no certificate."""
        if not who:
            return ssl.create_default_context(cafile=str(self.files["up1"].ca))
        return pki.client_context(self.files[who])


class Upstream:
    """up1: its files, its process, and its vendor."""

    def __init__(
        self,
        path: Path,
        deployment: Deployment,
        name: str = "up1",
        keys: settings.KeySettings | None = None,
        **held,
    ) -> None:
        """`keys` and `held` say what holds the container's key, unless it is a plain file."""
        self.path = path
        self.deployment = deployment
        keys = keys or settings.KeySettings()
        home = path / "container"
        self.home = ContainerHome.create(home, SystemRandom(), name, around=keys.around, **held)
        identity = ContainerIdentity(
            self.home.serial, "A1", 1, self.home.public_key, self.home.held.binding
        )
        self.identity = identity
        self.certificate = build_container_certificate(
            world.ROOT_KEY, world.ROOT, identity, world.NOW, Random(2)
        )
        (path / "root.der").write_bytes(world.ROOT)
        tls = deployment.files[name]
        self.settings = settings.UpstreamSettings(
            name=name,
            links_listen=f"{ADDRESS}:{free_port()}",
            admin_listen=f"{ADDRESS}:{free_port()}",
            tls=settings.TlsSettings(cert=tls.cert, key=tls.key, ca=tls.ca),
            store=Path("store/ledger.sqlite"),
            container=Path("container"),
            root=Path("root.der"),
            tmr_hosts=("tmr1", "tmr2"),
            advert_int_s=0.1,
            key=keys,
        )
        self.config = path / "up1.toml"
        self.config.write_text(settings.dump(self.settings))
        key = StoreKey.draw()
        store = path / self.settings.store
        self.store_id = Store.init(store, name, key.id, key=key.private)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it wrote to stderr so far."""
        return (self.path / "log").read_text()

    def start(self, **environment: str) -> None:
        """Starts it and waits until it listens."""
        with (self.path / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", TMR, "serve", "upstream", "--config", str(self.config)],
                stderr=log,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])} | environment,
            )
        before = self.log.count("ready:")
        eventually(lambda: self._ended() or self.log.count("ready:") > before, "it is ready")
        assert not self._ended(), self.log

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it with this signal; gives its exit code."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(number)
        return process.wait(DEADLINE_S)

    def link(self, who: str = "tmr1", make_reader=link_reader) -> "RawLink":
        """A link to it as `who`."""
        return RawLink(
            settings.host_port(self.settings.links_listen),
            self.deployment.context(who),
            "up1",
            make_reader(),
        )

    def ask(self, who: str, method: str, path: str, body: bytes | None = None):
        """One request to the administration API: status and the answer's bytes."""
        connection = http.client.HTTPSConnection(
            *settings.host_port(self.settings.admin_listen),
            timeout=DEADLINE_S,
            context=self.deployment.context(who),
        )
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def status(self):
        """GET /v1/status."""
        code, data = self.ask("viewer", "GET", "/v1/status")
        assert code == 200, data
        return json.loads(data)

    def update(self, sequence: int = 1, **changes) -> bytes:
        """Firm A's update file with this sequence."""
        update = world.update(
            serial=self.identity.serial, cmact_id="A1", certificate=self.certificate
        )
        firm = msgspec.structs.replace(update.firm, sequence=sequence)
        update = msgspec.structs.replace(update, firm=firm, **changes)
        return build_update(world.FIRM_A_KEY, world.FIRM_A_CERTIFICATE, update)


class RawLink:
    """Frames over TLS, by hand."""

    def __init__(
        self, address: tuple[str, int], context: ssl.SSLContext, name: str, reader
    ) -> None:
        raw = socket.create_connection(address, DEADLINE_S)
        self.socket = context.wrap_socket(raw, server_hostname=name)
        self._reader = reader
        self._messages: list[AnyMessage | Report] = []

    def send(self, *messages) -> None:
        """Sends them in one go."""
        self.socket.sendall(b"".join(encode_frame(message) for message in messages))

    def receive(self) -> AnyMessage | Report | None:
        """The next message, None if the other side closed the link."""
        while not self._messages:
            try:
                data = self.socket.recv(1 << 16)
            except (ConnectionError, ssl.SSLError):
                return None
            if not data:
                return None
            self._messages += self._reader.feed(data)
        return self._messages.pop(0)

    def ask(self, message) -> AnyMessage | Report | None:
        """Sends one message and gives the next that comes."""
        self.send(message)
        return self.receive()

    def close(self) -> None:
        """Hangs up."""
        self.socket.close()


def founding(upstream: Upstream) -> Found:
    """The command that founds a ledger with this upstream's store among those that vote."""
    own = bytes.fromhex(upstream.status()["store_id"])
    return Found(b"ledger", "131-77000001", (("up1", own), ("up2", b"2"), ("up3", b"3")))


class Log:
    """The entries that a coordinator would send, one tick each, in a chain."""

    def __init__(self, term: Term) -> None:
        self.term = term
        self.entries: list[Entry] = []

    def append(self, *commands: Command, times: tuple[TimeStatement, ...] = ()) -> Append:
        """The next entry, a tick unless other commands are given, as the message that sends it."""
        commands = commands or (Tick(),)
        body = encode_body(EntryBody(0, times, tuple(encode_command(one) for one in commands)))
        previous = self.entries[-1].root if self.entries else ZERO_ROOT
        index = len(self.entries) + 1
        entry = Entry(index, self.term, entry_root(previous, index, body), body)
        self.entries.append(entry)
        return Append(self.term, entry, previous, True)
