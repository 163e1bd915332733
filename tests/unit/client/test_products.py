"""Several seats and products in one lease: the receipt has them all, or it is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.client import ReceiptRefused
from appliance.licences.commands import Item
from tests.unit.client.fake import Certificates
from tests.unit.client.test_run import play


def test_a_lease_of_several_products_is_one_request(certificates: Certificates) -> None:
    async def act(client, server):
        lease = client.lease_all((100001, 10), (100001, 11, 2))
        grant = await lease.check_out()
        assert [(line.product_code, line.seats) for line in grant.lines] == [(10, 1), (11, 2)]
        sent = server.requests[0].document
        assert sent["items"] == [{"product_code": 10}, {"product_code": 11, "seats": 2}]
        assert "product_code" not in sent
        assert (await lease.consume(3, product_code=11)).units_taken == 3
        assert lease.items == (Item(10), Item(11, 2))

    play(certificates, act)


def test_several_seats_of_one_product_are_asked_for_by_seats(certificates: Certificates) -> None:
    async def act(client, server):
        assert (await client.lease(100001, 10, seats=3).check_out()).seats == 3
        sent = server.requests[0].document
        assert (sent["product_code"], sent["seats"], "items" in sent) == (10, 3, False)

    play(certificates, act)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((Item(10),), "wrong-seats"),
        ((Item(10), Item(11, 1)), "wrong-seats"),
        ((Item(10, 2), Item(11, 1)), "wrong-seats"),
        ((Item(10), Item(12, 2)), "wrong-product"),
    ],
)
def test_what_is_not_all_that_was_asked_for_is_not_believed(
    certificates: Certificates, given: tuple[Item, ...], why: str
) -> None:
    async def act(client, server):
        server.gives = given
        with pytest.raises(ReceiptRefused, match=why):
            await client.lease_all((100001, 10), (100001, 11, 2)).check_out()

    play(certificates, act)


@pytest.mark.parametrize(
    ("products", "why"),
    [
        ((), "0 products"),
        (tuple((1, code) for code in range(17)), "17 products"),
        (((1, 2), (1, 2, 3)), "product 2 twice"),
        (((1, 2, 0),), "seats of product 2"),
        (((1, 2), (2, 2)), "of one firm"),
    ],
)
def test_what_nobody_can_ask_is_said_at_once(
    certificates: Certificates, products: tuple[Any, ...], why: str
) -> None:
    async def act(client, server):
        with pytest.raises(ValueError, match=why):
            client.lease_all(*products)
        assert not server.requests

    play(certificates, act)
