"""Asking a time server that answers as none should: each fault has a name, and none hangs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from appliance.adapters import tsa
from appliance.adapters.http_client import Proxy
from appliance.codec.timestamps import QUERY_MEDIA_TYPE, REPLY_BYTES_MAX, REPLY_MEDIA_TYPE
from tests.unit.adapters.one_answer import Script, says, serving

QUERY = b"a query"


@contextmanager
def server(script: Script) -> Iterator[tuple[tsa.Place, list[bytes]]]:
    """A time server that reads one request, and then does what the script says."""
    with serving(script) as (port, seen):
        yield tsa.Place(f"http://127.0.0.1:{port}/"), seen


def head(status: str = "200 OK", kind: str = REPLY_MEDIA_TYPE, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}\r\n".encode()


def refused(script: Script, reason: str, timeout_s: float = 30.0) -> str:
    with server(script) as (place, _), pytest.raises(tsa.AskFailed) as caught:
        tsa.ask_time(place, QUERY, timeout_s)
    assert caught.value.reason == reason, caught.value.detail
    return caught.value.detail


def test_a_good_answer():
    with server(says(head(more="content-length: 5\r\n") + b"reply")) as (place, seen):
        assert tsa.ask_time(place, QUERY) == b"reply"
    assert seen[1] == QUERY
    assert seen[0].startswith(b"POST / HTTP/1.1\r\n")
    assert f"content-type: {QUERY_MEDIA_TYPE}".encode() in seen[0]


def test_the_block_list_is_beside_it():
    with server(says(head(kind=tsa.CRL_MEDIA_TYPE) + b"list")) as (place, seen):
        assert tsa.fetch_crl(place) == b"list"
    assert seen[0].startswith(b"GET /crl HTTP/1.1\r\n")


def test_a_redirect_is_not_followed():
    with server(says(head())) as (elsewhere, asked):
        more = f"location: {elsewhere.url}\r\n"
        said = refused(says(head("302 Found", more=more)), "redirected")
        assert elsewhere.url in said and asked == []


def test_twenty_megabytes_are_not_read():
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(head(more=f"content-length: {20 << 20}\r\n"))
        for _ in range(20 << 4):
            connection.sendall(bytes(1 << 16))
            sent.append(1)

    assert f"more than {REPLY_BYTES_MAX} bytes" in refused(flood, "too-large")
    assert len(sent) < 20 << 4, "it was cut off"


def test_a_drip_is_ended_by_the_deadline():
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(head(more="content-length: 1000\r\n"))
        while not stop.wait(0.05):
            connection.sendall(b"x")

    refused(drip, "too-slow", timeout_s=0.5)
    stop.set()


def test_a_head_that_never_ends_is_ended_by_the_deadline():
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nx-header: ")
        while True:
            connection.sendall(b"x")
            threading.Event().wait(0.05)

    refused(drip, "too-slow", timeout_s=0.5)


def test_silence_is_ended_by_the_deadline():
    refused(lambda connection: void(connection.recv(1)), "too-slow", timeout_s=0.3)


def void(_: object) -> None:
    """Gives nothing."""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (head("503 Service Unavailable"), "http-status"),
        (head(kind="text/html") + b"<html>", "wrong-media-type"),
        (b"", "unreachable"),
        (b"SSH-2.0-OpenSSH\r\n", "unreachable"),
        (head(more="content-length: 100\r\n") + b"half", "unreachable"),
    ],
)
def test_other_answers_are_refused_by_name(data: bytes, reason: str):
    refused(says(data), reason)


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(tsa.AskFailed) as caught:
        tsa.ask_time(tsa.Place(f"http://127.0.0.1:{port}/"), QUERY)
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    "target", ["/", "/tsa", "/select?td=sha256", "/?td=sha256", "/a;b?c=d&e=%2F", "/a%20b?"]
)
def test_the_server_is_asked_for_just_what_is_configured(target: str):
    with server(says(head(more="content-length: 5\r\n") + b"reply")) as (place, seen):
        tsa.ask_time(tsa.Place(place.url.rstrip("/") + target), QUERY)
    asked = seen[0].split(b" ")[1].decode()
    assert asked == target.removesuffix("?")


def test_a_query_part_right_behind_the_host_is_asked_for_too():
    with server(says(head(more="content-length: 5\r\n") + b"reply")) as (place, seen):
        tsa.ask_time(tsa.Place(place.url.rstrip("/") + "?td=sha256"), QUERY)
    assert seen[0].startswith(b"POST /?td=sha256 HTTP/1.1\r\n")


def test_an_address_that_is_none():
    none = ("ftp://a/", "http://", "time.example", "http://a:x/", "http://me:pw@a/")
    for url in (*none, "http://a/#b", "http://a/b c", "http://a/\u00e9", "http://a/\n"):
        with pytest.raises(ValueError):
            tsa.check_url(url)
    tsa.check_url("https://time.example/tsa")


def test_a_time_server_is_asked_through_the_proxy_of_the_settings():
    with server(says(head(more="content-length: 5\r\n") + b"reply")) as (proxy, seen):
        place = tsa.Place("http://ts.example:7300/tsa", proxy=Proxy(url=proxy.url))
        assert tsa.ask_time(place, QUERY) == b"reply"
    assert seen[0].startswith(b"POST http://ts.example:7300/tsa HTTP/1.1\r\n")


def test_an_authority_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(tsa.AskFailed, match=r"nothing\.pem cannot be used"):
        tsa.ask_time(tsa.Place("https://ts.example/", tmp_path / "nothing.pem"), QUERY)
