"""The time server as a process: openssl asks it, strangers do not get far."""

from __future__ import annotations

import asyncio
import http.client
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from appliance.adapters import tsa
from appliance.adapters.doors.rates import ADDRESSES_MAX, BURST, RateLimit
from appliance.adapters.pki import authority as pki
from appliance.clocks.certified import TimeRequest
from appliance.codec.timestamps import (
    QUERY_BYTES_MAX,
    QUERY_MEDIA_TYPE,
    REPLY_MEDIA_TYPE,
    TimestampRefused,
    Trust,
    build_query,
    verify_reply,
)
from appliance.errors import UserError
from appliance.services.central.root_key import RootKey
from appliance.services.settings import dump
from appliance.services.timeserver import TimeServerSettings, load
from appliance.services.timeserver.app import Clockwork, make_app
from appliance.services.timeserver.service import read_signer
from appliance.services.timeserver.settings import HttpsSettings
from tests.unit.codec import time_world as tw
from tests.unit.codec import world
from tests.unit.services.time_server_world import ADDRESS, TimeServer
from tests.unit.services.upstream_world import DEADLINE_S, free_port

REQUEST = TimeRequest("130-10000001", 5, b"", bytes(16))
QUERY = build_query(REQUEST.imprint(), REQUEST.query_nonce())


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> RootKey:
    return RootKey.create(
        tmp_path_factory.mktemp("central") / "root", "Test root", world.NOW, Random(1)
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory, root):
    made = TimeServer(tmp_path_factory.mktemp("ts1"), root)
    made.start()
    yield made
    assert made.stop() == 0


def post(server: TimeServer, body: bytes, kind: str = QUERY_MEDIA_TYPE, method: str = "POST"):
    connection = http.client.HTTPConnection(ADDRESS, server.port, timeout=DEADLINE_S)
    try:
        connection.request(method, "/", body, {"content-type": kind})
        response = connection.getresponse()
        return response.status, response.getheader("content-type"), response.read()
    finally:
        connection.close()


def test_it_certifies_time_for_a_container(server, root):
    place = tsa.Place(server.url)
    reply = tsa.ask_time(place, QUERY)
    certified = verify_reply(
        reply, REQUEST.imprint(), REQUEST.query_nonce(), Trust.of_root(root.certificate)
    )
    assert (certified.accuracy_ms, certified.signer) == (1_000, "ts1")
    assert tsa.fetch_crl(place) == server.crl.read_bytes()


def test_https_is_as_good_and_only_the_named_authority_is_believed(tmp_path, root):
    now = datetime.now(UTC)
    pki.create_ca(tmp_path / "ca", now)
    pki.create_ca(tmp_path / "other", now, "Other")
    tls = pki.issue_host(tmp_path / "ca", tmp_path / "tls", "ts1", "vendor", now, [ADDRESS])
    port = free_port(ADDRESS)
    listen = HttpsSettings(listen=f"{ADDRESS}:{port}", cert=tls.cert, key=tls.key)
    made = TimeServer(tmp_path / "ts", root, https=listen)
    made.start()
    try:
        url = f"https://{ADDRESS}:{port}/"
        place = tsa.Place(url, tls.ca)
        reply = tsa.ask_time(place, QUERY)
        trust = Trust.of_root(root.certificate)
        assert verify_reply(reply, REQUEST.imprint(), REQUEST.query_nonce(), trust).signer == "ts1"
        assert tsa.fetch_crl(place) == made.crl.read_bytes()
        for stranger in (tmp_path / "other" / "ca.pem", None):
            with pytest.raises(tsa.AskFailed, match="certificate verify failed") as caught:
                tsa.ask_time(tsa.Place(url, stranger), QUERY)
            assert caught.value.reason == "unreachable"
    finally:
        assert made.stop() == 0


def test_a_server_that_no_container_would_believe_says_so_when_it_starts(tmp_path, root):
    """Its containers take no time without a block list: who deploys one should see that here."""
    made = TimeServer(tmp_path / "ts", root)
    made.crl.unlink()
    made.start()
    assert made.stop() == 0
    assert "no block list: containers of this root take no certified time" in made.log
    made.crl.write_bytes(b"some list")
    made.start()
    assert made.stop() == 0
    assert made.log.count("no block list") == 1


def test_openssl_is_a_client(server, tmp_path: Path):
    (tmp_path / "data").write_bytes(b"whatever")
    tw.openssl(tmp_path, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq")
    status, kind, body = post(server, (tmp_path / "q.tsq").read_bytes())
    assert (status, kind) == (200, REPLY_MEDIA_TYPE)
    (tmp_path / "r.tsr").write_bytes(body)
    said = tw.openssl(
        tmp_path,
        *("ts", "-verify", "-in", "r.tsr", "-queryfile", "q.tsq"),
        *("-CAfile", str(server.files.root)),
    )
    assert "Verification: OK" in said


def test_what_is_no_query_is_refused_by_name(server, root):
    status, kind, body = post(server, b"\x30\x00")
    assert (status, kind) == (200, REPLY_MEDIA_TYPE), "RFC 3161 has a rejection for that"
    with pytest.raises(TimestampRefused) as caught:
        verify_reply(body, REQUEST.imprint(), 1, Trust.of_root(root.certificate))
    assert caught.value.reason == "rejected"
    assert post(server, QUERY, kind="text/plain")[0] == 415
    assert post(server, bytes(QUERY_BYTES_MAX + 1))[0] == 413
    assert post(server, b"", method="GET")[0] == 405


def test_a_block_list_that_is_gone_or_too_long_is_not_served(server):
    place = tsa.Place(server.url)
    kept = server.crl.read_bytes()
    try:
        server.crl.unlink()
        with pytest.raises(tsa.AskFailed, match="404"):
            tsa.fetch_crl(place)
        server.crl.write_bytes(bytes(5 << 20))
        with pytest.raises(tsa.AskFailed, match="404"):
            tsa.fetch_crl(place)
    finally:
        server.crl.write_bytes(kept)


def test_too_many_requests_of_one_address_are_refused(tmp_path, root):
    made = TimeServer(tmp_path / "ts", root, requests_per_minute=1)
    made.start()
    try:
        got = [post(made, QUERY)[0] for _ in range(BURST + 1)]
        assert got == [200] * BURST + [429]
        with pytest.raises(tsa.AskFailed, match="429"):
            tsa.ask_time(tsa.Place(made.url), QUERY)
    finally:
        assert made.stop() == 0


def test_without_a_clock_that_is_kept_right_there_is_no_token(root):
    """Through the application itself: whether this machine's clock is kept is not ours to say."""
    right = [False]
    clockwork = Clockwork(lambda: tw.NOW_MS, lambda: 0.0, lambda: 7, lambda: right[0])
    app = make_app(tw.SIGNER, None, 60, clockwork)

    def ask() -> bytes:
        sent: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": QUERY, "more_body": False}

        async def send(message) -> None:
            sent.append(message)

        scope = {
            **{"type": "http", "method": "POST", "path": "/", "query_string": b""},
            **{"headers": [(b"content-type", QUERY_MEDIA_TYPE.encode())], "client": ("a", 1)},
        }
        asyncio.run(app(scope, receive, send))
        body: bytes = sent[1]["body"]
        return body

    arguments = (REQUEST.imprint(), REQUEST.query_nonce(), tw.TRUST)
    with pytest.raises(TimestampRefused, match="clock right") as caught:
        verify_reply(ask(), *arguments)
    assert caught.value.reason == "rejected"
    right[0] = True
    assert verify_reply(ask(), *arguments).time_ms == tw.NOW_MS


def test_rates_are_by_address_and_recover():
    limit = RateLimit(per_minute=60)
    assert [limit.wait_s("a", 0.0) for _ in range(60)] == [0.0] * 60
    assert limit.wait_s("a", 0.0) == pytest.approx(1.0)
    assert limit.wait_s("b", 0.0) == 0.0
    assert limit.wait_s("a", 1.0) == 0.0
    assert limit.wait_s("a", 1.5) == pytest.approx(0.5)


def test_addresses_are_forgotten_beyond_a_bound():
    limit = RateLimit(per_minute=1)
    for _ in range(BURST):
        assert limit.wait_s("first", 0.0) == 0.0
    assert limit.wait_s("first", 0.0) > 0
    for number in range(ADDRESSES_MAX):
        limit.wait_s(str(number), 0.0)
    assert limit.wait_s("first", 0.0) == 0.0


def settings_file(path: Path, **changes) -> Path:
    values = {"key": Path("timeserver.key.pem"), "certificate": Path("timeserver.cert.pem")}
    config = path / "timeserver.toml"
    config.write_text(dump(TimeServerSettings(**{**values, **changes})))
    return config


def test_a_key_that_is_not_the_certificates_is_refused_at_start(tmp_path, root):
    one, other = TimeServer(tmp_path / "one", root), TimeServer(tmp_path / "other", root)
    config = settings_file(tmp_path, key=one.files.key, certificate=other.files.certificate)
    with pytest.raises(UserError, match="is not the key of"):
        read_signer(load(config))
    config = settings_file(tmp_path, key=one.files.key, certificate=one.files.root)
    with pytest.raises(UserError, match="hold no time server's key"):
        read_signer(load(config))
    config = settings_file(tmp_path)
    with pytest.raises(UserError, match="Cannot read"):
        read_signer(load(config))


def test_settings_that_cannot_be(tmp_path):
    for line, said in (
        ("accuracy_ms = 0", "accuracy_ms"),
        ("requests_per_minute = 0", "requests_per_minute"),
        ('listen = "nowhere"', "host:port"),
        ("clok = 1", "clok"),
    ):
        config = tmp_path / "timeserver.toml"
        config.write_text(f'key = "k"\ncertificate = "c"\n{line}\n')
        with pytest.raises(UserError, match=said):
            load(config)
