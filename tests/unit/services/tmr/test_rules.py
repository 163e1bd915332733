"""The rules in force: who knows newer ones, and what a host does that knows less."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from appliance.codec.api_rules import HostRules, RaiseRulesRequest, RulesDocument
from appliance.ledger.leader.duty import Duty, Situation
from appliance.licences.records import Supported
from appliance.services.tmr.twin import TwinStatus
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, VIEWER, World, run

WHY = "all hosts are upgraded"


async def shown(world: World) -> RulesDocument:
    """What GET /v1/rules says."""
    reply = await world.call("GET", "/v1/rules", who=VIEWER)
    assert reply.status == 200
    return msgspec.json.decode(reply.body, type=RulesDocument)


def test_all_five_hosts_are_listed_with_what_they_know():
    async def test(world: World) -> None:
        document = await shown(world)
        assert (document.in_force, document.common, document.waits_for) == (1, 1, ())
        assert [host.name for host in document.hosts] == ["tmr1", "tmr2", "up1", "up2", "up3"]
        assert document.hosts[2] == HostRules(name="up1", role="upstream", supports=1)

    run(test)


def test_hosts_that_are_missing_are_named_and_a_raise_is_refused_by_their_names():
    async def test(world: World) -> None:
        host = world.hosts["tmr1"]
        host.twin_said(replace(world.hosts["tmr2"].standing.own_status(), rules=2))
        world.until(lambda: "tmr2" in host.state.supports, "the twin's word to be entered")
        document = await shown(world)
        assert document.waits_for == ("tmr1", "up1", "up2", "up3")
        request = RaiseRulesRequest(why=WHY)
        reply = await world.call("POST", "/v1/rules", request, who=ADMIN)
        assert (reply.status, reply.reason) == (409, "rules-not-raised")
        assert "upgrade tmr1" in reply.problem.detail, "it does not know them itself"
        assert host.state.rules == 1

    run(test)


def test_rules_in_force_can_be_raised_again_which_changes_nothing():
    async def test(world: World) -> None:
        reply = await world.call("POST", "/v1/rules", RaiseRulesRequest(why=WHY), who=ADMIN)
        assert reply.status == 200
        unsaid = await world.call("POST", "/v1/rules", RaiseRulesRequest(why=""), who=ADMIN)
        assert (unsaid.status, unsaid.reason) == (400, "bad-request")

    run(test)


@pytest.mark.parametrize("who", [ALICE, VIEWER, OPERATOR], ids=lambda who: who.role)
def test_raising_needs_an_administrator(who):
    async def test(world: World) -> None:
        reply = await world.call("POST", "/v1/rules", RaiseRulesRequest(why=WHY), who=who)
        assert (reply.status, reply.reason) == (403, "forbidden")

    run(test)


def test_the_active_host_enters_what_its_twin_says_of_itself():
    async def test(world: World) -> None:
        host = world.hosts["tmr1"]
        status: TwinStatus = world.hosts["tmr2"].standing.own_status()
        assert status.rules == 1
        host.twin_said(replace(status, rules=2))
        world.until(lambda: "tmr2" in host.state.supports, "the twin's word to be entered")
        assert isinstance(host.state.supports["tmr2"], Supported)
        assert host.state.supports["tmr2"].version == 2

    run(test)


SITUATION = Situation(
    has_address=True,
    serving=True,
    maintenance=False,
    aside=False,
    reached=3,
    twin_reaches=3,
    others_heard=0,
    twin_adverts_heard=True,
    out_of_date="this ledger uses rules 2, this release knows 1: install a newer one",
)


def test_a_host_that_knows_less_serves_nobody_and_leaves_the_address_to_a_twin_that_can():
    decision = Duty(1.0).judge(0.0, SITUATION)
    assert (decision.wanted, decision.healthy) == (False, False)
    assert decision.reason == SITUATION.out_of_date
    assert Duty(1.0).judge(0.0, replace_situation(None)).healthy, "nobody else has it"


def replace_situation(twin_reaches: int | None) -> Situation:
    """The same, but for what the twin reaches."""
    return Situation(
        *(True, True, False, False, 3, twin_reaches, 0, True), out_of_date=SITUATION.out_of_date
    )
