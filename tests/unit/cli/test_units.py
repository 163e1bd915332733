"""`tmr units`: what took units lately, in pages, and refunds that say why they cannot be."""

from __future__ import annotations

from appliance.codec.api_units import TakenDocument, TakingDocument, TakingsDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import World, cells, document, done
from tests.unit.client.fake import Reply, problem

REFUND = "POST /v1/units/refund"
WHY = ("--why", "the press jammed")


def taking(number: int, **fields: object) -> TakingDocument:
    values: dict[str, object] = {
        "taking": number,
        "client": "cert:app1",
        "lease_id": f"l{number}",
        "generation": 17,
        "number": 1,
        "at_ms": 1_700_000_000_000,
        "firm_code": 100,
        "taken": (
            TakenDocument(product_code=10, tmr_id=1, units=30),
            TakenDocument(product_code=10, tmr_id=2, units=7),
        ),
    }
    return TakingDocument(**(values | fields))  # type: ignore[arg-type]


def tell(world: World) -> None:
    """Two pages."""
    first = TakingsDocument(takings=(taking(1), taking(2, unsettled=True)), next=2)
    world.first.say("GET /v1/units", Reply(200, first))
    last = TakingsDocument(takings=(taking(3, refunded=12),))
    world.first.say("GET /v1/units?after=2", Reply(200, last))


def test_all_pages_are_one_list_of_the_last_requests(world: World) -> None:
    tell(world)
    _, *rows = cells(world.tmr("units", "list"))
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert rows[0][1:6] == ["2023-11-14 22:13:20", "cert:app1", "l1", "100:10#1, 100:10#2", "37"]
    assert [row[6] if len(row) > 6 else "" for row in rows] == ["", "reserved", "12 refunded"]
    assert [one["taking"] for one in document(world.tmr("units", "list", "--json"))["takings"]] == [
        1,
        2,
        3,
    ]
    _, *rows = cells(world.tmr("units", "list", "--last", 2))
    assert [row[0] for row in rows] == ["2", "3"]


def test_nothing_taken_is_said(world: World) -> None:
    world.first.say("GET /v1/units", Reply(200, TakingsDocument(takings=())))
    result = world.tmr("units", "list")
    assert (result.exit_code, "nobody took units" in result.stderr) == (ExitCode.OK, True)


def test_a_refund_names_number_units_and_reason(world: World) -> None:
    world.first.say(REFUND, done())
    result = world.tmr("units", "refund", 3, "--units", 12, *WHY)
    assert (result.exit_code, result.stdout) == (
        ExitCode.OK,
        "12 units taken under 3 were given back.\n",
    )
    (post,) = world.sent("POST")
    assert post.document == {"taking": 3, "units": 12, "why": "the press jammed"}
    assert document(world.tmr("units", "refund", 3, "--units", 12, *WHY, "--json"))["index"]


def test_a_refund_that_cannot_be_says_why(world: World) -> None:
    detail = "There is no refund: the vendor of 100:10#1 allows 0 more units to be refunded; ask."
    world.first.say(REFUND, problem("refund-refused", 409, detail=detail))
    result = world.tmr("units", "refund", 3, "--units", 12, *WHY)
    assert result.exit_code == ExitCode.REFUSED
    assert "allows 0 more units" in result.stderr
    for wrong in (("0", "--units", "1"), ("3", "--units", "0"), ("x", "--units", "1"), ("3",)):
        assert world.tmr("units", "refund", *wrong, *WHY).exit_code == ExitCode.USAGE
    assert world.tmr("units", "refund", 3, "--units", 12).exit_code == ExitCode.USAGE, "why?"
