"""What the recorder writes is what went out and came back, attempt by attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from appliance.client import AsyncClient, Refused
from appliance.codec.api import CheckOutRequest, HolderDocument
from appliance.codec.api_units import SettleRequest
from appliance.lab.chaos.recorder import Recorder, record
from appliance.lab.chaos.records import Row, gather
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONSUME,
    GONE,
    HEARTBEAT,
    SETTLE,
)
from tests.unit.client.fake import (
    WAIT_S,
    Certificates,
    FakeServer,
    Reply,
    Request,
    client_of,
    make_certificates,
    problem,
    until,
)

NAME = "cert:someone"
FIRM, PRODUCT = 100001, 10
Act = Callable[[AsyncClient, FakeServer], Awaitable[None]]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("ca"))


def recorded(certificates: Certificates, path: Path, act: Act) -> tuple[Row, ...]:
    """Let a recorded client act against an honest server; gives what was written."""

    async def main() -> None:
        async with asyncio.timeout(WAIT_S), FakeServer(certificates) as server:
            client = client_of(server)
            recorder = Recorder(path, client.now)
            try:
                async with record(client, NAME, recorder):
                    await act(client, server)
            finally:
                recorder.close()

    asyncio.run(main())
    return written(path)


def written(path: Path) -> tuple[Row, ...]:
    return gather([("worker", path.read_bytes())]).rows


def told_reasons(rows: tuple[Row, ...]) -> list[str]:
    return [row.told.reason if row.told else "" for row in rows]


def test_a_lease_from_check_out_to_check_in(certificates: Certificates, tmp_path: Path) -> None:
    seen: list[Request] = []

    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = client.lease(FIRM, PRODUCT, holder=HolderDocument(pid=7))
        await lease.check_out()
        await lease.consume(3)
        await lease._heartbeat(5.0)
        await lease.check_in()
        seen.extend(server.requests)

    rows = recorded(certificates, tmp_path / "w", act)
    assert [row.asked.kind for row in rows] == [CHECK_OUT, CONSUME, HEARTBEAT, CHECK_IN]
    assert told_reasons(rows) == [reasons.GRANTED, reasons.GRANTED, ALIVE, reasons.DONE]
    assert {row.asked.product for row in rows} == {(FIRM, PRODUCT)}
    assert all(row.told and row.told.returned_s >= row.asked.called_s for row in rows)
    taken = rows[1]
    assert (taken.asked.request, taken.asked.units) == (1, 3)
    assert taken.told is not None and taken.told.units_taken == 3
    # The very hash that the ledger computes of what a server makes of the request.
    request = msgspec.json.decode(seen[0].body, type=CheckOutRequest)
    (lease_id,) = {row.asked.lease_id for row in rows}
    command = c.CheckOut(
        LeaseRef(NAME, lease_id),
        FIRM,
        PRODUCT,
        request.secret_hash,
        c.Holder(pid=7),
        request.nonce,
        station=request.station,
    )
    assert request.station, "the client says where it is"
    assert rows[0].asked.command == sha256(c.encode_command(command)).digest()


def test_a_mode_a_reservation_and_its_settlement(
    certificates: Certificates, tmp_path: Path
) -> None:
    seen: list[Request] = []

    async def act(client: AsyncClient, server: FakeServer) -> None:
        both = ((FIRM, PRODUCT, 2), (FIRM, PRODUCT + 1))
        lease = client.lease_all(*both, mode="exclusive", station=b"s" * 16)
        await lease.check_out()
        await lease.check_in(linger=False)
        lease = client.lease(FIRM, PRODUCT)
        await lease.check_out()
        async with lease.reserve(9) as part:
            await part.settle(4)
        await lease.check_in()
        seen.extend(server.requests)

    rows = recorded(certificates, tmp_path / "w", act)
    kinds = [row.asked.kind for row in rows]
    assert kinds == [CHECK_OUT, CHECK_IN, CHECK_OUT, CONSUME, SETTLE, CHECK_IN]
    out, back, _, taken, settled, _ = rows
    assert (out.asked.mode, out.asked.station) == ("exclusive", b"s" * 16)
    assert out.told is not None
    assert [seats for _, seats in out.told.seats] == [2, 1]
    assert (taken.asked.reserves, taken.asked.units, settled.asked.units) == (True, 9, 4)
    assert settled.told is not None and settled.told.units_taken == 4
    generation = taken.asked.generation
    (sent,) = (one for one in seen if one.path.endswith("units/settle"))
    said = msgspec.json.decode(sent.body, type=SettleRequest)
    commands = (
        c.CheckIn(LeaseRef(NAME, out.asked.lease_id), generation, no_linger=True),
        c.Settle(LeaseRef(NAME, taken.asked.lease_id), generation, 1, 4, said.signature),
    )
    hashes = [sha256(c.encode_command(command)).digest() for command in commands]
    assert [back.asked.command, settled.asked.command] == hashes


def test_each_attempt_is_a_call_of_its_own(certificates: Certificates, tmp_path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        def script(request: Request) -> Reply:
            if len(server.requests) <= 2:
                return problem("unknown-repeat", 503)
            return server.honest(request)

        server.script = script
        lease = client.lease(FIRM, PRODUCT)
        await lease.check_out()
        await lease.abandon()

    rows = recorded(certificates, tmp_path / "w", act)
    assert told_reasons(rows) == ["", "", reasons.GRANTED]
    assert len({row.asked.command for row in rows}) == 3


def test_refusals_are_kept_by_their_reason(certificates: Certificates, tmp_path: Path) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = client.lease(FIRM, PRODUCT)
        await lease.check_out()
        server.ended.add(lease.lease_id)
        with pytest.raises(Refused):
            await lease._heartbeat(5.0)
        server.script = lambda _: problem("no-seat-free", 409)
        with pytest.raises(Refused):
            await client.lease(FIRM, PRODUCT).check_out()
        await lease.abandon()

    rows = recorded(certificates, tmp_path / "w", act)
    assert told_reasons(rows) == [reasons.GRANTED, GONE, reasons.NO_SEAT_FREE]


def test_a_call_is_written_before_anybody_can_answer(
    certificates: Certificates, tmp_path: Path
) -> None:
    path = tmp_path / "w"

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.script = lambda _: Reply(silent=True)
        task = asyncio.create_task(client.lease(FIRM, PRODUCT).check_out())
        await until(lambda: bool(server.requests))
        assert told_reasons(written(path)) == [""]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert set(told_reasons(recorded(certificates, path, act))) == {""}
