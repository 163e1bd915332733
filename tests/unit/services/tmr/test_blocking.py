"""A blocked container in a running system: two live on, its word counts for nothing, and back."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from appliance.codec import api
from appliance.codec.block_list import build_block_list, read_block_list
from appliance.codec.certificates import build_container_certificate
from appliance.ledger.messages import Offer
from appliance.ledger.replica import replica
from appliance.licences.commands import CheckIn, ImportBlockList, LeaseRef, encode_command
from appliance.licences.model import Blocked, BlockList
from appliance.verifier.certificates import ContainerIdentity
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import update_of
from tests.unit.services.tmr.test_failures import endorsers
from tests.unit.services.tmr.world import OPERATOR, UPSTREAMS, VIEWER, World, run


def a_list(number: int, *twins: int, root_key=vendors.ROOT_KEY) -> BlockList:
    entries = [
        (Blocked(vendors.SERIALS[twin], f"{twin:x}", "Stolen from the van"), vendors.NOW)
        for twin in twins
    ]
    week = vendors.NOW + timedelta(days=7)
    data = build_block_list(root_key, vendors.ROOT, number, entries, vendors.NOW, week)
    return read_block_list(data, vendors.ROOT)


def everybody_knows(world: World, number: int) -> None:
    """Wait until every replica and both TMR hosts hold this list."""
    books = [upstream.replica.book for upstream in world.upstreams.values()]
    books += [host.coordinator.book for host in world.hosts.values()]
    world.until(
        lambda: all(book.state.block_list.number == number for book in books),
        f"list {number} is known",
    )


async def granted(world: World, lease_id: str) -> list[str]:
    """Who vouches for a new grant."""
    nonce = world.nonce()
    grant = world.believe(await world.check_out(lease_id, nonce=nonce), nonce)
    return endorsers(grant)


def test_two_live_on_and_unblocking_brings_the_third_back():
    async def test(world: World) -> None:
        assert (await world.check_out("before")).status == 201
        world.upstreams["up2"].container.block_list = a_list(3, 1)
        everybody_knows(world, 3)
        assert await granted(world, "blocked") == ["up2", "up3"]
        assert await granted(world, "before") == ["up2", "up3"], "a seat that is held is renewed"
        status = (await world.call("GET", "/v1/status", who=OPERATOR)).of(api.StatusDocument)
        assert (status.verdict, status.reason) == (
            *("degraded", "the vendor blocked the container of up1"),
        )
        assert [one.locked for one in status.upstreams] == ["Stolen from the van", "", ""]
        (licence,) = (
            (await world.call("GET", "/v1/licences", who=VIEWER)).of(api.LicencesDocument).licences
        )
        assert [part.state for part in licence.constituents] == ["locked", "ok", "ok"]

        world.upstreams["up3"].container.block_list = a_list(4)
        everybody_knows(world, 4)
        world.kill("up2")
        assert await granted(world, "back") == ["up1", "up3"]

    run(test)


async def waits_for_the_third(world: World, lease_id: str) -> None:
    """With up3's disk busy up1 and up2 commit the entry, but up1 does not vouch for it."""
    world.hold_writes("up3")
    nonce = world.nonce()
    task = world.begin("PUT", f"/v1/leases/{lease_id}", world.asking({"nonce": nonce}))
    await world.drain()
    assert world.hosts["tmr1"].state.lease(LeaseRef("cert:alice", lease_id)) is not None
    assert not task.done(), "one voice is not enough"
    world.release_writes()
    assert endorsers(world.believe(await world.answer(task, "it"), nonce)) == ["up2", "up3"]


def test_a_blocked_container_gives_no_second_voice():
    async def test(world: World) -> None:
        world.upstreams["up2"].container.block_list = a_list(3, 1)
        everybody_knows(world, 3)
        await waits_for_the_third(world, "one")
        world.kill("up3")
        reply = await world.check_out("two")
        assert (reply.status, reply.reason) == (503, "quorum-lost")
        assert reply.of(api.Problem).missing == ("up3",)

    run(test)


def test_a_thief_who_signs_on_is_not_counted_and_no_dispute(monkeypatch):
    """A stolen host need not lock itself: the others stop counting it all the same."""

    async def test(world: World) -> None:
        monkeypatch.setattr(replica, "is_locked", lambda *_: False)
        world.upstreams["up2"].container.block_list = a_list(3, 1)
        everybody_knows(world, 3)
        host = world.hosts["tmr1"]
        seen: list[object] = []
        host.hub.publish = lambda name, *rest: seen.append(name)  # type: ignore[method-assign]
        await waits_for_the_third(world, "one")
        assert "disputed" not in seen
        # Nor does its clock vote: with one clock left, log time stands.
        world.kill("up3")
        world.advance(3)
        stands = host.coordinator.book.log_time_ms
        world.advance(70)
        assert host.coordinator.book.log_time_ms == stands, "an idle minute's tick moves nothing"
        world.start("up3")
        world.advance(70)
        assert host.coordinator.book.log_time_ms > stands + 60_000

    run(test)


def test_an_old_list_brings_no_stolen_container_back():
    async def test(world: World) -> None:
        world.upstreams["up2"].container.block_list = a_list(3, 1)
        everybody_knows(world, 3)
        host = world.hosts["tmr1"]
        for bad in (a_list(2).data, a_list(3).data, a_list(4).data[:-1], b"", b"0" * 300_000):
            host.message("up1", Offer(encode_command(ImportBlockList(bad, ""))))
            world.advance(0.5)
        host.message("up1", Offer(b"\xc1 no command"))
        host.message("up1", Offer(encode_command(CheckIn(LeaseRef("cert:alice", "x"), 1))))
        world.advance(0.5)
        for name in UPSTREAMS:
            state = world.upstreams[name].replica.book.state
            assert (state.block_list.number, state.containers[vendors.SERIALS[1]].locked) == (
                *(3, True),
            )
        assert await granted(world, "one") == ["up2", "up3"]

    run(test)


def test_a_block_outlives_every_power_cut():
    async def test(world: World) -> None:
        world.upstreams["up2"].container.block_list = a_list(3, 1)
        everybody_knows(world, 3)
        for name in UPSTREAMS:
            world.kill(name)
        world.advance(1)
        for name in UPSTREAMS:
            world.start(name)
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        assert await granted(world, "one") == ["up2", "up3"]

    run(test)


NEW = "130-20000001"


def lose_container(world: World) -> bytes:
    """up1 has a new container, which the vendor made twin 1 anew; gives its certificate."""
    container = world.upstreams["up1"].container
    (item,) = container.items.values()
    container.serial, container.key, container.updates = NEW, vendors.key(21), []
    identity = ContainerIdentity(NEW, vendors.CMACT_ID, 1, vendors.public(container.key))
    certificate = build_container_certificate(
        vendors.ROOT_KEY, vendors.ROOT, identity, vendors.NOW, vendors.RNG
    )
    anew = msgspec.structs.replace(update_of(1, item), serial=NEW, certificate=certificate)
    container.take(anew)
    return certificate


async def vouchers(world: World, host: str) -> set[bytes]:
    """The certificates of who vouches for a new grant by this TMR host."""
    nonce = world.nonce()
    grant = world.believe(await world.check_out(f"by-{host}", host=host, nonce=nonce), nonce)
    assert grant.receipt is not None
    return {word.certificate for word in grant.receipt.endorsements}


def test_a_new_container_takes_the_lost_ones_place_once_the_list_is_there_and_endorses():
    async def test(world: World) -> None:
        assert (await world.check_out("before")).status == 201
        certificate = lose_container(world)
        world.advance(5)
        books = [upstream.replica.book for upstream in world.upstreams.values()]
        books += [host.coordinator.book for host in world.hosts.values()]
        old = vendors.SERIALS[1]
        assert all(old in book.state.containers for book in books), "offered, and refused"
        # The refused file is tried again with the list that makes room for it.
        world.upstreams["up2"].container.block_list = a_list(3, 1)
        everybody_knows(world, 3)
        world.until(
            lambda: all(NEW in book.state.containers for book in books), "the new one is known"
        )
        assert all(old not in book.state.containers for book in books)
        # The host that serves has seen it come; the other one knows it when it takes over.
        world.kill("up3")
        both = {certificate, vendors.CONTAINER_CERTIFICATES[2]}
        assert await vouchers(world, "tmr1") == both
        world.start("up3")
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
        world.kill("up2")
        both = {certificate, vendors.CONTAINER_CERTIFICATES[3]}
        assert await vouchers(world, "tmr2") == both

    run(test)
