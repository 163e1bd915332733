"""Denial episodes: two entries for however many refusals, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from appliance.ledger.leader.episodes import Episodes
from appliance.licences import commands as c
from appliance.licences import denials, reasons
from appliance.licences.commands import CloseDenial, OpenDenial
from appliance.licences.seats import refusal
from tests.unit.licences.builders import FIRM, PRODUCT, Desk, check_out, founded, give_back, product


@dataclass
class Plant:
    """A full licence, and a serving host that answers refusals from its state."""

    desk: Desk = field(default_factory=lambda: founded(product(quantity=1)))
    episodes: Episodes = field(default_factory=Episodes)
    now_s: float = 0.0
    entries: list[c.AnyCommand] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.episodes.begin(self.now_s, self.desk.state)
        assert self.desk.do(check_out("holder", "cert:holder")).ok

    def ask(self, client: str) -> str:
        command = check_out(f"{client}-lease", client)
        refused = refusal(self.desk.state, command)
        if refused is not None:
            self.episodes.refused(command, refused)
            return refused.reason
        outcome = self.desk.do(command)
        self.episodes.decided(command, outcome)
        return outcome.reason

    def passes(self, seconds: float) -> None:
        self.now_s += seconds
        for command in self.episodes.due(self.now_s):
            self.entries.append(command)
            assert self.desk.do(command).ok, command

    def taken_over(self) -> None:
        """Another host serves from here on."""
        self.episodes = Episodes()
        self.episodes.begin(self.now_s, self.desk.state)

    @property
    def closed(self) -> list[tuple[int, bool, bool]]:
        found = [one for one in self.entries if isinstance(one, CloseDenial)]
        return [(one.count, one.at_least, one.granted) for one in found]


def test_a_hundred_clients_that_poll_for_an_hour_make_two_entries_each() -> None:
    plant = Plant()
    for _ in range(720):
        for number in range(100):
            assert plant.ask(f"cert:{number}") == reasons.NO_SEAT_FREE
        plant.passes(5.0)
    plant.passes(60.0)
    assert len(plant.entries) == 200
    assert plant.closed == [(720, False, False)] * 100
    assert not plant.desk.state.denials


def test_case_24_who_polls_and_then_has_a_seat_was_not_denied() -> None:
    plant = Plant()
    for _ in range(12):
        plant.ask("cert:ada")
        plant.passes(5.0)
    give_back(plant.desk, "holder", "cert:holder")
    assert plant.ask("cert:ada") == reasons.GRANTED
    plant.passes(0.1)
    opened, closed = plant.entries
    assert isinstance(opened, OpenDenial)
    assert (opened.client, opened.firm_code, opened.product_code) == ("cert:ada", FIRM, PRODUCT)
    assert opened.reason == reasons.NO_SEAT_FREE
    assert closed == CloseDenial("cert:ada", FIRM, PRODUCT, 12, False, True)


def test_case_24_who_gives_up_was_denied_once() -> None:
    plant = Plant()
    for _ in range(12):
        plant.ask("cert:ada")
        plant.passes(5.0)
    plant.passes(54.9)
    assert plant.closed == []
    plant.passes(0.2)
    assert plant.closed == [(12, False, False)]
    plant.ask("cert:ada")
    plant.passes(61.0)
    plant.passes(0.0)
    assert plant.closed[1:] == [(1, False, False)], "it came back: another episode"


def test_a_host_that_takes_over_closes_what_is_open_and_says_at_least() -> None:
    plant = Plant()
    plant.ask("cert:ada")
    plant.ask("cert:eve")
    plant.passes(1.0)
    plant.taken_over()
    for _ in range(3):
        plant.ask("cert:ada")
        plant.passes(10.0)
    plant.passes(60.0)
    assert sorted(plant.closed) == [(1, True, False), (4, True, False)]


@pytest.mark.parametrize("bound", ["most", "of one client"])
def test_beyond_a_bound_nothing_is_noted(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = Plant()
    if bound == "most":
        plant.episodes.most = 2
    for number in range(40):
        client = f"cert:{number}" if bound == "most" else "cert:ada"
        command = check_out("l", client, product_code=PRODUCT + number)
        plant.episodes.refused(command, c.Outcome(reasons.NO_SEAT_FREE))
    plant.passes(1.0)
    assert len(plant.entries) == (2 if bound == "most" else denials.EPISODES_PER_CLIENT_MAX)
    plant.passes(60.0)
    assert len(plant.closed) == len(plant.entries) / 2


def test_what_is_no_want_of_seats_is_no_denial() -> None:
    plant = Plant()
    for reason in (reasons.UNKNOWN_PRODUCT, reasons.DENIED_BY_RULE, reasons.QUEUED):
        plant.episodes.refused(check_out("l"), c.Outcome(reason))
    plant.passes(1.0)
    assert plant.entries == []


def test_an_episode_is_opened_and_closed_once() -> None:
    desk = founded(product())
    opens = OpenDenial("cert:ada", FIRM, PRODUCT, reasons.NO_SEAT_FREE, c.Holder())
    closes = CloseDenial("cert:ada", FIRM, PRODUCT, 3, False, True)
    assert desk.do(closes).reason == reasons.BAD_REQUEST
    assert desk.do(opens).ok
    assert desk.do(opens).reason == reasons.BAD_REQUEST
    assert desk.do(closes).ok
    assert desk.do(closes).reason == reasons.BAD_REQUEST
    assert not desk.state.denials
