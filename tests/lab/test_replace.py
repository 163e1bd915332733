"""A disk is lost: a new store takes its place while clients work, and really votes (design D7).

One lab for all, and the tests follow one another: the first replaces up2's store, the later ones
ask what that store, the old one, and a lone upstream can do. The last ones lose up2's container as
well, and its twin is issued anew.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.client import ClientError, OutcomeUnknown, load_profile
from appliance.client.tools import tool_trust
from appliance.errors import ExitCode
from appliance.lab.build import client_name
from appliance.lab.hosts import VENDORS
from appliance.lab.story.stage import PRESSES, ROBOTS
from tests.lab.operators import (
    admins,
    seen,
    serves_without,
    tmr,
    wait_for_answers_without,
)
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

STORE = "ledger.sqlite*"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("replace") / "lab") as made:
        # Two constituents are enough for the clients to begin; here one of them is to be lost.
        made.wait_for("all constituents of both licences", lambda: constituents_all_ok(made))
        yield made


def constituents_all_ok(world: World) -> bool:
    """Whether no licence lacks one of its three constituents."""
    found = world.stage.licences()
    return all(part.state == "ok" for licence in found for part in licence.constituents)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where up2's lost store lies, as if its disk turned up again."""
    return tmp_path_factory.mktemp("lost")


def replace(
    world: World, place: str, store: str, *remaining: str
) -> subprocess.CompletedProcess[str]:
    """`tmr replace-upstream`, asking these remaining upstreams."""
    profile = ("--profile", str(world.files.profile("administer")))
    why = ("--why", "its disk is lost")
    return tmr(
        world,
        "replace-upstream",
        place,
        "--with",
        store,
        *admins(world, *remaining),
        *why,
        *profile,
    )


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


def votes(world: World, name: str) -> bool | None:
    """Whether the store that answers there votes; None if that is not known."""
    row = seen(world, name)
    return row.votes if row is not None and row.reachable else None


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
        wait_for_answers_without(world, load, name)
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
    with world.under_load():
        # It waits for a host without power, as long as leases outlive silence: so two others serve.
        world.lab.power_cut("up2")
        dead = replace(world, "up1", "ab" * 32, "up2", "up3")
        assert dead.returncode == ExitCode.UNREACHABLE
        assert "does not answer" in dead.stderr
    assert all(votes(world, name) for name in ("up1", "up2", "up3"))


# --- the container was lost with the disk ---


def serial_at(world: World, name: str) -> str:
    """The serial of the container at an upstream."""
    home = world.files.host(name) / "container" / "container.json"
    serial: str = json.loads(home.read_text())["serial"]
    return serial


def constituents(world: World) -> list[tuple[str, str]]:
    """Serial and state of each constituent of both licences; empty while nobody can say."""
    with contextlib.suppress(ClientError):
        return [
            (part.serial, part.state) for one in world.stage.licences() for part in one.constituents
        ]
    return []


def a_seat(world: World, deadline_s: float | None = None) -> int:
    """A new check-out and its check-in: how many twins vouched for it. Raises ClientError."""

    async def take() -> int:
        profile = load_profile(world.files.profile(client_name(12)))
        async with profile.async_client(tool_trust(profile)) as client:
            lease = client.lease(ROBOTS.code, ROBOTS.product, deadline_s=deadline_s)
            receipt = (await lease.check_out()).receipt
            await lease.check_in()
            return len(receipt.endorsements) if receipt else 0

    taken: int = world.stage.clients.call(take())
    return taken


def vouches(world: World) -> bool:
    """Whether a check-out gets two twins' word."""
    with contextlib.suppress(ClientError):
        return a_seat(world) >= 2
    return False


@pytest.fixture(scope="module")
def lost(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """up2's container is lost with its disk, and a new store votes there; gives the old one."""
    world.wait_until_whole()
    thief = tmp_path_factory.mktemp("thief")
    with world.under_load() as load:
        world.lab.power_cut("up2")
        move_store(world.files.host("up2"), thief)
        home = world.files.host("up2") / "container"
        shutil.move(home, thief / "container")
        made = tmr(world, "container", "init", "--home", str(home), "--host", "up2")
        assert made.returncode == ExitCode.OK, made.stderr
        store = new_store(world, "up2")
        world.lab.boot("up2")
        world.wait_for("a new store that does not vote", lambda: votes(world, "up2") is False)
        done = replace(world, "up2", store, "up1", "up3")
        assert done.returncode == ExitCode.OK, done.stderr
        world.wait_for("its vote", lambda: votes(world, "up2"))
    assert load.interruption.failed == 0
    return thief / "container"


def test_the_twin_follows_when_the_vendor_has_issued_it_anew(
    world: World, lost: Path, tmp_path: Path
) -> None:
    stage = world.stage
    old = json.loads((lost / "container.json").read_text())["serial"]
    new = serial_at(world, "up2")
    assert new != old
    vendor = ("central", "--dir", str(world.files.central))
    order, requests = ("--order", "a lost disk"), {}
    for firm in (PRESSES, ROBOTS):
        requests[firm.code] = str(tmp_path / f"up2-{firm.code}.request")
        asked = ("--firm", str(firm.code), *order, "--out", requests[firm.code])
        stage.tmr("up2", *stage.container("up2", "request", *asked))
    anew = ("reissue", "--for", old, *order, "--out", str(tmp_path / "out"))
    first = (*anew, "--firm", str(PRESSES.code), requests[PRESSES.code])
    assert "is not blocked" in stage.refused(VENDORS.name, *vendor, *first)
    stage.tmr(VENDORS.name, *vendor, "register", old, "--owner", "plant")
    why = ("--owner", "plant", "--reason", "its disk is lost")
    stage.tmr(VENDORS.name, *vendor, "block", old, *why)
    files = []
    for firm in (PRESSES, ROBOTS):
        words = (*anew, "--firm", str(firm.code), requests[firm.code])
        (update,) = stage.tmr(VENDORS.name, *vendor, *words)["updates"]
        assert update["serial"] == new
        files.append(update["file"])
    crl = str(tmp_path / "block-list.crl")
    stage.tmr(VENDORS.name, *vendor, "crl", "--out", crl)
    with world.under_load() as load:
        # The files come first, and wait for the list that makes room for them.
        for file in files:
            stage.tmr("up2", *stage.container("up2", "import", file))
        world.wait_for(
            "the ledger to refuse a twin whose place is taken",
            lambda: any(serial == old for serial, _ in constituents(world)),
        )
        assert all(serial != new for serial, _ in constituents(world))
        stage.tmr("up1", *stage.container("up1", "block-list", crl))
        three = {serial_at(world, name) for name in ("up1", "up2", "up3")}
        world.wait_for(
            "three constituents of both licences, one of them new",
            lambda: (
                len(found := constituents(world)) == 6
                and {serial for serial, _ in found} == three
                and all(state == "ok" for _, state in found)
            ),
        )
    assert load.interruption.failed == 0


@pytest.mark.parametrize("name", ["up1", "up3"])
def test_the_new_twin_endorses_with_one_of_the_others(world: World, lost: Path, name: str) -> None:
    world.wait_until_whole()
    with world.under_load() as load:
        world.lab.power_cut(name)
        world.wait_for(f"service without {name}", lambda: serves_without(world, name))
        world.wait_for("a new seat, vouched for by two", lambda: vouches(world))
        wait_for_answers_without(world, load, name)
    assert load.interruption.failed == 0


def test_the_lost_container_is_none_of_this_ledgers_any_more(world: World, lost: Path) -> None:
    """Its disk turns up again, and is put back beside a store that votes."""
    world.wait_until_whole()
    home = world.files.host("up2") / "container"
    new, old = serial_at(world, "up2"), json.loads((lost / "container.json").read_text())["serial"]
    with world.under_load():
        world.lab.power_cut("up2")
        shutil.move(home, lost.parent / "new")
        shutil.copytree(lost, home)
        world.lab.boot("up2")
        world.wait_for("up2 with the lost container", lambda: votes(world, "up2"))
        assert not any(serial == old for serial, _ in constituents(world))
        # up1 and it: two stores, but one voice.
        world.lab.power_cut("up3")
        world.wait_for("service by two stores", lambda: serves_without(world, "up3"))
        before = len(world.leases())
        with pytest.raises(OutcomeUnknown):
            a_seat(world, deadline_s=4.0)
        assert len(world.leases()) == before + 1, "both stored the grant, and nobody vouches for it"
        assert any(serial == new for serial, _ in constituents(world))
        world.lab.power_cut("up2")
        shutil.rmtree(home)
        shutil.move(lost.parent / "new", home)
        world.lab.boot("up2")
        world.wait_for("a new seat, vouched for by two", lambda: vouches(world))
