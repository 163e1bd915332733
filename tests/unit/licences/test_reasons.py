"""The table of reasons: whole, without doubles, and what is derived from it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from appliance.client.wire import wants_repeat
from appliance.codec.api import PROBLEM_PREFIX, Problem
from appliance.licences import reasons
from appliance.licences.options import AT_REST
from appliance.licences.reason import Reason
from appliance.services.tmr import problems

WORDS = {
    name: value
    for name, value in vars(reasons).items()
    if name.isupper() and isinstance(value, str)
}
LICENCES = Path(reasons.__file__).parent


def problem(word: str) -> Problem:
    status, title = problems.REASONS[word]
    return Problem(type=PROBLEM_PREFIX + word, title=title, status=status)


def test_each_word_has_one_row() -> None:
    words = [row.word for row in reasons.TABLE]
    assert len(words) == len(set(words))
    assert set(words) == {*WORDS.values(), *(row.word for row in AT_REST)}


def test_the_machine_gives_no_reason_that_is_not_in_the_table() -> None:
    for path in LICENCES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Outcome":
                assert not isinstance(node.args[0], ast.Constant), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("row", reasons.TABLE, ids=lambda row: row.word)
def test_what_a_client_does_with_each(row: Reason) -> None:
    """It asks again for what may still change, and for nothing else that the ledger said."""
    if row.status >= 400:
        assert problems.REASONS[row.word] == (row.status, row.title)
        assert wants_repeat(problem(row.word)) == row.repeat
        assert (row.word in problems.REPEATABLE) == row.repeat
    else:
        assert row.word not in problems.REASONS


def test_a_number_is_used_up_by_what_the_state_may_change_meanwhile() -> None:
    """`machine`, note 3: each answer to the next number that says something of the licence."""
    used_up = reasons.NUMBER_USED_UP
    assert used_up == {
        *(reasons.GRANTED, reasons.UNKNOWN_PRODUCT, *(row.word for row in AT_REST)),
        *(reasons.NO_UNIT_COUNTER, reasons.UNITS_EXHAUSTED),
    }


def test_a_lease_is_over_for_whoever_is_told_so() -> None:
    over = reasons.LEASE_OVER
    assert over == {
        *(reasons.LEASE_UNKNOWN, reasons.LEASE_ENDED),
        *(reasons.LEASE_CONFLICT, reasons.OLD_GENERATION),
    }
