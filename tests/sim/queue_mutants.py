"""Planted bugs of the queue (`appliance.licences.queue`)."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger.leader import lives, serving
from appliance.licences.queue import turns, waiting
from appliance.licences.queue.book import QueueBook
from appliance.licences.queue.place import Place, QueueRules
from tests.sim.planting import Mutant, always

ORDER = "tests/unit/licences/test_queue.py::"
ENDS = "tests/unit/licences/test_queue_ends.py::"
ROUTES = "tests/unit/services/tmr/test_queue_routes.py::"


def _held_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held for an offer is counted nowhere, so others may take it."""
    for name in ("_enter", "_leave"):
        method = getattr(QueueBook, name)

        def uncounted(self: QueueBook, place: Place, method: Any = method) -> None:
            with pytest.MonkeyPatch.context() as inner:
                inner.setattr(QueueBook, "count", lambda *_: None)
                inner.setattr(QueueBook, "uncount", lambda *_: None)
                method(self, place)

        monkeypatch.setattr(QueueBook, name, uncounted)


def _once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits is overtaken once more than is allowed."""
    allowed = QueueBook.set_queue_rules

    def more(self: QueueBook, rules: QueueRules) -> None:
        allowed(self, QueueRules(rules.overtakes_max + 1, rules.hold_s))

    monkeypatch.setattr(QueueBook, "set_queue_rules", more)


def _held_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads a snapshot holds what is offered for a fresh time."""
    count_all = QueueBook.count_all

    def afresh(self: QueueBook) -> None:
        for number, place in self.places.items():
            if place.held is not None:
                until = self.age_ms + 60_000
                self.places[number] = Place(
                    place.ask, number, place.since_age_ms, place.ttl_s, 0, place.held, until
                )
        count_all(self)

    monkeypatch.setattr(QueueBook, "count_all", afresh)


def _places_without_a_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that takes over gives leases alone a lifetime, and no place ends any more."""

    def leases_alone(state: Any) -> Any:
        return ((one.ref, one.generation, float(one.lease_ttl_s)) for one in state.active_leases())

    monkeypatch.setattr(lives, "all_lives", leases_alone)
    monkeypatch.setattr(serving, "all_lives", leases_alone)


MUTANTS = (
    Mutant(
        "an offer is not counted as a seat",
        _held_by_nobody,
        unit=ORDER + "test_a_freed_seat_is_offered_in_the_same_command",
    ),
    Mutant(
        "who waits is overtaken once more than is allowed",
        _once_more,
        unit=ORDER + "test_as_often_as_an_operator_allows_and_no_more",
    ),
    Mutant(
        "new check-outs are no overtaking",
        always((turns, "overtaken_by"), (waiting, "overtaken_by"), gives=()),
        unit=ORDER + "test_a_large_request_is_not_overtaken_by_small_ones",
    ),
    Mutant(
        "who can never be met keeps others waiting",
        always((turns, "never"), gives=None),
        unit=ENDS + "test_who_can_never_be_met_any_more_keeps_nobody_waiting",
    ),
    Mutant(
        "an offer is held anew by whoever reads a snapshot",
        _held_anew,
        unit=ENDS + "test_places_and_offers_are_in_a_snapshot",
    ),
    Mutant(
        "places have no life after a failover",
        _places_without_a_life,
        unit=ROUTES + "test_a_failover_keeps_the_order_and_gives_each_place_one_fresh_lifetime",
    ),
)
