"""The lists follow whoever serves: neither a failover nor a silence leaves them old for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import cast

import pytest

from appliance.client import ConnectionFailed, ServerEvent
from appliance.codec import api
from monitor_gui.feed import poller
from monitor_gui.feed.history import History
from monitor_gui.feed.poller import Poller, rest_s
from monitor_gui.feed.source import Source
from monitor_gui.model.store import Store
from monitor_gui.model.updates import LeasesHeard, StatusHeard, StatusMissed, Update
from tests.unit.monitor.documents import filled, lease, licence, status

WAIT_S = 30.0


class Hosts:
    """A source of TMR hosts: `says` is each endpoint's answer, None for silence. One lease is held,
    whose generation is the term of the host that serves."""

    name, identity, role, route = "plant", "olga", "operate", "directly"
    faults: tuple[str, ...] = ()
    broken = False

    def __init__(self, **says: api.StatusDocument | None) -> None:
        self.says = says
        self.endpoints = tuple(says)

    def _term(self) -> int:
        for said in self.says.values():
            if said is not None and said.term is not None:
                return said.term.counter
        raise ConnectionFailed("no TMR host serves at present")

    async def status(self, endpoint: str) -> api.StatusDocument:
        said = self.says[endpoint]
        if said is None:
            raise ConnectionFailed(f"{endpoint} does not answer")
        return said

    async def licences(self) -> api.LicencesDocument:
        self._term()
        return api.LicencesDocument(virtual_serial="131-9", licences=(licence(),))

    async def leases(self) -> api.LeasesDocument:
        return api.LeasesDocument(leases=(lease(self._term()),))

    async def logs(self, after: Mapping[str, int]) -> api.LogsDocument:
        raise ConnectionFailed("no logs here")

    async def events(self, endpoint: str) -> AsyncGenerator[ServerEvent, None]:
        await asyncio.Event().wait()
        yield ServerEvent("", "")


SERVES_1, SERVES_2 = status("tmr1", "tmr1", term=1), status("tmr2", "tmr2", term=2)
STANDS_BY = status("tmr2", "tmr1")
Says = dict[str, api.StatusDocument | None]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": SERVES_1, "b": STANDS_BY}, {"a": None, "b": SERVES_2}),
        ({"a": status("tmr1", "tmr2"), "b": None}, {"b": SERVES_2}),
        ({"vip": SERVES_1}, {"vip": SERVES_2}),
        ({"vip": None}, {"vip": SERVES_2}),
        ({"vip": SERVES_1}, {"vip": status("tmr1", "tmr1", term=2)}),
    ],
    ids=["failover", "the other one answers", "the virtual IP moves", "heard again", "a new term"],
)
def test_whoever_serves_is_asked_at_once(
    before: Says, after: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "LISTS_S", 3_600.0)  # So that time alone brings no list.
    monkeypatch.setattr(poller, "POLL_S", 0.01)
    asyncio.run(changes(before, after))


async def changes(before: Says, after: Says) -> None:
    """Follow hosts that say `before`, then `after`, until the lists of term 2 come."""
    source, posted, news = Hosts(**before), list[Update](), asyncio.Event()

    def post(update: Update) -> None:
        posted.append(update)
        news.set()

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                news.clear()
                await news.wait()

    def told() -> bool:
        by = {u.endpoint for u in posted if isinstance(u, (StatusHeard, StatusMissed))}
        return by == set(before) and any(isinstance(u, LeasesHeard) for u in posted)

    task = asyncio.create_task(Poller(cast(Source, source), History(None), post).run())
    try:
        await until(told)
        source.says |= after
        await until(
            lambda: any(
                isinstance(u, LeasesHeard)
                and u.document is not None
                and u.document.leases[0].generation == 2
                for u in posted
            )
        )
    finally:
        task.cancel()
        await asyncio.wait({task})


def test_a_call_that_failed_is_no_reason_to_wait_long() -> None:
    assert rest_s(2.0, failed=True) == poller.LISTS_S
    assert rest_s(8.0, failed=True) == 8.0
    assert rest_s(8.0, failed=False) == 72.0, "a long list is asked for seldom"
    assert rest_s(0.01, failed=False) == poller.LISTS_S


def test_what_is_held_stays_in_sight_with_its_age() -> None:
    store = filled(at_s=100.0)
    assert not store.lists_stale(100.5)
    store.apply(LeasesHeard(103.0, None, "this host does not serve"))
    assert store.lists_stale(103.0)
    assert (store.leases is not None, store.leases_at_s) == (True, 100.0)
    known = filled(at_s=103.0)
    assert known.lists_stale(107.0), "nobody answers any more"
    assert Store().lists_stale(1.0)
