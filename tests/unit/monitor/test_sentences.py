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

from appliance.licences import commands
from appliance.services.tmr.problems import REASONS as PROBLEMS
from appliance.watch import checks
from monitor_gui.feed.demo import DemoSource
from monitor_gui.model import watched, wire_words
from monitor_gui.model.retold import retold

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
}
SOURCES = (
    *(f"appliance/client/{name}.py" for name in ("transport", "streams", "wire", "listing")),
    *(f"appliance/client/{name}.py" for name in ("engine", "profile", "tls")),
    *(f"appliance/services/tmr/{name}.py" for name in ("operations", "time_updates")),
    *(f"monitor_gui/feed/{name}.py" for name in ("ssh", "direct", "demo", "thread")),
    "monitor_gui/app.py",
)
NOT_HERE = (
    "no client profile",  # The monitor is always given a path.
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


def test_every_finding_that_is_taken_over_is_known() -> None:
    source = Path(checks.__file__).read_text("utf-8")
    known = 0
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
            given = {word.arg: next(said(word.value), "") for word in node.keywords}
            kind = given["cause"].partition("/")[0]
            if kind in watched.KINDS and kind != "report-old":  # Which is told as one for all.
                known += 1
                assert retold(given["what"].removesuffix(".")).template != UNKNOWN, given
                assert retold(given["remedy"]).template != UNKNOWN, given
    assert known >= len(watched.KINDS) - 1


def test_every_reason_of_a_refusal_has_its_word() -> None:
    machine = {
        value
        for name, value in vars(commands).items()
        if name.isupper() and isinstance(value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", value)
    }
    assert len(machine) > 10
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
    "Column": 0,
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
