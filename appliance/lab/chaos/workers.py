"""A process of clients: they check out, heartbeat, renew, consume and check in, all the while.

    python -m appliance.lab.chaos.workers ORDER.json

It runs in the clients' network and goes on until SIGTERM; then everybody finishes what is open and
gives back what is held. Everything goes through the client library as any application would use it;
`recorder` writes down what it sends and is told.

    prober   renews one lease without pause: what it waits for is what a fault interrupts
    holder   holds one lease through everything, and takes a unit now and then
    churner  competes with others for few seats, takes units, leaves in order or without a word

and those of `kinds`. A licence is used for one epoch only, by all but the holders and those whose
histories are not searched, so that none grows beyond what can be searched.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from appliance.client import (
    AsyncLease,
    ClientError,
    LeaseState,
    ReceiptRefused,
    Refused,
    boot_clock,
)
from appliance.lab.chaos.actor import FINISH_S, Actor, Order
from appliance.lab.chaos.kinds import KINDS
from appliance.lab.chaos.recorder import Recorder
from appliance.lab.inside import quickest_loop

PROBER: Final = "prober"
HOLDER: Final = "holder"
CHURNER: Final = "churner"

PROBE_PAUSE_S: Final = 0.1
REPEATS_MAX: Final = 3
SEAT_PATIENCE_S: Final = 2.0
PROBE_PATIENCE_S: Final = 30.0


class _Prober(Actor):
    async def live(self) -> None:
        products = self.products
        first = self.lease(products[0], PROBE_PATIENCE_S)
        grant = await first.check_out()
        await first.abandon()
        last = first
        while not self.over.is_set() and self.products == products:
            last = self.lease(products[0], PROBE_PATIENCE_S, first)
            try:
                renewed = await last.check_out()
            except Refused:
                return  # It ended while nobody answered: the judge sees whether it had the right.
            await last.abandon()
            if renewed.generation != grant.generation:
                self.complain(first, f"{grant.generation} was granted anew: {renewed.generation}")
                return
            await self.pause(PROBE_PAUSE_S / 2, PROBE_PAUSE_S * 1.5)
        await last.check_in()


class _Holder(Actor):
    async def live(self) -> None:
        lease = self.lease(self.products[0], PROBE_PATIENCE_S)
        await lease.check_out()
        while not self.over.is_set() and not lease.status.final:
            await self.pause(0.5, 2.5)
            if lease.state is not LeaseState.LOST and not await self.take(lease, 1):
                break
        await self.settle(lease)
        await lease.check_in()


class _Churner(Actor):
    async def live(self) -> None:
        lease = await self._seat(self.chance.choice(self.products))
        if lease is None:
            await self.pause(0.05, 0.4)
            return
        for _ in range(self.chance.randint(0, 6)):
            await self.pause(0.05, 0.5)
            if self.over.is_set() or lease.state is LeaseState.LOST:
                break
            if self.chance.random() < 0.2:
                again = self.lease(lease.product_code, SEAT_PATIENCE_S, lease)
                with contextlib.suppress(ClientError):
                    await again.check_out()
                await again.abandon()
            elif not await self.take(lease, self.chance.randint(1, 3)):
                break
        if self.chance.random() < 0.15 and not self.over.is_set():
            await lease.abandon()  # It dies without a word; its seat has to lapse.
            return
        await lease.check_in()

    async def _seat(self, product: int) -> AsyncLease | None:
        """A seat, or None; an unknown outcome is asked after, or left to lapse."""
        lease = self.lease(product, SEAT_PATIENCE_S)
        for _ in range(REPEATS_MAX):
            try:
                await lease.check_out()
                return lease
            except (Refused, ReceiptRefused):
                raise
            except ClientError:
                await lease.abandon()
                if self.over.is_set() or self.chance.random() < 0.3:
                    return None
                lease = self.lease(product, SEAT_PATIENCE_S, lease)
        await lease.abandon()
        return None


ROLES: Final[dict[str, type[Actor]]] = {
    PROBER: _Prober,
    HOLDER: _Holder,
    CHURNER: _Churner,
    **KINDS,
}


async def work(order: Order) -> None:
    """Let all people of this process live until SIGTERM."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    recorder = Recorder(Path(order.record), boot_clock())
    try:
        actors = [
            ROLES[person.role](order, number, recorder, over)
            for number, person in enumerate(order.people)
        ]
        # One that fails by mistake ends the process, and the run is told.
        async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as group:
            for actor in actors:
                group.create_task(actor.run())
            await over.wait()
            limit.reschedule(loop.time() + FINISH_S)
    finally:
        recorder.close()


def main() -> None:
    """Take the order from the file named on the command line."""
    order = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Order)
    os.umask(0o022)
    with asyncio.Runner(loop_factory=quickest_loop()) as runner:
        try:
            runner.run(work(order))
        except TimeoutError:
            sys.exit(f"{order.name}: not everybody had finished {FINISH_S:g} s after the end")


if __name__ == "__main__":
    main()
