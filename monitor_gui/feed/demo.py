"""The demo: a whole system in this process, made of the appliance's own parts.

Three real replicas and two real TMR hosts (`appliance.services.tmr.host`) run on the feed's loop;
what is simulated is only what is outside them: wires, disks, VRRP and the applications. So every
document that the monitor gets here was written by the code that writes it in a real system.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, TypeVar

from appliance.client import ConnectionFailed, ProfileError, Refused, ServerEvent
from appliance.client.streams import EventParser
from appliance.codec.api import (
    DoneDocument,
    EndedDocument,
    LeasesDocument,
    LicencesDocument,
    OperateRequest,
    StatusDocument,
)
from appliance.licences.commands import LeaseRef, Release
from appliance.services.tmr import documents
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import OPERATE, Caller
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.problems import Refusal
from monitor_gui.feed.demo_clients import Crowd
from monitor_gui.feed.demo_plant import TMRS, UPSTREAMS, Plant, TmrBox

Answer = TypeVar("Answer")
SILENCE_S: Final = 0.4
ME: Final = Caller("cert:demo", OPERATE)
STORY: Final = (
    (18.0, "cut tmr1"),
    (12.0, "restore tmr1"),
    (12.0, "cut up2"),
    (14.0, "restore up2"),
    (10.0, "clock up3"),
    (14.0, "mend up3"),
    (6.0, "cut tmr2"),
    (12.0, "restore tmr2"),
)


class DemoSource:
    """A `Source` without any system. `story` lets faults happen by themselves."""

    name = "Demo"
    endpoints: tuple[str, ...] = TMRS
    identity = "demo"
    role = OPERATE
    route = "inside this program"
    faults: tuple[str, ...] = tuple(
        [f"{verb} {name}" for name in TMRS + UPSTREAMS for verb in ("cut", "restore")]
        + ["clock up3", "mend up3"]
    )

    def __init__(self, story: bool = True) -> None:
        self.plant = Plant()
        self._crowd = Crowd(self.plant)
        self._story = asyncio.get_running_loop().create_task(self._play()) if story else None

    async def _play(self) -> None:
        while True:
            for pause_s, fault in STORY:
                await asyncio.sleep(pause_s)
                await self.inject(fault)

    def _box(self, endpoint: str) -> TmrBox:
        box = self.plant.tmrs[endpoint]
        if box.host is None:
            raise ConnectionFailed(f"{endpoint} does not answer")
        return box

    async def _reach(self, endpoint: str) -> TmrHost:
        """The host at that endpoint; one without power costs the time until that is noticed."""
        try:
            host = self._box(endpoint).host
        except ConnectionFailed:
            await asyncio.sleep(SILENCE_S)
            raise
        assert host is not None
        return host

    async def _active(self) -> TmrHost:
        host = self.plant.active()
        if host is None:
            await asyncio.sleep(SILENCE_S)
            raise ConnectionFailed("no TMR host serves at present")
        return host

    async def status(self, endpoint: str) -> StatusDocument:
        """As in `Source`."""
        return (await self._reach(endpoint)).status()

    async def licences(self) -> LicencesDocument:
        """As in `Source`."""
        host = await self._active()
        serials = {serial: name for name, serial in host.serials.items()}
        return documents.licences(host.state, host.reachable_serials(), serials, everything=True)

    async def leases(self) -> LeasesDocument:
        """As in `Source`."""
        host = await self._active()
        active = sorted(host.state.active_leases(), key=lambda lease: lease.generation)
        return LeasesDocument(
            leases=tuple(documents.lease(lease, host.lease_age_s(lease.ref)) for lease in active)
        )

    async def events(self, endpoint: str) -> AsyncGenerator[ServerEvent, None]:
        """As in `Source`."""
        while True:
            host = self.plant.tmrs[endpoint].host
            listener = host.hub.listen(None) if host is not None else None
            if host is None or listener is None:
                await asyncio.sleep(SILENCE_S)
                continue
            parser = EventParser()
            try:
                yield ServerEvent("tmr-connected", endpoint)
                async for frame in listener.frames():
                    for event in parser.feed(frame):
                        yield event
                    if self.plant.tmrs[endpoint].host is not host:
                        break
            finally:
                host.hub.leave(listener)

    async def release(self, client: str, lease_id: str, generation: int, why: str) -> EndedDocument:
        """As in `Source`."""
        command = Release(LeaseRef(client, lease_id), generation, ME.client, why)
        host = await self._active()
        decided = await _refusals(host.submit(command))
        if not decided.outcome.ok:
            raise Refused(decided.outcome.reason, decided.outcome.detail, 409)
        return EndedDocument(lease_id=lease_id, generation=generation)

    async def switchover(self, host: str, why: str) -> DoneDocument:
        """As in `Source`."""
        operations = Operations(await self._active())
        return await _refusals(operations.switchover(ME, OperateRequest(why=why, host=host)))

    async def maintenance(self, host: str, on: bool, why: str) -> DoneDocument:
        """As in `Source`."""
        operations = Operations(await self._active())
        request = OperateRequest(why=why, host=host, on=on)
        return await _refusals(operations.maintenance(ME, request))

    async def inject(self, fault: str) -> str:
        """Cut or restore a host's power, or put a clock wrong or right."""
        verb, _, name = fault.partition(" ")
        acts: dict[str, Callable[[str], None]] = {
            "cut": self.plant.cut,
            "restore": self.plant.restore,
            "clock": lambda host: self.plant.set_clock(host, 42_000),
            "mend": lambda host: self.plant.set_clock(host, 0),
        }
        if verb not in acts or name not in TMRS + UPSTREAMS:
            raise ProfileError(f"the demo knows no fault called {fault}")
        acts[verb](name)
        words = {"cut": "lost power", "restore": "has power again", "clock": "shows a wrong time"}
        return f"{name} {words.get(verb, 'shows the right time again')}."

    @property
    def broken(self) -> bool:
        """As in `Source`."""
        return False

    async def close(self) -> None:
        """As in `Source`."""
        if self._story is not None:
            self._story.cancel()
            await asyncio.wait({self._story})
        await self._crowd.close()
        self.plant.close()


async def _refusals(work: Awaitable[Answer]) -> Answer:
    """Refusals as a client would see them."""
    try:
        return await work
    except Refusal as refusal:
        raise Refused(refusal.reason, refusal.problem.detail, refusal.status) from refusal
