"""A client tells how far it has seen the ledger, and shows its receipt where it is asked to."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from appliance.client.seen import LEDGERS_MAX, SHOW_EVERY_S, Seen
from appliance.client.states import TWO_SYSTEMS, LeaseState
from appliance.client.wire import RequestMaker
from appliance.codec.api import SEEN_HEADER, SHOW_HEADER, SeenDocument, SeenRequest, seen_text
from tests.unit.client.fake import Certificates, FakeServer, Reply, Request, until
from tests.unit.client.test_lease import play
from tests.unit.verifier.plant import FIRM_CODE, Plant, a_grant


def test_the_newest_receipt_is_told_of_and_shown_now_and_then() -> None:
    receipt = Plant().receipt_for(a_grant(), b"n" * 16).receipt
    assert receipt is not None
    maker = RequestMaker()
    seen = Seen(maker, cast("Any", SimpleNamespace()), cast("Any", None))
    assert maker.seen == "" and seen.to_show(0.0) is None
    seen.note(receipt)
    told = maker.seen
    assert told == (
        f"{SEEN_HEADER}: {seen_text(receipt.ledger_id, receipt.index, receipt.log_root)}\r\n"
    )
    seen.note(msgspec.structs.replace(receipt, index=receipt.index - 1))
    seen.note(None)
    assert maker.seen == told
    newer = msgspec.structs.replace(receipt, index=receipt.index + 1)
    seen.note(newer)
    assert seen.to_show(0.0) == newer
    assert seen.to_show(SHOW_EVERY_S - 1) is None
    assert seen.to_show(SHOW_EVERY_S) == newer


def test_a_server_that_asks_is_shown_it_once(certificates: Certificates) -> None:
    async def act(client, server: FakeServer) -> None:
        honest = server.honest

        def asks(request: Request) -> Reply:
            if request.path == "/v1/seen":
                return Reply(200, SeenDocument(lost=True))
            return replace(honest(request), header=f"{SHOW_HEADER}: 1\r\n")

        server.script = asks
        async with client.lease(FIRM_CODE, 10) as lease:
            await until(lambda: "/v1/seen" in server.paths("POST"))
            receipt = lease.grant.receipt
        (shown,) = [one for one in server.requests if one.path == "/v1/seen"]
        assert msgspec.json.decode(shown.body, type=SeenRequest).receipt == receipt
        assert SEEN_HEADER in shown.headers

    play(certificates, act)


def met(*ledgers: tuple[str, Plant]) -> tuple[Seen, list[SeenRequest]]:
    """A client that got a receipt of each of these ledgers, in this order; and what it showed."""
    shown: list[SeenRequest] = []
    seen = Seen(RequestMaker(), cast("Any", SimpleNamespace(now=lambda: 0.0)), cast("Any", None))
    seen._show_soon = shown.append  # type: ignore[method-assign, assignment]
    for name, plant in ledgers:
        plant.ledger_id = name.encode().ljust(16, b".")
        seen.note(plant.receipt_for(a_grant(), b"n" * 16).receipt)
    return seen, shown


def test_a_restore_and_two_sites_are_no_two_systems() -> None:
    plant, elsewhere = Plant(), Plant("elsewhere")
    for honest in (
        [("a", plant), ("a", plant), ("b", plant), ("b", plant), ("c", plant)],
        [("a", plant), ("x", elsewhere), ("a", plant), ("x", elsewhere)],
    ):
        seen, shown = met(*honest)
        assert seen.two_systems is None and shown == []


def test_a_ledger_that_answers_again_after_another_with_its_containers_is_a_second_system() -> None:
    plant = Plant()
    seen, shown = met(*[(name, plant) for name in ("a", "a", "b", "a", "b")])
    assert seen.two_systems is not None and seen.two_systems[0] == TWO_SYSTEMS
    (request,) = shown  # and no more often than the rest
    assert request.before is not None
    assert (request.receipt.ledger_id[:1], request.before.ledger_id[:1]) == (b"b", b"a")
    assert request.before.index < request.receipt.index


def test_ledgers_that_are_remembered_are_bounded() -> None:
    plant = Plant()
    seen, shown = met(*[(f"{number}", plant) for number in range(3 * LEDGERS_MAX)])
    assert len(seen._receipts) == LEDGERS_MAX and shown == []


def test_the_lease_says_it_and_stays(certificates: Certificates) -> None:
    async def act(client, server: FakeServer) -> None:
        client.seen.two_systems = (TWO_SYSTEMS, "two systems")
        async with client.lease(FIRM_CODE, 10) as lease:
            assert (lease.state, lease.status.reason) == (LeaseState.HELD, TWO_SYSTEMS)

    play(certificates, act)
