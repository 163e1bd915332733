"""When the vows of a term convince no new store any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from appliance.ledger.limits import Limits
from appliance.ledger.replication.progress import Replication
from appliance.licences.members import Member, Membership
from tests.unit.ledger.world import term, vow

TERM = term(5)


def feeding(voters: tuple[str, ...], vowed: tuple[str, ...]) -> Replication:
    """In a term for which these vowed, of a log by which those vote."""
    members = tuple(Member(store, f"store-{store}".encode()) for store in voters)
    book = SimpleNamespace(state=SimpleNamespace(membership=Membership(members)))
    made = Replication(cast(Any, None), cast(Any, SimpleNamespace(book=book)), Limits())
    made.vows = tuple(vow(TERM, [], by) for by in vowed)
    return made


@pytest.mark.parametrize(
    ("voters", "vowed", "outgrown"),
    [
        (("up1", "up2", "up3"), ("up1", "up2", "up3"), False),
        (("new1", "up2", "up3"), ("up1", "up2", "up3"), False),
        (("new1", "new2", "up3"), ("up1", "up2", "up3"), True),
        (("new1", "up2", "up3"), ("up1", "up2"), True),
        ((), ("up1", "up2", "up3"), False),
    ],
)
def test_it_is_when_fewer_than_two_that_vowed_still_vote(
    voters: tuple[str, ...], vowed: tuple[str, ...], outgrown: bool
) -> None:
    assert feeding(voters, vowed).outgrown() is outgrown
