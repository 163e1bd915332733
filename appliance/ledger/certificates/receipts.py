"""What an upstream signs: for each batch what came of it, and now and then its system time.

`appliance.verifier` has the bytes of an endorsement and the rule by which clients believe it
(design D3); here are the forms in which both travel between hosts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Annotated

import msgspec

from appliance.ledger.election.terms import Count, Key, Name, Term

_TIME_TAG = b"tmr-system-time-1\x00"
LEAVES_MAX = 4096
"""More outcomes than any honest batch has: a word for a longer one is not listened to."""
Short = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
"""What is signed and hashed without a length before it: no other length is read."""


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """What the endorsers of one batch agree on: `verifier.layouts.Said`, as hosts send it."""

    ledger_id: Key
    term: Term
    index: Count
    log_root: Hash
    outcome_root: Hash
    history_root: Hash
    size: Short
    log_time_ms: Count


class Endorsement(msgspec.Struct, frozen=True, array_like=True):
    """One container's signature under a statement.

    `objections` are the leaf positions it does not vouch for; `system_time_ms` is its own clock.
    """

    statement: Statement
    objections: Annotated[tuple[Short, ...], msgspec.Meta(max_length=LEAVES_MAX)]
    system_time_ms: Count
    signature: Key


class TimeStatement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One container's signed system time, which a batch carries to move log time (design D6)."""

    serial: Name
    system_time_ms: Count
    signature: Key


def time_bytes(serial: str, system_time_ms: int) -> bytes:
    """The bytes a container signs to state its system time."""
    name = serial.encode()
    return _TIME_TAG + struct.pack(">H", len(name)) + name + struct.pack(">Q", system_time_ms)


def agreeing(endorsements: Iterable[Endorsement]) -> dict[Statement, list[Endorsement]]:
    """The endorsements by what they say; a statement with a single one shows a damaged replica."""
    by_statement: dict[Statement, list[Endorsement]] = {}
    for endorsement in endorsements:
        by_statement.setdefault(endorsement.statement, []).append(endorsement)
    return by_statement
