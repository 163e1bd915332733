"""Commands of operators, about clients, rules of access, names and losses."""

from __future__ import annotations

from appliance.licences.access.form import AccessRules
from appliance.licences.commands.base import Command


class Enrol(Command, frozen=True, tag="enrol"):
    """Admit (or, with `token_hash` empty, dismiss) a client that proves itself by a token."""

    client: str
    token_hash: bytes
    who: str
    why: str


class Dismiss(Command, frozen=True, tag="dismiss"):
    """The certificate with this serial number (hexadecimal, in capitals) is good no more.

    `name` and `role` are what it says its holder is, `ends_at_s` is when it would end by itself
    (Unix seconds; 0: not known). `by` is the serial number of the operator's own certificate.
    """

    serial: str
    name: str
    role: str
    ends_at_s: int
    by: str
    who: str
    why: str


class Limit(Command, frozen=True, tag="limit"):
    """An operator allows each client at most `seats` of this product; 0 lifts the limit."""

    firm_code: int
    product_code: int
    seats: int
    who: str
    why: str


class SetAccess(Command, frozen=True, tag="set-access"):
    """An operator puts access rules in force in the place of version `base` (0: there are none)."""

    base: int
    rules: AccessRules
    who: str
    why: str


class SetQueue(Command, frozen=True, tag="set-queue"):
    """An operator says how often those who wait may be overtaken, and for how many seconds an
    offered seat is held."""

    overtakes_max: int
    hold_s: int
    who: str
    why: str


class EraseName(Command, frozen=True, tag="erase-name"):
    """The name of this tag is to be forgotten by all hosts, as far as it was known until now."""

    tag: bytes
    who: str
    why: str


class Operate(Command, frozen=True, tag="operate"):
    """An operator's act on the system: `switchover`, `maintenance-on` or `maintenance-off`."""

    action: str
    host: str
    who: str
    why: str


class NoteLoss(Command, frozen=True, tag="note-loss"):
    """The ledger was put back: `seen` proves that an entry was committed which this log has not
    (`licences.loss`). `units`, `leases` and `who` are the word of the host that brings it."""

    seen: bytes
    units: int
    leases: int
    who: str


class AcceptLoss(Command, frozen=True, tag="accept-loss"):
    """An operator knows that entries are lost, and why: nobody need be told any more."""

    who: str
    why: str
