"""docs/threats.md names tests that exist, and each file of tests/attacks is named there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threats.md").read_text("utf-8")
NAME = r"`(tests/[\w/]+\.py)::(\w+)`"
NAMED = re.findall(NAME, PAGE)
COLUMNS = 3


ALONE = PAGE.partition("## What unit tests alone show\n")[2]


def names_in(path: Path) -> set[str]:
    """The names of a file's tests."""
    return {
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_shows_it_is_a_test(path: str, name: str) -> None:
    assert name in names_in(ROOT / path)


def test_every_attack_is_in_the_threat_model() -> None:
    attacks = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in (ROOT / "tests" / "attacks").glob("test_*.py")
        for name in names_in(path)
    }
    assert attacks
    assert attacks <= set(NAMED)


def test_every_row_says_what_shows_it_or_that_nothing_does() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0].strip() != "he"]
    assert len(rows) > 20
    for _, _, shown in rows:
        assert "::" in shown or shown.strip() == "no test", shown


def test_what_no_real_process_shows_is_listed() -> None:
    """A unit test plays an attack on a part of the system, with the rest made up: say so."""
    heading, alone = "", dict[str, list[str]]()
    for line in PAGE.removesuffix(ALONE).splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        paths = [path for path, _ in re.findall(NAME, cells[-1])] if len(cells) == COLUMNS else []
        if paths and all(path.startswith("tests/unit/") for path in paths):
            alone.setdefault(heading, []).append(cells[0])
    listed = [f"* *{heading}*: {'; '.join(rows)}" for heading, rows in alone.items()]
    told = [" ".join(one.split()) for one in re.split(r"\n(?=\* )", ALONE.strip())[1:]]
    assert told == listed, "list these in docs/threats.md:\n" + "\n".join(listed)
