"""Objects are driven above their bounds, and hold no more than these allow.

Each driver is responsible for some keys of the table and has to fill them; all others that are
alive meanwhile are measured as well. `bounds/watch.py` finds them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from appliance.ledger.leader.batches import Batches
from tests.unit.bounds import (
    live_adapters,
    live_feed,
    live_ledger,
    live_monitor,
    live_services,
    live_state,
)
from tests.unit.bounds.watch import Drive, Scene, watching
from tests.unit.test_bounds import BOUNDS

ALL: dict[Drive, tuple[str, ...]] = {}
MODULES = (live_adapters, live_feed, live_ledger, live_monitor, live_services, live_state)
for module in MODULES:
    ALL |= module.DRIVERS.each


@pytest.mark.parametrize("drive", ALL, ids=lambda drive: drive.__name__)
def test_nothing_grows_beyond_its_bound(
    drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with watching(BOUNDS) as watch:
        drive(Scene(watch, monkeypatch, tmp_path))
    assert watch.excess == []
    for key in ALL[drive]:
        assert watch.peaks.get(key), f"{key} was never seen to hold anything"
        if not BOUNDS[key].loose:
            assert key in watch.full, f"{key} held {watch.peaks[key]} at most, and was never full"


def test_whatever_has_a_number_is_driven():
    driven = Counter(key for keys in ALL.values() for key in keys)
    wanted = {key for key, bound in BOUNDS.items() if bound.is_driven}
    assert sorted(wanted - driven.keys()) == [], "these have no driver"
    assert sorted(driven.keys() - wanted) == [], "these need none"


def test_what_grows_is_seen(monkeypatch: pytest.MonkeyPatch):
    """The watch can fail: a queue whose bound was forgotten is found wherever it is."""
    with watching(BOUNDS) as watch:
        hidden = [[Batches(10, 10, 10)]]
        monkeypatch.setattr("appliance.ledger.leader.batches.UNSETTLED_MAX", 3)
        hidden[0][0]._unsettled.extend([None] * 4)  # type: ignore[list-item]
        watch.look()
    assert watch.excess == ["ledger.leader.batches:Batches._unsettled holds 4, 3 allowed"]
