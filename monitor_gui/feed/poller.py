"""Follows one source: polls, listens, records, and hands everything over as updates.

What can go wrong in here: a host that stalls. Each answer has a deadline, each endpoint is asked by
a task of its own, and nothing waits for another host's silence. Events are gathered, so that two
thousand a second become ten updates.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Final

from appliance.client import ClientError, OutcomeUnknown, Refused, ServerEvent
from appliance.codec.api import StatusDocument
from appliance.sentences import Sentence, within
from appliance.text import plain, shown_document
from appliance.unreadable import UNREADABLE
from monitor_gui.feed.history import History
from monitor_gui.feed.source import Source
from monitor_gui.model.holders import Holders
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.timeline import Entry, Timeline, own_row
from monitor_gui.model.updates import (
    Event,
    Happened,
    LeasesHeard,
    LicencesHeard,
    LogsHeard,
    Opened,
    Recorded,
    StatusHeard,
    StatusMissed,
    Update,
)

POLL_S: Final = 0.5
LISTS_S: Final = 2.0
LOGS_S: Final = 1.0
LOGS_REFUSED_S: Final = 10.0
LOG_HOSTS_MAX: Final = 16
LISTS_REST: Final = 9
"""A long list is asked for less often: reading it takes a tenth of the time at most. After a call
that failed no more than its own time is waited, since that says nothing of the list's length."""
GATHER_S: Final = 0.1
GATHERED_MAX: Final = 1_000
SILENT_S: Final = 2.0
_KICKS: Final = frozenset({"phase", "address", "upstreams", "operator", "tmr-connected"})
_LIST_KICKS: Final = frozenset({"container", "blocks", "founded", "release", "gap"})


class Poller:
    """Follows `source`. `post` takes updates, on this loop's thread. A `timeline` may be gone on
    with, so that a reopened way continues the history."""

    def __init__(
        self,
        source: Source,
        history: History,
        post: Callable[[Update], None],
        timeline: Timeline | None = None,
    ) -> None:
        self._source = source
        self._history = history
        self._post = post
        self._timeline = timeline or Timeline()
        self._broken = asyncio.Event()
        self._kick = {endpoint: asyncio.Event() for endpoint in source.endpoints}
        self._kick_lists = asyncio.Event()
        self._lists_now = asyncio.Event()
        self._serving: tuple[str, str, int] | None = None
        """Who said last that it serves: endpoint, host and term."""
        self._silent: set[str] = set()
        self._gathered: list[Event] = []
        self._dropped = 0
        self._host_of: dict[str, str] = {}
        self._answered_s: dict[str, float] = {}
        self._holders = Holders()
        self._index = -1
        self._index_from = ""

    async def run(self) -> None:
        """Follow it until cancelled, or until the way there is broken for good."""
        source = self._source
        entries = await self._history.load(source.name)
        alerts = await self._history.load_alerts(source.name)
        self._post(
            Opened(
                source.name,
                source.endpoints,
                source.identity,
                source.role,
                source.route,
                source.faults,
                entries,
                alerts,
            )
        )
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._follow_lists()),
                group.create_task(self._follow_logs()),
                group.create_task(self._gather()),
            ]
            for endpoint in source.endpoints:
                tasks.append(group.create_task(self._follow_status(endpoint)))
                tasks.append(group.create_task(self._follow_events(endpoint)))
            await self._broken.wait()
            for task in tasks:
                task.cancel()

    def hurry(self) -> None:
        """Something was done: look at once."""
        for kick in self._kick.values():
            kick.set()
        self._ask_for_lists()

    def holder(self, client: str, lease_id: str) -> str:
        """Who holds a lease, as people call it: user and computer, else the client."""
        return self._holders.name_of(client, lease_id)

    async def remember(self, system: str, alerts: tuple[Remembered, ...]) -> None:
        """Keep these alerts for the next start, unless they are another system's."""
        if system == self._source.name:
            await self._history.save_alerts(system, alerts)

    # --- status ---

    async def _follow_status(self, endpoint: str) -> None:
        kick = self._kick[endpoint]
        while True:
            kick.clear()
            try:
                document = await self._source.status(endpoint)
            except ClientError as error:
                await self._missed(endpoint, reason(error))
            else:
                at_s, unix_s = time.monotonic(), time.time()
                self._post(StatusHeard(endpoint, at_s, document))
                self._look_who_serves(endpoint, document)
                before = self._host_of.get(endpoint, document.host)
                if before != document.host:  # The virtual IP has moved: nobody hears the other now.
                    self._timeline.unheard(before)
                self._host_of[endpoint], self._answered_s[endpoint] = document.host, at_s
                found = self._timeline.answers(document.host, unix_s)
                await self._record(found + self._timeline.heard(document, at_s, unix_s))
            await wait(kick, POLL_S)

    async def _missed(self, endpoint: str, trouble: str) -> None:
        if self._source.broken:
            self._broken.set()
        at_s, unix_s = time.monotonic(), time.time()
        self._post(StatusMissed(endpoint, at_s, trouble))
        self._silent.add(endpoint)
        if self._serving is not None and self._serving[0] == endpoint:
            self._serving = None
        found = self._timeline.passed(at_s, unix_s)
        host = self._host_of.get(endpoint, "")
        self._timeline.unheard(host)
        if host and at_s - self._answered_s[endpoint] > SILENT_S:
            found += self._timeline.missed(host, unix_s)
        await self._record(found)

    def _look_who_serves(self, endpoint: str, document: StatusDocument) -> None:
        """Another host serves, or one is heard again: what it holds is asked for at once."""
        own = own_row(document)
        news = endpoint in self._silent
        self._silent.discard(endpoint)
        if own is not None and own.role == "active":
            term = document.term.counter if document.term is not None else 0
            serving = endpoint, document.host, term
            news = news or serving != self._serving
            self._serving = serving
        elif self._serving is not None and self._serving[0] == endpoint:
            self._serving = None
        if news:
            self._ask_for_lists()

    def _ask_for_lists(self) -> None:
        self._kick_lists.set()
        self._lists_now.set()

    async def _follow_lists(self) -> None:
        source, kick = self._source, self._kick_lists
        while True:
            kick.clear()
            self._lists_now.clear()
            begun_s = time.monotonic()
            failed = False
            try:
                self._post(LicencesHeard(time.monotonic(), await source.licences()))
                leases = await source.leases()
                self._holders.listed(leases.leases)
                self._post(LeasesHeard(begun_s, leases))
            except ClientError as error:
                self._post(LeasesHeard(time.monotonic(), None, reason(error)))
                failed = True
                await asyncio.sleep(GATHER_S)
            took_s = time.monotonic() - begun_s
            # Not at once again, however often something changes; but if another host serves now.
            await wait(self._lists_now, took_s)
            await wait(kick, rest_s(took_s, failed))

    async def _follow_logs(self) -> None:
        newest: dict[str, int] = {}
        while True:
            pause_s = LOGS_S
            try:
                document = await self._source.logs(newest)
            except ClientError as error:
                self._post(LogsHeard(time.monotonic(), (), reason(error)))
                if isinstance(error, Refused):  # It will not change its mind in a second.
                    pause_s, newest = LOGS_REFUSED_S, {}
            else:
                newest = bounded(newest | document.newest)
                self._post(LogsHeard(time.monotonic(), document.records))
            await asyncio.sleep(pause_s)

    # --- events ---

    async def _follow_events(self, endpoint: str) -> None:
        while True:
            events = self._source.events(endpoint)
            try:
                async for event in events:
                    await self._happened(endpoint, event)
            except ClientError:
                pass  # The status says the same in words.
            finally:
                await events.aclose()
            await asyncio.sleep(LISTS_S)

    async def _happened(self, endpoint: str, event: ServerEvent) -> None:
        data = parsed(event.data)
        if not self._is_first(endpoint, data):
            return
        data = self._holders.told(event.name, data)
        at_s, unix_s = time.monotonic(), time.time()
        if len(self._gathered) < GATHERED_MAX:
            self._gathered.append(Event(endpoint, event.name, data, unix_s))
        else:
            self._dropped += 1
        if event.name in _KICKS:
            for kick in self._kick.values():
                kick.set()
        if event.name in _LIST_KICKS:
            self._kick_lists.set()
        await self._record(self._timeline.happened(event.name, data, at_s, unix_s))

    def _is_first(self, endpoint: str, data: dict[str, Any]) -> bool:
        """Both hosts tell of each ledger entry; whoever told of an index first is heard for it."""
        index = data.get("index")
        if not isinstance(index, int):
            return True
        if index > self._index:
            self._index, self._index_from = index, endpoint
        return index == self._index and endpoint == self._index_from

    async def _gather(self) -> None:
        while True:
            await asyncio.sleep(GATHER_S)
            if self._gathered:
                events, self._gathered = self._gathered, []
                if self._dropped:
                    gap = {"lost": self._dropped}
                    events.append(Event("", "gap", gap, time.time()))
                    self._dropped = 0
                self._post(Happened(time.monotonic(), tuple(events)))

    async def _record(self, entries: list[Entry]) -> None:
        if entries:
            self._post(Recorded(tuple(entries)))
            await self._history.append(self._source.name, entries)


def rest_s(took_s: float, failed: bool) -> float:
    """How long the lists are not asked for after a call that took so long, in seconds."""
    return max(LISTS_S, took_s if failed else took_s * LISTS_REST)


async def wait(kick: asyncio.Event, timeout_s: float) -> None:
    """Until the event is set, at most so long."""
    try:
        async with asyncio.timeout(timeout_s):
            await kick.wait()
    except TimeoutError:
        pass


def bounded(newest: dict[str, int]) -> dict[str, int]:
    """Where to go on in the logs, of no more hosts than any system has: servers may lie."""
    return dict(list(newest.items())[-LOG_HOSTS_MAX:])


def parsed(text: str) -> dict[str, Any]:
    """An event's data; what is no JSON object is kept as text, since servers may lie."""
    try:
        data = shown_document(json.loads(text))
    except UNREADABLE:
        data = None
    return data if isinstance(data, dict) else {"text": plain(text[:1_000])}


def reason(error: ClientError) -> str:
    """One short sentence for a trouble."""
    if isinstance(error, Refused) and error.detail:
        return Sentence("{reason}: {detail}", reason=error.reason, detail=within(error.detail))
    said = error.last if isinstance(error, OutcomeUnknown) else error.sentence
    return within(said)
