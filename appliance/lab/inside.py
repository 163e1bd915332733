"""An event loop inside a lab host's network: what runs on it sees only that host's interfaces.

A thread enters the network namespace (setns(2) is per thread) and runs a loop there; coroutines are
handed to it from outside. On the loopback lab there is nothing to enter.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Inside:
    """A thread with an event loop in the network namespace at this path (None: none to enter)."""

    def __init__(
        self,
        name: str,
        namespace: Path | None,
        make_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self._namespace = namespace
        self._make_loop = make_loop
        self._ready: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=self._run, name=f"inside {name}", daemon=True)
        self._thread.start()
        self.loop = self._ready.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin a coroutine in there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, work: Coroutine[Any, Any, T], timeout_s: float = 60.0) -> T:
        """Run a coroutine in there to its end. Raises what it raises, or TimeoutError."""
        return self.start(work).result(timeout_s)

    def close(self) -> None:
        """Cancel what still runs in there, and end the thread."""
        if self._thread.is_alive():
            self.call(_cancel_all())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()

    def _run(self) -> None:
        try:
            if self._namespace is not None:
                from pyroute2 import netns

                netns.setns(str(self._namespace))
            loop = self._make_loop()
        except BaseException as error:
            self._ready.set_exception(error)
            return
        asyncio.set_event_loop(loop)
        loop.call_soon(self._ready.set_result, loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()


def quickest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the fastest event loop that this computer has."""
    try:
        import uvloop
    except ImportError:  # There is none for Windows.
        return asyncio.new_event_loop
    return uvloop.new_event_loop


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
