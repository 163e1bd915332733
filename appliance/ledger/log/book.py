"""The licence state at a log's end, with what is needed to go back to its last commit.

Replicas apply entries when they append them; a new coordinator may cut what was not committed, so
each uncommitted entry keeps an undo record here (design D1). The coordinator keeps the same book.
What can go wrong in here: applying an entry that does not continue the chain, or going back beyond
the commit; both raise `ChainBroken` and change nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from appliance.details import detail
from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.election.terms import Term
from appliance.ledger.limits import UNCOMMITTED_BYTES_MAX
from appliance.ledger.messages import Entry, EntryBody, decode_body
from appliance.licences.certified import note_entry
from appliance.licences.commands import AnyCommand, Outcome, Unknown, command_in
from appliance.licences.machine import Machine
from appliance.licences.members import Membership, majority
from appliance.licences.reasons import RULES_NOT_RAISED
from appliance.licences.records import NOTHING_KNOWN
from appliance.licences.rules import is_newer, newer
from appliance.licences.state import State
from appliance.licences.undo import Change
from appliance.unreadable import UNREADABLE
from appliance.verifier.layouts import ZERO_ROOT, anchor_of, entry_root, history_root, outcome_leaf
from appliance.verifier.merkle import leaf_hash, root_of

NONCE_MAX = 64


class ChainBroken(Exception):
    """An entry does not follow on the log it is meant for."""


class OutOfDate(ChainBroken):
    """An entry raises the rules above those that this release knows: it is right, and not for us.

    The book stays where it was before, and says so in `out_of_date` until another entry fits."""


Commands = tuple[AnyCommand | Unknown, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """One entry's effect: its commands with their outcomes, in order."""

    index: int
    root: bytes
    log_time_ms: int
    ledger_id: bytes
    commands: Commands
    command_hashes: tuple[bytes, ...]
    outcomes: tuple[Outcome, ...]
    leaf_hashes: tuple[bytes, ...]
    """The Merkle leaf hash of each outcome (design D3)."""
    outcome_root: bytes
    history_root: bytes
    commands_applied: int
    """Of the whole ledger, these included."""

    def statement(self, term: Term) -> Statement:
        """What an endorser of this entry under `term` says."""
        return Statement(
            self.ledger_id,
            term,
            self.index,
            self.root,
            self.outcome_root,
            self.history_root,
            len(self.leaf_hashes),
            self.log_time_ms,
        )


def _nonce_of(command: AnyCommand | Unknown, outcome: Outcome) -> bytes:
    if outcome.reason == RULES_NOT_RAISED:
        return b""
    nonce: bytes = getattr(command, "nonce", b"")
    return nonce[:NONCE_MAX]


@dataclass(frozen=True, slots=True)
class _Undo:
    index: int
    root: bytes
    entry: Entry
    previous_log_time_ms: int
    previous_membership: Membership
    changes: list[Change]


def read_entry(entry: Entry, commands: Commands | None = None) -> tuple[EntryBody, Commands]:
    """An entry's body and commands, these as given if the caller has them decoded.

    Raises ChainBroken if the body cannot be read. A command that cannot is none that this release
    knows, and has no effect: releases that know more agree as long as the rules are not raised.
    """
    try:
        body = decode_body(entry.body)
    except UNREADABLE as error:
        raise ChainBroken(detail("entry-unreadable", index=entry.index, said=error)) from error
    if commands is None:
        commands = tuple(command_in(data) for data in body.commands)
    return body, commands


def leaf_hashes(
    ledger_id: bytes,
    commands: Commands,
    hashes: Sequence[bytes],
    outcomes: Sequence[Outcome],
) -> tuple[bytes, ...]:
    """The Merkle leaf hash of each command's outcome, as it is endorsed.

    A nonce longer than any client's is cut: the machine refuses its command anyway. What needs
    newer rules has none: a release that does not know the command cannot tell where it is."""
    return tuple(
        leaf_hash(outcome_leaf(ledger_id, digest, _nonce_of(command, outcome), outcome))
        for command, digest, outcome in zip(commands, hashes, outcomes, strict=True)
    )


class Book:
    """State, position and root of a log; `commit_index` never passes `last_index`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.before = NOTHING_KNOWN
        """The ledger that was known here before this book was begun."""
        self.state = State()
        self.out_of_date = ""
        """Why this release cannot go on with the log, "" if it can."""
        self.last_index = 0
        self.last_root = ZERO_ROOT
        self.commit_index = 0
        self.commit_root = ZERO_ROOT
        self.log_time_ms = 0
        self._undo: deque[_Undo] = deque()
        self.uncommitted_bytes = 0
        """What the entries after the commit take in memory."""

    @property
    def stores(self) -> int:
        """How many stores a ledger here has."""
        return self._machine.stores

    @property
    def needed(self) -> int:
        """How many of them have to agree."""
        return majority(self.stores)

    def begin(self, state: State, index: int, root: bytes, log_time_ms: int) -> None:
        """Go on from the state after a committed entry, instead of from what is here."""
        self.state, self.out_of_date = state, ""
        self.last_index = self.commit_index = index
        self.last_root = self.commit_root = root
        self.log_time_ms = log_time_ms
        self._undo.clear()
        self.uncommitted_bytes = 0

    def root_at(self, index: int) -> bytes | None:
        """The root after entry `index`, or None if it is below the commit or beyond the end."""
        if index == self.commit_index:
            return self.commit_root
        position = index - self.commit_index - 1
        return self._undo[position].root if 0 <= position < len(self._undo) else None

    def membership_at(self, index: int) -> Membership:
        """Who votes after entry `index`, which is not below the commit."""
        position = index - self.commit_index
        if position < len(self._undo):
            return self._undo[position].previous_membership
        return self.state.membership

    def membership_after(self, index: int, entries: Sequence[Entry]) -> Membership:
        """Who would vote if these entries followed on entry `index`; applies nothing.

        Raises ChainBroken if one cannot be read.
        """
        return self.membership_from(self.membership_at(index), entries)

    def membership_from(self, membership: Membership, entries: Sequence[Entry]) -> Membership:
        """Who would vote if these entries followed where `membership` does.

        Raises ChainBroken if one cannot be read.
        """
        for entry in entries:
            for command in read_entry(entry)[1]:
                with suppress(ValueError):  # What cannot be moves nobody.
                    membership = self._machine.moved(membership, command, entry.index)
        return membership

    def check(self, entries: Sequence[Entry], index: int, root: bytes) -> None:
        """Raise ChainBroken unless `entries` continue a log that ends at (`index`, `root`)."""
        for entry in entries:
            index += 1
            root = entry_root(root, index, entry.body)
            if entry.index != index or entry.root != root:
                raise ChainBroken(
                    detail("entry-after-other", index=entry.index, previous=index - 1)
                )

    def apply(self, entry: Entry, commands: Commands | None = None) -> Applied:
        """Apply the next entry; `commands` are its commands if the caller has them decoded.

        Raises ChainBroken (nothing changed) if it is not the next one, OutOfDate if it raises the
        rules above those that are known here.
        """
        self.check((entry,), self.last_index, self.last_root)
        body, commands = read_entry(entry, commands)
        machine, state = self._machine, self.state
        membership = state.membership
        state.enter(entry.index)
        outcomes = tuple(machine.apply(state, command, body.log_time_ms) for command in commands)
        hashes = tuple(sha256(data).digest() for data in body.commands)
        leaves = leaf_hashes(state.ledger_id, commands, hashes, outcomes)
        outcome_root = root_of(leaves)
        state.extend_history(history_root(state.history_root, outcome_root))
        note_entry(state, anchor_of(entry.root, state.history_root), body.log_time_ms)
        changes = state.take_changes()
        if is_newer(state.rules, machine.rules):
            self.out_of_date = newer(state.rules, machine.rules)
            state.revert(changes)
            raise OutOfDate(self.out_of_date)
        self.out_of_date = ""
        self._undo.append(
            _Undo(
                entry.index,
                entry.root,
                entry,
                self.log_time_ms,
                membership,
                changes,
            )
        )
        self.uncommitted_bytes += entry.held_bytes
        self.last_index, self.last_root = entry.index, entry.root
        self.log_time_ms = body.log_time_ms
        return Applied(
            entry.index,
            entry.root,
            body.log_time_ms,
            state.ledger_id,
            commands,
            hashes,
            outcomes,
            leaves,
            outcome_root,
            state.history_root,
            state.commands_applied,
        )

    def rollback(self, index: int) -> tuple[Entry, ...]:
        """Forget every entry after `index`, and give them: to apply them again, if in vain.

        Raises ChainBroken if that would undo a commit.
        """
        if index < self.commit_index:
            raise ChainBroken(f"cannot go back to {index}: committed up to {self.commit_index}")
        dropped: list[Entry] = []
        while self._undo and self._undo[-1].index > index:
            undo = self._undo.pop()
            dropped.append(undo.entry)
            self.uncommitted_bytes -= undo.entry.held_bytes
            self.state.revert(undo.changes)
            self.log_time_ms = undo.previous_log_time_ms
        last = self._undo[-1] if self._undo else None
        self.last_index = last.index if last else self.commit_index
        self.last_root = last.root if last else self.commit_root
        return tuple(reversed(dropped))

    def commit(self, index: int) -> None:
        """Entries up to `index`, as far as there are any, will never be undone."""
        while self._undo and self._undo[0].index <= index:
            undo = self._undo.popleft()
            self.uncommitted_bytes -= undo.entry.held_bytes
            self.commit_index, self.commit_root = undo.index, undo.root

    def crowded_at(self, index: int) -> str:
        """Why nothing may follow on entry `index`, "" if it may: each entry after the commit costs
        memory, and somebody may send them without end and commit none."""
        if self.uncommitted_bytes <= UNCOMMITTED_BYTES_MAX:
            return ""
        kept = sum(undo.entry.held_bytes for undo in self._undo if undo.index <= index)
        return detail("too-much-uncommitted") if kept > UNCOMMITTED_BYTES_MAX else ""
