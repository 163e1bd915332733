"""Lists that come page by page: what makes one list of them, and what is not believed on the way.

Consistency comes from the cursor (`codec.api.LeasesDocument`): pages go by generation, which a
lease keeps, so nothing that is held all the while is passed over or stands twice, even if another
host answers the later pages after a failover.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from appliance.client.errors import BadAnswer
from appliance.codec.api import LeaseDocument, LeasesDocument
from appliance.sentences import Sentence

LEASES_MAX: Final = 1_000_000
"""More leases than this are no list but an attack on the reader's memory."""


async def lease_pages(
    fetch: Callable[[int], Awaitable[LeasesDocument]],
) -> AsyncIterator[LeasesDocument]:
    """Every page; `fetch` asks for the one after a generation. Raises BadAnswer for a server whose
    pages lead nowhere, and whatever `fetch` raises."""
    after, count = 0, 0
    while True:
        page = await fetch(after)
        count += len(page.leases)
        if count > LEASES_MAX:
            raise BadAnswer(Sentence("the server lists more than {bound} leases", bound=LEASES_MAX))
        yield page
        if page.next is None:
            return
        if page.next <= after or not page.leases:
            raise BadAnswer("the server's pages of leases lead nowhere")
        after = page.next


def newest(leases: list[LeaseDocument]) -> tuple[LeaseDocument, ...]:
    """Without those that ended and were granted anew between two pages."""
    latest = {(lease.client, lease.lease_id): lease.generation for lease in leases}
    if len(latest) == len(leases):
        return tuple(leases)
    return tuple(x for x in leases if latest[x.client, x.lease_id] == x.generation)
