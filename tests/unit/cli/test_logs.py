"""`tmr logs`: all hosts' records in one table or stream, and what interrupts it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.cli._installation import Connection
from appliance.cli.logs import COLUMNS, follow_rounds
from appliance.client import Profile, load_profile
from appliance.codec.api import LogRecord, LogsDocument
from appliance.errors import ExitCode, UserError
from tests.unit.cli.world import World, a_status, cells, closed_port, document
from tests.unit.client.fake import Reply, problem

MIDNIGHT_MS = 1_767_225_600_000


def a_record(number: int, host: str = "up1", level: str = "info", text: str = "") -> LogRecord:
    return LogRecord(
        host=host,
        number=number,
        at_ms=MIDNIGHT_MS + number,
        level=level,
        logger="appliance.x",
        text=text or f"record {number}",
    )


def some(*records: LogRecord, **newest: int) -> Reply:
    return Reply(200, LogsDocument(records=records, newest=newest))


def test_the_table_of_all_hosts(world: World) -> None:
    world.first.say(
        "GET /v1/logs", some(a_record(1), a_record(2, "tmr2", "error", "disk\nfull\x1b[31m"))
    )
    lines = cells(world.tmr("logs"))
    assert lines[0] == list(COLUMNS)
    assert lines[1] == ["2026-01-01 00:00:00.001", "up1", "info", "appliance.x", "record 1"]
    assert lines[2][1:3] == ["tmr2", "error"]
    assert lines[2][4] == "disk\N{REPLACEMENT CHARACTER}full\N{REPLACEMENT CHARACTER}[31m", (
        "no record moves the cursor"
    )


def test_a_level_and_hosts_are_picked(world: World) -> None:
    levels = ("debug", "info", "warning", "error", "critical", "notice")
    records = [a_record(n, level=level) for n, level in enumerate(levels, 1)]
    world.first.say("GET /v1/logs?host=up1&host=tmr2", some(*records, up1=6))
    result = world.tmr("logs", "--host", "up1", "--host", "tmr2", "--level", "warning", "--json")
    found = document(result)
    # What nobody knows to be harmless is shown.
    assert [record["number"] for record in found["records"]] == [3, 4, 5, 6]
    assert found["newest"] == {"up1": 6}
    assert world.tmr("logs", "--level", "loud").exit_code == ExitCode.USAGE


def test_a_client_may_not_and_is_told_what_to_use(world: World) -> None:
    for routes in (world.first, world.second):
        routes.say("GET /v1/logs", problem("forbidden", 403, detail="this needs role view"))
    for arguments in (("logs",), ("logs", "--follow")):
        result = world.tmr(*arguments)
        assert result.exit_code == ExitCode.REFUSED
        assert "certificate of an operator" in result.stderr


def test_nobody_there_is_said_and_not_waited_for(world: World) -> None:
    world.profile = world.write_profile(closed_port())
    result = world.tmr("logs", "--follow", "--wait", "0.3")
    assert result.exit_code == ExitCode.UNREACHABLE


class Enough(Exception):
    """The test has seen what it wants."""


class FakeClient:
    """Gives these answers one after the other, and remembers what was asked."""

    def __init__(self, *answers: LogsDocument | Exception) -> None:
        self.answers = list(answers)
        self.after: list[dict[str, int]] = []

    async def logs(self, hosts: Any, after: dict[str, int]) -> LogsDocument:
        self.after.append(dict(after))
        if not self.answers:
            raise Enough
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def followed(world: World, client: FakeClient, as_json: bool = False) -> None:
    async def no_pause(_: float) -> None:
        return None

    profile: Profile = load_profile(world.profile)
    asked: Any = client
    with pytest.raises(Enough):
        asyncio.run(follow_rounds(asked, Connection(profile, 0.3), (), "info", as_json, no_pause))


def test_following_goes_on_where_it_was(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient(
        LogsDocument(records=(a_record(1), a_record(9, "tmr1")), newest={"up1": 1, "tmr1": 9}),
        LogsDocument(records=(a_record(2),), newest={"up1": 2, "tmr1": 9}),
    )
    followed(world, client, as_json=True)
    assert client.after == [{}, {"up1": 1, "tmr1": 9}, {"up1": 2, "tmr1": 9}]
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 9, 2]


def test_following_outlives_its_server_and_says_so_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    from appliance.client import OutcomeUnknown

    world.first.say("GET /v1/status", Reply(200, a_status()))
    silence = OutcomeUnknown(0.3, "connection refused")
    client = FakeClient(
        LogsDocument(records=(a_record(1),), newest={"up1": 1}),
        silence,
        silence,
        LogsDocument(records=(a_record(2),), newest={"up1": 2}),
    )
    followed(world, client)
    said = capsys.readouterr()
    assert [line.split()[-1] for line in said.out.splitlines()] == ["1", "2"]
    assert len(said.err.splitlines()) == 1
    assert "no answer" in said.err


def test_following_is_ended_by_a_refusal(world: World) -> None:
    from appliance.client import Refused

    refused = Refused("forbidden", "this needs role view", 403)
    client = FakeClient(LogsDocument(records=(), newest={"up1": 1}), refused)
    with pytest.raises(UserError, match="forbidden"):
        followed(world, client)


def test_the_client_asks_as_the_server_reads(world: World) -> None:
    """What `AsyncClient.logs` sends is what /v1/logs takes apart (services.tmr.app)."""
    from appliance.client import AsyncClient

    async def ask() -> None:
        profile = load_profile(world.profile)
        async with AsyncClient(profile.addresses, profile.tls) as client:
            await client.logs(("up1",), {"up1": 5, "tmr1": 7})

    path = "/v1/logs?host=up1&after=up1%3A5&after=tmr1%3A7"
    world.first.say(f"GET {path}", some())
    asyncio.run(ask())
    (sent,) = world.sent("GET")
    assert parse_qs(urlsplit(sent.path).query) == {"host": ["up1"], "after": ["up1:5", "tmr1:7"]}
