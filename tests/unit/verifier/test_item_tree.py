"""The tree of a firm's items: made of the one before, it is what it is anew."""

from __future__ import annotations

from random import Random

import pytest

from appliance.licences.deltas import in_order
from appliance.licences.grants import item_hash
from appliance.licences.model import ProductItem
from appliance.verifier import words
from appliance.verifier.words import ItemTree

FIRM = 600_100


def an_item(rng: Random) -> ProductItem:
    return ProductItem(
        product_code=rng.randrange(3), tmr_id=rng.randrange(1, 12), quantity=rng.randrange(1, 9)
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_tree_is_made_of_the_one_before(seed: int) -> None:
    rng, before = Random(seed), None
    held: dict[tuple[int, int], ProductItem] = {}
    for _ in range(40):
        for _ in range(rng.randrange(4)):
            item = an_item(rng)
            if rng.random() < 0.3:
                held.pop((item.product_code, item.tmr_id), None)
            else:
                held[item.product_code, item.tmr_id] = item
        items = in_order(held.values())
        made, anew = ItemTree(FIRM, items, before), ItemTree(FIRM, items)
        assert (made.root, made.size) == (anew.root, len(items))
        for key in held:
            assert made.place(*key) == anew.place(*key)
        with pytest.raises(KeyError):
            made.place(9, 9)
        before = made


def test_of_many_items_only_other_ones_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    items = tuple(ProductItem(product_code=1, tmr_id=at) for at in range(1, 100))
    before = ItemTree(FIRM, items)
    hashed: list[ProductItem] = []

    def noted(firm_code: int, item: ProductItem) -> bytes:
        hashed.append(item)
        return item_hash(firm_code, item)

    monkeypatch.setattr(words, "item_hash", noted)
    new = ProductItem(product_code=1, tmr_id=100)
    ItemTree(FIRM, (*items, new), before)
    assert hashed == [new]
    hashed.clear()
    other = ProductItem(product_code=1, tmr_id=50, quantity=2)
    ItemTree(FIRM, (*items[:49], other, *items[50:]), before)
    assert hashed == [other]
