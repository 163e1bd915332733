"""One client of a chaos run, and what all of them share; what each does is said by its role."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Unpack

import msgspec

from appliance.client import (
    AsyncClient,
    AsyncLease,
    ClientError,
    LeaseStatus,
    ReceiptRefused,
    Refused,
    load_profile,
)
from appliance.client.products import Held
from appliance.client.tools import tool_trust
from appliance.codec.api import HolderDocument
from appliance.lab.chaos.recorder import Recorder, record

FINISH_S: Final = 45.0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One client. `products[epoch]` are the product codes among which it chooses."""

    role: str
    client: str
    profile: str
    products: tuple[tuple[int, ...], ...]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What one process does. Instants are boot time; `record` is the file to write."""

    name: str
    seed: int
    firm_code: int
    start_s: float
    epoch_s: float
    record: str
    people: tuple[Person, ...]


class Actor:
    """What all roles share."""

    def __init__(self, order: Order, number: int, recorder: Recorder, over: asyncio.Event) -> None:
        self.person = order.people[number]
        self.order = order
        self.recorder = recorder
        self.over = over
        self.chance = random.Random(f"{order.seed} {order.name} {number}")
        profile = load_profile(Path(self.person.profile))
        self.client: AsyncClient = record(
            profile.async_client(tool_trust(profile)), f"cert:{self.person.client}", recorder
        )

    @property
    def products(self) -> tuple[int, ...]:
        """The product codes of this epoch."""
        epoch = int((self.recorder.now() - self.order.start_s) / self.order.epoch_s)
        return self.person.products[min(max(epoch, 0), len(self.person.products) - 1)]

    def lease(
        self,
        product: int,
        patience_s: float,
        again: AsyncLease | None = None,
        **asked: Unpack[Held],
    ) -> AsyncLease:
        """A lease object: a new one, or another one for the same lease."""
        return self.lease_all(((product, 1),), patience_s, again, **asked)

    def lease_all(
        self,
        products: Iterable[tuple[int, int]],
        patience_s: float,
        again: AsyncLease | None = None,
        **asked: Unpack[Held],
    ) -> AsyncLease:
        """The same of several products, each with its seats."""
        same: dict[str, Any] = {"holder": HolderDocument(pid=os.getpid())}
        if again is not None:
            names = ("lease_id", "secret", "holder")
            same = {name: getattr(again, name) for name in names}
        lease = self.client.lease_all(
            *((self.order.firm_code, *product) for product in products),
            on_change=lambda status: self._changed(lease, status),
            deadline_s=patience_s,
            quorum_wait_s=patience_s,
            **{**asked, **same},
        )
        return lease

    def _changed(self, lease: AsyncLease, status: LeaseStatus) -> None:
        if status.reason in ("lease-conflict", "old-generation"):
            self.complain(lease, f"was told {status.reason}: {status.detail}")

    def complain(self, lease: AsyncLease, what: str) -> None:
        """Note what must not happen."""
        self.recorder.complain(self.person.client, lease.lease_id, what)

    async def run(self) -> None:
        """Live until it is over, then end in order."""
        try:
            while not self.over.is_set():
                try:
                    await self.live()
                except ReceiptRefused as refused:
                    self.recorder.complain(self.person.client, "", str(refused))
                except ClientError:
                    # A definite no or no answer in time: nothing that an application does not know.
                    await self.pause(0.05, 0.5)
        finally:
            await self.client.close()

    async def live(self) -> None:
        """One stretch of this client's life."""
        raise NotImplementedError

    async def pause(self, least_s: float, most_s: float) -> None:
        """Wait a little, but not beyond the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.chance.uniform(least_s, most_s)):
                await self.over.wait()

    async def settle(self, lease: AsyncLease) -> bool:
        """Learn what became of the last consumption; False if the lease was lost over it."""
        until_s = self.recorder.now() + FINISH_S
        while lease.unfinished is not None and self.recorder.now() < until_s:
            try:
                await lease.settle()
            except Refused:
                return lease.unfinished is None
            except ClientError:
                if lease.status.final:
                    return False
                await asyncio.sleep(self.chance.uniform(0.1, 0.5))
        return lease.unfinished is None

    async def take(self, lease: AsyncLease, units: int) -> bool:
        """Consume, exactly once; False if the lease is of no use any more."""
        try:
            await lease.consume(units)
        except ReceiptRefused:
            raise
        except ClientError:
            if lease.unfinished is not None:
                return await self.settle(lease)
            return not lease.status.final
        return True
