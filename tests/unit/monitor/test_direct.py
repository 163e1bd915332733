"""A system over TLS: honest hosts, and those that lie, stall, or send half a document."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from appliance.client import ClientError
from appliance.codec import api
from appliance.details import Detail
from monitor_gui.feed.direct import DirectSource
from monitor_gui.feed.source import Source
from monitor_gui.feed.thread import Ask, Open
from monitor_gui.model.connections import System
from monitor_gui.model.updates import Closed, LeasesHeard, StatusMissed
from tests.unit.client.fake import (
    HOST,
    RESET,
    SILENCE,
    Certificates,
    FakeServer,
    Reply,
    Request,
    make_certificates,
    problem,
)
from tests.unit.client.test_sync import ServerThread
from tests.unit.monitor.documents import lease, licence, status
from tests.unit.monitor.following import following
from tests.unit.monitor.test_activity import line


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA for these tests."""
    return make_certificates(tmp_path_factory.mktemp("pki"))


async def open_direct(system: System | None, ask: Ask) -> Source:
    """As the program does it."""
    assert system is not None
    return DirectSource(system)


def answering(document: api.StatusDocument) -> Callable[[Request], Reply]:
    """A host that answers everything honestly."""

    def answer(request: Request) -> Reply:
        if request.path == "/v1/status":
            return Reply(200, document)
        if request.path.startswith("/v1/licences"):
            rows = api.LicencesDocument(virtual_serial="131-9", licences=(licence(),))
            return Reply(200, rows)
        if request.path == "/v1/leases":
            return Reply(200, api.LeasesDocument(leases=(lease(),)))
        if request.path.startswith("/v1/logs"):
            number = 7 if request.path == "/v1/logs" else 8
            records = (line("up1", number, number),)
            return Reply(200, api.LogsDocument(records=records, newest={"up1": number}))
        if request.path == "/v1/time":
            return Reply(200, api.TimeUpdateDocument(results={"130-1": (Detail("certified"),)}))
        if request.path == "/v1/events":
            event = b'event: check-out\ndata: {"outcome": "granted", "index": 5}\n\n'
            head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
            return Reply(raw=head + event, hold_open=True)
        return Reply(200, api.DoneDocument(index=9))

    return answer


@contextmanager
def hosts(
    certificates: Certificates, directory: Path, *scripts: Callable[[Request], Reply]
) -> Iterator[tuple[System, list[FakeServer]]]:
    """Fake hosts, and a system that names them."""
    with ExitStack() as stack:
        servers = []
        for script in scripts:
            thread = ServerThread(certificates)
            thread.server.script = script
            servers.append(stack.enter_context(thread))
        yield system_of(certificates, directory, [server.port for server in servers]), servers


def system_of(certificates: Certificates, directory: Path, ports: list[int]) -> System:
    """A profile on disk, and the system that uses it."""
    profile = directory / "profile.toml"
    addresses = ", ".join(f'"{HOST}:{port}"' for port in ports)
    profile.write_text(
        f'addresses = [{addresses}]\nca = "{certificates.ca}"\n'
        f'certificate = "{certificates.client}"\nkey = "{certificates.client_key}"\n'
    )
    return System(name="plant", profile=str(profile))


def test_both_hosts_are_followed(certificates: Certificates, tmp_path: Path) -> None:
    first, second = answering(status("tmr1", "tmr1")), answering(status("tmr2", "tmr1"))
    with (
        hosts(certificates, tmp_path, first, second) as (system, servers),
        following(open_direct, system) as followed,
    ):
        followed.until(lambda s: {e.host for e in s.endpoints.values()} == {"tmr1", "tmr2"}, "both")
        followed.until(lambda s: s.leases is not None and s.licences is not None, "lists came")
        followed.until(lambda s: s.checkouts.total == 1, "an event told by both counts once")
        followed.feed.switchover("tmr2", "patches")
        assert followed.acted("switchover").ok
        # A real passive host would refuse it, so that it goes to the other; these two do not.
        (sent,) = [r for one in servers for r in one.requests if r.path == "/v1/switchover"]
        assert sent.document == {"why": "patches", "host": "tmr2"}


def test_a_passive_host_that_is_named_first_keeps_no_list_back(
    certificates: Certificates, tmp_path: Path
) -> None:
    """Nor its own status: while its client is refused, it still tells how it is."""
    passive = status("tmr1", "tmr2")

    def refuses(request: Request) -> Reply:
        if request.path == "/v1/status":
            return Reply(200, passive)
        return problem("not-active", 503, detail="this host does not serve: tmr2 is")

    with (
        hosts(certificates, tmp_path, refuses, answering(status("tmr2", "tmr2"))) as (system, _),
        following(open_direct, system) as followed,
    ):
        followed.until(lambda s: s.leases is not None and s.licences is not None, "lists came")
        assert [update.trouble for update in followed.of(LeasesHeard)] == [""]
        first, _ = system_endpoints(system)
        assert first not in [update.endpoint for update in followed.of(StatusMissed)]


def test_logs_go_on_where_they_ended_and_time_is_asked_for(
    certificates: Certificates, tmp_path: Path
) -> None:
    with (
        hosts(certificates, tmp_path, answering(status())) as (system, servers),
        following(open_direct, system) as followed,
    ):
        followed.until(lambda s: len(s.logs.lines) >= 2, "two lumps came")
        logs = [r.path for r in servers[0].requests if r.path.startswith("/v1/logs")]
        asked = list(dict.fromkeys(logs))  # A slow machine asks for the first twice.
        assert asked[:2] == ["/v1/logs", "/v1/logs?after=up1:7"]
        followed.feed.update_time("130-1", "drifted")
        assert followed.acted("time").sentence == "Certified time for 130-1."
        (sent,) = [r for r in servers[0].requests if r.path == "/v1/time"]
        assert sent.document == {"why": "drifted", "container": "130-1"}


HALF = msgspec.json.encode(status())[:200]
BAD = {
    "half a document": Reply(
        raw=b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\ncontent-type: application/json\r\n\r\n"
        + HALF
    ),
    "no JSON": Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnope"),
    "no HTTP": Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
    "another document": Reply(200, {"leases": []}),
    "wrong types": Reply(200, {"host": 5}),
    "a problem": problem("forbidden", 403, detail="role view is needed"),
    "an error": Reply(500, {}),
    "a reset": RESET,
    "silence": SILENCE,
    "far too much": Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b" " * 99),
}


@pytest.mark.parametrize("what", list(BAD))
def test_a_host_that_answers_nonsense_is_named_and_the_other_is_followed(
    certificates: Certificates, tmp_path: Path, what: str
) -> None:
    honest = answering(status("tmr1", "tmr1", twin="unreachable"))
    with (
        hosts(certificates, tmp_path, honest, lambda request: BAD[what]) as (system, _),
        following(open_direct, system) as followed,
    ):
        first, second = system_endpoints(system)
        followed.until(
            lambda s: s.endpoints[second].trouble != "" if second in s.endpoints else False, "told"
        )
        followed.until(lambda s: s.active(time.monotonic()) == "tmr1", "the other is followed")
        assert followed.store.endpoints[first].trouble == ""


def system_endpoints(system: System) -> tuple[str, ...]:
    """The endpoints in the system's profile."""
    text = Path(system.profile).read_text().splitlines()[0]
    return tuple(part.strip(' "') for part in text.partition("[")[2].rstrip("]").split(","))


def test_a_newer_version_is_read_as_far_as_it_is_known(
    certificates: Certificates, tmp_path: Path
) -> None:
    newer = msgspec.to_builtins(status())
    newer |= {
        "weather": "fine",
        "upstreams": [*newer["upstreams"]],
        "tmr_hosts": newer["tmr_hosts"],
    }
    newer["upstreams"][0] = newer["upstreams"][0] | {"mood": 7}

    def answer(request: Request) -> Reply:
        return Reply(200, newer) if request.path == "/v1/status" else problem("not-found", 404)

    with (
        hosts(certificates, tmp_path, answer) as (system, _),
        following(open_direct, system) as followed,
    ):
        followed.until(lambda s: s.active(time.monotonic()) == "tmr1", "it is understood")
        followed.until(lambda s: "not-found" in s.leases_trouble, "what it lacks is named")


def test_nobody_there_is_said_and_tried_again(certificates: Certificates, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        system = system_of(certificates, tmp_path, [taken.getsockname()[1]])
        with following(open_direct, system) as followed:
            (endpoint,) = system_endpoints(system)
            followed.until(
                lambda s: endpoint in s.endpoints and s.endpoints[endpoint].trouble != "",
                "the silence is told",
            )


def test_a_missing_profile_is_said_and_looked_for_again(
    certificates: Certificates, tmp_path: Path
) -> None:
    system = System(name="plant", profile=str(tmp_path / "profile.toml"))
    with following(open_direct, system) as followed:
        followed.until(lambda s: "no file" in s.trouble, "the missing file is told")
        assert followed.of(Closed)
        with hosts(certificates, tmp_path, answering(status())):
            followed.until(lambda s: s.active(time.monotonic()) == "tmr1", "it is found later")
            followed.feed.close()


def test_who_we_are_comes_from_the_certificate(certificates: Certificates, tmp_path: Path) -> None:
    with (
        hosts(certificates, tmp_path, answering(status())) as (system, _),
        following(open_direct, system) as followed,
    ):
        followed.until(lambda s: s.opened is not None, "it is open")
        assert followed.store.opened is not None
        assert followed.store.opened.identity == "c"


def test_a_feed_that_is_closed_takes_no_more_acts_and_no_thread_stays() -> None:
    async def never(system: System | None, ask: Ask) -> Source:
        await ask("host-key", "gate", "SHA256:x")
        raise ClientError("nobody said yes")

    opener: Open = never
    with following(opener) as followed:
        followed.feed.release("c", "l", 1, "x")
        assert "Not connected" in followed.acted("release").sentence
    followed.feed.close()
    followed.feed.switchover("tmr2", "too late")
    assert not any(thread.name == "tmr-monitor-feed" for thread in threading.enumerate())


def test_a_virtual_ip_that_moves_is_one_move(certificates: Certificates, tmp_path: Path) -> None:
    hears = [status("tmr1", "tmr1", term=1)]

    def answer(request: Request) -> Reply:
        if request.path == "/v1/status":
            return Reply(200, hears[-1])
        return problem("not-found", 404)

    with (
        hosts(certificates, tmp_path, answer) as (system, _),
        following(open_direct, system) as followed,
    ):
        followed.until(lambda s: s.active(time.monotonic()) == "tmr1", "tmr1 serves")
        hears.append(status("tmr2", "tmr2", term=2))
        followed.until(
            lambda s: (
                [str(e.phrase) for e in s.entries if e.kind == "address"]
                == ["the virtual IP moved from tmr1 to tmr2"]
            ),
            "the address has moved, and was never on both",
        )
