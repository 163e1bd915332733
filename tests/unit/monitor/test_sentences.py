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
from monitor_gui.feed.demo import DemoSource
from monitor_gui.model import wire_words
from monitor_gui.model.retold import Template, retold

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
