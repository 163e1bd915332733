"""The bytes behind a receipt: what is hashed into roots, and what a container signs for a batch.

Laid out byte by byte (docs/receipts.md, with test vectors), so that any language can verify them.
What can go wrong in here is a field that two readings place differently: every variable field is
preceded by its length, and each kind of bytes starts with a tag of its own.
"""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import Protocol

from appliance.licences.grants import Grant, grant_bytes

_ENDORSEMENT_TAG = b"tmr-endorsement-2\x00"
_LEAF_TAG = b"tmr-outcome-2\x00"
_ENTRY_TAG = b"tmr-entry-1\x00"
_HISTORY_TAG = b"tmr-history-1\x00"
_ANCHOR_TAG = b"tmr-anchor-1\x00"
_short = struct.Struct(">H").pack
ZERO_ROOT = bytes(32)
"""Before the first entry."""


class SaidTerm(Protocol):
    """A term, as a ledger or a document has it."""

    @property
    def counter(self) -> int:
        """It goes up with each reign."""

    @property
    def host(self) -> str:
        """Who coordinates."""

    @property
    def nonce(self) -> int:
        """64 random bits."""


class Said(Protocol):
    """What the endorsers of one batch agree on, as a ledger or a document has it. Roots have 32
    bytes."""

    @property
    def ledger_id(self) -> bytes:
        """Of its own for each founding."""

    @property
    def term(self) -> SaidTerm:
        """Under whose coordination."""

    @property
    def index(self) -> int:
        """Of the entry."""

    @property
    def log_root(self) -> bytes:
        """Of all commands up to here."""

    @property
    def outcome_root(self) -> bytes:
        """Of this batch's outcomes."""

    @property
    def history_root(self) -> bytes:
        """Of the outcomes of all batches up to here."""

    @property
    def size(self) -> int:
        """How many leaves the batch has."""

    @property
    def log_time_ms(self) -> int:
        """Unix ms."""


def endorsement_bytes(said: Said, objections: tuple[int, ...], system_time_ms: int) -> bytes:
    """The bytes a container signs for a batch.

    Raises struct.error or OverflowError if a number does not fit its place.
    """
    term, host = said.term, said.term.host.encode()
    return b"".join(
        (
            _ENDORSEMENT_TAG,
            _short(len(said.ledger_id)),
            said.ledger_id,
            struct.pack(">QH", term.counter, len(host)),
            host,
            struct.pack(">QQ", term.nonce, said.index),
            said.log_root,
            said.outcome_root,
            said.history_root,
            struct.pack(">IQ", said.size, said.log_time_ms),
            struct.pack(f">I{len(objections)}I", len(objections), *objections),
            struct.pack(">Q", system_time_ms),
        )
    )


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


def anchor_of(log_root: bytes, history_root: bytes) -> bytes:
    """What a time server's token names of a ledger: all commands and outcomes up to an entry."""
    return sha256(_ANCHOR_TAG + log_root + history_root).digest()
