"""One measurement, in a process of its own: `python -m monitor_gui.bench.measure '{...}'`.

It prints a JSON object. Lateness is that of a beat of 5 ms on Qt's thread; a gap counts for every
beat that fell into it, else a long stall would look like a single late one.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

BEAT_MS: Final = 5
TURN_MS: Final = 3_000
SETTLE_S: Final = 3.0
PAGE_BYTES: Final = 4096


def first(begun_s: float) -> dict[str, Any]:
    """From the start of the command to the first picture, and to the verdict on the demo."""
    from PySide6.QtCore import QEvent, QTimer

    import monitor_gui.qt.window as window
    from appliance.cli.main import tmr

    found: dict[str, Any] = {}

    class Watched(window.Window):
        def event(self, event: QEvent) -> bool:
            done: bool = super().event(event)
            if event.type() == QEvent.Type.Paint and "window_s" not in found:
                found["window_s"] = time.monotonic() - begun_s
            return done

        def take(self, updates: list[Any]) -> None:
            super().take(updates)
            if self.context.store.active(self.context.clock()) and "verdict_s" not in found:
                found["verdict_s"] = time.monotonic() - begun_s
                QTimer.singleShot(0, self.close)

    window.Window = Watched  # type: ignore[misc]
    with _homes():
        tmr(["monitor", "--demo"], standalone_mode=False)
    return found


class Beat:
    """Counts how late a regular event of Qt's thread comes."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late_ms: list[float] = []
        self._last_s: float | None = None
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now_s = time.perf_counter()
        if self._last_s is not None:
            late = max(0.0, (now_s - self._last_s) * 1000 - BEAT_MS)
            self.late_ms.append(late)
            while late > BEAT_MS:
                late -= BEAT_MS
                self.late_ms.append(late)
        self._last_s = now_s

    def reset(self) -> None:
        """From now on."""
        self.late_ms.clear()
        self._last_s = None

    def figures(self) -> dict[str, float]:
        """In milliseconds."""
        late = sorted(self.late_ms)
        if not late:
            return {}
        return {
            "median_ms": late[len(late) // 2],
            "p999_ms": late[min(len(late) - 1, len(late) * 999 // 1000)],
            "worst_ms": late[-1],
            "beats": len(late),
        }


def busy(leases: int, events_per_s: float, seconds: float) -> dict[str, Any]:
    """All pages in turn while events come and the table is full."""
    with _monitor(leases, events_per_s) as (window, source):
        from PySide6.QtCore import QTimer

        beat = Beat()
        table = _lease_table(window)
        filled_s = _until(lambda: table is None or table.model.rowCount() == leases, 300.0)
        _pump(SETTLE_S)
        beat.reset()
        turn = QTimer()
        turn.setInterval(TURN_MS)
        turn.timeout.connect(
            lambda: window.list.setCurrentRow((window.list.currentRow() + 1) % window.list.count())
        )
        turn.start()
        reads, told, cpu_s = source.lists_read, source.told, time.process_time()
        begun_s = time.perf_counter()
        _pump(seconds)
        took_s = time.perf_counter() - begun_s
        return beat.figures() | {
            "fill_s": filled_s,
            "rows": table.model.rowCount() if table is not None else 0,
            "events_per_s": (source.told - told) / took_s,
            "lists_read": source.lists_read - reads,
            "cpu": (time.process_time() - cpu_s) / took_s,
        }


def sort(leases: int) -> dict[str, Any]:
    """The whole table by another column, filtered, and back: how late the window is meanwhile."""
    with _monitor(leases, 0) as (window, _):
        from PySide6.QtCore import Qt

        beat = Beat()
        table = _lease_table(window)
        assert table is not None
        _until(lambda: table.model.rowCount() == leases, 300.0)
        _pump(SETTLE_S)
        beat.reset()
        begun_s = time.perf_counter()
        table.view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        _until(lambda: not table.model.busy, 300.0)
        sorted_s = time.perf_counter() - begun_s
        table.filter.setText("user0000")
        filtered_s = _until(lambda: not table.model.busy, 300.0)
        table.filter.setText("")
        _until(lambda: not table.model.busy, 300.0)
        return beat.figures() | {"sort_s": sorted_s, "filter_s": filtered_s}


def idle(leases: int, seconds: float) -> dict[str, Any]:
    """The share of a core while nothing happens."""
    with _monitor(leases, 0) as (window, _):
        window.show_page("overview")
        _pump(SETTLE_S * 2)
        begun_s, cpu_s = time.perf_counter(), time.process_time()
        _pump(seconds)
        return {"cpu": (time.process_time() - cpu_s) / (time.perf_counter() - begun_s)}


def hour(leases: int, events: int, events_per_s: float) -> dict[str, Any]:
    """Memory while an hour's events pass as quickly as the feed lets them."""
    with _monitor(leases, events_per_s, twice=False) as (window, source):
        samples: list[tuple[int, int]] = []
        turn = 0
        while source.told < events:
            _pump(1.0)
            turn += 1
            window.list.setCurrentRow(turn // 3 % window.list.count())
            samples.append((source.told, _resident_bytes()))
        seen = window.context.store.checkouts.total + window.context.store.denials.total
    early = [size for told, size in samples if 0.2 <= told / events < 0.4]
    late = [size for told, size in samples if told / events >= 0.8]
    return {
        "events": samples[-1][0],
        "check_outs_seen": seen,
        "early_bytes": sum(early) // max(1, len(early)),
        "late_bytes": sum(late) // max(1, len(late)),
    }


def quiet(seconds: float) -> dict[str, Any]:
    """The same beat in a window program that does nothing: what this machine itself holds up."""
    from PySide6.QtWidgets import QApplication

    application = QApplication(["tmr bench"])
    beat = Beat()
    _pump(seconds)
    del application
    return beat.figures()


# --- surroundings ---


@contextmanager
def _homes() -> Iterator[Path]:
    """Nothing of this person's is read or written."""
    with tempfile.TemporaryDirectory(prefix="tmr-bench-") as directory:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = directory
        yield Path(directory)


@contextmanager
def _monitor(leases: int, events_per_s: float, twice: bool = True) -> Iterator[tuple[Any, Any]]:
    """The whole program on a system in memory: (window, source)."""
    from PySide6.QtCore import QSettings

    from monitor_gui.app import Monitor, make_application
    from monitor_gui.bench.plant import BenchSource
    from monitor_gui.feed.source import Source
    from monitor_gui.feed.thread import Ask
    from monitor_gui.model.connections import System

    sources: list[BenchSource] = []  # the one that the feed has opened

    async def opener(system: System | None, ask: Ask) -> Source:
        sources.append(BenchSource(leases, events_per_s, twice))
        return sources[-1]

    with _homes() as directory:
        make_application()
        settings = QSettings(str(directory / "window.ini"), QSettings.Format.IniFormat)
        monitor = Monitor(settings, [], None, None, opener)
        try:
            monitor.window.show()
            monitor.window.show_page("licences")
            monitor.begin()
            monitor.window.connect_to(System(name="bench", profile="none"))
            _until(lambda: bool(sources), 60.0)
            yield monitor.window, sources[0]
        finally:
            monitor.window.close()
            monitor.close()


def _lease_table(window: Any) -> Any:
    return getattr(window.stack.currentWidget(), "leases", None)


def _pump(seconds: float) -> None:
    """Let Qt run. (To quit the application would close the window.)"""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(max(1, int(seconds * 1000)), loop.quit)
    loop.exec()


def _until(condition: Callable[[], bool], within_s: float) -> float:
    """Let Qt run until it is so; gives how long that took. Raises TimeoutError."""
    begun_s = time.perf_counter()
    while not condition():
        if time.perf_counter() - begun_s > within_s:
            raise TimeoutError("the monitor did not come so far")
        _pump(0.02)
    return time.perf_counter() - begun_s


def _resident_bytes() -> int:
    """What this process holds of the memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def main(arguments: list[str]) -> None:
    """Do what the JSON object in the first argument says, and print what was found."""
    faulthandler.enable()
    what = json.loads(arguments[0])
    print(json.dumps(globals()[what.pop("measure")](**what)))


if __name__ == "__main__":
    main(sys.argv[1:])
