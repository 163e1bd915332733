"""`Client` and `Lease`: the asyncio client for programs that block.

Both derive from `AsyncClient` and `AsyncLease`: each line of theirs names an asynchronous method,
and has its parameters, types and docstring. A new method there needs one line here (a test in
tests/unit/client/test_both_clients.py fails without it).

Each `Client` runs its own event loop in one background thread, so heartbeats go on while the
program computes. All methods may be called from any thread. Threads do not survive a fork: a child
process must make its own client (the parent's leases stay the parent's), and any call on a client
that was made before the fork raises ClientError instead of waiting for ever. So no lock is taken
before the process was looked at: another thread may have held it during the fork. Leaving a `with`
block does nothing in the child.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Concatenate, Final, Generic, Never, ParamSpec, Self, TypeVar, overload

from appliance.client.errors import ClientError
from appliance.client.forks import Home, NotSent
from appliance.client.lease import AsyncLease, AsyncPart
from appliance.client.session import AsyncClient
from appliance.client.ticket import Ticket
from appliance.codec.api import GrantDocument

_Given = ParamSpec("_Given")
_Inner = TypeVar("_Inner")
_Inner_co = TypeVar("_Inner_co", covariant=True)
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


class _Blocking(NotSent, Generic[_Inner_co]):
    """What both have: the asynchronous object, and the thread in which it lives."""

    def __init__(self, inner: _Inner_co, background: _Background) -> None:
        self._inner = inner
        self._background = background


def _like(
    verb: Callable[Concatenate[_Inner, _Given], object], returns: object = None
) -> Callable[[Callable[..., _Result]], Callable[Concatenate[Any, _Given], _Result]]:
    """A decorator that gives a function the name, parameters and docstring of `verb`."""

    def dress(run: Callable[..., _Result]) -> Callable[Concatenate[Any, _Given], _Result]:
        functools.update_wrapper(run, verb, assigned=("__name__", "__doc__", "__annotations__"))
        run.__qualname__ = verb.__qualname__.removeprefix("Async")
        if returns is not None:
            signature = inspect.signature(run).replace(return_annotation=returns)
            run.__dict__["__signature__"] = signature
            run.__annotations__ = run.__annotations__ | {"return": returns}
        return run

    return dress


def _waits(
    verb: Callable[Concatenate[_Inner, _Given], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate[_Blocking[_Inner], _Given], _Result]:
    """The coroutine `verb`, run in the background and waited for."""

    @_like(verb)
    def run(self: _Blocking[_Inner], *args: _Given.args, **named: _Given.kwargs) -> _Result:
        return self._background.call(verb(self._inner, *args, **named))

    return run


def _iterates(
    verb: Callable[Concatenate[_Inner, _Given], AsyncGenerator[_Result, None]],
) -> Callable[Concatenate[_Blocking[_Inner], _Given], Generator[_Result, None, None]]:
    """The asynchronous generator `verb`: each step waits for its next value."""

    @_like(verb, Generator)
    def run(
        self: _Blocking[_Inner], *args: _Given.args, **named: _Given.kwargs
    ) -> Generator[_Result, None, None]:
        values = verb(self._inner, *args, **named)

        async def following() -> _Result:
            return await anext(values)

        try:
            while True:
                yield self._background.call(following())
        finally:
            if not self._background.home.left:
                self._background.call(values.aclose())

    return run


def _lends(
    verb: Callable[Concatenate[_Inner, _Given], AsyncLease],
) -> Callable[Concatenate[_Blocking[_Inner], _Given], Lease]:
    """The plain method `verb`, run in the background: the lease that it makes, for blocking."""

    @_like(verb, Lease)
    def run(self: _Blocking[_Inner], *args: _Given.args, **named: _Given.kwargs) -> Lease:
        async def make() -> AsyncLease:
            return verb(self._inner, *args, **named)

        return Lease(self._background.call(make()), self._background)

    return run


def _lends_or_opens(
    verb: Callable[Concatenate[_Inner, _Given], Ticket | AsyncLease],
) -> Callable[Concatenate[_Blocking[_Inner], _Given], Ticket | Lease]:
    """The same of `verb`, which may open a ticket instead."""

    @_like(verb, Ticket | Lease)
    def run(self: _Blocking[_Inner], *args: _Given.args, **named: _Given.kwargs) -> Ticket | Lease:
        async def make() -> Ticket | AsyncLease:
            return verb(self._inner, *args, **named)

        found = self._background.call(make())
        return found if isinstance(found, Ticket) else Lease(found, self._background)

    return run


def _parts(
    verb: Callable[Concatenate[AsyncLease, _Given], AsyncPart],
) -> Callable[Concatenate[Lease, _Given], Part]:
    """The plain method `verb` of a lease: the part that it makes, for blocking."""

    @_like(verb, Part)
    def run(self: Lease, *args: _Given.args, **named: _Given.kwargs) -> Part:
        return Part(verb(self._inner, *args, **named), self._background)

    return run


class _Shown(property, Generic[_Result]):
    """An attribute of the asynchronous lease, to be read."""

    def __init__(self, read: Callable[[AsyncLease], _Result]) -> None:
        super().__init__(lambda lease: read(lease._inner))

    def __set_name__(self, owner: type, name: str) -> None:
        self.__doc__ = getattr(getattr(AsyncLease, name, None), "__doc__", None)

    @overload
    def __get__(self, lease: None, owner: type, /) -> Self: ...
    @overload
    def __get__(self, lease: Lease, owner: type | None = None, /) -> _Result: ...
    def __get__(self, lease: Any, owner: type | None = None, /) -> Any:
        return super().__get__(lease, owner)

    def __set__(self, lease: Lease, value: Never, /) -> None:
        super().__set__(lease, value)


class Part(_Blocking[AsyncPart]):
    """Reserved units for programs that block: `with lease.reserve(50) as part`. See `AsyncPart`."""

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._background.home.left:
            self._background.call(self._inner.__aexit__(kind, error, trace))

    @property
    def units(self) -> int:
        """How many are reserved."""
        return self._inner.units

    @property
    def grant(self) -> GrantDocument:
        """As `AsyncPart.grant`."""
        return self._inner.grant

    @property
    def used(self) -> int | None:
        """As `AsyncPart.used`."""
        return self._inner.used

    take = _waits(AsyncPart.take)
    settle = _waits(AsyncPart.settle)


class Lease(_Blocking[AsyncLease]):
    """A lease for programs that block: `with client.lease(...) as lease`. See `AsyncLease`."""

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
            self._background.call(self._inner.__aexit__(kind, error, trace))

    firm_code = _Shown(lambda lease: lease.firm_code)
    product_code = _Shown(lambda lease: lease.product_code)
    items = _Shown(lambda lease: lease.items)
    holder = _Shown(lambda lease: lease.holder)
    wishes = _Shown(lambda lease: lease.wishes)
    station = _Shown(lambda lease: lease.station)
    lease_id = _Shown(lambda lease: lease.lease_id)
    secret = _Shown(lambda lease: lease.secret)
    grant = _Shown(lambda lease: lease.grant)
    status = _Shown(lambda lease: lease.status)
    state = _Shown(lambda lease: lease.state)
    usable = _Shown(lambda lease: lease.usable)
    ends_at_s = _Shown(lambda lease: lease.ends_at_s)
    unfinished = _Shown(lambda lease: lease.unfinished)

    check_out = _waits(AsyncLease.check_out)
    consume = _waits(AsyncLease.consume)
    reserve = _parts(AsyncLease.reserve)
    settle = _waits(AsyncLease.settle)
    check_in = _waits(AsyncLease.check_in)
    abandon = _waits(AsyncLease.abandon)
    wait_for = _waits(AsyncLease.wait_for)


class Client(_Blocking[AsyncClient]):
    """A client for programs that block; takes what `AsyncClient` takes; a context manager.

    Callbacks of leases run in the background thread: they must be quick and call nothing of the
    client.
    """

    @_like(AsyncClient.__init__)
    def __init__(self, *args: Any, **named: Any) -> None:
        # Made before the thread, so that wrong settings raise here and leave nothing behind.
        inner = AsyncClient(*args, **named)
        super().__init__(inner, _Background())
        self.now, self.lease_timing = inner.now, inner.lease_timing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop heartbeats, drop the connection, end the thread. Leases not checked in lapse."""
        self._background.close(self._inner.close())

    lease = _lends(AsyncClient.lease)
    lease_all = _lends(AsyncClient.lease_all)
    call = _waits(AsyncClient.call)
    status = _waits(AsyncClient.status)
    licences = _waits(AsyncClient.licences)
    leases = _waits(AsyncClient.leases)
    leases_page = _waits(AsyncClient.leases_page)
    logs = _waits(AsyncClient.logs)
    release = _waits(AsyncClient.release)
    switchover = _waits(AsyncClient.switchover)
    maintenance = _waits(AsyncClient.maintenance)
    replace = _waits(AsyncClient.replace)
    backup_page = _waits(AsyncClient.backup_page)
    backup_snapshot = _waits(AsyncClient.backup_snapshot)
    update_time = _waits(AsyncClient.update_time)
    enrol = _waits(AsyncClient.enrol)
    dismiss = _waits(AsyncClient.dismiss)
    certificates = _waits(AsyncClient.certificates)
    dismiss_certificate = _waits(AsyncClient.dismiss_certificate)
    limit_seats = _waits(AsyncClient.limit_seats)
    queue = _waits(AsyncClient.queue)
    set_queue = _waits(AsyncClient.set_queue)
    access = _waits(AsyncClient.access)
    apply_access = _waits(AsyncClient.apply_access)
    undo_access = _waits(AsyncClient.undo_access)
    explain_access = _waits(AsyncClient.explain_access)
    erase_name = _waits(AsyncClient.erase_name)
    usage = _waits(AsyncClient.usage)
    usage_record = _waits(AsyncClient.usage_record)
    usage_names = _waits(AsyncClient.usage_names)
    accept_loss = _waits(AsyncClient.accept_loss)
    activate = _waits(AsyncClient.activate)
    group_request = _waits(AsyncClient.group_request)
    group_import = _waits(AsyncClient.group_import)
    group_receipt = _waits(AsyncClient.group_receipt)
    seat = _lends_or_opens(AsyncClient.seat)
    borrow = _waits(AsyncClient.borrow)
    extend = _waits(AsyncClient.extend)
    give_back = _waits(AsyncClient.give_back)
    borrow_for = _waits(AsyncClient.borrow_for)
    bring_back = _waits(AsyncClient.bring_back)
    write_off = _waits(AsyncClient.write_off)
    borrowing = _waits(AsyncClient.borrowing)
    operate_borrowing = _waits(AsyncClient.operate_borrowing)
    takings = _waits(AsyncClient.takings)
    refund = _waits(AsyncClient.refund)
    rules = _waits(AsyncClient.rules)
    raise_rules = _waits(AsyncClient.raise_rules)
    events = _iterates(AsyncClient.events)
