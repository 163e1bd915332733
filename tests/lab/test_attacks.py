"""Attacks on a real network lab: stolen keys and false papers, tried with the real protocols.

Each is refused, by name where somebody is told; no process ends, and the ten leases go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.pki import authority as pki
from appliance.client import (
    AsyncClient,
    AsyncLease,
    ReceiptRefused,
    ReceiptVerifier,
    Refused,
    Trust,
    Wanted,
    load_profile,
)
from appliance.client.engine import Sent
from appliance.client.tls import ClientTls
from appliance.client.wire import lease_path, read
from appliance.codec.api import (
    CheckOutRequest,
    ConsumeRequest,
    EndedDocument,
    GrantDocument,
    HeartbeatDocument,
    HeartbeatRequest,
    LicencesDocument,
    ReleaseRequest,
)
from appliance.codec.frames import FRAME_BYTES_MAX
from appliance.lab.build import client_name
from appliance.lab.hosts import (
    CLIENT_API_PORT,
    SERVERS,
    TMRS,
    TWIN_LINK_PORT,
    UPSTREAM_ADMIN_PORT,
    UPSTREAM_LINK_PORT,
    host_named,
)
from appliance.lab.story.stage import PRESSES, ROBOTS
from appliance.ledger.certificates.proofs import TOO_FEW
from appliance.ledger.election.terms import Term
from appliance.ledger.log.book import Book
from appliance.ledger.messages import (
    Adopt,
    AnyMessage,
    Append,
    Entries,
    Entry,
    Fetch,
    Heartbeat,
    Prepare,
    PreVoteReply,
    Stage,
)
from appliance.ledger.messages import PreVote as ProbeMessage
from appliance.ledger.messages import TermRefused as Denied
from appliance.licences.commands import CheckOut, Holder, LeaseRef
from appliance.licences.reasons import GRANTED
from appliance.services.upstream.documents import ContainerDocument, UpstreamStatusDocument
from appliance.verifier.layouts import ZERO_ROOT
from tests.lab import greedy
from tests.lab.papers import Papers, careless, client, expired, foreign, stranger, upstream
from tests.lab.strangers import a_crowd_stops_nobody
from tests.lab.thief import Beaten, Grown, Theft, Thief
from tests.lab.world import World

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

ATTEMPTS = 20
CONNECTIONS_MAX = 200
HIGHEST = 2**63 - 1
"""The largest number that any message may hold."""
ANSWER_WITHIN_S = 20.0

D = TypeVar("D")
T = TypeVar("T")


@pytest.fixture(scope="module")
def lab_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("attacks") / "lab"
    with World(directory, tmrs={"connections_max": CONNECTIONS_MAX}) as made:
        yield made


@pytest.fixture
def world(lab_world: World) -> Iterator[World]:
    """The lab; after the attack its processes are the same as before, and serve."""
    lab_world.wait_until_whole()
    before = _pids(lab_world)
    yield lab_world
    assert _pids(lab_world) == before
    with lab_world.under_load() as load:
        pass
    assert load.interruption.failed == 0


def _pids(world: World) -> dict[str, list[int]]:
    return {
        host.name: [process.pid for process in world.lab.processes(host.name) if process.alive]
        for host in SERVERS
    }


def _while_they_stand_still(world: World, steal: Callable[[str], Coroutine[Any, Any, T]]) -> T:
    """An attack by the active host while both TMR hosts do nothing: the thief need not be quicker
    than they are. Once more if they stopped between an entry and its commit."""
    for _ in range(ATTEMPTS):
        active = world.wait_until_whole()
        with world.inside(active) as inside, contextlib.suppress(Grown):
            for host in TMRS:
                world.lab.freeze(host.name)
            try:
                return inside.call(steal(active))
            finally:
                for host in TMRS:
                    world.lab.thaw(host.name)
    raise AssertionError("the log was never read at rest")


# --- a stolen host certificate ---


def test_one_upstream_alone_gives_one_endorsement(world: World) -> None:
    """The active host's own certificate: it may pass for the coordinator, if two believe it."""
    nonce = secrets.token_bytes(32)
    ghost = LeaseRef("cert:mallory", "ghost")

    def forge(book: Book) -> CheckOut:
        return CheckOut(ghost, ROBOTS.code, ROBOTS.product, bytes(32), Holder(), nonce)

    async def steal(active: str) -> Theft:
        async with (
            Thief(world.files, active, "up1") as thief,
            Thief(world.files, active, "up2") as other,
        ):
            return await thief.take_over(forge, other)

    theft = _while_they_stand_still(world, steal)
    assert theft.outcome.reason == GRANTED
    assert theft.endorsement is not None
    stolen_term = theft.endorsement.statement.term
    root = world.files.root_certificate().read_bytes()
    wanted = Wanted(ROBOTS.code, ROBOTS.product, nonce)
    certificate = ContainerHome.open(world.files.host("up1") / "container", root).certificate
    assert certificate is not None
    for count, reason in ((1, "one-endorsement"), (2, "same-twin")):
        with pytest.raises(ReceiptRefused) as refused:
            grant = theft.as_grant(ghost, nonce, certificate, count)
            ReceiptVerifier(Trust(root)).verify(grant, wanted)
        assert refused.value.reason == reason

    def above() -> bool:
        term = world.stage.statuses()[world.stage.active()].term
        return term is not None and term.counter > stolen_term.counter

    world.wait_for("a term above the stolen one", above)
    world.wait_until_whole()
    _release(world, ghost)


def test_one_promise_makes_no_upstream_adopt_anything(world: World) -> None:
    """A thief cannot bend one upstream's log by the promise of that one alone (design D3)."""
    ghost = LeaseRef("cert:mallory", "lonely")

    def forge(book: Book) -> CheckOut:
        return CheckOut(ghost, ROBOTS.code, ROBOTS.product, bytes(32), Holder(), bytes(32))

    async def steal(active: str) -> None:
        async with Thief(world.files, active, "up1") as thief:
            with pytest.raises(Beaten, match=TOO_FEW):
                await thief.take_over(forge)

    _while_they_stand_still(world, steal)
    world.wait_until_whole()
    assert ghost.client not in {lease.client for lease in world.leases()}


def _release(world: World, ref: LeaseRef) -> None:
    """What a hijacked host may bring about is a ghost seat: seen by operators, and ended by one."""
    if ref.client not in {lease.client for lease in world.leases()}:
        return

    async def act() -> None:
        async with world.operator() as operator:
            await operator.release(ref.client, ref.lease_id, "nobody of ours")

    world.stage.clients.call(act())
    assert ref.client not in {lease.client for lease in world.leases()}


def test_numbers_at_the_edge_end_nothing(world: World) -> None:
    """Whatever a stolen certificate says in 63 bits is refused, or answered with nothing. Beyond
    that it ends its own link, and the log says which field it was."""
    active = world.wait_until_whole()
    term = Term(HIGHEST, active, HIGHEST)
    entry = Entry(HIGHEST, term, ZERO_ROOT, b"")
    unasked: tuple[AnyMessage, ...] = (
        Stage(term, (entry,)),
        Adopt(term, HIGHEST, ZERO_ROOT, HIGHEST, (entry,), HIGHEST, ZERO_ROOT, (), None, None),
        Append(term, entry, ZERO_ROOT, True),
        Heartbeat(term, HIGHEST, True),
    )

    async def attack() -> None:
        async with Thief(world.files, active, "up1") as thief:
            answer = await thief.ask(Fetch(None, HIGHEST, HIGHEST), Entries)
            assert answer.entries == ()
            reply = await thief.ask(ProbeMessage(HIGHEST), PreVoteReply)
            assert reply.number == HIGHEST
            assert (await thief.ask(Prepare(term), Denied)).why == "bad-request"
            for message in unasked:
                assert (await thief.ask(message, Denied)).why == "higher-term"
            with pytest.raises(TimeoutError):
                await thief.ask(ProbeMessage(HIGHEST + 1), PreVoteReply, within_s=1.0)

    with world.inside(active) as inside:
        inside.call(attack())
    world.wait_for("the field's name", lambda: "at PreVote.number" in world.log("up1", "upstream"))
    world.wait_until_whole()


@pytest.mark.parametrize("length", [0, FRAME_BYTES_MAX + 1, 2**32 - 1])
def test_a_frame_with_a_lying_length(world: World, length: int) -> None:
    active = world.wait_until_whole()
    tls = pki.client_context(pki.IdentityFiles.of(world.files.host(active) / "tls"))
    frame = length.to_bytes(4, "big") + b"x"
    said = "A frame claims "  # Once a minute for all numbers, or whoever lies fills the log.
    answer = _knock(world, active, "up1", UPSTREAM_LINK_PORT, tls, frame)
    assert answer == ""
    world.wait_for("a line in up1's log", lambda: said in world.log("up1", "upstream"))
    assert f"peer={active}@" in world.log("up1", "upstream").partition(said)[0].splitlines()[-1]


# --- false papers ---


@pytest.mark.parametrize("target", ["up1", "tmr1"])
@pytest.mark.parametrize(
    ("papers", "said"),
    [
        (foreign, "refused a handshake: why=unable to get local issuer certificate"),
        (expired, "refused a handshake: why=certificate has expired"),
        (client, "peer=client-01@10.77.0.22 why=role 'client' may not use this link"),
        (upstream, "peer=up2@10.77.0.22 why=role 'upstream' may not use this link"),
        (stranger, "peer=tmr9@10.77.0.22 why='tmr9' is not among the hosts"),
    ],
)
def test_false_papers_at_the_link_ports(
    world: World, tmp_path: Path, papers: Papers, said: str, target: str
) -> None:
    process, port = ("upstream", UPSTREAM_LINK_PORT) if target == "up1" else ("tmr", TWIN_LINK_PORT)
    before = world.log(target, process).count(said)
    tls = careless(papers(world, tmp_path))
    assert _knock(world, "tmr2", target, port, tls, b"") == ""
    world.wait_for(
        f"a line in {target}'s log", lambda: world.log(target, process).count(said) > before
    )


def _knock(
    world: World, source: str, target: str, port: int, tls: ssl.SSLContext, data: bytes
) -> str:
    """Connect, say something, and give what comes before the other side hangs up: "" if nothing."""

    async def knock() -> str:
        address = world.files.address(host_named(target).octet)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            try:
                reader, writer = await asyncio.open_connection(
                    address, port, ssl=tls, server_hostname=target
                )
            except (ssl.SSLError, ConnectionError):
                return ""
            answer = b""
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                writer.write(data)
                answer = await reader.read()
            writer.transport.abort()
            return answer.decode("latin-1")

    with world.inside(source) as inside:
        return inside.call(knock())


@pytest.mark.parametrize("who", ["tmr1", "up1"])
def test_a_host_certificate_is_no_client(world: World, who: str) -> None:
    files = pki.IdentityFiles.of(world.files.host(who) / "tls")
    tls = ClientTls(files.ca, files.cert, files.key)
    address = (world.files.virtual_ip, CLIENT_API_PORT)

    async def look() -> None:
        async with AsyncClient([address], tls, None) as client:
            await client.call("GET", "/v1/licences", LicencesDocument)

    with pytest.raises(Refused) as refused:
        world.stage.clients.call(look())
    assert refused.value.reason == "forbidden"


@pytest.mark.parametrize("who", ["client-01", "tmr1"])
def test_the_upstreams_console_is_for_operators(world: World, who: str) -> None:
    person = world.files.person(who) if who == "client-01" else world.files.host(who) / "tls"
    files = pki.IdentityFiles.of(person)
    tls = ClientTls(files.ca, files.cert, files.key)

    async def ask(method: str, path: str, kind: type[D]) -> D:
        async with AsyncClient([("127.0.0.1", UPSTREAM_ADMIN_PORT)], tls, None) as client:
            return await client.call(method, path, kind)

    with world.inside("up1") as console:
        for method, path, kind in (
            ("GET", "/v1/status", UpstreamStatusDocument),
            ("GET", "/v1/container", ContainerDocument),
            ("POST", "/v1/container/request", ContainerDocument),
            ("PUT", "/v1/container/update", ContainerDocument),
        ):
            with pytest.raises(Refused) as refused:
                console.call(ask(method, path, kind))
            assert (refused.value.reason, refused.value.status) == ("forbidden", 403)


# --- a crowd without papers ---


def test_a_crowd_of_strangers_stops_nobody(world: World) -> None:
    a_crowd_stops_nobody(world)


# --- another client's lease ---


async def _call(
    client: AsyncClient,
    method: str,
    path: str,
    kind: type[D],
    document: object = None,
    secret: bytes = b"",
) -> D:
    """One call with a lease's secret. Raises Refused."""

    def make(left_s: float) -> Sent:
        data = client.maker.make(method, path, document, secret=secret, deadline_s=left_s)
        return Sent(data, b"", client.now())

    answer, _ = await client.engine.exchange(make)
    return read(answer, kind)


async def _misuse(client: AsyncClient, victim: AsyncLease, secret: bytes) -> set[str]:
    """Try to use and to end somebody's lease; gives the reasons for which that was refused."""
    path, generation = lease_path(victim.lease_id), victim.grant.generation
    heartbeat = HeartbeatRequest(generation=generation)
    consume = ConsumeRequest(generation=generation, number=1, units=1, nonce=bytes(32))
    reasons = set()
    for method, where, kind, document in (
        ("POST", f"{path}/heartbeat", HeartbeatDocument, heartbeat),
        ("POST", f"{path}/units", GrantDocument, consume),
        ("DELETE", f"{path}?generation={generation}", EndedDocument, None),
    ):
        with pytest.raises(Refused) as refused:
            await _call(client, method, where, kind, document, secret)
        reasons.add(refused.value.reason)
    return reasons


def test_a_stolen_lease_id_and_secret_are_worth_nothing(world: World) -> None:
    """With another client's certificate a lease cannot be used, ended, taken over or seen."""
    member = world.stage.crowd.members[0]
    assert member.lease is not None
    victim = member.lease
    profile = load_profile(world.files.profile(client_name(12)))

    async def attack() -> None:
        async with profile.async_client() as thief:
            assert await _misuse(thief, victim, victim.secret) == {"lease-unknown"}
            assert (await thief.leases()).leases == ()
            again = CheckOutRequest(
                firm_code=PRESSES.code,
                product_code=PRESSES.product,
                nonce=bytes(32),
                secret_hash=bytes(32),
            )
            release = ReleaseRequest(why="mine now", generation=victim.grant.generation)
            path = lease_path(victim.lease_id)
            theirs = f"/v1/leases/cert:{member.name}/{victim.lease_id}/release"
            for method, where, document, reason in (
                ("PUT", path, again, "no-seat-free"),
                ("POST", theirs, release, "forbidden"),
            ):
                with pytest.raises(Refused) as refused:
                    await _call(thief, method, where, EndedDocument, document)
                assert refused.value.reason == reason

    world.stage.clients.call(attack())


def test_a_lease_needs_its_secret(world: World) -> None:
    """The same client's certificate without the lease's secret: another program's lease is safe."""
    member = world.stage.crowd.members[0]
    assert member.lease is not None
    for secret in (b"", bytes(32), secrets.token_bytes(32)):
        attack = _misuse(member.client, member.lease, secret)
        assert world.stage.clients.call(attack) == {"forbidden"}


# --- a client, and a certificate that is one no more ---


def test_refusals_fill_no_disk(world: World) -> None:
    greedy.refusals_fill_no_disk(world)


def test_a_certificate_is_taken_back(world: World, tmp_path: Path) -> None:
    greedy.a_certificate_is_taken_back(world, tmp_path)
