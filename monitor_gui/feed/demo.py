"""The demo: a whole system in this process, made of the appliance's own parts.

Three real replicas and two real TMR hosts (`appliance.services.tmr.host`) run on the feed's loop;
what is simulated is only what is outside them: wires, disks, VRRP and the applications. So every
document that the monitor gets here was written by the code that writes it in a real system.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Final, TypeVar

from appliance.client import ConnectionFailed, ProfileError, Refused, ServerEvent
from appliance.client.streams import EventParser
from appliance.codec.api import (
    DoneDocument,
    EndedDocument,
    LeasesDocument,
    LicencesDocument,
    LogsDocument,
    OperateRequest,
    StatusDocument,
    TimeUpdateDocument,
)
from appliance.licences.commands import LeaseRef, Release
from appliance.services.tmr import documents
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import OPERATE, Caller
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.problems import Refusal
from monitor_gui.feed.demo_clients import Crowd
from monitor_gui.feed.demo_plant import TMRS, UPSTREAMS, Plant, TmrBox
from monitor_gui.feed.demo_reports import LOST, TIME_SERVERS, Reports
from monitor_gui.feed.poller import parsed

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
    (8.0, "lock up1"),
    (14.0, "unlock up1"),
    (6.0, "fill up2"),
    (12.0, "clean up2"),
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
        + [f"{verb} up3" for verb in ("clock", "mend")]
        + [f"{verb} {name}" for name in UPSTREAMS for verb in ("lock", "unlock")]
        + [f"{verb} {name}" for name in TMRS + UPSTREAMS for verb in ("fill", "clean")]
        + [f"{verb} up1" for verb in ("deafen", "cure")]
    )

    def __init__(self, story: bool = True) -> None:
        self.plant = Plant()
        self.reports = Reports(self.plant)
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
        return self.reports.completed((await self._reach(endpoint)).status())

    async def licences(self) -> LicencesDocument:
        """As in `Source`."""
        host = await self._active()
        serials = {serial: name for name, serial in host.serials.items()}
        known = documents.licences(host.state, host.reachable_serials(), serials, everything=True)
        return self.reports.locked(known)

    async def leases(self) -> LeasesDocument:
        """As in `Source`."""
        host = await self._active()
        active = sorted(host.state.active_leases(), key=lambda lease: lease.generation)
        return LeasesDocument(
            leases=tuple(documents.lease(lease, host.lease_age_s(lease.ref)) for lease in active)
        )

    async def logs(self, after: Mapping[str, int]) -> LogsDocument:
        """As in `Source`."""
        if not any(self.plant.powered(name) for name in TMRS):
            raise ConnectionFailed("no TMR host answers")
        return self.reports.logs(after)

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
                        self.reports.note(endpoint, event.name, parsed(event.data))
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

    async def update_time(self, container: str, why: str) -> TimeUpdateDocument:
        """As in `Source`."""
        host = await self._active()
        results = self.reports.update_time(container)
        if not results:
            raise Refused("bad-request", f"no container has the serial {container}", 400)
        host.hub.publish("time", {"who": ME.client, "why": why, "container": container})
        return TimeUpdateDocument(results=results)

    async def inject(self, fault: str) -> str:
        """Let something fail, or mend it; see `faults`."""
        verb, _, name = fault.partition(" ")
        acts: dict[str, tuple[Callable[[str], None], str]] = {
            "cut": (self._cut, "{name} lost power."),
            "restore": (self._restore, "{name} has power again."),
            "clock": (lambda host: self.plant.set_clock(host, 42_000), "{name} has a wrong time."),
            "mend": (
                lambda host: self.plant.set_clock(host, 0),
                "{name} has the right time again.",
            ),
            "lock": (lambda host: self._lock(host, LOST), "{name}'s container is locked."),
            "unlock": (lambda host: self._lock(host, ""), "{name}'s container is unlocked."),
            "fill": (lambda host: self._fill(host, True), "The disk of {name} fills up."),
            "clean": (lambda host: self._fill(host, False), "{name} has room again."),
            "deafen": (lambda host: self._deafen(host, True), "{name} reaches one time server."),
            "cure": (lambda host: self._deafen(host, False), "{name} reaches both time servers."),
        }
        if verb not in acts or fault not in self.faults:
            raise ProfileError(f"the demo knows no fault called {fault}")
        act, sentence = acts[verb]
        act(name)
        return sentence.format(name=name)

    def _cut(self, name: str) -> None:
        self.plant.cut(name)

    def _restore(self, name: str) -> None:
        self.plant.restore(name)
        self.reports.log(name, "info", "tmr.serve", "power is back; started")

    def _lock(self, name: str, why: str) -> None:
        self.reports.words[name].locked = why
        serial = self.plant.upstreams[name].container.serial
        text = f"container {serial} locked: {why}" if why else f"container {serial} unlocked"
        self.reports.log(name, "error" if why else "info", "tmr.upstream.container", text)
        active = self.plant.active()
        if active is not None:
            change = "locked" if why else "unlocked"
            active.hub.publish("block", {"container": serial, "change": change, "why": why})

    def _fill(self, name: str, full: bool) -> None:
        self.reports.words[name].full = full
        if full:
            self.reports.log(name, "warning", "tmr.health", "3 % of the disk are free")

    def _deafen(self, name: str, deaf: bool) -> None:
        self.reports.words[name].deaf = TIME_SERVERS[1] if deaf else ""
        if deaf:
            text = f"{TIME_SERVERS[1]} gave no answer within 5 s"
            self.reports.log(name, "warning", "tmr.upstream.time", text)

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
