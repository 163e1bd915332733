"""`tmr borrow`: online, and by three files for computers without a network."""

from __future__ import annotations

from typing import Any

from appliance.codec.api import DoneDocument, HolderDocument, LeaseDocument, LeasesDocument
from appliance.codec.api_borrowing import BorrowingDocument, HeldBackDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import World, cells, document
from tests.unit.client.fake import Reply, problem
from tests.unit.client.test_lending import Lender
from tests.unit.verifier.plant import FIRM_CODE, LOG_TIME_MS

UNTIL_MS = LOG_TIME_MS + 3 * 86_400_000
ID = "ab" * 32


def loan(**fields: Any) -> LeaseDocument:
    values: dict[str, Any] = {
        "client": "cert:ada",
        "lease_id": ID,
        "generation": 7,
        "firm_code": FIRM_CODE,
        "product_code": 10,
        "tmr_id": 4,
        "holder": HolderDocument(user="ada", host="laptop"),
        "granted_at_ms": LOG_TIME_MS,
        "borrowed_until_ms": UNTIL_MS,
    }
    return LeaseDocument(**values | fields)


def listing(world: World, *loans: LeaseDocument, **fields: Any) -> None:
    lease = loan(borrowed_until_ms=None, lease_id="online", generation=9)
    world.first.say("GET /v1/leases", Reply(200, LeasesDocument(leases=(*loans, lease))))
    world.first.say("GET /v1/borrowing", Reply(200, BorrowingDocument(**fields)))


def test_what_is_out_until_when_and_by_whom(world: World) -> None:
    listing(world, loan(), loan(generation=8, lease_id="cd" * 32, lost_at_ms=LOG_TIME_MS))
    _, first, second = cells(world.tmr("borrow", "list"))
    assert first[:4] == ["100001:10#4", "1", "2026-01-04 00:00:00", "cert:ada (ada on laptop)"]
    assert (first[-1], second[-2]) == (ID, "lost")
    assert len(document(world.tmr("borrow", "list", "--json"))["borrowed"]) == 2
    _, out, lost, online = cells(world.tmr("leases"))
    assert "borrowed until 2026-01-04 00:00:00" in out
    assert "borrowed until 2026-01-04 00:00:00, lost" in lost
    assert not any("borrowed" in cell for cell in online)


def test_a_restore_holds_seats_back_and_says_so(world: World) -> None:
    held = HeldBackDocument(firm_code=FIRM_CODE, product_code=10, tmr_id=4, seats=2)
    listing(world, held_back=(held,))
    result = world.tmr("borrow", "list")
    assert "nothing is borrowed" in result.stderr
    assert "2 seats of 100001:10#4 may be out" in " ".join(result.stderr.split())


def bodies(world: World, path: str) -> list[dict[str, Any]]:
    return [one.document for one in world.sent("POST") if one.path == path]


def test_operators_write_off_and_decide(world: World) -> None:
    for path in (f"/v1/leases/{ID}/write-off", "/v1/borrowing"):
        world.first.say(f"POST {path}", Reply(200, DoneDocument(index=9)))
    result = world.tmr("borrow", "write-off", ID, "--why", "left in a train")
    assert (result.exit_code, "lost" in result.stdout) == (ExitCode.OK, True)
    assert bodies(world, f"/v1/leases/{ID}/write-off") == [{"why": "left in a train"}]
    for words, action in (
        (("uncertified", "on"), "uncertified-on"),
        (("uncertified", "off"), "uncertified-off"),
        (("all-known",), "all-known"),
    ):
        assert world.tmr("borrow", *words, "--why", "asked").exit_code == ExitCode.OK
        assert bodies(world, "/v1/borrowing")[-1] == {"action": action, "why": "asked"}
    assert world.tmr("borrow", "write-off", ID, "--why", " ").exit_code == ExitCode.USAGE


def lends(world: World) -> Lender:
    """The fake host lends, and the tool believes its plant."""
    return Lender(world.first.server)


def test_a_ticket_is_written_extended_and_given_back(world: World) -> None:
    lender, path = lends(world), world.directory / "press.tmr-ticket"
    taken = world.tmr("borrow", "100001:10", "--hours", 2, "--into", path)
    assert taken.exit_code == ExitCode.OK, taken.stderr
    assert "may be used until 2026-01-01 02:00:00 (UTC)" in taken.stdout
    assert path.exists()
    again = world.tmr("borrow", "100001:10", "--hours", 2, "--into", path)
    assert (again.exit_code, "give it back" in again.stderr) == (ExitCode.NO_LICENCE, True)
    longer = world.tmr("borrow", "extend", path, "--hours", 5, "--json")
    assert document(longer)["ends_at_ms"] == LOG_TIME_MS + 5 * 3_600_000
    assert world.tmr("borrow", "return", path).exit_code == ExitCode.OK
    assert (lender.ends_ms, path.exists()) == ({}, False)
    assert world.tmr("borrow", "return", path).exit_code == ExitCode.OK, "it may be repeated"


def test_three_files_for_a_computer_without_a_network(world: World) -> None:
    lender, there = lends(world), world.directory / "laptop"
    there.mkdir()
    path, asks = there / "press.tmr-ticket", there / "press.tmr-request"
    asked = ("borrow", "request", "100001:10", "--hours", 2, "--into", path, "--out", asks)
    assert world.tmr(*asked).exit_code == ExitCode.OK
    assert world.sent("POST") == []
    for _ in range(2):
        taken = world.tmr("borrow", "--for", asks, "--into", path)
        assert taken.exit_code == ExitCode.OK, taken.stderr
    assert len(lender.ends_ms) == 1, "the same request twice is one loan"
    more = there / "more.tmr-request"
    assert world.tmr("borrow", "extend", path, "--hours", 5, "--out", more).exit_code == ExitCode.OK
    assert world.tmr("borrow", "--for", more, "--into", path).exit_code == ExitCode.OK
    assert list(lender.ends_ms.values()) == [LOG_TIME_MS + 5 * 3_600_000]
    word = there / "press.tmr-return"
    assert world.tmr("borrow", "return", path, "--out", word).exit_code == ExitCode.OK
    assert not path.exists()
    for _ in range(2):
        assert world.tmr("borrow", "return", "--from", word).exit_code == ExitCode.OK
    assert lender.ends_ms == {}


def test_scripts_are_told_as_json(world: World) -> None:
    lends(world)
    path, asks, word = (world.directory / name for name in ("a.tmr-ticket", "a.req", "a.ret"))
    asked = ("borrow", "request", "100001:10", "--hours", 2, "--into", path, "--out", asks)
    written = {"request": str(asks), "ticket": str(path)}
    assert document(world.tmr(*asked, "--json")) == written
    assert world.tmr("borrow", "--for", asks, "--into", path).exit_code == ExitCode.OK
    more = ("borrow", "extend", path, "--hours", 3, "--out", asks, "--json")
    assert document(world.tmr(*more)) == written
    by_file = document(world.tmr("borrow", "return", path, "--out", word, "--json"))
    assert by_file == {"file": str(word), "free": False}
    brought = document(world.tmr("borrow", "return", "--from", word, "--json"))
    assert brought == {"file": str(word), "free": True}
    again = document(world.tmr("borrow", "return", path, "--json"))
    assert again == {"file": str(path), "free": True}


def test_what_is_asked_wrongly_changes_nothing(world: World) -> None:
    lender, path = lends(world), world.directory / "a.tmr-ticket"
    path.write_bytes(b"no ticket")
    wrong: tuple[tuple[object, ...], ...] = (
        ("100001:10",),
        ("nonsense", "--hours", 2),
        ("100001:10", "--hours", 0),
        ("100001:10", "--hours", 9000),
        ("--for", path),
        ("return",),
        ("return", path, "--from", path),
    )
    for words in wrong:
        assert world.tmr("borrow", *words).exit_code == ExitCode.USAGE, words
    refused_ones: tuple[tuple[object, ...], ...] = (
        ("--for", path, "--into", world.directory / "b"),
        ("return", "--from", path),
        ("return", path),
        ("extend", path, "--hours", 3),
    )
    for words in refused_ones:
        refused = world.tmr("borrow", *words)
        assert refused.exit_code == ExitCode.NO_LICENCE, (words, refused.stderr)
    assert lender.ends_ms == {}
    lender.first = [problem("borrow-limit", 409, detail="2 of 2 seats are out.")]
    refused = world.tmr("borrow", "100001:10", "--hours", 2, "--into", world.directory / "c")
    assert (refused.exit_code, "2 of 2 seats" in refused.stderr) == (ExitCode.NO_LICENCE, True)
