"""POST /v1/replace: who may, and why not yet, until a new store can take the old one's place."""

from __future__ import annotations

import msgspec
import pytest

from appliance.codec import api
from appliance.ledger.membership import replacing
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, VIEWER, World, run

PATH = "/v1/replace"
WHY = "its disk is lost"


async def ask(world: World, place: str, store: bytes, who=ADMIN, why: str = WHY):
    body = api.ReplaceRequest(place=place, store=store, why=why)
    return await world.call("POST", PATH, body, who=who)


async def why_not(world: World, place: str, store: bytes, problem: str = "not-yet-replaced") -> str:
    """The reason for which it is refused now; nothing changes."""
    before = world.hosts["tmr1"].state.membership
    reply = await ask(world, place, store)
    assert (reply.status, reply.reason) == (409, problem)
    assert world.hosts["tmr1"].state.membership == before
    assert all(act.action != "replace" for act in world.hosts["tmr1"].state.acts())
    detail: str = reply.problem.detail
    return detail


def lose_disk(world: World, name: str = "up2") -> bytes:
    """Its disk is lost, and it starts with a new store, which catches up; gives that store's id."""
    world.kill(name)
    store = world.new_disk(name)
    world.start(name)
    peer = world.hosts["tmr1"].coordinator.peers[name]
    world.until(
        lambda: peer.store == store and not lacking_at(world, name), f"{name} has caught up"
    )
    return store


def lacking_at(world: World, name: str) -> int:
    """How many committed entries an upstream lacks, as the coordinator knows."""
    coordinator = world.hosts["tmr1"].coordinator
    lacking: int = coordinator.book.commit_index - coordinator.peers[name].match_index
    return lacking


def agree(world: World, store: bytes, *names: str) -> None:
    """An operator's word at these upstreams, and the beats that carry it on."""
    for name in names:
        world.consent(name, store)
    peers = world.hosts["tmr1"].coordinator.peers
    world.until(lambda: all(store in peers[name].consents for name in names), "the word is known")


async def voting(world: World) -> dict[str, bool | None]:
    """Whose store votes, as the status says."""
    status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
    return {row.name: row.votes for row in status.upstreams}


def test_a_lost_store_is_replaced_once_all_is_there():
    async def test(world: World) -> None:
        assert await voting(world) == dict.fromkeys(("up1", "up2", "up3"), True)
        store = lose_disk(world)
        assert await voting(world) == {"up1": True, "up2": False, "up3": True}
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        assert (status.verdict, status.reason) == (
            *("degraded", "serving on two of three: the store of up2 has no vote"),
        )
        assert await why_not(world, "up2", store) == "no operator agreed to it at up1"
        agree(world, store, "up1")
        assert await why_not(world, "up2", store) == "no operator agreed to it at up3"
        agree(world, store, "up3")

        done = await ask(world, "up2", store)
        assert done.status == 200, done.body
        act = world.hosts["tmr1"].state.acts()[-1]
        assert (act.action, act.subject, act.who, act.why) == (
            *("replace", "up2", "cert:adam", WHY),
        )
        again = await ask(world, "up2", store)
        assert again.of(api.DoneDocument).detail in (
            "this store will vote at up2 once the other two have stored the change",
            "this store votes at up2",
        )
        books = [host.coordinator.book for host in world.hosts.values()]
        books += [upstream.replica.book for upstream in world.upstreams.values()]
        world.until(
            lambda: all(book.state.membership.member(store) is not None for book in books),
            "everybody knows that it votes",
        )
        last = await ask(world, "up2", store)
        assert last.of(api.DoneDocument).detail == "this store votes at up2"
        assert await voting(world) == dict.fromkeys(("up1", "up2", "up3"), True)

        # Now it carries the ledger with either of the others.
        world.kill("up1")
        assert (await world.check_out("without-up1")).status == 201
        world.start("up1")
        world.until(lambda: not lacking_at(world, "up1"), "up1 has caught up")
        world.kill("up3")
        assert (await world.check_out("without-up3")).status == 201

    run(test)


def test_until_then_the_new_store_decides_nothing():
    async def test(world: World) -> None:
        lose_disk(world)
        world.kill("up1")
        committed = world.hosts["tmr1"].coordinator.book.commit_index
        reply = await world.check_out()
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        assert not world.hosts["tmr1"].serving
        assert world.hosts["tmr1"].coordinator.book.commit_index == committed
        world.start("up1")
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        assert (await world.check_out("again")).status == 201

    run(test)


def test_why_it_cannot_be_done_now():
    async def test(world: World) -> None:
        store = lose_disk(world)
        agree(world, store, "up1", "up3")
        other, never = bytes(32), "not-replaced"
        assert f"is {store.hex()}, not {other.hex()}" in await why_not(world, "up2", other, never)
        assert await why_not(world, "up9", store, never) == "no store votes at 'up9'"
        assert f"not {store.hex()}" in await why_not(world, "up1", store, never)
        up3 = world.hosts["tmr1"].coordinator.peers["up3"].store
        assert "votes already, or once did" in await why_not(world, "up1", up3, never)
        own = world.hosts["tmr1"].coordinator.peers["up1"].store
        reply = await ask(world, "up1", own)
        assert reply.of(api.DoneDocument).detail == "this store votes at up1"

    run(test)


def test_both_that_remain_have_to_be_there():
    async def test(world: World) -> None:
        store = lose_disk(world)
        agree(world, store, "up1", "up3")
        world.kill("up3")
        reply = await ask(world, "up2", store)
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        world.start("up3")
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        # Its operator's word outlived its restart: nobody has to be told again.
        coordinator = world.hosts["tmr1"].coordinator
        world.until(lambda: coordinator.may_replace("up2", store) is None, "it can be done")
        assert (await ask(world, "up2", store)).status == 200

    run(test)


def test_a_store_that_lags_has_to_catch_up_first(monkeypatch):
    async def test(world: World) -> None:
        store = lose_disk(world)
        agree(world, store, "up1", "up3")
        world.hold_writes("up2")
        monkeypatch.setattr(replacing, "BEHIND_MAX", 1)
        for number in range(4):
            assert (await world.check_out(f"lease-{number}")).status == 201
        detail = await why_not(world, "up2", store)
        assert detail.startswith("the new store still lacks ")
        world.release_writes()
        world.until(lambda: not lacking_at(world, "up2"), "it has caught up")
        assert (await ask(world, "up2", store)).status == 200

    run(test)


@pytest.mark.parametrize("who", [ALICE, VIEWER, OPERATOR], ids=lambda who: who.role)
def test_it_takes_an_administrator(who):
    async def test(world: World) -> None:
        store = lose_disk(world)
        agree(world, store, "up1", "up3")
        before = world.hosts["tmr1"].state.membership
        reply = await ask(world, "up2", store, who=who)
        assert (reply.status, reply.reason) == (403, "forbidden")
        assert "administer" in reply.problem.detail
        assert world.hosts["tmr1"].state.membership == before
        assert (await ask(world, "up2", store, who=None)).status == 401

    run(test)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        msgspec.json.encode({"place": "up2", "store": "no base64!", "why": WHY}),
        msgspec.json.encode({"place": "up2", "store": bytes(32)}),
        msgspec.json.encode({"place": "up2", "store": bytes(32), "why": "  "}),
        msgspec.json.encode({"place": 2, "store": bytes(32), "why": WHY}),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(body):
    async def test(world: World) -> None:
        before = world.hosts["tmr1"].state.membership
        reply = await world.call("POST", PATH, body, who=ADMIN)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert world.hosts["tmr1"].state.membership == before

    run(test)


def test_a_passive_host_says_that_it_is_not_active():
    async def test(world: World) -> None:
        body = api.ReplaceRequest(place="up2", store=bytes(32), why=WHY)
        reply = await world.call("POST", PATH, body, who=ADMIN, host="tmr2")
        assert (reply.status, reply.reason) == (503, "not-active")

    run(test)
