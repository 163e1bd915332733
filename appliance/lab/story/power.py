"""Steps 4 to 8 of the story: power is lost, here and there and everywhere, and comes back."""

from __future__ import annotations

from collections.abc import Callable

from appliance.client import LeaseState
from appliance.codec.api import TermDocument
from appliance.lab.hosts import SERVERS, twin_of
from appliance.lab.story.crowd import Interruption, Prober
from appliance.lab.story.stage import PRESSES, ROBOTS, SEATS, Stage, Told, require

ANSWERS_AFTER = 100
"""How many more answers a client must get after the last thing that was done."""


def power_cut_of_the_active(stage: Stage) -> Told:
    """The active TMR host loses power: the leases go on, elsewhere."""
    active = stage.active()
    before = _leases(stage)
    seen = _while_asking(stage, lambda: _cut_and_wait(stage, active))
    require(_leases(stage) == before, f"leases were {before} and are {_leases(stage)}")
    _same_grants(stage, seen)
    return (
        f"{active} lost power, {twin_of(active).name} serves; {len(before)} leases go on; clients "
        f"were interrupted for {seen.longest_s:.3f} s",
        {"interruption_s": round(seen.longest_s, 4), "asked": seen.asked, "failed": seen.failed},
    )


def _cut_and_wait(stage: Stage, host: str) -> None:
    stage.lab.power_cut(host)
    twin = twin_of(host).name
    stage.wait_for(f"{twin} to serve", lambda: stage.active() == twin)


def the_host_returns(stage: Stage) -> Told:
    """The host that was off returns: nothing moves."""
    active = stage.active()
    returned = twin_of(active).name
    before, generations = _term(stage, active), stage.crowd.generations()

    def come_back() -> None:
        stage.lab.boot(returned)
        stage.wait_until_whole()

    seen = _while_asking(stage, come_back)
    require(stage.active() == active, f"{stage.active()} took over from {active}")
    require(_term(stage, active) == before, "the term changed")
    require(stage.crowd.generations() == generations, "leases were granted anew")
    _same_grants(stage, seen)
    if stage.networked:
        require(stage.holders_of_address() == [active], "the address moved")
    return (
        f"{returned} is back as the passive host; address and term stayed with {active}",
        {"active": active, "longest_s": round(seen.longest_s, 4), "failed": seen.failed},
    )


def an_upstream_lost(stage: Stage) -> Told:
    """One upstream loses power: no request fails."""

    def cut() -> None:
        stage.lab.power_cut("up2")
        active = stage.active()
        stage.wait_for("up2 to be missed", lambda: stage.statuses()[active].missing == ("up2",))

    seen = _while_asking(stage, cut)
    _same_grants(stage, seen)
    reason = stage.statuses()[stage.active()].reason
    return (
        f"{reason}; {seen.asked} requests meanwhile, none failed",
        {"asked": seen.asked, "failed": seen.failed, "longest_s": round(seen.longest_s, 4)},
    )


def it_catches_up(stage: Stage) -> Told:
    """The upstream returns and catches up while the others serve."""

    def come_back() -> None:
        stage.lab.boot("up2")
        stage.wait_until_whole()

    seen = _while_asking(stage, come_back)
    _same_grants(stage, seen)
    status = stage.statuses()[stage.active()]
    index = {up.name: up.last_index for up in status.upstreams}["up2"]
    return (
        f"up2 is back and level at entry {index}; {seen.asked} requests meanwhile, none failed",
        {"index": index, "asked": seen.asked, "failed": seen.failed},
    )


def all_five_lost(stage: Stage) -> Told:
    """All five lose power at once; what was acknowledged is there again."""
    before, units = _leases(stage), _units_left(stage)
    for host in SERVERS:
        stage.lab.power_cut(host.name)
    for host in SERVERS:
        stage.lab.boot(host.name)
    stage.wait_until_whole()
    require(_leases(stage) == before, f"leases were {before} and are {_leases(stage)}")
    require(_units_left(stage) == units, f"{units} units before, {_units_left(stage)} after")
    stage.clients.call(stage.crowd.all_in_state(LeaseState.HELD))
    generations = sorted(stage.crowd.generations().values())
    require(generations == sorted(g for _, _, g in before), "clients hold other grants")
    return (
        f"{len(before)} leases and {units} units are exactly as acknowledged",
        {"leases": len(before), "units_left": units},
    )


def _while_asking(stage: Stage, act: Callable[[], None]) -> Interruption:
    """Do something while a client renews a lease without pause."""
    prober: Prober = stage.clients.call(_start_prober(stage))
    try:
        act()
        enough = prober.answered + ANSWERS_AFTER
        stage.wait_for("more answers", lambda: prober.answered >= enough)
    finally:
        seen: Interruption = stage.clients.call(prober.stop())
    return seen


async def _start_prober(stage: Stage) -> Prober:
    prober = Prober(stage.crowd.members[0].client, ROBOTS.code, ROBOTS.product)
    await prober.start()
    return prober


def _same_grants(stage: Stage, seen: Interruption) -> None:
    """No request failed, and no client was ever told that its lease is lost."""
    require(not seen.failed, f"{seen.failed} of {seen.asked} requests failed: {seen.errors}")
    lost = stage.crowd.lost()
    require(not lost, f"{', '.join(lost)} lost their lease")
    require(len(stage.crowd.holders()) == SEATS, f"{len(stage.crowd.holders())} hold a seat")


def _leases(stage: Stage) -> list[tuple[str, str, int]]:
    """Client, id and grant of every lease of the first firm."""
    documents = stage.leases()
    return sorted(
        (lease.client, lease.lease_id, lease.generation)
        for lease in documents
        if lease.firm_code == PRESSES.code
    )


def _units_left(stage: Stage) -> int | None:
    documents = stage.licences()
    return next(
        item.units_left
        for item in documents
        if (item.firm_code, item.product_code) == (PRESSES.code, PRESSES.product)
    )


def _term(stage: Stage, host: str) -> TermDocument | None:
    return stage.statuses()[host].term
