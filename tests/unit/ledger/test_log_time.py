"""What a replica makes of an entry's log time: the vote forward, certified tokens backward."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.log.log_time import (
    LOG_TIME_TOLERANCE_MS,
    LOWERED_TOLERANCE_MS,
    last_said_ms,
    lowered_ms,
    unacceptable,
)
from appliance.ledger.messages import Entry, EntryBody, encode_body
from appliance.licences.commands import (
    Command,
    Found,
    LowerLogTime,
    Restored,
    Tick,
    encode_command,
)
from appliance.licences.members import Membership
from appliance.licences.model import Container
from appliance.licences.state import State
from appliance.sim.vendor import CMACT_ID, SimContainer, certificate_of, serial_of, verify
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from tests.unit.ledger.world import SYSTEM_MS, term

YEAR_MS = 365 * 86_400_000
AHEAD_MS = SYSTEM_MS + 24 * YEAR_MS
TICK, LOWER = Tick(), LowerLogTime("certified time")


def state(*certified: tuple[int, int, int]) -> State:
    """Three containers, and certified times as (twin, time, log time when asked)."""
    made = State()
    made.found(b"L" * 16, "131-1", Membership(), 1, b"")
    for twin in (1, 2, 3):
        made.set_container(
            Container(
                serial=serial_of(twin),
                cmact_id=CMACT_ID,
                twin=twin,
                certificate=certificate_of(twin),
            )
        )
    for twin, time_ms, asked_ms in certified:
        made.set_certified(serial_of(twin), time_ms, asked_ms)
    return made


def signed(twin: int, time_ms: int, by: int | None = None) -> TimeStatement:
    serial = serial_of(twin)
    signature = SimContainer(by or twin).sign(time_bytes(serial, time_ms))
    return TimeStatement(serial, time_ms, signature)


def entry(log_time_ms: int, times: Any = (), commands: tuple[Command, ...] = (TICK,)) -> Entry:
    encoded = tuple(encode_command(command) for command in commands)
    body = encode_body(EntryBody(log_time_ms, tuple(times), encoded))
    return Entry(1, term(1), entry_root(ZERO_ROOT, 1, body), body)


def why_not(log_time_ms: int, times: Any, of: State | None = None, previous_ms=SYSTEM_MS, **more):
    return unacceptable(entry(log_time_ms, times, **more), previous_ms, of or state(), verify)


NOW = SYSTEM_MS + 60_000


def test_equal_needs_nothing():
    assert why_not(SYSTEM_MS, ()) == ""


@pytest.mark.parametrize("wrong_ms", [AHEAD_MS, SYSTEM_MS - 17 * YEAR_MS])
@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_one_wrong_clock_of_three_moves_nothing(wrong, wrong_ms):
    times = [signed(twin, wrong_ms if twin == wrong else NOW) for twin in (1, 2, 3)]
    assert why_not(NOW, times) == ""
    assert why_not(NOW + LOG_TIME_TOLERANCE_MS, times) == ""
    beyond_ms = NOW + LOG_TIME_TOLERANCE_MS + 1
    said = f"log time {beyond_ms} is not what the containers' clocks allow"
    assert why_not(beyond_ms, times) == said


def test_of_two_the_earlier_counts():
    assert why_not(NOW, [signed(1, NOW), signed(3, AHEAD_MS)]) == ""
    assert why_not(NOW + 10_000, [signed(1, NOW), signed(3, AHEAD_MS)]) != ""
    assert why_not(NOW, [signed(1, NOW), signed(3, SYSTEM_MS - YEAR_MS)]) != "", "it stands still"


def test_one_clock_twice_or_unsigned_counts_for_nothing():
    assert why_not(AHEAD_MS, [signed(1, AHEAD_MS), signed(1, AHEAD_MS)]) != ""
    assert why_not(AHEAD_MS, [signed(1, AHEAD_MS), signed(2, AHEAD_MS, by=1)]) != ""
    assert why_not(AHEAD_MS, [signed(1, AHEAD_MS), signed(9, AHEAD_MS)]) != ""


# --- back ---

RIGHT = [signed(twin, NOW) for twin in (1, 2, 3)]
TOKENS = ((1, NOW - 500, AHEAD_MS), (2, NOW - 300, AHEAD_MS))


WITHOUT_TOKENS = "without certified tokens of two containers"
NO_LOWERING = "and the entry is not one that lowers it"
NOT_THE_CLOCKS = "and is not what the containers' clocks say"


def lower(log_time_ms=NOW, times=RIGHT, tokens=TOKENS, commands=(LOWER,), previous_ms=AHEAD_MS):
    return why_not(
        log_time_ms, times, state(*tokens), previous_ms=previous_ms, commands=tuple(commands)
    )


def test_two_certified_tokens_bring_log_time_back():
    assert lower() == ""
    assert lowered_ms(state(*TOKENS), AHEAD_MS, [NOW, NOW, AHEAD_MS]) == NOW


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tokens": TOKENS[:1]}, WITHOUT_TOKENS),
        ({"tokens": ((1, NOW, AHEAD_MS), (1, NOW, AHEAD_MS))}, WITHOUT_TOKENS),
        ({"tokens": ((1, NOW, NOW), (2, NOW, NOW))}, WITHOUT_TOKENS),
        ({"commands": (TICK,)}, NO_LOWERING),
        ({"commands": (LOWER, TICK)}, NO_LOWERING),
        ({"commands": ()}, NO_LOWERING),
        ({"log_time_ms": NOW - 301}, f"and before the certified time {NOW - 300}"),
        ({"log_time_ms": NOW + LOWERED_TOLERANCE_MS + 1}, NOT_THE_CLOCKS),
        ({"times": RIGHT[:1]}, NOT_THE_CLOCKS),
        ({"times": [signed(1, AHEAD_MS), signed(2, AHEAD_MS), signed(3, NOW)]}, NOT_THE_CLOCKS),
    ],
)
def test_nothing_less_does(changes, said):
    at_ms = changes.get("log_time_ms", NOW)
    assert lower(**changes) == f"log time {at_ms} is before {AHEAD_MS}, {said}"


def test_it_may_go_back_to_the_certified_time_and_differ_a_little_from_the_clocks():
    for log_time_ms in (NOW - 300, NOW + LOWERED_TOLERANCE_MS):
        assert lower(log_time_ms=log_time_ms) == ""


def test_what_is_proposed_is_the_certified_time_at_least():
    tokens = ((1, NOW + 300, AHEAD_MS), (2, NOW + 9_000, AHEAD_MS))
    assert lowered_ms(state(*tokens), AHEAD_MS, [NOW] * 3) == NOW + 9_000
    off = LOWERED_TOLERANCE_MS
    assert lowered_ms(state(*tokens), AHEAD_MS, [NOW + 9_000 - off] * 3) == NOW + 9_000
    assert lowered_ms(state(*tokens), AHEAD_MS, [NOW + 8_999 - off] * 3) is None


def test_an_honest_coordinator_proposes_only_what_replicas_take():
    assert lowered_ms(state(), AHEAD_MS, [NOW] * 3) is None
    assert lowered_ms(state(*TOKENS), AHEAD_MS, [NOW]) is None
    assert lowered_ms(state(*TOKENS), AHEAD_MS, [AHEAD_MS, AHEAD_MS, NOW]) is None
    assert lowered_ms(state(*TOKENS), AHEAD_MS, [NOW, NOW - YEAR_MS, NOW - YEAR_MS]) is None


def test_an_entry_that_cannot_be_read():
    bad = Entry(1, term(1), ZERO_ROOT, b"\xc1")
    assert unacceptable(bad, 0, state(), verify).startswith("entry 1 cannot be read: ")
    body = encode_body(EntryBody(NOW, tuple(RIGHT), (b"\xc1",)))
    bad = Entry(1, term(1), ZERO_ROOT, body)
    assert "not one that lowers" in unacceptable(bad, AHEAD_MS, state(*TOKENS), verify)


# --- a ledger that is founded anew from a backup ---

RESTORED = Restored(b"L" * 16, 9, b"r" * 32, NOW, 0, CMACT_ID, (), (), b"", "olga", "fire")
ANEW = Found(b"M" * 16, "131-1", (), RESTORED)


def test_a_restored_ledger_goes_on_from_the_log_time_of_its_backup():
    """Nobody's clock proves it: whoever founds it was told so by an operator at each store."""
    said = "a restored ledger goes on from its log time"
    for commands in ((ANEW,), (ANEW, TICK)):
        assert why_not(NOW, (), State(), 0, commands=commands) == ""
        assert why_not(NOW + 1, (), State(), 0, commands=commands) == said
        assert why_not(0, (), State(), 0, commands=commands) == said


def test_any_other_founding_begins_where_log_time_stands():
    clocks = f"log time {NOW} is not what the containers' clocks allow"
    for commands in ((), (TICK,), (replace(ANEW, restored=None),), (TICK, ANEW)):
        assert why_not(NOW, (), State(), 0, commands=commands) == clocks
        assert why_not(0, (), State(), 0, commands=commands) == ""
    assert why_not(NOW, (), state(), 0, commands=(ANEW,)) == clocks, "it is founded already"
    unread = Entry(1, term(1), ZERO_ROOT, encode_body(EntryBody(NOW, (), (b"\xc1",))))
    assert unacceptable(unread, 0, State(), verify) == clocks


def test_of_two_words_of_one_container_the_later_counts():
    others = [signed(2, NOW)]
    for two in ([signed(1, NOW), signed(1, NOW - 60_000)], [signed(1, 1), signed(1, NOW)]):
        assert why_not(NOW, [*two, *others]) == ""


# --- what a container said itself ---


def said_by(twin: int, *entries: Entry) -> int:
    signed_it = partial(verify, certificate_of(twin))
    return last_said_ms(entries, serial_of(twin), signed_it)


def test_the_newest_entry_with_its_own_time_tells_what_a_container_said_last() -> None:
    early, late = entry(NOW, [signed(1, NOW), signed(2, NOW + 7)]), entry(NOW, [signed(1, NOW + 5)])
    assert said_by(1, early, late, entry(NOW)) == NOW + 5
    assert said_by(1, late, early) == NOW, "it was set back by certified time"
    assert said_by(2, early, late) == NOW + 7
    assert said_by(3, early, late) == 0
    assert said_by(1) == 0


def test_a_time_that_somebody_else_put_there_is_none() -> None:
    """A hijacked TMR host may write what it likes into a batch."""
    assert said_by(1, entry(NOW, [signed(1, AHEAD_MS, by=2)])) == 0
    assert said_by(1, entry(NOW, [signed(1, NOW), signed(1, AHEAD_MS, by=2)])) == NOW
    broken = replace(entry(NOW), body=b"?")
    assert said_by(1, entry(NOW, [signed(1, NOW)]), broken) == NOW
