"""All upstreams are put back to one moment: TMR hosts, or clients, know it and can prove it."""

from __future__ import annotations

from copy import copy
from typing import Any

from msgspec.structs import replace

from appliance.codec import api
from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.election.terms import Term
from appliance.services.tmr import overview
from appliance.verifier.layouts import endorsement_bytes
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import secret
from tests.unit.services.tmr.test_lease_routes import ONE, granted
from tests.unit.services.tmr.world import ALICE, HOSTS, OPERATOR, UPSTREAMS, World, run

MINE = [secret()]
KEPT = ("entries", "promised", "adopted", "record", "commit_index")


async def consumes(world: World, grant: api.GrantDocument, number: int, units: int) -> Any:
    nonce = world.nonce()
    body = api.ConsumeRequest(generation=grant.generation, number=number, units=units, nonce=nonce)
    return await world.call("POST", f"{ONE}/units", body, headers=MINE)


def copies(world: World) -> dict[str, dict[str, Any]]:
    """What the disks hold now."""
    return {
        name: {field: copy(getattr(world.upstreams[name], field)) for field in KEPT}
        for name in UPSTREAMS
    }


def put_back(world: World, disks: dict[str, dict[str, Any]], *, hosts_too: bool = False) -> None:
    """The machines are as they were; with `hosts_too`, both TMR hosts have lost their memory."""
    for name in UPSTREAMS:
        world.kill(name)
    world.advance(2.0)  # Within its term the active host would give them back what they lack.
    for name in UPSTREAMS:
        for field, value in disks[name].items():
            setattr(world.upstreams[name], field, copy(value))
    if hosts_too:
        for name in HOSTS:
            world.start_host_anew(name)
    for name in UPSTREAMS:
        world.start(name)
    world.until(lambda: world.hosts["tmr1"].serving, "tmr1 serves again")
    world.advance(1.0)


async def lost(world: World, host: str = "tmr1") -> api.StatusDocument:
    reply = await world.call("GET", "/v1/status", who=OPERATOR, host=host)
    return reply.of(api.StatusDocument)


def named(status: api.StatusDocument) -> list[str]:
    return [one.cause for one in status.findings if one.code == "ledger-rolled-back"]


def test_tmr_hosts_that_went_on_name_it_and_units_rest_until_the_vendor_confirms():
    async def test(world: World) -> None:
        grant = await granted(world)
        disks = copies(world)
        assert (await consumes(world, grant, 1, 150)).status in (200, 201)
        world.advance(2.0)
        put_back(world, disks)
        status = await lost(world)
        assert named(status) == ["ledger-rolled-back"]
        loss = status.loss
        assert loss is not None and (loss.units, loss.entries, loss.entry > 0) == (150, 1, True)
        assert (await consumes(world, grant, 1, 150)).reason == "units-unconfirmed"
        why = api.AcceptLossRequest(why="two machines were restored")
        assert (await world.call("POST", "/v1/accept-loss", why, who=ALICE)).status == 403
        assert (await world.call("POST", "/v1/accept-loss", why, who=OPERATOR)).status == 200
        world.until(lambda: bool(world.hosts["tmr2"].state.loss.accepted), "tmr2 has heard of it")
        status = await lost(world, "tmr2")
        assert status.loss == replace(loss, accepted=True)
        status = await lost(world)
        assert named(status) == [] and status.loss is not None and status.loss.accepted
        assert (await consumes(world, grant, 1, 150)).reason == "units-unconfirmed"

    run(test)


def test_a_client_shows_its_receipt_to_hosts_that_have_forgotten():
    async def test(world: World) -> None:
        await granted(world)
        disks = copies(world)
        receipt = (await granted(world, "two")).receipt
        assert receipt is not None
        put_back(world, disks, hosts_too=True)
        assert named(await lost(world)) == []
        text = api.seen_text(receipt.ledger_id, receipt.index, receipt.log_root)
        seen = [(api.SEEN_HEADER, text)]
        reply = await world.call("GET", f"{ONE}", headers=[*MINE, *seen])
        assert reply.headers[api.SHOW_HEADER] == "1"
        # Whoever makes something up is not believed.
        for forged in (
            replace(receipt, index=receipt.index + 1),
            replace(receipt, ledger_id=b"another"),
            replace(receipt, endorsements=receipt.endorsements[:1]),
        ):
            body = api.SeenRequest(receipt=forged)
            assert (await world.call("POST", "/v1/seen", body)).reason == "bad-request"
        world.advance(1.0)
        assert named(await lost(world)) == []
        body = api.SeenRequest(receipt=receipt)
        assert (await world.call("POST", "/v1/seen", body)).of(api.SeenDocument).lost
        world.advance(1.0)
        status = await lost(world)
        assert named(status) == ["ledger-rolled-back"]
        assert status.loss is not None and status.loss.seen_by == "cert:alice"

    run(test)


def test_who_has_seen_what_is_there_is_asked_for_nothing():
    async def test(world: World) -> None:
        receipt = (await granted(world)).receipt
        assert receipt is not None
        text = api.seen_text(receipt.ledger_id, receipt.index, receipt.log_root)
        for said in (text, "", "x", "a-b-c", text.replace("-", "-9" * 20, 1)):
            seen = [(api.SEEN_HEADER, said)]
            reply = await world.call("GET", f"{ONE}", headers=[*MINE, *seen])
            assert api.SHOW_HEADER not in reply.headers
        body = api.SeenRequest(receipt=receipt)
        assert not (await world.call("POST", "/v1/seen", body)).of(api.SeenDocument).lost
        assert named(await lost(world)) == []

    run(test)


def of_another_ledger(receipt: api.ReceiptDocument, later_ms: int) -> api.ReceiptDocument:
    """The same containers endorsed the same batch in another ledger, so much later."""
    term = Term(receipt.term.counter, receipt.term.host, receipt.term.nonce)
    roots = receipt.log_root, receipt.outcome_root, receipt.history_root
    at_ms = receipt.log_time_ms + later_ms
    statement = Statement(b"another ledger!!", term, receipt.index, *roots, receipt.size, at_ms)
    keys = {
        vendors.CONTAINER_CERTIFICATES[twin]: vendors.CONTAINER_KEYS[twin] for twin in (1, 2, 3)
    }
    words = tuple(
        replace(
            one,
            signature=keys[one.certificate].sign(
                endorsement_bytes(statement, one.objections, one.system_time_ms)
            ),
        )
        for one in receipt.endorsements
    )
    return replace(receipt, ledger_id=statement.ledger_id, log_time_ms=at_ms, endorsements=words)


def test_another_system_with_these_containers_is_named_by_a_client_that_met_both(monkeypatch):
    monkeypatch.setattr(overview, "OTHER_STANDS_S", 2.0)

    async def test(world: World) -> None:
        receipt = (await granted(world)).receipt
        assert receipt is not None
        other = of_another_ledger(receipt, 1)

        async def told(one: api.ReceiptDocument, before: api.ReceiptDocument | None) -> Any:
            return await world.call("POST", "/v1/seen", api.SeenRequest(receipt=one, before=before))

        async def causes() -> list[str]:
            return [one.cause for one in (await lost(world)).findings if one.code == "two-systems"]

        # After a restore: the old ledger's receipt, and perhaps one of this ledger that is later.
        earlier = of_another_ledger(receipt, -1)
        assert (await told(earlier, None)).reason == "bad-request"
        assert not (await told(earlier, receipt)).of(api.SeenDocument).other_system
        # Whoever makes something up is not believed.
        forged = replace(other, log_time_ms=other.log_time_ms + 1)
        for one, before in ((forged, receipt), (other, other), (receipt, receipt)):
            assert (await told(one, before)).reason == "bad-request"
        assert await causes() == []
        assert (await told(other, receipt)).of(api.SeenDocument).other_system
        assert await causes() == ["two-systems"]
        document = (await lost(world)).other_system
        assert document is not None and document.seen_by == "cert:alice"
        world.advance(3.0)
        assert await causes() == []

    run(test)
