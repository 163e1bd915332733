"""Through a real OpenSSH server, and through a second one as the jump host."""

from __future__ import annotations

import asyncio
import getpass
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.client import ClientError
from monitor_gui.feed.source import Source
from monitor_gui.feed.ssh import SshRefused, open_through_ssh
from monitor_gui.feed.thread import Ask, Open
from monitor_gui.model.connections import System
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Question
from tests.unit.client.fake import Certificates, make_certificates
from tests.unit.monitor.documents import status
from tests.unit.monitor.following import Followed, following
from tests.unit.monitor.sshd import HOST, Sshd, keygen, needs_sshd, running
from tests.unit.monitor.test_direct import answering, hosts

pytestmark = needs_sshd


class Site:
    """A gate and a jump host that let the same key in, and a file of known hosts."""

    def __init__(self, directory: Path) -> None:
        self.key = keygen(directory / "id_ed25519")
        self.gate = Sshd(directory, "gate", self.key)
        self.jump = Sshd(directory, "jump", self.key)
        self.known = directory / "known_hosts"

    def trust(self, *servers: Sshd) -> None:
        """Their keys are on file."""
        self.known.write_text("".join(server.known() for server in servers))

    def system(self, profile: str, jump: bool = False, key: str | None = None) -> System:
        """The way through the gate."""
        me = getpass.getuser()
        return System(
            name="plant",
            profile=profile,
            ssh=f"{me}@{HOST}:{self.gate.port}",
            ssh_jump=f"{me}@{HOST}:{self.jump.port}" if jump else "",
            ssh_key=str(self.key) if key is None else key,
        )

    def opener(self) -> Open:
        """As the program opens it, with this file of known hosts."""

        async def open_it(system: System | None, ask: Ask) -> Source:
            assert system is not None
            return await open_through_ssh(system, ask, self.known)

        return open_it


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA for these tests."""
    return make_certificates(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Two servers, ended at the end."""
    made = Site(tmp_path)
    with running(made.gate, made.jump):
        yield made


@pytest.fixture
def profile(certificates: Certificates, tmp_path: Path) -> Iterator[str]:
    """A TMR host that answers, and a profile that names it."""
    with hosts(certificates, tmp_path, answering(status())) as (direct, _):
        yield direct.profile


def serves(store: Store) -> bool:
    """Whether the system behind the tunnel is heard."""
    return store.active(time.monotonic()) == "tmr1"


def heard_after(followed: Followed, at_s: float) -> None:
    """Wait for an answer that came later than that."""

    def newer(store: Store) -> bool:
        best = store.best(time.monotonic())
        return best is not None and (best.heard_at_s or 0.0) > at_s

    followed.until(newer, "answers come again")


def test_first_contact_then_a_killed_server_and_back_by_itself(site: Site, profile: str) -> None:
    with following(site.opener(), site.system(profile)) as followed:
        followed.until(lambda s: bool(followed.of_unlocked(Question)), "the key is shown")
        (question,) = followed.of(Question)
        shown = subprocess.run(
            ["ssh-keygen", "-l", "-f", f"{site.gate.host_key}.pub"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()[1]
        assert question.detail == f"ssh-ed25519 {shown}", "as OpenSSH itself writes it"
        followed.feed.answer(question.number, True)
        followed.until(serves, "it is followed")
        site.gate.kill()
        died_s = time.monotonic()
        followed.until(
            lambda s: (
                "no SSH connection" in s.trouble or any(e.trouble for e in s.endpoints.values())
            ),
            "the loss is said",
        )
        site.gate.start()
        heard_after(followed, died_s + 0.5)
    assert site.known.read_text() == site.gate.known(), "what was trusted is written down once"
    assert len(followed.of(Question)) == 1, "and not asked about again"


def test_through_a_jump_host_each_key_is_shown(site: Site, profile: str) -> None:
    with following(site.opener(), site.system(profile, jump=True)) as followed:
        for number in (1, 2):
            followed.until(
                lambda s, number=number: len(followed.of_unlocked(Question)) == number,  # type: ignore[misc]
                "the next key is shown",
            )
            followed.feed.answer(followed.of(Question)[-1].number, True)
        followed.until(serves, "it is followed")
        assert followed.store.opened is not None
        assert str(site.jump.port) in followed.store.opened.route
    asked = [question.subject for question in followed.of(Question)]
    assert asked == [f"{HOST}:{site.jump.port}", f"{HOST}:{site.gate.port}"]
    assert "direct-tcpip" in site.jump.said(), "the gate was reached through the jump host"


def test_a_jump_host_that_dies_is_come_back_from(site: Site, profile: str) -> None:
    site.trust(site.gate, site.jump)
    with following(site.opener(), site.system(profile, jump=True)) as followed:
        followed.until(serves, "it is followed")
        site.jump.kill()
        died_s = time.monotonic()
        site.jump.start()
        heard_after(followed, died_s + 0.5)
    assert not followed.of(Question)


@pytest.mark.parametrize("changed", ["gate", "jump"])
def test_a_host_key_that_changed_is_refused_until_somebody_acts(
    site: Site, profile: str, changed: str
) -> None:
    site.trust(site.gate, site.jump)
    server: Sshd = getattr(site, changed)
    with following(site.opener(), site.system(profile, jump=True)) as followed:
        followed.until(serves, "it is followed")
        server.change_key()
        followed.until(lambda s: "has CHANGED" in s.trouble, "it is said")
        assert not followed.of(Question), "and not asked about"
        site.trust(site.gate, site.jump)  # The administrator has said that it was meant.
        since_s = time.monotonic()
        heard_after(followed, since_s)


def test_a_key_that_is_not_let_in_is_told(site: Site, profile: str, tmp_path: Path) -> None:
    site.trust(site.gate)
    other = keygen(tmp_path / "other")
    with following(site.opener(), site.system(profile, key=str(other))) as followed:
        followed.until(lambda s: "does not let" in s.trouble, "it is said")
        assert HOST in followed.store.trouble


def test_a_server_that_forwards_nothing_is_told(
    certificates: Certificates, profile: str, tmp_path: Path
) -> None:
    key = keygen(tmp_path / "id")
    gate = Sshd(tmp_path, "strict", key, forward=False)
    with running(gate):
        known = tmp_path / "known"
        known.write_text(gate.known())

        async def open_it(system: System | None, ask: Ask) -> Source:
            assert system is not None
            return await open_through_ssh(system, ask, known)

        system = System(
            name="p",
            profile=profile,
            ssh=f"{getpass.getuser()}@{HOST}:{gate.port}",
            ssh_key=str(key),
        )
        with following(open_it, system) as followed:
            followed.until(
                lambda s: any(e.trouble for e in s.endpoints.values()), "nothing gets through"
            )
            assert not serves(followed.store)


def test_the_agent_opens_what_has_a_passphrase(
    site: Site, profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.trust(site.gate)
    said = subprocess.run(
        ["ssh-agent", "-s", "-a", str(tmp_path / "agent")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    pid = said.partition("SSH_AGENT_PID=")[2].partition(";")[0]
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    monkeypatch.setenv("HOME", str(tmp_path))  # none of this person's own keys
    try:
        subprocess.run(["ssh-add", "-q", str(site.key)], check=True)
        with following(site.opener(), site.system(profile, key="")) as followed:
            followed.until(serves, "the agent's key opens it")
    finally:
        os.kill(int(pid), 15)


def test_no_thread_and_no_connection_stays_after_a_refusal(site: Site, profile: str) -> None:
    """tests/conftest.py fails for a thread that is left behind."""

    async def yes(kind: str, subject: str, detail: str) -> bool:
        return subject.endswith(str(site.jump.port))  # the jump host only

    with pytest.raises(SshRefused, match="not trusted"):
        asyncio.run(open_through_ssh(site.system(profile, jump=True), yes, site.known))
    site.jump.kill()
    with pytest.raises(ClientError, match="no SSH connection"):
        asyncio.run(open_through_ssh(site.system(profile, jump=True), yes, site.known))
