"""`tmr status`: one picture of five hosts, whoever of the two TMR hosts answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

import msgspec
import pytest

from appliance.cli import status
from appliance.cli._hosts import HostAnswer, active_host, best
from appliance.client import ConnectionFailed
from appliance.codec.api import HostStatus, TermDocument
from appliance.details import Detail
from appliance.errors import ExitCode
from appliance.services.tmr import short
from appliance.watch.facts import Facts
from appliance.watch.verdict import Verdict, judge
from tests.unit.cli.world import World, a_status, an_upstream, cells, closed_port, document
from tests.unit.client.fake import Reply, problem

MISSING = Detail("entry-missing", {"index": 7})

STATUS = "GET /v1/status"


def test_one_address_shows_both_hosts_and_all_upstreams(world: World) -> None:
    world.first.say(STATUS, Reply(200, a_status()))
    result = world.tmr("status")
    assert (result.exit_code, result.stderr) == (ExitCode.OK, "")
    lines = cells(result)
    assert lines[0] == ["verdict", "serving", "all three upstreams answer"]
    assert ["active", "tmr1"] in lines
    assert ["term", "3 of tmr1"] in lines
    assert ["virtual IP", "10.77.0.100 at tmr1"] in lines
    table = lines[lines.index(list(status.COLUMNS)) + 1 :]
    assert [row[:4] for row in table] == [
        ["tmr1", "TMR, active", "ok", "here"],
        ["tmr2", "TMR, passive", "ok", "-"],
        ["up1", "upstream, following", "ok", "-"],
        ["up2", "upstream, following", "ok", "-"],
        ["up3", "upstream, following", "ok", "-"],
    ]
    assert table[2][4:] == ["812", "0", "0.0 s ago", "130-100001"]


def test_both_hosts_are_asked_and_each_speaks_for_itself(world: World) -> None:
    world.first.say(STATUS, Reply(200, a_status("tmr1", "tmr2")))
    world.second.say(STATUS, Reply(200, a_status("tmr2", "tmr2")))
    both = world.write_profile(world.first.server.port, world.second.server.port)
    lines = cells(world.tmr("status", profile=both))
    assert ["term", "3 of tmr2"] in lines, "the active host's own document is the one to go by"
    rows = {line[0]: line for line in lines}
    assert (rows["tmr1"][4], rows["tmr2"][4]) == ("811", "812")
    assert rows["tmr1"][7] == "VRRP backup; tmr 0.1.0"
    found = document(world.tmr("status", "--json", profile=both))
    assert [asked["host"] for asked in found["asked"]] == ["tmr1", "tmr2"]
    assert found["host"] == "tmr2"


def test_a_host_that_is_down_is_a_row(world: World) -> None:
    lonely = a_status(
        tmr_hosts=(
            HostStatus(name="tmr1", role="active", holds_address=True, vrrp="master"),
            HostStatus(name="tmr2", role="unreachable", holds_address=False),
        )
    )
    world.first.say(STATUS, Reply(200, lonely))
    port = closed_port()
    result = world.tmr("status", profile=world.write_profile(port, world.first.server.port))
    assert result.exit_code == ExitCode.DEGRADED
    (verdict,) = [line for line in cells(result) if line[0] == "verdict"]
    assert verdict[1:] == ["degraded", "tmr2 does not answer: nobody could take over"]
    (row,) = [line for line in cells(result) if line[0] == "tmr2"]
    assert row[1:3] == ["TMR", "unreachable"]
    assert f"cannot connect to 127.0.0.1:{port}: " in row[7]
    assert row[7].startswith("cannot"), "the address is named once"


def test_a_blocked_container_is_shown_with_its_reason(world: World) -> None:
    lost, *others = a_status().upstreams
    lost = msgspec.structs.replace(lost, locked="Stolen from the van")
    world.first.say(STATUS, Reply(200, a_status(upstreams=(lost, *others))))
    rows = {line[0]: line for line in cells(world.tmr("status"))}
    assert rows["up1"][2] == "locked" and rows["up1"][-1].endswith("blocked: Stolen from the van")
    assert (rows["up2"][2], "blocked" in rows["up2"][-1]) == ("ok", False)


def test_nobody_there(world: World) -> None:
    profile = world.write_profile(closed_port(), closed_port())
    result = world.tmr("status", "--wait", "0.3", profile=profile)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert result.stderr.startswith(
        "tmr: no TMR host tells how it is (cannot connect to 127.0.0.1:"
    )
    assert "start one, or check the addresses" in result.stderr
    assert result.stdout == ""


def test_a_refusal_counts_more_than_a_silence(world: World) -> None:
    world.first.say(STATUS, problem("unauthenticated", 401, detail="the token is not enrolled"))
    profile = world.write_profile(closed_port(), world.first.server.port)
    result = world.tmr("status", "--wait", "2", profile=profile)
    assert result.exit_code == ExitCode.REFUSED
    assert "unauthenticated: the token is not enrolled" in result.stderr
    assert "start one" not in result.stderr, "a host is there"


def test_a_host_that_is_there_and_busy_is_not_to_be_started(world: World) -> None:
    world.first.say(STATUS, problem("overloaded", 503, detail="too many requests"))
    profile = world.write_profile(world.first.server.port)
    result = world.tmr("status", "--wait", "0.5", profile=profile)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "a host is there and does not answer this" in result.stderr
    assert "start one" not in result.stderr


def test_down_is_shown_and_is_exit_code_1(world: World) -> None:
    down = a_status(
        active="",
        verdict="down",
        reason="quorum lost: no answer from up1 and up3",
        missing=("up1", "up3"),
        upstreams=(
            an_upstream(1, reachable=False, last_heard_s=None, serial=""),
            an_upstream(2),
            an_upstream(
                3, reachable=False, lag=4, last_heard_s=12.3, damage=Detail.of("entry 7 is missing")
            ),
        ),
    )
    world.first.say(STATUS, Reply(200, down))
    result = world.tmr("status")
    assert result.exit_code == ExitCode.REFUSED
    lines = cells(result)
    assert lines[0] == ["verdict", "down", "quorum lost: no answer from up1 and up3"]
    assert ["active", "nobody"] in lines
    assert ["virtual IP", "10.77.0.100 at nobody"] in lines
    rows = {line[0]: line for line in lines}
    assert rows["up1"][2] == "unreachable"
    assert rows["up1"][6:] == ["never", "no container known"]
    assert rows["up3"][5:7] == ["4", "12.3 s ago"]
    assert rows["up3"][2] == "damaged"
    assert rows["up3"][7].endswith(", store damaged: entry 7 is missing")
    as_json = world.tmr("status", "--json")
    assert as_json.exit_code == ExitCode.REFUSED
    assert document(as_json)["missing"] == ["up1", "up3"]


def test_the_json_is_the_apis_document(world: World) -> None:
    world.first.say(STATUS, Reply(200, a_status()))
    found = document(world.tmr("status", "--json"))
    asked = found.pop("asked")
    address = f"127.0.0.1:{world.first.server.port}"
    assert asked == [{"address": address, "answered": True, "host": "tmr1", "trouble": ""}]
    assert found["term"] == {"counter": 3, "host": "tmr1", "nonce": 5}
    assert (found["verdict"], found["reason"]) == ("serving", "all three upstreams answer")
    assert {one["cause"] for one in found["findings"]} >= {"report-old/up1"}
    assert {upstream["name"] for upstream in found["upstreams"]} == {"up1", "up2", "up3"}


def test_on_a_terminal_it_is_a_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "on_terminal", lambda: True)
    lost, *others = a_status().upstreams
    lost = msgspec.structs.replace(lost, damage=Detail.of("[red]odd[/red]"))
    world.first.say(STATUS, Reply(200, a_status(upstreams=(lost, *others))))
    text = world.tmr("status").stdout
    assert "is damaged ([red]odd[/red])" in text, "what a server says is not markup"
    assert "term 3 of tmr1" in text
    assert "TMR, passive" in text


def test_the_later_term_wins_where_two_say_that_they_serve() -> None:
    old = a_status("tmr1", "tmr1", term=TermDocument(counter=3, host="tmr1", nonce=1))
    new = a_status("tmr2", "tmr2", term=TermDocument(counter=4, host="tmr2", nonce=1))
    answers = [HostAnswer("a", old), HostAnswer("b", new)]
    assert best(answers) is new
    assert active_host(answers) == "tmr2"
    rows = {row[0]: row for row in status.rows(answers, new)}
    assert "says that it serves, too" in str(rows["tmr1"][7])


def test_silent_addresses_that_nobody_can_name_are_rows_of_their_own() -> None:
    trouble = ConnectionFailed("cannot connect to c")
    answers = [
        HostAnswer("a", a_status("tmr1")),
        HostAnswer("b", a_status("tmr2")),
        HostAnswer("c", None, trouble),
    ]
    found = status.rows(answers, a_status())
    assert [row[0] for row in found] == ["tmr1", "tmr2", "c", "up1", "up2", "up3"]
    assert found[2][2] == "unreachable"


class _Enough(Exception):
    pass


def watched(as_json: bool, rounds: list[list[HostAnswer]]) -> None:
    """Let `watch_rounds` see these rounds, without any waiting."""
    left = iter(rounds)

    async def ask(within_s: float) -> list[HostAnswer]:
        assert within_s <= 1
        return next(left)

    async def sleep(seconds: float) -> None:
        assert seconds <= 1
        if rounds[-1] is shown[-1]:
            raise _Enough

    async def judged(answers: Sequence[HostAnswer]) -> Verdict:
        heard = tuple(answer.document for answer in answers if answer.document is not None)
        return judge(Facts(1, heard))

    shown: list[list[HostAnswer]] = []

    async def noted(within_s: float) -> list[HostAnswer]:
        shown.append(await ask(within_s))
        return shown[-1]

    with pytest.raises(_Enough):
        asyncio.run(status.watch_rounds(noted, judged, as_json, sleep))


ROUNDS = [
    [HostAnswer("a:1", a_status())],
    [HostAnswer("a:1", None, ConnectionFailed("a:1 does not answer"))],
    [HostAnswer("a:1", a_status("tmr2", "tmr2"))],
]


def test_watching_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    watched(False, ROUNDS)
    out, err = capsys.readouterr()
    assert out.count("verdict\tserving") == 2
    assert "a:1 does not answer" in err


def test_watching_as_json_gives_one_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    watched(True, ROUNDS)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("host") for line in lines] == ["tmr1", None, "tmr2"]
    assert lines[1]["asked"][0]["trouble"] == "a:1 does not answer"


def test_watching_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "on_terminal", lambda: True)
    watched(False, ROUNDS)
    assert "tmr2" in capsys.readouterr().out


def test_the_verb_watches_with_the_profiles_hosts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.first.say(STATUS, Reply(200, a_status()))

    async def once(ask: Callable, judge: Callable, as_json: bool, sleep: object) -> None:
        answers = await ask(5.0)
        print([answer.document.host for answer in answers], (await judge(answers)).word)

    monkeypatch.setattr(status, "watch_rounds", once)
    assert world.tmr("status", "--watch").stdout == "['tmr1'] serving\n"


def test_who_sees_little_of_the_status_is_told_the_hosts_own_verdict(world: World) -> None:
    whole = a_status(verdict="degraded", reason="the disk of up3 has 1.0 of 100.0 GiB free")
    world.first.say(STATUS, Reply(200, short.status(whole, leases=1)))
    result = world.tmr("status")
    assert result.exit_code == ExitCode.DEGRADED
    told = "tmr1 says that something is wrong, and tells only operators what"
    assert cells(result)[0] == ["verdict", "degraded", told]
    assert world.tmr("doctor").exit_code == 1


def test_a_client_is_told_of_no_trouble_where_there_is_none(world: World) -> None:
    world.first.say(STATUS, Reply(200, short.status(a_status(), leases=1)))
    assert world.tmr("status").exit_code == 0
    assert world.tmr("doctor").exit_code == 0


def test_who_sees_all_judges_all_that_was_asked_and_not_by_one_hosts_word(world: World) -> None:
    world.first.say(STATUS, Reply(200, a_status(verdict="degraded", reason="tmr2 is silent")))
    assert world.tmr("status").exit_code == 0
