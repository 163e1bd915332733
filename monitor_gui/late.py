"""A desk that can be asked before there is one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

WAITING_MAX: Final = 100


class LateDesk:
    """Stands for a `Desk` until `be` says which: calls of any of its methods wait, at most
    `WAITING_MAX` of them (the oldest are lost), and are handed on in their order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._desk: object | None = None
        self._waiting: deque[tuple[str, tuple[Any, ...]]] = deque(maxlen=WAITING_MAX)

    def be(self, desk: object) -> None:
        """From now on all calls go there. May be called on any thread."""
        with self._lock:
            for name, arguments in self._waiting:
                getattr(desk, name)(*arguments)
            self._waiting.clear()
            self._desk = desk

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def ask(*arguments: Any) -> None:
            with self._lock:
                if self._desk is None:
                    self._waiting.append((name, arguments))
                    return
            getattr(self._desk, name)(*arguments)

        return ask
