"""What firms signed, over the API."""

from __future__ import annotations

import threading

import pytest

from appliance.licences.model import ProductItem
from appliance.services.tmr import words
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.words import ItemTree
from tests.unit.services.tmr.parts import FIRM
from tests.unit.services.tmr.world import PRODUCT, World, run


def test_a_tree_is_made_once_and_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def tree(firm_code: int, items: tuple[ProductItem, ...], before: ItemTree | None) -> ItemTree:
        made.append(threading.get_ident())
        return ItemTree(firm_code, items, before)

    monkeypatch.setattr(words, "ItemTree", tree)

    async def test(world: World) -> None:
        (serving,) = (host for host in world.live_hosts() if host.serving)
        (key,) = (key for key in serving.state.view if key.product_code == PRODUCT)
        route = f"/v1/firm-words?firm_code={FIRM}&product_code={PRODUCT}&tmr_id={key.tmr_id}"
        tasks = [world.begin("GET", route) for _ in range(2)]
        while not all(task.done() for task in tasks):  # A thread does not go by this world's time.
            await world.drain()
            world.advance()
        replies = [task.result() for task in tasks]
        replies.append(await world.call("GET", route))
        for reply in replies:
            found = reply.of(FirmWordsDocument)
            assert [word.twin for word in found.words] == [1, 2, 3]
            world.verifier.learn(found)
        assert len(made) == 1

    run(test)
    assert threading.get_ident() not in made
