"""Certified time as the ledger knows it: what containers showed, and when it may lower log time.

A container that got certified time shows its statement to the ledger: the time server's token over
the container's own request, which names an **anchor**: a hash of the log root and the history root
after an entry that was the newest, or nearly so. The statement is verified from its bytes alone,
and kept as two numbers: the certified time, and the log time of that entry.

What can go wrong in here is a statement from a drawer. Nobody knows the root of an entry before the
entry is made; so a token that was got in advance, for a log time to come, names none. One that was
made long ago names an entry that is forgotten by now; so does one that was made before log time was
lowered, when log time was ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.details import Detail, detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.commands import Outcome
from appliance.licences.model import CertifiedStatement
from appliance.licences.records import Act
from appliance.licences.refusals import StatementRefused
from appliance.licences.state import State

FRESH_MS: Final = 600_000
"""How far log time may have moved since a container asked, for its answer to be news."""
AHEAD_LEAST_MS: Final = 10_000
"""Log time is lowered only if it is ahead by more than this: less is waited for."""
ANCHORS_MAX: Final = 121
"""So many anchors are known at most: one in each five seconds that are news."""


def is_fresh(asked_log_time_ms: int, log_time_ms: int) -> bool:
    """Whether a statement made at that log time is news at this one (both Unix ms)."""
    return log_time_ms - FRESH_MS <= asked_log_time_ms <= log_time_ms


def is_news(state: State, anchor: bytes) -> bool:
    """Whether a statement that was asked for at this anchor counts now."""
    asked_log_time_ms = state.anchors.get(anchor)
    return asked_log_time_ms is not None and is_fresh(asked_log_time_ms, state.log_time_ms)


def note_entry(state: State, root: bytes, log_time_ms: int) -> None:
    """The log ends with the entry of this root, at log time `log_time_ms`: make it an anchor,
    unless the newest one is young enough."""
    newest_ms, step_ms = state.anchors.get(state.anchor), FRESH_MS // (ANCHORS_MAX - 1)
    if newest_ms is not None and newest_ms <= log_time_ms < newest_ms + step_ms:
        return
    gone = [old for old, at_ms in state.anchors.items() if not is_fresh(at_ms, log_time_ms)]
    state.set_anchor(root, log_time_ms, gone)


def lowest_log_time_ms(state: State, log_time_ms: int) -> int | None:
    """How low certified times allow log time to be set, Unix ms; None: they do not allow it.

    Two unlocked containers have to show, freshly, that it is earlier than `log_time_ms` (D6). The
    later of the two earliest such times is the answer, so that one lying time server does not
    decide; on one host its one container does.
    """
    shown = sorted(
        known.time_ms
        for serial, known in state.certified.items()
        if (container := state.containers.get(serial)) is not None
        and not container.locked
        and not known.spent
        and is_fresh(known.asked_log_time_ms, log_time_ms)
        and known.time_ms + AHEAD_LEAST_MS < log_time_ms
    )
    needed = state.membership.needed
    return shown[needed - 1] if len(shown) >= needed else None


def certify_time(
    state: State,
    command: c.CertifyTime,
    read_statement: Callable[[bytes], CertifiedStatement],
) -> Outcome:
    """Take over one container's certified time."""
    try:
        statement = read_statement(command.statement)
    except StatementRefused as refused:
        return Outcome(reasons.STATEMENT_REFUSED, said=Detail.of(refused.detail))
    except Exception as error:  # five dead hosts would be the alternative
        what = detail("statement-unreadable", said=f"{type(error).__name__}: {error}")
        return Outcome(reasons.STATEMENT_REFUSED, said=Detail.of(what))
    container = state.containers.get(statement.serial)
    if container is None or container.certificate != statement.certificate:
        return refuse.said(
            reasons.STATEMENT_REFUSED, "statement-of-another", serial=statement.serial
        )
    if not is_news(state, statement.anchor):
        return refuse.said(
            reasons.STATEMENT_REFUSED,
            "statement-not-asked",
            serial=statement.serial,
            minutes=FRESH_MS // 60_000,
        )
    asked_log_time_ms = state.anchors[statement.anchor]
    state.set_certified(statement.serial, statement.time_ms, asked_log_time_ms)
    return Outcome(reasons.DONE, said=Detail.of(f"certified time of {statement.serial}"))


def lower_log_time(state: State, command: c.LowerLogTime) -> Outcome:
    """Note that log time was set back by this entry; replicas have stored none that may not.

    What allowed it is used up: when log time comes to where it was, it allows nothing again.
    """
    for serial, known in list(state.certified.items()):
        if known.asked_log_time_ms > state.log_time_ms:
            state.spend_certified(serial)
    state.lower_contacts()
    serials = ", ".join(sorted(state.certified))
    state.note(Act("lower-log-time", serials, command.who, "", state.log_time_ms))
    return Outcome(reasons.DONE, said=Detail.of("log time was set back to certified time"))
