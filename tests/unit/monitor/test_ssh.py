"""Through SSH: first contact, a changed key, a refused user, TLS end to end, a tunnel that dies."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from appliance.client import ClientError
from monitor_gui.feed.source import Source
from monitor_gui.feed.ssh import SshRefused, fingerprint, open_through_ssh
from monitor_gui.feed.thread import Ask
from monitor_gui.model.connections import System
from monitor_gui.model.updates import Question
from tests.unit.client.fake import HOST, Certificates, make_certificates
from tests.unit.monitor.documents import status
from tests.unit.monitor.following import following
from tests.unit.monitor.test_direct import answering, hosts

WAIT_S = 30.0
USER = "ops"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA for these tests."""
    return make_certificates(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def keys() -> tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey]:
    """A user's key, a host's key, another host's key."""
    made = [paramiko.ECDSAKey.generate() for _ in range(3)]
    return made[0], made[1], made[2]


class _Gate(paramiko.ServerInterface):  # type: ignore[misc]
    """Lets one key in, and forwards to where the client says."""

    def __init__(self, key: paramiko.PKey) -> None:
        self.key = key
        self.targets: dict[int, tuple[str, int]] = {}

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        good = username == USER and key == self.key
        return int(paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        self.targets[chanid] = destination
        return int(paramiko.OPEN_SUCCEEDED)


class SshServer:
    """A small SSH server that can do nothing but forward."""

    def __init__(self, host_key: paramiko.PKey, user_key: paramiko.PKey, port: int = 0) -> None:
        self._host_key, self._user_key = host_key, user_key
        self._listener = socket.create_server((HOST, port))
        self._listener.settimeout(0.2)
        self.port: int = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self.transports: list[paramiko.Transport] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="ssh server")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        transport, gate = paramiko.Transport(connection), _Gate(self._user_key)
        self.transports.append(transport)
        transport.add_server_key(self._host_key)
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(server=gate)
            while not self._stop.is_set() and transport.is_active():
                channel = transport.accept(0.2)
                if channel is not None:
                    self._start(self._carry, channel, gate.targets[channel.get_id()])
        transport.close()
        transport.join(WAIT_S)

    def _carry(self, channel: paramiko.Channel, target: tuple[str, int]) -> None:
        with (
            contextlib.suppress(OSError, EOFError),
            socket.create_connection(target) as far,
            channel,
        ):
            back = threading.Thread(target=self._copy, args=(far, channel), name="ssh server back")
            back.start()
            self._copy(channel, far)
            far.shutdown(socket.SHUT_RDWR)
            back.join(WAIT_S)

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            while data := source.recv(65_536):
                target.sendall(data)

    def cut(self) -> None:
        """Every connection ends."""
        for transport in self.transports:
            transport.close()

    def close(self) -> None:
        """Stop serving."""
        self._stop.set()
        self.cut()
        for thread in list(self._threads):
            thread.join(WAIT_S)
        self._listener.close()


@pytest.fixture
def gate(keys: tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey]) -> Iterator[SshServer]:
    """An SSH server that lets the user's key in."""
    server = SshServer(keys[1], keys[0])
    yield server
    server.close()


def through(system: System, gate: SshServer, key: paramiko.PKey, directory: Path) -> System:
    """The same system, by way of the gate."""
    path = directory / "id"
    key.write_private_key_file(str(path))
    return System(
        name=system.name,
        profile=system.profile,
        ssh=f"{USER}@{HOST}:{gate.port}",
        ssh_key=str(path),
    )


def test_first_contact_is_asked_about_and_remembered(
    certificates: Certificates,
    tmp_path: Path,
    gate: SshServer,
    keys: tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey],
) -> None:
    known = tmp_path / "known_hosts"

    async def open_it(system: System | None, ask: Ask) -> Source:
        assert system is not None
        return await open_through_ssh(system, ask, known)

    with hosts(certificates, tmp_path, answering(status())) as (direct, servers):
        system = through(direct, gate, keys[0], tmp_path)
        with following(open_it, system) as followed:
            followed.until(lambda s: bool(followed.of_unlocked(Question)), "the key is shown")
            (question,) = followed.of(Question)
            assert question.detail == fingerprint(keys[1])
            followed.feed.answer(question.number, True)
            followed.until(lambda s: s.active(time.monotonic()) == "tmr1", "it is followed")
            assert followed.store.opened is not None
            assert "through SSH" in followed.store.opened.route
            gate.cut()
            begun = followed.store.endpoints[followed.store.opened.endpoints[0]].heard_at_s
            followed.until(lambda s: len(gate.transports) > 2, "SSH is connected to anew")
            followed.until(
                lambda s: (s.best(time.monotonic()).heard_at_s or 0) > (begun or 0) + 0.1,  # type: ignore[union-attr]
                "answers come again",
            )
        assert len(followed.of(Question)) == 1, "a known key is not asked about again"
        assert servers[0].names, "TLS goes end to end"


async def _open(system: System, known: Path, say: bool) -> None:
    async def ask(kind: str, subject: str, detail: str) -> bool:
        return say

    source = await open_through_ssh(system, ask, known)
    await source.close()


def test_a_key_that_nobody_trusts_is_not_connected_to(
    tmp_path: Path, gate: SshServer, keys: tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey]
) -> None:
    known = tmp_path / "known_hosts"
    system = through(System(name="a", profile="none"), gate, keys[0], tmp_path)
    with pytest.raises(SshRefused, match="not trusted"):
        asyncio.run(_open(system, known, False))
    assert not known.exists()


def test_a_changed_key_is_refused_without_asking(
    tmp_path: Path, gate: SshServer, keys: tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey]
) -> None:
    known = tmp_path / "known_hosts"
    other = keys[2]
    known.write_text(f"[{HOST}]:{gate.port} {other.get_name()} {other.get_base64()}\n")
    system = through(System(name="a", profile="none"), gate, keys[0], tmp_path)
    with pytest.raises(SshRefused, match="has CHANGED"):
        asyncio.run(_open(system, known, True))


def test_a_user_who_is_not_let_in_is_told(
    tmp_path: Path, gate: SshServer, keys: tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey]
) -> None:
    known = tmp_path / "known_hosts"
    host = keys[1]
    known.write_text(f"[{HOST}]:{gate.port} {host.get_name()} {host.get_base64()}\n")
    system = through(System(name="a", profile="none"), gate, keys[2], tmp_path)
    with pytest.raises(SshRefused, match="does not let ops in"):
        asyncio.run(_open(system, known, True))


def test_a_key_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "nonsense").write_text("no key")
    for name, why in (("nonsense", "cannot be used"), ("missing", "cannot be used")):
        system = System(name="a", profile="none", ssh="gate", ssh_key=str(tmp_path / name))
        with pytest.raises(SshRefused, match=why):
            asyncio.run(_open(system, tmp_path / "known_hosts", True))
    paramiko.ECDSAKey.generate().write_private_key_file(str(tmp_path / "locked"), password="secret")
    system = System(name="a", profile="none", ssh="gate", ssh_key=str(tmp_path / "locked"))
    with pytest.raises(SshRefused, match="passphrase"):
        asyncio.run(_open(system, tmp_path / "known_hosts", True))


def test_no_ssh_server_is_told(
    tmp_path: Path, keys: tuple[paramiko.PKey, paramiko.PKey, paramiko.PKey]
) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        port = taken.getsockname()[1]
        system = System(name="a", profile="none", ssh=f"{USER}@{HOST}:{port}")
        with pytest.raises(ClientError, match="no SSH connection"):
            asyncio.run(_open(system, tmp_path / "known_hosts", True))
