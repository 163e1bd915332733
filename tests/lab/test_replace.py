"""A disk is lost: a new store takes its place while clients work, and really votes (design D7).

One lab for all, and the tests follow one another: the first replaces up2's store, the later ones
ask what that store, the old one, and a lone upstream can do.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.codec.api import UpstreamStatus
from appliance.errors import ExitCode
from appliance.lab.hosts import UPSTREAM_ADMIN_PORT, host_named
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

VERB_S = 240
STORE = "ledger.sqlite*"
OPERATORS = "vendors"  # In this lab operators sit with the vendors.


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("replace") / "lab") as made:
        yield made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where up2's lost store lies, as if its disk turned up again."""
    return tmp_path_factory.mktemp("lost")


def tmr(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as the administrator, where operators sit."""
    argv = [sys.executable, "-m", "appliance.cli.main", *arguments]
    return subprocess.run(
        world.lab.command(OPERATORS, argv),
        capture_output=True,
        text=True,
        timeout=VERB_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def replace(
    world: World, place: str, store: str, *remaining: str
) -> subprocess.CompletedProcess[str]:
    """`tmr replace-upstream`, asking these remaining upstreams."""
    admins = [
        word
        for name in remaining
        for word in (
            "--admin",
            f"https://{world.files.address(host_named(name).octet)}:{UPSTREAM_ADMIN_PORT}",
        )
    ]
    profile = ("--profile", str(world.files.profile("administer")))
    why = ("--why", "its disk is lost")
    return tmr(world, "replace-upstream", place, "--with", store, *admins, *why, *profile)


def new_store(world: World, host: str) -> str:
    """Make an upstream's store; gives its id."""
    config = str(world.files.host(host) / "upstream.toml")
    done = tmr(world, "upstream", "init", "--config", config, "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    store_id: str = json.loads(done.stdout)["store_id"]
    return store_id


def move_store(source: Path, target: Path) -> None:
    """Take the store's files away, or put them back."""
    found = list(source.glob(STORE))
    assert found
    for path in found:
        shutil.move(path, target / path.name)


def seen(world: World, name: str) -> UpstreamStatus | None:
    """An upstream as the serving host sees it; None while none serves."""
    serving = [status for status in world.stage.statuses().values() if status.phase == "serving"]
    rows = [row for status in serving for row in status.upstreams if row.name == name]
    return rows[0] if rows else None


def votes(world: World, name: str) -> bool | None:
    """Whether the store that answers there votes; None if that is not known."""
    row = seen(world, name)
    return row.votes if row is not None and row.reachable else None


def serves_without(world: World, name: str) -> bool:
    """Whether a host serves that misses just this upstream."""
    found = [s for s in world.stage.statuses().values() if s.phase == "serving"]
    return len(found) == 1 and found[0].missing == (name,)


def test_a_lost_disk_is_replaced_while_clients_work(world: World, kept: Path) -> None:
    world.wait_until_whole()
    before = seen(world, "up2")
    assert before is not None and before.votes
    with world.under_load() as load:
        world.lab.power_cut("up2")
        move_store(world.files.host("up2"), kept)
        world.lab.boot("up2")
        world.wait_for(
            "up2 to say that there is no store",
            lambda: "There is no store" in world.log("up2", "upstream"),
        )
        store = new_store(world, "up2")
        world.lab.start("up2", "upstream")
        world.wait_for("a new store that does not vote", lambda: votes(world, "up2") is False)
        done = replace(world, "up2", store, "up1", "up3")
        assert done.returncode == ExitCode.OK, done.stderr
        print(done.stdout)
        world.wait_for("its vote", lambda: votes(world, "up2"))
    after = seen(world, "up2")
    assert after is not None and after.store == store != before.store
    assert load.interruption.failed == 0
    assert load.acknowledged > 0
    # Whoever lost the answer asks again: it is done.
    again = replace(world, "up2", store, "up1", "up3")
    assert again.returncode == ExitCode.OK, again.stderr


@pytest.mark.parametrize("name", ["up1", "up3"])
def test_the_new_store_carries_the_system_with_one_of_the_others(world: World, name: str) -> None:
    world.wait_until_whole()
    with world.under_load() as load:
        world.lab.power_cut(name)
        world.wait_for(f"service without {name}", lambda: serves_without(world, name))
        answered = load.prober.answered + 50
        world.wait_for(f"answers without {name}", lambda: load.prober.answered >= answered)
        assert serves_without(world, name)
    assert load.interruption.failed == 0


def test_the_old_store_does_not_vote_any_more(world: World, kept: Path, tmp_path: Path) -> None:
    world.wait_until_whole()
    own = world.files.host("up2")
    with world.under_load() as load:
        world.lab.power_cut("up2")
        move_store(own, tmp_path)
        for path in kept.glob(STORE):
            shutil.copy(path, own / path.name)
        world.lab.boot("up2")
        world.wait_for("the old store without a vote", lambda: votes(world, "up2") is False)
        answered = load.prober.answered + 50
        world.wait_for("answers meanwhile", lambda: load.prober.answered >= answered)
        # It cannot stand in for anybody: with up3 alone nothing is decided.
        world.lab.power_cut("up1")
        world.wait_for(
            "nobody to serve",
            lambda: all(s.phase != "serving" for s in world.stage.statuses().values()),
        )
        world.lab.power_cut("up2")
        for path in own.glob(STORE):
            path.unlink()
        move_store(tmp_path, own)
        world.lab.boot("up2")
        world.wait_for("service by the new one", lambda: serves_without(world, "up1"))
        assert votes(world, "up2")


def test_with_one_upstream_left_nothing_is_replaced(world: World) -> None:
    world.wait_until_whole()
    with world.under_load():
        world.lab.power_cut("up1")
        world.lab.power_cut("up2")
        world.wait_for(
            "nobody to serve",
            lambda: all(s.phase != "serving" for s in world.stage.statuses().values()),
        )
        alone = replace(world, "up1", "ab" * 32, "up3")
        print(alone.stderr)
        assert alone.returncode == ExitCode.NO_LICENCE
        assert "up1" in alone.stderr and "up2" in alone.stderr
        dead = replace(world, "up1", "ab" * 32, "up2", "up3")
        assert dead.returncode == ExitCode.UNREACHABLE
        assert "does not answer" in dead.stderr
    assert all(votes(world, name) for name in ("up1", "up2", "up3"))
