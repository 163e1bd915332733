"""The monitor's window on a real screen (Xvfb), in the clients' network of a lab.

As a program (`python -m tests.lab.watching PROFILE PICTURE HOST...`) it shows the window, writes
what that says as a line of JSON whenever it changes, and ends with its input, and with a picture.
As a module it starts all that and waits for what is to be read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from appliance.lab.platform import LabPlatform

SIZE = "1280x820x24"
WITHIN_S = 60.0
LOOK_MS = 50
XVFB = shutil.which("Xvfb")


class Screen:
    """A virtual X server with a free number."""

    def __init__(self) -> None:
        assert XVFB is not None
        read, write = os.pipe()
        command = [XVFB, "-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp"]
        self._process = subprocess.Popen(
            command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(WITHIN_S)


class Watcher:
    """The window in a process of its own. `said` is everything it said, oldest first."""

    def __init__(
        self, lab: LabPlatform, profile: Path, hosts: list[str], home: Path, picture: Path
    ) -> None:
        self._screen = Screen()
        environment = os.environ | {
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": self._screen.display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_STATE_HOME": str(home),
        }
        arguments = ["-m", "tests.lab.watching", str(profile), str(picture), *hosts]
        self._process = subprocess.Popen(
            lab.command("clients", [sys.executable, *arguments]),
            cwd=Path(__file__).parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.said: list[dict[str, Any]] = []
        self._complaints: list[str] = []
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=work, name="watching") for work in (self._read, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.said.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        self._complaints += self._process.stderr.readlines()

    def until(self, condition: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        """Wait until the window says so; gives what it said then."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: (
                    (self.said and condition(self.said[-1])) or self._process.poll() is not None
                ),
                WITHIN_S,
            )
            last = self.said[-1] if self.said else {}
            assert found and self._process.poll() is None, f"never seen: {what}; last: {last}"
            return last

    def close(self) -> list[str]:
        """Close the window; gives what it complained of."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
            try:
                self._process.wait(WITHIN_S)
            finally:
                self._process.kill()
                for thread in self._threads:
                    thread.join(WITHIN_S)
                for stream in (self._process.stdout, self._process.stderr):
                    if stream is not None:
                        stream.close()
                self._screen.close()
        return self._complaints

    @property
    def code(self) -> int | None:
        """How it ended."""
        return self._process.returncode


def main(arguments: list[str]) -> None:
    """The window's side."""
    from PySide6.QtCore import QSettings, QSocketNotifier, QTimer

    from monitor_gui.app import Monitor, config_directory, make_application, state_directory
    from monitor_gui.model.connections import System

    profile, picture, *hosts = arguments
    application = make_application()
    ini = str(config_directory() / "window.ini")
    settings = QSettings(ini, QSettings.Format.IniFormat)
    monitor = Monitor(settings, [], None, state_directory())
    window = monitor.window
    window.show()
    window.connect_to(System(name="lab", profile=profile, hosts=tuple(hosts)))
    monitor.begin()
    last: list[dict[str, Any]] = [{}]

    def look() -> None:
        now_s = monitor.context.clock()
        said = {
            "platform": application.platformName(),
            "headline": window.banner.headline.text(),
            "advice": window.banner.advice.text(),
            "active": monitor.context.store.active(now_s),
            "identity": window.connection.text(),
            "timeline": [
                {"kind": e.kind, "text": str(e.phrase), "at_most_s": e.at_most_s}
                for e in monitor.context.store.entries
            ],
        }
        if said != last[0]:
            last[0] = said
            print(json.dumps(said), flush=True)

    def end() -> None:
        window.grab().save(picture)
        window.close()
        application.quit()

    looking = QTimer()
    looking.setInterval(LOOK_MS)
    looking.timeout.connect(look)
    looking.start()
    ended = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    ended.activated.connect(end)
    try:
        application.exec()
    finally:
        monitor.close()


if __name__ == "__main__":
    main(sys.argv[1:])
