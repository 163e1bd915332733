"""Certificates that are good no more: once each, bounded, and never the last administrator's."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.licences import commands as c
from appliance.licences import dismissing, reasons
from tests.unit.licences.builders import NOW_MS, NOW_S, Desk, founded


def dismiss(
    desk: Desk, serial: str, by: str = "AD", ends_at_s: int = 0, **fields: str
) -> c.Outcome:
    values = {"name": "eve", "role": "client", "who": "cert:adam", "why": "stolen"} | fields
    return desk.do(
        c.Dismiss(
            serial, values["name"], values["role"], ends_at_s, by, values["who"], values["why"]
        )
    )


def test_it_is_kept_with_who_when_and_why() -> None:
    desk = founded()
    desk.state.enter(7)
    assert dismiss(desk, "A", ends_at_s=5, why="w" * 300).ok
    assert desk.state.dismissed == {
        "A": c.Dismissed("eve", "client", 5, "cert:adam", "w" * 200, NOW_MS, 7)
    }
    act = desk.state.acts()[-1]
    assert (act.action, act.why) == ("dismiss", "w" * 300)
    assert act.subject == "client eve, serial number A"


def test_a_second_time_changes_nothing() -> None:
    desk = founded()
    assert dismiss(desk, "A1").ok
    assert dismiss(desk, "A1", why="again").ok
    assert desk.state.dismissed["A1"].why == "stolen"
    assert [act.action for act in desk.state.acts()].count("dismiss") == 1


def test_nobody_dismisses_what_they_act_with_so_one_administrator_is_always_left() -> None:
    desk = founded()
    refused = dismiss(desk, "A1", by="A1")
    assert refused.reason == reasons.NOT_DISMISSED
    assert "let another administrator" in refused.detail
    assert dismiss(desk, "B2", by="A1").ok
    assert dismiss(desk, "A1", by="B2").reason == reasons.NOT_DISMISSED, "both at the same moment"
    assert desk.state.dismissed.keys() == {"B2"}


def test_the_table_is_bounded_and_lets_go_of_what_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dismissing, "DISMISSED_MAX", 3)
    desk = founded()
    assert dismiss(desk, "1").ok
    assert dismiss(desk, "2", ends_at_s=NOW_S).ok
    assert dismiss(desk, "3", ends_at_s=NOW_S + 9).ok
    full = dismiss(desk, "4")
    assert (full.reason, "tmr pki rotate" in full.detail) == (reasons.TOO_MANY_DISMISSED, True)
    desk.now_ms += dismissing.ENDED_FOR_MS
    assert dismiss(desk, "4").ok
    assert desk.state.dismissed.keys() == {"1", "3", "4"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"serial": ""}, "hexadecimal"),
        ({"serial": "0A"}, "hexadecimal"),
        ({"serial": "ab"}, "hexadecimal"),
        ({"serial": "A" * 41}, "hexadecimal"),
        ({"serial": "A", "by": "A" * 65}, "hexadecimal"),
        ({"serial": "A", "name": "n" * 65}, "name or role"),
        ({"serial": "A", "role": "n" * 65}, "name or role"),
        ({"serial": "A", "ends_at_s": -1}, "end is out of range"),
        ({"serial": "A", "who": "w" * 257}, "who or why"),
        ({"serial": "A", "why": "w" * 1025}, "who or why"),
    ],
)
def test_what_is_no_dismissal_changes_nothing(fields: dict[str, Any], words: str) -> None:
    desk = founded()
    outcome = dismiss(desk, **fields)
    assert (outcome.reason, words in outcome.detail) == (reasons.BAD_REQUEST, True)
    assert not desk.state.dismissed
