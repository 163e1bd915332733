"""Details: each code has its sentence, values fit, and what a liar makes up does no harm."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from appliance.client.errors import Refused
from appliance.codec.api import Problem
from appliance.details import (
    AS_IT_IS,
    TEXT_MAX,
    TEXTS,
    VALUES_MAX,
    Detail,
    code_of,
    codes_in,
    detail,
    told,
)
from appliance.licences import refuse
from appliance.sentences import Sentence, in_english, sentence_of
from appliance.services.tmr.problems import Refusal

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("appliance", "monitor_gui")
_BY_REASON = re.compile(r"server-(list-)?[a-z-]+")
"""Codes that are made of a reason's word: `adapters.tsa` and `services.upstream.timekeeping`."""

PROSELESS: Final = (
    *(ROOT / "appliance" / "licences").rglob("*.py"),
    *(ROOT / "appliance" / "services" / "tmr").rglob("*.py"),
)
MAKERS: Final[dict[str, tuple[int, set[str]]]] = {
    "detail": (0, set()),
    "said": (1, set()),
    "_told": (1, {"remedy"}),
    "no_refund": (0, {"remedy"}),
}
"""What makes a detail: which argument is the code, and which values it adds (`licences.refuse`)."""


def places(code: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(TEXTS[code]) if name}


def literals(node: ast.expr) -> list[str]:
    """The texts that an expression may be, by what is written there."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def made() -> list[tuple[str, str, set[str] | None]]:
    """(where, code, names of values, None where they come from a variable) of each `detail(…)`, and
    of each refusal of the licence machine."""
    found: list[tuple[str, str, set[str] | None]] = []
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                maker = node.func if isinstance(node, ast.Call) else None
                name = getattr(maker, "id", getattr(maker, "attr", ""))
                if name not in MAKERS or (name != "detail" and "licences" not in path.parts):
                    continue
                assert isinstance(node, ast.Call)
                place, more = MAKERS[name]
                names = {word.arg for word in node.keywords}
                given = None if None in names else {one for one in names if one} | more
                codes = literals(node.args[place]) if len(node.args) > place else []
                found += [(f"{path}:{node.lineno}", code, given) for code in codes]
    return found


def test_each_detail_that_is_made_has_its_sentence_and_all_its_values():
    calls = made()
    assert len(calls) > 240
    for where, code, given in calls:
        assert code in TEXTS, where
        assert given is None or given == places(code), where


def test_each_code_is_used():
    source = "\n".join(
        path.read_text("utf-8")
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.parent.name != "details"
    )
    links = (ROOT / "appliance" / "details" / "links.py").read_text("utf-8")
    for code in TEXTS:
        named = f'"{code}"' in source or links.count(f'"{code}"') > 1 or code == AS_IT_IS
        assert named or _BY_REASON.fullmatch(code), code


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence_stands_within_another_one(code):
    text = TEXTS[code]
    assert not text.endswith(".") and text == text.strip() and "  " not in text
    values = {name: 7 if name in ("index", "n") else "x" for name in places(code)}
    made = detail(code, **values)
    sent = msgspec.json.decode(msgspec.json.encode(Detail.of(made)), type=Detail)
    assert (code_of(sent.text), sent.text.values, str(sent)) == (code, values, in_english(made))


def test_a_text_without_a_code_travels_as_it_is():
    carried = Detail.of("x" * (TEXT_MAX + 1))
    assert carried is not None and told(carried) == "x" * TEXT_MAX
    assert (Detail.of(""), told(None)) == (None, "")


def test_a_detail_in_a_detail_is_a_code_and_a_sentence_again():
    carried = Detail.of(detail("waits-for-promise", why=detail("awaits-restore")))
    assert carried == Detail("waits-for-promise", {"why": "awaits-restore"})
    assert str(carried) == "waits for a promise: the upstreams wait for a restore"
    assert carried.text.values["why"].code == "awaits-restore"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("made_up", "shown"),
    [
        (Detail("no-such-code"), "no-such-code"),
        (Detail("no-such-code", {"a": 1, "b": "two"}), "no-such-code (a 1, b two)"),
        (Detail("entry-missing"), "entry-missing"),
        (Detail("entry-missing", {"index": "{index!r}"}), "entry {index!r} is missing"),
        (Detail("entry-missing", {"index": 1, "more": 2}), "entry 1 is missing"),
        (
            Detail("waits-for-promise", {"why": "entry-missing"}),
            "waits for a promise: entry-missing",
        ),
    ],
)
def test_what_somebody_made_up_is_shown_and_raises_nothing(made_up, shown):
    assert str(made_up) == f"{made_up}" == shown


@pytest.mark.parametrize(
    "data",
    [
        {"code": "x" * 41},
        {"code": "x", "values": {"a": "x" * (TEXT_MAX + 1)}},
        {"code": "x", "values": {"a" * 41: 1}},
        {"code": "x", "values": {str(n): n for n in range(VALUES_MAX + 1)}},
        {"code": "x", "values": {"a": 1.5}},
        {"code": "x", "values": {"a": None}},
        {"code": "x", "values": {"a": {"b": 1}}},
    ],
)
def test_what_comes_from_outside_has_bounds(data: Any):
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(data), type=Detail)


def test_an_error_gives_back_the_sentence_it_was_raised_with():
    made = detail("entry-missing", index=3)
    assert sentence_of(ValueError(made)) is made
    assert sentence_of(OSError(2, "gone")) == "[Errno 2] gone"


def test_no_refusal_of_the_machine_or_the_client_api_is_prose():
    """Each reason for a refusal is a code with values, so that the monitor says it in the reader's
    language. What a library or an exception says has no code and travels as it is."""
    for path in PROSELESS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            name = name or getattr(getattr(node, "func", None), "attr", "")
            if isinstance(node, ast.Call) and name in ("bad", "Refusal"):
                for said in node.args[:1] if name == "bad" else node.args[1:2]:
                    prose = isinstance(said, ast.JoinedStr) or literals(said)
                    assert not prose, f"{path}:{node.lineno}: make it a `detail`"


def test_a_refusal_is_told_with_the_remedy_of_its_reason_in_parts_that_can_be_translated():
    outcome = refuse.at_rest("licence-expired", 6000010, 20)
    assert outcome.detail == "The licence 6000010:20 has expired; ask the vendor to extend it"
    sent = msgspec.json.decode(Refusal(outcome.reason, outcome.detail).body(), type=Problem)
    assert sent.detail == outcome.detail, "who reads no codes gets the English sentence"
    assert sent.said == Detail(
        "licence-rests",
        {"product": "6000010:20", "why": "has expired", "remedy": "ask the vendor to extend it"},
    )
    assert code_of(sent.sentence) == "licence-rests"


def test_the_codes_of_a_sentence_are_those_of_its_parts_too():
    why = detail("tls-unaccepted", why="self-signed certificate")
    told_so = Sentence("no connection to {host}: {why}", host="tmr1", why=why)
    assert "tls-unaccepted" in codes_in(told_so)
    refused = Refused("unauthenticated", detail("token-unknown"), 401).sentence
    assert {"unauthenticated", "token-unknown"} <= set(codes_in(refused))
    assert list(codes_in("unauthenticated")) == [], "a text is no code"
