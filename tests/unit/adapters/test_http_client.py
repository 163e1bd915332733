"""One HTTP request: whatever answers, it ends in time and in size, and goes nowhere else."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from urllib3.util import parse_url

from appliance.adapters import http_client, webhook
from appliance.adapters.central_client import CentralClient, CentralSaysNo, CentralUnreachable
from appliance.adapters.http_client import HttpAnswer, HttpFailed, Proxy, request
from appliance.adapters.pki import authority as pki
from appliance.cli import _admin
from appliance.errors import UserError
from tests.unit.adapters.one_answer import (
    Script,
    drips,
    never,
    read_request,
    says,
    serving,
)

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
SECRET = "/hook/secret?token=secret"


@pytest.fixture(autouse=True)
def no_proxy_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all", "no"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's context for the names localhost and central.example, and the authority's file."""
    home = tmp_path_factory.mktemp("pki")
    now = datetime.now(UTC)
    pki.create_ca(home / "ca", now)
    names = ["localhost", "central.example"]
    files = pki.issue_host(home / "ca", home / "up1", "up1", "upstream", now, (), names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    return context, files.ca


def get(url: str, timeout_s: float = 30.0, **options: Any) -> HttpAnswer:
    return request("GET", url, timeout_s=timeout_s, **({"bytes_max": 1000} | options))


def failed(url: str, reason: str, **options: Any) -> HttpFailed:
    with pytest.raises(HttpFailed) as caught:
        get(url, **options)
    assert caught.value.reason == reason, caught.value
    assert "secret" not in str(caught.value)
    return caught.value


def names(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """From here on every name stands for these."""
    real = socket.getaddrinfo

    def resolved(host: str, port: int, **options: Any) -> Any:
        if options.get("flags", 0) & socket.AI_NUMERICHOST:
            return real(host, port, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


# --- bounds ---


@pytest.mark.parametrize(
    "script",
    [
        never,
        drips(b"HTTP/1.1 200 OK\r\nx-header: "),
        drips(b"HTTP/1.1 100 Continue\r\n", b"a: b\r\n"),
        drips(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"0"),
    ],
    ids=["silent", "head", "continue", "body", "chunk"],
)
def test_who_is_slow_is_ended_by_the_deadline(script: Script) -> None:
    with serving(script) as (port, _):
        slow = failed(f"http://127.0.0.1:{port}{SECRET}", "too-slow", timeout_s=0.3)
    assert str(slow) == f"http://127.0.0.1:{port}: no answer within 0.3 s."


@pytest.mark.parametrize("script", [never, drips(b"\x16\x03\x03\x40\x00")], ids=["silent", "drip"])
def test_a_handshake_that_never_ends_is_ended_by_the_deadline(script: Script) -> None:
    def heard(connection: socket.socket) -> None:
        connection.recv(65536)
        script(connection)

    context = ssl.create_default_context()
    with serving(heard, raw=True) as (port, _):
        failed(f"https://127.0.0.1:{port}/", "too-slow", timeout_s=0.3, tls=context)


def test_a_name_that_is_never_resolved_is_ended_by_the_deadline(monkeypatch) -> None:
    hold = threading.Event()
    real = socket.getaddrinfo

    def stuck(host: str, port: int, **options: Any) -> Any:
        if not options.get("flags", 0) & socket.AI_NUMERICHOST:
            assert hold.wait(60)
            host = "127.0.0.1"
        return real(host, port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    monkeypatch.setattr(http_client, "_lookups", threading.BoundedSemaphore(1))
    failed("http://time.example/", "too-slow", timeout_s=0.2)
    assert not http_client._lookups.acquire(blocking=False), "it still counts"
    failed("http://time.example/", "too-slow", timeout_s=0.2)
    hold.set()
    assert http_client._lookups.acquire(timeout=60)


@pytest.mark.parametrize(
    "framing", [b"content-length: 2000\r\n", b"transfer-encoding: chunked\r\n", b""]
)
def test_a_long_answer_is_not_read_to_its_end(framing: bytes) -> None:
    body = (b"100\r\n" + b"x" * 256 + b"\r\n") * 8 if b"chunked" in framing else b"x" * 2000
    with serving(says(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n" + body)) as (port, _):
        assert failed(f"http://127.0.0.1:{port}/", "too-large").why == "more than 1000 bytes"


def test_what_is_packed_stays_packed() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\n"
    with serving(says(head + b"\x1f\x8bxyz")) as (port, seen):
        assert get(f"http://127.0.0.1:{port}/").body == b"\x1f\x8bxyz"
    assert b"accept-encoding: identity" in seen[0].lower()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n",
    ],
)
def test_half_an_answer_is_none(data: bytes) -> None:
    with serving(says(data)) as (port, _):
        failed(f"http://127.0.0.1:{port}{SECRET}", "unreachable")


def test_a_redirect_is_given_and_not_followed() -> None:
    with serving(says(OK)) as (elsewhere, asked):
        there = f"HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:{elsewhere}/\r\n\r\n".encode()
        with serving(drips(there)) as (port, _):
            answer = get(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.redirects, answer.body, asked) == (307, True, b"", [])


def test_malformed_headers_do_not_bring_the_address_into_a_log(caplog) -> None:
    with (
        caplog.at_level(logging.WARNING),
        serving(says(b"HTTP/1.1 200 OK\r\n: x\r\nbad\r\n\r\n")) as (port, _),
    ):
        get(f"http://127.0.0.1:{port}{SECRET}")
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["", "hook.example/secret", "ftp://a/secret", "http://", "http://[::1", "http://a:secret@b/"],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    failed(url, "wrong-address")


# --- where it goes ---


def test_the_next_address_of_a_name_is_tried(monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = gone.getsockname()[1]
    with serving(says(OK)) as (port, seen):
        names(monkeypatch, ("127.0.0.1", nobody), ("127.0.0.1", port))
        assert get("http://time.example:7300/").body == b"hello"
    assert b"host: time.example:7300" in seen[0].lower()


def test_a_silent_address_leaves_time_for_the_next(monkeypatch) -> None:
    waits: list[float | None] = []
    real = socket.socket.connect

    def connect(sock: socket.socket, address: Any) -> None:
        waits.append(sock.gettimeout())
        if address[1] == 1:
            raise TimeoutError
        real(sock, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with serving(says(OK)) as (port, _):
        names(monkeypatch, ("127.0.0.1", 1), ("127.0.0.1", port))
        assert get("http://time.example/", timeout_s=60.0).body == b"hello"
    assert waits[0] is not None and waits[0] <= 30.0, "half of what is left"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    said = failed(f"http://127.0.0.1:{port}{SECRET}", "unreachable")
    assert isinstance(said.cause, ConnectionRefusedError)
    assert str(said) == f"http://127.0.0.1:{port}: [Errno 111] Connection refused."


def test_an_address_of_ip_version_6() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as gone:
        port = gone.getsockname()[1]
    assert "refused" in failed(f"http://[::1]:{port}/", "unreachable").why


# --- TLS ---


def test_only_the_right_name_by_the_right_authority_is_believed(tls, monkeypatch) -> None:
    server, ca = tls
    ours = ssl.create_default_context(cafile=str(ca))
    for name, trust, good in (
        ("central.example", ours, True),
        ("other.example", ours, False),
        ("central.example", None, False),
    ):
        with serving(says(OK), server) as (port, seen):
            names(monkeypatch, ("127.0.0.1", port))
            if good:
                assert get(f"https://{name}:7302/", tls=trust).body == b"hello"
            else:
                said = failed(f"https://{name}:7302/", "unreachable", tls=trust)
                assert isinstance(said.cause, ssl.SSLCertVerificationError)
                assert seen == []


def test_a_peer_that_is_refused_is_sent_nothing(tls) -> None:
    server, ca = tls
    ours = ssl.create_default_context(cafile=str(ca))
    ours.check_hostname = False
    peers: list[str] = []

    def check(certificate: Any) -> None:
        peers.append(pki.peer_identity(certificate).name)
        raise KeyError("not you")

    with serving(says(OK), server) as (port, seen), pytest.raises(KeyError):
        get(f"https://127.0.0.1:{port}/", tls=ours, check_peer=check)
    assert (peers, seen) == (["up1"], [])


# --- proxies ---


@pytest.mark.parametrize("by", ["setting", "environment"])
def test_a_proxy_is_handed_the_whole_address(by, monkeypatch) -> None:
    with serving(says(OK)) as (port, seen):
        url = f"http://me:p%40ss@127.0.0.1:{port}"
        if by == "environment":
            monkeypatch.setenv("http_proxy", url)
        proxy = Proxy(url=url) if by == "setting" else None
        assert get("http://time.example:7300/tsa?a=b", proxy=proxy).body == b"hello"
    assert seen[0].startswith(b"GET http://time.example:7300/tsa?a=b HTTP/1.1\r\n")
    assert b"proxy-authorization: basic bwu6cebzcw==" in seen[0].lower()


def tunnel(server: ssl.SSLContext, asked: list[bytes]) -> Script:
    """A proxy behind which License Central answers."""

    def script(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with server.wrap_socket(connection, server_side=True) as secured:
            asked.extend(read_request(secured))
            secured.sendall(OK.replace(b"hello", b'"yes"'))

    return script


def test_https_goes_through_a_tunnel_and_the_far_end_is_verified(tls) -> None:
    server, ca = tls
    for name, good in (("central.example", True), ("other.example", False)):
        asked: list[bytes] = []
        with serving(tunnel(server, asked)) as (port, seen):
            proxy = Proxy(url=f"http://127.0.0.1:{port}")
            client = CentralClient(f"https://{name}:7302", ca, proxy)
            if good:
                assert client.update(b"request") == b'"yes"'
                assert asked[0].startswith(b"POST /v1/update HTTP/1.1\r\n")
            else:
                with pytest.raises(CentralUnreachable, match="through the proxy"):
                    client.update(b"request")
                assert asked == []
        assert seen[0].startswith(f"CONNECT {name}:7302 ".encode())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_or_refuses_is_named_without_its_password(scheme) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    proxy = Proxy(url=f"http://me:secret@127.0.0.1:{port}")
    said = failed(f"{scheme}://time.example/", "unreachable", proxy=proxy)
    assert f"refused (through the proxy http://127.0.0.1:{port})." in str(said)
    with serving(says(b"HTTP/1.1 407 Who are you\r\n\r\n")) as (port, _):
        proxy = Proxy(url=f"http://me:secret@127.0.0.1:{port}")
        if scheme == "https":
            said = failed("https://time.example/", "unreachable", proxy=proxy)
            assert "407 Who are you" in said.why
        else:
            assert get("http://time.example/", proxy=proxy).status == 407


@pytest.mark.parametrize("script", [never, drips(b"HTTP/1.1 200 OK\r\nx: ")])
def test_a_slow_proxy_is_ended_by_the_deadline(script) -> None:
    with serving(script) as (port, _):
        proxy = Proxy(url=f"http://127.0.0.1:{port}")
        failed("https://time.example/", "too-slow", proxy=proxy, timeout_s=0.3)


@pytest.mark.parametrize(
    ("url", "entries", "through"),
    [
        ("http://time.example/", "", True),
        ("http://time.example/", "other.example,ime.example", True),
        ("http://time.example/", "Time.Example", False),
        ("http://time.example/", " .example ", False),
        ("http://time.example/", "*.example", False),
        ("http://time.example/", "time.example:80", False),
        ("http://time.example:7300/", "time.example:80", True),
        ("http://10.1.2.3/", "10.0.0.0/8", False),
        ("http://11.1.2.3/", "10.0.0.0/8", True),
        ("http://[fd00::7]/", "fd00::/8", False),
        ("http://time.example/", "*", False),
        ("http://127.0.0.9/", "", False),
        ("http://localhost:7300/", "", False),
    ],
)
def test_who_is_asked_without_a_proxy(url, entries, through, monkeypatch) -> None:
    target, proxy = parse_url(url), "http://proxy.example:3128"
    given = Proxy(url=proxy, no_proxy=tuple(entries.split(",")))
    assert http_client._proxy_url(target, given) == (proxy if through else None)
    monkeypatch.setenv("HTTP_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", entries)
    assert http_client._proxy_url(target, None) == (proxy if through else None)
    assert http_client._proxy_url(target, http_client.DIRECT) is None


def test_a_proxy_of_another_kind_is_refused_in_a_sentence(monkeypatch) -> None:
    with pytest.raises(ValueError, match="such as http://proxy"):
        Proxy(url="socks5://proxy:1080")
    monkeypatch.setenv("ALL_PROXY", "socks5://me:secret@proxy:1080")
    assert "is no http address" in failed("http://time.example/", "unreachable").why


# --- who calls it ---


def test_license_central_is_bounded_and_leads_nowhere(tls, monkeypatch) -> None:
    server, ca = tls
    no = b'HTTP/1.1 409 No\r\ncontent-length: 17\r\n\r\n{"detail":"Nay."}'
    for script, kind, said in (
        (says(no), CentralSaysNo, "Nay."),
        (says(no.replace(b"409", b"503")), CentralUnreachable, "Nay."),
        (drips(OK[:-7]), CentralUnreachable, "does not answer: no answer within 0.5 s."),
        (says(b"HTTP/1.1 302 F\r\nlocation: /\r\n\r\n"), CentralUnreachable, "leads elsewhere"),
        (says(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2 << 20)), CentralUnreachable, "is longer than"),
    ):
        wait_s = 0.5 if "0.5" in said else 30
        monkeypatch.setattr("appliance.adapters.central_client.TIMEOUT_S", wait_s)
        with serving(script, server) as (port, _), pytest.raises(kind, match=said):
            CentralClient(f"https://localhost:{port}", ca).confirm(b"receipt")


def test_a_webhook_need_not_say_more_than_its_status() -> None:
    with serving(drips(b"HTTP/1.1 202 Accepted\r\ncontent-length: 900\r\n\r\n")) as (port, _):
        assert webhook.post(f"http://127.0.0.1:{port}/hook", b"{}") == ""


def test_a_webhook_is_told_through_a_proxy() -> None:
    with serving(says(OK)) as (port, seen):
        proxy = Proxy(url=f"http://127.0.0.1:{port}")
        assert webhook.post("http://hook.example/secret", b"{}", proxy=proxy) == ""
    assert seen[0].startswith(b"POST http://hook.example/secret HTTP/1.1\r\n")


def test_an_administration_api_is_bounded_and_has_to_be_an_upstream(tls, tmp_path, monkeypatch):
    server, ca = tls
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setattr(_admin, "ANSWER_BYTES_MAX", 1000)
    authority, now = ca.parent.parent / "ca", datetime.now(UTC)
    ours = pki.issue_operator(authority, tmp_path / "eva", "eva", "administer", now)
    other = pki.issue_host(authority, tmp_path / "tmr1", "tmr1", "tmr", now)
    tmr_host = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tmr_host.load_cert_chain(other.cert, other.key)
    for script, context, said in (
        (says(OK), server, None),
        (drips(OK[:-7]), server, "does not answer: no answer within 0.5 s."),
        (says(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2000)), server, "more than 1000 bytes"),
        (says(b"HTTP/1.1 503 Busy\r\n\r\n"), server, "The upstream answered 503 Busy."),
        (says(OK), tmr_host, "is tmr1, which is no upstream"),
    ):
        with serving(script, context) as (port, seen):
            admin = _admin.Admin(f"https://127.0.0.1:{port}", ours.cert, ours.key, ours.ca)
            if said is None:
                assert _admin.ask(admin, "GET", "/v1/status") == b"hello"
                continue
            with pytest.raises(UserError, match=said):
                _admin.ask(admin, "GET", "/v1/status", timeout_s=0.5 if "0.5" in said else 30)
        assert bool(seen) == (context is server)
