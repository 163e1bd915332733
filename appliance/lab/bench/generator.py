"""A process that makes load: check-outs on many connections, each asking as soon as it is answered.

    python -m appliance.lab.bench.generator < order.json > result.json

It runs in the clients' network. Each batch root is verified once, every hundredth receipt whole,
by the same verifier that applications use. What can go wrong here is a generator that is slower
than what it measures: so it decodes of the other answers only what names their batch.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import msgspec

from appliance.client import AsyncClient, ReceiptVerifier, Wanted, load_profile
from appliance.client.profile import Profile
from appliance.client.tools import tool_trust
from appliance.client.transport import Address, Answer, Connection, Patience, connect
from appliance.client.wire import RequestMaker, problem_of
from appliance.codec.api import CheckOutRequest, GrantDocument, HolderDocument
from appliance.lab.inside import quickest_loop

WHOLE_EVERY = 100
NONCE_BYTES = 16
PATIENCE = Patience(connect_s=5.0, handshake_s=30.0, dead_s=5.0)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. Instants are of the monotonic clock, which all processes of a machine share."""

    profile: str
    host: str
    port: int
    firm_code: int
    product_code: int
    connections: int
    name: str
    count_from_s: float
    count_to_s: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it between the two instants; latencies in microseconds, one a check-out;
    `batches` counts the ledger's entries that these check-outs were part of."""

    checked_out: int
    latencies_us: list[int]
    batches: int
    receipts_verified: int
    refused: dict[str, int]
    cpu_s: float


class _BatchName(msgspec.Struct, frozen=True):
    """Of a receipt, what tells its batch from all others."""

    index: int
    log_root: bytes
    outcome_root: bytes


class _Glance(msgspec.Struct, frozen=True):
    """Of a grant, what must be looked at each time."""

    reason: str
    receipt: _BatchName


_glance = msgspec.json.Decoder(_Glance)
_whole = msgspec.json.Decoder(GrantDocument)


class Load:
    """All connections of one process."""

    def __init__(self, order: Order, profile: Profile) -> None:
        self.order = order
        self._profile = profile
        self.maker = RequestMaker(profile.tls.token)
        self._verifier = ReceiptVerifier(tool_trust(profile))
        self._known: set[_BatchName] = set()
        self._counted: set[int] = set()
        self._answers = 0
        self.latencies_us: list[int] = []
        self.receipts_verified = 0
        self.refused: Counter[str] = Counter()
        self.over = False

    async def run(self) -> Result:
        """Connect, ask until the time is over, and wait for what is on its way."""
        order = self.order
        await self._learn()
        context = self._profile.tls.context()
        address = Address(order.host, order.port)
        connections = [
            await connect(address, context, Connection, PATIENCE) for _ in range(order.connections)
        ]
        workers = [_Worker(self, number, one) for number, one in enumerate(connections)]
        for worker in workers:
            worker.ask()
        await asyncio.sleep(max(0.0, order.count_from_s - time.monotonic()))
        before_s = time.process_time()
        await asyncio.sleep(max(0.0, order.count_to_s - time.monotonic()))
        cpu_s = time.process_time() - before_s
        self.over = True
        await asyncio.gather(*(worker.ended for worker in workers))
        for connection in connections:
            connection.close()
        return Result(
            checked_out=len(self.latencies_us),
            latencies_us=self.latencies_us,
            batches=len(self._counted),
            receipts_verified=self.receipts_verified,
            refused=dict(self.refused),
            cpu_s=round(cpu_s, 3),
        )

    async def _learn(self) -> None:
        """Take a seat as an application does, so that the verifier knows what the firm signed."""
        profile = self._profile
        async with (
            AsyncClient(profile.addresses, profile.tls, verifier=self._verifier) as client,
            client.lease(self.order.firm_code, self.order.product_code),
        ):
            pass

    def judge(self, answer: Answer, nonce: bytes, took_s: float, at_s: float) -> None:
        """Count one answer. Raises ReceiptRefused for a grant that proves nothing."""
        problem = problem_of(answer)
        if problem is not None:
            self.refused[problem.reason] += 1
            return
        self._answers += 1
        batch = _glance.decode(answer.body).receipt
        whole = self._answers % WHOLE_EVERY == 0
        if whole or batch not in self._known:
            self._verify(_whole.decode(answer.body), nonce, batch, whole)
        if self.order.count_from_s <= at_s < self.order.count_to_s:
            self.latencies_us.append(int(took_s * 1e6))
            self._counted.add(batch.index)

    def _verify(self, grant: GrantDocument, nonce: bytes, batch: _BatchName, whole: bool) -> None:
        if whole:
            order = self.order
            self._verifier.verify(grant, Wanted(order.firm_code, order.product_code, nonce))
            self.receipts_verified += 1
        elif grant.receipt is not None:
            self._verifier.verify_batch(grant.receipt)
        self._known.add(batch)


class _Worker:
    """One connection, one request at a time."""

    def __init__(self, load: Load, number: int, connection: Connection) -> None:
        self._load = load
        self._connection = connection
        self._path = f"/v1/leases/{load.order.name}-{number}-"
        self._count = 0
        self._secret_hash = hashlib.sha256(os.urandom(32)).digest()
        self._holder = HolderDocument(user="bench", host="bench", pid=os.getpid())
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ask(self) -> None:
        """Check another lease out."""
        self._count += 1
        nonce = os.urandom(NONCE_BYTES)
        order = self._load.order
        request = CheckOutRequest(
            firm_code=order.firm_code,
            product_code=order.product_code,
            nonce=nonce,
            secret_hash=self._secret_hash,
            holder=self._holder,
        )
        data = self._load.maker.make("PUT", f"{self._path}{self._count}", request)
        asked_at_s = time.monotonic()
        future = self._connection.send(data)
        future.add_done_callback(partial(self._answered, nonce, asked_at_s))

    def _answered(self, nonce: bytes, asked_at_s: float, future: asyncio.Future[Answer]) -> None:
        try:
            now_s = time.monotonic()
            self._load.judge(future.result(), nonce, now_s - asked_at_s, now_s)
            if not self._load.over:
                self.ask()
            else:
                self.ended.set_result(None)
        except Exception as error:
            self.ended.set_exception(error)


def main() -> None:
    """Take an order from stdin, give the result on stdout."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    load = Load(order, load_profile(Path(order.profile)))
    with asyncio.Runner(loop_factory=quickest_loop()) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(load.run())))


if __name__ == "__main__":
    main()
