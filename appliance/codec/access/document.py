"""The document of access rules (TOML, docs/access.md), read where an operator is, and written.

    version = 12                         # of the rules in force that this was made from
    [groups]
    design = ["user:ada", "user:grace", "host:cad1"]
    [[set]]                              # for everything, a firm, or a product of it
    firm = 6000010
    product = 1
    default = "deny"
    [[set.rule]]
    allow = ["group:design", "network:10.1.0.0/16"]
    [[set.rule]]
    reserve = 3
    for = ["group:design"]

A fault is one sentence with line and column, and nothing is taken of a document that has one. What
can go wrong in here is a rule that never counts: a key that is misspelt, a network behind a wider
one. So whatever is not known is refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from appliance.codec.access.places import Path, Place, places_in
from appliance.codec.access.subjects import EVERYONE, Networks, Subject, shown, subject_of
from appliance.codec.api_access import AccessGroup, AccessRule, AccessSet, NamedRules
from appliance.licences.access.form import (
    ALLOW,
    COUNTING,
    DECIDING,
    DENY,
    GROUPS_MAX,
    RESERVE,
    RULES_MAX,
    SETS_MAX,
    SUBJECTS_MAX,
)
from appliance.licences.bounds import CODE_MAX, COUNT_MAX
from appliance.unreadable import UNREADABLE

DOCUMENT_BYTES_MAX: Final = 1_000_000
"""A document has to have fewer bytes."""
_TOML_PLACE: Final = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)
_TOP: Final = ("version", "groups", "set")
_SET: Final = ("firm", "product", "default", "rule")


class AccessFault(Exception):
    """A document that is not accepted: where, and what is wrong, in words."""

    def __init__(self, line: int, column: int, what: str) -> None:
        super().__init__(f"line {line}, column {column}: {what}")
        self.line = line
        self.column = column
        self.what = what


class AccessText(NamedTuple):
    """What a document says: which version it was made from (None: it does not say), its rules, and
    what is worth a look, as (line, column, sentence)."""

    version: int | None
    rules: NamedRules
    warnings: tuple[tuple[int, int, str], ...]


def read_document(data: bytes) -> AccessText:
    """The rules in a document. Raises AccessFault."""
    if len(data) >= DOCUMENT_BYTES_MAX:
        raise AccessFault(1, 1, f"the document has {len(data)} bytes, not under a megabyte")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = error.start - before.rfind(b"\n")
        raise AccessFault(before.count(b"\n") + 1, column, "this is not UTF-8") from None
    text = text.replace("\r\n", "\n")
    try:
        value = tomllib.loads(text)
    except RecursionError:
        raise _syntax("the document is nested too deeply", text) from None
    except UNREADABLE as error:
        raise _syntax(str(error), text) from None
    return _Reader(value, places_in(text)).read()


def _syntax(said: str, text: str) -> AccessFault:
    found = _TOML_PLACE.fullmatch(said)
    if found is None:
        last = text.rpartition("\n")[2]
        return AccessFault(text.count("\n") + 1, len(last) + 1, said.partition(" (at end")[0])
    return AccessFault(int(found[2]), int(found[3]), found[1])


class _Reader:
    """Reads one document; `places` say where everything stands."""

    def __init__(self, value: dict[str, Any], places: dict[Path, Place]) -> None:
        self._value = value
        self._places = places
        self._groups: dict[str, tuple[str, ...]] = {}
        self._used: set[str] = set()
        self._subjects = 0
        self._rules = 0
        self._warnings: list[tuple[int, int, str]] = []

    def read(self) -> AccessText:
        """The whole. Raises AccessFault."""
        value = self._value
        self._known((), value, _TOP)
        version = value.get("version")
        if version is not None:
            self._number(("version",), version, 0, COUNT_MAX)
        self._read_groups(value.get("groups", {}))
        sets = value.get("set", [])
        if not isinstance(sets, list):
            raise self._fault(("set",), "a set begins with [[set]]")
        if len(sets) > SETS_MAX:
            raise self._fault(("set", SETS_MAX), f"there are at most {SETS_MAX} sets")
        found: dict[tuple[int | None, int | None], AccessSet] = {}
        for number, one in enumerate(sets):
            read = self._set(("set", number), one)
            scope = (read.firm_code, read.product_code)
            if scope in found:
                raise self._fault(("set", number), "there is a set for the same before it")
            found[scope] = read
        for name in self._groups.keys() - self._used:
            self._warn(("groups", name), f"no rule names the group {shown(name)}")
        groups = tuple(AccessGroup(name=name, members=of) for name, of in self._groups.items())
        rules = NamedRules(groups=groups, sets=tuple(found.values()))
        return AccessText(version, rules, tuple(sorted(self._warnings)))

    # --- parts ---

    def _read_groups(self, groups: Any) -> None:
        if not isinstance(groups, dict):
            raise self._fault(("groups",), "groups are a table: [groups]")
        if len(groups) > GROUPS_MAX:
            raise self._fault(("groups",), f"there are at most {GROUPS_MAX} groups")
        for name, members in groups.items():
            path: Path = ("groups", name)
            self._subject(path, f"group:{name}")
            subjects = self._list(path, members)
            for number, subject in enumerate(subjects):
                if subject.kind in ("group", "everyone"):
                    raise self._fault((*path, number), "a group holds no group, and not everyone")
            self._groups[name] = tuple(members)

    def _set(self, path: Path, value: Any) -> AccessSet:
        if not isinstance(value, dict):
            raise self._fault(path, "a set is a table: [[set]]")
        self._known(path, value, _SET)
        for key in ("firm", "product"):
            if key in value:
                self._number((*path, key), value[key], 0, CODE_MAX)
        if "product" in value and "firm" not in value:
            raise self._fault((*path, "product"), "a product is a firm's: add firm = …")
        default = value.get("default", ALLOW)
        if default not in DECIDING:
            raise self._fault((*path, "default"), f'default is "{ALLOW}" or "{DENY}"')
        rules = value.get("rule", [])
        if not isinstance(rules, list):
            raise self._fault((*path, "rule"), "a rule begins with [[set.rule]]")
        self._rules += len(rules)
        if self._rules > RULES_MAX:
            raise self._fault(path, f"there are at most {RULES_MAX} rules")
        read = [self._rule((*path, "rule", number), rule) for number, rule in enumerate(rules)]
        self._reached(path, read)
        return AccessSet(
            firm_code=value.get("firm"),
            product_code=value.get("product"),
            default=default,
            rules=tuple(read),
        )

    def _rule(self, path: Path, value: Any) -> AccessRule:
        if not isinstance(value, dict):
            raise self._fault(path, "a rule is a table: [[set.rule]]")
        actions = [key for key in value if key in (*DECIDING, *COUNTING)]
        if len(actions) != 1:
            named = ", ".join((*DECIDING, *COUNTING))
            raise self._fault(path, f"a rule has one of {named}, and this has {len(actions)}")
        (action,) = actions
        counts = action in COUNTING
        self._known(path, value, (action, "for") if counts else (action,))
        whom: Path = (*path, "for" if counts else action)
        who = value.get("for", EVERYONE) if counts else value[action]
        seats = 0
        if counts:
            least = 1 if action == RESERVE else 0
            seats = self._number((*path, action), value[action], least, COUNT_MAX)
        line, column = self._place(path)
        if who == EVERYONE:
            if action == RESERVE:
                raise self._fault(path, "seats are reserved for somebody: add for = […]")
            return AccessRule(action=action, seats=seats, line=line, column=column)
        self._named(whom, self._list(whom, who))
        return AccessRule(action=action, who=tuple(who), seats=seats, line=line, column=column)

    def _named(self, path: Path, subjects: list[Subject]) -> None:
        for number, subject in enumerate(subjects):
            if subject.kind == "everyone":
                raise self._fault((*path, number), f'everyone stands alone: = "{EVERYONE}"')
            if subject.kind == "group":
                if subject.name not in self._groups:
                    raise self._fault((*path, number), f"there is no group {shown(subject.name)}")
                self._used.add(subject.name)

    def _list(self, path: Path, value: Any) -> list[Subject]:
        """Subjects, each once, no network within another."""
        if not isinstance(value, list):
            raise self._fault(path, 'subjects are a list, such as ["user:ada"]')
        if not value:
            raise self._fault(path, f'this names nobody; for all it is "{EVERYONE}"')
        found: dict[tuple[str, str], Subject] = {}
        networks = Networks[str]()
        for number, text in enumerate(value):
            place: Path = (*path, number)
            subject = self._subject(place, text)
            key = (subject.kind, subject.name.casefold())
            if key in found:
                raise self._fault(place, f"{shown(text)} is named twice")
            found[key] = subject
            if subject.network is not None:
                networks.add(subject.network, subject.name)
        for number, subject in enumerate(found.values()):
            network = subject.network
            other = networks.covering(network, wider=True) if network is not None else None
            if other is not None:
                said = f"{shown(subject.name)} lies within {shown(other)}: name the wider one alone"
                raise self._fault((*path, number), said)
        self._subjects += len(found)
        if self._subjects > SUBJECTS_MAX:
            raise self._fault(path, f"rules and groups name at most {SUBJECTS_MAX} subjects")
        return list(found.values())

    def _reached(self, path: Path, rules: list[AccessRule]) -> None:
        """Refuse a network behind a wider one that decides before it; warn of what is behind a rule
        for everyone."""
        before = Networks[tuple[str, int]]()
        everyone = 0
        for number, rule in enumerate(rules):
            if rule.action in COUNTING:
                continue
            place: Path = (*path, "rule", number)
            if everyone:
                self._warn(place, f"no check-out comes here: line {everyone} decides for everyone")
            if not rule.who:
                everyone = everyone or rule.line
            mine = [
                (at, one.name, one.network)
                for at, one in enumerate(map(subject_of, rule.who))
                if one.network is not None
            ]
            for at, name, network in mine:
                covers = before.covering(network)
                if covers is not None:
                    said = (
                        f"{shown(name)} lies within {shown(covers[0])} of line {covers[1]},"
                        " which decides before: put the narrower one first"
                    )
                    raise self._fault((*place, rule.action, at), said)
            for _, name, network in mine:
                before.add(network, (name, rule.line))

    # --- values ---

    def _subject(self, path: Path, text: Any) -> Subject:
        if not isinstance(text, str):
            raise self._fault(path, 'a subject is a text, such as "user:ada"')
        try:
            return subject_of(text)
        except ValueError as error:
            raise self._fault(path, str(error)) from None

    def _number(self, path: Path, value: Any, least: int, most: int) -> int:
        if type(value) is not int or not least <= value <= most:
            raise self._fault(path, f"{path[-1]} is a number from {least} to {most}")
        return int(value)

    def _known(self, path: Path, value: dict[str, Any], keys: tuple[str, ...]) -> None:
        for key in value:
            if key not in keys:
                said = f"{shown(key)} is not known here; there are {', '.join(keys)}"
                raise self._fault((*path, key), said)

    def _place(self, path: Path) -> Place:
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (1, 1))

    def _fault(self, path: Path, what: str) -> AccessFault:
        return AccessFault(*self._place(path), what)

    def _warn(self, path: Path, what: str) -> None:
        self._warnings.append((*self._place(path), what))


# --- writing ---


def write_document(rules: NamedRules, version: int | None = None, notes: Iterable[str] = ()) -> str:
    """The document of these rules, with comments before it; `read_document` gives them back."""
    lines = [f"# {note}" for note in notes]
    if version is not None:
        lines += [f"version = {version}", ""]
    if rules.groups:
        lines.append("[groups]")
        lines += [f"{_key(group.name)} = {_texts(group.members)}" for group in rules.groups]
        lines.append("")
    for one in rules.sets:
        lines.append("[[set]]")
        if one.firm_code is not None:
            lines.append(f"firm = {one.firm_code}")
        if one.product_code is not None:
            lines.append(f"product = {one.product_code}")
        lines += [f'default = "{one.default}"', ""]
        for rule in one.rules:
            lines.append("[[set.rule]]")
            who = _texts(rule.who) if rule.who else f'"{EVERYONE}"'
            if rule.action in COUNTING:
                lines += [f"{rule.action} = {rule.seats}", f"for = {who}", ""]
            else:
                lines += [f"{rule.action} = {who}", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A basic string of TOML: what JSON escapes, TOML does alike, but DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(texts: Iterable[str]) -> str:
    whole = ", ".join(map(_quoted, texts))
    if len(whole) <= 96:
        return f"[{whole}]"
    return "[\n" + "".join(f"    {_quoted(text)},\n" for text in texts) + "]"
