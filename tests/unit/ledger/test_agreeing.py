"""Endorsements are put together by what they say, and by nothing else."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.ledger.certificates.receipts import Endorsement, Statement, agreeing
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.world import term

ONE = Statement(b"L" * 16, term(5), 4, ZERO_ROOT, ZERO_ROOT, ZERO_ROOT, 1, 0)
OTHER = replace(ONE, index=5)


def test_those_that_say_the_same_are_together_in_their_order() -> None:
    first = Endorsement(ONE, (), 7, b"first")
    alone = Endorsement(OTHER, (), 7, b"alone")
    second = Endorsement(ONE, (0,), 8, b"second")
    assert agreeing([first, alone, second]) == {ONE: [first, second], OTHER: [alone]}
    assert agreeing([]) == {}
