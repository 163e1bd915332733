"""Blocked containers in the ledger's state: whom a list locks, and which lists count."""

from __future__ import annotations

import msgspec
import pytest

from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.blocking import check_current, is_news
from appliance.licences.machine import Machine
from appliance.licences.model import NO_BLOCK_LIST, BlockList
from appliance.licences.refusals import BlockListRefused
from appliance.sim.vendor import block_list, read_block_list
from tests.unit.licences.builders import (
    NOW_MS,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    read_update,
    update_of,
)

UP1, UP2, UP3 = "130-12345671", "130-12345672", "130-12345673"


@pytest.fixture
def desk() -> Desk:
    made = founded(product())
    made.machine = Machine(read_update, read_block_list)
    return made


def learn(desk: Desk, number: int, **blocked: str) -> c.Outcome:
    serials = {"up1": UP1, "up2": UP2, "up3": UP3, "other": "130-99999999"}
    made = block_list(number, {serials[name]: reason for name, reason in blocked.items()})
    return desk.do(c.ImportBlockList(made.data, "up2"))


def locked(desk: Desk) -> list[str]:
    return [serial for serial, one in sorted(desk.state.containers.items()) if one.locked]


def test_a_listed_container_is_locked_and_two_go_on(desk):
    assert desk.do(check_out("before")).ok
    assert learn(desk, 4, up1="Stolen", other="Lost").ok
    assert locked(desk) == [UP1]
    (licence,) = desk.state.view.values()
    assert (licence.available, licence.locked) == (True, (UP1,))
    assert desk.do(check_out("before")).ok, "a seat that is held stays"
    assert desk.do(check_out("after")).ok
    act = desk.state.acts()[-1]
    assert (act.action, act.subject, act.who, act.why) == ("block", UP1, "up2", "Stolen")


def test_with_two_blocked_nothing_is_available_and_unblocking_brings_it_back(desk):
    held = desk.do(check_out("held"))
    learn(desk, 4, up1="Stolen", up2="Stolen, too")
    assert desk.do(check_out("new")).reason == reasons.UNKNOWN_PRODUCT
    assert desk.do(check_out("held")).reason == reasons.UNKNOWN_PRODUCT, "it lives, and rests"
    assert learn(desk, 5, up1="Stolen").ok
    assert locked(desk) == [UP1]
    assert desk.state.acts()[-1].action == "unblock"
    again = desk.do(check_out("held"))
    assert (again.reason, again.generation) == (reasons.GRANTED, held.generation)


def test_a_container_that_comes_later_is_locked_from_the_start(desk):
    late = founded(product(), twins=(1, 2))
    late.machine = desk.machine
    assert learn(late, 1, up3="Lost").ok
    assert late.do(import_of(update_of(3, product()))).ok
    assert locked(late) == [UP3]
    # So does a new update of a container that is locked already.
    assert late.do(import_of(update_of(3, product(quantity=11), sequence=2))).ok
    assert locked(late) == [UP3]


@pytest.mark.parametrize(
    ("number", "blocked", "said"),
    [
        (3, {}, "older than list 4"),
        (4, {}, "two different block lists 4"),
        (0, {}, "older"),
    ],
)
def test_an_old_list_changes_nothing(desk, number, blocked, said):
    learn(desk, 4, up1="Stolen")
    before = desk.state.block_list, desk.state.view
    outcome = learn(desk, number, **blocked)
    assert outcome.reason == reasons.BLOCK_LIST_REFUSED and said in outcome.detail
    assert (desk.state.block_list, desk.state.view) == before
    assert locked(desk) == [UP1]


def test_the_same_list_again_is_done_already(desk):
    for _ in range(2):
        assert learn(desk, 4, up1="Stolen").ok
    assert [act.action for act in desk.state.acts()].count("block") == 1


def test_what_cannot_be_read_is_refused_and_stops_nobody(desk):
    for data in (b"", b"\xc1", b"x" * 100):
        assert desk.do(c.ImportBlockList(data, "up1")).reason == reasons.BLOCK_LIST_REFUSED
    assert desk.do(c.ImportBlockList(b"", "w" * 257)).reason == reasons.BAD_REQUEST

    def broken(data: bytes) -> BlockList:
        raise RuntimeError("a defect")

    desk.machine = Machine(read_update, broken)
    outcome = learn(desk, 4, up1="Stolen")
    assert outcome.reason == reasons.BLOCK_LIST_REFUSED and "a defect" in outcome.detail
    desk.machine = Machine(read_update)
    assert learn(desk, 4, up1="Stolen").reason == reasons.BLOCK_LIST_REFUSED
    assert locked(desk) == []


def test_a_list_is_undone_with_its_entry(desk):
    desk.state.take_changes()
    before = desk.state.fingerprint()
    learn(desk, 4, up1="Stolen", up3="Lost")
    assert desk.state.fingerprint() != before
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before
    assert (locked(desk), desk.state.block_list) == ([], NO_BLOCK_LIST)


def test_which_list_is_news():
    first, second = block_list(1, {}), block_list(2, {UP1: "Lost"})
    assert is_news(NO_BLOCK_LIST, first) and is_news(first, second)
    assert not is_news(second, second)
    for seen, offered, reason in (
        (second, first, "older"),
        (second, block_list(2, {}), "same-number"),
    ):
        with pytest.raises(BlockListRefused) as caught:
            is_news(seen, offered)
        assert caught.value.reason == reason


def test_a_list_that_is_over_proves_nothing():
    week = msgspec.structs.replace(block_list(1, {}), next_update_s=NOW_MS // 1000)
    check_current(week, NOW_MS)
    with pytest.raises(BlockListRefused) as caught:
        check_current(week, NOW_MS + 1)
    assert caught.value.reason == "stale"


NEW = "130-22345671"


def issued_anew(sequence: int = 1, serial: str = NEW, **fields: int) -> c.ImportUpdate:
    """The vendor's update that makes a new container twin 1."""
    update = update_of(
        1, product(**fields), serial=serial, sequence=sequence, certificate=serial.encode()
    )
    return import_of(update)


def test_a_new_container_takes_the_place_of_a_blocked_one(desk):
    desk.state.set_certified(UP1, NOW_MS)
    held = desk.do(check_out("held"))
    before = desk.state.view
    refused = desk.do(issued_anew())
    assert (
        refused.reason == reasons.UPDATE_REFUSED
        and "block list that names it first" in refused.detail
    )
    assert desk.state.view == before, "the old one lives: nobody takes its place"
    learn(desk, 1, up1="Lost")
    taken = desk.do(issued_anew())
    assert taken.ok and f"takes the place of container {UP1}" in taken.detail
    assert sorted(desk.state.containers) == sorted((NEW, UP2, UP3))
    assert UP1 not in desk.state.certified, "its time counts for nothing any more"
    (licence,) = desk.state.view.values()
    assert licence.matching == (NEW, UP2, UP3)
    assert desk.do(issued_anew()).ok, "the same file once more"
    again = desk.do(check_out("held"))
    assert (again.reason, again.generation) == (reasons.GRANTED, held.generation)
    # It carries the licence with one of the others.
    learn(desk, 2, up1="Lost", up2="Lost, too")
    assert desk.do(check_out("new")).ok


def test_units_go_on_where_the_lost_twin_left_them():
    desk = founded(product(units=20))
    desk.machine = Machine(read_update, read_block_list)
    grant = desk.do(check_out())
    assert desk.consume(grant.generation, 1, 7).ok
    learn(desk, 1, up1="Lost")
    assert desk.do(issued_anew(units=20)).ok
    assert desk.consume(grant.generation, 2, 13).units_left == 0
    assert not desk.consume(grant.generation, 3, 1).ok


def test_whose_place_was_taken_never_comes_back(desk):
    learn(desk, 1, up1="Lost")
    assert desk.do(issued_anew()).ok
    old = import_of(update_of(1, product()))
    for number, blocked in ((2, {"up1": "Lost"}), (3, {})):
        learn(desk, number, **blocked)
        said = desk.do(old)
        assert said.reason == reasons.UPDATE_REFUSED and f"which is container {NEW}" in said.detail
    assert sorted(desk.state.containers) == sorted((NEW, UP2, UP3))
    # Nor when the new one is lost as well: a blocked container is no newcomer.
    both = block_list(4, {UP1: "Lost", NEW: "Lost, too"})
    assert desk.do(c.ImportBlockList(both.data, "up2")).ok
    said = desk.do(old)
    assert said.reason == reasons.UPDATE_REFUSED and "is blocked itself (Lost)" in said.detail
    assert sorted(desk.state.containers) == sorted((NEW, UP2, UP3))
    assert desk.do(issued_anew(serial="130-32345671")).ok


def test_only_a_first_update_takes_a_place_and_of_the_same_group_only(desk):
    learn(desk, 1, up1="Lost")
    late, foreign = issued_anew(sequence=2), update_of(1, product(), serial=NEW, cmact_id="B")
    for command, words in ((late, "import 1 first"), (import_of(foreign), "CmActID B")):
        said = desk.do(command)
        assert said.reason == reasons.UPDATE_REFUSED and words in said.detail
    assert UP1 in desk.state.containers


def test_a_place_taken_is_undone_with_its_entry(desk):
    desk.state.set_certified(UP1, NOW_MS)
    learn(desk, 1, up1="Lost")
    desk.state.take_changes()
    before = desk.state.fingerprint()
    assert desk.do(issued_anew()).ok
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before
