"""`tmr serve tmr`: one TMR host from its settings to its orderly stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Coroutine
from typing import Any

from appliance import __version__
from appliance.adapters import clock
from appliance.adapters.health import HealthProbe
from appliance.adapters.links.links import Link, LinkServer
from appliance.adapters.log_ring import LogRing
from appliance.adapters.machines import machine_of
from appliance.adapters.pki.authority import (
    PkiError,
    api_context,
    client_context,
    own_serial,
    server_context,
)
from appliance.adapters.signatures import ContainerKeys, verify_store
from appliance.adapters.systemd import Notifier
from appliance.codec.container_orders import answer_reader
from appliance.codec.frames import link_reader
from appliance.codec.licence_files import read_update
from appliance.codec.reports import ReportRequest
from appliance.errors import UserError
from appliance.ledger.effects import Origin
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import AnyMessage
from appliance.licences.commands import Found
from appliance.licences.model import ContainerUpdate
from appliance.licences.names import KEY_BYTES, key_hash
from appliance.licences.serials import Mask, Serial
from appliance.services.certificates import Certificates
from appliance.services.memory import settle
from appliance.services.reports import Reporter
from appliance.services.settings import TmrSettings, host_port, read_root
from appliance.services.signals import on_end_signals
from appliance.services.tmr.app import App
from appliance.services.tmr.groups import ORDERED_WITHIN_S
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.memory import KEEP_EVERY_S, MemoryFile
from appliance.services.tmr.questions import Questions
from appliance.services.tmr.reports import ReportLinks
from appliance.services.tmr.server import ApiServer, bind, bounds_of
from appliance.services.tmr.twin import TwinStatus, status_reader, twin_reader
from appliance.services.vip_client import VipClient

log = logging.getLogger(__name__)

TICKS_PER_BEAT = 3


class TmrService:
    """A TMR host, its API, and its links to the other four; all of it is there once it is made."""

    def __init__(self, settings: TmrSettings, ring: LogRing) -> None:
        """`ring` has this process's log for those who ask. Raises UserError."""
        self._settings = settings
        self._root = read_root(settings.root)
        self._chance = random.Random(secrets.randbits(128))
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        try:
            self._links_context = client_context(settings.tls.files)
            api, twin = api_context(settings.tls.files), server_context(settings.tls.files)
            own_certificate = own_serial(settings.tls.cert)
        except (PkiError, OSError) as error:
            raise _cannot_start(settings, error) from error
        probe = HealthProbe(__version__, clock.wall_ms(), settings.root, settings.tls.cert)
        self._reporter = Reporter(probe, ring)
        self._report_links = self._make_report_links()
        self._vip = None
        if settings.vip_socket is not None:
            self._vip = VipClient(str(settings.vip_socket), settings.advert_int_s)
        names_key = secrets.token_bytes(KEY_BYTES)
        self.host = TmrHost(
            self._coordinator(names_key),
            settings.twin.name,
            settings.virtual_ip,
            clock.boot_s,
            self._send,
            self._read_update,
            address=self._vip,
            own=self._reporter.answer,
            failure=self._report_links.failure,
            limits=settings.limits,
            names_key=names_key,
        )
        self._memory = MemoryFile(settings.memory)
        self.host.coordinator.heads.load(self._memory.load(), clock.boot_s())
        addresses = {one.name: one.host_port for one in settings.upstreams}
        links = (self._links_context, self._chance)
        app = App(
            self.host,
            limits=settings.limits,
            own_certificate=own_certificate,
            root=self._root,
            ask=Questions(addresses, *links, link_reader).ask,
            order=Questions(addresses, *links, answer_reader, ORDERED_WITHIN_S).ask,
        )
        self._server = ApiServer(app, api, bounds_of(settings.limits))
        self._links = self._make_links(app.certificates)
        self._twin_server: LinkServer[TwinStatus | ReportRequest] = LinkServer(
            host_port(settings.twin_listen),
            twin,
            twin_reader,
            allowed_roles={"tmr"},
            allowed_names={settings.twin.name},
            on_message=self._twin_called,
            unwelcome=app.certificates.dismissed,
        )

    def _coordinator(self, names_key: bytes) -> Coordinator:
        settings = self._settings
        serial = settings.virtual_serial or str(Serial.random(Mask.VIRTUAL, self._chance))
        return Coordinator(
            settings.name,
            tuple(upstream.name for upstream in settings.upstreams),
            machine_of(self._root),
            settings.timing,
            secrets.randbits(64),
            Found(secrets.token_bytes(16), serial, names_key_hash=key_hash(names_key)),
            ContainerKeys(self._root).verify,
            verify_store,
        )

    def _read_update(self, data: bytes) -> ContainerUpdate:
        return read_update(data, self._root)

    def _send(self, name: str, message: AnyMessage) -> bool:
        return self._links[name].send(message)

    def _make_links(self, certificates: Certificates) -> dict[str, Link[AnyMessage]]:
        silent_s = max(1.0, 10 * self._settings.advert_int_s)
        host = self.host
        return {
            upstream.name: Link(
                upstream.name,
                upstream.host_port,
                self._links_context,
                link_reader,
                host.link_up,
                host.message,
                lambda name, why: host.link_down(name),
                self._chance,
                silent_s=silent_s,
                connect_timeout_s=silent_s,
                unwelcome=certificates.dismissed,
            )
            for upstream in self._settings.upstreams
        }

    def _make_report_links(self) -> ReportLinks:
        settings = self._settings
        addresses = {host.name: (host.host_port, "upstream") for host in settings.upstreams}
        addresses[settings.twin.name] = (settings.twin.host_port, "tmr")
        return ReportLinks(addresses, self._links_context, self._chance)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises UserError if it cannot start."""
        settings, host = self._settings, self.host
        try:
            await self._twin_server.start()
            sockets = bind([host_port(text) for text in settings.api_listen])
        except OSError as error:
            raise _cannot_start(settings, error) from error
        for link in self._links.values():
            link.start()
        on_end_signals(self._stop.set)
        self._spawn(self._tick())
        self._spawn(self._tell_twin())
        self._spawn(self._remember())
        serving = self._spawn(self._server.run_on(sockets))
        self._spawn(self._reporter.run())
        self._spawn(self._report_links.run(host.reports))
        if self._vip is not None:
            self._spawn(self._vip.run(host.vip))
        await self._until_stopped()
        self._server.should_exit = True
        host.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await serving
        for task in self._tasks:
            task.cancel()
        for link in self._links.values():
            await link.close()
        await self._twin_server.close()
        await self._memory.keep(clock.boot_s(), self.host.coordinator.heads.memory)

    async def _until_stopped(self) -> None:
        notifier = Notifier()
        settle()
        notifier.ready(f"{self._settings.name} is up")
        log.info("ready name=%s api=%s", self._settings.name, ",".join(self._settings.api_listen))
        pause_s = (notifier.watchdog_interval_s or 20.0) / 2
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stop.wait()
            notifier.watchdog()
        notifier.stopping()
        log.info("stopping name=%s", self._settings.name)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(job)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A part of the service ended: without it the rest must not go on as if nothing was."""
        if not task.cancelled() and task.exception() is not None:
            log.error("a part of the service failed", exc_info=task.exception())
            self._stop.set()

    async def _tick(self) -> None:
        pause_s = self._settings.timing.beat_s / TICKS_PER_BEAT
        while True:
            await asyncio.sleep(pause_s)
            self.host.tick()

    def _twin_called(self, origin: Origin, said: TwinStatus | ReportRequest) -> None:
        """The twin told how it is, or asks for a report: answer with the like."""
        if isinstance(said, ReportRequest):
            self._twin_server.send(origin, self._reporter.answer(said))
            return
        self.host.twin_said(said)
        self._twin_server.send(origin, self.host.standing.own_status())

    async def _remember(self) -> None:
        """Keep how far the ledger was seen, a little behind it."""
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            await self._memory.keep(clock.boot_s(), self.host.coordinator.heads.memory)

    async def _tell_twin(self) -> None:
        """Report to the twin once an advert interval."""
        settings = self._settings
        link: Link[TwinStatus] = Link(
            settings.twin.name,
            settings.twin.host_port,
            self._links_context,
            status_reader,
            on_up=lambda name: None,
            on_message=lambda name, status: self.host.twin_said(status),
            on_down=lambda name, why: None,
            chance=self._chance,
            silent_s=max(1.0, 10 * settings.advert_int_s),
            roles=("tmr",),
        )
        link.start()
        try:
            while True:
                link.send(self.host.standing.own_status())
                await asyncio.sleep(settings.advert_int_s)
        finally:
            await link.close()


def _cannot_start(settings: TmrSettings, why: Exception) -> UserError:
    return UserError(f"{settings.name} cannot start: {why}")


async def run(settings: TmrSettings) -> None:
    """Run one TMR host until it is told to stop. Raises UserError if it cannot start."""
    ring = LogRing(settings.name, clock.wall_ms() // 1000)
    logging.getLogger().addHandler(ring)
    await TmrService(settings, ring).run()
