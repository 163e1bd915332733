"""`tmr serve tmr`: one TMR host from its settings to its orderly stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import signal
import ssl
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
from appliance.codec.frames import link_reader
from appliance.codec.licence_files import read_update
from appliance.codec.reports import ReportRequest
from appliance.errors import UserError
from appliance.ledger.effects import Origin
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import AnyMessage
from appliance.licences.commands import Found
from appliance.licences.model import ContainerUpdate
from appliance.licences.serials import Mask, Serial
from appliance.services.memory import settle
from appliance.services.reports import Reporter
from appliance.services.settings import TmrSettings, host_port, read_root
from appliance.services.tmr.app import App
from appliance.services.tmr.backups import LogLinks
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.reports import ReportLinks
from appliance.services.tmr.server import ApiServer, bind, bounds_of
from appliance.services.tmr.twin import TwinStatus, status_reader, twin_reader
from appliance.services.vip_client import VipClient

log = logging.getLogger(__name__)

TICKS_PER_BEAT = 3


class TmrService:
    """Builds a TmrHost's surroundings and runs them."""

    def __init__(self, settings: TmrSettings, ring: LogRing) -> None:
        """`ring` has this process's log for those who ask. Raises UserError."""
        self._settings = settings
        self._root = read_root(settings.root)
        self._chance = random.Random(secrets.randbits(128))
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._links: dict[str, Link[AnyMessage]] = {}
        self._twin_server: LinkServer[TwinStatus | ReportRequest] | None = None
        self.host = TmrHost(
            self._coordinator(),
            settings.twin.name,
            settings.virtual_ip,
            clock.boot_s,
            self._send,
            self._read_update,
        )
        probe = HealthProbe(__version__, clock.wall_ms(), settings.root, settings.tls.cert)
        self._reporter = Reporter(probe, ring)
        self.host.reports.own = self._reporter.answer

    def _coordinator(self) -> Coordinator:
        settings = self._settings
        serial = settings.virtual_serial or str(Serial.random(Mask.VIRTUAL, self._chance))
        return Coordinator(
            settings.name,
            tuple(upstream.name for upstream in settings.upstreams),
            machine_of(self._root),
            settings.timing,
            secrets.randbits(64),
            Found(secrets.token_bytes(16), serial),
            ContainerKeys(self._root).verify,
            verify_store,
        )

    def _read_update(self, data: bytes) -> ContainerUpdate:
        return read_update(data, self._root)

    def _send(self, name: str, message: AnyMessage) -> bool:
        return self._links[name].send(message)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises UserError if it cannot start."""
        settings, host = self._settings, self.host
        try:
            links_context = client_context(settings.tls.files)
            addresses = {one.name: one.host_port for one in settings.upstreams}
            app = App(
                host,
                limits=settings.limits,
                own_certificate=own_serial(settings.tls.cert),
                ask=LogLinks(addresses, links_context, self._chance).ask,
            )
            server = ApiServer(app, api_context(settings.tls.files), bounds_of(settings.limits))
            twin_server = LinkServer(
                host_port(settings.twin_listen),
                server_context(settings.tls.files),
                twin_reader,
                allowed_roles={"tmr"},
                allowed_names={settings.twin.name},
                on_message=self._twin_called,
                unwelcome=app.certificates.dismissed,
            )
            self._twin_server = twin_server
            await twin_server.start()
            sockets = bind([host_port(text) for text in settings.api_listen])
        except (PkiError, OSError) as error:
            raise UserError(f"{settings.name} cannot start: {error}") from error
        silent_s = max(1.0, 10 * settings.advert_int_s)
        for upstream in settings.upstreams:
            self._links[upstream.name] = Link(
                upstream.name,
                upstream.host_port,
                links_context,
                link_reader,
                host.link_up,
                host.message,
                lambda name, why: host.link_down(name),
                self._chance,
                silent_s=silent_s,
                connect_timeout_s=silent_s,
                unwelcome=app.certificates.dismissed,
            )
        for link in self._links.values():
            link.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self._spawn(self._tick())
        self._spawn(self._tell_twin(links_context))
        self._spawn(server.run_on(sockets))
        self._spawn(self._reporter.run())
        self._spawn(self._report_links(links_context).run())
        self._connect_vip()
        await self._until_stopped()
        server.should_exit = True
        host.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._tasks[2]
        for task in self._tasks:
            task.cancel()
        for link in self._links.values():
            await link.close()
        await twin_server.close()

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

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(job)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

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

    def _connect_vip(self) -> None:
        settings, host = self._settings, self.host
        if settings.vip_socket is None:
            return
        vip = VipClient(str(settings.vip_socket), settings.advert_int_s, host.vip)
        host.set_verdict = vip.set_verdict
        host.drop_address = vip.drop_address
        self._spawn(vip.run())

    def _twin_called(self, origin: Origin, said: TwinStatus | ReportRequest) -> None:
        """The twin told how it is, or asks for a report: answer with the like."""
        assert self._twin_server is not None
        if isinstance(said, ReportRequest):
            self._twin_server.send(origin, self._reporter.answer(said))
            return
        self.host.twin_said(said)
        self._twin_server.send(origin, self.host.own_status())

    def _report_links(self, context: ssl.SSLContext) -> ReportLinks:
        settings = self._settings
        addresses = {host.name: (host.host_port, "upstream") for host in settings.upstreams}
        addresses[settings.twin.name] = (settings.twin.host_port, "tmr")
        return ReportLinks(self.host.reports, addresses, context, self._chance)

    async def _tell_twin(self, context: Any) -> None:
        """Report to the twin once an advert interval."""
        settings = self._settings
        link: Link[TwinStatus] = Link(
            settings.twin.name,
            settings.twin.host_port,
            context,
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
                link.send(self.host.own_status())
                await asyncio.sleep(settings.advert_int_s)
        finally:
            await link.close()


async def run(settings: TmrSettings) -> None:
    """Run one TMR host until it is told to stop. Raises UserError if it cannot start."""
    ring = LogRing(settings.name, clock.wall_ms() // 1000)
    logging.getLogger().addHandler(ring)
    await TmrService(settings, ring).run()
