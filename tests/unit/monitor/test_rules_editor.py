"""Access rules that are edited: who was faster, what is never lost, what a check says."""

from __future__ import annotations

import pytest

from monitor_gui.feed.rules import checked
from monitor_gui.model.queries import Checked, CheckQuery, RulesHeard
from monitor_gui.model.rules_editor import Draft, codes, explained
from tests.gui.stores import RULES, rules_in_force, told_eve


def looked_at(text: str, heard: RulesHeard) -> Checked:
    """What the check says of a text that is to take the place of these rules."""
    return checked(CheckQuery(text, heard.document.rules, heard.document.in_force))


def test_newer_rules_come_by_themselves_only_while_nothing_was_written() -> None:
    draft = Draft()
    assert draft.hear(rules_in_force())
    assert draft.base == 12 and not draft.changed
    assert draft.hear(rules_in_force(RULES.replace("= 2", "= 1").replace("12", "13"), 13))
    draft.text += "# mine"
    assert not draft.hear(rules_in_force(version=14))
    assert draft.text.endswith("# mine") and draft.base == 13


def test_whoever_was_faster_is_named_and_one_goes_on_from_there() -> None:
    draft = Draft()
    draft.hear(rules_in_force())
    draft.text = RULES.replace("reserve = 2", "reserve = 1")
    newer = rules_in_force(RULES.replace("user:eve", "user:mallory"), 13, "cert:hugo")
    draft.hear(newer)
    found = looked_at(draft.text, newer)
    faster = draft.faster(found)
    assert faster is not None and (faster.version, faster.who) == (13, "cert:hugo")
    assert not draft.settle(found), "it says something else"
    assert '+deny = ["user:eve"]' in found.diff, "what going on would take back is seen"
    draft.rebase()
    assert draft.text.startswith("version = 13\n")
    assert draft.faster(looked_at(draft.text, newer)) is None and draft.changed


def test_what_was_applied_is_made_from_itself_and_stays_as_it_was_written() -> None:
    draft = Draft()
    draft.hear(rules_in_force())
    draft.text = "# my words\n" + RULES.replace("reserve = 2", "reserve = 1")
    mine = rules_in_force(RULES.replace("reserve = 2", "reserve = 1"), 13)
    draft.hear(mine)
    assert draft.settle(looked_at(draft.text, mine))
    assert draft.text.startswith("# my words\nversion = 13\n") and not draft.changed
    assert draft.faster(looked_at(draft.text, mine)) is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[set]]\nproduct = 5\n", 2, "firm"),
        ("[groups]\na = [", 2, ""),
        ("wrong = 1", 1, "wrong"),
        ("a = \ud800", 1, ""),
        ("#" + "x" * 1_000_000, 1, "megabyte"),
    ],
)
def test_a_fault_is_told_with_its_place_and_there_are_no_rules_then(
    text: str, line: int, said: str
) -> None:
    found = looked_at(text, rules_in_force())
    assert found.rules is None and found.diff == ()
    (finding,) = found.findings
    assert finding.fault and finding.line == line and finding.column >= 1
    assert said in finding.what


def test_the_rules_in_force_are_sound_and_change_nothing() -> None:
    heard = rules_in_force()
    found = looked_at(heard.text, heard)
    assert (found.findings, found.version, found.diff) == ((), 12, ())


def test_codes_are_two_numbers() -> None:
    assert codes(" 6000010:1 ") == (6000010, 1)
    assert [codes(x) for x in ("", "1", "a:1", "1:", ":1", "1:2:3", "9" * 11 + ":1")] == [None] * 7


def test_an_explanation_says_what_why_and_what_it_is_worth() -> None:

    def english(text: str, number: object = None) -> str:
        return text

    said = [phrase.text(english) for phrase in explained(told_eve())]
    assert said[0] == "✖ It would be refused: not allowed by the access rules."
    assert said[-1] == "Line 9 decides (deny): by user:eve, which any program can claim."
