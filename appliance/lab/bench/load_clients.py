"""Clients that hold a lease over a held connection, and keep the time of every answer they get.

They are the product's own client library, all in one event loop inside the clients' network. Most
of the time a client asks once in a while; when a fault is injected all of them `hurry`: each asks
again as soon as it is answered, until it has a receipt of a newer term. So every client has a
request under way when the fault strikes, and what it sees is the whole interruption. What can go
wrong here is to measure the clients' own load: so one that is over it is quiet again.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from dataclasses import dataclass, field

from appliance.client import AsyncClient, AsyncLease, ClientError, ReceiptVerifier, load_profile
from appliance.client.engine import Sent
from appliance.client.states import LeaseState, LeaseStatus
from appliance.client.tools import tool_trust
from appliance.client.wire import read
from appliance.codec.api import HeartbeatDocument, HeartbeatRequest
from appliance.lab.bench.figures import interruption
from appliance.lab.bench.ground import FIRM_CODE, PRODUCT_CODE
from appliance.lab.build import CLIENTS, LabFiles, client_name

REST_S = 1.0
PAUSE_S = 0.005
DEADLINE_S = 30.0
CHECKING_OUT_MAX = 32


@dataclass(slots=True)
class LoadClient:
    """One client, its lease, and what it went through since the last `hurry`."""

    name: str
    client: AsyncClient
    lease: AsyncLease
    asked: int = 0
    failed: list[str] = field(default_factory=list)
    lost: bool = False
    answered_at_s: list[float] = field(default_factory=list)
    term: int = 0
    term_before: int = 0
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def over_it(self, struck_at_s: float) -> bool:
        """Whether a receipt of a newer term came after the fault had struck: from the new host."""
        moved = bool(self.answered_at_s) and self.term > self.term_before
        return moved and self.answered_at_s[-1] > struck_at_s

    @property
    def holds(self) -> tuple[str, str, int]:
        """Its lease as the ledger names it: client, id, generation."""
        return (f"cert:{self.name}", self.lease.lease_id, self.lease.grant.generation)

    def told(self, status: LeaseStatus) -> None:
        """The lease's state changed."""
        self.lost = self.lost or status.state is LeaseState.LOST

    async def ask(self) -> None:
        """A heartbeat and a durable check-out in turn; a failure is kept."""
        self.asked += 1
        try:
            if self.asked % 2:
                await self._heartbeat()
            else:
                await self._renew()
        except ClientError as error:
            self.failed.append(str(error))
            return
        if self.hurry.is_set():
            self.answered_at_s.append(time.monotonic())

    async def _heartbeat(self) -> None:
        lease, client = self.lease, self.client
        body = HeartbeatRequest(generation=lease.grant.generation)
        path = f"/v1/leases/{lease.lease_id}/heartbeat"

        def make(left_s: float) -> Sent:
            data = client.maker.make("POST", path, body, secret=lease.secret, deadline_s=left_s)
            return Sent(data, b"", client.now())

        answer, _ = await client.engine.exchange(make, deadline_s=DEADLINE_S)
        read(answer, HeartbeatDocument)

    async def _renew(self) -> None:
        lease = self.lease
        again = self.client.lease(
            FIRM_CODE,
            PRODUCT_CODE,
            holder=lease.holder,
            lease_id=lease.lease_id,
            secret=lease.secret,
            deadline_s=DEADLINE_S,
        )
        grant = await again.check_out()
        await again.abandon()
        if grant.generation != lease.grant.generation:
            self.failed.append("the lease was granted anew")
        if grant.receipt is not None:
            self.term = grant.receipt.term.counter


class LoadClients:
    """All of them; its coroutines run in the clients' loop."""

    def __init__(self) -> None:
        self.all: list[LoadClient] = []
        self.struck_at_s = math.inf
        self._tasks: list[asyncio.Task[None]] = []

    async def mount(self, files: LabFiles, count: int) -> None:
        """Connect and check out `count` leases, and begin to ask. Raises ClientError."""
        profiles = [load_profile(files.profile(client_name(n + 1))) for n in range(CLIENTS)]
        shared = [(p, p.tls.context(), ReceiptVerifier(tool_trust(p))) for p in profiles]
        few_at_a_time = asyncio.Semaphore(CHECKING_OUT_MAX)

        async def one(number: int) -> None:
            profile, context, verifier = shared[number % CLIENTS]
            client = AsyncClient(profile.addresses, profile.tls, context=context, verifier=verifier)
            lease = client.lease(FIRM_CODE, PRODUCT_CODE)
            async with few_at_a_time:
                await lease.check_out()
            load_client = LoadClient(client_name(number % CLIENTS + 1), client, lease)
            receipt = lease.grant.receipt
            assert receipt is not None  # it was verified
            load_client.term = receipt.term.counter
            self.all.append(load_client)

        await asyncio.gather(*(one(number) for number in range(count)))
        self._tasks = [asyncio.create_task(self._ride(load_client)) for load_client in self.all]

    async def hurry(self) -> None:
        """A fault is about to be injected: forget earlier answers, ask without pause."""
        for load_client in self.all:
            load_client.answered_at_s.clear()
            load_client.term_before = load_client.term
            load_client.hurry.set()
        self.struck_at_s = math.inf

    async def rest(self) -> None:
        """Ask once in a while again."""
        for load_client in self.all:
            load_client.hurry.clear()

    @property
    def over_it(self) -> bool:
        """Whether every client was answered by the other host."""
        return all(load_client.over_it(self.struck_at_s) for load_client in self.all)

    def interruptions_s(self, cut_at_s: float) -> list[float]:
        """What each client saw since the cut. One without an answer is left out."""
        seen = [interruption(cut_at_s, load_client.answered_at_s) for load_client in self.all]
        return [one_s for one_s in seen if one_s is not None]

    def failures(self) -> list[str]:
        """Every request that failed so far, in words."""
        return [what for load_client in self.all for what in load_client.failed]

    async def dismount(self) -> None:
        """Give the seats back and hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for load_client in self.all:
            with contextlib.suppress(ClientError):
                await load_client.lease.check_in()
            await load_client.client.close()

    async def _ride(self, load_client: LoadClient) -> None:
        chance = load_client.client.chance
        while True:
            await load_client.ask()
            if load_client.over_it(self.struck_at_s):
                load_client.hurry.clear()
            if load_client.hurry.is_set():
                await asyncio.sleep(PAUSE_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_S * chance.uniform(0.5, 1.5)):
                    await load_client.hurry.wait()
