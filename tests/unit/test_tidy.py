"""The house rules that no other tool checks: sizes, docstrings, and what no file may say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE_LINES_MAX = 450
FUNCTION_LINES_MAX = 75
FILE_BYTES_MAX = 1_000_000

# Made by tools, not by us.
NOT_OURS = {".git", ".venv", ".lock-venv", "__pycache__", "build", "dist", ".lab"}
CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"}

# Pieced together, so that this file does not trip over itself.
FORBIDDEN = {
    "a package registry's host": re.compile(
        "|".join(
            [
                "py" + r"pi\.org",
                "python" + r"hosted\.org",
                r"registry\." + "npm",
                "crates" + r"\.io",
            ]
        )
    ),
    "an index address": re.compile("--(extra-)?" + "index-url[ =]"),
    "a path of the place where it was written": re.compile(
        r"(?<![\w.\-/*])/" + r"(work|tmp/v|tmp/spec)\b|\.\./" + "shared/"
    ),
    "something left to do": re.compile(r"\b(" + "TO" + "DO|FIX" + r"ME|XX" + r"X)\b"),
}


def files() -> Iterator[Path]:
    """Every file of the project."""
    pending = [ROOT]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if path.name in NOT_OURS | CACHES or path.suffix in {".egg-info"}:
                continue
            if path.is_dir():
                pending.append(path)
            elif path.is_file():
                yield path


def modules(*tops: str) -> list[Path]:
    """The Python files below some of the top-level directories, those that exist."""
    return sorted(path for top in tops for path in (ROOT / top).rglob("*.py"))


def name(path: Path) -> str:
    """A path as people say it."""
    return str(path.relative_to(ROOT))


OUR_MODULES = modules("appliance", "monitor_gui", "tests")
DOCUMENTED = modules("appliance", "monitor_gui")


def too_long(source: str) -> list[str]:
    """What in `source` is longer than agreed, in words."""
    found = []
    lines = source.count("\n")
    if lines > MODULE_LINES_MAX:
        found.append(f"{lines} lines, {MODULE_LINES_MAX} allowed")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                found.append(f"{node.name}: {length} lines, {FUNCTION_LINES_MAX} allowed")
    return found


def undocumented(tree: ast.Module) -> list[str]:
    """Public things of a module that have no docstring; an @override or a setter needs none."""
    missing = [] if ast.get_docstring(tree) else ["the module itself"]
    pending: list[tuple[str, ast.AST]] = [("", tree)]
    while pending:
        prefix, parent = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if node.name.startswith("_") or excused(node):
                continue
            if not ast.get_docstring(node):
                missing.append(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                pending.append((f"{prefix}{node.name}.", node))
    return missing


def excused(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Another place documents it: an overload, an override, a property's setter."""
    last_words = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(last_words & {"overload", "override", "setter", "deleter"})


def forbidden_words(text: str) -> list[str]:
    """What in `text` must not be said, with its line number."""
    return [
        f"line {text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group()!r}"
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("path", OUR_MODULES, ids=name)
def test_sizes(path: Path) -> None:
    assert too_long(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", DOCUMENTED, ids=name)
def test_public_things_are_documented(path: Path) -> None:
    assert undocumented(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_no_file_says_what_it_must_not() -> None:
    found = {}
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a recorded message
        words = forbidden_words(text)
        if words:
            found[name(path)] = words
    assert found == {}


def test_no_file_is_huge() -> None:
    assert [name(path) for path in files() if path.stat().st_size > FILE_BYTES_MAX] == []


def test_the_rules_can_fail() -> None:
    assert too_long("x = 1\n" * (MODULE_LINES_MAX + 1))
    assert too_long("def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX)
    assert not too_long("def f():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1))
    source = 'class A:\n    def f(self): ...\n    def _g(self): ...\ndef h():\n    "x"\n'
    assert undocumented(ast.parse(source)) == ["the module itself", "A", "A.f"]


@pytest.mark.parametrize(
    "text",
    [
        "see https://" + "py" + "pi.org/simple",
        "--extra-" + "index-url https://mirror.example",
        "open('/" + "work/main/x')",
        "read .." + "/shared/design.md",
        "# TO" + "DO later",
    ],
)
def test_a_forbidden_word_is_found(text: str) -> None:
    assert len(forbidden_words("first\n" + text)) == 1


def test_an_innocent_word_is_not_found() -> None:
    assert forbidden_words("a network/work path, todo lists, https://example.org/work-shop") == []
