"""What a planted bug is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug: the first usual seed that meets it, `scenario` or a `unit` test kills it.

    With `exaggerate` that fault is frequent in them; with `malicious` one host of five lies. `also`
    are seeds to begin with: those that met it, where few or none of the usual ones do.
    """

    name: str
    patch: Patch
    scenario: str = ""
    exaggerate: str = ""
    malicious: bool = False
    also: tuple[int, ...] = ()
    unit: str = ""


def always(*targets: tuple[Any, str], gives: Any) -> Patch:
    """Each of these functions gives the same, whatever it is asked."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for owner, name in targets:
            monkeypatch.setattr(owner, name, lambda *_, **__: gives)

    return patch
