"""Who was away and returns: an upstream, while others let go of what it lacks (D1); a program that
was killed, or slept for longer than its lease lives.

Its containers are three dongles where SoftHSM2 is installed, so all of it holds for these, too.
"""

from __future__ import annotations

import functools
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.lab.story.stage import Firm
from appliance.services.central.options import Product
from tests.lab.dongles import DongleWorld
from tests.lab.operators import seen, serves_without, wait_for_answers_without
from tests.lab.world import LONG_TTL_S, World
from tests.unit.adapters.tools import MODULE, needs_token

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

EVERY = 60
KEEP = 10
SETTINGS = {"snapshot_every": EVERY, "snapshot_keep": KEEP}
KIOSK = Firm(6_000_030, "Example Kiosks", 3, "Kiosk")
BOOTH = Firm(6_000_040, "Example Booths", 4, "Booth")
KIOSK_LICENCE = KIOSK, Product(product_code=3, quantity=1, lease_ttl_s=LONG_TTL_S)
BOOTH_LICENCE = BOOTH, Product(product_code=4, quantity=1, lease_ttl_s=2)
SEGMENT = re.compile(r"segment-(\d+)-(\d+)\.tmr")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("absence") / "lab"
    kind = World if MODULE is None else DongleWorld
    with kind(directory, SETTINGS, more=(KIOSK_LICENCE, BOOTH_LICENCE)) as made:
        yield made


def gone(world: World, name: str) -> int:
    """Up to which entry this upstream's log is in its archive."""
    found = (world.files.host(name) / "archive").glob("segment-*")
    matches = [match for path in found if (match := SEGMENT.fullmatch(path.name))]
    return max((int(match[2]) for match in matches), default=0)


def let_go(world: World, name: str, index: int) -> bool:
    """Whether this entry is gone from its log."""
    return gone(world, name) > index


def in_step(world: World, name: str) -> bool:
    """Whether the serving host sees this upstream at the log's end."""
    row = seen(world, name)
    return row is not None and row.reachable and row.phase == "following" and row.lag <= 2


@needs_token
def test_three_dongles_make_one_virtual_container(world: World) -> None:
    status = world.stage.statuses()[world.wait_until_whole()]
    serials = sorted(up.serial.split("-")[0] for up in status.upstreams)
    assert (status.virtual_serial[:4], serials) == ("131-", ["1", "2", "3"])
    keys = [*world.files.directory.glob("up?/container/*.pem")]
    assert not [path for path in keys if b"PRIVATE" in path.read_bytes()]
    assert world.licence(KIOSK.code).available


def test_it_catches_up_by_a_snapshot_while_the_others_serve(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    world.wait_until_whole()
    with world.under_load() as load:
        world.lab.power_cut("up3")
        world.wait_for("service without up3", lambda: serves_without(world, "up3"))
        row = seen(world, "up3")
        assert row is not None
        lacks_from = row.last_index
        for name in ("up1", "up2"):
            world.wait_for(
                f"{name} to let go of what up3 lacks",
                functools.partial(let_go, world, name, lacks_from + EVERY),
            )
        # A window of newest entries is in the serving host's memory: a new one begins without.
        active = world.stage.active()
        world.lab.power_cut(active)
        world.wait_for("the twin to serve", lambda: world.stage.active() == world.twin(active))
        world.lab.boot(active)
        passive = active
        world.wait_for(
            f"{passive} to begin with a snapshot",
            lambda: "restored index=" in world.log(passive, "tmr"),
        )
        world.lab.power_cut(world.twin(passive))
        world.wait_for(f"{passive} to serve", lambda: world.stage.active() == passive)
        world.lab.boot(world.twin(passive))
        world.lab.boot("up3")
        world.wait_for("up3 to catch up", lambda: in_step(world, "up3"))
        answered = load.prober.answered + 50
        world.wait_for("answers", lambda: load.prober.answered >= answered)
    assert "snapshot taken over: index=" in world.log("up3", "upstream")
    seen_by_clients = load.interruption
    record_property("interruption_s", round(seen_by_clients.longest_s, 3))
    print(f"interruption {seen_by_clients.longest_s:.3f} s, asked {seen_by_clients.asked}")
    assert seen_by_clients.failed == 0


@pytest.mark.parametrize("name", ["up1", "up2"])
def test_what_came_as_a_snapshot_carries_the_system(world: World, name: str) -> None:
    world.wait_until_whole()
    with world.under_load() as load:
        world.lab.power_cut(name)
        wait_for_answers_without(world, load, name)
    assert load.interruption.failed == 0


# --- programs ---

TELLS_ITS_LEASE = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(os.environ["TMR_LEASE_ID"])
time.sleep(600)
"""
HOLDS_A_BOOTH = """
import pathlib, sys
from appliance.client import load_profile
from appliance.client.tools import tool_trust
profile = load_profile(pathlib.Path(sys.argv[1]))
def say(status):
    print(status.state.value, status.reason, flush=True)
with profile.client(tool_trust(profile)) as client:
    with client.lease(6_000_040, 4, regain=True, on_change=say):
        sys.stdin.read()
"""


class Program:
    """A process of a client's machine, and what it said."""

    def __init__(self, world: World, said: Path, *argv: str) -> None:
        self._said = said
        with said.open("wb") as out:
            self.process = subprocess.Popen(
                world.lab.command("clients", argv),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def lines(self) -> list[str]:
        """What it said so far."""
        return self._said.read_text("utf-8").splitlines()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.communicate()


def in_use(world: World, firm: Firm) -> int:
    """How many seats of this firm's licence are taken."""
    return world.licence(firm.code).in_use


def test_a_program_that_was_killed_has_its_own_last_seat_back(world: World, tmp_path: Path) -> None:
    """Its lease lives for an hour, so no lapse has freed the seat."""
    world.wait_until_whole()
    profile = str(world.files.profile("client-01"))
    run = [sys.executable, "-m", "appliance.cli.main", "run", "--profile", profile]
    run += ["--product", f"{KIOSK.code}:{KIOSK.product}"]
    resume = ["--resume", str(tmp_path / "kiosk.lease")]
    leases = [tmp_path / "first", tmp_path / "again"]

    def started(told: Path) -> Program:
        command = [sys.executable, "-c", TELLS_ITS_LEASE, str(told)]
        program = Program(world, tmp_path / f"{told.name}.log", *run, *resume, "--", *command)
        world.wait_for("the command to run", lambda: told.exists() and told.read_text())
        return program

    with started(leases[0]) as first:
        stranger = [*run, "--", "true"]
        refused = subprocess.run(
            world.lab.command("clients", stranger), capture_output=True, text=True, check=False
        )
        assert (refused.returncode, "no-seat-free" in refused.stderr) == (123, True)
        first.process.kill()
        first.process.wait()
        with started(leases[1]) as again:
            assert "is held on" in again.lines()[0]
            assert in_use(world, KIOSK) == 1
            again.process.terminate()
            again.process.wait()
    assert leases[0].read_text() == leases[1].read_text()
    assert in_use(world, KIOSK) == 0
    assert not (tmp_path / "kiosk.lease").exists()


def test_a_program_that_slept_takes_no_second_seat(world: World, tmp_path: Path) -> None:
    world.wait_until_whole()

    def booth(number: int) -> Program:
        profile = str(world.files.profile(f"client-{number:02}"))
        argv = [sys.executable, "-c", HOLDS_A_BOOTH, profile]
        return Program(world, tmp_path / f"booth-{number}.log", *argv)

    def sleeps(program: Program) -> None:
        program.process.send_signal(signal.SIGSTOP)
        world.wait_for("its lease to lapse", lambda: in_use(world, BOOTH) == 0)

    with booth(1) as first:
        world.wait_for("its seat", lambda: "held " in first.lines())
        sleeps(first)
        first.process.send_signal(signal.SIGCONT)
        world.wait_for("a seat that was free", lambda: "held taken-anew" in first.lines())
        assert in_use(world, BOOTH) == 1
        sleeps(first)
        with booth(2) as second:
            world.wait_for("another's seat", lambda: second.lines()[:1] == ["held "])
            first.process.send_signal(signal.SIGCONT)
            world.wait_for("the loss", lambda: first.lines()[-1] == "lost no-seat-free")
            assert in_use(world, BOOTH) == 1
            assert second.lines() == ["held "]
