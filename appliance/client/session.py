"""`AsyncClient`: what an application talks to. Plain calls are here, leases in `client.lease`."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import secrets
import time
import warnings
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar, Unpack
from urllib.parse import urlencode

import msgspec

from appliance.client.clock import Clock, boot_clock
from appliance.client.engine import CallTiming, Engine, Sent
from appliance.client.errors import ConnectionFailed, ProfileError, TrustError
from appliance.client.holder import fit, this_process
from appliance.client.lease import AsyncLease
from appliance.client.lease_requests import LeaseRequests
from appliance.client.lending import LendingCalls
from appliance.client.listing import all_licences, lease_pages, newest
from appliance.client.operating import OperatorCalls
from appliance.client.products import Held, Product, wanted_of
from appliance.client.receipts import ReceiptVerifier
from appliance.client.resume import ResumeFile
from appliance.client.seen import Seen
from appliance.client.states import LeaseTiming, StatusListener
from appliance.client.station import this_station
from appliance.client.streams import EventParser, ServerEvent, StreamConnection, subscribe
from appliance.client.tls import ClientTls, ResumingContext
from appliance.client.tools import UnprotectedWarning
from appliance.client.transport import Address, Patience, connect
from appliance.client.waiting import OnQueue, Waiting
from appliance.client.wire import RequestMaker, read, segment
from appliance.codec.api import (
    DoneDocument,
    EndedDocument,
    EnrolRequest,
    HolderDocument,
    LeaseDocument,
    LeasesDocument,
    LicencesDocument,
    LogsDocument,
    OperateRequest,
    ReleaseRequest,
    ReplaceRequest,
    StatusDocument,
    TimeUpdateDocument,
    TimeUpdateRequest,
)
from appliance.codec.backup_pages import BackupPage, BackupSnapshot
from appliance.licences.wishes import Asked, wished
from appliance.text import shown_document
from appliance.verifier.certificates import CertificateRefused
from appliance.verifier.trust import Trust

_Document = TypeVar("_Document")
NONCE_BYTES: Final = 32
_STATUS_DEADLINE_S: Final = 5.0
# Longer than a TMR server waits for what time servers say.
TIME_UPDATE_S: Final = 40.0
_STREAM_CONNECT_S: Final = 5.0
_UNPROTECTED: Final = (
    "this program compiles no licence root in, so it believes the one that its profile names, and "
    "whoever can change that file can make receipts for it: give the client trust=Trust(root=..., "
    "firms=...)"
)


class AsyncClient(LendingCalls, OperatorCalls):
    """A client of one TMR installation, for one event loop of asyncio; a context manager.

    `addresses` is the virtual IP, or each TMR server where there is none. Every call is repeated
    with the same id until it is answered or its deadline has passed. `trust` is compiled into the
    program; a client without it can look and operate, and takes no seat. `now` is a boot clock in
    seconds, `wall_s` this computer's clock in Unix seconds, `entropy` gives random bytes, `chance`
    the jitter. Without `trust`, `stand_in` gives one at the first seat, with an UnprotectedWarning:
    whoever can change where it comes from decides who is believed. Many clients of one identity in
    one event loop may share a `context` (`tls.context()`) and a `verifier`, which has a trust of
    its own. Raises ProfileError if TLS files are unusable, TrustError if `trust` names no licence
    root.
    """

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        tls: ClientTls,
        trust: Trust | None = None,
        *,
        timing: CallTiming | None = None,
        lease_timing: LeaseTiming | None = None,
        now: Clock | None = None,
        wall_s: Clock = time.time,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
        chance: random.Random | None = None,
        context: ResumingContext | None = None,
        verifier: ReceiptVerifier | None = None,
        stand_in: Callable[[], Trust] | None = None,
    ) -> None:
        chosen = [Address(host, port) for host, port in addresses]
        try:
            self.maker = RequestMaker(tls.token)
            self._stand_in, self._wall_s = stand_in, wall_s
            self._verifier = verifier or (ReceiptVerifier(trust, wall_s) if trust else None)
        except CertificateRefused as error:
            raise TrustError(f"Trust(root=...) names no licence root: {error}") from error
        except ValueError as error:
            raise ProfileError(f"the client's settings are wrong: {error}") from error
        self.now = now or boot_clock()
        self.entropy = entropy
        self.chance = chance or random.Random(entropy(16))
        self.lease_timing = lease_timing or LeaseTiming()
        self.engine = Engine(
            chosen, context or tls.context(), self.now, timing or CallTiming(), self.chance
        )
        self.home = self.engine.home
        self.seen = Seen(self.maker, self.engine, self.call)
        self._leases: set[LeaseRequests] = set()

    @property
    def verifier(self) -> ReceiptVerifier:
        """What believes receipts, or not. Raises TrustError for a client without trust."""
        if self._verifier is None and self._stand_in is not None:
            self._verifier = ReceiptVerifier(self._stand_in(), self._wall_s)
            warnings.warn(_UNPROTECTED, UnprotectedWarning, stacklevel=3)
        if self._verifier is None:
            raise TrustError(
                "this client was made without trust, so it takes no seat: give it trust=Trust("
                "root=..., firms=...) with the licence root's certificate compiled into the "
                "program, since whoever can change a file could have receipts of his own believed"
            )
        return self._verifier

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop the heartbeats of leases that were not checked in, and drop the connection.

        In a child process it does nothing.
        """
        if self.home.left:
            return
        for lease in list(self._leases):
            await lease.abandon()
        self.seen.close()
        self.engine.close()

    def lease(
        self,
        firm_code: int,
        product_code: int,
        *,
        seats: int = 1,
        **how: Unpack[Held],
    ) -> AsyncLease:
        """A lease, checked out when it is entered (or by `check_out`).

        `seats` are those of this one lease: all or none. `holder` is what operators see of the
        holder: user, host, process id and application of this process unless another is given; an
        empty `HolderDocument()` tells nothing. Id and secret are drawn here unless given; give
        both, and the same holder, to go on with a lease of an earlier process (where an id is
        given, the holder made here has no process id). `on_change` hears every change of its state,
        in the event loop. With `regain`, a lease that the servers ended (after a sleep, a network
        cut, a restored ledger) is replaced by a new one under a new id where a seat is free; it is
        LOST, and tried again, only while none is. `station` (16 bytes) is that of this process
        unless another is given (`this_station`). `resume` names a file by which a process that was
        killed and starts again has its own seat back (docs/programs.md). Where only seats are
        wanting it waits for its turn, `wait_s` seconds at most, and `on_queue` hears in the event
        loop at which place (docs/queue.md); then WaitedInVain is raised, which is a Refused. What
        it may ask of the licence are the fields of `Wishes`, such as `release_date`: a
        `datetime.date`, or a text such as "2026-09-01"; `emergency=False`, if no emergency licence
        will do. Raises TrustError
        for a client without trust, ClientError in a child process, ValueError for what nobody can
        ask.
        """
        return self.lease_all((firm_code, product_code, seats), **how)

    def lease_all(
        self,
        *products: Product,
        holder: HolderDocument | None = None,
        lease_id: str = "",
        secret: bytes = b"",
        on_change: StatusListener | None = None,
        quorum_wait_s: float = 0.0,
        deadline_s: float | None = None,
        regain: bool = False,
        station: bytes | None = None,
        resume: str | os.PathLike[str] | None = None,
        wait_s: float = 0.0,
        on_queue: OnQueue | None = None,
        **asked: Unpack[Asked],
    ) -> AsyncLease:
        """One lease of several products of a firm, all or none of them: each is (firm code, product
        code) or (firm code, product code, seats). All else is as in `lease`."""
        self.home.check()
        firm_code, items = wanted_of(products)
        verifier = self.verifier
        if resume is not None and (lease_id or secret):
            raise ValueError(
                "a resume file names the lease: give no lease_id with it, nor a secret"
            )
        if holder is None:
            holder = this_process()
            if lease_id:
                holder = msgspec.structs.replace(holder, pid=0)
        lease = AsyncLease(
            self,
            firm_code,
            items,
            verifier=verifier,
            holder=fit(holder),
            lease_id=lease_id or self.entropy(16).hex(),
            secret=secret or self.entropy(NONCE_BYTES),
            on_change=on_change,
            quorum_wait_s=quorum_wait_s,
            deadline_s=deadline_s,
            regain=regain,
            wishes=wished(**asked),
            station=this_station(firm_code) if station is None else station,
            resume=None if resume is None else ResumeFile(resume),
            waiting=Waiting(wait_s, on_queue),
        )
        self._leases.add(lease)
        return lease

    def remember(self, lease: LeaseRequests) -> None:
        """Called by a lease that goes on; `close` stops it."""
        self._leases.add(lease)

    def forget(self, lease: LeaseRequests) -> None:
        """Called by a lease that has ended."""
        self._leases.discard(lease)

    async def call(
        self,
        method: str,
        path: str,
        kind: type[_Document],
        document: object = None,
        *,
        deadline_s: float | None = None,
        quorum_wait_s: float = 0.0,
    ) -> _Document:
        """Any idempotent call. Raises Refused, OutcomeUnknown, QuorumLost or TlsRefused."""
        answer, _ = await self.exchange(
            method, path, kind, document, deadline_s=deadline_s, quorum_wait_s=quorum_wait_s
        )
        return shown_document(answer)

    async def exchange(
        self,
        method: str,
        path: str,
        kind: type[_Document],
        document: object = None,
        *,
        secret: bytes = b"",
        deadline_s: float | None = None,
        quorum_wait_s: float = 0.0,
    ) -> tuple[_Document, float]:
        """The answer as it came, and when its request was sent (boot time). Raises as `call`."""

        def make(left_s: float) -> Sent:
            data = self.maker.make(method, path, document, secret=secret, deadline_s=left_s)
            return Sent(data, b"", self.now())

        answer, sent = await self.engine.exchange(
            make, deadline_s=deadline_s, quorum_wait_s=quorum_wait_s
        )
        return read(answer, kind), sent.sent_at_s

    async def status(self, deadline_s: float = _STATUS_DEADLINE_S) -> StatusDocument:
        """How the installation is, as the answering TMR server sees it."""
        return await self.call("GET", "/v1/status", StatusDocument, deadline_s=deadline_s)

    async def licences(
        self,
        all: bool = False,
        *,
        firm_code: int | None = None,
        product_code: int | None = None,
        deadline_s: float | None = None,
    ) -> LicencesDocument:
        """The virtual container's licences, all pages as one; with `all`, those with a single
        constituent too. Only those of that firm or product, if asked. Each page has its own
        deadline. Raises ClientError."""
        codes = {"firm_code": firm_code, "product_code": product_code}
        query = {name: code for name, code in codes.items() if code is not None}
        if all:
            query["all"] = 1

        async def fetch(after: str) -> LicencesDocument:
            asked = urlencode(query | ({"after": after} if after else {}), safe=":")
            path = f"/v1/licences?{asked}" if asked else "/v1/licences"
            return await self.call("GET", path, LicencesDocument, deadline_s=deadline_s)

        return await all_licences(fetch)

    async def leases(self) -> LeasesDocument:
        """This client's leases, or everybody's if we are an operator: all pages as one."""
        found: list[LeaseDocument] = []
        async for page in lease_pages(self.leases_page):
            found += page.leases
        return LeasesDocument(leases=newest(found))

    async def leases_page(
        self, after: int = 0, *, deadline_s: float | None = None
    ) -> LeasesDocument:
        """The page of leases that begins after that generation."""
        path = f"/v1/leases?after={after}" if after else "/v1/leases"
        return await self.call("GET", path, LeasesDocument, deadline_s=deadline_s)

    async def logs(
        self, hosts: Iterable[str] = (), after: Mapping[str, int] | None = None
    ) -> LogsDocument:
        """What these hosts logged (all, if none is named), as an operator.

        `after` is an earlier answer's `newest`, of any TMR host: it goes on from there.
        """
        places = [f"{name}:{number}" for name, number in (after or {}).items()]
        query = urlencode([("host", name) for name in hosts] + [("after", p) for p in places])
        path = f"/v1/logs?{query}" if query else "/v1/logs"
        return await self.call("GET", path, LogsDocument, deadline_s=_STATUS_DEADLINE_S)

    async def release(
        self, client: str, lease_id: str, why: str, generation: int | None = None
    ) -> EndedDocument:
        """End somebody's lease, as an operator. `client` is "cert:NAME" or "token:NAME"."""
        path = f"/v1/leases/{segment(client)}/{segment(lease_id)}/release"
        return await self.call(
            "POST", path, EndedDocument, ReleaseRequest(why=why, generation=generation)
        )

    async def switchover(self, why: str, host: str) -> DoneDocument:
        """Let this TMR server serve, as an operator: named, since a repeat must not undo it."""
        return await self.call(
            "POST", "/v1/switchover", DoneDocument, OperateRequest(why=why, host=host)
        )

    async def maintenance(self, host: str, why: str, on: bool = True) -> DoneDocument:
        """Begin or end the maintenance of a TMR server, as an operator."""
        return await self.call(
            "POST", "/v1/maintenance", DoneDocument, OperateRequest(why=why, host=host, on=on)
        )

    async def replace(self, place: str, store: bytes, why: str) -> DoneDocument:
        """Let a new store vote at an upstream's place, as an operator who administers."""
        body = ReplaceRequest(place=place, store=store, why=why)
        return await self.call("POST", "/v1/replace", DoneDocument, body)

    async def backup_page(self, first: int = 1) -> BackupPage:
        """The ledger's committed entries from `first` on, as an operator."""
        return await self.call("GET", f"/v1/backup?first={first}", BackupPage)

    async def backup_snapshot(self, index: int = 0, chunk: int = 0) -> BackupSnapshot:
        """Which snapshot stands for entries that are gone; with its index, a chunk of it."""
        path = f"/v1/backup/snapshot?index={index}&chunk={chunk}"
        return await self.call("GET", path, BackupSnapshot)

    async def update_time(self, why: str, container: str = "") -> TimeUpdateDocument:
        """Have a container (its serial or its host's name; "" for all) get certified time now, as
        an operator."""
        return await self.call(
            "POST",
            "/v1/time",
            TimeUpdateDocument,
            TimeUpdateRequest(why=why, container=container),
            deadline_s=TIME_UPDATE_S,
        )

    async def enrol(self, name: str, token: str, why: str) -> DoneDocument:
        """Admit a client that will show `token`, as an administrator; only its hash travels."""
        token_hash = hashlib.sha256(token.encode()).digest()
        return await self.call(
            "PUT",
            f"/v1/clients/{segment(name)}",
            DoneDocument,
            EnrolRequest(token_hash=token_hash, why=why),
        )

    async def dismiss(self, name: str, why: str) -> DoneDocument:
        """Take a client's token back, as an administrator."""
        path = f"/v1/clients/{segment(name)}?why={segment(why)}"
        return await self.call("DELETE", path, DoneDocument)

    async def events(self) -> AsyncGenerator[ServerEvent, None]:
        """The server's events, on a connection of their own, for ever: it reconnects by itself.

        An event "tmr-connected" (data: the address) stands for each connection made, since events
        of the time between are not repeated. Raises Refused or TlsRefused.
        """
        self.home.check()
        request = self.maker.make("GET", "/v1/events", accept="text/event-stream")
        index, failures = self.engine.address_index, 0
        timing = self.engine.timing
        while True:
            address = self.engine.addresses[index % len(self.engine.addresses)]
            connection = None
            try:
                connection = await connect(
                    address,
                    self.engine.context,
                    StreamConnection,
                    Patience(_STREAM_CONNECT_S, timing.handshake_s, dead_s=0),
                )
                if await subscribe(connection, request, timing.deadline_s):
                    failures = 0
                    yield ServerEvent("tmr-connected", str(address))
                    parser = EventParser()
                    while data := await connection.read():
                        for event in parser.feed(data):
                            yield event
            except ConnectionFailed:
                pass
            finally:
                if connection is not None:
                    connection.close()
            index, failures = index + 1, failures + 1
            await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        timing = self.engine.timing
        longest_s = min(10 * timing.retry_max_s, timing.retry_min_s * 2 ** min(failures, 16))
        await asyncio.sleep(self.chance.uniform(timing.retry_min_s, longest_s))
