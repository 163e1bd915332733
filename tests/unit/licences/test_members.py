"""Who votes, and how one store takes another's place: examples, and what always holds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.members import (
    FORMER_MAX,
    STORES,
    VOTES_NEEDED,
    Member,
    Membership,
    founders,
)
from appliance.licences.replacing import moved, no_proof, replace
from appliance.licences.state import State

PLACES = ("up1", "up2", "up3")
FOUNDERS = tuple((place, f"store-{place}".encode()) for place in PLACES)
NEW = b"new"
REPLACE = c.Replace("up2", NEW, "cert:adam", "its disk is lost")


def proves(index: int):
    """A reader for which every proof proves up to this entry."""
    return lambda data, membership: index


# --- founding ---


@pytest.mark.parametrize(
    "stores",
    [
        (),
        FOUNDERS[:2],
        (*FOUNDERS, ("up4", b"4")),
        (*FOUNDERS[:2], ("up2", b"3")),
        (*FOUNDERS[:2], ("up3", b"store-up1")),
        (*FOUNDERS[:2], ("up3", b"")),
        (*FOUNDERS[:2], ("", b"3")),
    ],
)
def test_a_ledger_is_founded_by_three_different_stores(stores):
    with pytest.raises(ValueError, match="three different stores at three places"):
        founders(stores)


@given(st.permutations(FOUNDERS))
def test_the_order_in_which_founders_are_named_says_nothing(stores):
    assert founders(stores) == founders(FOUNDERS)


def test_two_different_voters_decide():
    membership = founders(FOUNDERS)
    one, two, three = (store for _, store in FOUNDERS)
    assert membership.decides([one, three])
    assert not membership.decides([two, two])
    assert not membership.decides([one, NEW])
    assert not membership.decides([])
    assert not Membership().decides([one, two, three])


# --- replacing ---


def test_a_replacement_takes_two_entries():
    before = founders(FOUNDERS)
    asked = before.replace("up2", NEW, 7)
    assert [member.place for member in asked.voters] == ["up1", "up3"]
    assert asked.member(NEW) is None and asked.knows(b"store-up2")
    assert asked.admitted("up2", NEW).endswith("once the other two have stored the change")
    after = asked.replaced(9)
    assert after.at("up2") == Member("up2", NEW, 9)
    assert (after.pending, len(after.voters)) == (None, STORES)
    assert after.admitted("up2", NEW) == "this store votes at up2"
    assert after.admitted("up1", NEW) == before.admitted("up2", NEW) == ""
    assert before == founders(FOUNDERS), "what was known before does not change"


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        ("up4", NEW, "No store at 'up4' votes"),
        ("", NEW, "No store at '' votes"),
        ("up2", b"", "initialise a new one"),
        ("up2", b"store-up2", "votes already, or once did"),
        ("up2", b"store-up1", "votes already, or once did"),
    ],
)
def test_what_cannot_be_replaced(place, new, why):
    with pytest.raises(ValueError, match=why):
        founders(FOUNDERS).replace(place, new, 7)


def test_one_replacement_at_a_time_and_no_way_back():
    asked = founders(FOUNDERS).replace("up2", NEW, 7)
    with pytest.raises(ValueError, match="up2 is being replaced: wait"):
        asked.replace("up3", b"other", 8)
    with pytest.raises(ValueError, match="once did"):
        asked.replaced(8).replace("up2", b"store-up2", 9)


def quorums(membership: Membership) -> list[set[bytes]]:
    """Every set of stores that can decide."""
    stores = [member.store for member in membership.voters]
    return [set(pair) for pair in itertools.combinations(stores, VOTES_NEEDED)]


@given(st.lists(st.sampled_from(PLACES), max_size=40))
def test_any_two_sets_that_decide_in_turn_share_a_store(places):
    """Also across each of the two steps: this is what makes one replacement at a time safe."""
    membership, index = founders(FOUNDERS), 1
    for number, place in enumerate(places):
        old = membership.at(place)
        new = f"new-{number}".encode()
        asked = membership.replace(place, new, index + 1)
        after = asked.replaced(index + 2)
        for earlier, later in ((membership, asked), (asked, after)):
            assert all(a & b for a in quorums(earlier) for b in quorums(later))
        assert len(quorums(asked)) == 1
        assert old is not None and old.store not in {member.store for member in after.voters}
        assert [member.place for member in after.voters] == list(PLACES)
        assert after.knows(old.store) and len(after.former) <= FORMER_MAX
        membership, index = after, index + 2


# --- the commands ---


def test_commands_move_who_votes():
    found = c.Found(b"L" * 16, "131-1", FOUNDERS)
    first = moved(Membership(), found, 1, no_proof)
    assert first == founders(FOUNDERS)
    with pytest.raises(ValueError, match="founded already"):
        moved(first, found, 2, no_proof)
    assert moved(first, c.Tick(), 2, no_proof) is first
    asked = moved(first, REPLACE, 7, no_proof)
    assert asked == first.replace("up2", NEW, 7)
    assert moved(asked, c.Replaced(b"proof"), 9, proves(7)) == asked.replaced(9)


def test_a_replacement_ends_only_by_a_proof_that_reaches_it():
    first = founders(FOUNDERS)
    asked = first.replace("up2", NEW, 7)
    with pytest.raises(ValueError, match="No replacement is pending"):
        moved(first, c.Replaced(b"proof"), 9, proves(7))
    with pytest.raises(ValueError, match="ends at 6, before 7"):
        moved(asked, c.Replaced(b"proof"), 9, proves(6))
    with pytest.raises(ValueError, match="cannot read commit proofs"):
        moved(asked, c.Replaced(b"proof"), 9, no_proof)


def test_the_state_notes_who_asked_and_why_and_refuses_in_words():
    state = State()
    state.found(b"L" * 16, "131-1", founders(FOUNDERS), 1, b"")
    state.enter(7)
    early = replace(state, c.Replaced(b"proof"), proves(7))
    assert (early.reason, early.detail) == (reasons.NOT_REPLACED, "No replacement is pending.")
    assert replace(state, REPLACE, no_proof).ok
    act = state.acts()[-1]
    assert (act.action, act.subject, act.who, act.why) == (
        *("replace", "up2", "cert:adam", "its disk is lost"),
    )
    changes = state.take_changes()
    again = replace(state, REPLACE, no_proof)
    assert (again.ok, again.reason) == (False, reasons.NOT_REPLACED)
    state.enter(9)
    assert replace(state, c.Replaced(b"proof"), proves(7)).ok
    assert state.membership.at("up2") == Member("up2", NEW, 9)
    state.revert([*changes, *state.take_changes()])
    assert state.membership == Membership()
    assert state.acts() == ()


# --- by which entry a store leaves ---


def gone(*steps: tuple[str, bytes, int], pending: bool = False) -> Membership:
    """The founders after these replacements, the last of which may be pending."""
    membership = founders(FOUNDERS)
    for number, (place, new, index) in enumerate(steps, start=1):
        membership = membership.replace(place, new, index)
        if not pending or number < len(steps):
            membership = membership.replaced(index + 1)
    return membership


def test_a_store_leaves_by_the_entry_that_asks_for_it_until_that_is_proven() -> None:
    before, store = founders(FOUNDERS), FOUNDERS[1][1]
    assert before.leaves_at(store, before) == 0
    assert before.leaves_at(store, gone(("up2", b"x", 10), pending=True)) == 10
    assert before.leaves_at(store, gone(("up2", b"x", 10))) == 11
    assert before.leaves_at(b"none of them", gone(("up2", b"x", 10))) == 0


def test_a_store_leaves_by_what_took_its_own_place() -> None:
    before = founders(FOUNDERS)
    after = gone(("up2", b"x", 10), ("up1", b"y", 20))
    assert before.leaves_at(FOUNDERS[1][1], after) == 11
    assert before.leaves_at(FOUNDERS[0][1], after) == 21
    assert before.leaves_at(FOUNDERS[2][1], after) == 0
    later = gone(("up2", b"x", 10), ("up1", b"y", 20), pending=True)
    assert before.leaves_at(FOUNDERS[1][1], later) == 11


def test_a_vote_that_the_same_log_gave_and_took_is_lost_by_its_newest_entry() -> None:
    before = founders(FOUNDERS)
    after = gone(("up2", b"x", 10), ("up2", b"z", 20))
    assert before.leaves_at(b"x", after) == 21
    assert after.leaves_at(b"x", after) == 0, "it had left before"
    assert gone(("up2", b"x", 10)).leaves_at(b"x", after) == 21


def test_a_store_that_is_forgotten_among_the_former_ones_left_all_the_same() -> None:
    before = founders(FOUNDERS)
    steps = [("up2", b"n%d" % number, 10 * number) for number in range(1, FORMER_MAX + 3)]
    after = gone(*steps)
    assert FOUNDERS[1][1] not in after.former
    assert before.leaves_at(FOUNDERS[1][1], after) == steps[-1][2] + 1
