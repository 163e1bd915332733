"""An upstream is away while others let go of what it lacks, and returns under load (D1)."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

import pytest

from tests.lab.operators import seen, serves_without, wait_for_answers_without
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

EVERY = 60
KEEP = 10
SETTINGS = {"snapshot_every": EVERY, "snapshot_keep": KEEP}
SEGMENT = re.compile(r"segment-(\d+)-(\d+)\.tmr")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("absence") / "lab", SETTINGS) as made:
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
