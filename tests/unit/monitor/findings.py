"""Reads out of `appliance.watch` every sentence that a finding may have, without making any."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import watch

FOLDER = Path(watch.__file__).parent
FIELDS = ("what", "remedy")
PLACE = "\0"


def sentences() -> Iterator[tuple[str, str, str]]:
    """(code, field, sentence) of each; a place holds a word of its own, and each branch of a
    conditional is a sentence."""
    for path in sorted(FOLDER.glob("*.py")):
        yield from of_module(path.read_text("utf-8"))


def of_module(source: str) -> Iterator[tuple[str, str, str]]:
    """The same of one module's source."""
    functions = {
        node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)
    }
    for function in functions.values():
        reader = _Reader(function, functions)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                given = {word.arg: word.value for word in node.keywords}
                for code, field in itertools.product(reader.said(given["cause"]), FIELDS):
                    for text in reader.said(given[field]):
                        yield _numbered(code).partition("/")[0], field, _numbered(text)


@dataclass
class _Reader:
    """Reads the expressions of one function, and of those beside it that it calls."""

    function: ast.FunctionDef
    functions: dict[str, ast.FunctionDef]
    within: tuple[str, ...] = ()

    def said(self, node: ast.expr | None) -> list[str]:
        """The texts that an expression may be; what is no text that stands here is a place."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return _joined([self.said(part) for part in parts])
            case ast.FormattedValue(value=value, format_spec=None):
                return self.said(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self.said(left), self.said(right)])
            case ast.IfExp(body=body, orelse=orelse):
                return self.said(body) + self.said(orelse)
            case ast.BoolOp(op=ast.Or(), values=values):
                return [text for one in values for text in self.said(one)]
            case ast.Name(id=name) if name not in self.within:
                inner = _Reader(self.function, self.functions, (*self.within, name))
                found = [text for one in self._assigned(name) for text in inner._of(*one)]
                return found or [_place(node)]
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                return self._of(node, None)
        return [_place(node)]

    def _assigned(self, name: str) -> Iterator[tuple[ast.expr, int | None]]:
        """What a name of the function may stand for, and as which part of it."""
        for node in ast.walk(self.function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield node.value, None
                    elif isinstance(target, ast.Tuple):
                        for part, one in enumerate(target.elts):
                            if getattr(one, "id", "") == name:
                                yield node.value, part

    def _of(self, node: ast.expr, part: int | None) -> list[str]:
        """The texts of an expression, or of one part of what a function beside this one gives."""
        called = getattr(getattr(node, "func", None), "id", "")
        if called not in self.functions or called in self.within:
            return self.said(node) if part is None else [_place(node)]
        function = self.functions[called]
        inner = _Reader(function, self.functions, (*self.within, called))
        found: list[str] = []
        for one in ast.walk(function):
            if isinstance(one, ast.Return) and one.value is not None:
                value = one.value
                if part is not None and isinstance(value, ast.Tuple):
                    value = value.elts[part]
                found += [text for text in inner.said(value) if text]
        return found or [_place(node)]


def _place(node: ast.expr | None) -> str:
    """Where something stands that is no text: what it is, between two marks."""
    return f"{PLACE}{ast.unparse(node) if node is not None else ''}{PLACE}"


def _joined(parts: list[list[str]]) -> list[str]:
    return ["".join(one) for one in itertools.product(*parts)]


def _numbered(text: str) -> str:
    """The text with a word in each place, the same one where the same thing stands."""
    pieces = text.split(PLACE)
    words = {what: f"word{number}" for number, what in enumerate(dict.fromkeys(pieces[1::2]))}
    return "".join(words[p] if n % 2 else p for n, p in enumerate(pieces))
