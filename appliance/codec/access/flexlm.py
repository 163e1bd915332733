"""Options files of FlexNet (FLEXlm), translated to access rules.

    EXCLUDE, EXCLUDEALL    deny, before all else
    INCLUDE, INCLUDEALL    allow; where there is one, everybody else is denied
    RESERVE, MAX           reserve and max
    GROUP, HOST_GROUP      groups

A product is looked at under one set of rules here, and under all lines there; so what is for all
features is part of each product's set, and of a set for its firm. What can go wrong in here is a
line that is lost: each that is not translated is named, with why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from appliance.codec.access.subjects import Networks, subject_of
from appliance.codec.api_access import AccessGroup, AccessRule, AccessSet, NamedRules
from appliance.licences.access.form import ALLOW, DENY, MAX, RESERVE
from appliance.licences.bounds import COUNT_MAX

Codes = tuple[int, int]
"""(firm code, product code)."""

OPTIONS_BYTES_MAX: Final = 1_000_000
"""A file has to have fewer bytes."""
_WORD: Final = re.compile(r'"([^"]*)"|(\S+)')
_ADDRESS: Final = re.compile(r"[0-9*]+(\.[0-9*]+){3}")
_OCTETS: Final = 4
_RULES: Final = {"EXCLUDE": DENY, "INCLUDE": ALLOW, "RESERVE": RESERVE, "MAX": MAX}
_FOR_ALL: Final = {"EXCLUDEALL": DENY, "INCLUDEALL": ALLOW}
_COUNTED: Final = ("RESERVE", "MAX")
_GROUPS: Final = ("GROUP", "HOST_GROUP")
_ELSEWHERE: Final = {
    "LINGER": "how long a seat lingers is the vendor's option here (linger_s)",
    "TIMEOUT": "a seat ends here when its program stops sending heartbeats, not when it is idle",
    "TIMEOUTALL": "a seat ends here when its program stops sending heartbeats, not when it is idle",
    "REPORTLOG": "the record of use is the ledger here",
    "DEBUGLOG": "logs are read with `tmr logs` here",
    "NOLOG": "logs are read with `tmr logs` here",
    "FQDN_MATCHING": "a computer's name is compared as the program says it, but for its case",
}
_NO_SUCH: Final = "there is no such rule here"


class Untranslated(NamedTuple):
    """A line, or a part of one, that means nothing here: its number, what it says, and why."""

    line: int
    text: str
    why: str


class Translated(NamedTuple):
    """The rules of an options file, and what is not in them."""

    rules: NamedRules
    untranslated: tuple[Untranslated, ...]


class _Line(NamedTuple):
    number: int
    words: tuple[str, ...]


class _Wanted(NamedTuple):
    """A line that became a rule: for a feature (None: for all), with so many seats."""

    line: int
    action: str
    who: str
    seats: int = 0
    product: Codes | None = None


def translate(text: str, products: Mapping[str, Codes]) -> Translated:
    """The access rules that mean what this options file means. `products` are the codes of each
    feature, also `feature:KEYWORD=value`."""
    return _Translation(text, products).done()


class _Translation:
    def __init__(self, text: str, products: Mapping[str, Codes]) -> None:
        self._products = {name.casefold(): codes for name, codes in products.items()}
        self._groups: dict[tuple[str, str], dict[str, str]] = {}
        """The members of each, by what they are without regard to case."""
        self._lines = list(_lines(text))
        self._left: list[Untranslated] = []
        self._wanted: list[_Wanted] = []
        self._shut: set[Codes | None] = set()
        """What is for those alone who are included, of whom not all are known here."""

    def done(self) -> Translated:
        """Translate it."""
        for line in self._lines:
            if line.words[0].upper() in _GROUPS:
                self._group(line)
        for line in self._lines:
            self._line(line)
        named = {one.who for one in self._wanted}
        groups = tuple(
            AccessGroup(name=self._name(*key), members=tuple(members.values()))
            for key, members in self._groups.items()
            if f"group:{self._name(*key)}" in named
        )
        rules = NamedRules(groups=groups, sets=tuple(self._sets()))
        return Translated(rules, tuple(sorted(self._left)))

    # --- lines ---

    def _line(self, line: _Line) -> None:
        keyword, *rest = line.words
        keyword = keyword.upper()
        if keyword in _GROUPS:
            return
        if keyword == "GROUPCASEINSENSITIVE":
            if rest[:1] != ["ON"]:
                self._leave(line, "names count without case here")
        elif keyword in _RULES:
            self._rule(line, keyword, list(rest))
        elif keyword in _FOR_ALL:
            self._for_all(line, keyword, rest)
        else:
            self._leave(line, _ELSEWHERE.get(keyword, _NO_SUCH))

    def _rule(self, line: _Line, keyword: str, rest: list[str]) -> None:
        seats = 0
        if keyword in _COUNTED:
            text = rest.pop(0) if rest else ""
            least = 1 if keyword == "RESERVE" else 0
            if not (text.isascii() and text.isdigit()) or not least <= int(text) <= COUNT_MAX:
                self._leave(line, f"{keyword} begins with a number of seats")
                return
            seats = int(text)
        if len(rest) != 3:
            self._leave(line, f"{keyword} names a feature, a type and a name")
            return
        feature, kind, name = rest
        codes = self._products.get(feature.casefold())
        who = self._who(line, kind.upper(), name, keyword)
        if codes is None:
            self._leave(line, f"which product is {feature}? Say --feature {feature}=FIRM:PRODUCT")
        elif who is not None:
            self._wanted.append(_Wanted(line.number, _RULES[keyword], who, seats, codes))
        elif keyword == "INCLUDE":
            self._shut.add(codes)

    def _for_all(self, line: _Line, keyword: str, rest: list[str]) -> None:
        if len(rest) != 2:
            self._leave(line, f"{keyword} names a type and a name")
            return
        who = self._who(line, rest[0].upper(), rest[1], keyword)
        if who is not None and not self._products:
            self._leave(line, "which products are there? Say --feature NAME=FIRM:PRODUCT of each")
        elif who is not None:
            self._wanted.append(_Wanted(line.number, _FOR_ALL[keyword], who))
        elif keyword == "INCLUDEALL":
            self._shut.add(None)

    def _who(self, line: _Line, kind: str, name: str, keyword: str) -> str | None:
        """The subject; None if there is none here, which is noted then."""
        if kind == "GROUP" and name == "ALL_GROUPS":
            self._leave(line, "a limit for each group has to be written for each")
            return None
        if kind in _GROUPS:
            if (kind, name) not in self._groups:
                self._leave(line, f"there is no {kind} {name}")
                return None
            if not self._groups[kind, name]:
                self._leave(line, f"nobody of {kind} {name} could be translated")
                return None
            return f"group:{self._name(kind, name)}"
        if kind == "USER" and name == "ALL_USERS":
            self._leave(line, "a limit for each user is `tmr limit` here, by client")
            return None
        if kind not in ("USER", "HOST", "INTERNET"):
            self._leave(line, f"{kind} says nothing of who asks here")
            return None
        return self._subject(line, kind, name)

    def _subject(self, line: _Line, kind: str, name: str) -> str | None:
        text = _subject_text(kind, name)
        try:
            subject_of(text)
        except ValueError as error:
            self._leave(line, str(error))
            return None
        if "*" in name and not text.startswith("network:"):
            self._leave(line, f"{name}: a name has no * here")
            return None
        return text

    # --- groups ---

    def _group(self, line: _Line) -> None:
        keyword, *rest = line.words
        if len(rest) < 2:
            self._leave(line, f"{keyword} names a group and its members")
            return
        name, *members = rest
        kind = "USER" if keyword.upper() == "GROUP" else "HOST"
        of = self._groups.setdefault((keyword.upper(), name), {})
        for member in members:
            text = self._subject(line, kind, member)
            if text is None:
                continue
            same = of.setdefault(text.casefold(), text)
            if same != text:
                self._leave(line, f"{member} is {same.partition(':')[2]}: case does not count here")

    def _name(self, kind: str, name: str) -> str:
        """Its name here, where users and hosts have groups of one kind."""
        other = "GROUP" if kind == "HOST_GROUP" else "HOST_GROUP"
        return f"{name} (hosts)" if kind == "HOST_GROUP" and (other, name) in self._groups else name

    # --- sets ---

    def _sets(self) -> Iterable[AccessSet]:
        for_all = [one for one in self._wanted if one.product is None]
        if for_all or None in self._shut:
            for firm_code in sorted({codes[0] for codes in self._products.values()}):
                yield self._set(for_all, firm_code, None)
        named = {one.product for one in self._wanted} | self._shut
        for codes in sorted(of for of in named if of is not None):
            mine = [one for one in self._wanted if one.product in (None, codes)]
            yield self._set(mine, *codes)

    def _set(self, wanted: list[_Wanted], firm_code: int, product_code: int | None) -> AccessSet:
        order = (DENY, ALLOW, RESERVE, MAX)
        in_order = sorted(wanted, key=lambda one: (order.index(one.action), one.line))
        rules = tuple(
            AccessRule(action=one.action, who=(one.who,), seats=one.seats)
            for one in _without_inner(in_order)
        )
        shut = any(one.action == ALLOW for one in wanted) or None in self._shut
        if product_code is not None:
            shut = shut or (firm_code, product_code) in self._shut
        return AccessSet(
            firm_code=firm_code,
            product_code=product_code,
            default=DENY if shut else ALLOW,
            rules=rules,
        )

    def _leave(self, line: _Line, why: str) -> None:
        self._left.append(Untranslated(line.number, " ".join(line.words), why))


def _without_inner(wanted: list[_Wanted]) -> list[_Wanted]:
    """Without networks within one that decides before them: they are never looked at."""
    kept: list[_Wanted] = []
    seen = Networks[str]()
    for one in wanted:
        subject = subject_of(one.who)
        if one.action in (DENY, ALLOW) and subject.network is not None:
            if seen.covering(subject.network) is not None:
                continue
            seen.add(subject.network, one.who)
        kept.append(one)
    return kept


def _lines(text: str) -> Iterable[_Line]:
    """The lines that say something; one that ends with a backslash goes on in the next."""
    whole, begun = "", 0
    for number, raw in enumerate((*text.splitlines(), ""), 1):  # "" ends a last backslash.
        line = raw.strip()
        if not whole and (not line or line.startswith("#")):
            continue
        begun = begun or number
        if line.endswith("\\"):
            whole += line[:-1] + " "
            continue
        whole += line
        words = tuple(quoted or bare for quoted, bare in _WORD.findall(whole))
        if words:
            yield _Line(begun, words)
        whole, begun = "", 0


def _subject_text(kind: str, name: str) -> str:
    """The subject as people write it here; an address may end with stars."""
    if kind == "USER":
        return f"user:{name}"
    if not _ADDRESS.fullmatch(name):
        return f"host:{name}" if kind == "HOST" else f"address:{name}"
    octets = name.split(".")
    known = next((number for number, one in enumerate(octets) if one == "*"), _OCTETS)
    if known == _OCTETS:
        return f"address:{name}"
    if any(one != "*" for one in octets[known:]):
        return f"address:{name}"
    return f"network:{'.'.join([*octets[:known], *['0'] * (_OCTETS - known)])}/{8 * known}"
