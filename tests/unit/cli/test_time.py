"""`tmr time`: a row for each container and the virtual one, and certified updates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.codec.api import ContainerTimes, TimeServerStatus, TimeUpdateDocument
from appliance.details import Detail
from appliance.errors import ExitCode
from tests.unit.cli.world import World, a_status, an_upstream, cells, document
from tests.unit.client.fake import Reply, problem

CERTIFIED = (Detail("certified", {"url": "a"}),)

T = 1_800_000_000_000  # 2027-01-15 08:00
UPDATE, STATUS = "POST /v1/time", "GET /v1/status"
WHY = ("--why", "a wrong clock")


def times(**changes: Any) -> ContainerTimes:
    values: dict[str, Any] = {
        "box_ms": T,
        "system_ms": T + 30_000,
        "certified_ms": T - 3 * 86_400_000,
        "box_age_s": 30.0,
        "certified_age_s": 3 * 86_400 + 30.0,
        "offset_ms": 0,
    }
    return ContainerTimes(**{**values, **changes})


@pytest.fixture
def told(world: World) -> World:
    server = TimeServerStatus(
        url="http://ts1/", state="failed", detail=Detail.of("unreachable: gone")
    )
    upstreams = (
        an_upstream(1, serial="130-1", times=times(), time_servers=(server,)),
        an_upstream(2, serial="130-2", times=times(offset_ms=90_061_000, outvoted=True)),
        an_upstream(3, serial="", times=None),
    )
    virtual = times(certified_ms=None, certified_age_s=None, offset_ms=-4)
    world.first.say(STATUS, Reply(200, a_status(upstreams=upstreams, virtual_times=virtual)))
    return world


def test_three_times_with_their_ages(told: World) -> None:
    rows = cells(told.tmr("time"))
    virtual, up1, up2, up3 = rows[1:5]
    assert virtual[1:4] == ["virtual", "never", "-"]
    assert virtual[7] == "+0.0 s"
    assert up1 == [
        *("130-1", "up1", "2027-01-12 08:00:00", "3 d", "2027-01-15 08:00:00", "30 s"),
        *("2027-01-15 08:00:30", "+0.0 s", "ok"),
    ]
    assert up2[-2:] == ["+90061.0 s", "outvoted: does not count"]
    assert up3 == ["-", "up3", "-", "-", "-", "-", "-", "-", "not told"]
    assert rows[-1] == ["up1", "http://ts1/", "failed", "never", "unreachable: gone"]


def test_json_has_all_of_it(told: World) -> None:
    found = document(told.tmr("time", "--json"))
    assert found["containers"][1]["times"]["outvoted"] is True
    assert found["virtual"]["times"]["box_ms"] == T


def test_nobody_answers(world: World) -> None:
    world.first.say(STATUS, problem("internal-error", 500))
    assert world.tmr("time").exit_code == ExitCode.UNREACHABLE


def test_an_update_of_all(world: World) -> None:
    answer = TimeUpdateDocument(results={"130-1": CERTIFIED, "130-2": CERTIFIED})
    world.first.say(UPDATE, Reply(200, answer))
    result = world.tmr("time", "update", "--all", *WHY)
    assert result.exit_code == ExitCode.OK
    assert cells(result)[1] == ["130-1", "done", "certified by a"]
    (post,) = world.sent("POST")
    assert post.document == {"why": "a wrong clock"}


@pytest.mark.parametrize("before", [True, False])
def test_options_may_stand_before_the_nested_verb_or_after_it(
    world: World, tmp_path: Path, before: bool
) -> None:
    world.first.say(UPDATE, Reply(200, TimeUpdateDocument(results={"130-1": CERTIFIED})))
    options = ("--profile", str(world.profile))
    rest = ("update", "--all", *WHY)
    arguments = ("time", *options, *rest) if before else ("time", *rest, *options)
    assert world.tmr(*arguments, profile=tmp_path / "none.toml").exit_code == ExitCode.OK
    # What is said after it holds.
    wrong = ("--profile", str(tmp_path / "none.toml"))
    assert world.tmr("time", *wrong, *rest, *options).exit_code == ExitCode.OK
    assert world.tmr("time", *options, *rest, *wrong).exit_code == ExitCode.USAGE


def test_an_update_that_one_did_not_get(world: World) -> None:
    answer = TimeUpdateDocument(results={"130-1": (Detail("repeat"),)}, failed=("130-1",))
    world.first.say(UPDATE, Reply(200, answer))
    result = world.tmr("time", "update", "130-1", *WHY)
    assert result.exit_code == ExitCode.REFUSED
    assert "130-1 got no certified time" in result.stderr
    assert world.sent("POST")[0].document == {"why": "a wrong clock", "container": "130-1"}


@pytest.mark.parametrize("arguments", [(), ("130-1", "--all")])
def test_one_or_all_has_to_be_said(world: World, arguments: tuple[str, ...]) -> None:
    assert world.tmr("time", "update", *arguments, *WHY).exit_code == ExitCode.USAGE
    assert world.sent("POST") == []
