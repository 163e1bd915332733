"""The monitor's own window on a screen, beside a real lab: power is cut, it tells the story."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.lab.hosts import TMRS
from monitor_gui.model.timeline import LOST, SWITCH
from tests.lab.watching import XVFB, Watcher
from tests.lab.world import World

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        XVFB is None or importlib.util.find_spec("PySide6") is None,
        reason="Xvfb is not installed (Debian: xvfb)",
    ),
]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A network lab with ten leases."""
    with World(tmp_path / "lab") as made:
        yield made


def test_power_cuts_as_the_window_tells_them(world: World, tmp_path: Path) -> None:
    active = world.wait_until_whole()
    # An upstream that asked the time server before that was there asks again a minute later.
    operator = ("--profile", str(world.files.profile("operate")))
    world.stage.tmr("vendors", "time", "update", "--all", "--why", "begin", *operator)
    twin = world.twin(active)
    hosts = [f"{world.files.address(host.octet)}:7200" for host in TMRS]
    picture = tmp_path / "window.png"
    profile = world.files.profile("operate")
    with Watcher(world.lab, profile, hosts, tmp_path, picture) as window:
        said = window.until(
            lambda s: s["headline"] == f"Serving: {active} is active, all three upstreams answer",
            "that all is well",
        )
        assert said["platform"] == "xcb", "a real window"
        assert "(operate)" in said["identity"]

        world.lab.power_cut(active)
        said = window.until(
            lambda s: (
                s["active"] == twin
                and f"{active} does not answer: nobody could take over" in s["headline"]
            ),
            f"that {twin} serves, alone",
        )
        assert f"Look whether {active} has power" in said["advice"]
        said = window.until(
            lambda s: any(e["kind"] == SWITCH and e["at_most_s"] for e in s["timeline"]),
            "the failover in the timeline, with its interruption",
        )
        (switch,) = [e for e in said["timeline"] if e["kind"] == SWITCH and e["at_most_s"]]
        assert twin in switch["text"]
        world.lab.boot(active)
        window.until(lambda s: s["headline"].startswith(f"Serving: {twin}"), "that it is whole")

        for upstream in ("up1", "up2"):
            world.lab.power_cut(upstream)
        # Which upstreams are gone is known a moment later than that nobody serves.
        window.until(
            lambda s: (
                s["headline"].startswith("Not serving")
                and "up1" in s["headline"]
                and "up2" in s["headline"]
            ),
            "that quorum is lost, and whose silence it is",
        )
        window.until(
            lambda s: any(e["kind"] == LOST for e in s["timeline"]),
            "the loss of quorum in the timeline",
        )
        for upstream in ("up1", "up2"):
            world.lab.boot(upstream)
        window.until(lambda s: s["headline"].startswith("Serving: "), "that it serves again")
        complaints = window.close()
    assert window.code == 0, "".join(complaints)
    assert not [line for line in complaints if "Traceback" in line], "".join(complaints)
    assert picture.stat().st_size > 10_000
