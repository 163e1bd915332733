"""A replica that disagrees for long is told at once and once a minute, and nothing is left out."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from appliance.ledger.effects import Disputed
from appliance.services.tmr.disputes import TELL_EVERY_S, Disputes
from appliance.services.tmr.events import Hub


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(Hub, "publish", lambda self, name, data: found.append(data))
    return found


def test_the_first_is_told_at_once_and_the_rest_are_counted(
    told: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    disputes = Disputes(Hub())
    with caplog.at_level(logging.ERROR):
        for number in range(100):
            disputes.note(10.0 + number / 1000, Disputed("up2", number))
        disputes.note(10.0 + TELL_EVERY_S, Disputed("up2", 100))
    assert told == [
        {"upstream": "up2", "index": 0, "count": 1},
        {"upstream": "up2", "index": 100, "count": 100},
    ]
    assert [record.getMessage() for record in caplog.records] == [
        "disputed upstream=up2 index=0 count=1",
        "disputed upstream=up2 index=100 count=100",
    ]


def test_another_upstream_is_told_of_at_once(told: list[dict[str, Any]]) -> None:
    disputes = Disputes(Hub())
    for name in ("up2", "up3", "up2"):
        disputes.note(10.0, Disputed(name, 7))
    assert [data["upstream"] for data in told] == ["up2", "up3"]
