"""Certified time in the ledger: what is taken for news, and when it may lower log time."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest

from appliance.licences.certified import (
    AHEAD_LEAST_MS,
    ANCHORS_MAX,
    FRESH_MS,
    is_fresh,
    lowest_log_time_ms,
    note_entry,
)
from appliance.licences.commands import CertifyTime, LowerLogTime, decode_command, encode_command
from appliance.licences.machine import Machine
from appliance.licences.model import Certified, CertifiedStatement
from appliance.licences.reasons import DONE, STATEMENT_REFUSED
from appliance.licences.refusals import StatementRefused
from tests.unit.licences.builders import NOW_MS, Desk, founded, product, read_update

YEAR_MS = 365 * 86_400_000
UP1, UP2, UP3 = "130-00000001", "130-00000002", "130-00000003"


def read_statement(data: bytes) -> CertifiedStatement:
    if data == b"false":
        raise StatementRefused("The token's signer is not trusted here.")
    if data == b"broken":
        raise ZeroDivisionError
    return msgspec.msgpack.decode(data, type=CertifiedStatement)


@pytest.fixture
def desk() -> Desk:
    made = founded(product())
    made.machine = Machine(read_update, statement=read_statement)
    return made


def show(desk: Desk, serial: str, time_ms: int, asked_ms: int, **changes):
    """A container shows its certified time to the ledger, asked for at an entry of that time."""
    root = sha256(str(asked_ms).encode()).digest()
    if root not in desk.state.anchors:
        desk.state.set_anchor(root, asked_ms, ())
    known = desk.state.containers.get(serial)
    statement = CertifiedStatement(
        serial=serial,
        certificate=known.certificate if known else b"",
        anchor=root,
        time_ms=time_ms,
        accuracy_ms=1_000,
    )
    statement = msgspec.structs.replace(statement, **changes)
    return desk.do(CertifyTime(msgspec.msgpack.encode(statement), "up1"))


def serials(desk: Desk) -> list[str]:
    return sorted(desk.state.containers)


def test_a_fresh_statement_is_kept_with_when_it_was_asked(desk):
    up1 = serials(desk)[0]
    assert show(desk, up1, NOW_MS - 5, NOW_MS).reason == DONE
    assert desk.state.certified == {up1: Certified(NOW_MS - 5, NOW_MS)}


def test_what_proves_nothing_is_refused_and_changes_nothing(desk):
    up1 = serials(desk)[0]
    for data in (b"false", b"broken"):
        assert desk.do(CertifyTime(data, "up1")).reason == STATEMENT_REFUSED
    assert show(desk, "130-99999999", NOW_MS, NOW_MS).reason == STATEMENT_REFUSED
    other = show(desk, up1, NOW_MS, NOW_MS, certificate=b"another")
    assert other.reason == STATEMENT_REFUSED
    for anchor in (b"", bytes(32)):
        assert show(desk, up1, NOW_MS, NOW_MS, anchor=anchor).reason == STATEMENT_REFUSED
    assert desk.state.certified == {}


def test_what_was_asked_for_in_advance_is_refused_when_its_time_comes(desk):
    """Nobody knows the root of an entry to come, so it cannot name one."""
    up1, ahead_ms = serials(desk)[0], NOW_MS + FRESH_MS // 2
    in_advance = sha256(b"a guess").digest()
    for at_ms in range(NOW_MS, ahead_ms, 5_000):
        note_entry(desk.state, sha256(str(at_ms).encode()).digest(), at_ms)
    desk.now_ms = ahead_ms
    assert show(desk, up1, NOW_MS, ahead_ms, anchor=in_advance).reason == STATEMENT_REFUSED
    assert desk.state.certified == {}


def test_anchors_are_few_and_young(desk):
    """One in five seconds, none older than ten minutes, none of a log time that was lowered."""
    for number in range(2_000):
        at_ms = NOW_MS + number * 1_000
        note_entry(desk.state, sha256(str(number).encode()).digest(), at_ms)
    times = sorted(desk.state.anchors.values())
    assert len(times) == ANCHORS_MAX
    assert times[0] >= times[-1] - FRESH_MS
    assert desk.state.anchors[desk.state.anchor] == times[-1]
    lowered_ms = times[-1] - FRESH_MS // 2
    note_entry(desk.state, bytes(32), lowered_ms)
    assert max(desk.state.anchors.values()) == lowered_ms
    assert desk.state.anchor == bytes(32)


def test_a_statement_from_a_drawer_is_refused(desk):
    up1 = serials(desk)[0]
    assert show(desk, up1, NOW_MS, NOW_MS - FRESH_MS).reason == DONE
    assert show(desk, up1, NOW_MS + 1, NOW_MS - FRESH_MS - 1).reason == STATEMENT_REFUSED
    # Nor one that was made when log time was ahead, before it was lowered.
    assert show(desk, up1, NOW_MS + 1, NOW_MS + 1).reason == STATEMENT_REFUSED
    assert desk.state.certified[up1].time_ms == NOW_MS


def test_undone_with_its_entry(desk):
    up1, before = serials(desk)[0], desk.state.fingerprint()
    desk.state.take_changes()
    show(desk, up1, NOW_MS, NOW_MS)
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before


def test_the_commands_survive_their_bytes():
    for command in (CertifyTime(b"x", "up1"), LowerLogTime("certified time")):
        assert decode_command(encode_command(command)) == command


# --- lowering ---


def test_two_containers_have_to_show_that_log_time_is_ahead(desk):
    up1, up2, up3 = serials(desk)
    ahead = NOW_MS + 24 * YEAR_MS
    assert lowest_log_time_ms(desk.state, ahead) is None
    desk.state.set_certified(up1, NOW_MS, ahead)
    assert lowest_log_time_ms(desk.state, ahead) is None
    desk.state.set_certified(up2, NOW_MS + 70, ahead)
    assert lowest_log_time_ms(desk.state, ahead) == NOW_MS + 70
    # A third, from a time server that lies, does not hinder the two.
    desk.state.set_certified(up3, NOW_MS + YEAR_MS, ahead)
    assert lowest_log_time_ms(desk.state, ahead) == NOW_MS + 70


def test_one_container_twice_is_one(desk):
    up1 = serials(desk)[0]
    ahead = NOW_MS + 24 * YEAR_MS
    for time_ms in (NOW_MS, NOW_MS + 1):
        desk.state.set_certified(up1, time_ms, ahead)
    assert lowest_log_time_ms(desk.state, ahead) is None


@pytest.mark.parametrize("asked", [-FRESH_MS - 1, 1, -24 * YEAR_MS])
def test_what_was_asked_at_another_log_time_lowers_nothing(desk, asked):
    up1, up2, _ = serials(desk)
    ahead = NOW_MS + 24 * YEAR_MS
    desk.state.set_certified(up1, NOW_MS, ahead)
    desk.state.set_certified(up2, NOW_MS, ahead + asked)
    assert lowest_log_time_ms(desk.state, ahead) is None


def test_a_blink_ahead_is_waited_for(desk):
    up1, up2, _ = serials(desk)
    for serial in (up1, up2):
        desk.state.set_certified(serial, NOW_MS, NOW_MS + AHEAD_LEAST_MS)
    assert lowest_log_time_ms(desk.state, NOW_MS + AHEAD_LEAST_MS) is None
    assert lowest_log_time_ms(desk.state, NOW_MS + AHEAD_LEAST_MS + 1) == NOW_MS


def test_strangers_and_locked_containers_do_not_count(desk):
    up1, up2, _ = serials(desk)
    ahead = NOW_MS + 24 * YEAR_MS
    desk.state.set_certified(up1, NOW_MS, ahead)
    desk.state.set_certified("130-99999999", NOW_MS, ahead)
    assert lowest_log_time_ms(desk.state, ahead) is None
    desk.state.set_certified(up2, NOW_MS, ahead)
    assert lowest_log_time_ms(desk.state, ahead) == NOW_MS
    desk.state.set_container(msgspec.structs.replace(desk.state.containers[up2], locked=True))
    assert lowest_log_time_ms(desk.state, ahead) is None


def test_once_lowered_the_same_tokens_lower_nothing_more(desk):
    up1, up2, _ = serials(desk)
    ahead = NOW_MS + 24 * YEAR_MS
    for serial in (up1, up2):
        desk.state.set_certified(serial, NOW_MS, ahead)
    for later_ms in (NOW_MS, NOW_MS + 60_000, NOW_MS + YEAR_MS):
        assert not is_fresh(ahead, later_ms)
        assert lowest_log_time_ms(desk.state, later_ms) is None


def test_what_lowered_log_time_lowers_it_no_second_time(desk):
    """Log time comes to where it was: clocks that are set back then find no token that helps."""
    ahead_ms = NOW_MS + 3_600_000
    for serial in serials(desk)[:2]:
        desk.state.set_certified(serial, NOW_MS, ahead_ms)
    assert lowest_log_time_ms(desk.state, ahead_ms) == NOW_MS
    assert desk.do(LowerLogTime("certified time")).reason == DONE
    assert lowest_log_time_ms(desk.state, ahead_ms) is None
    assert {one.time_ms for one in desk.state.certified.values()} == {NOW_MS}


def test_the_act_is_on_record(desk):
    assert desk.do(LowerLogTime("certified time")).reason == DONE
    assert desk.state.acts()[-1].action == "lower-log-time"
