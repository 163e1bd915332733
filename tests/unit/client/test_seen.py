"""A client tells how far it has seen the ledger, and shows its receipt where it is asked to."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from appliance.client.seen import SHOW_EVERY_S, Seen
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
