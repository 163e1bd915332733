"""What operators of a lab do and see: verbs where they sit, upstreams as seen by who serves."""

from __future__ import annotations

import subprocess

from appliance.codec.api import UpstreamStatus
from appliance.lab.hosts import UPSTREAM_ADMIN_PORT, host_named
from tests.lab.world import ANSWERS_AFTER, Load, World

OPERATORS = "vendors"
"""In this lab operators sit with the vendors."""
VERB_S = 240


def tmr(world: World, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a verb where operators sit."""
    return world.stage.run(OPERATORS, *map(str, arguments), timeout_s=VERB_S)


def admins(world: World, *upstreams: str) -> list[str]:
    """The options that name the administration APIs of these upstreams."""
    return [word for name in upstreams for word in ("--admin", admin(world, name))]


def admin(world: World, upstream: str) -> str:
    """The administration API of one upstream."""
    return f"https://{world.files.address(host_named(upstream).octet)}:{UPSTREAM_ADMIN_PORT}"


def seen(world: World, name: str) -> UpstreamStatus | None:
    """An upstream as the serving host sees it; None while none serves."""
    serving = [status for status in world.stage.statuses().values() if status.phase == "serving"]
    rows = [row for status in serving for row in status.upstreams if row.name == name]
    return rows[0] if rows else None


def serves_without(world: World, name: str) -> bool:
    """Whether a host serves that misses just this upstream."""
    found = [s for s in world.stage.statuses().values() if s.phase == "serving"]
    return len(found) == 1 and found[0].missing == (name,)


def wait_for_answers_without(world: World, load: Load, name: str) -> None:
    """Wait until this upstream is missed, then for many answers that the two others carry."""
    world.wait_for(f"service without {name}", lambda: serves_without(world, name))
    answered = load.prober.answered + ANSWERS_AFTER
    world.wait_for(f"answers without {name}", lambda: load.prober.answered >= answered)
    assert serves_without(world, name)
