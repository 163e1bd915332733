"""Every setting that there is has an effect: somebody reads it outside the settings themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest

from appliance.cli import _alerting as alerting
from appliance.services import settings, vip_config
from appliance.services.timeserver import settings as timeserver

ROOT = Path(__file__).resolve().parents[2]
MODULES = (settings, timeserver, vip_config, alerting)


def structs() -> list[type[msgspec.Struct]]:
    """Every settings struct of our own."""
    return [
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, msgspec.Struct)
        and kind.__module__ == module.__name__
    ]


def read_names() -> set[str]:
    """Every attribute that the program reads, but for what a struct's own check looks at."""
    found = set()
    for path in (ROOT / "appliance").rglob("*.py"):
        for node in _without_checks(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.add(node.attr)
    return found


def _without_checks(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.FunctionDef) and node.name == "__post_init__":
        return []
    return [node, *(x for child in ast.iter_child_nodes(node) for x in _without_checks(child))]


READ = read_names()


@pytest.mark.parametrize("kind", structs(), ids=lambda kind: kind.__name__)
def test_each_setting_is_used(kind):
    assert [name for name in kind.__struct_fields__ if name not in READ] == []


def test_there_are_settings_to_look_at():
    known = {"AnswerLimits", "TmrSettings", "UpstreamSettings", "TimeServerSettings"}
    assert known | {"VipConfig", "AlertSettings"} <= {kind.__name__ for kind in structs()}


def test_a_setting_that_only_its_own_check_reads_is_found():
    tree = ast.parse("class A:\n    def __post_init__(self):\n        self.unused_max\n")
    assert not any(isinstance(node, ast.Attribute) for node in _without_checks(tree))
