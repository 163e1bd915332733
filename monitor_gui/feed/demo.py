"""The demo: a whole system in this process, made of the appliance's own parts.

Three real replicas and two real TMR hosts (`appliance.services.tmr.host`) run on the feed's loop;
what is simulated is only what is outside them: wires, disks, VRRP and the applications. So every
document that the monitor gets here was written by the code that writes it in a real system.
"""

from __future__ import annotations

import asyncio
import time
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
from appliance.details import AS_IT_IS, Detail
from appliance.licences.commands import CertifyTime, ImportBlockList, LeaseRef, Release, WriteOff
from appliance.licences.model import Blocked, BlockList, CertifiedStatement
from appliance.sentences import Sentence
from appliance.services.tmr import documents
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import OPERATE, Caller
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.problems import Refusal
from monitor_gui.feed.demo_clients import Crowd
from monitor_gui.feed.demo_plant import TICK_S, TMRS, UPSTREAMS, Plant, TmrBox, as_bytes
from monitor_gui.feed.demo_reports import TIME_SERVERS, DemoReports, with_virtual_times
from monitor_gui.feed.poller import parsed
from monitor_gui.model.connections import DEMO

Answer = TypeVar("Answer")
SILENCE_S: Final = 0.4
AWAITED_S: Final = 10.0
CERTIFIED: Final = Detail("certified", {"url": TIME_SERVERS[0]})
LOST: Final = "reported lost by its owner"
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

    name = DEMO
    endpoints: tuple[str, ...] = TMRS
    identity = "demo"
    role = OPERATE
    route: str = Sentence("inside this program")
    faults: tuple[str, ...] = tuple(
        [f"{verb} {name}" for name in TMRS + UPSTREAMS for verb in ("cut", "restore")]
        + [f"{verb} up3" for verb in ("clock", "mend")]
        + [f"{verb} {name}" for name in UPSTREAMS for verb in ("lock", "unlock")]
        + [f"{verb} {name}" for name in TMRS + UPSTREAMS for verb in ("fill", "clean")]
        + [f"{verb} up1" for verb in ("deafen", "cure")]
    )

    def __init__(self, story: bool = True) -> None:
        self.plant = Plant()
        self.reports = DemoReports(self.plant)
        self._blocked: dict[str, str] = {}
        self._lists = 0
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
            raise ConnectionFailed(Sentence("{host} does not answer", host=endpoint))
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

    async def _awaited(self) -> TmrHost:
        """The active host, once there is one again."""
        try:
            async with asyncio.timeout(AWAITED_S):
                while (host := self.plant.active()) is None:
                    await asyncio.sleep(TICK_S)
        except TimeoutError:
            return await self._active()
        return host

    async def status(self, endpoint: str) -> StatusDocument:
        """As in `Source`."""
        host = await self._reach(endpoint)
        self.reports.exchange()
        return with_virtual_times(host.overview.status())

    async def licences(self) -> LicencesDocument:
        """As in `Source`."""
        host = await self._active()
        return host.overview.licences()

    async def leases(self) -> LeasesDocument:
        """As in `Source`."""
        host = await self._active()
        age_s = host.overview.lease_age_s
        active = sorted(host.state.active_leases(), key=lambda lease: lease.generation)
        return LeasesDocument(
            leases=tuple(
                documents.lease(host.state, lease, age_s(lease.ref), host.names.document)
                for lease in active
            )
        )

    async def logs(self, after: Mapping[str, int]) -> LogsDocument:
        """As in `Source`."""
        endpoint = next((name for name in TMRS if self.plant.powered(name)), TMRS[0])
        host = await self._reach(endpoint)
        self.reports.exchange()
        return host.reports.logs(host.reports.hosts, after)

    async def events(self, endpoint: str) -> AsyncGenerator[ServerEvent, None]:
        """As in `Source`."""
        while True:
            host = self.plant.tmrs[endpoint].host
            listener = host.hub.listen("demo", everything=True) if host is not None else None
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
        decided = await _refusals(host.orders.submit(command))
        if not decided.outcome.ok:
            raise Refused(decided.outcome.reason, decided.outcome.detail, 409)
        return EndedDocument(lease_id=lease_id, generation=generation)

    async def write_off(self, lease_id: str, why: str) -> DoneDocument:
        """As in `Source`."""
        operations = Operations(await self._active())
        command = WriteOff(bytes.fromhex(lease_id), ME.client, why)
        return await _refusals(operations.order(command))

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
        results: dict[str, tuple[Detail, ...]] = {}
        for name in UPSTREAMS:
            serial = self.plant.upstreams[name].container.serial
            if container in ("", serial):
                results[serial] = (await self._certify(host, name, serial),)
        if not results:
            raise Refused("bad-request", f"no container has the serial {container}", 400)
        failed = tuple(serial for serial, said in results.items() if said != (CERTIFIED,))
        return TimeUpdateDocument(results=results, failed=failed)

    async def _certify(self, host: TmrHost, name: str, serial: str) -> Detail:
        """Certified time for one container, which puts its clock right; what it got."""
        word = self.reports.words[name]
        if not self.plant.powered(name):
            return Detail("twin-silent", {"host": name})
        if word.locked:
            return Detail(AS_IT_IS, {"text": word.locked})
        self.plant.set_clock(name, 0)
        now_ms = int(time.time() * 1000)
        statement = CertifiedStatement(
            serial=serial,
            certificate=serial.encode(),
            anchor=host.coordinator.book.state.anchor,
            time_ms=now_ms,
            accuracy_ms=20,
        )
        decided = await _refusals(host.orders.submit(CertifyTime(as_bytes(statement), name)))
        if decided.outcome.said is not None and not decided.outcome.ok:
            return decided.outcome.said
        word.certified_at_ms = word.box_ms = now_ms
        self.reports.log(name, "info", "appliance.clocks", f"certified by {TIME_SERVERS[0]}")
        return CERTIFIED

    async def inject(self, fault: str) -> str:
        """Let something fail, or mend it; see `faults`."""
        verb, _, name = fault.partition(" ")
        acts: dict[str, tuple[Callable[[str], None], str]] = {
            "cut": (self.plant.cut, Sentence("{name} lost power.", name=name)),
            "restore": (self._restore, Sentence("{name} has power again.", name=name)),
            "clock": (
                lambda host: self.plant.set_clock(host, 42_000),
                Sentence("{name} has a wrong time.", name=name),
            ),
            "mend": (
                lambda host: self.plant.set_clock(host, 0),
                Sentence("{name} has the right time again.", name=name),
            ),
            "fill": (
                lambda host: self._fill(host, True),
                Sentence("The disk of {name} fills up.", name=name),
            ),
            "clean": (
                lambda host: self._fill(host, False),
                Sentence("{name} has room again.", name=name),
            ),
            "deafen": (
                lambda host: self._deafen(host, True),
                Sentence("{name} reaches one time server.", name=name),
            ),
            "cure": (
                lambda host: self._deafen(host, False),
                Sentence("{name} reaches both time servers.", name=name),
            ),
        }
        if fault not in self.faults:
            raise ProfileError(Sentence("the demo knows no fault called {name}", name=fault))
        if verb in ("lock", "unlock"):
            return await self._block(name, LOST if verb == "lock" else "")
        act, sentence = acts[verb]
        act(name)
        return sentence

    def _restore(self, name: str) -> None:
        self.plant.restore(name)
        self.reports.log(name, "info", "appliance.services", "power is back; started")

    async def _block(self, name: str, why: str) -> str:
        """The vendor's next block list, which a container brings to the ledger and obeys."""
        serial = self.plant.upstreams[name].container.serial
        if why:
            self._blocked[serial] = why
        else:
            self._blocked.pop(serial, None)
        self._lists += 1
        now_s = int(time.time())
        listed = BlockList(
            number=self._lists,
            this_update_s=now_s,
            next_update_s=now_s + 86_400,
            blocked=tuple(Blocked(one, "01", reason) for one, reason in self._blocked.items()),
            data=b"",
        )
        host = await self._awaited()
        decided = await _refusals(host.orders.submit(ImportBlockList(as_bytes(listed), name)))
        if not decided.outcome.ok:
            raise Refused(decided.outcome.reason, decided.outcome.detail, 409)
        self.reports.words[name].locked = why
        text = f"container {serial} locked: {why}" if why else f"container {serial} unlocked"
        self.reports.log(name, "error" if why else "info", "appliance.licences", text)
        if why:
            return Sentence("{name}'s container is locked.", name=name)
        return Sentence("{name}'s container is not locked any more.", name=name)

    def _fill(self, name: str, full: bool) -> None:
        self.reports.words[name].full = full
        if full:
            self.reports.log(
                name, "warning", "appliance.adapters.health", "3 % of the disk are free"
            )

    def _deafen(self, name: str, deaf: bool) -> None:
        self.reports.words[name].deaf = TIME_SERVERS[1] if deaf else ""
        if deaf:
            text = f"{TIME_SERVERS[1]} gave no answer within 5 s"
            self.reports.log(name, "warning", "appliance.clocks", text)

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
        raise Refused(refusal.reason, refusal.problem.sentence, refusal.status) from refusal
