"""What makes the problems about rules: facts, and the finding that they lead to."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.codec.health_documents import OverReservedDocument
from appliance.watch.facts import NOTICE, WARNING, Facts
from tests.unit.watch.facts_world import UPSTREAMS, health, hosts_as, seen_with, tmr_host, upstream

OVER = OverReservedDocument(firm_code=6000010, product_code=20, reserved=9, quantity=4)
OLD = upstream("up3", phase="", lag=2_000, refuses="too old", health=health(version="0.9"))


def knowing(rules: int, in_force: int, *others, **changes) -> Facts:
    """All hosts know these rules, but for the upstreams that are given."""
    instead = {one.name: one for one in others}
    new = health(rules=rules)
    shown = tuple(instead.get(name, upstream(name, health=new)) for name in UPSTREAMS)
    hosts = [tmr_host(name, health=new, **changes) for name in ("tmr1", "tmr2")]
    return hosts_as(*hosts, upstreams=shown, rules=in_force)


ALONE = [
    (
        knowing(2, 2, OLD),
        ("host-outdated/up3", WARNING, "uses rules 2, its release knows 1"),
    ),
    (
        knowing(2, 1),
        ("rules-to-raise", NOTICE, "All hosts know rules 2, and rules 1 are in force"),
    ),
    (
        seen_with(over_reserved=(OVER,)),
        ("over-reserved/6000010:20", WARNING, "reserve 9 seats of 6000010:20, and there are 4"),
    ),
    (
        seen_with(over_reserved=(replace(OVER, others=7),)),
        ("over-reserved", WARNING, "7 more have the same trouble"),
    ),
]
STOPPED = hosts_as(
    *(tmr_host(name, role="passive", health=health(rules=2)) for name in ("tmr1", "tmr2")),
    upstreams=(upstream("up1", health=health(rules=2)), upstream("up2"), OLD),
    rules=2,
)
