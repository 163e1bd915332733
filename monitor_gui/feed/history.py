"""The failover history on disk: one JSON line for each entry, one file for each system, and beside
it what is remembered of alerts.

A damaged line is skipped, a disk that cannot be written costs the record and nothing else: the
monitor goes on showing what is.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Final

import msgspec

from appliance.unreadable import UNREADABLE
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.timeline import Entry

LINES_MAX: Final = 5_000
BYTES_MAX: Final = 4 << 20
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)
_alerts_decoder = msgspec.json.Decoder(list[Remembered])


class History:
    """Histories below a directory; None keeps nothing (demo, tests)."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self.trouble = ""

    def path(self, system: str) -> Path | None:
        """The file of a system; its name is a hash, since people name systems as they like."""
        if self._directory is None:
            return None
        return self._directory / f"{hashlib.sha256(system.encode()).hexdigest()[:16]}.jsonl"

    async def load(self, system: str) -> tuple[Entry, ...]:
        """What was recorded, the newest entries if there are very many."""
        path = self.path(system)
        return () if path is None else await asyncio.to_thread(_read, path)

    async def append(self, system: str, entries: list[Entry]) -> None:
        """Record; failing to is noted in `trouble` only."""
        path = self.path(system)
        if path is None:
            return
        try:
            await asyncio.to_thread(_write, path, entries)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"the history cannot be written to {path}: {error.strerror}"

    async def load_alerts(self, system: str) -> tuple[Remembered, ...]:
        """What was remembered of alerts; nothing if that file is damaged."""
        path = self._alerts_path(system)
        return () if path is None else await asyncio.to_thread(_read_alerts, path)

    async def save_alerts(self, system: str, alerts: tuple[Remembered, ...]) -> None:
        """Remember these instead; failing to is noted in `trouble` only."""
        path = self._alerts_path(system)
        if path is None:
            return
        try:
            await asyncio.to_thread(_write_alerts, path, alerts)
        except OSError as error:
            self.trouble = f"the alerts cannot be written to {path}: {error.strerror}"

    def _alerts_path(self, system: str) -> Path | None:
        path = self.path(system)
        return None if path is None else path.with_suffix(".alerts.json")


def _read_alerts(path: Path) -> tuple[Remembered, ...]:
    try:
        with path.open("rb") as file:
            return tuple(_alerts_decoder.decode(file.read(BYTES_MAX)))
    except (OSError, *UNREADABLE):
        return ()


def _write_alerts(path: Path, alerts: tuple[Remembered, ...]) -> None:
    """Whole or not at all: a file that is half written would forget everything."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(_encoder.encode(alerts))
    new.replace(path)


def _read(path: Path) -> tuple[Entry, ...]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - BYTES_MAX))
            lines = file.read(BYTES_MAX).splitlines()[-LINES_MAX:]
    except OSError:
        return ()
    found = []
    for line in lines:
        try:
            found.append(_decoder.decode(line))
        except UNREADABLE:
            continue
    return tuple(found)


def _write(path: Path, entries: list[Entry]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > 2 * BYTES_MAX:
        kept = _read(path)
        path.write_bytes(b"".join(_encoder.encode(entry) + b"\n" for entry in kept))
    with path.open("ab") as file:
        file.write(b"".join(_encoder.encode(entry) + b"\n" for entry in entries))
