"""What the window keeps has a bound, whatever a server that lies tells it."""

from __future__ import annotations

import msgspec
from pytestqt.qtbot import QtBot

from monitor_gui.model.updates import Closed, LeasesHeard, StatusHeard, Update
from monitor_gui.qt.bridge import QUEUE_MAX, Bridge
from monitor_gui.qt.clocks import CURVES_MAX, ClocksPage
from monitor_gui.qt.command_palette import RECENT_MAX, CommandPalette
from monitor_gui.qt.commands import WindowCommand
from monitor_gui.qt.window import OLD_MAX
from tests.gui.conftest import Show
from tests.gui.test_window import page
from tests.unit.monitor.documents import ENDPOINTS, filled, status


def test_curves(show: Show) -> None:
    """A TMR host that lies names other upstreams in each answer: each would get a curve."""
    shown = show(filled())
    found = page(shown, "clocks")
    assert isinstance(found, ClocksPage)
    for number in range(60):
        document = status()
        rows = tuple(
            msgspec.structs.replace(document.upstreams[n % 3], name=f"up-{number}-{n}")
            for n in range(3)
        )
        document = msgspec.structs.replace(document, upstreams=rows)
        shown.window.take([StatusHeard(ENDPOINTS[0], 100.0 + number, document)])
        shown.at(100.0 + number)
        assert len(found.curves) <= CURVES_MAX
    assert len(found.curves) == CURVES_MAX
    drawn = {item.name() for item in found.plot.plotItem.listDataItems()}
    assert drawn == set(found.curves), "what is forgotten is drawn no more"
    assert len(found.legend.items) == CURVES_MAX


def test_old_leases(show: Show) -> None:
    """Lists that were replaced are freed bit by bit: more of them than that go at once."""
    shown = show(filled())
    leases = shown.context.store.leases
    assert leases is not None
    kinds = [LeasesHeard(100.0 + n, type(leases)(leases=leases.leases)) for n in range(100)]
    shown.window._freeing._work = iter(())  # It is busy with those before.
    shown.window.take(list[Update](kinds))
    assert len(shown.window._old) == OLD_MAX
    shown.window._freeing.stop()
    shown.window.take([])
    assert shown.window._old == []


def test_recent_commands(show: Show) -> None:
    """The commands of last time come first, and not all that ever were."""
    shown = show(filled())
    commands = [WindowCommand(f"command {number}", lambda: None) for number in range(30)]
    for number in range(30):
        palette = CommandPalette(shown.window, commands, shown.window._recent)
        palette.typed.setText(f"command {number}")
        palette._choose()
    assert len(shown.window._recent) == RECENT_MAX


def test_updates(qtbot: QtBot) -> None:
    """While the window hangs, what the feed tells does not pile up."""
    taken: list[Update] = []
    bridge = Bridge(taken.extend)
    for number in range(QUEUE_MAX + 500):
        bridge.post(Closed(str(number)))
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == [Closed(str(number)) for number in range(500, QUEUE_MAX + 500)]
