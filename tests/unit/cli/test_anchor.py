"""`tmr usage anchor`: tokens of an authority, here `openssl ts`, and records held to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.errors import ExitCode
from appliance.ledger.messages import Recorded
from tests.unit.cli.test_fill import unsigned
from tests.unit.cli.test_usage import copied, kept, tell
from tests.unit.cli.world import World, document
from tests.unit.codec import time_world as tw
from tests.unit.codec import world as vendors
from tests.unit.codec.test_timestamps import TSA_CONF
from tests.unit.services.tmr.world import UPSTREAMS


@dataclass
class Authority:
    """A time-stamp authority on the loopback; `certificate` is its root."""

    directory: Path
    url: str = ""

    @property
    def certificate(self) -> Path:
        return self.directory / "root.pem"

    def prepare(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = datetime.now(UTC)
        monkeypatch.setattr(tw, "VALIDITY", (now - timedelta(days=1), now + timedelta(days=1)))
        corporate = tw.Foreign()
        (self.directory / "tsa.cnf").write_text(TSA_CONF)
        (self.directory / "serial").write_text("01\n")
        tw.write_key(self.directory / "ts.key")
        tw.write_pem(self.directory / "ts.pem", corporate.signer.certificate)
        tw.write_pem(self.certificate, corporate.root.public_bytes(Encoding.DER))

    def reply(self, query: bytes) -> bytes:
        (self.directory / "q.tsq").write_bytes(query)
        tw.openssl(
            self.directory,
            *("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"),
            *("-signer", "ts.pem", "-inkey", "ts.key"),
        )
        return (self.directory / "r.tsr").read_bytes()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    directory = tmp_path / "authority"
    directory.mkdir()
    made = Authority(directory)
    made.prepare(monkeypatch)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            body = made.reply(query)
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def stamped(world: World, authority: Authority, out: Path) -> dict[str, object]:
    tell(world)
    asked = ("--server", authority.url, "--authority", authority.certificate, "--out", out)
    return document(world.tmr("usage", "anchor", *asked, "--json"))


def verified(
    world: World,
    authority: Authority,
    tokens: Path,
    tmp_path: Path,
    lacks: int = 0,
) -> Result:
    root = tmp_path / "vendor.der"
    root.parent.mkdir(exist_ok=True)
    root.write_bytes(vendors.ROOT)
    told = ("--anchors", tokens, "--authority", authority.certificate)
    copies = [
        copied(tmp_path / "copies", name, kept(name)[: len(kept(name)) - lacks])
        for name in UPSTREAMS[:2]
    ]
    records = [word for copy in copies for word in ("--record", copy)]
    return world.tmr("usage", "verify", *records, "--root", root, *told, "--json")


def test_a_token_says_since_when_the_record_is_unchanged(
    world: World, authority: Authority, tmp_path: Path
) -> None:
    done = stamped(world, authority, tmp_path / "tokens")
    assert done["entry"] == kept("up1")[-1].entry.index
    path = tmp_path / "tokens" / f"anchor-{done['entry']}.tst"
    said = tw.openssl(
        tmp_path,
        *("ts", "-verify", "-digest", str(done["anchor"]), "-in", str(path), "-token_in"),
        *("-CAfile", str(authority.certificate)),
    )
    assert "Verification: OK" in said
    found = document(verified(world, authority, tmp_path / "tokens", tmp_path))
    assert [(one["index"], one["time_ms"]) for one in found["anchors"]] == [
        (done["entry"], done["certified_ms"])
    ]


def test_a_record_that_was_changed_since_is_found_out(
    world: World, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever owns two hosts could sign another past, but not have it stamped on a day that is
    over: the token names an entry that is there no more."""
    done = stamped(world, authority, tmp_path / "tokens")
    log_time_ms = done["log_time_ms"]
    assert isinstance(log_time_ms, int)
    # The world's clock stands in another year than the authority's.
    monkeypatch.setattr("appliance.cli._usage_anchor.MARGIN_MS", -(10**13))
    result = verified(world, authority, tmp_path / "tokens", tmp_path, lacks=1)
    assert result.exit_code == ExitCode.REFUSED
    assert "stamps no entry of this record" in result.stderr


def test_somebody_elses_token_and_no_token_are_refused(
    world: World, authority: Authority, tmp_path: Path
) -> None:
    stamped(world, authority, tmp_path / "tokens")
    tw.write_pem(authority.certificate, vendors.ROOT)
    result = verified(world, authority, tmp_path / "tokens", tmp_path)
    assert (result.exit_code, "no token of this authority" in result.stderr) == (1, True)
    (tmp_path / "tokens" / "anchor-1.tst").write_bytes(b"none")
    result = verified(world, authority, tmp_path / "tokens", tmp_path / "again")
    assert (result.exit_code, "anchor-1.tst is no token" in result.stderr) == (1, True)


def test_nothing_is_stamped_that_one_upstream_alone_says(
    world: World, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(name: str) -> list[Recorded]:
        return kept(name) if name == "up1" else [unsigned(one) for one in kept(name)]

    monkeypatch.setattr("tests.unit.cli.test_usage.kept", said)
    tell(world)
    asked = ("--server", authority.url, "--authority", authority.certificate)
    result = world.tmr("usage", "anchor", *asked, "--out", tmp_path / "tokens")
    assert result.exit_code == ExitCode.REFUSED
    assert "no two upstreams endorsed" in result.stderr
    assert not (tmp_path / "tokens").exists()


def test_a_server_that_gives_no_token_is_named(
    world: World, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(world)
    monkeypatch.setattr(Authority, "reply", lambda self, query: b"what")
    asked = ("--server", authority.url, "--authority", authority.certificate)
    result = world.tmr("usage", "anchor", *asked, "--out", tmp_path / "tokens")
    assert (result.exit_code, "gave no token" in result.stderr) == (ExitCode.REFUSED, True)
    wrong = ("--server", "time.example", "--authority", authority.certificate)
    assert world.tmr("usage", "anchor", *wrong, "--out", tmp_path).exit_code == ExitCode.USAGE
