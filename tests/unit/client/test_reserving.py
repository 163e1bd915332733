"""`with lease.reserve(50) as part: part.settle(37)`: once each, and by one's own key."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.client import (
    AsyncClient,
    LeaseLost,
    OutcomeUnknown,
    Refused,
    UnfinishedConsumption,
)
from appliance.licences.settlements import settle_bytes
from tests.unit.client.fake import RESET, SILENCE, Certificates, FakeServer, Reply, Request, problem
from tests.unit.client.test_lease import play
from tests.unit.client.test_sync import playing


def sent(server: FakeServer, verb: str) -> list[dict[str, Any]]:
    return [one.document for one in server.requests if one.path.endswith(f"/units/{verb}")]


def check_signature(server: FakeServer, ledger_id: bytes) -> None:
    """The settlement is signed by the key that the reservation named."""
    key = base64.b64decode(sent(server, "reserve")[-1]["settle_key"])
    said = sent(server, "settle")[-1]
    data = settle_bytes(ledger_id, said["generation"], said["number"], said["used"])
    public = Ed25519PublicKey.from_public_bytes(key)
    public.verify(base64.b64decode(said["signature"]), data)


def test_what_was_not_used_is_given_back(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            async with lease.reserve(50) as part:
                assert (part.units, part.used, part.grant.units_taken) == (50, None, 50)
                await part.settle(37)
                assert part.used == 37
            async with lease.reserve(5) as other:
                await other.settle(0)
            one, two = sent(server, "settle")
            assert (one["number"], one["used"], two["number"], two["used"]) == (1, 37, 2, 0)
            keys = {said["settle_key"] for said in sent(server, "reserve")}
            assert len(keys) == 2, "each has a key of its own"
            assert part.grant.receipt is not None
            check_signature(server, part.grant.receipt.ledger_id)

    play(certificates, act)


def test_without_a_word_all_of_it_is_used(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            async with lease.reserve(50):
                pass
            with pytest.raises(ZeroDivisionError):
                async with lease.reserve(20):
                    raise ZeroDivisionError
        assert [said["used"] for said in sent(server, "settle")] == [50, 20]

    play(certificates, act)


@pytest.mark.parametrize("used", [-1, 51])
def test_no_more_is_settled_than_was_reserved(certificates: Certificates, used: int) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease, lease.reserve(50) as part:
            with pytest.raises(ValueError, match="of 50 that were reserved"):
                await part.settle(used)
            assert sent(server, "settle") == []

    play(certificates, act)


def test_lost_answers_cost_nothing(certificates: Certificates) -> None:
    """Each request is repeated as it was."""

    async def act(client: AsyncClient, server: FakeServer) -> None:
        lost: set[str] = set()

        def script(request: Request) -> Reply:
            verb = request.path.rpartition("/")[2]
            if verb in ("reserve", "settle") and verb not in lost:
                lost.add(verb)
                return RESET
            return server.honest(request)

        async with client.lease(100001, 10) as lease:
            server.script = script
            async with lease.reserve(50) as part:
                await part.settle(37)
            first, again = sent(server, "reserve")
            assert first | {"nonce": ""} == again | {"nonce": ""}
            assert sent(server, "settle")[0] == sent(server, "settle")[1]

    play(certificates, act)


def test_an_unknown_reservation_has_to_be_finished_before_the_next(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda r: SILENCE if "/units" in r.path else server.honest(r)
            lease._deadline_s = 0.2
            part = lease.reserve(50)
            with pytest.raises(OutcomeUnknown):
                await part.take()
            with pytest.raises(LeaseLost, match="nothing was reserved"):
                await part.settle(3)
            with pytest.raises(UnfinishedConsumption):
                await lease.reserve(1).take()
            server.script = None
            assert (await part.take()).units_taken == 50
            await part.settle(3)
            assert len({said["settle_key"] for said in sent(server, "reserve")}) == 1

    play(certificates, act)


def test_a_refused_reservation_takes_nothing(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda r: (
                problem("units-exhausted", 409) if "/units" in r.path else server.honest(r)
            )
            with pytest.raises(Refused):
                async with lease.reserve(50):
                    raise AssertionError
            assert lease.unfinished is None
            server.script = None

    play(certificates, act)


def test_whoever_resumes_repeats_the_very_reservation(
    certificates: Certificates, tmp_path: Path
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first = client.lease(100001, 10, resume=tmp_path / "app.lease")
        await first.check_out()
        server.script = lambda r: SILENCE if "/units" in r.path else server.honest(r)
        first._deadline_s = 0.2
        with pytest.raises(OutcomeUnknown):
            await first.reserve(50).take()
        await first.abandon()
        server.script = None
        again = client.lease(100001, 10, resume=tmp_path / "app.lease")
        await again.check_out()
        assert again.unfinished == (1, 50)
        await again.settle()
        before, after = sent(server, "reserve")[0], sent(server, "reserve")[-1]
        assert before | {"nonce": ""} == after | {"nonce": ""}
        await again.check_in()

    play(certificates, act)


def test_programs_that_block_reserve_as_well(certificates: Certificates) -> None:
    with playing(certificates) as (client, server), client.lease(100001, 10) as lease:
        with lease.reserve(50) as part:
            assert (part.units, part.grant.units_taken, part.used) == (50, 50, None)
            part.settle(37)
        assert part.used == 37
        assert sent(server, "settle")[0]["used"] == 37
