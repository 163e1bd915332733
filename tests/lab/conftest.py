"""Tests on real network namespaces and a real keepalived: root and three Debian packages.

Without them they are skipped with the reason printed; with CI=true in the environment a skip is a
failure, because a run that tests nothing must not look green there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.lab import prerequisites
from appliance.lab.namespaces import LabNetwork

DEADLINE_S = 60.0
POLL_S = 0.01


def reason_to_skip() -> str:
    """Why the network lab cannot run here; empty if it can."""
    found = prerequisites.check()
    if found.obstacles:
        return found.obstacles[0]
    if found.packages:
        return f"missing Debian packages: {' '.join(found.packages)}"
    return ""


@pytest.fixture(scope="session", autouse=True)
def real_network() -> None:
    """Skip, or fail under CI, unless namespaces and keepalived can be had."""
    reason = reason_to_skip()
    if not reason:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"skipping is not allowed when CI=true: {reason}", pytrace=False)
    pytest.skip(reason)


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition with a generous deadline; fail naming it."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not seen within {DEADLINE_S:g} s: {what}"
        time.sleep(POLL_S)


_counter = iter(range(1_000_000))


def unique_lab_id() -> str:
    """A lab id that no other test process on this machine uses."""
    return f"t{os.getpid()}n{next(_counter)}"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabNetwork]:
    """A network lab with no processes yet, in a directory and under an id of its own."""
    network = LabNetwork(tmp_path / "lab", unique_lab_id())
    network.up({})
    try:
        yield network
    finally:
        network.down()
