"""The locks hold what pyproject.toml asks for, with hashes, and do not say where it comes from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SERVER = [Requirement(text) for text in PROJECT["dependencies"]]
DEV = [Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]]
MONITOR = [Requirement(text) for text in PROJECT["optional-dependencies"]["monitor"]]
DEPLOY = [Requirement(text) for text in PROJECT["optional-dependencies"]["deploy"]]
LOCKS = ("server.txt", "monitor.txt", "deploy.txt", "deploy-3.12.txt", "dev.txt", "lock.txt")


def lock_text(lock: str) -> str:
    """A lock file as it stands."""
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    """Distribution name -> pinned version."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock_text(lock), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize(
    ("lock", "python", "wanted"),
    [
        ("server.txt", "3.11", SERVER),
        ("monitor.txt", "3.11", SERVER + MONITOR),
        ("deploy.txt", "3.11", SERVER + DEPLOY),
        ("deploy-3.12.txt", "3.12", SERVER + DEPLOY),
        ("dev.txt", "3.11", SERVER + MONITOR + DEPLOY + DEV),
    ],
    ids=["server", "monitor", "deploy", "deploy-3.12", "dev"],
)
def test_lock_satisfies_the_project(lock: str, python: str, wanted: list[Requirement]) -> None:
    pinned = pins(lock)
    wrong = [
        str(entry)
        for entry in wanted
        if (entry.marker is None or entry.marker.evaluate({"python_version": python}))
        and not entry.specifier.contains(pinned.get(canonicalize_name(entry.name), "0"))
    ]
    assert wrong == [], "run 'make lock'"


def test_tools_are_tested_against_what_servers_run() -> None:
    assert pins("server.txt").items() <= pins("deploy-3.12.txt").items()
    for extra in ("monitor.txt", "deploy.txt"):
        assert pins("server.txt").items() <= pins(extra).items()
        assert pins(extra).items() <= pins("dev.txt").items()


def test_a_server_gets_no_tool() -> None:
    tools = {canonicalize_name(entry.name) for entry in DEV + MONITOR + DEPLOY}
    assert tools.isdisjoint(pins("server.txt"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    text = lock_text(lock)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    without = [
        block.split()[0] for block in blocks if block.strip() and "--hash=sha256:" not in block
    ]
    assert without == []
    assert "://" not in text


def test_every_dependency_has_its_reason_written_down() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = [entry.name for entry in SERVER + DEV]
    named += [
        Requirement(text).name
        for extra in ("monitor", "deploy")
        for text in PROJECT["optional-dependencies"][extra]
    ]
    assert [name for name in named if f"| `{name}` |" not in architecture] == []
