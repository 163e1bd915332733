"""Planted bugs of access modes and of seats that linger (`appliance.licences.counting`)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.licences import counting, leases, machine, undo
from appliance.licences.commands import CheckIn, Expire
from appliance.licences.counting import Counting
from appliance.licences.modes import Party
from tests.sim.planting import Mutant, Patch

MODES = "tests/unit/licences/test_modes.py::"
LINGER = "tests/unit/licences/test_linger.py::"


def _linger_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host that takes over lets every seat linger for a fresh time."""
    count_all = Counting.count_all

    def afresh(self: Counting) -> None:
        for number, kept in self._lingers.items():
            whole_ms = self.items[kept.key].linger_s * 1000 if self.items else 30_000
            self._lingers[number] = replace(kept, until_age_ms=self.age_ms + whole_ms)
        count_all(self)

    monkeypatch.setattr(Counting, "count_all", afresh)


def _freed_by_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seat of a share is freed by its first lease that ends."""
    down = undo.count_down

    def first(table: dict[Any, int], key: Any, less: int = 1) -> None:
        if isinstance(key, tuple) and len(key) == len(Party._fields) - 1:
            table.pop(key, None)
        else:
            table.setdefault(key, less)
            down(table, key, less)

    monkeypatch.setattr(counting, "count_down", first)


def _the_station_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names a station is at it: its client and its address are not looked at."""
    monkeypatch.setattr(Party, "place", property(lambda self: ("", self.station, b"")))


def _lapsed_lingers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that lapsed for want of heartbeats lingers, as if it had been given back."""

    def kind(state: Any, command: Expire) -> Any:
        return leases.end(state, CheckIn(command.lease, command.generation))

    monkeypatch.setitem(machine.PLAIN, Expire, kind)


def _past_the_end() -> Patch:
    """A seat lingers for its whole time, although its licence ends before."""
    return lambda monkeypatch: monkeypatch.setattr(
        leases, "lingers_for_ms", lambda state, key, item: item.linger_s * 1000
    )


MUTANTS = (
    Mutant(
        "linger is kept in the serving host's memory",
        _linger_in_memory,
        unit=LINGER + "test_a_failover_changes_nothing_of_it",
    ),
    Mutant(
        "a share is freed by its first lease",
        _freed_by_the_first,
        unit=MODES + "test_case_4_one_station_with_six_uses_takes_three_seats",
    ),
    Mutant(
        "a share is made of the station alone",
        _the_station_alone,
        unit=MODES + "test_all_of_a_share_has_to_agree",
    ),
    Mutant(
        "what lapsed lingers",
        _lapsed_lingers,
        unit=LINGER + "test_nothing_lingers_but_what_was_given_back",
    ),
    Mutant(
        "a seat lingers past its licence's end",
        _past_the_end(),
        unit=LINGER + "test_it_ends_with_the_licence",
    ),
)
