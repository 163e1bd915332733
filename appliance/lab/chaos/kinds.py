"""Clients that use modes, pools, several products, lingering seats and reserved units.

    sharer    opens a product several times at its station, in the mode station-share
    loner     uses a product exclusively at its station, and tries a second time
    bundler   takes two products at once, one of them with two seats, all or none
    returner  gives a seat back that lingers, and comes again
    reserver  reserves units and settles them, at a product of two licences

What only a client can see, it complains of; the rest is for the judge, from what was written down.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from appliance.client import (
    AsyncLease,
    ClientError,
    LeaseState,
    ReceiptRefused,
    Refused,
)
from appliance.client.lease import AsyncPart
from appliance.lab.chaos.actor import FINISH_S, Actor
from appliance.licences import reasons
from appliance.licences.modes import EXCLUSIVE, STATION_SHARE

SHARER: Final = "sharer"
LONER: Final = "loner"
BUNDLER: Final = "bundler"
RETURNER: Final = "returner"
RESERVER: Final = "reserver"

PATIENCE_S: Final = 2.0
STATION_BYTES: Final = 16
SHARED_MAX: Final = 3
RESERVED_MAX: Final = 9


class Kind(Actor):
    """What these share: a station of their own, and seats that are had or not."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.station = self.chance.randbytes(STATION_BYTES)

    async def seat(self, lease: AsyncLease) -> bool:
        """Check this lease out; False if nobody answered, so that it lapses. Raises Refused and
        ReceiptRefused."""
        try:
            await lease.check_out()
        except (Refused, ReceiptRefused):
            raise
        except ClientError:
            await lease.abandon()
            return False
        return True

    async def rest(self, lease: AsyncLease, times: int) -> None:
        """Hold it a while, at most for so many pauses."""
        for _ in range(self.chance.randint(0, times)):
            await self.pause(0.05, 0.6)
            if self.over.is_set() or lease.state is LeaseState.LOST:
                return


class Sharer(Kind):
    """See the module."""

    async def live(self) -> None:
        """Open it, once more and once more, and leave in any order."""
        open_ones: list[AsyncLease] = []
        try:
            for _ in range(self.chance.randint(1, SHARED_MAX)):
                lease = self.lease(
                    self.products[0], PATIENCE_S, mode=STATION_SHARE, station=self.station
                )
                try:
                    if await self.seat(lease):
                        open_ones.append(lease)
                except Refused as refused:
                    if refused.reason == reasons.NO_SEAT_FREE and any(x.usable for x in open_ones):
                        self.complain(lease, "was refused the seat that its station has")
                    break
                await self.pause(0.05, 0.3)
        finally:
            self.chance.shuffle(open_ones)
            for lease in open_ones:
                await self.rest(lease, 2)
                await lease.check_in()
        await self.pause(0.1, 0.6)


class Loner(Kind):
    """See the module."""

    async def live(self) -> None:
        """One use, and one too many."""
        product = self.products[0]
        lease = self.lease(product, PATIENCE_S, mode=EXCLUSIVE, station=self.station)
        if not await self.seat(lease):
            return
        again = self.lease(product, PATIENCE_S, station=self.station)
        with contextlib.suppress(Refused):
            if await self.seat(again):
                if lease.usable:
                    self.complain(again, f"was granted beside the exclusive {lease.lease_id}")
                await again.check_in()
        await self.rest(lease, 3)
        await lease.check_in()
        await self.pause(0.1, 0.5)


class Bundler(Kind):
    """See the module."""

    async def live(self) -> None:
        """All of it, or nothing."""
        one, other = self.products
        lease = self.lease_all(((one, 1), (other, 2)), PATIENCE_S)
        if not await self.seat(lease):
            return
        if (lease.grant.seats, len(lease.grant.lines)) != (3, 2):
            self.complain(lease, f"was granted {lease.grant.lines}")
        await self.rest(lease, 4)
        if self.chance.random() < 0.15:
            await lease.abandon()  # It dies without a word.
            return
        await lease.check_in()
        await self.pause(0.1, 0.8)


class Returner(Kind):
    """See the module."""

    async def live(self) -> None:
        """Come, go and come again."""
        lease = self.lease(self.products[0], PATIENCE_S, station=self.station)
        if not await self.seat(lease):
            return
        await self.rest(lease, 2)
        await lease.check_in(linger=self.chance.random() < 0.8)
        await self.pause(0.05, 1.0)


class Reserver(Kind):
    """See the module."""

    async def live(self) -> None:
        """Reserve and settle, some of it or all."""
        lease = self.lease(self.products[0], PATIENCE_S)
        if not await self.seat(lease):
            return
        for _ in range(self.chance.randint(1, 4)):
            await self.pause(0.05, 0.4)
            if self.over.is_set() or lease.state is LeaseState.LOST:
                break
            if self.chance.random() < 0.3:
                if not await self.take(lease, self.chance.randint(1, 3)):
                    break
            elif not await self._reserve(lease, self.chance.randint(1, RESERVED_MAX)):
                break
        await lease.check_in()

    async def _reserve(self, lease: AsyncLease, units: int) -> bool:
        """Exactly once, and settled exactly once; False if the lease is of no use any more."""
        part = lease.reserve(units)
        if not await self._until_known(lease, part, None):
            return False
        if self.chance.random() < 0.1:
            return True  # It is never told what was used: all of it was.
        await self.pause(0.05, 0.3)
        return await self._until_known(lease, part, self.chance.randint(0, units))

    async def _until_known(self, lease: AsyncLease, part: AsyncPart, used: int | None) -> bool:
        """Take the units of this part, or settle them, until that is known."""
        until_s = self.recorder.now() + FINISH_S
        while self.recorder.now() < until_s and not lease.status.final:
            try:
                await (part.take() if used is None else part.settle(used))
                return True
            except ReceiptRefused:
                raise
            except Refused:
                return False
            except ClientError:
                await asyncio.sleep(self.chance.uniform(0.1, 0.5))
        return False


KINDS: Final[dict[str, type[Kind]]] = {
    SHARER: Sharer,
    LONER: Loner,
    BUNDLER: Bundler,
    RETURNER: Returner,
    RESERVER: Reserver,
}
