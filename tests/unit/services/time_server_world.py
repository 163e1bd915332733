"""A time server as a real process on the loopback, made by the vendors' own verbs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from appliance.services.central.root_key import RootKey
from appliance.services.central.time_servers import TimeServerFiles, make_time_server
from appliance.services.settings import dump
from appliance.services.timeserver import TimeServerSettings
from tests.unit.services.upstream_world import DEADLINE_S, TMR, eventually, free_port

ADDRESS = "127.0.77.30"


class TimeServer:
    """One time server of this root: its files and its process."""

    def __init__(self, path: Path, root: RootKey, name: str = "ts1", **changes) -> None:
        self.path = path
        now = datetime.now(UTC)
        self.files: TimeServerFiles = make_time_server(root, name, path, 30, now, Random(4))
        self.crl = path / "block-list.crl"
        self.crl.write_bytes(root.sign_block_list(1, (), now, now + timedelta(days=7)))
        self.port = free_port(ADDRESS)
        self.settings = TimeServerSettings(
            key=self.files.key,
            certificate=self.files.certificate,
            listen=f"{ADDRESS}:{self.port}",
            crl=self.crl,
            **changes,
        )
        self.config = path / "timeserver.toml"
        self.config.write_text(dump(self.settings))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{ADDRESS}:{self.port}/"

    @property
    def log(self) -> str:
        """What it wrote to stderr so far."""
        path = self.path / "log"
        return path.read_text() if path.exists() else ""

    def start(self, **environment: str) -> None:
        """Starts it and waits until it listens."""
        with (self.path / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", TMR, "timeserver", "--config", str(self.config)],
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
