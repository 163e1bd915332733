"""`Client` and `Lease`: the asyncio client for programs that block.

Each `Client` runs its own event loop in one background thread, so heartbeats go on while the
program computes. All methods may be called from any thread. Threads do not survive a fork: a child
process must make its own client (the parent's leases stay the parent's), and any call on a client
that was made before the fork raises ClientError instead of waiting for ever. So no lock is taken
before the process was looked at: another thread may have held it during the fork. Leaving a `with`
block does nothing in the child.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from appliance.client.clock import Clock
from appliance.client.engine import Timing
from appliance.client.errors import ClientError
from appliance.client.forks import Home, NotSent
from appliance.client.lease import AsyncLease
from appliance.client.receipts import Trust
from appliance.client.session import AsyncClient
from appliance.client.states import LeaseState, LeaseStatus, LeaseTiming, StatusListener
from appliance.client.streams import ServerEvent
from appliance.client.tls import ClientTls
from appliance.codec.api import (
    DoneDocument,
    EndedDocument,
    GrantDocument,
    HolderDocument,
    LeasesDocument,
    LicencesDocument,
    LogsDocument,
    StatusDocument,
    TimeUpdateDocument,
)
from appliance.codec.api_certificates import CertificatesDocument

_Result = TypeVar("_Result")
_JOIN_S: Final = 10.0


class _Background:
    """One event loop in one thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self.home = Home()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="tmr-client", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def call(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Run `work` there and wait for its result; an interrupt here cancels it there."""
        if self.home.left:
            work.close()
            self.home.check()
        trouble = ""
        if threading.current_thread() is self._thread:
            trouble = "a callback may not call its own client; hand the work to another thread"
        with self._lock:
            if self._closed:
                trouble = trouble or "this client is closed"
            if trouble:
                work.close()
                raise ClientError(trouble)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise ClientError("the client was closed during this call") from None
        except BaseException:
            future.cancel()
            raise

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Run `last`, stop what still runs, end the thread. May be called again; does nothing in a
        child process."""
        if self.home.left:
            last.close()
            return
        with self._lock:
            if self._closed:
                last.close()
                return
            self._closed = True
            done = asyncio.run_coroutine_threadsafe(self._finish(last), self._loop)
        try:
            done.result(_JOIN_S)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_JOIN_S)

    async def _finish(self, last: Coroutine[Any, Any, None]) -> None:
        await last
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others)


class Lease(NotSent):
    """A lease for programs that block: `with client.lease(...) as lease`. See `AsyncLease`."""

    def __init__(self, background: _Background, lease: AsyncLease) -> None:
        self._background = background
        self._lease = lease

    def __enter__(self) -> Self:
        self.check_out()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._background.home.left:
            self._background.call(self._lease.__aexit__(kind, error, trace))

    @property
    def lease_id(self) -> str:
        """The id that the client chose; a lease that was regained has a new one."""
        return self._lease.lease_id

    @property
    def grant(self) -> GrantDocument:
        """As `AsyncLease.grant`."""
        return self._lease.grant

    @property
    def status(self) -> LeaseStatus:
        """State, and why."""
        return self._lease.status

    @property
    def state(self) -> LeaseState:
        """Held, at risk or lost."""
        return self._lease.state

    @property
    def usable(self) -> bool:
        """Whether lease and receipt are valid at this moment."""
        return self._lease.usable

    def check_out(self) -> GrantDocument:
        """As `AsyncLease.check_out`."""
        return self._background.call(self._lease.check_out())

    def consume(self, units: int) -> GrantDocument:
        """As `AsyncLease.consume`."""
        return self._background.call(self._lease.consume(units))

    def settle(self) -> GrantDocument | None:
        """As `AsyncLease.settle`."""
        return self._background.call(self._lease.settle())

    def check_in(self) -> None:
        """As `AsyncLease.check_in`."""
        self._background.call(self._lease.check_in())

    def wait_for(self, *states: LeaseState, timeout_s: float | None = None) -> LeaseStatus:
        """Wait until the lease is in one of these states. Raises TimeoutError."""

        async def wait() -> LeaseStatus:
            async with asyncio.timeout(timeout_s):
                return await self._lease.wait_for(*states)

        return self._background.call(wait())


class Client(NotSent):
    """A client for programs that block; takes what `AsyncClient` takes; a context manager.

    Callbacks of leases run in the background thread: they must be quick and call nothing of the
    client.
    """

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        tls: ClientTls,
        trust: Trust | None,
        *,
        timing: Timing | None = None,
        lease_timing: LeaseTiming | None = None,
        now: Clock | None = None,
    ) -> None:
        # Made before the thread, so that wrong settings raise here and leave nothing behind.
        self._client = AsyncClient(
            addresses, tls, trust, timing=timing, lease_timing=lease_timing, now=now
        )
        self._background = _Background()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop heartbeats, drop the connection, end the thread. Leases not checked in lapse."""
        self._background.close(self._client.close())

    def lease(
        self,
        firm_code: int,
        product_code: int,
        *,
        holder: HolderDocument | None = None,
        on_change: StatusListener | None = None,
        quorum_wait_s: float = 0.0,
        deadline_s: float | None = None,
        regain: bool = False,
    ) -> Lease:
        """As `AsyncClient.lease`."""

        async def make() -> AsyncLease:
            return self._client.lease(
                firm_code,
                product_code,
                holder=holder,
                on_change=on_change,
                quorum_wait_s=quorum_wait_s,
                deadline_s=deadline_s,
                regain=regain,
            )

        return Lease(self._background, self._background.call(make()))

    def status(self) -> StatusDocument:
        """As `AsyncClient.status`."""
        return self._background.call(self._client.status())

    def licences(self, all: bool = False) -> LicencesDocument:
        """As `AsyncClient.licences`."""
        return self._background.call(self._client.licences(all))

    def leases(self) -> LeasesDocument:
        """As `AsyncClient.leases`."""
        return self._background.call(self._client.leases())

    def logs(
        self, hosts: Iterable[str] = (), after: Mapping[str, int] | None = None
    ) -> LogsDocument:
        """As `AsyncClient.logs`."""
        return self._background.call(self._client.logs(hosts, after))

    def release(
        self, client: str, lease_id: str, why: str, generation: int | None = None
    ) -> EndedDocument:
        """As `AsyncClient.release`."""
        return self._background.call(self._client.release(client, lease_id, why, generation))

    def switchover(self, why: str, host: str) -> DoneDocument:
        """As `AsyncClient.switchover`."""
        return self._background.call(self._client.switchover(why, host))

    def maintenance(self, host: str, why: str, on: bool = True) -> DoneDocument:
        """As `AsyncClient.maintenance`."""
        return self._background.call(self._client.maintenance(host, why, on))

    def update_time(self, why: str, container: str = "") -> TimeUpdateDocument:
        """As `AsyncClient.update_time`."""
        return self._background.call(self._client.update_time(why, container))

    def enrol(self, name: str, token: str, why: str) -> DoneDocument:
        """As `AsyncClient.enrol`."""
        return self._background.call(self._client.enrol(name, token, why))

    def dismiss(self, name: str, why: str) -> DoneDocument:
        """As `AsyncClient.dismiss`."""
        return self._background.call(self._client.dismiss(name, why))

    def certificates(self) -> CertificatesDocument:
        """As `AsyncClient.certificates`."""
        return self._background.call(self._client.certificates())

    def dismiss_certificate(
        self, serial: str, why: str, *, name: str = "", role: str = "", ends_at_s: int = 0
    ) -> DoneDocument:
        """As `AsyncClient.dismiss_certificate`."""
        doing = self._client.dismiss_certificate(
            serial, why, name=name, role=role, ends_at_s=ends_at_s
        )
        return self._background.call(doing)

    def limit_seats(self, firm_code: int, product_code: int, seats: int, why: str) -> DoneDocument:
        """As `AsyncClient.limit_seats`."""
        return self._background.call(self._client.limit_seats(firm_code, product_code, seats, why))

    def events(self) -> Iterator[ServerEvent]:
        """As `AsyncClient.events`; each step waits for the next event."""
        events = self._client.events()

        async def following() -> ServerEvent:
            return await anext(events)

        try:
            while True:
                yield self._background.call(following())
        finally:
            if not self._background.home.left:
                self._background.call(events.aclose())
