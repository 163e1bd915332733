"""The list of licences, whatever became of the ledger's tables."""

from __future__ import annotations

from appliance.services.tmr import documents
from tests.unit.licences.builders import founded, product


def test_licences_stand_in_the_order_of_their_keys() -> None:
    items = [product(product_code=code, tmr_id=tmr_id) for code, tmr_id in ((20, 1), (7, 3))]
    state = founded(*items).state
    found = documents.licences(state, tuple(state.containers), {}, everything=False)
    assert [(one.product_code, one.tmr_id) for one in found.licences] == [(7, 3), (20, 1)]
