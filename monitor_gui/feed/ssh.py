"""The way through SSH: local ends of tunnels to the TMR hosts, by paramiko.

No monitoring port need be open but SSH's. TLS goes end to end through the tunnel with the far
host's name, so the SSH host in between can listen to nothing. What can go wrong in here: a host key
that nobody has seen (the person is asked once), one that has changed (refused, always), and a
tunnel that dies (the connection is made anew, by itself).
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
from monitor_gui.feed.direct import Address, DirectSource
from monitor_gui.feed.thread import Ask
from monitor_gui.model.connections import System, ssh_target

CONNECT_S: Final = 10.0
KEEPALIVE_S: Final = 5
CHANNELS_MAX: Final = 64
CHUNK: Final = 64 << 10
LOOK_S: Final = 0.5


def known_hosts() -> Path:
    """The file of host keys, which OpenSSH keeps too."""
    return Path.home() / ".ssh" / "known_hosts"


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
    """One SSH connection, and a local port for each far address. `port` is the local end's."""

    def __init__(self, client: paramiko.SSHClient) -> None:
        self._client = client
        transport = client.get_transport()
        assert transport is not None
        self._transport = transport
        self._transport.set_keepalive(KEEPALIVE_S)
        self._ends: dict[Address, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()
        self._channels = threading.BoundedSemaphore(CHANNELS_MAX)

    @property
    def alive(self) -> bool:
        """Whether the SSH connection stands."""
        return bool(self._transport.is_active())

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
        self._client.close()
        for thread in self._threads:
            thread.join(CONNECT_S)
        self._transport.join(CONNECT_S)

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
                    self._transport.open_channel(
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
        super().__init__(system, tunnels.near, f"through SSH by {system.ssh}")
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
    """Connect; an unknown host key is shown to the person first. Raises ClientError.

    `keys` is the file of known hosts, by default the user's.
    """
    keys = keys or known_hosts()
    _, host, port = ssh_target(system.ssh)
    try:
        client = await asyncio.to_thread(_connect, system, keys)
    except _Unknown as unknown:
        shown = fingerprint(unknown.key)
        where = host if port == 22 else f"{host}:{port}"
        if not await ask("host-key", where, shown):
            raise SshRefused(f"the key of {where} was not trusted; nothing was sent") from None
        await asyncio.to_thread(_remember, keys, host, port, unknown.key)
        try:
            client = await asyncio.to_thread(_connect, system, keys)
        except _Unknown:
            raise SshRefused(f"{where} shows another key each time: do not connect") from None
    tunnels = Tunnels(client)
    try:
        return TunnelledSource(system, tunnels)
    except BaseException:
        await asyncio.to_thread(tunnels.close)
        raise


def _connect(system: System, keys: Path) -> paramiko.SSHClient:
    """Raises _Unknown for a key that is not on file, else ClientError."""
    user, host, port = ssh_target(system.ssh)
    key = _key(system.ssh_key) if system.ssh_key else None
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_Report())
    try:
        if keys.is_file():
            client.load_host_keys(str(keys))
        client.connect(
            host,
            port,
            username=user or None,
            pkey=key,
            allow_agent=key is None,
            look_for_keys=key is None,
            timeout=CONNECT_S,
            banner_timeout=CONNECT_S,
            auth_timeout=CONNECT_S,
        )
    except _Unknown:
        client.close()
        raise
    except paramiko.BadHostKeyException as error:
        client.close()
        raise SshRefused(
            f"the key of {host} has CHANGED (now {fingerprint(error.key)}): do not connect; ask "
            f"its administrator, and only if the change was meant remove the old key from {keys}"
        ) from error
    except paramiko.AuthenticationException as error:
        client.close()
        raise SshRefused(
            f"{host} does not let {user or 'this user'} in: check the user, the key file and the "
            "agent"
        ) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        client.close()
        raise ConnectionFailed(f"no SSH connection to {host}:{port} ({error})") from error
    return client


def _key(name: str) -> paramiko.PKey:
    """The private key in a file. Raises SshRefused."""
    path = Path(name).expanduser()
    try:
        return paramiko.PKey.from_path(path)
    except (paramiko.PasswordRequiredException, TypeError):
        # Which of the two comes depends on the file's format.
        raise SshRefused(
            f"the key {path} has a passphrase: give it to your SSH agent and name no key file here"
        ) from None
    except (OSError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
        raise SshRefused(f"the key {path} cannot be used ({error})") from error


def _remember(keys: Path, host: str, port: int, key: paramiko.PKey) -> None:
    """Add a key to the file of known hosts, which stays the user's own."""
    name = host if port == 22 else f"[{host}]:{port}"
    line = f"{name} {key.get_name()} {key.get_base64()}\n"
    keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with keys.open("a", encoding="ascii") as file:
        file.write(line)
