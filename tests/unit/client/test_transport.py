"""Broken answers, and TLS between those who do not know each other."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import replace

import msgspec
import pytest

from appliance.client import (
    BadAnswer,
    ClientError,
    ConnectionFailed,
    ProfileError,
    Refused,
    TlsRefused,
)
from appliance.client.transport import Address, Connection, Patience, connect, failure_of
from appliance.client.wire import RequestMaker
from appliance.codec.api import LicencesDocument
from tests.unit.client.fake import (
    HOST,
    IMPATIENT,
    TIMING,
    Certificates,
    FakeServer,
    Reply,
    client_of,
    make_certificates,
    until,
)
from tests.unit.client.test_engine import OK, first_then, play

BAD = {
    "truncated": b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
    "no length": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "lying length": b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
    "huge length": b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n",
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD.keys())
def test_a_broken_answer_is_repeated(certificates: Certificates, raw: bytes) -> None:
    async def act(client, server):
        await client.licences()
        assert server.connections == 2

    play(
        certificates,
        first_then(Reply(raw=raw)),
        act=act,
        timing=replace(TIMING, patience_s=500.0),
    )


def test_a_huge_answer_is_cut_off(certificates: Certificates) -> None:
    async def act(client, server):
        connection = await connect(
            Address(HOST, server.port),
            client.engine.context,
            lambda: Connection(answer_bytes_max=1000),
            Patience(),
        )
        with pytest.raises(BadAnswer, match="larger than 1000 bytes"):
            await connection.send(RequestMaker().make("GET", "/"))
        assert not connection.idle
        with pytest.raises(BadAnswer):
            connection.send(b"")

    play(certificates, lambda _: Reply(200, "x" * 5000), act=act)


def test_an_answer_that_nobody_asked_for_ends_the_connection(certificates: Certificates) -> None:
    async def act(client, server):
        await client.licences()
        await client.licences()
        assert server.connections == 2

    body = msgspec.json.encode(OK.document)
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    play(certificates, first_then(Reply(raw=answer * 2, hold_open=True)), act=act)


def test_an_answer_of_the_wrong_shape_is_said(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(BadAnswer, match="LicencesDocument"):
            await client.licences()

    play(certificates, lambda _: Reply(200, {"virtual_serial": 5}), act=act)


def test_an_error_without_a_problem_document(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(Refused, match="404"):
            await client.licences()

    play(certificates, lambda _: Reply(404, "gone", "text/html"), act=act)


def test_a_server_of_another_ca_is_refused_at_once(certificates: Certificates, tmp_path) -> None:
    async def act(client, server):
        with pytest.raises(TlsRefused, match="certificate is not accepted"):
            await client.licences()
        assert not server.requests

    play(certificates, lambda _: OK, act=act, tls=make_certificates(tmp_path).tls())


def test_a_server_with_another_address_in_its_certificate_is_refused(tmp_path) -> None:
    async def act(client, server):
        with pytest.raises(TlsRefused, match="IP address mismatch"):
            await client.licences()

    play(make_certificates(tmp_path, "127.0.0.99"), lambda _: OK, act=act)


def test_a_client_without_certificate_gets_a_hint(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(ClientError, match="certificate"):
            await client.call("GET", "/v1/licences", LicencesDocument, deadline_s=1.0)
        assert not server.requests

    tls = replace(certificates.tls(), certificate=None, key=None)
    play(certificates, lambda _: OK, act=act, tls=tls)


def test_an_alert_of_the_server_is_a_refusal_and_a_torn_handshake_is_not() -> None:
    alert = ssl.SSLError(1, "alert")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert isinstance(failure_of(alert, "x"), TlsRefused)
    assert isinstance(failure_of(ssl.SSLEOFError(8, "eof"), "x"), ConnectionFailed)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (9, "not valid yet by this computer's clock (20"),
        (10, "has expired by this computer's clock (20"),
        (20, "check the CA file and the address"),
    ],
)
def test_a_certificate_leads_to_its_cause(code: int, said: str) -> None:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_code, error.verify_message = code, "words of the library"
    assert said in str(failure_of(error, "x"))
    assert ("CA file" in str(failure_of(error, "x"))) is (code == 20)


def test_an_expired_client_certificate_is_named() -> None:
    alert = ssl.SSLError(1, "alert")
    alert.reason = "SSLV3_ALERT_CERTIFICATE_EXPIRED"
    assert "this client's certificate as expired" in str(failure_of(alert, "x"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ConnectionRefusedError(111, "Connect call failed"),
            "the connection is refused",
        ),
        (OSError(113, "x"), "no way leads to that host"),
        (socket.gaierror(-2, "Name or service not known"), "the name cannot be resolved (Name"),
        (ConnectionResetError(104, "x"), "Connection reset by peer"),
    ],
)
def test_what_the_system_said_comes_without_its_numbers(error: OSError, said: str) -> None:
    sentence = str(failure_of(error, "cannot connect to {host}: {why}", host="10.0.0.1:1"))
    assert sentence.startswith(f"cannot connect to 10.0.0.1:1: {said}")
    assert "Errno" not in sentence


def test_the_second_handshake_resumes_the_session(certificates: Certificates) -> None:
    async def act(client, server):
        await client.licences()
        server.cut()
        await until(lambda: client.engine._primary is None or not client.engine._primary.idle)
        await client.licences()
        assert (server.connections, server.resumed) == (2, 1)
        assert server.names == ["c", "c"], "a resumed session still says who we are"

    play(certificates, lambda _: OK, act=act)


def test_a_token_travels_as_bearer(certificates: Certificates) -> None:
    async def act(client, server):
        await client.licences()
        assert server.requests[0].headers["authorization"] == "Bearer s3cret"

    play(certificates, lambda _: OK, act=act, tls=certificates.tls(token="s3cret"))


def test_a_token_cannot_smuggle_a_header(certificates: Certificates) -> None:
    server = FakeServer(certificates, port=1)
    with pytest.raises(ProfileError, match="token"):
        client_of(server, tls=certificates.tls(token="a\r\nb: c"))


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="this system has no TCP_KEEPIDLE")
def test_a_silent_connection_soon_asks_whether_it_is_known(certificates: Certificates) -> None:
    """A hung host's kernel has the request; once the address moved, another kernel says no."""

    def idle_s(connection: Connection | None) -> int:
        assert connection is not None and connection.socket is not None
        return connection.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)

    async def act(client, server):
        await client.licences()
        standing = client.engine._primary
        patiently_s = idle_s(standing)
        held = asyncio.Event()

        async def slow(request):
            if request.connection > 1:
                return Reply(silent=True)
            await held.wait()
            return OK

        server.script = slow
        call = asyncio.create_task(client.licences())
        # The second connection is made because the first one is silent.
        await until(lambda: server.connections == 2)
        assert idle_s(standing) == 1 < patiently_s
        held.set()
        await call
        assert client.engine._primary is standing
        assert idle_s(standing) == patiently_s

    play(
        certificates,
        lambda _: OK,
        act=act,
        timing=replace(IMPATIENT, patience_s=500.0),
    )
