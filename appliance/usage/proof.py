"""Whether a stretch of the usage record is complete and true, from its bytes and two signatures.

    command, outcome     the leaf of each outcome names the command's hash
    leaves               make the batch's outcome root
    outcome roots        chained, make the history root (docs/receipts.md)
    bodies               chained, make the log root: log time is in there
    both roots           are in the statement that each container endorses

So if two twins endorsed the statement of one entry, all entries before it that lead to its roots
are those of which they, batch by batch, made their receipts: none can be left out, put in or
changed. No machine is run, and no state is needed; the release that made the entries need not
exist any more. One signed entry at the end is enough. Where the record does not reach back to the
ledger's first entry, its own first one is only where the chains begin: what it says is proven from
the next one on.

What can go wrong in here is to take what the record says of itself for proven; so nothing is
believed of an endorsement that goes along but that it must not contradict what is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.ledger.certificates.receipts import Endorsement, Statement
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.log.book import ChainBroken, Commands, leaf_hashes, read_entry
from appliance.ledger.log.results import Result, decode_result
from appliance.ledger.messages import EntryBody, Recorded
from appliance.licences.commands import Found
from appliance.licences.grants import NO_HASH, Unfit
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import ContainerIdentity
from appliance.verifier.layouts import (
    ZERO_ROOT,
    anchor_of,
    endorsement_bytes,
    entry_root,
    history_root,
)
from appliance.verifier.merkle import root_of

SILENT_MS: Final = 90_000
"""Nothing happened for so long: while the ledger serves, an entry comes at least each minute."""
OUTAGES_MAX: Final = 10_000
"""So many outages are named, the first ones."""
ANCHORS_MAX: Final = 4096
"""So many newest entries are known by what a time server's token may name."""


class Break(Exception):
    """The record is not what it has to be, from entry `index` on; `detail` says how."""

    def __init__(self, index: int, detail: str) -> None:
        super().__init__(f"entry {index}: {detail}")
        self.index = index
        self.detail = detail


_decoder: Final = msgspec.msgpack.Decoder(Recorded)


def read_recorded(data: bytes) -> Recorded:
    """An entry of a record with what came of it, as a host gives it. Raises Break."""
    try:
        return _decoder.decode(data)
    except UNREADABLE as error:
        raise Break(0, f"it is no entry of a usage record ({error})") from error


class Batch(msgspec.Struct, frozen=True):
    """An entry that was read: its body, commands and results."""

    index: int
    body: EntryBody
    commands: Commands
    result: Result


class Outage(msgspec.Struct, frozen=True):
    """Between these log times (Unix ms) there is no entry, although one was due, or the next one is
    of another term: for at most so long nobody was served. Terms and hosts are the upstream's word.
    """

    from_ms: int
    to_ms: int
    term_before: int
    host_before: str
    term_after: int
    host_after: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where the chains are after an entry."""

    index: int
    log_root: bytes
    history_root: bytes
    log_time_ms: int
    commands_applied: int
    term: Term


class Chain:
    """Follows a record entry by entry. `statement` is the newest that its upstream endorsed, as it
    was computed here, `begins_at` the first entry that the chains cover."""

    def __init__(self) -> None:
        self.ledger_id = b""
        self.begins_at = 0
        self.begins_ms = 0
        self.last: Link | None = None
        self.statement: Statement | None = None
        self.endorsement: Endorsement | None = None
        self.outages: list[Outage] = []
        self.anchor = b""
        """What a time server's token would name of the record as far as it was followed."""
        self._anchors: dict[bytes, int] = {}

    def feed(self, kept: Recorded) -> Batch:
        """The next entry. Raises Break, with nothing changed."""
        entry, index = kept.entry, kept.entry.index
        last = self.last
        if last is not None and index != last.index + 1:
            missing = f"entries {last.index + 1} to {index - 1} are missing"
            raise Break(last.index + 1, missing if index > last.index else "it comes twice")
        try:
            body, commands = read_entry(entry)
            result = decode_result(kept.result)
        except ChainBroken as broken:
            raise Break(index, str(broken)) from broken
        except UNREADABLE as error:
            raise Break(index, f"what came of it cannot be read ({error})") from error
        if len(result.outcomes) != len(commands):
            raise Break(index, f"{len(commands)} commands have {len(result.outcomes)} outcomes")
        self._follow(kept, Batch(index, body, commands, result))
        return Batch(index, body, commands, result)

    def _follow(self, kept: Recorded, batch: Batch) -> None:
        entry, index, body, result = kept.entry, batch.index, batch.body, batch.result
        last = self.last
        endorsed = result.endorsement
        if last is None:
            ledger_id, last = _beginning(batch, kept)
        else:
            ledger_id = self.ledger_id
        is_first = self.last is None and index > 1
        if not is_first and entry_root(last.log_root, index, entry.body) != entry.root:
            raise Break(index, "it does not follow on the entry before")
        hashes = tuple(sha256(data).digest() for data in body.commands)
        try:
            leaves = leaf_hashes(ledger_id, batch.commands, hashes, result.outcomes)
        except Unfit as unfit:
            raise Break(index, f"an outcome is none ({unfit})") from unfit
        outcome_root = root_of(leaves)
        history = last.history_root if is_first else history_root(last.history_root, outcome_root)
        if not is_first and not _counts(batch, last):
            raise Break(index, "it does not say how many commands were applied")
        if endorsed is not None:
            said = endorsed.statement
            computed = Statement(
                ledger_id,
                said.term,
                index,
                entry.root,
                outcome_root,
                history,
                len(leaves),
                body.log_time_ms,
            )
            if said != computed:
                raise Break(index, "its upstream endorsed something else than this")
            self.statement, self.endorsement = computed, endorsed
        if self.last is None:
            self.ledger_id = ledger_id
            self.begins_at, self.begins_ms = index + is_first, body.log_time_ms
        else:
            self._note_outage(self.last, entry.term, body.log_time_ms)
        self.last = Link(
            index, entry.root, history, body.log_time_ms, result.commands_applied, entry.term
        )
        self.anchor = anchor_of(entry.root, history)
        self._anchors[self.anchor] = index
        if len(self._anchors) > ANCHORS_MAX:
            del self._anchors[next(iter(self._anchors))]

    def _note_outage(self, last: Link, term: Term, log_time_ms: int) -> None:
        silent = last.log_time_ms and log_time_ms - last.log_time_ms > SILENT_MS
        if (silent or term != last.term) and len(self.outages) < OUTAGES_MAX:
            before, at_ms = last.term, last.log_time_ms
            self.outages.append(
                Outage(at_ms, log_time_ms, before.counter, before.host, term.counter, term.host)
            )

    def anchored(self, anchor: bytes) -> int | None:
        """Up to which entry whoever named this knew the record; None if it is of no recent one."""
        return self._anchors.get(anchor)


def _beginning(batch: Batch, kept: Recorded) -> tuple[bytes, Link]:
    """The ledger's id, and where the chains are before the first entry that there is: of a record
    that does not begin with the ledger, what its upstream said of that entry is taken for it."""
    first = batch.commands[0] if batch.commands else None
    if batch.index == 1:
        if not isinstance(first, Found):
            raise Break(1, "it founds no ledger")
        before = first.restored
        root = before.history_root if before is not None else NO_HASH
        return first.ledger_id, Link(0, ZERO_ROOT, root, 0, 0, NO_TERM)
    said = batch.result.endorsement
    if said is None:
        raise Break(
            batch.index, "the record begins here, and its upstream did not endorse this entry"
        )
    history, applied = said.statement.history_root, batch.result.commands_applied
    link = Link(batch.index - 1, kept.entry.root, history, 0, applied, kept.entry.term)
    return said.statement.ledger_id, link


def _counts(batch: Batch, last: Link) -> bool:
    """Whether the count of commands goes on. A founding sets it: a restored ledger leaps."""
    if batch.index == 1:
        return True
    return batch.result.commands_applied == last.commands_applied + len(batch.commands)


def vouching(
    said: Iterable[Endorsement], containers: Iterable[ContainerIdentity]
) -> dict[Statement, set[ContainerIdentity]]:
    """Which of these containers signed which statement. Terms aside, they are to agree."""
    known = list(containers)
    found: dict[Statement, set[ContainerIdentity]] = {}
    for endorsement in said:
        signed = endorsement_bytes(
            endorsement.statement, endorsement.objections, endorsement.system_time_ms
        )
        plain = msgspec.structs.replace(endorsement.statement, term=NO_TERM)
        for container in known:
            try:
                key = Ed25519PublicKey.from_public_bytes(container.public_key)
                key.verify(endorsement.signature, signed)
            except (InvalidSignature, ValueError):
                continue
            found.setdefault(plain, set()).add(container)
    return found


def is_proven(statement: Statement, by: dict[Statement, set[ContainerIdentity]]) -> bool:
    """Whether two twins of one group signed this statement, in whichever term each."""
    signers = by.get(msgspec.structs.replace(statement, term=NO_TERM), set())
    signers = {one for one in signers if not one.is_single}
    return any(
        one.cmact_id == other.cmact_id and one.twin != other.twin
        for one, other in combinations(signers, 2)
    )


def endorsed(kept: Iterable[Recorded]) -> Iterator[Endorsement]:
    """The endorsements that go along with these entries."""
    for one in kept:
        try:
            result = decode_result(one.result)
        except UNREADABLE:
            continue
        if result.endorsement is not None:
            yield result.endorsement
