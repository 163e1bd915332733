"""The routes of the usage record, over real replicas: reports, pages, names, and who may ask."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from appliance.adapters.store.database import Store
from appliance.codec.api import HolderDocument
from appliance.codec.api_names import EraseNameRequest
from appliance.codec.api_usage import RecordDocument, UsageDocument, UsageNamesDocument
from appliance.ledger.effects import NamesWrite, Origin, ReadRecord, SnapshotRecord, Write
from appliance.ledger.messages import AnyMessage, Recorded, RecordPage
from appliance.licences.snapshot import dump
from appliance.services.tmr import usage
from appliance.usage.proof import Chain
from tests.unit.services.tmr.parts import FIRM, secret
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    BEGIN_MS,
    BOB,
    OPERATOR,
    PRODUCT,
    UPSTREAMS,
    VIEWER,
    World,
    run,
)

REPORT, RECORD, NAMES = "/v1/usage", "/v1/usage/record", "/v1/usage/names"
ADA = HolderDocument(user="Ada", host="press7")


class Reader:
    """Reads as links would; `silent` upstreams do not answer, some `lack` entries up to that."""

    def __init__(self, world: World, per_page: int = 3) -> None:
        self.world, self.per_page = world, per_page
        self.silent: set[str] = set()
        self.lacks: dict[str, int] = {}
        self.asked: list[str] = []
        world.apps = {name: world.app(name, ask=self.ask) for name in world.hosts}

    async def ask(self, name: str, question: AnyMessage) -> AnyMessage:
        world, upstream = self.world, self.world.upstreams[name]
        self.asked.append(name)
        if name in self.silent:
            raise TimeoutError
        await asyncio.sleep(0)
        (effect,) = upstream.replica.receive(
            world.now_s, world.system_ms(name), Origin("tmr1", 9), question
        )
        assert isinstance(effect, ReadRecord)
        first = max(effect.first, self.lacks.get(name, 0) + 1)
        kept = upstream.recorded(first, effect.last)[: self.per_page]
        return RecordPage(effect.first, kept, effect.last)


async def used(world: World) -> None:
    """Ada holds a seat for ten seconds, somebody else one for longer, a third is refused."""
    one = await world.check_out("one", who=ALICE, holder=ADA)
    await world.check_out("two", who=BOB)
    assert (await world.check_out("three", who=BOB, holder=ADA)).status == 409
    world.advance(10)
    generation = msgspec.json.decode(one.body)["generation"]
    target = f"/v1/leases/one?generation={generation}"
    assert (await world.call("DELETE", target, headers=[secret()])).status == 200
    world.advance(1)


async def report(world: World, query: str = "", who=VIEWER) -> UsageDocument:
    return (await world.call("GET", f"{REPORT}?{query}", who=who)).of(UsageDocument)


def test_a_report_tells_seats_by_product_hour_and_user():
    async def test(world: World) -> None:
        Reader(world)
        await used(world)
        (row,) = (await report(world, "by=product,hour")).rows
        assert row.of == {"product": f"{FIRM}:{PRODUCT}"}
        assert (row.in_use_peak, row.sessions) == (2, 2)
        by_user = {row.of["user"]: row for row in (await report(world, "by=user")).rows}
        assert set(by_user) == {"Ada", "u"}
        assert 9.0 <= by_user["Ada"].seat_s <= 12.0
        hidden = (await report(world, "by=user&pseudonymous=1")).rows
        assert sorted(len(row.of["user"]) for row in hidden) == [33, 33]
        clients = {row.of["client"] for row in (await report(world, "by=client")).rows}
        assert clients == {"cert:alice", "cert:bob"}
        rows = (await report(world, "by=client&pseudonymous=1")).rows
        assert {row.of["client"][0] for row in rows} == {"#"} and len(rows) == 2
        assert not (await report(world, f"to_ms={BEGIN_MS - 1}")).rows

    run(test, quantity=2)


def test_what_one_upstream_lacks_another_gives():
    async def test(world: World) -> None:
        reader = Reader(world)
        await used(world)
        reader.lacks = {"up1": 4, "up2": 7}
        reader.silent = set()
        whole = await report(world, "by=product")
        assert not whole.gaps and set(reader.asked) == set(UPSTREAMS)
        reader.lacks["up3"] = 4
        part = await report(world, "by=product")
        assert [(gap.first, gap.last) for gap in part.gaps] == [(1, 4)]
        reader.silent = set(UPSTREAMS)
        assert (await world.call("GET", REPORT, who=VIEWER)).reason == "unknown-repeat"
        silent = await world.call("GET", f"{RECORD}?upstream=up1", who=OPERATOR)
        assert silent.reason == "not-found"
        reader.silent = set()
        world.kill("up3")
        away = await world.call("GET", f"{RECORD}?upstream=up3", who=OPERATOR)
        assert away.reason == "not-found"

    run(test, quantity=2)


def test_pages_hold_what_proves_itself():
    async def test(world: World) -> None:
        Reader(world)
        await used(world)
        chain, first = Chain(), 1
        while True:
            reply = await world.call("GET", f"{RECORD}?first={first}&upstream=up2", who=OPERATOR)
            page = reply.of(RecordDocument)
            if not page.kept:
                break
            for data in page.kept:
                chain.feed(msgspec.msgpack.decode(data, type=Recorded))
            assert chain.last is not None
            first = chain.last.index + 1
        assert page.upstream == "up2" and len(page.certificates) == 3
        assert chain.last is not None and chain.last.index == page.last_index
        assert page.ledger_id == chain.ledger_id

    run(test, quantity=2)


def test_names_are_given_until_they_are_erased_and_no_report_has_them_then():
    async def test(world: World) -> None:
        Reader(world)
        await used(world)
        names = (await world.call("GET", NAMES, who=VIEWER)).of(UsageNamesDocument)
        assert "Ada" in names.names.values() and names.next is None
        erase = EraseNameRequest(name="Ada", why="asked for it")
        assert (await world.call("POST", "/v1/names/erase", erase, who=ADMIN)).status == 200
        names = (await world.call("GET", NAMES, who=VIEWER)).of(UsageNamesDocument)
        assert "Ada" not in names.names.values()
        rows = (await report(world, "by=user")).rows
        assert "Ada" not in {row.of["user"] for row in rows} and len(rows) == 2

    run(test, quantity=2)


@pytest.mark.parametrize(
    "path, who, reason",
    [
        (REPORT, ALICE, "forbidden"),
        (RECORD, VIEWER, "forbidden"),
        (NAMES, ALICE, "forbidden"),
        (f"{REPORT}?by=week", VIEWER, "bad-request"),
        (f"{REPORT}?by=hour,day", VIEWER, "bad-request"),
        (f"{REPORT}?from_ms=9&to_ms=3", VIEWER, "bad-request"),
        (f"{RECORD}?first=0", OPERATOR, "bad-request"),
        (f"{RECORD}?upstream=up9", OPERATOR, "bad-request"),
    ],
)
def test_what_cannot_be_asked_is_refused(path, who, reason):
    async def test(world: World) -> None:
        Reader(world)
        assert (await world.call("GET", path, who=who)).reason == reason

    run(test)


def test_a_long_record_is_refused_with_what_reads_it(monkeypatch):
    monkeypatch.setattr(usage, "ENTRIES_MAX", 5)

    async def test(world: World) -> None:
        Reader(world)
        await used(world)
        reply = await world.call("GET", REPORT, who=VIEWER)
        assert reply.reason == "bad-request" and b"tmr usage report" in reply.body

    run(test, quantity=2)


def test_an_erased_name_is_in_no_file_of_an_upstream_nor_in_what_is_made_of_it(tmp_path: Path):
    """Its database and archive, the snapshot, the record with its results, and a new backup, which
    is made of entries and the snapshot."""
    name, path = "Ada-Lovelace-of-Ockham", tmp_path / "ledger.sqlite"
    Store.init(path, "up1", bytes(16))
    store = Store(path, "up1")

    def found() -> bool:
        files = [one for one in tmp_path.rglob("*") if one.is_file()]
        assert any("segment" in one.name for one in files)
        return any(name.encode() in one.read_bytes() for one in files)

    async def test(world: World) -> None:
        Reader(world)
        who = HolderDocument(user=name, host=f"pc of {name}", application=name)
        upstream = world.upstreams["up1"]
        await world.check_out("zero")  # From now on log time is known.
        world.advance(1)
        assert (await world.check_out("one", holder=who)).status == 201
        world.until(lambda: len(upstream.names.rows) >= 4, "the names to be written")
        rows = tuple(row for _, row in upstream.names.rows.values())
        store.write([Write(1, names=NamesWrite(upstream.names.key, rows))])
        erase = EraseNameRequest(name=name, why="asked for it")
        for said in (name, f"pc of {name}"):
            request = msgspec.structs.replace(erase, name=said)
            assert (await world.call("POST", "/v1/names/erase", request, who=ADMIN)).status == 200
        world.advance(1)
        kept, book = upstream.recorded(), upstream.replica.book
        last = book.commit_index
        entries = tuple(one.entry for one in kept[:last])
        results = tuple(one.result for one in kept[:last])
        chunks = tuple(dump(book.state))
        snapshot = SnapshotRecord(last, entries[-1].root, chunks, about=b"about")
        store.write([Write(2, append=entries, results=results, commit_index=last)])
        store.write([Write(3, snapshot=snapshot, compact_to=last - 2)])
        assert found()
        forget = tuple((tag, erased.at_ms) for tag, erased in book.state.erased.items())
        assert len(forget) == 2
        store.write([Write(4, names=NamesWrite(forget=forget))])
        assert not found()
        backup = b"".join((*map(msgspec.msgpack.encode, (*entries, *kept)), *chunks))
        assert name.encode() not in backup
        assert not [row for _, row in upstream.names.rows.values() if name in row.name]

    run(test)
    store.close()
    assert not found()
