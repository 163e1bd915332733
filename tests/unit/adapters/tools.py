"""Real tokens (SoftHSM2) and real TPMs (swtpm) of a test, each in a directory of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PIN, SO_PIN = "135790", "24680246"
MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
)
MODULE = next((path for path in MODULES if path.exists()), None)
WAIT_S = 20.0

needs_token = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None,
    reason="not installed (make setup does it): softhsm2",
)
needs_tpm = pytest.mark.skipif(
    shutil.which("swtpm") is None or shutil.which("tpm2") is None,
    reason="not installed (make setup does it): swtpm, tpm2-tools",
)


class Tokens:
    """A place for tokens. SoftHSM2 reads its settings once in a process, so there is one for all
    tests. A token is unplugged by moving its files away, and its module begins anew, as in a
    process that starts."""

    def __init__(self, directory: Path) -> None:
        self._tokens, self._drawer = directory / "tokens", directory / "drawer"
        self._tokens.mkdir()
        self._drawer.mkdir()
        settings = directory / "softhsm2.conf"
        settings.write_text(
            f"directories.tokendir = {self._tokens}\nobjectstore.backend = file\n"
            "log.level = ERROR\n"
        )
        os.environ["SOFTHSM2_CONF"] = str(settings)

    def new(self, label: str) -> str:
        """Initialise a token with this label and PIN; gives its directory's name."""
        before = set(os.listdir(self._tokens))
        arguments = ("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN)
        subprocess.run(("softhsm2-util", *arguments), check=True, capture_output=True)
        (made,) = set(os.listdir(self._tokens)) - before
        return made

    def unplug(self, name: str) -> None:
        """Take the token out."""
        shutil.move(self._tokens / name, self._drawer / name)
        begin_anew()

    def plug_in(self, name: str) -> None:
        """Put it back."""
        shutil.move(self._drawer / name, self._tokens / name)


def begin_anew() -> None:
    """What the module knows of tokens and logins is forgotten."""
    import pkcs11

    pkcs11.lib(str(MODULE)).reinitialize()


@contextlib.contextmanager
def tpm(directory: Path) -> Iterator[str]:
    """A TPM that runs; gives its TCTI. The state in the directory is the chip."""
    state = directory / "state"
    state.mkdir(parents=True, exist_ok=True)
    socket = directory / "socket"
    control = directory / "socket.ctrl"
    process = subprocess.Popen(
        (
            "swtpm",
            "socket",
            "--tpm2",
            f"--tpmstate=dir={state}",
            f"--server=type=unixio,path={socket}",
            f"--ctrl=type=unixio,path={control}",
            "--flags=not-need-init,startup-clear",
        ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + WAIT_S
        while not (socket.exists() and control.exists()):
            assert process.poll() is None and time.monotonic() < deadline, "swtpm did not start"
            time.sleep(0.01)
        yield f"swtpm:path={socket}"
    finally:
        process.terminate()
        process.wait(WAIT_S)
        for path in (socket, control):
            path.unlink(missing_ok=True)
