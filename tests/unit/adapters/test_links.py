"""Links: who may talk, what a bad peer costs, and that a link comes back. On both event loops."""

import asyncio
import contextlib
import logging
import ssl
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
import uvloop

from appliance.adapters.links import links
from appliance.adapters.links.links import Link, LinkServer
from appliance.adapters.pki import authority as pki
from appliance.codec.frames import FrameReader, encode_frame, link_reader
from appliance.details import code_of
from appliance.ledger.effects import Origin
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import DirectUse, Heartbeat, Prepare, PreVote, PreVoteReply

HOST = "127.0.0.1"
DEADLINE_S = 30.0
T1 = Term(1, "tmr1", 1)


class Note(msgspec.Struct, tag=True):
    """Another protocol than the ledger's."""

    text: str


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    path = tmp_path_factory.mktemp("pki")
    now = datetime.now(UTC)
    pki.create_ca(path / "ca", now)
    pki.create_ca(path / "foreign", now)
    made = {
        name: pki.issue_host(path / "ca", path / name, name, role, now)
        for name, role in {"up1": "upstream", "tmr1": "tmr", "tmr2": "tmr"}.items()
    }
    made["client"] = pki.issue_client(path / "ca", path / "client", "client", now)
    stranger = pki.issue_host(path / "foreign", path / "stranger", "tmr1", "tmr", now)
    # It trusts us; we do not trust it.
    made["stranger"] = stranger._replace(ca=made["up1"].ca)
    return made


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    """Runs a coroutine on one of the loops, within the deadline."""

    def runner(work):
        async def bounded():
            async with asyncio.timeout(DEADLINE_S):
                await work

        request.param(bounded())

    return runner


class Plant:
    """An upstream's server that records, and links to it."""

    def __init__(self, files, make_reader=link_reader, **options) -> None:
        self.files = files
        self.got: list[tuple[Origin, object]] = []
        self.lost: list[Origin] = []
        self.events: list[tuple] = []
        self.changed = asyncio.Event()
        self.make_reader = make_reader
        self.server = LinkServer(
            (HOST, 0),
            pki.server_context(files["up1"]),
            make_reader,
            ("tmr",),
            self.received,
            self.note(self.lost),
            **options,
        )
        self.address = (HOST, 0)
        self.links: list[Link] = []

    def note(self, into):
        def add(*arguments) -> None:
            into.append(arguments[0] if len(arguments) == 1 else arguments)
            self.changed.set()

        return add

    def received(self, origin, message) -> None:
        self.got.append((origin, message))
        self.changed.set()

    async def __aenter__(self):
        self.address = await self.server.start()
        return self

    async def __aexit__(self, *exc) -> None:
        for link in self.links:
            await link.close()
        await self.server.close()

    def link(self, who="tmr1", name="up1", address=None, **options) -> Link:
        event = self.note(self.events)
        link = Link(
            name,
            address or self.address,
            pki.client_context(self.files[who]),
            self.make_reader,
            lambda name: event("up", name),
            lambda name, message: event("message", name, message),
            lambda name, why: event("down", name, why),
            Random(1),
            **({"silent_s": DEADLINE_S} | options),
        )
        self.links.append(link)
        link.start()
        return link

    async def until(self, condition) -> None:
        """Waits for events until the condition holds; the test's deadline bounds it."""
        while not condition():
            self.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), 0.05)

    def downs(self) -> list[str]:
        return [event[2] for event in self.events if event[0] == "down"]


def test_messages_go_both_ways_in_order(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link()
            await plant.until(lambda: link.up)
            assert plant.events == [("up", "up1")]
            sent = [PreVote(number) for number in range(3000)]
            assert all(link.send(message) for message in sent)
            await plant.until(lambda: len(plant.got) == 3000)
            assert [message for _, message in plant.got] == sent
            origin = plant.got[0][0]
            assert origin == Origin("tmr1", 1)
            assert plant.server.peers == (origin,)
            assert plant.server.send(origin, DirectUse(1, 2))
            await plant.until(lambda: len(plant.events) == 2)
            assert plant.events[1] == ("message", "up1", DirectUse(1, 2))
            await link.close()
            assert not link.send(PreVote(1))
            await plant.until(lambda: plant.lost == [origin])
            assert not plant.server.send(origin, PreVote(1))
            assert not plant.server.send(Origin("tmr1", 77), PreVote(1))

    run(story())


def test_what_cannot_be_encoded_costs_one_message_and_no_link(files, run, caplog):
    """A number of 65 bits, to which one upstream's word led, ended both TMR hosts' processes."""

    async def story():
        async with Plant(files) as plant:
            link = plant.link()
            await plant.until(lambda: link.up)
            assert not link.send(Prepare(Term(2**64, "tmr1", 1)))
            assert "a message is not sent: peer=up1@127.0.0.1 message=Prepare" in caplog.text
            assert link.send(PreVote(7))
            await plant.until(lambda: plant.got)
            assert plant.got[0][1] == PreVote(7)
            assert not plant.server.send(plant.got[0][0], Prepare(Term(2**64, "tmr1", 1)))
            assert plant.server.send(plant.got[0][0], PreVote(8))
            await plant.until(lambda: len(plant.events) == 2)
            assert plant.events[1] == ("message", "up1", PreVote(8))

    run(story())


def test_a_number_out_of_range_ends_that_link_and_its_field_is_named(files, run, caplog):
    async def story():
        async with Plant(files) as plant:
            link = plant.link()
            await plant.until(lambda: link.up)
            link.send(PreVote(7))
            await plant.until(lambda: plant.got)
            plant.server.send(plant.got[0][0], PreVoteReply(1, True, Term(2**64 - 1, "t", 1), ""))
            await plant.until(plant.downs)
            assert "at PreVoteReply.promised.counter" in plant.downs()[0]
            assert "closed a link: peer=up1@127.0.0.1" in caplog.text

    run(story())


def test_other_protocols_may_use_it_too(files, run):
    decoder = msgspec.msgpack.Decoder(Note)

    async def story():
        async with Plant(files, lambda: FrameReader(decoder)) as plant:
            link = plant.link()
            await plant.until(lambda: link.up)
            link.send(Note("hello"))
            await plant.until(lambda: plant.got)
            assert plant.got[0][1] == Note("hello")

    run(story())


def test_a_link_comes_back(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link()
            await plant.until(lambda: link.up)
            await plant.server.close()
            await plant.until(plant.downs)
            assert not link.up
            replacement = Plant(files)
            replacement.server._address = plant.address
            async with replacement:
                await plant.until(lambda: link.up)
                link.send(PreVote(1))
                await replacement.until(lambda: replacement.got)

    run(story())


def test_nobody_there_is_no_error(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link(address=(HOST, 1))
            await plant.until(lambda: link.last_failure)
            assert code_of(link.last_failure) == "link-refused-port"
            assert not link.up
            assert plant.events == []

    run(story())


@pytest.mark.parametrize(("who", "why"), [("client", "role 'client'"), ("up1", "role 'upstream'")])
def test_a_wrong_role_is_refused(files, run, who, why, caplog):
    async def story():
        async with Plant(files) as plant:
            plant.link(who)
            await plant.until(lambda: why in caplog.text)
            assert (plant.got, plant.server.peers) == ([], ())

    run(story())


def test_a_name_that_is_not_in_the_settings_is_refused(files, run, caplog):
    async def story():
        async with Plant(files, allowed_names=("tmr1",)) as plant:
            plant.link("tmr2")
            await plant.until(lambda: "'tmr2' is not among the hosts" in caplog.text)
            assert plant.server.peers == ()

    run(story())


def test_a_foreign_certificate_is_refused(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link("stranger")
            await plant.until(lambda: link.last_failure or plant.downs())
            await asyncio.sleep(0)
            assert (plant.got, plant.server.peers) == ([], ())

    run(story())


@pytest.mark.parametrize(
    ("days", "why"), [(30, "certificate is not yet valid"), (-900, "certificate has expired")]
)
def test_whoever_lives_outside_a_certificates_days_refuses_it_and_that_is_said(
    files, run, tmp_path, caplog, days, why
):
    """As a host does whose clock was set back, or forward: the link says at its other end that it
    is refused, and comes back when the clock is right."""
    elsewhen = datetime.now(UTC) + timedelta(days=days)
    odd = pki.issue_host(
        files["up1"].ca.parents[1] / "ca", tmp_path / "odd", "tmr1", "tmr", elsewhen
    )

    async def story():
        async with Plant({**files, "odd": odd}) as plant:
            link = plant.link("odd")
            await plant.until(lambda: link.last_failure == links.REFUSED)
            assert why in caplog.text
            link._context = pki.client_context(files["tmr1"])
            await plant.until(lambda: plant.server.peers)
            assert plant.server.send(plant.server.peers[0], DirectUse(1, 2))
            await plant.until(lambda: not link.last_failure)

    run(story())


def test_a_certificate_outside_its_days_here_is_said_so(files, run, tmp_path):
    elsewhen = datetime.now(UTC) + timedelta(days=30)
    odd = pki.issue_host(
        files["up1"].ca.parents[1] / "ca", tmp_path / "odd", "up1", "upstream", elsewhen
    )

    async def story():
        async with Plant({**files, "up1": odd}) as plant:
            link = plant.link()
            await plant.until(lambda: link.last_failure)
            assert link.last_failure == (
                "its certificate is refused here: certificate is not yet valid"
            )

    run(story())


def test_a_server_of_another_name_is_refused(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link(name="up2")
            await plant.until(lambda: "up2" in link.last_failure)
            assert plant.events == []

    run(story())


def test_a_host_of_another_role_is_refused(files, run, caplog):
    async def story():
        async with Plant(files) as plant:
            link = plant.link(roles=("tmr",))
            await plant.until(lambda: "expected up1, but upstream up1" in link.last_failure)
            assert plant.events == []

    run(story())


def test_a_silent_peer_is_dialled_anew(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link(silent_s=0.05)
            await plant.until(lambda: link.up)
            link.send(PreVote(1))
            await plant.until(lambda: "silent for 0.05 s" in plant.downs())
            await plant.until(lambda: plant.events.count(("up", "up1")) > 1)

    run(story())


def test_a_peer_of_whom_nothing_was_asked_may_be_silent(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link(silent_s=0.02)
            await plant.until(lambda: link.up)
            for _ in range(10):
                await asyncio.sleep(0.02)
            assert plant.downs() == []

    run(story())


async def dial(plant, who="tmr1"):
    return await asyncio.open_connection(
        *plant.address, ssl=pki.client_context(plant.files[who]), server_hostname="up1"
    )


async def ended(reader):
    try:
        return await reader.read(100) == b""
    except (ConnectionError, ssl.SSLError):
        return True


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ((0x7FFFFFFF).to_bytes(4, "big"), "A frame claims 2147483647 bytes"),
        (bytes(4), "A frame claims 0 bytes"),
        (b"\0\0\0\x03abc", "holds no message of this protocol"),
        (encode_frame(PreVote(1)) + b"\0\0\0\x01\xc1", "holds no message of this protocol"),
    ],
)
def test_a_frame_that_lies_closes_the_link(files, run, data, why, caplog):
    async def story():
        async with Plant(files) as plant:
            reader, writer = await dial(plant)
            writer.write(data)
            assert await ended(reader)
            assert why in caplog.text
            assert "peer=tmr1@127.0.0.1" in caplog.text
            await plant.until(lambda: plant.server.peers == ())
            assert plant.got == []
            writer.close()

    run(story())


def test_a_handshake_that_never_ends_does(files, run, monkeypatch):
    monkeypatch.setattr(links, "HANDSHAKE_TIMEOUT_S", 0.05)

    async def story():
        async with Plant(files) as plant:
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            reader, writer = await asyncio.open_connection(*plant.address)
            assert await ended(reader)
            writer.close()

    run(story())


def test_a_paused_server_delivers_later(files, run):
    async def story():
        async with Plant(files) as plant:
            link = plant.link()
            await plant.until(lambda: link.up)
            link.send(PreVote(0))
            await plant.until(lambda: len(plant.got) == 1)
            plant.server.on_message = lambda origin, message: (
                plant.received(origin, message),
                plant.server.pause(),
            )
            for number in range(1, 6):
                link.send(Heartbeat(T1, number, False))
            await plant.until(lambda: len(plant.got) == 2)
            await asyncio.sleep(0.05)
            assert len(plant.got) == 2
            for count in range(3, 7):
                plant.server.resume()
                await plant.until(lambda count=count: len(plant.got) >= count)
                assert len(plant.got) == count
            assert [message.number for _, message in plant.got] == [0, 1, 2, 3, 4, 5]

    run(story())


@pytest.fixture(autouse=True)
def all_logged(caplog):
    caplog.set_level(logging.DEBUG, logger="appliance.adapters")
