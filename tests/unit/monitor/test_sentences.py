"""Whatever reaches the person as a finished English sentence is known, so that it is translated.

The sources that raise such sentences are read: a new one that `retold` does not know fails here. So
does a text that a widget is given without asking for its translation.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.licences import reasons
from appliance.services.tmr.problems import REASONS as PROBLEMS
from appliance.watch.checks import examine
from appliance.watch.facts import Facts
from appliance.watch.problems import LEVELS
from monitor_gui.feed.demo import DemoSource
from monitor_gui.model import wire_words
from monitor_gui.model.phrases import Phrase
from monitor_gui.model.retold import Template, retold
from tests.unit.monitor import findings
from tests.unit.watch.each_problem import ALONE

ROOT = Path(__file__).parents[3]
UNKNOWN = "{text}"
# Which argument of these is the sentence.
RAISED = {
    "ClientError": 0,
    "ConnectionFailed": 0,
    "BadAnswer": 0,
    "TlsRefused": 0,
    "ProfileError": 0,
    "SshRefused": 0,
    "OutcomeUnknown": 1,
    "Refusal": 1,
    "Refused": 1,
    "Closed": 0,
    "Damage": 0,
}
SOURCES = (
    *(f"appliance/client/{name}.py" for name in ("transport", "streams", "wire", "listing")),
    *(f"appliance/client/{name}.py" for name in ("engine", "profile", "tls")),
    *(f"appliance/services/tmr/{name}.py" for name in ("operations", "time_updates")),
    *(f"monitor_gui/feed/{name}.py" for name in ("ssh", "direct", "demo", "thread")),
    *(f"appliance/adapters/store/{name}.py" for name in ("database", "check")),
    "monitor_gui/app.py",
)
NOT_HERE = (
    "no client profile",  # The monitor is always given a path.
    "token_hash is",  # It enrols nobody.
)


def sentences(source: str, calls: dict[str, int]) -> Iterator[str]:
    """The sentences that these calls are given, each place filled with another word."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        place = calls.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
        if place is not None and len(node.args) > place:
            yield from said(node.args[place])


def said(node: ast.expr) -> Iterator[str]:
    """A literal's text; that of an f-string with a word in each place."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        words = (f"word{number}" for number in itertools.count())
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else next(words)
            for part in node.values
        )


@pytest.mark.parametrize("path", SOURCES)
def test_every_sentence_that_is_raised_is_known(path: str) -> None:
    found = list(sentences((ROOT / path).read_text("utf-8"), RAISED))
    plain = [
        text
        for text in found
        if re.sub(r"word\d+|\W", "", text)  # What is made of places alone says nothing itself.
        and not text.startswith(NOT_HERE)
    ]
    assert [text for text in plain if retold(text).template == UNKNOWN] == []


def test_the_sources_do_raise_sentences() -> None:
    """Else the test above could not fail."""
    total = sum(len(list(sentences((ROOT / path).read_text("utf-8"), RAISED))) for path in SOURCES)
    assert total > 50
    assert list(sentences('raise BadAnswer(f"new {x}, {y!r}")', RAISED)) == ["new word0, word1"]


FREE = {("settings", "what")}
"""What the inventory's checks say of a setting, which nobody but `tmr doctor` shows."""


def left_in_english(phrase: Phrase) -> list[str]:
    """What no template of this phrase says, although it is more than a name."""
    found = []
    for _, value in phrase.values:
        if isinstance(value, Phrase):
            found += left_in_english(value)
        elif re.search("[A-Za-z]{2}", re.sub(r"word\d+", "", str(value))):
            found.append(str(value))
    return found


def test_no_problem_of_the_one_list_is_told_in_english() -> None:
    """Every sentence that the source of the checks can make, with each branch of it."""
    codes, english = set(), []
    for code, field, text in findings.sentences():
        codes.add(code)
        if (code, field) not in FREE:
            english += left_in_english(retold(text.removesuffix(".") if field == "what" else text))
    assert english == []
    assert set(LEVELS) <= codes, "else the walk left a problem out"


def test_the_walk_finds_each_branch_of_a_sentence() -> None:
    source = """
def _why(x):
    if x:
        return f"{x} is odd", "Look."
    return "", "Wait."

def check(facts):
    what, do = _why(facts.x)
    end = "gone" if facts.y else "here"
    yield Finding(cause=f"odd/{facts.x}", what=f"{what}: {end}.", remedy=do + " Then " + facts.z)
"""
    assert sorted(set(findings.of_module(source))) == [
        ("odd", "remedy", "Look. Then word0"),
        ("odd", "remedy", "Wait. Then word0"),
        ("odd", "what", "word0 is odd: gone."),
        ("odd", "what", "word0 is odd: here."),
    ]


@pytest.mark.parametrize(("facts", "wanted"), ALONE, ids=[f"{w[0]}-{w[1]}" for _, w in ALONE])
def test_each_problem_as_it_is_found_is_known(facts: Facts, wanted: tuple[str, str, str]) -> None:
    for finding in examine(facts):
        if finding.code != "settings":
            assert retold(finding.what.removesuffix(".")).template != UNKNOWN, finding
        assert retold(finding.remedy).template != UNKNOWN, finding


def test_what_a_sentence_quotes_is_told_too() -> None:
    """A span of time, the states of twins, two names, a word for a refusal."""
    german = {
        "Licence {licence} is not whole: {twins}": "Lizenz {licence}: {twins}",
        "Licence {licence} expires in {span}": "Lizenz {licence} endet in {span}",
        "{n} days": "{n} Tagen",
        "{host} {state}": "{host} {state}",
        "{first}, {next}": "{first}; {next}",
        "differs": "weicht ab",
        "missing": "fehlt",
        "{two} both hold the address {address}": "{two} halten {address}",
        "{most} and {last}": "{most} und {last}",
        "All {n} check-outs of the last {s} s were refused, mostly as {code}": "{n}, {code}",
        "no seat free": "kein Platz",
        "{n} licences have the same trouble: {why}": "{n}-mal: {why}",
    }

    def told(text: str) -> str:
        return retold(text).text(lambda template, _: german.get(template, template))

    assert told("Licence 1:2#3 (A, b) is not whole: up2 missing, up3 differs") == (
        "Lizenz 1:2#3 (A, b): up2 fehlt; up3 weicht ab"
    )
    assert told("6 licences have the same trouble: Licence 1:2#3 (A) expires in 20 days") == (
        "6-mal: Lizenz 1:2#3 (A) endet in 20 Tagen"
    )
    assert told("tmr1 and tmr2 both hold the address 10.0.0.1") == ("tmr1 und tmr2 halten 10.0.0.1")
    assert (
        told("All 31 check-outs of the last 60 s were refused, mostly as no-seat-free")
        == "31, kein Platz"
    )


@given(
    text=st.text("ab :(", max_size=12),
    template=st.lists(st.sampled_from(["{p}", "{q}", "a", "b", ": ", " ("]), max_size=6),
)
def test_a_sentence_is_taken_apart_as_a_regular_expression_would(
    text: str, template: list[str]
) -> None:
    """Which takes a time that grows with a power of the length, if a sentence does not fit."""
    assume(template.count("{p}") <= 1 and template.count("{q}") <= 1)
    pattern = "".join(f"(?P<{x[1]}>.+)" if x[0] == "{" else re.escape(x) for x in template)
    found = re.fullmatch(pattern, text, re.DOTALL)
    assert Template("".join(template)).match(text) == (None if found is None else found.groupdict())


def test_every_reason_of_a_refusal_has_its_word() -> None:
    machine = {row.word for row in reasons.TABLE} - reasons.TOOK_EFFECT
    assert sorted((set(PROBLEMS) | machine) - set(wire_words.REASONS)) == []


def test_a_refusal_is_retold_with_its_reason() -> None:
    phrase = retold("Refused: twin-not-ready: tmr2 is in maintenance.")
    assert str(phrase) == "Refused: the other TMR host is not ready: tmr2 is in maintenance."
    inner = dict(phrase.values)["why"]
    assert not isinstance(inner, (str, int))
    assert inner.template == "{reason}: {detail}"
    detail = dict(inner.values)["detail"]
    assert not isinstance(detail, (str, int))
    assert detail.template == "{host} is in maintenance"


def test_the_demos_faults_are_known() -> None:
    assert [f for f in DemoSource.faults if retold(f).template == UNKNOWN] == []


# Where a widget takes a text to show.
SHOWS = {
    "setText": 0,
    "setToolTip": 0,
    "setWindowTitle": 0,
    "setPlaceholderText": 0,
    "setAccessibleName": 0,
    "setAccessibleDescription": 0,
    "showMessage": 0,
    "addAction": 0,
    "addMenu": 0,
    "addItem": 0,
    "setLabel": 1,
    "QPushButton": 0,
    "QCheckBox": 0,
    "QLabel": 0,
    "Card": 0,
    "Column": 1,
    "heading": 0,
    "quiet": 0,
    "plain": 0,
}


def test_no_widget_is_given_a_text_that_nobody_translates() -> None:
    found = []
    for path in sorted((ROOT / "monitor_gui" / "qt").glob("*.py")):
        for text in sentences(path.read_text("utf-8"), SHOWS):
            if re.search("[A-Za-z]{2}", re.sub(r"word\d+|<[^>]*>", "", text)):
                found.append(f"{path.name}: {text}")
    assert found == []
    assert list(sentences('button.setText("Release")', SHOWS)) == ["Release"]
