"""What every simulated host has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.sim.releases import first_release
from appliance.sim.stage import Stage

TICK_S = 0.02


class Host:
    """What all five have in common: power, a frozen moment, and a boot clock of their own."""

    def __init__(self, cluster: Stage, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.alive = False
        self.life = 0
        self.frozen_until_s = 0.0
        self.rules = first_release(cluster.options, name)
        """The newest rules that the release on this host knows."""
        rng = cluster.rng
        self._boot_offset_s = rng.uniform(0.0, 1e5)
        self._boot_rate = 1.0 + rng.uniform(-2e-4, 2e-4)

    def boot_s(self) -> float:
        """This host's boot time."""
        return self._boot_offset_s + self.cluster.now_s * self._boot_rate

    def freeze(self, for_s: float) -> None:
        """Nothing runs here for a while; what arrives waits."""
        self.frozen_until_s = max(self.frozen_until_s, self.cluster.now_s + for_s)

    def _postponed(self, action: Callable[..., None], *args: Any) -> bool:
        """Whether this host is frozen: then `action` happens when it thaws."""
        wait_s = self.frozen_until_s - self.cluster.now_s
        if wait_s <= 0.0:
            return False
        self.cluster.at(wait_s, action, *args)
        return True
