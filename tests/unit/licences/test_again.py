"""What is derived again after a change is what is derived anew: view, items and offers."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from appliance.licences.deltas import in_order
from appliance.licences.model import Container, FirmItem, LicenceKey, ProductItem, ReturnedItem
from appliance.licences.state import State

FIRM = 600_100


def derived(state: State) -> tuple[object, ...]:
    """Everything."""
    return state.view, state.items, state.periods, state.offers, state.offered


def some_item(rng: Random) -> ProductItem:
    return ProductItem(
        product_code=rng.randrange(1, 4),
        tmr_id=rng.randrange(1, 9),
        quantity=rng.randrange(1, 3),
        units=rng.choice((None, None, 5)),
        feature_map=rng.randrange(4),
        usage_period_s=rng.choice((None, None, 60)),
    )


def changed(container: Container, rng: Random) -> tuple[Container, frozenset[LicenceKey]]:
    """The container after an update of one or a few changes of its first firm."""
    (firm, *others) = container.firms
    items = {(one.product_code, one.tmr_id): one for one in firm.items}
    returned, keys = list(firm.returned), []
    for _ in range(rng.randrange(1, 4)):
        item = some_item(rng)
        key = (item.product_code, item.tmr_id)
        keys.append(LicenceKey(FIRM, *key))
        what = rng.random()
        if what < 0.3:
            items.pop(key, None)
        elif what < 0.4:
            items.pop(key, None)
            returned.append(ReturnedItem(*key))
        else:
            items[key] = item
    made = msgspec.structs.replace(
        firm, items=in_order(tuple(items.values())), returned=tuple(returned)
    )
    return msgspec.structs.replace(container, firms=(made, *others)), frozenset(keys)


@pytest.mark.parametrize("seed", range(12))
def test_a_change_leads_where_all_anew_leads(seed: int) -> None:
    rng, state = Random(seed), State()
    other = FirmItem(
        firm_code=FIRM + 1,
        firm_name="B",
        sequence=1,
        items=(ProductItem(product_code=1, tmr_id=1),),
    )
    for twin in (1, 2, 3):
        firm = FirmItem(firm_code=FIRM, firm_name="A", sequence=1)
        state.set_container(
            Container(
                serial=f"130-{twin}",
                cmact_id="C",
                twin=twin,
                certificate=b"",
                firms=(firm, other),
                locked=twin == 3 and seed % 3 == 0,
            )
        )
    for _ in range(40):
        before = rng.choice(list(state.containers.values()))
        container, keys = changed(before, rng)
        everybody = list(state.containers.values())
        for one_of in everybody if rng.random() < 0.7 else [before]:
            same = msgspec.structs.replace(one_of, firms=container.firms)
            old = {
                LicenceKey(FIRM, one.product_code, one.tmr_id): one for one in one_of.firms[0].items
            }
            new = {
                LicenceKey(FIRM, one.product_code, one.tmr_id): one for one in same.firms[0].items
            }
            touched = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
            named = {
                LicenceKey(FIRM, one.product_code, one.tmr_id)
                for one in set(same.firms[0].returned) ^ set(one_of.firms[0].returned)
            }
            state.set_container(same, frozenset(touched | named | keys))
            again = derived(state)
            state.derive()
            assert again == derived(state)
