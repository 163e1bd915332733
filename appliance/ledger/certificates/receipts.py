"""Receipts: what an upstream signs once for each batch, and what a client needs to believe a grant.

The rule (design D3): a client accepts two endorsements of the same ledger, term, index and roots,
from two different twin numbers of one CmActID, over a leaf with its own nonce and the outcome
"granted", to whose position neither objects. What is signed and hashed here is laid out byte by
byte (docs/receipts.md, with test vectors), so that any language can verify it. What can go wrong in
here is a field that two readings place differently: every variable field is preceded by its length,
and each kind of bytes starts with a tag of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated

import msgspec

from appliance.ledger.election.terms import Count, Key, Name, Term
from appliance.licences.grants import Grant, grant_bytes

_ENDORSEMENT_TAG = b"tmr-endorsement-2\x00"
_LEAF_TAG = b"tmr-outcome-2\x00"
_ENTRY_TAG = b"tmr-entry-1\x00"
_HISTORY_TAG = b"tmr-history-1\x00"
_TIME_TAG = b"tmr-system-time-1\x00"
_short = struct.Struct(">H").pack
ZERO_ROOT = bytes(32)
LEAVES_MAX = 4096
"""More outcomes than any honest batch has: a word for a longer one is not listened to."""
Short = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
"""What is signed and hashed without a length before it: no other length is read."""


class Statement(msgspec.Struct, frozen=True, array_like=True):
    """What the endorsers of one batch agree on. Roots are 32 bytes; `size` counts the leaves.

    `log_root` stands for all commands up to here, `outcome_root` for this batch's outcomes, and
    `history_root` for the outcomes of all batches up to here.
    """

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


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def _bytes(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def endorsement_bytes(
    statement: Statement, objections: tuple[int, ...], system_time_ms: int
) -> bytes:
    """The bytes a container signs for a batch."""
    term = statement.term
    return b"".join(
        (
            _ENDORSEMENT_TAG,
            _bytes(statement.ledger_id),
            struct.pack(">Q", term.counter),
            _text(term.host),
            struct.pack(">QQ", term.nonce, statement.index),
            statement.log_root,
            statement.outcome_root,
            statement.history_root,
            struct.pack(">IQ", statement.size, statement.log_time_ms),
            struct.pack(f">I{len(objections)}I", len(objections), *objections),
            struct.pack(">Q", system_time_ms),
        )
    )


def time_bytes(serial: str, system_time_ms: int) -> bytes:
    """The bytes a container signs to state its system time."""
    return _TIME_TAG + _text(serial) + struct.pack(">Q", system_time_ms)


def outcome_leaf(ledger_id: bytes, command_hash: bytes, nonce: bytes, outcome: Grant) -> bytes:
    """The leaf of one command's outcome, before `merkle.leaf_hash`.

    `nonce` is the client's, empty for commands that carry none. Log time is in the statement, which
    covers the leaf. Raises `licences.grants.Unfit` if a field does not fit its place.
    """
    return b"".join(
        (
            _LEAF_TAG,
            _short(len(ledger_id)),
            ledger_id,
            command_hash,
            _short(len(nonce)),
            nonce,
            grant_bytes(outcome),
        )
    )


def entry_root(previous_root: bytes, index: int, body: bytes) -> bytes:
    """The log root after the entry `body` at `index`: a hash chain over all entries so far."""
    return sha256(
        _ENTRY_TAG + previous_root + struct.pack(">Q", index) + sha256(body).digest()
    ).digest()


def history_root(previous_root: bytes, outcome_root: bytes) -> bytes:
    """The history root after a batch with this outcome root: a hash chain over all outcomes."""
    return sha256(_HISTORY_TAG + previous_root + outcome_root).digest()


def agreeing(endorsements: Iterable[Endorsement]) -> dict[Statement, list[Endorsement]]:
    """The endorsements by what they say; a statement with a single one shows a damaged replica."""
    by_statement: dict[Statement, list[Endorsement]] = {}
    for endorsement in endorsements:
        by_statement.setdefault(endorsement.statement, []).append(endorsement)
    return by_statement
