"""The last things that happened, kept raw and put into words only for a failure or a transcript."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.messages import (
    Ack,
    Adopt,
    Adopted,
    Append,
    Behind,
    Entries,
    Entry,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    Offer,
    Prepare,
    PreVote,
    PreVoteReply,
    Promise,
    Resign,
    SnapshotChunk,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
    Stage,
    Staged,
    StageSnapshot,
    TermRefused,
    decode_body,
)
from appliance.licences.commands import decode_command

ROUTINE = (
    Heartbeat,
    HeartbeatAck,
    PreVote,
    PreVoteReply,
    Fetch,
    Entries,
    SnapshotHeadRequest,
    SnapshotHead,
)
"""What is said all the time and explains little."""


class Event(NamedTuple):
    """At `at_s`, `what` happened to or between `who`."""

    at_s: float
    who: str
    what: object


class Trace:
    """A bounded record of events."""

    def __init__(self, most: int) -> None:
        self._events: deque[Event] = deque(maxlen=most)

    def note(self, at_s: float, who: str, what: object) -> None:
        """Remember an event: a message, an effect or a text."""
        self._events.append(Event(at_s, who, what))

    def events(self) -> Iterator[Event]:
        """Oldest first."""
        return iter(self._events)

    def take(self) -> list[Event]:
        """All events, oldest first; they are forgotten here."""
        taken = list(self._events)
        self._events.clear()
        return taken

    def lines(self, most: int, routine: bool = False) -> list[str]:
        """The last `most` events in words, without the routine ones unless wanted."""
        told = [e for e in self._events if routine or not isinstance(e.what, ROUTINE)]
        return [f"{e.at_s:9.4f}  {e.who:<11} {words(e.what)}" for e in told[-most:]]


def words(what: object) -> str:
    """An event in a few words."""
    match what:
        case str():
            return what
        case Prepare(term=term):
            return f"prepare {term}"
        case Promise():
            vow = what.vow
            return (
                f"promise {what.term}: log ends at {vow.last_index} {_short(vow.last_root)},"
                f" adopted in {vow.adopted}, proven {vow.proof_index}"
            )
        case Adopt():
            state = ", with a snapshot" if what.snapshot is not None else ""
            return f"adopt {what.term}: after {what.cut_index} up to {what.last_index}{state}"
        case Adopted():
            return f"adopted {what.term}: log ends at {what.last_index} {_short(what.last_root)}"
        case Append():
            return (
                f"append {what.term}: {what.entry.index} {_short(what.entry.root)}"
                f" {commands_of(what.entry.body)}"
            )
        case Ack():
            return f"ack {what.term}: {what.index} {_short(what.root)}" + (
                "" if what.endorsement else ", not endorsed"
            )
        case Behind():
            return f"behind {what.term}: log ends at {what.last_index} {_short(what.last_root)}"
        case TermRefused():
            return f"refused {what.term}: {what.why} {what.hears}{what.detail}".rstrip()
        case Resign():
            return f"resign {what.term}"
        case Entry():
            return f"entry {what.index} {commands_of(what.body)} is committed"
        case Stage():
            return f"stage {what.term}: {[entry.index for entry in what.entries]}"
        case Staged():
            chunks = f", {what.chunks} chunks of a snapshot" if what.chunks else ""
            return f"staged {what.term}: up to {what.to_index}{chunks}"
        case StageSnapshot():
            return f"stage {what.term}: chunk {what.chunk} of the snapshot at {what.head.index}"
        case SnapshotChunk():
            return f"chunk {what.chunk} of the snapshot at {what.index}"
        case SnapshotChunkRequest():
            return f"fetch chunk {what.chunk} of the snapshot at {what.index}"
        case SnapshotHead():
            sealed = what.sealed
            return f"snapshot at {sealed.head.index}" if sealed is not None else "no snapshot"
        case Entries():
            return f"entries {[e.index for e in what.entries]}, proven {_index(what.commit)}"
        case Fetch():
            return f"fetch from {what.first}"
        case Offer():
            return "offer of news"
        case Heartbeat():
            return f"beat {what.term} {what.number}"
        case HeartbeatAck():
            return f"beat ack {what.term} {what.number}"
        case _:
            return str(what)[:200]


def commands_of(body: bytes) -> str:
    """What a batch holds, in words."""
    told = []
    try:
        commands = [decode_command(data) for data in decode_body(body).commands]
    except msgspec.DecodeError:  # A liar's.
        return "[unreadable]"
    for command in commands:
        lease = getattr(command, "lease", None)
        told.append(type(command).__name__ + (f" {lease.lease_id}" if lease else ""))
    return "[" + ", ".join(told) + "]"


def _index(proof: CommitProof | None) -> int:
    return proof.index if proof is not None else 0


def _short(root: bytes) -> str:
    return root.hex()[:6]
