"""`tmr rules`: what is in force, who is missing, and raising."""

from __future__ import annotations

import json

from appliance.codec.api import DoneDocument
from appliance.codec.api_rules import HostRules, RulesDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import World, cells
from tests.unit.client.fake import Reply

NAMES = ("tmr1", "tmr2", "up1", "up2", "up3")
WHY = ("--why", "all hosts are upgraded")


def told(**supports: int) -> Reply:
    """Rules 1 are in force, and hosts know 2 unless told otherwise."""
    hosts = tuple(
        HostRules(name=name, role="upstream", supports=supports.get(name, 2), release="0.2")
        for name in NAMES
    )
    waits = tuple(host.name for host in hosts if host.supports < 2)
    common = 1 if waits else 2
    return Reply(200, RulesDocument(in_force=1, common=common, hosts=hosts, waits_for=waits))


def test_the_status_names_each_host_and_who_is_missing(world: World) -> None:
    world.first.say("GET /v1/rules", told(up3=1))
    result = world.tmr("rules", "status")
    assert cells(result)[-2][:5] == ["up3", "upstream", "0.2", "1", "1"]
    assert result.stdout.endswith("Newer rules wait for up3: upgrade them.\n")
    assert json.loads(world.tmr("rules", "status", "--json").stdout)["waits_for"] == ["up3"]


def test_the_status_says_when_newer_rules_can_be_raised(world: World) -> None:
    world.first.say("GET /v1/rules", told())
    assert "`tmr rules raise` puts them in force" in world.tmr("rules", "status").stdout


def test_rules_are_raised_with_a_reason(world: World) -> None:
    done = DoneDocument(index=7, detail="rules 2 are in force")
    world.first.say("POST /v1/rules", Reply(200, done))
    assert world.tmr("rules", "raise").exit_code == ExitCode.USAGE
    assert world.tmr("rules", "raise", *WHY).stdout == "Rules 2 are in force.\n"
    assert world.tmr("rules", "raise", "--to", "2", *WHY).exit_code == 0
    newest, named = world.sent("POST")
    assert newest.document == {"why": "all hosts are upgraded"}
    assert named.document == {"why": "all hosts are upgraded", "version": 2}
