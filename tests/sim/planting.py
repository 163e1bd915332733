"""What a planted bug is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug, killed by the first of the usual seeds that meets it, or by `scenario`.

    With `exaggerate` that fault is frequent in them; with `malicious` one host of five lies. `also`
    are further malicious seeds: those that met it, where none of the usual ones does.
    """

    name: str
    patch: Patch
    scenario: str = ""
    exaggerate: str = ""
    malicious: bool = False
    also: tuple[int, ...] = ()
