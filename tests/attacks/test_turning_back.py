"""The licensee puts his machines back to a snapshot, to have again what was spent.

In a file of its own, the last one: the lab's ledger is one that lost entries from here on.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.lab.hosts import UPSTREAMS
from appliance.lab.story.stage import ROBOTS
from appliance.services.contacts import ContactBook
from appliance.services.ledger_heads import LOSS_NOTED, WENT_BACK
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

SPENT = 150


def _with_upstreams_off(world: World, act: Callable[[Path], None]) -> None:
    """Do something to each upstream's disk while none of the three runs."""
    for up in UPSTREAMS:
        world.lab.stop(up.name, "upstream")
    for up in UPSTREAMS:
        act(world.files.host(up.name))
    for up in UPSTREAMS:
        world.lab.start(up.name, "upstream")


def _spend(world: World) -> None:
    async def spend() -> None:
        client = world.stage.crowd.members[0].client
        async with client.lease(ROBOTS.code, ROBOTS.product) as lease:
            await lease.consume(SPENT)

    world.stage.clients.call(spend(), 60.0)


def _meet_the_vendor(world: World) -> None:
    """All three containers ask the vendors' time server."""
    operator = ("--profile", str(world.files.profile("operate")))
    world.stage.tmr("vendors", "time", "update", "--all", "--why", "contact", *operator)


def _seen_by_the_vendor(world: World) -> set[str]:
    """What the time server concluded of the ledger from the contacts so far."""
    book = ContactBook(world.files.host("vendors") / "contacts.sqlite")
    return {one.what for record in book.heads().values() for one in record.heads.found}


def test_three_disks_put_back_give_no_units_again_and_are_named(
    world: World, tmp_path: Path
) -> None:
    """Stores and marks are put back together, so no upstream knows; both TMR hosts do."""
    world.loses = True

    def save(disk: Path) -> None:
        shutil.copytree(disk, tmp_path / disk.name)

    def put_back(disk: Path) -> None:
        shutil.rmtree(disk)
        shutil.copytree(tmp_path / disk.name, disk)

    for _ in range(2):  # At the first a container hears who answers there.
        _meet_the_vendor(world)
    assert _seen_by_the_vendor(world) == set()
    _with_upstreams_off(world, save)
    world.wait_until_whole()
    _spend(world)
    _meet_the_vendor(world)
    world.wait_for("the TMR hosts know that it was committed", world.settled)
    assert _seen_by_the_vendor(world) == set()
    _with_upstreams_off(world, put_back)

    def named() -> bool:
        return any(status.loss is not None for status in world.stage.statuses().values())

    world.wait_for("ledger-rolled-back", named)
    world.wait_for("units rest", lambda: world.licence(ROBOTS.code).refusal == "units-unconfirmed")
    _meet_the_vendor(world)
    assert _seen_by_the_vendor(world) & {WENT_BACK, LOSS_NOTED}
