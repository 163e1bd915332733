"""Answers to what pages ask, by a client of all TMR hosts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from appliance.client import AsyncClient, BadAnswer
from appliance.codec.api_queue import QueueDocument, QueuePlace
from appliance.sentences import Sentence
from monitor_gui.feed.rules import rules_heard
from monitor_gui.feed.usage import usage_of
from monitor_gui.model.queries import Answer, ExplainQuery, Query, RulesQuery, UsageQuery

PLACES_MAX: Final = 100_000
"""More places than any queue has."""


async def answered(client: AsyncClient, query: Query, upstreams: Sequence[str]) -> Answer:
    """The answer to a question; the upstreams are those of the system. Raises ClientError."""
    if isinstance(query, UsageQuery):
        return await usage_of(client, query, upstreams, round(time.time() * 1000))
    if isinstance(query, RulesQuery):
        return await asyncio.to_thread(rules_heard, await client.access())
    if isinstance(query, ExplainQuery):
        return await client.explain_access(
            query.firm_code,
            query.product_code,
            client=query.client,
            user=query.user,
            host=query.host,
            address=query.address,
            seats=query.seats,
        )
    return await whole_queue(lambda after: client.queue(after=after))


async def whole_queue(fetch: Callable[[int], Awaitable[QueueDocument]]) -> QueueDocument:
    """All pages of the queue as one. Raises ClientError."""
    found: list[QueuePlace] = []
    after = 0
    while True:
        page = await fetch(after)
        found += page.places
        if len(found) > PLACES_MAX:
            raise BadAnswer(Sentence("the server lists more than {bound} places", bound=PLACES_MAX))
        if page.next is None:
            return msgspec.structs.replace(page, places=tuple(found))
        if page.next <= after or not page.places:
            raise BadAnswer("the server's pages of the queue lead nowhere")
        after = page.next
