"""GET /v1/backup: who may, pages that lead to their proof, and upstreams that do not answer."""

from __future__ import annotations

import msgspec
import pytest

from appliance.adapters.signatures import verify_store
from appliance.codec.backup_pages import BackupPage
from appliance.ledger.certificates.proofs import decode_proof
from appliance.ledger.effects import Origin, Read, Send
from appliance.ledger.membership.backups import Backup, BackupHead, End, proven
from appliance.ledger.messages import AnyMessage, Entries, Entry, SnapshotHead
from tests.unit.services.tmr.parts import machine
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, VIEWER, World, run

PATH = "/v1/backup"
decode = msgspec.msgpack.Decoder(Entry).decode


class Reader:
    """Reads as a link would; `silent` upstreams do not answer, a page has `per_page` entries."""

    def __init__(self, world: World, per_page: int = 2) -> None:
        self.world = world
        self.per_page = per_page
        self.silent: set[str] = set()
        self.asked: list[str] = []
        world.apps = {name: world.app(name, ask=self.ask) for name in world.hosts}

    async def ask(self, name: str, question: AnyMessage) -> AnyMessage:
        world, upstream = self.world, self.world.upstreams[name]
        self.asked.append(name)
        if name in self.silent or not upstream.alive:
            raise TimeoutError
        (effect,) = upstream.replica.receive(
            world.now_s, world.system_ms(name), Origin("tmr1", 9), question
        )
        if isinstance(effect, Send):
            assert isinstance(effect.message, Entries | SnapshotHead)
            return effect.message
        assert isinstance(effect, Read)
        found = [e for e in upstream.entries if effect.first <= e.index <= effect.last]
        page = tuple(found[: self.per_page])
        return Entries(effect.first, page, effect.base_index, effect.last, effect.commit)


async def page(world: World, first: int, who=OPERATOR) -> BackupPage:
    return (await world.call("GET", f"{PATH}?first={first}", who=who)).of(BackupPage)


async def taken(world: World) -> Backup:
    """All pages, and what they amount to for somebody who trusts no host."""
    first = one = await page(world, 1)
    proof = decode_proof(first.proof)
    log: list[Entry] = []
    while len(log) < proof.index:
        log += [decode(data) for data in one.entries]
        one = await page(world, len(log) + 1)
    head = BackupHead(first.ledger_id, first.virtual_serial, proof.index, proof.root, 0, "")
    return proven([head, *log[: proof.index], End(proof)], machine(), verify_store)


def test_the_pages_prove_all_that_a_client_was_told():
    async def test(world: World) -> None:
        Reader(world)
        for number in range(5):
            assert (await world.check_out(f"lease-{number}")).status == 201
        found = await taken(world)
        assert len(found.state.leases) == 5
        assert found.head.ledger_id == found.state.ledger_id != bytes(16)
        assert len(found.signers) == 2

    run(test)


@pytest.mark.parametrize(
    ("who", "status"), [(VIEWER, 403), (ALICE, 403), (None, 401), (ADMIN, 200)]
)
def test_who_may(who, status):
    async def test(world: World) -> None:
        Reader(world)
        assert (await world.call("GET", PATH, who=who)).status == status

    run(test)


def test_only_the_active_host_gives_it():
    async def test(world: World) -> None:
        Reader(world)
        reply = await world.call("GET", PATH, who=OPERATOR, host="tmr2")
        assert reply.reason == "not-active"

    run(test)


@pytest.mark.parametrize("first", ["0", "x", "-1", "99999999999999999999"])
def test_a_wrong_place_is_refused(first):
    async def test(world: World) -> None:
        Reader(world)
        reply = await world.call("GET", f"{PATH}?first={first}", who=OPERATOR)
        assert reply.reason == "bad-request"

    run(test)


def test_another_upstream_is_asked_where_one_is_silent():
    async def test(world: World) -> None:
        reader = Reader(world)
        (reader.silent,) = ({"up1", "up2"},)
        assert (await page(world, 1)).entries
        assert reader.asked[-1] == "up3"
        reader.silent = {"up1", "up2", "up3"}
        reply = await world.call("GET", PATH, who=OPERATOR)
        assert reply.reason == "unknown-repeat"

    run(test)


def test_a_page_beyond_the_end_is_empty():
    async def test(world: World) -> None:
        Reader(world)
        assert (await page(world, 1_000_000)).entries == ()

    run(test)


def test_what_stands_for_lost_entries_is_asked_of_all():
    async def test(world: World) -> None:
        reader = Reader(world)
        for path in ("/v1/backup/snapshot", "/v1/backup/snapshot?index=7&chunk=0"):
            reader.asked.clear()
            reply = await world.call("GET", path, who=OPERATOR)
            assert reply.reason == "snapshot-gone"
            assert sorted(reader.asked) == ["up1", "up2", "up3"]
            assert (await world.call("GET", path, who=VIEWER)).status == 403
            assert (await world.call("GET", path, who=OPERATOR, host="tmr2")).status == 503

    run(test)
