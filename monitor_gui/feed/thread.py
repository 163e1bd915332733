"""The feed's thread: one event loop, one system at a time, and the operator's acts.

Everything that other threads may call returns at once. What can go wrong in here: a source that
does not let go. Closing has a bound, and the thread ends all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Final

from appliance.client import ClientError
from appliance.sentences import Sentence
from monitor_gui.feed.history import History
from monitor_gui.feed.poller import Poller, reason
from monitor_gui.feed.source import Source
from monitor_gui.model.connections import DEMO, System
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.timeline import Timeline
from monitor_gui.model.updates import Acted, Closed, Connecting, Question, Update

log = logging.getLogger(__name__)

ACTS_MAX: Final = 16
CLOSE_S: Final = 5.0
REOPEN_S: Final = 2.0
ANSWER_WITHIN_S: Final = 300.0
CONTAINERS_SAID_MAX: Final = 6

Ask = Callable[[str, str, str], Awaitable[bool]]
"""(kind, subject, detail) -> what a person said."""
Open = Callable[[System | None, Ask], Awaitable[Source]]
"""Makes the source of a system (None: the demo). Raises ClientError."""


class Feed:
    """A `Desk` over the network. `post` is called on this feed's thread with each update."""

    def __init__(self, open_source: Open, history: History, post: Callable[[Update], None]) -> None:
        self._open_source = open_source
        self._history = history
        self._post = post
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tmr-monitor-feed", daemon=True)
        self._following: asyncio.Task[None] | None = None
        self._chosen = 0
        """Counts the systems that were chosen: what comes of an earlier one is no longer told."""
        self._source: Source | None = None
        self._poller: Poller | None = None
        self._acts: set[asyncio.Task[None]] = set()
        self._questions: dict[int, asyncio.Future[bool]] = {}
        self._asked = 0
        self._to_remember: tuple[str, tuple[Remembered, ...]] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._thread.start()

    # --- from any thread ---

    def connect(self, system: System | None) -> None:
        """As in `Desk`."""
        self._soon(self._connect, system)

    def release(self, client: str, lease_id: str, generation: int, why: str) -> None:
        """As in `Desk`."""

        async def act(source: Source) -> str:
            who = self._poller.holder(client, lease_id) if self._poller is not None else client
            await source.release(client, lease_id, generation, why)
            return Sentence("The lease of {who} has ended.", who=who)

        self._soon(self._act, "release", act)

    def write_off(self, client: str, lease_id: str, why: str) -> None:
        """As in `Desk`."""

        async def act(source: Source) -> str:
            who = self._poller.holder(client, lease_id) if self._poller is not None else client
            await source.write_off(lease_id, why)
            return Sentence("What {who} borrowed is on record as lost.", who=who)

        self._soon(self._act, "write-off", act)

    def switchover(self, host: str, why: str) -> None:
        """As in `Desk`."""

        async def act(source: Source) -> str:
            await source.switchover(host, why)
            return Sentence("Recorded; {host} is taking over.", host=host)

        self._soon(self._act, "switchover", act)

    def maintenance(self, host: str, on: bool, why: str) -> None:
        """As in `Desk`."""

        async def act(source: Source) -> str:
            await source.maintenance(host, on, why)
            if on:
                return Sentence("The maintenance of {host} has begun.", host=host)
            return Sentence("The maintenance of {host} has ended.", host=host)

        self._soon(self._act, "maintenance", act)

    def update_time(self, container: str, why: str) -> None:
        """As in `Desk`."""

        async def act(source: Source) -> str:
            document = await source.update_time(container, why)
            said = sorted(document.results.items())[:CONTAINERS_SAID_MAX]
            done = ", ".join(serial for serial, _ in said if serial not in document.failed)
            failed = _joined(
                Sentence("{name} ({why})", name=serial, why=_joined(one.text for one in whys))
                for serial, whys in said
                if serial in document.failed
            )
            if not failed:
                return Sentence("Certified time for {serials}.", serials=done)
            if not done:
                return Sentence("No certified time for {failed}.", failed=failed)
            return Sentence(
                "Certified time for {serials}. None for {failed}.", serials=done, failed=failed
            )

        self._soon(self._act, "time", act)

    def inject(self, fault: str) -> None:
        """As in `Desk`."""
        self._soon(self._act, "inject", lambda source: source.inject(fault))

    def remember(self, system: str, alerts: tuple[Remembered, ...]) -> None:
        """As in `Desk`."""
        self._soon(self._remember, system, alerts)

    def save(self, path: str, text: str | bytes) -> None:
        """As in `Desk`."""

        async def act(source: Source | None) -> str:
            content = text.encode() if isinstance(text, str) else text
            await asyncio.to_thread(Path(path).write_bytes, content)
            return Sentence("Written: {path}", path=path)

        self._soon(self._act, "save", act, False)

    def answer(self, number: int, yes: bool) -> None:
        """As in `Desk`."""
        self._soon(self._answer, number, yes)

    def close(self) -> None:
        """Let go of everything and end the thread. May be called again."""
        if not self._thread.is_alive():
            return
        done: Future[None] = asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        try:
            done.result(CLOSE_S)
        except TimeoutError:
            pass
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSE_S)

    def _soon(self, call: Callable[..., None], *arguments: object) -> None:
        # A closed loop raises: the window is on its way out then.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    # --- on the feed's thread ---

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _connect(self, system: System | None) -> None:
        before = self._following
        if before is not None:
            before.cancel()
        self._chosen += 1
        self._source, self._poller = None, None  # No act goes to what a person left.
        self._post(Connecting(DEMO if system is None else system.name))
        post = partial(self._post_of, self._chosen)
        self._following = self._loop.create_task(self._follow(system, before, post))

    def _post_of(self, chosen: int, update: Update) -> None:
        """Hand over what came of a system, unless another was chosen since."""
        if chosen == self._chosen:
            self._post(update)

    async def _follow(
        self,
        system: System | None,
        before: asyncio.Task[None] | None,
        post: Callable[[Update], None],
    ) -> None:
        """Follow a system; one that cannot be opened is tried again by itself."""
        if before is not None:
            await asyncio.wait({before})
        timeline = Timeline()
        while True:
            try:
                await self._follow_once(system, timeline, post)
            except ClientError as error:
                post(Closed(reason(error)))
            except Exception as error:  # A fault of ours must not look like silence.
                log.exception("the feed failed")
                what = f"{type(error).__name__}: {error}"
                post(Closed(Sentence("a fault of this program, {what}", what=what)))
            await asyncio.sleep(REOPEN_S)

    async def _follow_once(
        self, system: System | None, timeline: Timeline, post: Callable[[Update], None]
    ) -> None:
        source = await self._open_source(system, self._ask)
        self._source = source
        try:
            # A demo's failovers are nobody's history.
            history = self._history if system is not None else History(None)
            self._poller = Poller(source, history, post, timeline)
            await self._poller.run()
        finally:
            if self._source is source:
                self._source, self._poller = None, None
            await asyncio.shield(source.close())

    def _act(
        self,
        what: str,
        work: Callable[[Source], Awaitable[str]],
        needs_source: bool = True,
    ) -> None:
        if len(self._acts) >= ACTS_MAX:
            self._post(Acted(what, False, "Too much is under way: wait for an answer first."))
            return
        task = self._loop.create_task(self._perform(what, work, needs_source))
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)

    async def _perform(
        self, what: str, work: Callable[[Source], Awaitable[str]], needs_source: bool
    ) -> None:
        source = self._source
        if source is None and needs_source:
            self._post(Acted(what, False, "Not connected: nothing was done."))
            return
        try:
            sentence = await work(source)  # type: ignore[arg-type]
        except ClientError as error:
            self._post(Acted(what, False, Sentence("Refused: {why}.", why=reason(error))))
        except OSError as error:
            self._post(
                Acted(what, False, Sentence("It could not be written: {why}.", why=error.strerror))
            )
        else:
            self._post(Acted(what, True, sentence))
        if self._poller is not None:
            self._poller.hurry()

    def _remember(self, system: str, alerts: tuple[Remembered, ...]) -> None:
        """One write at a time; of what comes meanwhile the newest is enough."""
        self._to_remember = system, alerts
        if self._keeping is None or self._keeping.done():
            self._keeping = self._loop.create_task(self._keep())

    async def _keep(self) -> None:
        while self._to_remember is not None:
            (system, alerts), self._to_remember = self._to_remember, None
            if self._poller is not None:
                await self._poller.remember(system, alerts)

    async def _ask(self, kind: str, subject: str, detail: str) -> bool:
        """Ask the person at the window; silence means no."""
        self._asked += 1
        number = self._asked
        self._questions[number] = future = self._loop.create_future()
        self._post(Question(number, kind, subject, detail))
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                said: bool = await future
                return said
        except TimeoutError:
            return False
        finally:
            del self._questions[number]

    def _answer(self, number: int, yes: bool) -> None:
        future = self._questions.get(number)
        if future is not None and not future.done():
            future.set_result(yes)

    async def _close(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_S / 2)


def _joined(sentences: Iterable[str]) -> str:
    """Several sentences as one, "" if there is none."""
    whole: str = ""
    for one in sentences:
        whole = Sentence("{first}; {next}", first=whole, next=one) if whole else one
    return whole
