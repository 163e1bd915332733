"""Where each value of a TOML document stands: its line and column, by the path that leads to it.

`tomllib` says where a document is not well formed, and nothing of where a value stands. So a text
that it accepted is walked once more, for the places alone: what is walked is well formed, and the
values themselves are not read here.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Final

Path = tuple[str | int, ...]
"""Keys, and places within arrays from 0, from the top of the document."""
Place = tuple[int, int]
"""Line and column, from 1."""

_SPACE: Final = re.compile(r"[ \t]*")
_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^\s,\]}#]+(?: [0-9:.]+)?")


def places_in(text: str) -> dict[Path, Place]:
    """The place of each key's value, of each table and of each element, in a document that
    `tomllib` accepts."""
    return _Walk(text).places


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._arrays: dict[Path, int] = {}
        self.places: dict[Path, Place] = {}
        table: Path = ()
        while self._skip(_GAP) < len(text):
            if text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return self._at

    def _note(self, path: Path, at: int) -> None:
        line = bisect_right(self._lines, at)
        self.places.setdefault(path, (line, at - self._lines[line - 1] + 1))

    def _keys(self) -> list[str]:
        """A key with its dots."""
        keys = []
        while True:
            self._skip(_SPACE)
            start = self._at
            if self._text[start] in "\"'":
                self._skip(_QUOTED)
                keys.append(next(iter(tomllib.loads(f"{self._text[start : self._at]} = 0"))))
            else:
                self._skip(_BARE)
                keys.append(self._text[start : self._at])
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _into(self, path: Path, keys: list[str]) -> Path:
        """The table under these keys; of an array of tables its last one."""
        for key in keys:
            path = (*path, key)
            if path in self._arrays:
                path = (*path, self._arrays[path])
        return path

    def _header(self) -> Path:
        start = self._at
        double = self._text.startswith("[[", start)
        self._at += 1 + double
        *outer, last = self._keys()
        self._at += 1 + double
        path = (*self._into((), outer), last)
        if double:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            path = (*path, self._arrays[path])
        self._note(path, start)
        return path

    def _pair(self, table: Path) -> None:
        start = self._at
        keys = self._keys()
        self._at += 1
        path = (*table, *keys)
        self._note(path, start)
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        text = self._text
        opening = text[self._at]
        if opening == "[":
            self._at += 1
            number = 0
            while self._skip(_GAP) >= 0 and text[self._at] != "]":
                if text[self._at] == ",":
                    self._at += 1
                    continue
                self._note((*path, number), self._at)
                self._value((*path, number))
                number += 1
            self._at += 1
        elif opening == "{":
            self._at += 1
            while self._skip(_SPACE) >= 0 and text[self._at] != "}":
                if text[self._at] == ",":
                    self._at += 1
                    continue
                self._pair(path)
            self._at += 1
        elif opening in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_SCALAR)
