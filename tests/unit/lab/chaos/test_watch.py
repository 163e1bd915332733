"""In an honest run whoever says that entries are lost raises a false alarm."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from appliance.lab.chaos.watch import Watch
from appliance.watch.facts import CRITICAL, WARNING, found
from tests.unit.watch.facts_world import status


def test_each_word_of_a_loss_is_kept_however_short_it_was_there() -> None:
    lost = found("ledger-rolled-back", CRITICAL, "", index=3)
    down = found("upstream-down", WARNING, "up1", host="up1")
    said: list[Any] = [(), (down,), (lost, down), ()]
    stage = SimpleNamespace(
        statuses=lambda: {"tmr1": status(findings=said.pop(0))}, holders_of_address=list
    )
    lab = SimpleNamespace(processes=lambda _host: ())
    watch = Watch(cast("Any", SimpleNamespace(stage=stage, lab=lab)))
    for _ in range(4):
        assert watch.amiss() != ""
    assert watch.alarms == {"tmr1 says ledger-rolled-back"}
