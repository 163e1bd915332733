"""The demo's applications: people who check out, work for a while, and give back."""

from __future__ import annotations

import asyncio
import hashlib
import random
from typing import Final

from msgspec.structs import replace

from appliance.codec.api import HolderDocument
from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Consume,
    Holder,
    LeaseRef,
    Outcome,
)
from appliance.licences.reasons import QUEUED
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.problems import Denied, Refusal
from appliance.services.tmr.summaries import denial
from monitor_gui.feed.demo_plant import FIRM, SECOND_FIRM, Plant

PEOPLE: Final = (
    ("aiko", "ws-014", "drafter"),
    ("ben", "ws-021", "drafter"),
    ("carmen", "ws-007", "drafter"),
    ("dmitri", "ws-033", "renderer"),
    ("elif", "ws-012", "drafter3d"),
    ("farah", "ws-019", "drafter"),
    ("greta", "node-03", "flow"),
    ("hugo", "node-04", "flow"),
    ("ines", "ws-002", "renderer"),
    ("jun", "ws-041", "drafter3d"),
    ("kofi", "ws-028", "drafter"),
    ("lena", "node-05", "flow"),
    ("marta", "ws-016", "drafter3d"),
    ("nils", "ws-031", "drafter3d"),
)
_PRODUCTS: Final = {
    "drafter": (FIRM, 10),
    "drafter3d": (FIRM, 20),
    "renderer": (FIRM, 30),
    "flow": (SECOND_FIRM, 40),
}
_WAITS_S: Final = {"drafter3d": 120, "flow": 60}
"""How long who finds no seat waits for one."""
ASK_AGAIN_S: Final = 0.5
BEAT_S: Final = 2.0
WAIT_S: Final = 1.0
RETRY_S: Final = 0.15


class Crowd:
    """All applications, as tasks of the running loop."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._live(number, *person)) for number, person in enumerate(PEOPLE)
        ]

    async def close(self) -> None:
        """All go home."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _live(self, number: int, user: str, where: str, application: str) -> None:
        who = HolderDocument(
            user=user, host=where, pid=4_000 + number * 37, application=application
        )
        await asyncio.sleep(random.uniform(0.5, 4.0))
        session = 0
        while True:
            session += 1
            ref = LeaseRef(f"cert:{where}", f"{user}-{session}")
            firm, product = _PRODUCTS[application]
            secret = hashlib.sha256(ref.lease_id.encode()).digest()
            command = CheckOut(
                ref,
                firm,
                product,
                secret,
                Holder(),
                random.randbytes(16),
                wait_s=_WAITS_S.get(application, 0),
            )
            outcome = await self._seat(command, who)
            if outcome.ok:
                await self._work(ref, outcome.generation, application)
                await self._ask(CheckIn(ref, outcome.generation))
            await asyncio.sleep(random.uniform(1.0, 8.0))

    async def _seat(self, command: CheckOut, who: HolderDocument) -> Outcome:
        """The outcome of a check-out, at the end of its wait if it waits."""
        while True:
            outcome = await self._ask(command, who)
            if outcome.reason != QUEUED:
                return outcome
            host = self._plant.active()
            if host is not None:
                host.orders.heartbeat(command.lease, outcome.generation)
            await asyncio.sleep(ASK_AGAIN_S)
            command = replace(command, nonce=random.randbytes(16))

    async def _work(self, ref: LeaseRef, generation: int, application: str) -> None:
        """Heartbeats until the work is done, units now and then; the seat may be taken away."""
        number = 0
        for _ in range(random.randint(4, 20)):
            await asyncio.sleep(BEAT_S)
            if application == "renderer":
                number += 1
                units = random.randint(1, 40)
                consume = Consume(ref, generation, number, units, random.randbytes(16))
                if not (await self._ask(consume)).ok:
                    return
            if not await self._beat(ref, generation):
                return

    async def _beat(self, ref: LeaseRef, generation: int) -> bool:
        """Whether the lease lives on; whoever does not answer has not said no."""
        host = self._plant.active()
        if host is None:
            return True
        try:
            await asyncio.wait_for(host.orders.fence(WAIT_S), WAIT_S)
        except (Refusal, TimeoutError):
            return True
        return host.orders.heartbeat(ref, generation) is not None

    async def _ask(self, command: AnyCommand, who: HolderDocument | None = None) -> Outcome:
        """The outcome, repeated with the same id until there is one. `who` checks out."""
        while True:
            host = self._plant.active()
            if host is not None:
                if isinstance(command, CheckOut) and who is not None:
                    command = replace(command, holder=host.names.holder(who))
                    host.names.use(who, command)
                try:
                    return await self._submit(host, command)
                except (Refusal, TimeoutError):
                    pass
            await asyncio.sleep(RETRY_S)

    async def _submit(self, host: TmrHost, command: AnyCommand) -> Outcome:
        try:
            if isinstance(command, CheckOut):
                waiting = host.orders.check_out(command, WAIT_S)
                return (await asyncio.wait_for(waiting, WAIT_S)).outcome
            decided = await asyncio.wait_for(host.orders.submit(command, WAIT_S), WAIT_S)
        except Denied as denied:
            if isinstance(command, CheckOut):
                data = denial(command, denied.reason, denied.problem.said, host.names.document)
                host.hub.publish("denial", data, command.lease.client)
            return Outcome(denied.reason, said=denied.problem.said)
        return decided.outcome
