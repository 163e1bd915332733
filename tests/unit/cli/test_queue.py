"""`tmr queue`: who waits, and what an administrator says of all who do."""

from __future__ import annotations

from typing import Any

from appliance.codec.api_queue import QueueDocument, QueueItem, QueuePlace
from appliance.codec.lease_documents import HolderDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import World, cells, document, done
from tests.unit.client.fake import Reply

QUEUE = "GET /v1/queue"


def a_place(number: int, position: int, **fields: Any) -> QueuePlace:
    values: dict[str, Any] = {
        "client": "cert:app1",
        "lease_id": f"l{number}",
        "place": number,
        "firm_code": 100001,
        "items": (QueueItem(product_code=10, seats=1),),
        "holder": HolderDocument(user="ada", host="desk"),
        "position": position,
        "of": 2,
        "waited_s": 12.4,
    }
    return QueuePlace(**values | fields)


def some(*places: QueuePlace, more: int | None = None) -> Reply:
    return Reply(200, QueueDocument(places=places, overtakes_max=0, hold_s=60, next=more))


def test_all_pages_are_one_table(world: World) -> None:
    several = (QueueItem(product_code=10, seats=5), QueueItem(product_code=11, seats=1))
    world.first.say(QUEUE, some(a_place(4, 0, held_s=59.6), more=4))
    world.first.say(f"{QUEUE}?after=4", some(a_place(7, 1, items=several, overtaken=3)))
    lines = cells(world.tmr("queue"))
    assert lines[0][0] == "position"
    assert lines[1][0] == "next"
    assert lines[1][7] == "60 s"
    assert lines[2][0] == "1 of 2"
    assert lines[2][4:7] == ["100001:10:5, 100001:11", "12 s", "3"]


def test_of_one_product_and_as_json(world: World) -> None:
    world.first.say(f"{QUEUE}?firm_code=100001&product_code=10", some(a_place(4, 1)))
    found = document(world.tmr("queue", "100001:10", "--json"))
    assert [one["place"] for one in found["places"]] == [4]
    assert world.tmr("queue", "ten").exit_code == ExitCode.USAGE


def test_what_is_not_said_stays_and_the_reason_is_asked_for(world: World) -> None:
    world.first.say(QUEUE, some())
    world.first.say("POST /v1/queue", done())
    result = world.tmr("queue", "--overtakes-max", "2", "--why", "small jobs first")
    assert result.exit_code == 0, result.output
    assert world.first.server.requests[-1].document == {
        "overtakes_max": 2,
        "hold_s": 60,
        "why": "small jobs first",
    }
    assert world.tmr("queue", "--hold", "20").exit_code == ExitCode.USAGE
