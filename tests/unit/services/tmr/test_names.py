"""Names of users and computers: shown to operators, in no entry, and forgotten when they say so."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.codec import api
from appliance.codec.api_names import EraseNameRequest, NameErasedDocument
from appliance.licences.names import short, tag_of
from appliance.licences.snapshot import dump
from appliance.services.tmr.names import ASK_EVERY_S
from appliance.sim.names import NamesTable
from tests.unit.services.tmr.parts import Reply, names_key
from tests.unit.services.tmr.test_events import Subscription
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, UPSTREAMS, World, run

ADA = api.HolderDocument(user="Ada Lovelace", host="ada-desk", pid=7, application="Engine")
SAID = ("Ada Lovelace", "ada-desk", "Engine")
TAGS = {name: tag_of(names_key("tmr1"), name) for name in SAID}


def written(world: World) -> bytes:
    """All that is in the ledger: entries, and each host's state as a snapshot."""
    entries = [entry.body for up in world.upstreams.values() for entry in up.entries]
    states = [host.state for host in world.hosts.values()]
    states += [up.replica.book.state for up in world.upstreams.values()]
    return b"".join([*entries, *(chunk for state in states for chunk in dump(state))])


def beside(world: World, name: str) -> set[str]:
    return {row.name for _, row in world.upstreams[name].names.rows.values()}


async def holder(world: World, host: str = "tmr1") -> api.HolderDocument:
    reply = await world.call("GET", "/v1/leases", who=OPERATOR, host=host)
    (lease,) = reply.of(api.LeasesDocument).leases
    return lease.holder


async def erase(world: World, name: str, why: str = "left the firm", who: Any = ADMIN) -> Reply:
    request = EraseNameRequest(name=name, why=why)
    return await world.call("POST", "/v1/names/erase", request, who=who)


def test_names_are_beside_the_ledger_and_in_no_entry() -> None:
    async def test(world: World) -> None:
        stream = Subscription(world, OPERATOR)
        await world.drain()
        reply = await world.check_out(holder=ADA)
        assert reply.status == 201
        assert all(beside(world, name) == set(SAID) for name in UPSTREAMS)
        assert TAGS["ada-desk"] in written(world)
        assert not [name for name in SAID if name.encode() in written(world)]
        assert await holder(world) == ADA
        await world.drain()
        told = [data["holder"] for name, data in stream.events if name == "check-out"]
        assert told == [{"user": "Ada Lovelace", "host": "ada-desk"}]
        await stream.leave()

    run(test)


def test_the_host_that_takes_over_knows_them_and_gives_a_repeat_the_same_lease() -> None:
    async def test(world: World) -> None:
        first = (await world.check_out(holder=ADA)).of(api.GrantDocument)
        world.advance(ASK_EVERY_S + 0.2)
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
        again = await world.check_out(holder=ADA, host="tmr2")
        assert again.status == 200 and again.of(api.GrantDocument).generation == first.generation
        assert await holder(world, "tmr2") == ADA

    run(test)


def test_a_host_that_begins_anew_gets_key_and_names_from_the_upstreams() -> None:
    async def test(world: World) -> None:
        await world.check_out(holder=ADA)
        world.advance(ASK_EVERY_S + 0.2)
        world.start_host_anew("tmr1")
        world.until(lambda: world.hosts["tmr1"].serving, "tmr1 serves again")
        world.advance(ASK_EVERY_S)
        assert await holder(world) == ADA
        assert (await world.check_out(holder=ADA)).status == 200
        assert (await world.check_out("two", holder=ADA)).status == 201

    run(test)


def test_an_upstream_that_lost_its_names_gets_them_back() -> None:
    async def test(world: World) -> None:
        await world.check_out(holder=ADA)
        world.advance(ASK_EVERY_S + 0.2)
        world.kill("up2")
        world.upstreams["up2"].names = NamesTable()
        world.start("up2")
        world.advance(3 * ASK_EVERY_S)
        assert beside(world, "up2") == set(SAID)
        assert world.upstreams["up2"].names.key == names_key("tmr1")

    run(test)


def test_an_erased_name_is_nowhere_also_where_it_was_erased_without_being_there() -> None:
    async def test(world: World) -> None:
        await world.check_out(holder=ADA)
        world.advance(ASK_EVERY_S + 0.2)
        world.kill("up3")
        reply = await erase(world, "ADA LOVELACE")
        done = reply.of(NameErasedDocument)
        tag = TAGS["Ada Lovelace"]
        assert (reply.status, done.tag, done.leases) == (200, short(tag), 1)
        world.advance(ASK_EVERY_S + 0.2)
        assert beside(world, "up1") == {"ada-desk", "Engine"} == beside(world, "up2")
        assert beside(world, "up3") == set(SAID), "it is off"
        world.start("up3")
        world.advance(3 * ASK_EVERY_S)
        assert beside(world, "up3") == {"ada-desk", "Engine"}
        shown = await holder(world)
        assert shown.user == short(tag) and shown.host == "ada-desk"
        for host in world.hosts.values():
            assert host.names.shown(tag) == short(tag)
        act = world.hosts["tmr1"].state.acts()[-1]
        assert (act.action, act.who, act.why) == ("erase-name", "cert:adam", "left the firm")

    run(test)


def test_who_goes_on_after_an_erasure_says_its_name_anew() -> None:
    async def test(world: World) -> None:
        await world.check_out(holder=ADA)
        world.advance(ASK_EVERY_S + 0.2)
        await erase(world, "Ada Lovelace")
        assert (await world.check_out(holder=ADA)).status == 200
        assert await holder(world) == ADA and beside(world, "up1") == set(SAID)

    run(test)


@pytest.mark.parametrize(
    ("name", "why", "reason"),
    [
        ("Ada", "", "bad-request"),
        ("", "left", "bad-request"),
        ("x" * 257, "left", "bad-request"),
        ("Ada Lovelace", "ada lovelace left", "bad-request"),
    ],
)
def test_an_erasure_without_a_name_or_with_the_name_in_its_reason_is_refused(
    name: str, why: str, reason: str
) -> None:
    async def test(world: World) -> None:
        before = world.hosts["tmr1"].state.acts()
        assert (await erase(world, name, why)).reason == reason
        assert world.hosts["tmr1"].state.acts() == before

    run(test)


def test_a_check_out_that_is_refused_leaves_no_name_but_an_event_that_has_it() -> None:
    async def test(world: World) -> None:
        stream = Subscription(world, OPERATOR)
        await world.drain()
        refused = await world.check_out(product_code=99, holder=ADA)
        assert refused.reason == "unknown-product"
        assert not beside(world, "up1") and len(world.hosts["tmr1"].names) == 0
        await world.drain()
        told = [data["holder"] for name, data in stream.events if name == "denial"]
        assert told == [{"user": "Ada Lovelace", "host": "ada-desk"}]
        await stream.leave()

    run(test)


def test_only_an_administrator_erases() -> None:
    async def test(world: World) -> None:
        for who in (ALICE, OPERATOR):
            assert (await erase(world, "Ada", who=who)).reason == "forbidden"

    run(test)


def test_a_disk_that_is_slow_or_an_upstream_that_is_off_keeps_nobody_from_a_seat() -> None:
    async def test(world: World) -> None:
        world.kill("up1")
        assert (await world.check_out(holder=ADA)).status == 201
        assert await holder(world) == ADA

    run(test)
