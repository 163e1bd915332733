"""Licences over a real HTTPS connection, and the certified time that has to come before them."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom

import pytest

from appliance.adapters.central_client import (
    CentralClient,
    CentralSaysNo,
    CentralUnreachable,
    Returned,
)
from appliance.adapters.container_home import BoxTimes, ContainerHome
from appliance.adapters.doors.doorkeeper import Bounds
from appliance.adapters.pki import authority as pki
from appliance.codec.activation import build_activation
from appliance.codec.container_orders import (
    Confirm,
    ContainerAnswer,
    GetChallenge,
    ShowTicket,
    SignReceipt,
    SignRequest,
)
from appliance.codec.group_files import GroupAnswer, build_group_request, read_group_answer
from appliance.codec.request_files import Purpose
from appliance.codec.ticket_codes import order_of, ticket_mark
from appliance.errors import UserError
from appliance.licences.model import LicenceKey
from appliance.licences.refusals import UpdateRefused
from appliance.services.central import LicenseCentral, Options, Product
from appliance.services.central.app import WRONG_TICKETS_PER_MINUTE, make_app
from appliance.services.central.returning import GRACE_S
from appliance.services.central.service import certified_names
from appliance.services.central.tickets import OPEN, USED_UP
from appliance.services.central.transfers import Transfers as CentralTransfers
from appliance.services.problems import Refused
from appliance.services.upstream.container import ContainerClock, HostContainer
from appliance.services.upstream.group_orders import GroupOrders
from appliance.services.upstream.transfer import TransferDenied, Transfers
from appliance.services.upstream.transfer_routes import give_back, transfer
from appliance.services.web import WebServer
from tests.unit.central.asking import ORDER, all_by_hand

FIRM = 600_100
DAY_MS = 86_400_000
NOW_MS = 1_900_000_000_000
ADDRESS = "127.0.0.1"


@dataclass
class Updated:
    certified_ms: int | None
    detail: str


class FakeTimeServers:
    """Time servers that answer with the true time, or not at all."""

    def __init__(self, clock: ContainerClock) -> None:
        self.clock = clock
        self.asked = 0
        self.answer = True

    async def update(self) -> Updated:
        self.asked += 1
        if not self.answer:
            return Updated(None, "http://time.example: no answer")
        await self.clock.certify(NOW_MS, self.clock.boot_ms())
        return Updated(NOW_MS, "certified")


class Site:
    """License Central on a port, its tickets, and containers that can reach it."""

    def __init__(self, path: Path) -> None:
        now = datetime.now(UTC)
        self.path = path
        pki.create_ca(path / "ca", now)
        self.tls = pki.issue_host(path / "ca", path / "tls", "central", "tmr", now, [ADDRESS])
        self.central = LicenseCentral.create(path / "central", rng=Random(1))
        self.central.add_firm(FIRM, "Firm A")
        self.central.add_product(FIRM, Product(product_code=10, quantity=10))
        self.url = ""
        self.now_s = 1_000.0
        self.now = datetime.now(UTC)
        self.homes: list[ContainerHome] = []

    def sell(self) -> str:
        """A ticket."""
        return self.central.add_ticket(FIRM, [(10, Options())]).code

    async def activate(self, code: str, all_three: Sequence[Transfers]) -> GroupAnswer:
        """The three show a ticket, ordered by a TMR host; gives what they are answered."""
        orders = [GroupOrders(one._container, one) for one in all_three]
        given = await orders[0].carry_out(GetChallenge())
        wanted = SignRequest(Purpose.ACTIVATE, given.audience, given.data, order_of(code, ()), 0)
        signed = [await one.carry_out(wanted) for one in orders if not given.refused]
        asked = build_group_request(tuple(one.data for one in signed), ticket_mark(code))
        shown = await orders[0].carry_out(ShowTicket(code, asked))
        if given.refused or shown.refused:
            raise CentralSaysNo(given.refused or shown.refused)
        return read_group_answer(shown.data)

    def server(self, app=None) -> WebServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.tls.cert, self.tls.key)
        transfers = CentralTransfers(
            self.path / "central", self.central, names=[ADDRESS], now=lambda: self.now
        )
        made = app or make_app(transfers, lambda: self.now_s)
        return WebServer((ADDRESS, 0), made, context, bounds=Bounds(strangers_max=8))

    def client(self) -> CentralClient:
        return CentralClient(self.url, self.tls.ca)

    def container(self, age_days: float | None = 1.0) -> tuple[Transfers, FakeTimeServers]:
        """A new container whose certified time is so old."""
        number = len(self.homes) + 1
        home = ContainerHome.create(
            self.path / f"up{number}",
            SystemRandom(),
            f"up{number}",
            root_certificate=self.central.root.certificate,
        )
        self.homes.append(home)
        certified_ms = None if age_days is None else NOW_MS - int(age_days * DAY_MS)
        home.save_times(BoxTimes(box_ms=NOW_MS, certified_ms=certified_ms))
        clock = ContainerClock(home, lambda: 5_000, lambda: NOW_MS)
        servers = FakeTimeServers(clock)
        return Transfers(HostContainer(home), clock, lambda: (self.client(),), servers), servers


def run(site: Site, test: Callable[[], Awaitable[None]], app=None) -> None:
    """Run a test with License Central, or another application in its place, listening."""

    async def whole() -> None:
        server = site.server(app)
        host, port = await server.start()
        site.url = f"https://{host}:{port}"
        try:
            await test()
        finally:
            await server.close()

    asyncio.run(whole())


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


def test_a_licence_travels_and_comes_back(site):
    async def test() -> None:
        code = site.sell()
        sites = [site.container() for _ in range(3)]
        three = [transfers for transfers, _ in sites]
        answer = await site.activate(code, three)
        assert await site.activate(code, three) == answer, "as often as it is asked"
        for transfers, update in zip(three, answer.updates, strict=True):
            await transfers._container.import_update(update)
            confirmed = GroupOrders(transfers._container, transfers)
            assert await confirmed.carry_out(Confirm()) == ContainerAnswer()
        assert (await site.activate(code, three)).updates == ()
        assert [home.twin for home in site.homes] == [1, 2, 3]
        assert [servers.asked for _, servers in sites] == [0, 0, 0], "a day old is young enough"
        key = LicenceKey(FIRM, 10, 1)
        serials = [home.serial for home in site.homes]
        given = await sites[0][0].give_back(key)
        assert given.imported == () and given.returned is not None
        assert (given.returned.orders_missing, given.returned.due_at_s) == (1, None)
        given = await sites[1][0].give_back(key)
        due_at_s = int(site.now.timestamp()) + GRACE_S
        assert given.returned == Returned(1, 0, due_at_s, False, ())
        given = await sites[2][0].give_back(key, call_off=True)
        assert given.returned is not None and given.returned.orders_missing == 2
        for transfers, _ in sites[:2]:
            given = await transfers.give_back(key)
        site.now += timedelta(seconds=GRACE_S)
        given = await sites[0][0].give_back(key)
        assert given.imported == ((FIRM, 2),) and given.returned is not None
        assert (given.returned.taken, given.returned.waiting_for) == (True, tuple(serials[1:]))
        assert site.central.firm(FIRM).tickets()[0].state == USED_UP
        assert (await sites[2][0].update()).imported == ((FIRM, 2),)
        assert site.central.firm(FIRM).tickets()[0].state == OPEN

    run(site, test)


@pytest.mark.parametrize(
    ("age_days", "asked"), [(6.0, 0), (7.0, 0), (7.001, 1), (8.0, 1), (None, 1)]
)
def test_at_eight_days_certified_time_is_updated_first_at_six_it_is_not(site, age_days, asked):
    async def test() -> None:
        code = site.sell()
        transfers, servers = site.container(age_days)
        three = [transfers, *(site.container()[0] for _ in range(2))]
        assert len((await site.activate(code, three)).updates) == 3
        # Once updated, it is young: nobody is asked again.
        assert (await transfers.update()).certified == ""
        assert servers.asked == asked
        kept = site.homes[0].times()
        assert kept is not None and (kept.certified_ms == NOW_MS) is bool(asked)

    run(site, test)


@pytest.mark.parametrize(("age_days", "since"), [(8.0, "8 days old"), (None, "never set")])
def test_without_any_time_server_the_transfer_is_refused_and_says_so(site, age_days, since):
    async def test() -> None:
        code = site.sell()
        transfers, servers = site.container(age_days)
        servers.answer = False
        key = LicenceKey(FIRM, 10, 1)
        for act in (
            transfers.challenge,
            lambda: transfers.show(code, b""),
            transfers.update,
            lambda: transfers.give_back(key),
        ):
            with pytest.raises(TransferDenied, match=since) as denied:
                await act()
            assert "time.example" in denied.value.detail and "by hand" in denied.value.detail
        transfers._certifier = None
        with pytest.raises(TransferDenied, match="no time server is configured"):
            await transfers.update()
        assert (
            "by hand"
            in (
                await GroupOrders(transfers._container, transfers).carry_out(GetChallenge())
            ).refused
        )
        assert site.central.root.containers == (), "nothing was sent"
        # Files by hand are not affected.
        site.container()
        site.container()
        issued = site.central.issue(FIRM, 10, all_by_hand(site.homes, FIRM), order=ORDER)
        assert (await transfers._container.import_update(issued.updates[0].data)).twin == 1

    run(site, test)


def test_what_central_refuses_is_said(site):
    async def test() -> None:
        transfers, _ = site.container()
        with pytest.raises(CentralSaysNo, match="no such ticket"):
            await transfers.show("ABCDE", b"")
        orders = GroupOrders(transfers._container, transfers)
        assert "no such ticket" in (await orders.carry_out(ShowTicket("ABCDE", b""))).refused
        assert "nothing of firm 5" in (await orders.carry_out(SignReceipt(5))).refused
        short = SignRequest(Purpose.UPDATE, "firm 5", b"short", "", 0)
        assert "16 bytes" in (await orders.carry_out(short)).refused
        with pytest.raises(CentralSaysNo, match="ever activated"):
            await transfers.update()
        for body, status, reason in (
            (b"", 422, "transfer-refused"),
            (b'{"ticket": "ABCDE"}', 400, "bad-request"),
            (b"not json", 400, "bad-request"),
            (b'{"licence": {"firm_code": 1, "product_code": 1, "tmr_id": 1}}', 400, "bad-request"),
        ):
            with pytest.raises(Refused) as failed:
                await transfer(transfers, body, "olga")
            assert (failed.value.status, failed.value.reason) == (status, reason)
        named = b'{"licence": {"firm_code": 1, "product_code": 1, "tmr_id": 1}}'
        for body, status, reason in ((named, 422, "transfer-refused"), (b"", 400, "bad-request")):
            with pytest.raises(Refused) as failed:
                await give_back(transfers, body, "olga")
            assert (failed.value.status, failed.value.reason) == (status, reason)
        site.url = "https://127.0.0.1:1"
        with pytest.raises(Refused) as failed:
            await transfer(transfers, b"", "olga")
        assert (failed.value.status, failed.value.reason) == (502, "central-unreachable")

        def nowhere() -> tuple[CentralClient, ...]:
            raise UserError("No License Central is configured.")

        transfers._make = nowhere
        with pytest.raises(Refused, match="No License Central"):
            await transfer(transfers, b"", "olga")

    run(site, test)


async def _answer(send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize(
    ("status", "body", "headers", "said"),
    [
        (302, b"", ((b"location", b"https://elsewhere.example/"),), "leads elsewhere"),
        (200, b"x" * (20 << 20), (), "longer than"),
        (200, b"[]", (), "no document"),
        (200, b"{}", (), "no document"),
        (200, b'{"challenge":"AAAA"}', (), "gives no challenge"),
        (200, b"<html>", (), "no document"),
        (500, b"oh", (), "status 500"),
        (503, b'{"detail": 5}', (), "status 503"),
    ],
)
def test_strange_answers_are_refused_by_name(site, status, body, headers, said):
    async def app(scope, receive, send) -> None:
        await _answer(send, status, body, *headers)

    async def test() -> None:
        transfers, _ = site.container()
        with pytest.raises(CentralUnreachable, match=said):
            await transfers.challenge()

    run(site, test, app)


def test_a_false_central_cannot_make_a_container_import_anything(site):
    async def app(scope, receive, send) -> None:
        if scope["path"] == "/v1/challenge":
            await _answer(send, 200, json.dumps({"challenge": "A" * 24}).encode())
        else:
            await _answer(send, 200, b"what.ever.it\n")

    async def test() -> None:
        transfers, _ = site.container()
        with pytest.raises(UpdateRefused):
            await transfers.update()
        assert site.homes[0].firms() == ()

    run(site, test, app)


def test_only_the_pinned_authority_is_believed(site, tmp_path):
    async def test() -> None:
        pki.create_ca(tmp_path / "other", datetime.now(UTC), "Other")
        client = CentralClient(site.url, tmp_path / "other" / "ca.pem")
        with pytest.raises(CentralUnreachable, match="does not answer"):
            await asyncio.to_thread(client.activate, "A", b"")

    run(site, test)


def test_guessing_tickets_is_slowed_down_and_takes_no_lock(site):
    """From one address; a right ticket of another address goes on, and so does everything else."""

    async def test() -> None:
        three = [site.container()[0] for _ in range(3)]
        code = site.sell()
        client = site.client()
        with site.central.records.act():  # a guess that waited for it would be refused for that
            for number in range(WRONG_TICKETS_PER_MINUTE):
                wrong = f"{number:05}-AAAAA-AAAAA-AAAAA-AAAAA"
                with pytest.raises(CentralSaysNo, match="no such ticket"):
                    await asyncio.to_thread(client.activate, wrong, b"")
            with pytest.raises(CentralSaysNo, match="come again in"):
                await asyncio.to_thread(client.activate, code, b"")
        with pytest.raises(CentralSaysNo, match="ever activated"):
            await three[0].update()
        site.now_s += 61.0
        assert len((await site.activate(code, three)).updates) == 3

    run(site, test)


def test_what_is_no_file_takes_no_lock(site):
    async def test() -> None:
        client = site.client()
        code = site.sell()
        with site.central.records.act():
            shown = build_activation(code, b"no file at all")
            for path, body in (
                ("/v1/activate", shown),
                ("/v1/receipts", b"no file at all"),
                ("/v1/return", b"no file at all"),
            ):
                with pytest.raises(CentralSaysNo) as refused:
                    await asyncio.to_thread(client._ask, path, body)
                assert "in use" not in str(refused.value)

    run(site, test)


def test_the_command_serves_until_it_is_told_to_stop(site):
    """`tmr central serve` as a process, asked by a container's client."""
    listen = socket.create_server((ADDRESS, 0))
    port = listen.getsockname()[1]
    listen.close()
    words = ("--listen", f"{ADDRESS}:{port}", "--cert", str(site.tls.cert), "--key")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "appliance.cli.main", "central", "--dir"),
            *(str(site.path / "central"), "serve", *words, str(site.tls.key)),
        ],
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        while b"ready: listen=" not in process.stderr.readline():
            assert process.poll() is None, "it ended"
        site.url = f"https://{ADDRESS}:{port}"
        code = site.sell()
        three = [site.container()[0] for _ in range(3)]
        assert len(asyncio.run(site.activate(code, three)).updates) == 3
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        assert process.wait(60) == 0
        assert b"activate: peer=127.0.0.1 status=200" in said and code.encode() not in said
    finally:
        process.kill()
        process.wait(60)
        process.stderr.close()


def test_requests_over_the_bounds_are_refused(site):
    async def test() -> None:
        client = site.client()
        for path, body, said in (
            ("/v1/update", b"x" * (1 << 20 | 1), "at most"),
            ("/v1/activate", b"x" * (1 << 20 | 1), "at most"),
            ("/v1/elsewhere", b"", "nothing for POST"),
        ):
            with pytest.raises((CentralSaysNo, CentralUnreachable)) as refused:
                await asyncio.to_thread(client._ask, path, body)
            # Whoever refuses before the body is over may hang up before it was all sent.
            assert said in str(refused.value) or "not answer" in str(refused.value)

    run(site, test)


def test_the_names_in_its_certificate_are_those_it_is_known_by(site, tmp_path):
    assert certified_names(site.tls.cert) == ("central", ADDRESS)
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(UserError, match="cannot be read"):
        certified_names(tmp_path / "bad.pem")
