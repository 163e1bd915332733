"""What the demo's active host answers to what pages ask: the appliance's own handlers.

The demo's disks keep no results beside their entries, so a record is made anew, by a machine that
does what the replicas did.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from appliance.ledger.log.book import Book
from appliance.ledger.log.results import result_bytes
from appliance.ledger.messages import Entry, Recorded
from appliance.services.tmr.access import AccessRoutes
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.queueing import Queueing
from monitor_gui.feed.answers import whole_queue
from monitor_gui.feed.demo_plant import Plant, a_machine
from monitor_gui.feed.rules import rules_heard
from monitor_gui.feed.usage import Folded, slots_of
from monitor_gui.model.queries import (
    Answer,
    ExplainQuery,
    Query,
    RulesQuery,
    UsageHeard,
    UsageQuery,
)


class DemoAnswers:
    """Asks the plant's hosts in the name of `caller`."""

    def __init__(self, caller: Caller, plant: Plant) -> None:
        self._caller = caller
        self._plant = plant

    async def of(self, host: TmrHost, query: Query) -> Answer:
        """The answer of this host. Raises Refusal."""
        if isinstance(query, UsageQuery):
            longest = max((up.disk.entries for up in self._plant.upstreams.values()), key=len)
            committed = tuple(longest[: host.coordinator.book.commit_index])
            return await asyncio.to_thread(_usage, query, committed)
        access = self.access(host)
        if isinstance(query, RulesQuery):
            return rules_heard(await access.show(self._caller, 0))
        if isinstance(query, ExplainQuery):
            return await access.explain(
                self._caller,
                query.firm_code,
                query.product_code,
                query.client,
                query.user,
                query.host,
                query.address,
                query.seats,
            )
        queueing = Queueing(host, Operations(host))
        return await whole_queue(lambda after: queueing.listed(self._caller, after, 0, 0))

    def access(self, host: TmrHost) -> AccessRoutes:
        """The handlers of access rules."""
        return AccessRoutes(host, Operations(host))


def _usage(query: UsageQuery, entries: Sequence[Entry]) -> UsageHeard:
    book = Book(a_machine())
    folded = Folded(query.period, slots_of(query, round(time.time() * 1000)))
    folded.entries([Recorded(entry, result_bytes(book.apply(entry), None)) for entry in entries])
    return folded.heard()
