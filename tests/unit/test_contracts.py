"""The import contracts name what exists, and notice what they are there to notice."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]

OURS = ("appliance.", "monitor_gui.")
SINGLE = ("errors", "sentences", "text", "unreadable", "unreadable_x509")
"""Modules at the bottom that are no packages."""
ROOMS = (
    *(
        "details",
        "licences",
        "clocks",
        "verifier",
        "ledger",
        "usage",
        "codec",
        "watch",
        "adapters",
        "services",
    ),
    *("sim", "client", "lab", "cli"),
)


def contract(wanted: str) -> dict[str, Any]:
    """The contract with an id."""
    return next(entry for entry in CONTRACTS if entry["id"] == wanted)


def test_layers_are_all_the_rooms_in_order() -> None:
    assert tuple(reversed(contract("layers")["layers"])) == (" | ".join(SINGLE), *ROOMS)


def test_every_room_is_a_package_that_is_listed() -> None:
    there = {
        path.stem
        for path in (ROOT / "appliance").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert there - {"__init__", "__main__"} == {*SINGLE, *ROOMS}


def cycle(imports: dict[str, set[str]]) -> list[str]:
    """Modules of which each imports the one before, the first being the last; [] if none do."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Not even for a type: whoever reads the one would have to read the other first."""
    graph = grimp.build_graph("appliance", "monitor_gui", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 400
    assert cycle(imports) == []


def test_a_cycle_is_found() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run the project's contracts over a tree that has an `appliance` package."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as m; m()"]
    return subprocess.run(
        [*command, "--config", str(tree / "pyproject.toml"), "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The rooms without their furniture, under the project's own contracts."""
    (tmp_path / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    named = {f"appliance.{room}" for room in ROOMS}
    for entry in CONTRACTS:
        for key in ("source_modules", "forbidden_modules"):
            named |= {name for name in entry.get(key, ()) if name.startswith(OURS)}
    layers = " | ".join(contract("monitor-layers")["layers"]).split(" | ")
    named |= {f"monitor_gui.{layer}" for layer in layers if layer != "app"}
    for module in ["appliance", "monitor_gui", *sorted(named)]:
        names = module.split(".")
        for depth in range(1, len(names) + 1):
            package = tmp_path.joinpath(*names[:depth])
            package.mkdir(exist_ok=True)
            (package / "__init__.py").touch()
    for module in SINGLE:
        (tmp_path / "appliance" / f"{module}.py").touch()
    for entry in CONTRACTS:  # What a contract excuses has to be there.
        for excused in entry.get("ignore_imports", ()):
            excusing, imported = (tmp_path.joinpath(*n.split(".")) for n in excused.split(" -> "))
            imported.with_suffix(".py").touch()
            excusing.with_suffix(".py").write_text(f"import {excused.partition(' -> ')[2]}\n")
    (tmp_path / "monitor_gui" / "app.py").touch()
    return tmp_path


def test_an_innocent_tree_passes(skeleton: Path) -> None:
    (skeleton / "appliance/services/upstream/core.py").write_text(
        "import asyncio\nfrom appliance.ledger import replica\n", encoding="utf-8"
    )
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("where", "source", "broken"),
    [
        ("licences/x.py", "import time\n", "purity"),
        ("ledger/x.py", "def f():\n    import random\n", "purity"),
        ("codec/x.py", "from asyncio import Queue\n", "purity"),
        ("clocks/x.py", "import os.path\n", "purity"),
        ("licences/x.py", "import appliance.ledger\n", "layers"),
        ("services/x.py", "import appliance.lab\n", "layers"),
        ("sim/x.py", "import appliance.services\n", "simulator"),
        ("client/x.py", "import appliance.ledger.messages\n", "client"),
        ("verifier/x.py", "import appliance.ledger\n", "layers"),
        ("verifier/x.py", "import time\n", "purity"),
        ("services/upstream/x.py", "import fcntl\n", "upstream-portable"),
        ("services/upstream/x.py", "import appliance.adapters.vrrp.netlink\n", "upstream-portable"),
        ("monitor_gui/model/x.py", "import PySide6.QtCore\n", "monitor-model"),
        ("monitor_gui/model/x.py", "import time\n", "monitor-model"),
        ("monitor_gui/model/x.py", "import monitor_gui.feed\n", "monitor-layers"),
        ("monitor_gui/feed/x.py", "import monitor_gui.qt\n", "monitor-layers"),
        ("monitor_gui/qt/x.py", "import socket\n", "monitor-window"),
        ("services/x.py", "import PySide6\n", "servers-without-monitor"),
    ],
)
def test_a_forbidden_import_is_noticed(
    skeleton: Path, where: str, source: str, broken: str
) -> None:
    top = "" if where.startswith("monitor_gui/") else "appliance"
    (skeleton / top / where).write_text(source, encoding="utf-8")
    done = lint(skeleton)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract(broken)['name']} BROKEN" in " ".join(done.stdout.split())
