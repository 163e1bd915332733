"""A replica that is asked to replace a store."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.ledger.messages import (
    Ack,
    Beat,
    BeatAck,
    Entry,
    Refused,
)
from appliance.ledger.standing import BAD_REQUEST
from appliance.licences.commands import Replace, Tick
from tests.unit.ledger.world import (
    FOUND,
    adopt,
    adopted,
    append,
    entries,
    only,
    served,
    term,
)


def replacing(place: str) -> list[Entry]:
    """A log that replaces the store at this place."""
    return entries((FOUND,), (Tick(),), (Tick(), Tick()), (Replace(place, b"new", "o", "w"),))


def test_a_replacement_needs_an_operators_word_on_each_remaining_host() -> None:
    bench = served()
    message = append(term(5), replacing("up3"), 4)
    for attempt in (message, replace(message, live=False)):
        assert only(bench.ask(attempt), Refused).why == BAD_REQUEST
    on = replace(adopt(term(5), replacing("up3"), cut=3), vows=())
    assert only(bench.ask(on), Refused).why == BAD_REQUEST
    assert adopted(bench) == (term(5), 3)
    bench.replica.consent(b"new")
    assert only(bench.ask(Beat(term(5), 1, False)), BeatAck).consents == (b"new",)
    assert only(bench.ask(message), Ack).index == 4
    assert bench.replica.book.state.membership.pending is not None


def test_the_replaced_store_itself_is_not_asked() -> None:
    bench = served()
    assert only(bench.ask(append(term(5), replacing("up1"), 4)), Ack).endorsement is None
    assert not bench.replica.votes
