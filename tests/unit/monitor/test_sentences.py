"""Whatever reaches the person as a sentence can be translated.

The sources that raise such sentences are read: one that is put together without remembering its
parts fails here. So does a text that a widget is given without asking for its translation.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.client.errors import OutcomeUnknown, Refused
from appliance.licences import reasons
from appliance.sentences import Sentence
from appliance.services.tmr.problems import REASONS as PROBLEMS
from monitor_gui.feed.demo import DemoSource
from monitor_gui.feed.poller import reason
from monitor_gui.model import wire_words
from tests.unit.monitor.test_translations import script

ROOT = Path(__file__).parents[3]
NOT_HERE = (
    "no client profile",  # The monitor is always given a path.
    "the client's settings are wrong",  # Its own settings are not the user's.
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


HOSTS_OWN = "adapters/store"
"""What a store says of itself comes over the network, as text."""


@pytest.mark.parametrize("path", [path for path in script.RAISES if HOSTS_OWN not in path])
def test_every_sentence_that_is_raised_remembers_its_parts(path: str) -> None:
    """It is a constant, or a `Sentence` and no f-string: both are collected for translation."""
    found = sentences((ROOT / path).read_text("utf-8"), script.RAISED)
    plain = [
        text
        for text in found
        if "word0" in text
        and re.sub(r"word\d+|\W", "", text)  # What is made of places alone says nothing itself.
        and not text.startswith(NOT_HERE)
    ]
    assert plain == []


def test_the_sources_do_raise_sentences() -> None:
    """Else the test above could not fail."""
    assert list(sentences('raise BadAnswer(f"new {x}, {y!r}")', script.RAISED)) == [
        "new word0, word1"
    ]
    sources = [(ROOT / path).read_text("utf-8") for path in script.RAISES]
    calls = script.RAISED | {"Sentence": 0}
    assert sum(len(list(sentences(source, calls))) for source in sources) > 60


def test_a_sentence_is_text_for_everybody_and_parts_for_whoever_translates() -> None:
    inner = Sentence("the name cannot be resolved ({why})", why=OSError("{odd}"))
    whole = Sentence("cannot connect to {host}: {why}", host="tmr1:7200", why=inner)
    assert whole == "cannot connect to tmr1:7200: the name cannot be resolved ({odd})"
    german = {
        "cannot connect to {host}: {why}": "keine Verbindung zu {host}: {why}",
        "the name cannot be resolved ({why})": "Name unbekannt ({why})",
    }
    said = wire_words.told(whole).text(lambda template, _: german.get(template, template))
    assert said == "keine Verbindung zu tmr1:7200: Name unbekannt ({odd})"
    assert str(wire_words.told("what nobody here {knows}")) == "what nobody here {knows}"
    assert str(wire_words.told("x" * 10_000)) == "x" * 10_000
    assert str(wire_words.told("")) == ""


def test_every_reason_of_a_refusal_has_its_word() -> None:
    machine = {row.word for row in reasons.TABLE} - reasons.TOOK_EFFECT
    assert sorted((set(PROBLEMS) | machine) - set(wire_words.REASONS)) == []


def test_a_refusal_is_told_with_its_reason() -> None:
    why = reason(Refused("twin-not-ready", "tmr2 is in maintenance.", 409))
    phrase = wire_words.told(Sentence("Refused: {why}.", why=why))
    assert str(phrase) == "Refused: the other TMR host is not ready: tmr2 is in maintenance."
    assert str(wire_words.told(reason(Refused("not-found", "", 404)))) == "no such thing"
    unknown = OutcomeUnknown(5, Sentence("{host} does not answer", host="tmr1"))
    assert wire_words.told(reason(unknown)).template == "{host} does not answer"


def test_the_demos_faults_are_known() -> None:
    assert [f for f in DemoSource.faults if f.partition(" ")[0] not in wire_words.FAULTS] == []


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
