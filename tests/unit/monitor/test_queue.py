"""Who waits for what, and when a page asks for it; no window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from appliance.client import BadAnswer
from appliance.codec.api_queue import QueueDocument
from monitor_gui.feed.answers import whole_queue
from monitor_gui.model.queries import LOST_S, Answered, Heard, QueueQuery, Rhythm
from monitor_gui.model.queue import place_rows, product_rows
from monitor_gui.model.updates import Connecting
from tests.unit.monitor.documents import filled, licence, place, queue_of

NAMES: Mapping[tuple[int, int], str] = {(100, 10): "Drafter"}


def test_a_place_tells_who_waits_for_what_and_since_when() -> None:
    document = queue_of(place(1, 10, 30.0, held_s=41.0), place(2, 10, 5.0, more=(20,)))
    first, second = place_rows(document, 100.0, NAMES)
    assert (first.who, first.wants, first.since_s) == ("ben@ws-1", "Drafter", 70.0)
    assert (first.held_until_s, second.held_until_s) == (141.0, None)
    assert (second.wants, second.products) == ("Drafter, 100:20", ((100, 10), (100, 20)))


def test_products_add_up_over_places_of_several_products() -> None:
    rows = place_rows(queue_of(place(1, 10, 30.0, 9.0), place(2, 10, 5.0, more=(20,))), 100.0, {})
    licences = (licence(10, in_use=3), licence(10, ("ok",), quantity=7))
    drafter, renderer = product_rows(rows, NAMES, licences)
    assert (drafter.name, drafter.waiting, drafter.seats, drafter.offered) == ("Drafter", 2, 2, 1)
    assert (drafter.since_s, drafter.in_use, drafter.quantity) == (70.0, 3, 3)
    assert (renderer.waiting, renderer.since_s, renderer.quantity) == (1, 95.0, None)


def test_a_wait_that_nobody_believes_is_shown_all_the_same() -> None:
    rows = place_rows(queue_of(place(1, waited_s=1e308), place(2, waited_s=-5.0)), 100.0, {})
    assert (rows[0].since_s, rows[1].since_s) == (100.0 - 1e10, 100.0)


def test_the_queue_is_read_to_its_last_page_and_no_further() -> None:
    pages = {0: (place(1), 7), 7: (place(2), None)}
    asked: list[int] = []

    async def fetch(after: int) -> QueueDocument:
        asked.append(after)
        row, following = pages[after]
        return QueueDocument(places=(row,), overtakes_max=3, hold_s=60, next=following)

    whole = asyncio.run(whole_queue(fetch))
    assert ([row.place for row in whole.places], asked) == ([1, 2], [0, 7])
    pages[7] = (place(2), 7)
    with pytest.raises(BadAnswer, match="lead nowhere"):
        asyncio.run(whole_queue(fetch))


def test_a_page_asks_at_once_then_rests_as_long_as_the_answer_took() -> None:
    rhythm, heard, query = Rhythm(2.0), Heard(), QueueQuery()
    assert rhythm.due(query, 1, None, 100.0)
    assert not rhythm.due(query, 1, None, 101.0), "it is under way"
    heard.take(Answered(query, 101.0, 0.5, queue_of()))
    assert not rhythm.due(query, 1, heard, 105.0), "nine times half a second"
    assert rhythm.due(query, 1, heard, 105.6)
    assert not rhythm.due(query, 1, heard, 106.0)
    assert rhythm.due(query, 2, heard, 106.0), "another system"
    assert rhythm.due(query, 2, heard, 106.0 + LOST_S), "the answer was lost"


def test_an_answer_that_fails_leaves_the_last_one_and_another_system_leaves_nothing() -> None:
    store, query = filled(), QueueQuery()
    store.apply(Answered(query, 100.0, 0.1, queue_of(place())))
    store.apply(Answered(query, 102.0, 0.1, None, "quorum lost"))
    heard = store.answers[QueueQuery]
    assert heard.document is not None
    assert (heard.at_s, heard.trouble, heard.tried_at_s) == (100.0, "quorum lost", 102.0)
    store.apply(Connecting("another"))
    assert store.answers == {}
