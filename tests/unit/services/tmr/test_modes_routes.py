"""Modes, stations and linger over the API: what is asked for, told, shown and refused."""

from __future__ import annotations

from typing import Any

from appliance.codec import api
from appliance.licences.commands import LeaseRef
from appliance.licences.modes import EXCLUSIVE, MODES, NO_LIMIT, STATION_SHARE, share_of
from appliance.licences.wishes import Wishes, wishes_hash
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import secret, update_of
from tests.unit.services.tmr.world import BOB, OPERATOR, PRODUCT, World, run

DESK = bytes.fromhex("0123456789abcdef0123456789abcdef")
ADDRESS = bytes([10, 77, 0, 200])
"""From which the requests of these tests come."""


def permit(world: World, **options: Any) -> None:
    """The vendor permits all modes of a licence with two seats."""
    item = vendors.item(product_code=PRODUCT, quantity=2, modes=MODES, **options)
    for twin in (1, 2, 3):
        world.upstreams[f"up{twin}"].container.take(update_of(twin, item, sequence=2))
    state = world.hosts["tmr1"].state
    world.until(
        lambda: [one.item for one in state.view.values() if one.available] == [item],
        "all three updates are in the ledger",
    )


def test_a_share_is_told_by_its_receipt_and_its_station_is_shown() -> None:
    async def test(world: World) -> None:
        permit(world)
        for lease_id in ("one", "two"):
            nonce = world.nonce()
            asked = {"mode": STATION_SHARE, "station": DESK}
            reply = await world.check_out(lease_id, nonce=nonce, **asked)
            assert reply.status == 201, reply.body
            world.believe(
                reply,
                nonce,
                mode=STATION_SHARE,
                share=share_of(STATION_SHARE, DESK),
                wishes_hash=wishes_hash(Wishes(mode=STATION_SHARE)),
            )
        lease = world.hosts["tmr1"].state.lease(LeaseRef("cert:alice", "one"))
        assert lease is not None and (lease.station, lease.address) == (DESK, ADDRESS)
        listed = (await world.call("GET", "/v1/leases", who=OPERATOR)).of(api.LeasesDocument)
        assert {(one.mode, one.station) for one in listed.leases} == {(STATION_SHARE, "01234567")}
        licences = (await world.call("GET", "/v1/licences", who=OPERATOR)).of(api.LicencesDocument)
        assert [(one.in_use, one.quantity) for one in licences.licences] == [(1, 2)]

    run(test)


def test_what_cannot_be_had_is_refused_by_name() -> None:
    async def test(world: World) -> None:
        refused = await world.check_out(mode=NO_LIMIT)
        assert (refused.status, refused.reason) == (403, "mode-not-permitted")
        permit(world)
        for wrong, named in (
            ({"mode": STATION_SHARE}, b"station"),
            ({"mode": EXCLUSIVE, "station": b"short"}, b"station"),
            ({"mode": NO_LIMIT, "seats": 2}, b"one seat"),
        ):
            bad = await world.check_out(**wrong)
            assert (bad.status, bad.reason, named in bad.body) == (400, "bad-request", True)
        assert (await world.check_out("one", station=DESK)).status == 201
        alone = await world.check_out("two", mode=EXCLUSIVE, station=DESK)
        assert (alone.status, alone.reason) == (409, "exclusive-conflict")

    run(test)


def test_a_seat_lingers_for_its_user_unless_that_is_not_wanted() -> None:
    async def test(world: World) -> None:
        permit(world, linger_s=30)
        held = (await world.check_out("one", station=DESK, seats=2)).of(api.GrantDocument)
        target = f"/v1/leases/one?generation={held.generation}"
        assert (await world.call("DELETE", target, headers=[secret()])).status == 200
        licences = (await world.call("GET", "/v1/licences", who=OPERATOR)).of(api.LicencesDocument)
        (licence,) = licences.licences
        assert (licence.in_use, licence.lingering, licence.refusal) == (0, 2, "no-seat-free")
        full = await world.check_out("bob", who=BOB, station=DESK)
        assert (full.status, full.reason) == (409, "no-seat-free")
        back = (await world.check_out("two", station=DESK, seats=2)).of(api.GrantDocument)
        target = f"/v1/leases/two?generation={back.generation}&no_linger=1"
        assert (await world.call("DELETE", target, headers=[secret()])).status == 200
        assert (await world.check_out("bob", who=BOB, station=DESK)).status == 201

    run(test)
