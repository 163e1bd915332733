"""`client.borrow(...)`: the key is on the disk first, and whatever is lost, one loan is out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.client import AsyncClient, Lease, OutcomeUnknown, ReceiptRefused, Refused, Ticket
from appliance.client.lending import extension_of, loan_in, prepare, returning
from appliance.client.loan_store import LoanStore
from appliance.client.ticket_files import (
    Asked,
    TicketRefused,
    encode,
    read_request,
    read_return,
    read_ticket,
)
from appliance.codec.api import DoneDocument
from appliance.codec.api_borrowing import BorrowRequest, ReturnRequest
from appliance.licences.borrow_bytes import extend_bytes, return_bytes
from appliance.licences.grants import KIND_BORROWED
from tests.unit.client.fake import (
    RESET,
    SILENCE,
    Certificates,
    FakeServer,
    Reply,
    Request,
    problem,
)
from tests.unit.client.test_lease import Act, play
from tests.unit.client.test_sync import playing
from tests.unit.client.test_ticket import ITEM, LINE, TRUST
from tests.unit.verifier.plant import FIRM_CODE, LOG_TIME_MS, a_grant

HOUR_MS = 3_600_000


class Lender:
    """A TMR server that lends, extends and takes back, and remembers."""

    def __init__(self, server: FakeServer, wrong: dict[str, Any] | None = None) -> None:
        self.server = server
        self.wrong = wrong or {}
        self.ends_ms: dict[str, int] = {}
        self.returned: dict[str, bytes] = {}
        self.first: list[Reply] = []
        server.script = self.answer

    def answer(self, request: Request) -> Reply:
        where = request.path.partition("?")[0]
        if where == "/v1/firm-words":
            return Reply(200, self.server.plant.words(ITEM))
        if self.first:
            return self.first.pop(0)
        borrower, _, verb = where.removeprefix("/v1/leases/").partition("/")
        if verb == "return":
            self.returned[borrower] = msgspec.json.decode(
                request.body, type=ReturnRequest
            ).signature
            if self.ends_ms.pop(borrower, None) is None:
                return problem("borrow-unknown", 404)
            return Reply(200, DoneDocument(index=9))
        asked = msgspec.json.decode(request.body, type=BorrowRequest)
        if asked.extends_ms:
            data = extend_bytes(
                self.server.plant.ledger_id,
                bytes.fromhex(borrower),
                asked.extends_ms,
                asked.seconds,
            )
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(borrower))
            public.verify(asked.signature, data)
        if asked.extends_ms or borrower not in self.ends_ms:
            self.ends_ms[borrower] = LOG_TIME_MS + asked.seconds * 1000
        fields: dict[str, Any] = {
            "kind": KIND_BORROWED,
            "borrower_key": bytes.fromhex(borrower),
            "ends_at_ms": self.ends_ms[borrower],
            "lease_ttl_s": 0,
            "lines": (LINE,),
            "share": asked.station or bytes(16),
        }
        grant = a_grant(borrower, **fields | self.wrong)
        return Reply(200, self.server.plant.receipt_for(grant, asked.nonce))


def lending(certificates: Certificates, act: Callable[..., Any], **wrong: Any) -> None:
    async def run(client: AsyncClient, server: FakeServer) -> None:
        await act(client, Lender(server, wrong))

    steps: Act = run
    play(certificates, steps, trust=TRUST)


def test_borrow_use_extend_and_give_back(certificates: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "loans" / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        grant = await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        assert grant.ends_at_ms == LOG_TIME_MS + 2 * HOUR_MS
        with Ticket.open(path, TRUST, FIRM_CODE, 10, boot_s=client.now) as seat:
            assert 2 * 3600 - 60 < seat.left_s <= 2 * 3600
        await client.extend(path, hours=5)
        with Ticket.open(path, TRUST, FIRM_CODE, 10, boot_s=client.now) as seat:
            assert seat.left_s > 4 * 3600
        await client.give_back(path)
        await client.give_back(path)
        ((borrower, signature),) = lender.returned.items()
        data = return_bytes(lender.server.plant.ledger_id, bytes.fromhex(borrower))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(borrower)).verify(signature, data)
        assert not path.exists()
        assert lender.ends_ms == {}
        await client.borrow(FIRM_CODE, 10, hours=1, into=path, station=b"")
        assert borrower not in lender.ends_ms, "a new loan has a new key"

    lending(certificates, act)


def test_a_borrowing_of_unknown_outcome_is_found_again(
    certificates: Certificates, tmp_path: Path
) -> None:
    """The process may die between the request and the ticket: the key is on the disk by then."""
    path = tmp_path / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        client.engine.timing = replace(client.engine.timing, deadline_s=0.2)
        lender.first = [SILENCE] * 9
        with pytest.raises(OutcomeUnknown):
            await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        lender.first = []
        client.engine.timing = replace(client.engine.timing, deadline_s=20.0)
        grant = await client.borrow(FIRM_CODE, 10, hours=3, into=path, station=b"")
        assert list(lender.ends_ms) == [grant.borrower_key.hex()]
        sent = {one.path for one in lender.server.requests if one.path.endswith("/borrow")}
        assert len(sent) == 1

    lending(certificates, act)


def test_a_lost_answer_is_asked_for_again(certificates: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        lender.first = [RESET, problem("unknown-repeat", 503)]
        await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        assert len(lender.ends_ms) == 1

    lending(certificates, act)


def test_a_loan_whose_ticket_never_came_blocks_nothing_once_it_is_over(
    certificates: Certificates, tmp_path: Path
) -> None:
    path = tmp_path / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        prepare(
            LoanStore(path),
            Asked(borrower=b"", firm_code=FIRM_CODE, product_code=10, seconds=3600),
            b"s" * 32,
        )
        old = LoanStore(path).key().asked.borrower
        lender.first = [problem("borrow-ended", 410)]
        grant = await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        assert list(lender.ends_ms) == [grant.borrower_key.hex()] != [old.hex()]
        await client.give_back(path)
        lender.first = [problem("borrow-ended", 410)]
        with pytest.raises(Refused):
            await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")

    lending(certificates, act)


def test_after_a_refusal_something_else_may_be_asked_for(
    certificates: Certificates, tmp_path: Path
) -> None:
    """Under the same key, in case that a request that was given up is granted after all."""
    path = tmp_path / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        lender.first = [problem("borrow-limit", 409)]
        with pytest.raises(Refused):
            await client.borrow(FIRM_CODE, 10, hours=2, seats=3, into=path, station=b"")
        await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        asked = {one.path for one in lender.server.requests if one.path.endswith("/borrow")}
        assert len(asked) == 1

    lending(certificates, act)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "granted"},
        {"borrower_key": b"o" * 32},
        {"ends_at_ms": LOG_TIME_MS + 30 * 24 * HOUR_MS},
    ],
)
def test_no_server_makes_a_ticket_of_something_else(
    certificates: Certificates, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    path = tmp_path / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        with pytest.raises(ReceiptRefused):
            await client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        assert not path.exists()

    lending(certificates, act, **wrong)


def test_a_refusal_is_told_and_leaves_the_file_free(
    certificates: Certificates, tmp_path: Path
) -> None:
    path = tmp_path / "press.tmr-ticket"

    async def act(client: AsyncClient, lender: Lender) -> None:
        lender.first = [problem("borrow-too-long", 422, detail="for 168 h at most.")]
        with pytest.raises(Refused, match="for 168 h at most") as caught:
            await client.borrow(FIRM_CODE, 10, hours=900, into=path, station=b"")
        assert caught.value.reason == "borrow-too-long"
        await client.borrow(FIRM_CODE, 10, hours=9, into=path, station=b"")
        with pytest.raises(TicketRefused) as refused:
            await client.borrow(FIRM_CODE, 10, hours=9, into=path, station=b"")
        assert refused.value.reason == "unfinished"
        with pytest.raises(ValueError, match="more than 0"):
            await client.extend(path, hours=0)

    lending(certificates, act)


def test_three_files_without_any_network(certificates: Certificates, tmp_path: Path) -> None:
    """Request, ticket and return, carried by somebody else."""
    store = LoanStore(tmp_path / "press.tmr-ticket")
    key = prepare(
        store,
        Asked(borrower=b"", firm_code=FIRM_CODE, product_code=10, seconds=7200),
        b"s" * 32,
    )
    request = encode(key.asked)

    async def act(client: AsyncClient, lender: Lender) -> None:
        for _ in range(2):
            ticket = await client.borrow_for(request)
        assert len(lender.ends_ms) == 1, "the same request gets the same loan"
        store.write_ticket(ticket)
        with Ticket.open(
            store.path, TRUST, FIRM_CODE, 10, wall_s=lambda: LOG_TIME_MS / 1000
        ) as seat:
            assert seat.left_s > 7000
        more = encode(extension_of(*loan_in(store), seconds=9000))
        store.write_ticket(await client.borrow_for(more))
        assert read_ticket(store.ticket()).grant.ends_at_ms == LOG_TIME_MS + 9_000_000
        word = encode(returning(store))
        for _ in range(2):
            await client.bring_back(word)
        assert lender.ends_ms == {}

    lending(certificates, act)


@pytest.mark.parametrize("read", [read_request, read_return, read_ticket])
@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"x" * 9000])
def test_what_is_no_such_file_is_refused(read: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(TicketRefused):
        read(data)


def test_a_program_that_blocks_does_the_same(certificates: Certificates, tmp_path: Path) -> None:
    path = tmp_path / "press.tmr-ticket"
    with playing(certificates) as (client, server):
        lender = Lender(server)
        client.borrow(FIRM_CODE, 10, hours=2, into=path, station=b"")
        with client.seat(FIRM_CODE, 10, ticket=path) as seat:
            assert isinstance(seat, Ticket)
            assert (seat.usable, seat.grant.seats) == (True, 1)
        client.give_back(path)
        assert lender.ends_ms == {}
        server.script = None
        with client.seat(FIRM_CODE, 10, ticket=path) as online:
            assert isinstance(online, Lease)
            assert (online.usable, online.grant.seats) == (True, 1)
