"""The count of what the log gave out finds each seat too many, and none in a log that is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance.lab.chaos.beliefs import Belief, believed
from appliance.lab.chaos.facts import Act, Facts, Issued, Log, LogEntry
from appliance.lab.chaos.records import Records
from appliance.lab.chaos.seats import ledger_seats
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.licences.modes import EXCLUSIVE, NO_LIMIT, STATION_SHARE, USER_LIMIT
from appliance.sim.history import CHECK_IN, CHECK_OUT, EXPIRE

FIRM, LINGER_S = 10, 3
SHARED, ALONE, FEW, KEPT = 1, 2, 3, 4
"""TMR-IDs; each is of the product of the same code."""
ISSUED = (
    Issued((FIRM, SHARED), SHARED, 1, 0),
    Issued((FIRM, ALONE), ALONE, 2, 0),
    Issued((FIRM, FEW), FEW, 3, 0),
    Issued((FIRM, KEPT), KEPT, 1, 0, LINGER_S),
)


class Told:
    """A log of one act an entry, a second after the other."""

    def __init__(self) -> None:
        self.entries: list[LogEntry] = []
        self.at_ms = 1_000

    def add(self, act: Act) -> None:
        self.at_ms += 1_000
        self.entries.append(LogEntry(len(self.entries) + 1, self.at_ms, (act,)))

    def give(
        self, lease: str, *lines: tuple[int, int], mode: str = USER_LIMIT, station: str = "s"
    ) -> None:
        """A check-out by the client of the lease's first letter; pairs of TMR-ID and seats."""
        all_lines = tuple((tmr_id, tmr_id, seats) for tmr_id, seats in lines)
        ref, party = LeaseRef(lease[0], lease), (lease[0], station.encode(), b"\x0a")
        act = Act(CHECK_OUT, ref, lease.encode(), reasons.GRANTED, lines=all_lines)
        self.add(act._replace(mode=mode, party=party))

    def end(self, lease: str, kind: str = CHECK_IN, *, no_linger: bool = False) -> None:
        act = Act(kind, LeaseRef(lease[0], lease), b"", reasons.DONE)
        self.add(act._replace(no_linger=no_linger))

    def wrong(self) -> list[str]:
        facts = Facts(Records((), ()), ISSUED, Log(tuple(self.entries), {}), (), 0)
        return ledger_seats(facts)


def honest(told: Told) -> None:
    """Three of one station share a seat; two take products whole; a seat lingers and is taken back
    by whom it was kept for, and by others when its time is over."""
    told.give("a1", (SHARED, 1), mode=STATION_SHARE)
    told.give("a2", (SHARED, 1), mode=STATION_SHARE)
    told.give("a1", (SHARED, 1), mode=STATION_SHARE)
    told.end("a1")
    told.end("a2", EXPIRE)
    told.give("b1", (SHARED, 1), mode=STATION_SHARE)
    told.give("c1", (ALONE, 1), mode=EXCLUSIVE)
    told.give("c2", (ALONE, 1), mode=EXCLUSIVE, station="other")
    told.give("d1", (FEW, 2))
    told.give("d2", (FEW, 1))
    told.give("d3", (FEW, 1), mode=NO_LIMIT)
    told.end("d1")
    told.give("e1", (FEW, 2))
    told.give("f1", (KEPT, 1))
    told.end("f1")
    told.give("f2", (KEPT, 1))
    told.end("f2", EXPIRE)
    told.give("g1", (KEPT, 1))
    told.end("g1")
    told.at_ms += 1_000 * LINGER_S
    told.give("h1", (KEPT, 1))
    told.end("h1", no_linger=True)
    told.give("g2", (KEPT, 1))


def test_an_honest_log_is_found_right() -> None:
    told = Told()
    honest(told)
    assert told.wrong() == []


def another_station(told: Told) -> None:
    told.give("b2", (SHARED, 1), mode=STATION_SHARE, station="other")


def another_client(told: Told) -> None:
    told.give("x", (SHARED, 1), mode=STATION_SHARE)


def too_many_of_several(told: Told) -> None:
    told.give("x", (FEW, 1))


def beside_the_exclusive(told: Told) -> None:
    told.end("c2")
    told.give("c3", (ALONE, 1))


def exclusive_beside_another(told: Told) -> None:
    told.end("c1")
    told.end("c2")
    told.give("x1", (ALONE, 1))
    told.give("x2", (ALONE, 1), mode=EXCLUSIVE)


def kept_for_another(told: Told) -> None:
    told.end("g2")
    told.give("h2", (KEPT, 1))


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (another_station, "gives b2 2 seats of TMR licence 1, which has 1"),
        (another_client, "gives x 2 seats of TMR licence 1"),
        (too_many_of_several, "gives x 4 seats of TMR licence 3, which has 3"),
        (beside_the_exclusive, "gives c3 an exclusive use of product 2 beside another one"),
        (exclusive_beside_another, "gives x2 an exclusive use of product 2"),
        (kept_for_another, "gives h2 2 seats of TMR licence 4, which has 1"),
    ],
)
def test_what_is_planted_is_found(plant: Callable[[Told], None], words: str) -> None:
    told = Told()
    honest(told)
    plant(told)
    assert any(words in one for one in told.wrong()), told.wrong()


def test_what_clients_believe_counts_a_share_once_and_several_seats_as_several() -> None:
    ref = LeaseRef("a", "1")
    alone = Belief(ref, ((FEW, 2), (ALONE, 1)), 0.0, 1.0)
    shared = [Belief(ref, ((FEW, 1),), 0.0, n, ("a", b"s")) for n in (1.0, 2.0)]
    other = Belief(ref, ((FEW, 1),), 0.0, 1.0, ("a", b"t"))
    assert believed([alone, *shared], FEW) == 3
    assert believed([alone, *shared, other], FEW) == 4
    assert believed([alone, *shared, other], ALONE) == 1
