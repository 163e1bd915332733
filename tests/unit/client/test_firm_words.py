"""A client asks for the firm's word where it has to, and no more often."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from appliance.client import AsyncClient, ReceiptRefused, ReceiptVerifier, Trust
from appliance.codec.api import CheckOutRequest
from appliance.licences.grants import item_hash
from tests.unit.client.fake import LEASE_TIMING, Certificates, FakeServer, Reply, Request, until
from tests.unit.client.fake import problem as problem_of
from tests.unit.client.test_lease import play
from tests.unit.verifier.plant import FIRM_CODE, Endorser, Plant, a_grant, a_line, an_item


def untaught() -> ReceiptVerifier:
    """It knows nothing yet."""
    return ReceiptVerifier(Trust(Plant().root))


def asked(server: FakeServer) -> int:
    return len(server.paths("GET"))


def test_the_firms_word_is_asked_for_once_for_all_leases_of_a_client(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as one:
            assert server.paths("GET") == [
                "/v1/firm-words?firm_code=100001&product_code=10&tmr_id=4"
            ]
            await one.consume(5)
            renewed = len(server.paths("PUT"))
            await until(lambda: len(server.paths("PUT")) > renewed + 1)
            async with client.lease(100001, 10):
                pass
        assert asked(server) == 1
        assert server.connections == 1

    timing = replace(LEASE_TIMING, renewal_share=0.0001)
    play(certificates, act, lease_timing=timing, verifier=untaught())


def test_a_container_that_took_anothers_place_needs_a_word_of_its_own(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        plant = server.plant
        async with client.lease(100001, 10) as lease:
            assert asked(server) == 1
            plant.twins = (plant.twins[0], plant.twin(2, "A1", " anew"), plant.twins[2])
            server.endorsers = [Endorser(plant.twins[0]), Endorser(plant.twins[1])]
            await lease.consume(5)
            assert asked(server) == 2

    play(certificates, act, verifier=untaught())


def test_a_licence_that_changes_meanwhile_is_asked_for_again(certificates: Certificates) -> None:
    """The vendor's change comes between the grant and the question what was signed."""
    old, new = an_item(), an_item(quantity=4)
    changed = False

    async def act(client: AsyncClient, server: FakeServer) -> None:
        def script(request: Request) -> Reply:
            nonlocal changed
            if request.method == "PUT":
                nonce = msgspec.json.decode(request.body, type=CheckOutRequest).nonce
                line = a_line(item_hash=item_hash(FIRM_CODE, new if changed else old))
                grant = a_grant("lease", lines=(line,))
                return Reply(201, server.plant.receipt_for(grant, nonce))
            if request.method == "GET":
                changed = True
                return Reply(200, server.plant.words(new, sequence=2))
            return server.honest(request)

        server.script = script
        async with client.lease(100001, 10) as lease:
            assert lease.grant.lines[0].item_hash == item_hash(FIRM_CODE, new)
        assert len(server.paths("PUT")) == 2
        assert asked(server) == 1

    play(certificates, act, verifier=untaught())


@pytest.mark.parametrize(
    ("script", "reason", "times"),
    [
        (lambda _: problem_of("unknown-product", 404), "no-firm-word", 3),
        (lambda _: Reply(200, Plant("elsewhere").words(an_item())), "foreign-root", 1),
    ],
    ids=["no word", "another root"],
)
def test_a_seat_of_which_the_firm_knows_nothing_is_given_back(
    certificates: Certificates, script, reason: str, times: int
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.script = lambda request: (
            script(request) if request.method == "GET" else server.honest(request)
        )
        with pytest.raises(ReceiptRefused) as refused:
            await client.lease(100001, 10).check_out()
        assert refused.value.reason == reason
        assert asked(server) == len(server.paths("PUT")) == times
        assert len(server.paths("DELETE")) == 1

    play(certificates, act, verifier=untaught())


def test_an_older_word_than_before_is_refused(certificates: Certificates) -> None:
    """A container put back to before an update shows an item that the vendor changed since."""

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.sequence = 7
        async with client.lease(100001, 10):
            pass
        server.sequence = 6
        other = Endorser(server.plant.twins[2])
        server.endorsers = [Endorser(server.plant.twins[0]), other]
        async with client.lease(100001, 10):
            pass  # that word covers all three already
        server.plant.twins = (*server.plant.twins[:2], server.plant.twin(3, "A1", " anew"))
        server.endorsers = [Endorser(server.plant.twins[0]), Endorser(server.plant.twins[2])]
        with pytest.raises(ReceiptRefused) as refused:
            await client.lease(100001, 10).check_out()
        assert refused.value.reason == "no-firm-word"

    play(certificates, act, verifier=untaught())
