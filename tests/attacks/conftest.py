"""Attacks on one network lab of real processes, for all files here (docs/threats.md)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.conftest import real_network
from tests.lab.world import World

__all__ = ["real_network"]


@pytest.fixture(scope="session")
def lab_world(tmp_path_factory: pytest.TempPathFactory, real_network: None) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("attacks") / "lab") as made:
        yield made


@pytest.fixture
def world(lab_world: World) -> World:
    """The lab, whole."""
    lab_world.wait_until_whole()
    return lab_world
