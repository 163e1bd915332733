"""Planted bugs: each is a small patch, and each must be found by seeds that are known to find it.

They test the simulator. A mutant that survives means that a real bug of that kind would, too. The
patches live here and nowhere else; what they replace is named in each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from appliance.ledger.effects import Send
from appliance.ledger.replica import Replica

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug, and the seeds of which the first that fails kills it."""

    name: str
    patch: Patch
    seeds: range


def answers_at_once(answer_type: type) -> Patch:
    """Send this kind of answer before its write is durable, and only then."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        write, written = Replica._write, Replica.written

        def hasty_write(self: Replica, origin: Any, answer: Any, **fields: Any) -> Any:
            effect = write(self, origin, answer, **fields)
            if isinstance(answer, answer_type):
                self._pending[effect.ticket].hasty = True
                self._hasty = [*getattr(self, "_hasty", []), Send(origin, answer)]
            return effect

        def receive(self: Replica, *args: Any) -> Any:
            self._hasty = []
            effects = original(self, *args)
            return [*self._hasty, *effects]

        original = Replica.receive
        assert written is Replica.written
        monkeypatch.setattr(Replica, "_write", hasty_write)
        monkeypatch.setattr(Replica, "receive", receive)

    return patch
