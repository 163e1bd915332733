"""A container is lost in a running lab, and licences travel over the network: with real processes.

The lab's vendors serve License Central over HTTPS in their own network; blocks reach the hosts as a
signed list, by hand at one upstream, and through the ledger at all others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.adapters.clock import wall_ms
from appliance.adapters.container_home import BoxTimes, ContainerHome
from appliance.client import ClientError, load_profile
from appliance.client.tools import tool_trust
from appliance.codec.api import LicenceDocument
from appliance.lab.build import client_name
from appliance.lab.hosts import UPSTREAMS, VENDORS
from appliance.lab.story.stage import PRESSES, ROBOTS
from appliance.services.central import LicenseCentral
from appliance.services.central.giving_back import Returns
from appliance.services.central.tickets import OPEN, USED_UP
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

OWNER, REASON = "Plant A", "Stolen from the van"
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("blocking") / "lab") as made:
        yield made


def serials(world: World) -> dict[str, str]:
    return {
        up.name: world.stage.tmr(up.name, *world.stage.container(up.name, "show"))["serial"]
        for up in UPSTREAMS
    }


def locks(world: World) -> list[str]:
    """What the active host says of each upstream's container."""
    status = world.stage.statuses()[world.stage.active()]
    return [upstream.locked for upstream in status.upstreams]


def block_list(world: World, directory: Path) -> str:
    """A new list of the vendors, made with their command."""
    path = directory / "block-list.crl"
    central = ("central", "--dir", str(world.files.central), "crl", "--out", str(path))
    world.stage.tmr(VENDORS.name, *central)
    return str(path)


def a_seat(world: World) -> int:
    """A new check-out and its check-in: how many twins vouched for it."""

    async def take() -> int:
        profile = load_profile(world.files.profile(client_name(12)))
        async with profile.async_client(tool_trust(profile)) as client:
            lease = client.lease(ROBOTS.code, ROBOTS.product)
            receipt = (await lease.check_out()).receipt
            await lease.check_in()
            return len(receipt.endorsements) if receipt else 0

    taken: int = world.stage.clients.call(take())
    return taken


def available(world: World) -> bool | None:
    """Whether the robots' licence is, None if nobody can say at present."""
    with contextlib.suppress(ClientError):
        return world.licence(ROBOTS.code).available
    return None


def constituents(licence: LicenceDocument) -> list[str]:
    return [part.state for part in licence.constituents]


def test_a_lost_container_is_blocked_two_live_on_and_unblocking_brings_it_back(
    world: World, tmp_path: Path
) -> None:
    stage = world.stage
    lost = serials(world)["up1"]
    vendor = ("central", "--dir", str(world.files.central))
    said = stage.refused(VENDORS.name, *vendor, "block", lost, "--reason", "I want it")
    assert "is not registered" in said, "a stranger blocks nobody"
    stage.tmr(VENDORS.name, *vendor, "register", lost, "--owner", OWNER)
    stage.tmr(VENDORS.name, *vendor, "block", lost, "--owner", OWNER, "--reason", REASON)
    old = block_list(world, tmp_path)
    with world.under_load() as load:
        stage.tmr("up2", *stage.container("up2", "block-list", old))
        world.wait_for("the block is known", lambda: locks(world) == [REASON, "", ""])
        assert a_seat(world) == 2
    assert load.interruption.failed == 0, "who held a lease noticed nothing"
    show = stage.container("up1", "show")
    world.wait_for("it locked itself", lambda: stage.tmr("up1", *show).get("locked") == REASON)
    assert constituents(world.licence(ROBOTS.code)) == ["locked", "ok", "ok"]
    status = stage.statuses()[stage.active()]
    assert status.verdict == "degraded" and "up1" in status.reason

    # With one of the two gone there is one vote left, and that is not enough.
    world.lab.power_cut("up3")
    world.wait_for("it is unavailable", lambda: available(world) is False)
    # Through every restart the lock stays; all that were powered off know it again.
    world.lab.boot("up3")
    world.lab.power_cut("up1")
    world.lab.boot("up1")
    world.wait_until_whole()
    assert stage.tmr("up1", *stage.container("up1", "show"))["locked"] == REASON
    assert a_seat(world) == 2

    stage.tmr(VENDORS.name, *vendor, "unblock", lost, "--reason", "Found in the other van")
    new = tmp_path / "new"
    new.mkdir()
    stage.tmr("up3", *stage.container("up3", "block-list", block_list(world, new)))
    world.wait_for("it is unlocked", lambda: locks(world) == ["", "", ""])
    world.wait_for("the container knows", lambda: "locked" not in stage.tmr("up1", *show))
    assert "older than list" in stage.refused("up1", *stage.container("up1", "block-list", old))
    # Now up1 counts again: with up2 away it is one of the two.
    world.lab.power_cut("up2")
    world.wait_for("the licence is there", lambda: available(world))
    assert a_seat(world) == 2
    world.lab.boot("up2")
    world.wait_until_whole()


def certify(world: World, host: str, age_days: float) -> None:
    """Let a container's certified time be so old, as if it had been asked then."""
    world.lab.stop(host, "upstream")
    root = world.files.root_certificate().read_bytes()
    home = ContainerHome.open(world.files.host(host) / "container", root)
    now_ms = wall_ms()
    home.save_times(BoxTimes(box_ms=now_ms, certified_ms=now_ms - int(age_days * DAY_MS)))
    world.lab.start(host, "upstream")
    world.wait_until_whole()


def test_a_licence_is_activated_and_given_back(world: World, tmp_path: Path) -> None:
    """By hand, while one of three hosts is away: that one catches up by itself. Then the same
    ticket over the network, which gets nothing twice; and back."""
    stage = world.stage
    for process in world.lab.processes(VENDORS.name):
        if process.name != "central":  # No time server can be asked in this story.
            world.lab.stop(VENDORS.name, process.name)
    central = LicenseCentral(world.files.central)
    vendor = ("central", "--dir", str(world.files.central))
    sold = ("ticket", "add", "--firm", str(PRESSES.code), "--product", "1", "--units", "none")
    ticket = stage.tmr(VENDORS.name, *vendor, *sold, "--text", "By ticket")["ticket"]
    certify(world, "up1", 8)
    operator = ("--profile", str(world.files.profile("operate")))
    said = stage.refused(stage.active(), "activate", *operator, typed=ticket)
    assert "8 days old" in said and "by hand" in said
    assert central.firm(PRESSES.code).tickets()[0].uses == (), "nothing was sent"
    for up in UPSTREAMS:
        certify(world, up.name, 6)

    def by_ticket(least: int = 3) -> list[LicenceDocument]:
        with contextlib.suppress(ClientError):
            return [
                one
                for one in stage.licences()
                if one.text == "By ticket" and constituents(one).count("ok") >= least
            ]
        return []

    asked, answer, receipt = (str(tmp_path / name) for name in ("asked", "answer", "receipt"))
    shown = ("--firm", str(PRESSES.code), "--ticket", "--out", asked)
    stage.tmr(stage.active(), "request", *shown, *operator, typed=ticket)
    world.lab.power_cut("up3")
    stage.tmr(VENDORS.name, *vendor, "answer", asked, "--out", answer)
    done = stage.tmr(stage.active(), "import", answer, "--receipt", receipt, *operator)
    assert [part["imported"] for part in done["parts"]].count(True) == 2
    assert stage.tmr(VENDORS.name, *vendor, "receipt", receipt)["confirmed"]
    world.stage.wait_for("two of three are enough", lambda: by_ticket(2), 45.0)
    world.lab.boot("up3")
    (licence,) = world.stage.wait_for("the third catches up", by_ticket, 45.0)
    world.wait_until_whole()
    done = stage.tmr(stage.active(), "activate", *operator, typed=ticket)
    assert done["parts"] == [], "nothing twice"
    name = f"{PRESSES.code}:1#{licence.tmr_id}"
    done = stage.tmr("up2", *stage.container("up2", "return", name))
    assert done["orders_missing"] == 1 and "taken" not in done
    done = stage.tmr("up1", *stage.container("up1", "return", name))
    assert "orders_missing" not in done and "taken" not in done
    Returns(central.firm(PRESSES.code)).carry_out(done["due_at_s"])  # A day later.
    done = stage.tmr("up2", *stage.container("up2", "return", name))
    assert (done["waiting_for"], done["taken"]) == (2, True)
    world.wait_for("it is gone", lambda: not by_ticket())
    assert central.firm(PRESSES.code).tickets()[0].state == USED_UP, "two others have it"
    stage.tmr("up1", *stage.container("up1", "update"))
    assert central.firm(PRESSES.code).tickets()[0].state == OPEN, "the ticket may be used again"
    stage.tmr("up3", *stage.container("up3", "update"))
    logs = {path.name: path.read_text() for path in world.files.logs.glob("*.log")}
    assert "activate: peer=" in logs[f"{VENDORS.name}-central.log"]
    assert [name for name, text in logs.items() if ticket in text] == []
