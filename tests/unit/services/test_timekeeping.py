"""An upstream asks for certified time: each refusal has a name and leaves the times alone."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.adapters import tsa
from appliance.adapters.container_home import BoxTimes, ContainerHome
from appliance.adapters.http_client import UNREACHABLE
from appliance.clocks.asking import Asking
from appliance.codec.certificates import build_container_certificate
from appliance.codec.certified_statements import read_statement
from appliance.codec.contacts import hash_of, read_contact
from appliance.services.central.root_key import RootKey
from appliance.services.settings import TimeServerSettings, dump
from appliance.services.upstream import timekeeping
from appliance.verifier.certificates import ContainerIdentity
from tests.unit.codec import time_world as tw
from tests.unit.codec import world
from tests.unit.services import time_server_world
from tests.unit.services.clock_world import (
    TRUE_MS,
    YEAR_MS,
    World,
    block_list,
    make_world,
    run,
    update,
)
from tests.unit.services.upstream_world import Deployment, Upstream

A = "http://a/"


@pytest.fixture
def here(tmp_path, monkeypatch) -> World:
    return make_world(tmp_path, monkeypatch)


def test_a_certified_update_sets_all_three_times_and_lasts(here):
    here.wall_ms = TRUE_MS + 40 * YEAR_MS
    here.start()
    assert here.clock.system_ms() >= TRUE_MS + 40 * YEAR_MS, "box time followed the computer"
    here.wall_ms = TRUE_MS
    updated = update(here)
    assert updated.certified_ms == here.true_ms(), updated.detail
    assert here.clock.system_ms() == here.clock.box_ms == here.true_ms()
    assert here.home.times() == BoxTimes(box_ms=here.true_ms(), certified_ms=here.true_ms())
    times = here.clock.times()
    assert (times.certified_age_s, times.box_age_s) == (0.0, 0.0)
    here.boot_ms += 60_000
    assert here.clock.times().certified_age_s == 60.0
    assert here.keeper.servers()[0].state == "good"


def refused(here: World, said: str, *urls: str) -> None:
    """An update that is refused with this word, and changes no time."""
    here.start(*(urls or ("http://a/",)))
    before = (here.clock.certified_ms, here.home.times())
    updated = run(here.keeper.update())
    assert updated.certified_ms is None
    assert said in updated.detail
    assert here.clock.certified_ms == before[0]
    stored, was = here.home.times(), before[1]
    assert stored is not None and was is not None
    assert stored.certified_ms == was.certified_ms and stored.box_ms - was.box_ms < 1_000
    assert here.container.shown is None


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (tsa.AskFailed("redirected", url=A, where="else"), "sends us to else"),
        (tsa.AskFailed("too-large", url=A, most=20, through=""), "more than 20 bytes"),
        (b"\x30\x03", "is no proper time-stamp"),
        (tw.reply_to(), "for another request than ours"),
        (lambda query: World.honest(query, TRUE_MS)[:-40], "is no proper time-stamp"),
        (lambda query: World.honest(query, TRUE_MS + 2 * YEAR_MS), "was not valid at the time"),
    ],
)
def test_a_bad_answer_changes_nothing(here, reply, said):
    here.replies["http://a/"] = reply
    refused(here, said)


def test_a_server_that_drops_the_block_list_gives_no_certified_time(here):
    here.lists["http://a/"] = tsa.AskFailed("http-status", url=A, status=404, said="Not Found")
    refused(here, "answers 404 Not Found")


def test_a_block_list_that_is_not_the_roots_or_old_gives_none_either(here):
    here.lists["http://a/"] = b"no list"
    refused(here, "the block list of http://a/ is none")
    here.lists["http://a/"] = block_list(5, key=world.OTHER_ROOT_KEY)
    refused(here, "was not signed by the pinned")
    here.lists["http://a/"] = block_list(5, days=-1)
    refused(here, "is over")
    assert update(here, "http://b/").certified_ms is not None
    here.lists["http://a/"] = block_list(6)
    refused(here, "is older than one")


def test_a_blocked_container_learns_it_with_its_certified_time(here):
    here.lists["http://a/"] = block_list(8, here.home.serial)
    assert update(here).certified_ms is not None
    assert here.container.locked == "Stolen"
    here.start()
    assert here.container.locked == "Stolen", "and keeps it"


def test_a_corporate_server_sets_the_clock_but_never_behind_log_time(here):
    """Else a plant with a time server of its own could make log time stand still."""
    corporate = tw.Foreign()
    here.replies["http://a/"] = lambda query: World.honest(query, TRUE_MS, corporate.signer)
    here.trust = corporate.trust
    here.state.begin(TRUE_MS + 500_000)
    here.wall_ms = TRUE_MS + YEAR_MS
    assert update(here).certified_ms == TRUE_MS
    assert here.container.shown is None, "it is nothing to the ledger"
    assert here.container.content.block_list.number == 0, "nor has it a block list"
    here.state.begin(TRUE_MS + 700_000)
    refused(here, "which is before log time")


def test_it_asks_at_the_start_on_schedule_and_again_after_a_failure(here, monkeypatch):
    """The loop itself, on boot time: an hour (here) after an update, a minute after none."""
    monkeypatch.setattr(timekeeping, "CHECK_EVERY_S", 0.0)
    looked = [0]
    due_in_s = Asking.due_in_s

    def counted(asking: Asking, now_s: float, spread: float) -> float | None:
        looked[0] += 1
        return due_in_s(asking, now_s, spread)

    monkeypatch.setattr(Asking, "due_in_s", counted)

    async def asked() -> int:
        """How often a server was asked, once the loop has looked twice from now on."""
        wanted = looked[0] + 2
        while looked[0] < wanted:
            await asyncio.sleep(0)
        return len(here.asked)

    async def story() -> None:
        keeper = here.start("http://a/")
        running = asyncio.ensure_future(keeper.run())
        assert await asked() == 1
        assert here.clock.certified_ms == here.true_ms()
        here.boot_ms += 3_500_000
        assert await asked() == 1
        here.replies["http://a/"] = tsa.AskFailed("unreachable", url=A, said="gone", through="")
        here.boot_ms += 100_000
        assert await asked() == 2
        here.boot_ms += 50_000
        assert await asked() == 2
        here.replies.clear()
        here.boot_ms += 20_000
        assert await asked() == 3
        assert keeper.servers()[0].state == "good"
        running.cancel()

    run(story())


def test_no_server_at_all(here):
    here.start()
    assert "name one in the settings" in run(here.keeper.update()).detail


def test_the_next_server_is_asked_where_one_fails(here):
    here.replies["http://a/"] = tsa.AskFailed("unreachable", url=A, said="gone", through="")
    updated = update(here, "http://a/", "http://b/")
    assert updated.detail == "certified by http://b/"
    assert [one.state for one in here.keeper.servers()] == ["failed", "good"]
    assert here.asked == ["http://a/", "http://b/"]


def test_two_are_compared_and_the_third_is_left_in_peace(here):
    assert update(here, "http://a/", "http://b/", "http://c/").certified_ms is not None
    assert here.asked == ["http://a/", "http://b/"]


def test_two_that_differ_at_the_start_are_both_told(here):
    here.replies["http://b/"] = 3_600_000
    refused(here, "nothing tells who is right", "http://a/", "http://b/")
    assert [one.state for one in here.keeper.servers()] == ["liar", "liar"]


def test_a_liar_is_found_out_by_what_was_certified_before(here):
    async def story() -> None:
        keeper = here.start("http://a/", "http://b/")
        assert (await keeper.update()).certified_ms is not None
        here.boot_ms += 600_000
        here.replies["http://a/"] = 3_600_000
        updated = await keeper.update()
        assert updated.detail == "certified by http://b/"
        assert [one.state for one in keeper.servers()] == ["liar", "good"]
        assert here.clock.system_ms() == here.true_ms()

    run(story())


def test_a_token_from_the_future_is_refused(here):
    async def story() -> None:
        keeper = here.start("http://a/")
        assert (await keeper.update()).certified_ms is not None
        was = here.clock.certified_ms
        here.boot_ms += 600_000
        here.replies["http://a/"] = 60_000
        updated = await keeper.update()
        assert updated.certified_ms is None and "from the future" in updated.detail
        assert here.clock.certified_ms == was
        assert here.clock.system_ms() == here.true_ms()

    run(story())


def test_a_statement_for_the_ledger_comes_with_it(here, monkeypatch):
    anchor = bytes(range(32))
    here.state.set_anchor(anchor, TRUE_MS - 5, ())
    update(here)
    assert here.container.shown is None, "no vendor has certified this container yet"
    identity = ContainerIdentity(here.home.serial, "A1", 1, here.home.public_key)
    certificate = build_container_certificate(
        world.ROOT_KEY, world.ROOT, identity, world.NOW, Random(2)
    )

    async def story() -> None:
        keeper = here.start("http://a/")
        monkeypatch.setattr(ContainerHome, "certificate", property(lambda _: certificate))
        await keeper.update()
        shown = here.container.shown
        assert shown is not None
        statement = read_statement(shown.statement, world.ROOT)
        assert (shown.time_ms, shown.anchor) == (statement.time_ms, anchor)
        assert (statement.serial, statement.anchor) == (here.home.serial, anchor)

    run(story())


# --- the real thing ---


def metrics(up: Upstream) -> dict[str, float]:
    """What a scraper reads."""
    status, text = up.ask("viewer", "GET", "/metrics")
    assert status == 200
    lines = [line.rpartition(" ") for line in text.decode().splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in lines}


def test_an_upstream_asks_a_time_server(tmp_path):
    """Real processes: the walking skeleton of certified time."""
    (tmp_path / "central").mkdir()
    root = RootKey.create(tmp_path / "central" / "root", "Test root", world.NOW, Random(1))
    deployment = Deployment(tmp_path / "pki")
    (tmp_path / "up1").mkdir()
    up = Upstream(tmp_path / "up1", deployment)
    (up.path / "root.der").write_bytes(root.certificate)
    server = time_server_world.TimeServer(tmp_path / "ts1", root)
    server.start()
    up.settings = msgspec.structs.replace(
        up.settings, time_servers=(TimeServerSettings(url=server.url),)
    )
    up.config.write_text(dump(up.settings))
    ahead_ms = BoxTimes(box_ms=TRUE_MS + 100 * YEAR_MS)
    up.home.save_times(ahead_ms)
    up.start()
    try:
        status, data = up.ask("operator", "POST", "/v1/time")
        assert status == 200, data
        assert json.loads(data)["results"] == {
            up.home.serial: [{"code": "certified", "values": {"url": server.url}}]
        }
        times = up.status()["times"]
        assert times["certified_ms"] < ahead_ms.box_ms - 50 * YEAR_MS
        assert 0 <= times["system_ms"] - times["certified_ms"] < 3_600_000
        assert up.status()["time_servers"][0]["state"] == "good"
        shown = metrics(up)
        for name, known in (("box", "box_ms"), ("certified", "certified_ms")):
            told_s = shown[f'tmr_container_time_seconds{{clock="{name}"}}']
            assert told_s == pytest.approx(times[known] / 1000)
        system_s = shown['tmr_container_time_seconds{clock="system"}']
        assert times["system_ms"] / 1000 <= system_s < times["system_ms"] / 1000 + 3_600
        for name in ("box", "certified"):
            assert 0 <= shown[f"tmr_container_{name}_age_seconds"] < 3_600
        assert shown[f'tmr_time_server_ok{{url="{server.url}"}}'] == 1
        stored = up.home.times()
        assert stored is not None and stored.certified_ms == times["certified_ms"]
        assert up.ask("viewer", "POST", "/v1/time")[0] == 403
        server.stop()
        status, data = up.ask("operator", "POST", "/v1/time")
        assert status == 502 and "cannot be reached" in json.loads(data)["detail"]
        assert up.status()["times"]["certified_ms"] == times["certified_ms"]
        assert metrics(up)[f'tmr_time_server_ok{{url="{server.url}"}}'] == 0
    finally:
        server.stop()
        assert up.stop() == 0


TSA_CONF = """
[ tsa ]
default_tsa = theirs
[ theirs ]
serial = ./serial
default_policy = 1.2.3.4.1
signer_digest = sha256
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@contextmanager
def corporate_server(path: Path) -> Iterator[str]:
    """A time server of somebody else's, openssl behind an HTTP server; gives its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            (path / "q.tsq").write_bytes(body)
            tw.openssl(
                path,
                *("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr"),
                *("-signer", "ts.pem", "-inkey", "ts.key"),
            )
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((path / "r.tsr").read_bytes())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_a_corporate_server_can_be_configured_instead(tmp_path, monkeypatch):
    """Real processes: an upstream whose settings name openssl and the anchor that certifies it."""
    now = datetime.now(UTC)
    monkeypatch.setattr(tw, "VALIDITY", (now - timedelta(days=1), now + timedelta(days=1)))
    corporate, theirs = tw.Foreign(), tmp_path / "corp"
    theirs.mkdir()
    (theirs / "tsa.cnf").write_text(TSA_CONF)
    (theirs / "serial").write_text("01\n")
    tw.write_key(theirs / "ts.key")
    tw.write_pem(theirs / "ts.pem", corporate.signer.certificate)
    (tmp_path / "up1").mkdir()
    up = Upstream(tmp_path / "up1", Deployment(tmp_path / "pki"))
    (up.path / "corp-root.pem").write_bytes(corporate.root.public_bytes(Encoding.PEM))
    up.home.save_times(BoxTimes(box_ms=TRUE_MS + 100 * YEAR_MS))
    with corporate_server(theirs) as url:
        for anchors, wanted in (((), 502), ((Path("corp-root.pem"),), 200)):
            asked = TimeServerSettings(url=url, anchors=anchors)
            up.settings = msgspec.structs.replace(up.settings, time_servers=(asked,))
            up.config.write_text(dump(up.settings))
            up.start()
            try:
                status, data = up.ask("operator", "POST", "/v1/time")
                assert status == wanted, data
                assert anchors or "signer of the time-stamp" in json.loads(data)["detail"]
                times = up.status()["times"]
                assert ("certified_ms" in times) is bool(anchors)
                assert (times["system_ms"] < TRUE_MS + 50 * YEAR_MS) is bool(anchors)
            finally:
                assert up.stop() == 0


def test_each_update_is_one_contact_that_follows_on_the_one_before(here):
    update(here)
    update(here)
    here.replies["http://a/"] = tsa.AskFailed(UNREACHABLE, url=A, said="no answer", through="")
    update(here)
    here.replies.clear()
    update(here)
    first, second, lost, again = here.contacts
    assert first == ""  # It did not know yet who answers there.
    assert read_contact(second).number == 1
    assert lost == again and read_contact(lost).previous == hash_of(second)
    assert read_contact(lost).serial == here.home.serial
