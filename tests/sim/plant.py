"""A plugin for pytest: `-p tests.sim.plant --plant NAME` plants a bug before anything is tested."""

from __future__ import annotations

import pytest

_PLANTED = pytest.MonkeyPatch()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--plant NAME`, a mutant that unit tests kill."""
    parser.addoption("--plant", metavar="NAME", required=True)


def pytest_configure(config: pytest.Config) -> None:
    """The tests are imported after this, and import what is planted."""
    from tests.sim.killing import MUTANTS

    mutants = {mutant.name: mutant for mutant in MUTANTS}
    mutants[config.getoption("--plant")].patch(_PLANTED)


def pytest_unconfigure() -> None:
    """Nothing stays behind."""
    _PLANTED.undo()
