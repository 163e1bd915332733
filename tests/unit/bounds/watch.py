"""Finds every instance of the classes in a table of bounds, wherever it is, and measures it.

`gc` knows all objects that can hold others; those that were there before are set aside first, so
that a limit that a test makes small is not held against what others left behind.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.bounds.kinds import Bound


@dataclass(slots=True)
class Watch:
    """What was seen: the most that each held, which of them were full, and which held too much."""

    bounds: dict[str, Bound]
    peaks: dict[str, int] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)
    excess: list[str] = field(default_factory=list)
    _of: dict[type, list[tuple[str, str, Bound]]] = field(default_factory=dict)
    _caches: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, bound in self.bounds.items():
            if not bound.is_driven:
                continue
            owner, _, attribute = key.rpartition(":")[2].rpartition(".")
            module = importlib.import_module(module_of(key))
            if attribute.endswith("()"):
                self._caches[key] = getattr(module, attribute[:-2])
            else:
                self._of.setdefault(getattr(module, owner), []).append((key, attribute, bound))

    def look(self) -> None:
        """Measure everything that is there now."""
        for key, cache in self._caches.items():
            self._see_cache(key, cache)
        measured: dict[type, list[tuple[str, str, Bound]]] = {}
        for one in gc.get_objects():
            kind = type(one)
            if kind not in measured:
                measured[kind] = [row for base in kind.__mro__ for row in self._of.get(base, ())]
            for key, attribute, bound in measured[kind]:
                self._see(key, one, attribute, bound)

    def _see(self, key: str, owner: Any, attribute: str, bound: Bound) -> None:
        held = getattr(owner, attribute, None)
        if held is None:
            return  # It is being made, or has never been needed.
        size = held.qsize() if hasattr(held, "qsize") else bound.measure(held)
        self._note(key, size, bound.allowed(owner, held))

    def _see_cache(self, key: str, cache: Any) -> None:
        info = cache.cache_info()
        self._note(key, info.currsize, info.maxsize)

    def _note(self, key: str, size: int, allowed: int) -> None:
        self.peaks[key] = max(self.peaks.get(key, 0), size)
        if size >= allowed and size:
            self.full.add(key)
        if size > allowed:
            self.excess.append(f"{key} holds {size}, {allowed} allowed")


def module_of(key: str) -> str:
    """The module of a key's class."""
    name = key.partition(":")[0]
    return name if name.startswith("monitor_gui.") else f"appliance.{name}"


@contextmanager
def watching(bounds: dict[str, Bound]) -> Iterator[Watch]:
    """A watch that sees only what is made from here on."""
    gc.collect()
    gc.freeze()
    try:
        yield Watch(bounds)
    finally:
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a driver has: `look` as often as it likes, limits that it makes small, a directory."""

    watch: Watch
    patch: pytest.MonkeyPatch
    path: Path

    def look(self) -> None:
        """Measure everything that is there now."""
        self.watch.look()

    def limit(self, most: int, *names: str) -> None:
        """Make these limits small: "ledger.leader.batches.SETTLED_MAX"."""
        for name in names:
            top = "" if name.startswith("monitor_gui.") else "appliance."
            self.patch.setattr(f"{top}{name}", most)


Drive = Callable[[Scene], None]


@dataclass(slots=True)
class Drivers:
    """Functions that drive objects above their bounds, and which keys each is responsible for."""

    each: dict[Drive, tuple[str, ...]] = field(default_factory=dict)

    def drives(self, *keys: str) -> Callable[[Drive], Drive]:
        """Register a driver for these keys."""

        def register(drive: Drive) -> Drive:
            self.each[drive] = keys
            return drive

        return register
