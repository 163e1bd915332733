"""`tmr serve standalone`: an upstream and a TMR server in one process, from start to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import sys
from collections.abc import Coroutine
from functools import partial
from typing import Any, Final

from appliance import __version__
from appliance.adapters import clock
from appliance.adapters.health import HealthProbe
from appliance.adapters.log_ring import LogRing
from appliance.adapters.machines import machine_of
from appliance.adapters.pki.authority import PkiError, api_context, own_serial
from appliance.adapters.signatures import ContainerKeys, verify_store
from appliance.codec.licence_files import read_update
from appliance.errors import UserError
from appliance.ledger.leader.coordinator import Coordinator
from appliance.licences.commands import Found
from appliance.licences.members import ALONE
from appliance.licences.names import KEY_BYTES, key_hash
from appliance.licences.serials import Mask, Serial
from appliance.services.local_wire import LocalWire
from appliance.services.reports import Reporter
from appliance.services.settings import host_port, read_root
from appliance.services.signals import on_end_signals
from appliance.services.standalone.settings import STORE_PLACE, StandaloneSettings
from appliance.services.tmr.app import App
from appliance.services.tmr.groups import ORDERED_WITHIN_S
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.memory import KEEP_EVERY_S, MemoryFile
from appliance.services.tmr.reports import REPORT_EVERY_S
from appliance.services.tmr.server import ApiServer, bind, bounds_of
from appliance.services.upstream.service import UpstreamService

log = logging.getLogger(__name__)

TICKS_PER_BEAT: Final = 3
STOPPED_WITHIN_S: Final = 5.0
_SWITCH_INTERVAL_S: Final = 0.0005  # as an upstream's: its store thread must not wait for a turn


class StandaloneService:
    """Both parts, wired together. Make it on the event loop, then `run` it once."""

    def __init__(self, settings: StandaloneSettings, ring: LogRing) -> None:
        """Reads certificates, container and store. `ring` has this process's log for those who ask.
        Raises UserError."""
        self._settings = settings
        self._root = read_root(settings.root)
        self._tasks: list[asyncio.Task[None]] = []
        self._ticking: asyncio.Task[None] | None = None
        try:
            api, own_certificate = api_context(settings.tls.files), own_serial(settings.tls.cert)
        except (PkiError, OSError) as error:
            raise _cannot_start(settings, error) from error
        upstream = settings.upstream
        self._timing = upstream.timing
        self._wire = wire = LocalWire(settings.name, STORE_PLACE, self._fail)
        self._upstream = UpstreamService(upstream, ring, wire)
        probe = HealthProbe(__version__, clock.wall_ms(), settings.root, settings.tls.cert)
        self._reporter = Reporter(probe, ring)
        names_key = secrets.token_bytes(KEY_BYTES)
        self.host = TmrHost(
            self._coordinator(names_key),
            "",
            "",
            clock.boot_s,
            wire.tell,
            partial(read_update, root=self._root),
            own=self._reporter.answer,
            limits=settings.limits,
            names_key=names_key,
        )
        wire.connect(self.host.message)
        self._memory = MemoryFile(settings.memory)
        self.host.coordinator.heads.load(self._memory.load(), clock.boot_s())
        app = App(
            self.host,
            limits=settings.limits,
            own_certificate=own_certificate,
            root=self._root,
            ask=wire.ask,
            order=partial(wire.ask, within_s=ORDERED_WITHIN_S),
        )
        self._server = ApiServer(app, api, bounds_of(settings.limits))

    def _coordinator(self, names_key: bytes) -> Coordinator:
        settings, chance = self._settings, random.Random(secrets.randbits(128))
        serial = settings.virtual_serial or str(Serial.random(Mask.VIRTUAL, chance))
        return Coordinator(
            settings.name,
            (STORE_PLACE,),
            machine_of(self._root, ALONE),
            self._timing,
            secrets.randbits(64),
            Found(secrets.token_bytes(16), serial, names_key_hash=key_hash(names_key)),
            ContainerKeys(self._root).verify,
            verify_store,
        )

    async def run(self) -> None:
        """Serve until `stop`. Raises UserError if it cannot start, or for what a person has to
        mend."""
        settings, host = self._settings, self.host
        try:
            sockets = bind([host_port(text) for text in settings.api_listen])
        except OSError as error:
            raise _cannot_start(settings, error) from error
        serving = self._spawn(self._server.run_on(sockets))
        self._ticking = self._spawn(self._tick())
        self._spawn(self._remember())
        self._spawn(self._reporter.run())
        upstream = asyncio.get_running_loop().create_task(self._upstream.run())
        await asyncio.sleep(0)  # It opens the wire first.
        self._spawn(self._report())
        host.link_up(STORE_PLACE)
        host.judge()
        log.info("ready name=%s api=%s", settings.name, ",".join(settings.api_listen))
        try:
            await upstream
        finally:
            self._server.should_exit = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOPPED_WITHIN_S):
                    await serving
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._memory.keep(clock.boot_s(), host.coordinator.heads.memory)

    def stop(self) -> None:
        """End `run` in an orderly way."""
        log.info("stopping name=%s", self._settings.name)
        if self._ticking is not None:
            self._ticking.cancel()
        self.host.close()
        self._upstream.stop()

    def _fail(self, error: Exception) -> None:
        """A part made a mistake: the rest must not go on as if nothing was."""
        log.error("a part of the service failed", exc_info=error)
        self._upstream.stop()

    def _spawn(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(job)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error if isinstance(error, Exception) else RuntimeError(repr(error)))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._timing.beat_s / TICKS_PER_BEAT)
            self.host.tick()

    async def _report(self) -> None:
        """Hear how the container is, as a TMR host hears it of its upstreams."""
        reports = self.host.reports
        while True:
            with contextlib.suppress(TimeoutError):
                reports.take(
                    STORE_PLACE, await self._wire.ask(STORE_PLACE, reports.request(STORE_PLACE))
                )
            await asyncio.sleep(REPORT_EVERY_S)

    async def _remember(self) -> None:
        """Keep how far the ledger was seen, a little behind it."""
        while True:
            await asyncio.sleep(KEEP_EVERY_S)
            await self._memory.keep(clock.boot_s(), self.host.coordinator.heads.memory)


def _cannot_start(settings: StandaloneSettings, why: Exception) -> UserError:
    return UserError(f"{settings.name} cannot start: {why}")


async def run(settings: StandaloneSettings) -> None:
    """Run until SIGTERM or SIGINT. Raises UserError for what a person has to mend."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    ring = LogRing(settings.name, clock.wall_ms() // 1000)
    logging.getLogger().addHandler(ring)
    service = StandaloneService(settings, ring)
    on_end_signals(service.stop)
    await service.run()
