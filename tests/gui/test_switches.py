"""The bars of the failover page: one for each measured switch, by powers of ten."""

from __future__ import annotations

import pytest

from monitor_gui.model.timeline import SWITCH, UPSTREAM, Entry
from monitor_gui.model.updates import Recorded
from monitor_gui.qt.failover import BARS_MAX, FailoverPage
from tests.gui.conftest import Show
from tests.gui.test_window import page


def switch(number: int, at_most_s: float | None) -> Entry:
    text = "tmr2 serves now"
    return Entry(unix_s=1.8e9 + number, kind=SWITCH, text=text, at_most_s=at_most_s)


def ticks(found: FailoverPage) -> list[tuple[float, str]]:
    (marks,) = found.plot.getAxis("left")._tickLevels
    return list(marks)


def test_half_a_second_is_seen_beside_half_a_minute(show: Show) -> None:
    shown = show()
    found = page(shown, "failover")
    assert isinstance(found, FailoverPage)
    assert found.plot.isHidden(), "no switch was measured yet"
    measured = [0.5, 30.0, 0.0, 0.0004, 1.0]
    other = Entry(unix_s=1.8e9, kind=UPSTREAM, text="up1 is lost", at_most_s=7.0)
    entries = [other, switch(0, None), *(switch(n, s) for n, s in enumerate(measured, 1))]
    shown.window.take([Recorded(tuple(entries))])
    shown.at(100.5)
    assert not found.plot.isHidden()
    assert list(found.bars.opts["x"]) == [1, 2, 3, 4, 5]
    # log10 of milliseconds; what took less than one has no height, and is no error.
    assert found.bars.opts["height"] == pytest.approx([2.69897, 4.477121, 0, 0, 3])
    # The axis names the milliseconds themselves, and the highest bar is within it.
    assert ticks(found) == [
        *((0, "1"), (1, "10"), (2, "100"), (3, "1000")),
        *((4, "10000"), (5, "100000")),
    ]
    assert found.plot.getViewBox().viewRange()[1] == [0, 5]


def test_the_newest_switches_are_drawn(show: Show) -> None:
    shown = show()
    found = page(shown, "failover")
    assert isinstance(found, FailoverPage)
    entries = [switch(0, 60.0), *(switch(n, 0.1) for n in range(1, BARS_MAX + 1))]
    shown.window.take([Recorded(tuple(entries))])
    shown.at(100.5)
    assert found.bars.opts["height"] == pytest.approx([2.0] * BARS_MAX)
    assert len(ticks(found)) == 4, "the long one is gone, from the axis too"
