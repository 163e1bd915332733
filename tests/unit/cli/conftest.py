"""Two fake TMR hosts and a profile for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.world import Routes, World
from tests.unit.client.fake import Certificates, make_certificates
from tests.unit.client.test_sync import ServerThread


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """PEM files for servers on 127.0.0.1 and their clients."""
    return make_certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def world(certificates: Certificates, tmp_path: Path) -> Iterator[World]:
    """The profile names the first host only, as it would a virtual IP."""
    with ServerThread(certificates) as first, ServerThread(certificates) as second:
        made = World(tmp_path, certificates, Routes(first), Routes(second), tmp_path)
        first.script, second.script = made.first, made.second
        made.profile = made.write_profile(first.port)
        yield made
