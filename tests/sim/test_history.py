"""The history check against a deliberately dumb oracle, and against plainly wrong histories."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONFIGURE,
    CONSUME,
    EXPIRE,
    FOREVER,
    GONE,
    HEARTBEAT,
    LINEARIZABLE,
    NOT_LINEARIZABLE,
    UNDECIDED,
    Call,
    CallAnswer,
    Config,
    check,
    initial,
    step,
)

ONE_SEAT = Config(((1, 1, 10, ""),), 1)
A, B = LeaseRef("a", "a-1"), LeaseRef("b", "b-1")


def setup() -> Call:
    """One licence with one seat and ten units, from the start."""
    return Call("system", CONFIGURE, None, 0.0, config=ONE_SEAT, returned_s=0.5)


def call(lease: LeaseRef, kind: str, from_s: float, to_s: float, answer: CallAnswer | None) -> Call:
    """A client's call; without an answer it stays open."""
    returned_s = FOREVER if answer is None else to_s
    return Call(lease.client, kind, lease, from_s, 1, 4, None, returned_s, answer)


GRANTED = CallAnswer(reasons.GRANTED, 1, 10)
FULL = CallAnswer(reasons.NO_SEAT_FREE)
DONE = CallAnswer(reasons.DONE)


@pytest.mark.parametrize(
    ("calls", "word"),
    [
        # Two clients one after the other: the second finds no seat.
        (
            [call(A, CHECK_OUT, 1, 2, GRANTED), call(B, CHECK_OUT, 3, 4, FULL)],
            LINEARIZABLE,
        ),
        # One seat, granted twice.
        (
            [call(A, CHECK_OUT, 1, 2, GRANTED), call(B, CHECK_OUT, 3, 4, GRANTED)],
            NOT_LINEARIZABLE,
        ),
        # At the same time it is one or the other, not both and not neither.
        (
            [call(A, CHECK_OUT, 1, 4, FULL), call(B, CHECK_OUT, 2, 3, GRANTED)],
            LINEARIZABLE,
        ),
        ([call(A, CHECK_OUT, 1, 4, FULL), call(B, CHECK_OUT, 2, 3, FULL)], NOT_LINEARIZABLE),
        # Nobody heard of the first one's grant, but it explains the refusal.
        ([call(A, CHECK_OUT, 1, 0, None), call(B, CHECK_OUT, 3, 4, FULL)], LINEARIZABLE),
        ([call(A, CHECK_OUT, 5, 0, None), call(B, CHECK_OUT, 3, 4, FULL)], NOT_LINEARIZABLE),
        # A seat comes back by check-in or expiry, not by itself.
        (
            [
                call(A, CHECK_OUT, 1, 2, GRANTED),
                call(A, CHECK_IN, 3, 4, DONE),
                call(B, CHECK_OUT, 5, 6, GRANTED),
            ],
            LINEARIZABLE,
        ),
        (
            [
                call(A, CHECK_OUT, 1, 2, GRANTED),
                Call("system", EXPIRE, A, 3.0, returned_s=4.0),
                call(B, CHECK_OUT, 5, 6, GRANTED),
                call(A, HEARTBEAT, 7, 8, CallAnswer(GONE)),
            ],
            LINEARIZABLE,
        ),
        (
            [
                call(A, CHECK_OUT, 1, 2, GRANTED),
                Call("system", EXPIRE, A, 3.0, returned_s=4.0),
                call(A, HEARTBEAT, 5, 6, CallAnswer(ALIVE)),
            ],
            NOT_LINEARIZABLE,
        ),
        # A numbered request has one effect, whoever hears of it.
        (
            [
                call(A, CHECK_OUT, 1, 2, GRANTED),
                call(A, CONSUME, 3, 0, None),
                call(A, CONSUME, 5, 6, CallAnswer(reasons.GRANTED, 1, 6)),
                call(A, CHECK_OUT, 7, 8, CallAnswer(reasons.GRANTED, 1, 6)),
            ],
            LINEARIZABLE,
        ),
        (
            [
                call(A, CHECK_OUT, 1, 2, GRANTED),
                call(A, CONSUME, 3, 4, CallAnswer(reasons.GRANTED, 1, 6)),
                call(A, CONSUME, 5, 6, CallAnswer(reasons.GRANTED, 1, 2)),
            ],
            NOT_LINEARIZABLE,
        ),
        # What was told must stay so: a lease that was granted is not unknown later.
        (
            [
                call(A, CHECK_OUT, 1, 2, GRANTED),
                call(A, CHECK_IN, 3, 4, CallAnswer(reasons.LEASE_UNKNOWN)),
            ],
            NOT_LINEARIZABLE,
        ),
    ],
)
def test_plain_cases(calls: list[Call], word: str) -> None:
    assert check([setup(), *calls]).word == word


def dumb(calls: list[Call]) -> bool:
    """Every order of every choice of open calls, as the definition says."""
    must = [x for x in calls if x.answer is not None or x.client == "system"]
    may = [x for x in calls if x not in must]
    for choice in range(1 << len(may)):
        chosen = must + [x for position, x in enumerate(may) if choice >> position & 1]
        if any(fits(order) for order in permutations(chosen)):
            return True
    return False


def fits(order: tuple[Call, ...]) -> bool:
    """Whether this order keeps real time and the licence answers so."""
    licence = initial()
    for position, now in enumerate(order):
        if any(later.returned_s < now.called_s for later in order[position + 1 :]):
            return False
        licence, answer = step(licence, now)
        if now.answer is not None and now.answer != answer:
            return False
    return True


def some_history(rng: Random) -> list[Call]:
    """Few calls of two clients, with answers that are often wrong."""
    calls = [setup()]
    for lease in (A, B):
        at_s = 1.0
        for _ in range(rng.randint(1, 3)):
            kind = rng.choice((CHECK_OUT, CHECK_OUT, CONSUME, CHECK_IN, HEARTBEAT))
            answers = {
                CHECK_OUT: [GRANTED, FULL, CallAnswer(reasons.LEASE_ENDED)],
                CONSUME: [CallAnswer(reasons.GRANTED, 1, 6), CallAnswer(reasons.LEASE_UNKNOWN)],
                CHECK_IN: [DONE, CallAnswer(reasons.LEASE_UNKNOWN)],
                HEARTBEAT: [CallAnswer(ALIVE), CallAnswer(GONE)],
            }[kind]
            answer = rng.choice(answers) if rng.random() < 0.8 else None
            start_s = at_s + rng.random()
            at_s = start_s + rng.random() * 3
            calls.append(call(lease, kind, start_s, at_s, answer))
    return calls


def test_the_search_agrees_with_trying_everything() -> None:
    rng = Random(4)
    verdicts = []
    for _ in range(1500):
        calls = some_history(rng)
        verdict = check(calls).word == LINEARIZABLE
        assert verdict == dumb(calls), "\n".join(map(str, calls))
        verdicts.append(verdict)
    assert 100 < sum(verdicts) < 1400


def test_giving_up_is_no_pass() -> None:
    calls = [setup(), call(A, CHECK_OUT, 1, 2, GRANTED), call(B, CHECK_OUT, 3, 4, FULL)]
    assert check(calls, steps_max=1).word == UNDECIDED
