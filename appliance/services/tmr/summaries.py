"""Committed commands in few words, for the event stream and those who read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from appliance.codec.api import HolderDocument
from appliance.details import Detail
from appliance.ledger.effects import Committed
from appliance.licences.commands import (
    AcceptLoss,
    Borrow,
    CertifyTime,
    CheckIn,
    CheckOut,
    Consume,
    Deliver,
    Dismiss,
    Enrol,
    EraseName,
    Expire,
    Found,
    Holder,
    ImportBlockList,
    ImportUpdate,
    Limit,
    LowerLogTime,
    NoteLoss,
    Operate,
    OperateBorrowing,
    Outcome,
    Refund,
    Release,
    Replace,
    ReturnBorrowed,
    SetAccess,
    SetQueue,
    Settle,
    ShowBinding,
    WriteOff,
)
from appliance.licences.names import short
from appliance.licences.roles import MAIN

Named = Callable[[Holder], HolderDocument]
Summary = tuple[str, dict[str, Any], str | None]
"""(event name, data, the client it is about: None if it is for everybody, "" for operators)."""

_LEASE_EVENTS = {
    CheckOut: "check-out",
    Consume: "units",
    Settle: "units",
    CheckIn: "check-in",
    Expire: "expiry",
    Release: "release",
}
_CONTENT_EVENTS = {
    ImportUpdate: "container",
    ImportBlockList: "blocks",
    CertifyTime: "time",
    ShowBinding: "container",
    LowerLogTime: "time",
    Deliver: "container",
}


def summaries(effect: Committed, named: Named) -> Iterator[Summary]:
    """One event for each command of a committed entry that says something to people; `named` knows
    the names of who holds a lease."""
    for command, outcome in zip(effect.commands, effect.outcomes, strict=True):
        summary = _summary(command, outcome, named)
        if summary is not None:
            name, data, client = summary
            data |= {"index": effect.index, "log_time_ms": effect.log_time_ms}
            yield name, data, client


def denial(command: CheckOut, reason: str, said: Detail | None, named: Named) -> dict[str, Any]:
    """A check-out that was refused without an entry, as event "denial"."""
    summary = _summary(command, Outcome(reason, said=said), named)
    assert summary is not None
    return summary[1]


def _summary(command: object, outcome: Outcome, named: Named) -> Summary | None:
    data: dict[str, Any] = {"outcome": outcome.reason}
    if outcome.said is not None:
        data |= {"detail": str(outcome.said), "said": outcome.said}
    if outcome.key is not None:
        data["licence"] = ", ".join(map(str, outcome.keys))
        if outcome.role not in ("", MAIN):
            data["role"] = outcome.role
    if isinstance(command, CheckOut | Consume | Settle | CheckIn | Expire | Release):
        data |= {"client": command.lease.client, "lease_id": command.lease.lease_id}
        if isinstance(command, CheckOut):
            holder = named(command.holder)
            data |= {"firm_code": command.firm_code, "product_code": command.product_code}
            data["holder"] = {"user": holder.user, "host": holder.host}
            if command.seats > 1:
                data["seats"] = command.seats
            if command.more:
                data["more"] = [msgspec.structs.asdict(item) for item in command.more]
        if isinstance(command, Consume):
            data |= {"units": outcome.units_taken, "units_left": outcome.units_left}
        if isinstance(command, Settle):
            data |= {"units": outcome.units_taken}
        if isinstance(command, Release):
            data |= {"who": command.who, "why": command.why}
        return _LEASE_EVENTS[type(command)], data, command.lease.client
    if isinstance(
        command, ImportUpdate | ImportBlockList | CertifyTime | ShowBinding | LowerLogTime | Deliver
    ):
        return _CONTENT_EVENTS[type(command)], data | {"who": command.who}, None
    if isinstance(command, Borrow | ReturnBorrowed | WriteOff | OperateBorrowing):
        return _of_borrowing(command, outcome, data)
    if isinstance(command, Operate):
        data |= {"action": command.action, "host": command.host}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, Replace):
        data |= {"action": "replace", "host": command.place, "store": command.new.hex()}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, Enrol):
        change = "enrolled" if command.token_hash else "dismissed"
        return "client", data | {"client": command.client, "change": change}, ""
    if isinstance(command, Dismiss):
        data |= {"client": f"cert:{command.name}", "serial": command.serial, "change": "dismissed"}
        return "client", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, Limit):
        data |= {"action": "limit", "host": "", "seats": command.seats}
        data |= {"firm_code": command.firm_code, "product_code": command.product_code}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, SetAccess):
        data |= {"action": "access", "host": "", "rules": command.rules.rules}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, SetQueue):
        data |= {"action": "queue", "host": "", "overtakes_max": command.overtakes_max}
        data |= {"hold_s": command.hold_s, "who": command.who, "why": command.why}
        return "operator", data, ""
    if isinstance(command, Refund):
        data |= {"action": "refund", "host": "", "units": command.units, "taking": command.taking}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, EraseName):
        data |= {"action": "erase-name", "host": "", "name": short(command.tag)}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, NoteLoss):
        return "ledger-rolled-back", data | {"units": command.units, "who": command.who}, ""
    if isinstance(command, AcceptLoss):
        data |= {"action": "accept-loss", "host": ""}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, Found):
        return "founded", data | {"virtual_serial": command.virtual_serial}, None
    return None


def _of_borrowing(
    command: Borrow | ReturnBorrowed | WriteOff | OperateBorrowing,
    outcome: Outcome,
    data: dict[str, Any],
) -> Summary:
    if isinstance(command, OperateBorrowing):
        data |= {"action": command.action, "host": ""}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    data |= {"lease_id": command.borrower.hex()}
    if isinstance(command, WriteOff):
        data |= {"action": "write-off", "host": ""}
        return "operator", data | {"who": command.who, "why": command.why}, ""
    if isinstance(command, ReturnBorrowed):
        return "return", data, ""
    data |= {"client": command.client, "until_ms": outcome.ends_at_ms}
    data |= {"firm_code": command.firm_code, "product_code": command.product_code}
    return "borrow", data, command.client
