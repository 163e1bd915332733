"""Lists that come page by page: what makes one list of them, and what is not believed on the way.

Consistency comes from the cursor (`codec.api.LeasesDocument`): pages go by generation, which a
lease keeps, so nothing that is held all the while is passed over or stands twice, even if another
host answers the later pages after a failover. Licences go by their codes; where the list became
another one between two pages, which its edition says, it is read anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from appliance.client.errors import BadAnswer, ClientError
from appliance.codec.api import LeaseDocument, LeasesDocument, LicenceDocument, LicencesDocument
from appliance.errors import ExitCode
from appliance.sentences import Sentence

LEASES_MAX: Final = 1_000_000
"""More leases than this are no list but an attack on the reader's memory."""
LICENCES_MAX: Final = 500_000
"""The same of licences."""
EDITIONS_MAX: Final = 5
"""So often a list of licences is begun that became another one meanwhile."""


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


async def all_licences(
    fetch: Callable[[str], Awaitable[LicencesDocument]],
) -> LicencesDocument:
    """All pages of one edition as one document; `fetch` asks for the one after a place. Raises
    BadAnswer for a server whose pages lead nowhere, ClientError if licences change all the while,
    and whatever `fetch` raises."""
    for _ in range(EDITIONS_MAX):
        found: list[LicenceDocument] = []
        page = first = await fetch("")
        while page.edition == first.edition:
            _go_on(found, page)
            if page.next is None:
                return replace(page, licences=tuple(found))
            page = await fetch(page.next)
    raise ClientError(
        "the licences changed again and again while they were listed; repeat it in a minute",
        ExitCode.UNREACHABLE,
    )


def _go_on(found: list[LicenceDocument], page: LicencesDocument) -> None:
    """Add a page to what was found before."""
    before = _place(found[-1]) if found else None
    for licence in page.licences:
        here = _place(licence)
        if before is not None and here <= before:
            raise BadAnswer("the server's pages of licences lead nowhere")
        found.append(licence)
        before = here
    if page.next is not None and not page.licences:
        raise BadAnswer("the server's pages of licences lead nowhere")
    if len(found) > LICENCES_MAX:
        raise BadAnswer(Sentence("the server lists more than {bound} licences", bound=LICENCES_MAX))


def _place(licence: LicenceDocument) -> tuple[int, int, int]:
    return licence.firm_code, licence.product_code, licence.tmr_id
