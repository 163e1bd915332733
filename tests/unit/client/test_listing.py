"""Pages of leases become one list, and pages that lead nowhere are not followed."""

from __future__ import annotations

import asyncio

import pytest

from appliance.client import listing
from appliance.client.errors import BadAnswer
from appliance.client.listing import lease_pages, newest
from appliance.codec.api import LeaseDocument, LeasesDocument
from tests.unit.monitor.documents import lease


def listed(*pages: LeasesDocument) -> list[LeaseDocument]:
    """What a reader gets of a server that answers with these, one after the other."""
    asked: list[int] = []

    async def fetch(after: int) -> LeasesDocument:
        asked.append(after)
        return pages[min(len(asked), len(pages)) - 1]

    async def read() -> list[LeaseDocument]:
        return [row async for page in lease_pages(fetch) for row in page.leases]

    return asyncio.run(read())


def page(*numbers: int, after: int | None = None) -> LeasesDocument:
    """A page with those leases."""
    return LeasesDocument(leases=tuple(lease(number) for number in numbers), next=after)


def test_all_pages_are_read_in_order() -> None:
    found = listed(page(1, 2, after=2), page(3, after=3), page(9))
    assert [row.generation for row in found] == [1, 2, 3, 9]


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([page(1, after=1), page(1, after=1)], id="the same page for ever"),
        pytest.param([page(5, after=5), page(2, after=2)], id="backwards"),
        pytest.param([page(after=7)], id="an empty page that promises more"),
        pytest.param([page(1, after=0)], id="the beginning again"),
    ],
)
def test_pages_that_lead_nowhere_are_refused(pages: list[LeasesDocument]) -> None:
    with pytest.raises(BadAnswer, match="lead nowhere"):
        listed(*pages)


def test_a_list_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LEASES_MAX", 3)
    with pytest.raises(BadAnswer, match="more than 3"):
        listed(page(1, 2, after=2), page(3, 4, after=4), page(5))


def test_a_lease_that_was_granted_anew_between_two_pages_stands_once() -> None:
    first, other = lease(1), lease(2)
    again = LeaseDocument(
        client=first.client,
        lease_id=first.lease_id,
        generation=8,
        firm_code=100,
        product_code=10,
        tmr_id=1,
        holder=first.holder,
        granted_at_ms=1,
    )
    assert newest([first, other, again]) == (other, again)
    assert newest([first, other]) == (first, other)
