"""Pages of leases become one list, and pages that lead nowhere are not followed."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from appliance.client import listing
from appliance.client.errors import BadAnswer, ClientError
from appliance.client.listing import EDITIONS_MAX, all_licences, lease_pages, newest
from appliance.codec.api import LeaseDocument, LeasesDocument, LicencesDocument
from tests.unit.monitor.documents import lease, licence


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


# --- licences ---


def products(*codes: int, after: str | None = None, edition: str = "a") -> LicencesDocument:
    """A page with a licence of each of these products."""
    return LicencesDocument(
        virtual_serial="131-9",
        licences=tuple(replace(licence(), product_code=code) for code in codes),
        next=after,
        edition=edition,
    )


def all_of(*pages: LicencesDocument) -> tuple[list[int], list[str]]:
    """The products that a reader gets of these answers, and what it asked for."""
    asked: list[str] = []

    async def fetch(after: str) -> LicencesDocument:
        asked.append(after)
        return pages[min(len(asked), len(pages)) - 1]

    document = asyncio.run(all_licences(fetch))
    assert document.next is None
    return [one.product_code for one in document.licences], asked


def test_all_pages_of_licences_are_one_list() -> None:
    found = all_of(products(1, 2, after="1:2:1"), products(3, after="1:3:1"), products(9))
    assert found == ([1, 2, 3, 9], ["", "1:2:1", "1:3:1"])
    assert all_of(products()) == ([], [""])


def test_a_list_of_licences_that_changed_meanwhile_is_begun_anew() -> None:
    """With the edition "b" a product 0 came, which the first page of "a" does not have."""
    found = all_of(
        products(1, 2, after="1:2:1"),
        products(3, edition="b"),
        products(0, 1, 2, after="1:2:1", edition="b"),
        products(3, edition="b"),
    )
    assert found == ([0, 1, 2, 3], ["", "1:2:1", "", "1:2:1"])


def test_a_list_that_changes_all_the_while_is_given_up() -> None:
    pages = [
        page
        for number in range(EDITIONS_MAX)
        for page in (products(1, after="1:1:1", edition=f"{number}"), products(2, edition="-"))
    ]
    with pytest.raises(ClientError, match="repeat it in a minute"):
        all_of(*pages)


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([products(1, after="1:1:1")] * 2, id="the same page for ever"),
        pytest.param([products(5, after="x"), products(2)], id="backwards"),
        pytest.param([products(after="x")], id="an empty page that promises more"),
        pytest.param([products(2, 1)], id="no order"),
        pytest.param([products(1, 1)], id="one twice"),
    ],
)
def test_pages_of_licences_that_lead_nowhere_are_refused(pages: list[LicencesDocument]) -> None:
    with pytest.raises(BadAnswer, match="lead nowhere"):
        all_of(*pages)


def test_a_list_of_licences_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LICENCES_MAX", 3)
    with pytest.raises(BadAnswer, match="more than 3"):
        all_of(products(1, 2, after="a"), products(3, 4, after="b"), products(5))
