"""The server on one host as a real process, made and used as README says."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from appliance.client import ReceiptRefused, Refused, Trust, load_profile
from tests.unit.documented import ROOT
from tests.unit.services.upstream_world import DEADLINE_S, free_port

HERE = "127.0.0.1"
TMR = [sys.executable, "-c", "from appliance.cli.main import main; main()"]


def commands() -> list[list[str]]:
    """README's commands, without the installation."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.split("## Begin on one host")[1].split("\n## ")[0]
    lines = [line.strip() for line in section.splitlines() if line.startswith("    tmr ")]
    return [shlex.split(line)[1:] for line in lines]


class OneHost:
    """A directory with a vendor and a server in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports = free_port(HERE), free_port(HERE)
        self.process: subprocess.Popen[bytes] | None = None
        self.said: list[str] = []

    def tmr(self, *words: str) -> str:
        environment = os.environ | {"TMR_ADMIN": f"https://{HERE}:{self.ports[1]}"}
        done = subprocess.run(
            [*TMR, *words],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def do(self, words: list[str]) -> None:
        """One of README's commands, on ports that are free."""
        if words[0] == "serve":
            self.start()
            return
        if words[:2] == ["standalone", "init"]:
            api, admin = (f"{HERE}:{port}" for port in self.ports)
            words += ["--listen", api, "--admin-listen", admin, "--name", "licences"]
        found = [str(path) for word in words if "*" in word for path in self.directory.glob(word)]
        self.said.append(self.tmr(*(word for word in words if "*" not in word), *found))

    def start(self) -> None:
        """And wait until it serves."""
        config = str(self.directory / "server" / "standalone.toml")
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*TMR, "serve", "standalone", "--config", config], stderr=log
            )
        give_up_s = time.monotonic() + DEADLINE_S
        while True:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < give_up_s, self.log
            try:
                with load_profile(self.profile("operator")).client() as client:
                    if client.status().verdict == "serving":
                        return
            except Exception:
                time.sleep(0.05)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text("utf-8")

    def profile(self, person: str) -> Path:
        return self.directory / "server" / person / "profile.toml"

    def trust(self, redundancy: str) -> Trust:
        root = (self.directory / "central" / "root" / "root.cert.der").read_bytes()
        return Trust(root, {6000010}, date(2026, 1, 1), redundancy=redundancy)


@pytest.fixture(scope="module")
def one_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneHost]:
    """Everything up to the first seat, as README has it, on ports that are free."""
    host = OneHost(tmp_path_factory.mktemp("one-host"))
    try:
        for words in commands():
            host.do(words)
        yield host
    finally:
        if host.process is not None and host.process.poll() is None:
            host.process.kill()
            host.process.wait()


def test_readme_leads_from_nothing_to_a_seat(one_host: OneHost) -> None:
    assert one_host.said[-1] == "a seat is held\n"


def test_a_program_takes_it_only_if_its_vendor_wants_that(one_host: OneHost) -> None:
    profile = load_profile(one_host.profile("client"))
    with profile.client(one_host.trust("single")) as client, client.lease(6000010, 1) as lease:
        assert lease.grant.seats == 1
    with (
        profile.client(one_host.trust("twins")) as client,
        pytest.raises(ReceiptRefused) as refused,
        client.lease(6000010, 1),
    ):
        pass
    assert refused.value.reason == "not-redundant"


def test_what_was_granted_is_there_after_a_kill(one_host: OneHost) -> None:
    profile = load_profile(one_host.profile("client"))
    with profile.client(one_host.trust("single")) as client:
        with client.lease(6000010, 1, seats=9):
            one_host.end(signal.SIGKILL)
            one_host.start()
            with pytest.raises(Refused) as full, client.lease(6000010, 1, seats=2):
                pass
            assert full.value.reason == "no-seat-free"
        with client.lease(6000010, 1, seats=10):
            pass


def test_operators_see_a_server_that_stands_alone(one_host: OneHost) -> None:
    with load_profile(one_host.profile("operator")).client() as client:
        status = client.status()
    assert (status.verdict, status.reason) == ("serving", "this server stands alone")
    assert [row.name for row in status.tmr_hosts] == ["licences"]
    assert [row.name for row in status.upstreams] == ["store"]
    codes = {finding.code for finding in status.findings} - {"report-old"}
    assert codes <= {"clock-unsynchronised"}, status.findings


def test_it_ends_in_order(one_host: OneHost) -> None:
    assert one_host.end() == 0
    assert "Traceback" not in one_host.log
