"""A coordinator that reads a long log on a slow machine gets to its end.

Was a bug, found by chaos in the lab after a power cut of all five: applying a page took longer than
an answer may take, so the answer to the next request seemed late, another holder was chosen, and
what had been read was thrown away; for ever.
"""

from __future__ import annotations

from typing import Any

from appliance.ledger.effects import Tell
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import READING
from appliance.ledger.messages import Entries, Fetch, PreVoteReply, Promise
from appliance.ledger.timing import Timing
from appliance.licences.commands import Operate
from appliance.licences.machine import Machine
from appliance.sim.vendor import UPSTREAMS, read_update, verify, verify_store
from tests.unit.ledger.world import FOUND, LOG, entries, proof, term, vow

TIMING = Timing()
LATE_S = TIMING.patience_s + 2 * TIMING.beat_s


class Reading:
    """A coordinator that reads LOG, which all three hold; `holder` was chosen."""

    def __init__(self) -> None:
        self.coordinator = Coordinator(
            "tmr1", UPSTREAMS, Machine(read_update), TIMING, 7, FOUND, verify, verify_store
        )
        for name in UPSTREAMS:
            self.coordinator.link(1.0, name, True)
        self.coordinator.want(1.0, True, "test")
        for name in UPSTREAMS:
            self.coordinator.receive(1.1, name, PreVoteReply(1, True, NO_TERM, ""))
        mine = self.coordinator.term
        assert mine is not None
        told: list[Any] = []
        end = len(LOG)
        for name in UPSTREAMS:
            promised = vow(mine, LOG, name, adopted=term(1), proven=end)
            promise = Promise(mine, promised, (), proof(term(1), LOG, end), None, 0)
            told += self.coordinator.receive(1.2, name, promise)
        ((self.holder, first),) = fetches(told)
        assert first == 1

    def page(self, now_s: float, log: list[Any], first: int, last: int) -> list[tuple[str, int]]:
        """The holder answers with these entries; what is fetched next."""
        part = tuple(log[first - 1 : last])
        return fetches(
            self.coordinator.receive(now_s, self.holder, Entries(first, part, 0, len(log), None))
        )

    def tick(self, now_s: float) -> list[tuple[str, int]]:
        """Time passed; what is fetched."""
        return fetches(self.coordinator.tick(now_s))


def fetches(effects: list[Any]) -> list[tuple[str, int]]:
    """Whom it asks for entries, from which on."""
    return [
        (effect.to, effect.message.first)
        for effect in effects
        if isinstance(effect, Tell) and isinstance(effect.message, Fetch)
    ]


def test_the_time_that_a_page_takes_here_is_not_the_holders() -> None:
    world = Reading()
    assert world.page(1.3, LOG, 1, 2) == [(world.holder, 3)]
    # It is busy with the page until now: nothing else was looked at meanwhile.
    assert world.tick(1.3 + LATE_S) == []
    assert world.coordinator.phase == READING
    assert world.page(1.31 + LATE_S, LOG, 3, 3) == [(world.holder, 4)]


def test_a_silent_holders_pages_stay() -> None:
    world = Reading()
    world.page(1.3, LOG, 1, 2)
    assert world.tick(1.5) == []
    ((other, first),) = world.tick(1.5 + LATE_S)
    assert other != world.holder
    assert first == 3


def test_a_lost_holders_pages_stay() -> None:
    world = Reading()
    world.page(1.3, LOG, 1, 2)
    ((other, first),) = fetches(world.coordinator.link(1.4, world.holder, False))
    assert other != world.holder
    assert first == 3


def test_pages_that_lead_nowhere_do_not_stay() -> None:
    world = Reading()
    false = entries((FOUND,), (Operate("switchover", "tmr2", "w", "y"),))
    assert world.page(1.3, false, 1, 2) == [(world.holder, 3)]
    ((other, first),) = fetches(world.coordinator.link(1.4, world.holder, False))
    assert first == 3
    world.holder = other
    # What the honest one holds does not follow on them: all of it will be read anew.
    assert world.page(1.5, LOG, 3, 4) == []
    assert world.coordinator.book.last_index == 0
