"""One plant for all files, which follow one another as their tests do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.plant import Plant


@pytest.fixture(scope="session")
def plant() -> Iterator[Plant]:
    """A plant whose wheelhouse holds this tree's release; nothing is deployed yet."""
    with tempfile.TemporaryDirectory(prefix="tmr-hosts-") as directory:
        plant = Plant(Path(directory))
        plant.prepare()
        yield plant
