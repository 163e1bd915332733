"""One upstream as a real process: promises, entries, beats, its API, and what it refuses."""

import contextlib
import json
import resource
import signal
import socket
import sqlite3

import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance import __version__
from appliance.adapters.clock import wall_ms
from appliance.adapters.container_home import BoxTimes
from appliance.adapters.health import certificate_expires_at_s
from appliance.adapters.signatures import ContainerKeys, verify_store
from appliance.codec.reports import Report, ReportRequest, report_reader
from appliance.codec.request_files import read_request
from appliance.details import Detail
from appliance.errors import ExitCode
from appliance.ledger.certificates.proofs import is_signed
from appliance.ledger.certificates.receipts import time_bytes
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import (
    Ack,
    Adopted,
    DirectUse,
    DirectUseRefused,
    Entries,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    Offer,
    Prepare,
    PreVote,
    PreVoteReply,
    Promise,
    TermRefused,
)
from appliance.licences.commands import ImportUpdate, encode_command
from appliance.verifier.layouts import ZERO_ROOT, endorsement_bytes
from tests.unit.codec import world
from tests.unit.services.upstream_world import (
    DEADLINE_S,
    Deployment,
    Log,
    Upstream,
    empty_adopt,
    eventually,
    founding,
)

TERM = Term(1, "tmr1", 7)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory) -> Deployment:
    return Deployment(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def stopped(tmp_path, deployment):
    upstream = Upstream(tmp_path, deployment)
    yield upstream
    upstream.stop(signal.SIGKILL)


@pytest.fixture
def upstream(stopped):
    stopped.start()
    return stopped


@pytest.fixture
def link(upstream):
    link = upstream.link()
    yield link
    link.close()


def lead(link, term: Term = TERM) -> Log:
    """Take this term on an empty upstream."""
    promise = link.ask(Prepare(term))
    assert isinstance(promise, Promise)
    adopted = link.ask(empty_adopt(promise))
    assert isinstance(adopted, Adopted)
    assert (adopted.term, adopted.last_index, adopted.last_root) == (term, 0, ZERO_ROOT)
    return Log(term)


def test_a_coordinator_is_served(upstream, link):
    assert link.ask(PreVote(5)) == PreVoteReply(5, True, Term(0, "", 0), "")
    log = lead(link)
    first, second = log.append(founding(upstream)), log.append()
    link.send(first, second)
    acks = [link.receive(), link.receive()]
    assert [(ack.term, ack.index, ack.root) for ack in acks] == [
        (TERM, entry.index, entry.root) for entry in log.entries
    ]
    endorsement = acks[1].endorsement
    assert endorsement.statement.index == 2
    keys = ContainerKeys(world.ROOT)
    signed = endorsement_bytes(
        endorsement.statement, endorsement.objections, endorsement.system_time_ms
    )
    assert keys.verify(upstream.certificate, signed, endorsement.signature)
    beat = link.ask(Heartbeat(TERM, 1, True))
    assert isinstance(beat, HeartbeatAck)
    assert beat.time is not None
    assert (beat.term, beat.number, beat.last_index) == (TERM, 1, 2)
    stated = time_bytes(upstream.home.serial, beat.time.system_time_ms)
    assert keys.verify(upstream.certificate, stated, beat.time.signature)
    fetched = link.ask(Fetch(TERM, 1, 1 << 20))
    assert fetched == Entries(1, tuple(log.entries), 0, 2, None)
    assert link.ask(Fetch(TERM, 2, 1)) == Entries(2, (log.entries[1],), 0, 2, None)
    # Nothing is proven to be committed, so nobody else gets to see it.
    assert link.ask(Fetch(None, 1, 1 << 20)) == Entries(1, (), 0, 0, None)
    assert isinstance(link.ask(DirectUse(600_100, 10)), DirectUseRefused)


def test_a_kill_and_a_restart_lose_nothing_that_was_answered(upstream, link):
    log = lead(link)
    appends = [log.append() for _ in range(40)]
    link.send(*appends)
    for append in appends:
        ack = link.receive()
        assert isinstance(ack, Ack)
        assert ack.index == append.entry.index
    assert upstream.stop(signal.SIGKILL) == -signal.SIGKILL
    upstream.start()
    again = upstream.link()
    lower = again.ask(Prepare(Term(0, "tmr1", 9)))
    assert isinstance(lower, TermRefused)
    assert lower.promised == TERM
    promise = again.ask(Prepare(Term(2, "tmr1", 8)))
    assert isinstance(promise, Promise)
    vow = promise.vow
    assert (vow.adopted, vow.last_index) == (TERM, 40)
    assert vow.last_root == log.entries[-1].root
    assert is_signed(vow, verify_store)
    assert vow.store.hex() == upstream.status()["store_id"]
    again.send(Fetch(Term(2, "tmr1", 8), 1, 1 << 20))
    fetched = again.receive()
    assert isinstance(fetched, Entries)
    assert fetched.entries == tuple(log.entries)
    again.close()


def test_an_orderly_stop_and_its_log(upstream, link):
    lead(link)
    eventually(lambda: f"promised={TERM} adopted={TERM} hears=tmr1" in upstream.log, "role logged")
    eventually(lambda: "hears=nobody" in upstream.log, "the silence is logged")
    assert upstream.stop() == 0
    assert "Traceback" not in upstream.log
    assert link.receive() is None


def test_a_frame_with_a_lying_length_closes_the_link_and_names_the_peer(upstream, link):
    link.socket.sendall((0xFFFFFFF0).to_bytes(4, "big") + b"x" * 100)
    assert link.receive() is None
    eventually(lambda: "A frame claims 4294967280 bytes" in upstream.log, "the reason is logged")
    assert "peer=tmr1@" in upstream.log
    again = upstream.link()
    assert isinstance(again.ask(PreVote(1)), PreVoteReply)
    again.close()


@pytest.mark.parametrize("content", [b"\xc1", b"\x92\xa8pre-vote\xa1x", b"\x92\xa3Foo", b"\x00"])
def test_a_frame_without_a_message_closes_the_link(upstream, link, content):
    link.socket.sendall(len(content).to_bytes(4, "big") + content)
    assert link.receive() is None
    eventually(lambda: "holds no message of this protocol" in upstream.log, "the reason is logged")


def test_a_message_of_a_later_version_is_passed_over(upstream, link):
    content = b"\x92\xa3Foo\x01"
    link.socket.sendall(len(content).to_bytes(4, "big") + content)
    assert isinstance(link.ask(PreVote(1)), PreVoteReply)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("client", "role 'client' may not use this link"),
        ("operator", "role 'operate' may not use this link"),
        ("up2", "role 'upstream' may not use this link"),
        ("tmr9", "'tmr9' is not among the hosts"),
    ],
)
def test_a_wrong_certificate_gets_no_link(upstream, who, why):
    link = upstream.link(who)
    with contextlib.suppress(OSError):  # It may be closed before this is sent.
        link.send(Prepare(TERM))
    assert link.receive() is None
    link.close()
    eventually(lambda: why in upstream.log, "the reason is logged")
    assert upstream.status().get("promised") is None


def test_a_stolen_certificate_cannot_claim_for_another(upstream, link):
    refused = link.ask(Prepare(Term(9, "tmr2", 1)))
    assert isinstance(refused, TermRefused)
    assert refused.detail == "tmr1 claims for tmr2"


def test_an_update_is_imported_through_the_api_and_offered(upstream, link):
    wanted = b'{"firm_code":600100,"order":"PO 4711"}'
    code, data = upstream.ask("operator", "POST", "/v1/container/request", wanted)
    assert code == 200
    assert read_request(data).serial == upstream.home.serial
    code, data = upstream.ask("operator", "PUT", "/v1/container/update", upstream.update())
    assert (code, json.loads(data)["sequence"]) == (200, 1), data
    code, data = upstream.ask("viewer", "GET", "/v1/container")
    document = json.loads(data)
    assert (document["cmact_id"], document["twin"]) == ("A1", 1)
    assert document["licences"][0]["product_code"] == 10
    assert document["system_time_ms"] >= document["box_time_ms"] > wall_ms() - 3_600_000
    lead(link)
    link.send(Heartbeat(TERM, 8, False))
    assert isinstance(link.receive(), HeartbeatAck)
    assert link.receive() == Offer(encode_command(ImportUpdate(upstream.update(), "")))
    status = upstream.status()
    assert (status["name"], status["promised"]["counter"]) == ("up1", 1)
    assert [one["host"] for one in status["links"]] == ["tmr1"]
    assert upstream.ask("viewer", "GET", "/healthz")[0] == 200


def test_it_reports_how_it_is_beside_the_ledgers_link(upstream, link):
    lead(link)
    asking = upstream.link("tmr1", report_reader)
    try:
        reports: list[Report] = []

        def has_looked() -> bool:
            reports.append(asking.ask(ReportRequest(0)))
            return reports[-1].health is not None

        eventually(has_looked, "it looked at its host")
        report = reports[-1]
        health = report.health
        assert health is not None
        assert health.version == __version__
        assert health.disk_free_bytes and health.store_bytes
        certificate = upstream.deployment.files["up1"].cert
        assert health.certificate_expires_at_s == certificate_expires_at_s(certificate)
        texts = [record.text for record in report.records]
        assert any(text.startswith("ready: name=up1") for text in texts)
        assert {record.host for record in report.records} == {"up1"}
        newest = report.records[-1].number
        later = asking.ask(ReportRequest(newest)).records
        assert all(record.number > newest for record in later), "nothing is told twice"
        # The ledger's link was in none of this.
        assert isinstance(link.ask(Heartbeat(TERM, 1, False)), HeartbeatAck)
    finally:
        asking.close()


def test_its_metrics_are_for_operators(upstream, link):
    log = lead(link)
    link.send(log.append(), log.append())
    assert isinstance(link.receive(), Ack)
    assert isinstance(link.receive(), Ack)

    def seen() -> dict[str, float]:
        code, text = upstream.ask("viewer", "GET", "/metrics")
        assert code == 200
        return {
            sample.name: sample.value
            for family in text_string_to_metric_families(text.decode())
            for sample in family.samples
        }

    def heard_and_looked() -> bool:
        link.send(Heartbeat(TERM, 1, False))
        link.receive()
        now = seen()
        return "tmr_disk_free_bytes" in now and now["tmr_coordinator_heard"] == 1

    eventually(heard_and_looked, "it looked at its host while a coordinator beats")
    found = seen()
    assert found["tmr_adopted_term_counter"] == found["tmr_promised_term_counter"] == 1
    assert (found["tmr_log_index"], found["tmr_log_durable_index"]) == (2, 2)
    assert found["tmr_links"] == 1
    assert found["tmr_container_locked"] == 0
    assert found["tmr_store_size_bytes"] > 0
    assert upstream.ask("client", "GET", "/metrics")[0] == 403


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def bad_updates(upstream) -> dict[str, bytes]:
    good = upstream.update()
    return {
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "bit-flipped": flipped(good),
        "out of order": upstream.update(2),
        "for another container": upstream.update(
            serial=world.SERIALS[2],
            certificate=world.CONTAINER_CERTIFICATES[2],
            twin=2,
            cmact_id=world.CMACT_ID,
        ),
        "not ours at all": b"hello\n",
    }


def test_bad_updates_are_refused_and_change_nothing(upstream):
    before = upstream.ask("viewer", "GET", "/v1/container")[1]
    for what, data in bad_updates(upstream).items():
        code, answer = upstream.ask("operator", "PUT", "/v1/container/update", data)
        problem = json.loads(answer)
        assert (code, problem["type"]) == (422, "urn:tmr:problem:update-refused"), what
        assert len(problem["detail"]) > 20, what
    after = json.loads(upstream.ask("viewer", "GET", "/v1/container")[1])
    assert "licences" not in after
    assert after["serial"] == json.loads(before)["serial"]
    assert upstream.ask("operator", "PUT", "/v1/container/update", upstream.update())[0] == 200
    code, answer = upstream.ask("operator", "PUT", "/v1/container/update", upstream.update())
    assert (code, "applied already" in json.loads(answer)["detail"]) == (422, True)
    assert upstream.stop() == 0
    upstream.start()
    assert upstream.status()["container"]["firms"] == [
        {"firm_code": 600_100, "firm_name": "Firm A", "sequence": 1}
    ]


def test_an_update_that_an_editor_stored_anew_is_imported(upstream):
    """What the container keeps is the file as it was signed."""
    stored = b"\xef\xbb\xbf" + upstream.update().removesuffix(b"\n") + b"\r\n"
    code, answer = upstream.ask("operator", "PUT", "/v1/container/update", stored)
    assert (code, json.loads(answer).get("sequence")) == (200, 1), answer
    code, answer = upstream.ask("operator", "PUT", "/v1/container/update", upstream.update())
    assert (code, "applied already" in json.loads(answer)["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("who", "method", "path", "code", "reason"),
    [
        ("viewer", "PUT", "/v1/container/update", 403, "forbidden"),
        ("viewer", "POST", "/v1/container/request", 403, "forbidden"),
        ("operator", "POST", "/v1/container/return", 403, "forbidden"),
        ("client", "GET", "/v1/status", 403, "forbidden"),
        ("tmr1", "PUT", "/v1/container/update", 403, "forbidden"),
        ("", "GET", "/v1/status", 401, "unauthenticated"),
        ("operator", "GET", "/v1/nothing", 404, "not-found"),
        ("operator", "DELETE", "/v1/status", 405, "method-not-allowed"),
    ],
)
def test_refusals_of_the_api(upstream, who, method, path, code, reason):
    got, answer = upstream.ask(who, method, path)
    assert (got, json.loads(answer)["type"]) == (code, f"urn:tmr:problem:{reason}")


def test_a_body_without_end_is_refused(upstream):
    code, answer = upstream.ask("operator", "PUT", "/v1/container/update", b"x" * (1024 * 1024 + 1))
    assert (code, json.loads(answer)["type"]) == (413, "urn:tmr:problem:body-too-large")
    assert upstream.status()["name"] == "up1"


def test_anybody_may_ask_whether_it_is_healthy(upstream):
    assert upstream.ask("", "GET", "/healthz") == (200, b'{"healthy":true}')


def test_a_disk_that_takes_no_more_ends_it_and_nothing_is_acked_in_vain(upstream, link):
    log = lead(link)
    process = upstream.process
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (600_000, 600_000))
    acked = 0
    with contextlib.suppress(OSError):
        for _ in range(2000):
            answer = link.ask(log.append())
            if answer is None:
                break
            acked = answer.index
    assert process.wait(DEADLINE_S) == ExitCode.REFUSED
    assert 0 < acked < 2000
    assert "look after the disk, then start again" in upstream.log.splitlines()[-1]
    upstream.start()
    assert upstream.status()["last_index"] in (acked, acked + 1)


def test_a_damaged_store_takes_no_part_and_says_so(stopped):
    stopped.start()
    link = stopped.link()
    log = lead(link)
    link.send(log.append(), log.append(), log.append())
    assert [link.receive().index for _ in range(3)] == [1, 2, 3]
    link.close()
    assert stopped.stop() == 0
    # The third batch is undone, which SQLite itself finds nothing wrong with.
    store = stopped.path / stopped.settings.store
    with contextlib.closing(sqlite3.connect(store)) as database, database:
        database.execute("DELETE FROM entry WHERE number = 3")
    stopped.start()
    asking = stopped.link("tmr1", report_reader)
    report = asking.ask(ReportRequest(0))
    assert isinstance(report, Report)
    assert report.damage == Detail("entry-missing", {"index": 3})
    asking.close()
    link = stopped.link()
    link.send(PreVote(1), Prepare(Term(2, "tmr1", 8)))
    status = stopped.status()
    assert status["damage"] == {"code": "entry-missing", "values": {"index": 3}}
    assert status["store_id"] == stopped.store_id.hex()
    assert (status["last_index"], status.get("promised")) == (0, None)
    code, body = stopped.ask("", "GET", "/healthz")
    assert (code, json.loads(body)) == (503, {"healthy": False})
    assert "set the store aside with `tmr upstream init --again --config FILE`" in stopped.log
    assert stopped.stop() == 0
    assert link.receive() is None, "it promised nothing"
    link.close()


def test_box_time_outlives_the_process_and_is_never_lowered(stopped):
    ahead_ms = wall_ms() + 3_600_000
    stopped.home.save_times(BoxTimes(box_ms=ahead_ms))
    stopped.start()
    assert stopped.status()["container"]["system_time_ms"] >= ahead_ms
    assert stopped.stop() == 0
    assert stopped.home.times().box_ms > ahead_ms
    stopped.start()
    assert stopped.status()["container"]["box_time_ms"] > ahead_ms


def test_the_service_manager_is_told(stopped, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(DEADLINE_S)
        stopped.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="200000")
        told = [manager.recv(4096) for _ in range(4)]
        assert told[0].startswith(b"WATCHDOG=1") or told[0].startswith(b"READY=1")
        assert sum(word.startswith(b"READY=1") for word in told) == 1
        assert b"WATCHDOG=1" in told
        assert stopped.stop() == 0
        while not manager.recv(4096).startswith(b"STOPPING=1"):
            pass


def test_a_second_process_on_the_same_store_is_refused(upstream, tmp_path):
    rival = Upstream.__new__(Upstream)
    rival.path, rival.config, rival.process = tmp_path, upstream.config, None
    with pytest.raises(AssertionError, match="in use by another process"):
        rival.start()
