"""The way through SSH: local ends of tunnels to the TMR hosts, by paramiko.

No monitoring port need be open but SSH's. TLS goes end to end through the tunnel with the far
host's name, so the SSH host in between can listen to nothing. What can go wrong in here: a host key
that nobody has seen (the person is asked once), one that has changed (refused, always), and a
tunnel that dies (the connection is made anew, by itself). A jump host is a first hop like any
other: its key is verified too, and it sees nothing of the second hop but SSH.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import select
import socket
import threading
from pathlib import Path
from typing import Any, Final

import paramiko

from appliance.client import ClientError, ConnectionFailed
from appliance.client.surroundings import expanded, home_directory
from appliance.sentences import Sentence
from monitor_gui.feed.direct import Address, DirectSource
from monitor_gui.feed.thread import Ask
from monitor_gui.model.connections import SSH_PORT, System, ssh_target

CONNECT_S: Final = 10.0
KEEPALIVE_S: Final = 5
CHANNELS_MAX: Final = 64
CHUNK: Final = 64 << 10
LOOK_S: Final = 0.5


def known_hosts() -> Path:
    """The file of host keys, which OpenSSH keeps too. Raises SshRefused."""
    home = home_directory()
    if home is None:
        raise SshRefused(
            "this user has no home directory, so there is no ~/.ssh/known_hosts to know the host "
            "by: set HOME"
        )
    return home / ".ssh" / "known_hosts"


def fingerprint(key: paramiko.PKey) -> str:
    """A key's fingerprint as OpenSSH writes it."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


class SshRefused(ClientError):
    """The SSH host is not who it should be, or does not let us in; the sentence says which."""


class _Unknown(Exception):
    """First contact."""

    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__()
        self.key = key


class _Report:
    """A policy for paramiko: hand the key over instead of deciding."""

    def missing_host_key(self, client: Any, hostname: str, key: paramiko.PKey) -> None:
        raise _Unknown(key)


class Tunnels:
    """SSH connections, each through the one before it, and a local port for each far address."""

    def __init__(self, clients: list[paramiko.SSHClient]) -> None:
        self._clients = clients
        self._transports: list[paramiko.Transport] = []
        for client in clients:
            transport = client.get_transport()
            assert transport is not None
            transport.set_keepalive(KEEPALIVE_S)
            self._transports.append(transport)
        self._ends: dict[Address, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()
        self._channels = threading.BoundedSemaphore(CHANNELS_MAX)

    @property
    def alive(self) -> bool:
        """Whether the SSH connections stand."""
        return all(transport.is_active() for transport in self._transports)

    def near(self, far: Address) -> Address:
        """The local address that leads to a far one."""
        end = self._ends.get(far)
        if end is None:
            end = self._ends[far] = socket.create_server(("127.0.0.1", 0))
            end.settimeout(LOOK_S)
            self._start(self._accept, end, far)
        return "127.0.0.1", end.getsockname()[1]

    def close(self) -> None:
        """Close the connection and end all threads."""
        self._stopped.set()
        for end in self._ends.values():
            end.close()
        for client in reversed(self._clients):
            client.close()
        for thread in self._threads:
            thread.join(CONNECT_S)
        for transport in self._transports:
            transport.join(CONNECT_S)

    def _start(self, work: Any, *arguments: Any) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, args=arguments, name="tmr-tunnel", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, end: socket.socket, far: Address) -> None:
        while not self._stopped.is_set():
            try:
                near, _ = end.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if not self._channels.acquire(blocking=False):
                near.close()
                continue
            self._start(self._carry, near, far)

    def _carry(self, near: socket.socket, far: Address) -> None:
        try:
            with (
                near,
                contextlib.closing(
                    self._transports[-1].open_channel(
                        "direct-tcpip", far, near.getpeername(), timeout=CONNECT_S
                    )
                ) as channel,
            ):
                self._pump(near, channel)
        except (OSError, EOFError, paramiko.SSHException):
            pass  # Whoever uses the tunnel sees its connection end, and says so.
        finally:
            self._channels.release()

    def _pump(self, near: socket.socket, channel: paramiko.Channel) -> None:
        while not self._stopped.is_set():
            ready, _, _ = select.select([near, channel], [], [], LOOK_S)
            if near in ready:
                data = near.recv(CHUNK)
                if not data:
                    return
                channel.sendall(data)
            if channel in ready:
                data = channel.recv(CHUNK)
                if not data:
                    return
                near.sendall(data)


class TunnelledSource(DirectSource):
    """A `Source` whose clients go through tunnels, which it owns."""

    def __init__(self, system: System, tunnels: Tunnels) -> None:
        by = f"{system.ssh_jump} and {system.ssh}" if system.ssh_jump else system.ssh
        super().__init__(system, tunnels.near, Sentence("through SSH by {target}", target=by))
        self._tunnels = tunnels

    @property
    def broken(self) -> bool:
        """Whether the SSH connection is gone, so that a new one is needed."""
        return not self._tunnels.alive

    async def close(self) -> None:
        """As in `Source`."""
        await super().close()
        await asyncio.to_thread(self._tunnels.close)


async def open_through_ssh(system: System, ask: Ask, keys: Path | None = None) -> TunnelledSource:
    """Connect, through a jump host if there is one; an unknown host key is shown to the person
    first. Raises ClientError.

    `keys` is the file of known hosts, by default the user's.
    """
    keys = keys or known_hosts()
    clients: list[paramiko.SSHClient] = []
    try:
        for target in filter(None, (system.ssh_jump, system.ssh)):
            hop = _Hop(target, system.ssh_key, keys, clients[-1] if clients else None)
            clients.append(await _open_hop(hop, ask))
        tunnels = Tunnels(clients)
    except BaseException:
        await asyncio.to_thread(_close, clients)
        raise
    try:
        return TunnelledSource(system, tunnels)
    except BaseException:
        await asyncio.to_thread(tunnels.close)
        raise


class _Hop:
    """One SSH host and the way to it: directly, or through the connection to the one before."""

    def __init__(
        self, target: str, key: str, keys: Path, before: paramiko.SSHClient | None
    ) -> None:
        self.user, self.host, self.port = ssh_target(target)
        self.key, self.keys, self.before = key, keys, before

    @property
    def where(self) -> str:
        """For people."""
        return self.host if self.port == SSH_PORT else f"{self.host}:{self.port}"

    def channel(self) -> paramiko.Channel | None:
        """A channel to this host through the one before it, if there is one."""
        transport = self.before.get_transport() if self.before is not None else None
        if transport is None:
            return None
        far, near = (self.host, self.port), ("127.0.0.1", 0)
        return transport.open_channel("direct-tcpip", far, near, timeout=CONNECT_S)


async def _open_hop(hop: _Hop, ask: Ask) -> paramiko.SSHClient:
    try:
        return await asyncio.to_thread(_connect, hop)
    except _Unknown as unknown:
        if not await ask("host-key", hop.where, fingerprint(unknown.key)):
            raise SshRefused(
                Sentence("the key of {host} was not trusted; nothing was sent", host=hop.where)
            ) from None
        await asyncio.to_thread(_remember, hop, unknown.key)
    try:
        return await asyncio.to_thread(_connect, hop)
    except _Unknown:
        raise SshRefused(
            Sentence("{host} shows another key each time: do not connect", host=hop.where)
        ) from None


def _close(clients: list[paramiko.SSHClient]) -> None:
    for client in reversed(clients):
        transport = client.get_transport()
        client.close()
        if transport is not None:
            transport.join(CONNECT_S)


def _connect(hop: _Hop) -> paramiko.SSHClient:
    """Raises _Unknown for a key that is not on file, else ClientError."""
    key = _key(hop.key) if hop.key else None
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_Report())
    try:
        if hop.keys.is_file():
            client.load_host_keys(str(hop.keys))
        client.connect(
            hop.host,
            hop.port,
            username=hop.user or None,
            pkey=key,
            allow_agent=key is None,
            look_for_keys=key is None,
            timeout=CONNECT_S,
            banner_timeout=CONNECT_S,
            auth_timeout=CONNECT_S,
            sock=hop.channel(),
        )
    except _Unknown:
        _close([client])
        raise
    except paramiko.BadHostKeyException as error:
        _close([client])
        raise SshRefused(
            Sentence(
                "the key of {host} has CHANGED (now {fingerprint}): do not connect; ask its "
                "administrator, and only if the change was meant remove the old key from "
                "{path}",
                host=hop.host,
                fingerprint=fingerprint(error.key),
                path=hop.keys,
            )
        ) from error
    except paramiko.AuthenticationException as error:
        _close([client])
        raise SshRefused(
            Sentence(
                "{host} does not let {user} in: check the user, the key file and the agent",
                host=hop.host,
                user=hop.user or "this user",
            )
        ) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        _close([client])
        said = Sentence("no SSH connection to {host} ({why})", host=hop.where, why=error)
        raise ConnectionFailed(said) from error
    return client


def _key(name: str) -> paramiko.PKey:
    """The private key in a file. Raises SshRefused."""
    path = expanded(name, "the connection's key")
    try:
        return paramiko.PKey.from_path(path)
    except (paramiko.PasswordRequiredException, TypeError):
        # Which of the two comes depends on the file's format.
        raise SshRefused(
            Sentence(
                "the key {path} has a passphrase: give it to your SSH agent and name no key "
                "file here",
                path=path,
            )
        ) from None
    except (OSError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
        raise SshRefused(
            Sentence("the key {path} cannot be used ({why})", path=path, why=error)
        ) from error


def _remember(hop: _Hop, key: paramiko.PKey) -> None:
    """Add a key to the file of known hosts, which stays the user's own."""
    name = hop.host if hop.port == SSH_PORT else f"[{hop.host}]:{hop.port}"
    line = f"{name} {key.get_name()} {key.get_base64()}\n"
    hop.keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hop.keys.open("a", encoding="ascii") as file:
        file.write(line)
