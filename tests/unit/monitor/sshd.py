"""Real SSH servers (OpenSSH) on the loopback, each with keys and a configuration of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOST = "127.0.0.1"
WAIT_S = 30.0
BINARY = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")


def keygen(path: Path, passphrase: str = "") -> Path:
    """A new key; its public half stands beside it as .pub."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", path.name]
    subprocess.run([*command, "-f", str(path)], check=True)
    return path


class Sshd:
    """One server; `restart` may be given another host key."""

    def __init__(self, directory: Path, name: str, user_key: Path, forward: bool = True) -> None:
        self._directory = directory / name
        self._directory.mkdir()
        self._keys = self._directory / "authorized_keys"
        self._keys.write_text(user_key.with_suffix(".pub").read_text())
        self._forward = forward
        self.host_key = keygen(self._directory / "host_key")
        with socket.create_server((HOST, 0)) as taken:
            self.port: int = taken.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def _log(self) -> Path:
        return self._directory / "log"

    def start(self) -> None:
        """Serve, and come back once it listens."""
        settings = self._directory / "sshd_config"
        settings.write_text(
            f"ListenAddress {HOST}\nPort {self.port}\nHostKey {self.host_key}\n"
            f"AuthorizedKeysFile {self._keys}\nPidFile none\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            f"AllowTcpForwarding {'yes' if self._forward else 'no'}\nLogLevel DEBUG1\n"
        )
        assert BINARY is not None
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it locks itself up
        self._process = subprocess.Popen([BINARY, "-D", "-f", str(settings), "-E", str(self._log)])
        give_up_at_s = time.monotonic() + WAIT_S
        while True:
            try:
                socket.create_connection((HOST, self.port), 1.0).close()
                return
            except OSError:
                assert self._process.poll() is None, self.said()
                assert time.monotonic() < give_up_at_s, self.said()
                time.sleep(0.05)

    def said(self) -> str:
        """Its log."""
        return self._log.read_text() if self._log.exists() else "it said nothing"

    def kill(self) -> None:
        """It and all its connections end at once, without a word."""
        if self._process is None:
            return
        # Each connection has processes of its own, in sessions of their own.
        for pid in [self._process.pid, *_children(self._process.pid)]:
            with contextlib.suppress(ProcessLookupError):  # A connection may end by itself.
                os.kill(pid, signal.SIGKILL)
        self._process.wait(WAIT_S)
        self._process = None

    def change_key(self) -> None:
        """Another host key from now on."""
        self.kill()
        self.host_key = keygen(self._directory / f"host_key_{time.monotonic_ns()}")
        self.start()

    def known(self) -> str:
        """Its line for a file of known hosts."""
        kind, text, *_ = self.host_key.with_suffix(".pub").read_text().split()
        return f"[{HOST}]:{self.port} {kind} {text}\n"


def _children(parent: int) -> list[int]:
    """Processes below that one that are alive still (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == parent:
            pid = int(path.parent.name)
            found += [*_children(pid), pid]
    return found


@contextmanager
def running(*servers: Sshd) -> Iterator[None]:
    """Ends them."""
    try:
        yield
    finally:
        for server in servers:
            server.kill()


needs_sshd = pytest.mark.skipif(
    BINARY is None or os.name != "posix",
    reason="OpenSSH's server is not installed (Debian: openssh-server)",
)
