"""The address process: all of the appliance that needs a network capability, and nothing else.

A shell round `VipCore`: it feeds it the kernel's, keepalived's, the twin's and the TMR service's
words and performs its effects. What can go wrong here: this process may be killed (keepalived then
gets SIGTERM from the kernel and resigns), frozen (the verdict is old when it thaws), or started
beside what an earlier one left (killed and removed before anything starts). It needs asyncio's own
event loop: uvloop takes no netlink socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import logging
import os
import signal
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from appliance.adapters.systemd import Notifier
from appliance.adapters.vrrp import keepalived
from appliance.adapters.vrrp.adverts import AdvertListener, AdvertTap, link_address_of
from appliance.adapters.vrrp.netlink import (
    AddressAdded,
    AddressRemoved,
    AddressWatcher,
    LinkUp,
    NetEvent,
    remove_address,
)
from appliance.adapters.vrrp.process import KeepalivedProcess, NotifyFifo, kill_leftover
from appliance.errors import UserError
from appliance.services import vip_core
from appliance.services.vip_config import VipConfig, load
from appliance.services.vip_core import Effect, VipCore, VrrpTiming
from appliance.services.vip_protocol import (
    LINE_BYTES_MAX,
    MalformedMessage,
    VrrpState,
    decode_from_tmr,
    encode,
)
from appliance.services.vip_strangers import Strangers

log = logging.getLogger(__name__)

# A TMR service that reads nothing is cut off: it would miss everything anyway.
UNREAD_BYTES_MAX = 65536
HANDLERS_MAX = 16
"""Connections of TMR services that stand or are ending: the newest is heard, the others end."""
WORKS_MAX = 8
"""Starts and removals under way; a removal beyond that is left to the next look."""

_FIFO_STATES: dict[keepalived.VrrpWord, VrrpState] = {
    "master": "master",
    "backup": "backup",
    "fault": "fault",
    "stop": "unknown",
    "master-hears-lower-priority": "master",
}


class VipService:
    """One run of the address process in the running asyncio loop."""

    def __init__(self, config: VipConfig) -> None:
        self._config = config
        self._vrrp = config.vrrp()
        self._paths = keepalived.Paths.under(config.runtime_dir)
        self._loop = asyncio.get_running_loop()
        self._core = VipCore(VrrpTiming.of(config.advert_int_s), config.priority, self._loop.time())
        self._keepalived = KeepalivedProcess(self._paths, self._keepalived_ended)
        self._watcher = AddressWatcher(config.interface, self._vrrp.bare_address)
        self._strangers = Strangers(config.twin_address, link_address_of)
        self._client: asyncio.StreamWriter | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: set[asyncio.Task[Any]] = set()
        self._failure: asyncio.Future[None] = self._loop.create_future()
        self._stop = asyncio.Event()
        self._notifier = Notifier()

    def request_stop(self) -> None:
        """Stop in good order; safe from a signal handler."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until `request_stop`. Raises UserError for what the operator must mend."""
        keepalived.install_configuration(self._vrrp)
        kill_leftover(self._paths)
        await self._remove_address("a fresh start holds nothing")
        with self._listening() as listener, contextlib.ExitStack() as stack:
            fifo = NotifyFifo(self._paths.fifo, self._fifo_event)
            stack.callback(fifo.close)
            self._loop.add_reader(listener.fileno(), self._adverts, listener)
            stack.callback(self._loop.remove_reader, listener.fileno())
            self._listener = listener
            self._tap(stack)
            server = await self._listen()
            watching = asyncio.create_task(self._watcher.run(self._net_event))
            stopping = asyncio.create_task(self._stop.wait())
            try:
                await self._watcher.synced()
                self._feed(self._core.tick(self._now()))
                self._notifier.ready("watches the virtual address")
                ends: list[asyncio.Future[Any]] = [watching, stopping, self._failure]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                if self._failure.done():
                    self._failure.result()
                if watching.done():
                    watching.result()
            finally:
                self._notifier.stopping()
                await self._wind_up(server, watching, stopping)

    # ---- inputs -------------------------------------------------------------------------------

    def _now(self) -> float:
        return self._loop.time()

    def _net_event(self, event: NetEvent) -> None:
        now = self._now()
        if isinstance(event, AddressAdded | AddressRemoved):
            self._feed(self._core.address(now, isinstance(event, AddressAdded)))
            return
        if isinstance(event, LinkUp):
            # A membership may have ended with the interface it was made on.
            with contextlib.suppress(OSError):
                self._listener.join()
        self._feed(self._core.link(now, isinstance(event, LinkUp)))

    def _fifo_event(self, event: keepalived.VrrpEvent) -> None:
        log.info("keepalived is %s", event.state)
        self._feed(self._core.vrrp(self._now(), _FIFO_STATES[event.state]))

    def _adverts(self, listener: AdvertListener) -> None:
        for advert in listener.read():
            if self._config.twin_address in ("", advert.source):
                self._feed(self._core.advert_heard(self._now(), advert.priority))

    def _tap(self, stack: contextlib.ExitStack) -> None:
        """Listen for adverts that keepalived never sees, to tell of them, if that can be."""
        try:
            tap = AdvertTap(self._config.interface, self._config.vrid)
        except OSError as error:
            log.warning("adverts of strangers will go unnoticed: %s", error)
            return
        stack.callback(tap.close)
        self._loop.add_reader(tap.fileno(), self._tapped, tap)
        stack.callback(self._loop.remove_reader, tap.fileno())

    def _tapped(self, tap: AdvertTap) -> None:
        for advert, link in tap.read():
            if text := self._strangers.heard(self._now(), advert, link):
                log.warning("%s", text)
                self._feed(self._core.stranger(self._now(), self._strangers.standing(self._now())))

    def _keepalived_ended(self, status: int) -> None:
        self._feed(self._core.keepalived_ended(self._now()))

    def _tick(self) -> None:
        self._notifier.watchdog()
        now = self._now()
        self._feed(self._core.stranger(now, self._strangers.standing(now)))

    async def _serve_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One TMR service. A newer connection replaces it: the older one's process has gone."""
        if len(self._handlers) >= HANDLERS_MAX:
            writer.transport.abort()
            return
        if self._client is not None:
            self._client.transport.abort()  # To be closed it would have to read what is unread.
        self._client = writer
        handler = asyncio.current_task()
        if handler is not None:
            self._handlers.add(handler)
            handler.add_done_callback(self._handlers.discard)
        self._feed(self._core.tmr_connected(self._now()))
        try:
            while line := await reader.readline():
                if self._client is not writer:
                    return
                self._feed(self._core.tmr_said(self._now(), decode_from_tmr(line)))
        except (MalformedMessage, ValueError, OSError) as error:
            log.warning("the TMR service's connection is closed: %s", error)
        finally:
            writer.close()
            if self._client is writer:
                self._client = None
                self._feed(self._core.tmr_gone(self._now()))

    # ---- effects ------------------------------------------------------------------------------

    def _feed(self, effects: list[Effect]) -> None:
        try:
            for effect in effects:
                self._perform(effect)
        except Exception as error:
            # Called from the loop's callbacks, where an exception would only be logged.
            if not self._failure.done():
                self._failure.set_exception(error)
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if not self._stop.is_set():
            self._timer = self._loop.call_at(self._core.wake_at(), self._tick)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case vip_core.WriteVerdict(healthy):
                keepalived.write_verdict(self._paths.verdict, healthy)
            case vip_core.StartKeepalived():
                self._spawn(self._start_keepalived())
            case vip_core.KillKeepalived():
                self._keepalived.kill()
            case vip_core.RemoveAddress(reason) if len(self._tasks) >= WORKS_MAX:
                log.error("cannot remove the address (%s): removals hang", reason)
            case vip_core.RemoveAddress(reason):
                self._spawn(self._remove_address(reason))
            case vip_core.ReportState(state):
                self._tell(encode(state))

    def _tell(self, line: bytes) -> None:
        client = self._client
        if client is None or client.is_closing():
            return
        if client.transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
            client.transport.abort()
            return
        client.write(line)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def _start_keepalived(self) -> None:
        try:
            await self._keepalived.start()
        except OSError as error:
            log.error("keepalived cannot be started: %s", error)
            self._keepalived_ended(-1)

    async def _remove_address(self, reason: str) -> None:
        bits = self._vrrp.prefix_bits
        try:
            if await remove_address(self._config.interface, self._vrrp.bare_address, bits):
                log.warning("removed %s: %s", self._vrrp.bare_address, reason)
        except OSError as error:
            log.error("cannot remove %s (%s): %s", self._vrrp.bare_address, reason, error)

    # ---- start and end ------------------------------------------------------------------------

    @contextlib.contextmanager
    def _listening(self) -> Iterator[AdvertListener]:
        try:
            listener = AdvertListener(self._config.interface, self._config.vrid)
        except PermissionError as error:
            raise UserError(
                "`tmr serve vip` needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW:"
                " start it as root or from its unit."
            ) from error
        except OSError as error:
            raise UserError(
                f"Cannot listen on interface {self._config.interface}: {error.strerror or error}."
            ) from error
        with contextlib.closing(listener):
            yield listener

    async def _listen(self) -> asyncio.Server:
        path = Path(self._config.socket)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        # Owner and group only, from the moment the socket exists.
        mask = os.umask(0o117)
        try:
            server = await asyncio.start_unix_server(
                self._serve_client, path=path, limit=LINE_BYTES_MAX
            )
        finally:
            os.umask(mask)
        if self._config.socket_group:
            try:
                os.chown(path, -1, grp.getgrnam(self._config.socket_group).gr_gid)
            except KeyError as error:
                server.close()
                raise UserError(f"There is no group {self._config.socket_group!r}.") from error
        return server

    async def _wind_up(
        self,
        server: asyncio.Server,
        watching: asyncio.Task[None],
        stopping: asyncio.Task[bool],
    ) -> None:
        """Resign, take the address off, tell the TMR service, and leave nothing running."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._feed(self._core.stop(self._now()))
        await self._keepalived.stop()
        await self._remove_address(vip_core.STOPPING)
        for task in (watching, stopping, *self._tasks):
            task.cancel()
        await asyncio.gather(watching, stopping, *self._tasks, return_exceptions=True)
        if self._client is not None:
            self._client.close()
        if self._handlers:
            await asyncio.wait(set(self._handlers), timeout=1)
        server.close()
        Path(self._config.socket).unlink(missing_ok=True)


async def serve(config: VipConfig) -> None:
    """Run the address process until SIGTERM or SIGINT. Raises UserError."""
    service = VipService(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.request_stop)
    try:
        await service.run()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def run(path: Path) -> None:
    """What `tmr serve vip --config PATH` does. Raises UserError."""
    # asyncio's own loop, whatever policy the rest of the program prefers: see the module's header.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(serve(load(path)))
