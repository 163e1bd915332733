"""What coordinators and replicas say to each other (design D1, D4).

Every message is one struct; `appliance.codec.frames` turns them to bytes. Requests come from a TMR
host, answers from an upstream. A message means nothing beyond its fields: all of them may be lost,
doubled, late or out of order.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from appliance.details import Detail, told
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow
from appliance.ledger.certificates.receipts import Endorsement, TimeStatement
from appliance.ledger.election.terms import Count, Key, Name, Root, Term, Text
from appliance.ledger.limits import ENTRY_BYTES
from appliance.ledger.snapshot.seals import Head, Seal, Sealed
from appliance.licences.members import STORES
from appliance.licences.names import NameRow
from appliance.licences.rules import FIRST
from appliance.unreadable import UNREADABLE

STORES_NAMED_MAX = 32
"""More than an upstream can know: three that vote, those admitted, and former ones."""
CONSENTS_MAX = 8
"""How many stores an operator's word is kept for: the newest."""
Times = Annotated[tuple[TimeStatement, ...], msgspec.Meta(max_length=STORES)]
NAMES_PER_MESSAGE = 500
"""How many names one message has at most."""
Names = Annotated[tuple[NameRow, ...], msgspec.Meta(max_length=NAMES_PER_MESSAGE)]
Vows = Annotated[tuple[Vow, ...], msgspec.Meta(max_length=STORES)]


class EntryBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What one batch holds: log time, the signed times that allow it, and commands as bytes."""

    log_time_ms: Count
    times: Times
    commands: tuple[bytes, ...]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One batch of the log. `body` is an encoded EntryBody; `root` covers all entries up to it."""

    index: Count
    term: Term
    root: Root
    body: bytes

    @property
    def held_bytes(self) -> int:
        """What this entry takes in memory, as all that holds entries counts it."""
        return ENTRY_BYTES + len(self.body)


class Recorded(msgspec.Struct, frozen=True, array_like=True):
    """An entry as an upstream keeps it: `result` is an encoded `ledger.log.results.Result`, what
    came of it there. Empty where nobody knows it."""

    entry: Entry
    result: bytes = b""


class Message(msgspec.Struct, frozen=True, array_like=True):
    """Base of every message. Its tag, not its name here, is what is sent."""


# --- from a coordinator (or one that would be) to an upstream ---


class PreVote(Message, frozen=True, tag="pre-vote"):
    """Would you promise me? Nothing is persisted for it. `number` pairs the answer with it."""

    number: Count


class Prepare(Message, frozen=True, tag="prepare"):
    """Promise never again to serve a lower term.

    `vows` show whom it would seem to leap that two others promised a term far above its own.
    """

    term: Term
    vows: Vows = ()


class Stage(Message, frozen=True, tag="stage"):
    """A chunk of a long tail, kept aside until the adopt that names its end."""

    term: Term
    entries: tuple[Entry, ...]


class StageSnapshot(Message, frozen=True, tag="stage-snapshot"):
    """A chunk, counted from 0, of the snapshot with this head, kept aside as staged entries are."""

    term: Term
    head: Head
    chunk: Count
    data: bytes


class Adopt(Message, frozen=True, tag="adopt"):
    """Cut your log after `cut_index`, put staged entries and `tail` there: one transaction.

    `staged_to` is the last staged index to use (equal to `cut_index` if none). The log then ends at
    (`last_index`, `last_root`). `vows` are the promises that this choice rests on. With `snapshot`
    the log is dropped altogether, and begins anew after the staged state that these seals certify.
    Without vows this is no choice but a long append: `cut_index` is the end of the log.
    """

    term: Term
    cut_index: Count
    cut_root: Root
    staged_to: Count
    tail: tuple[Entry, ...]
    last_index: Count
    last_root: Root
    vows: Vows
    commit: CommitProof | None
    snapshot: Sealed | None


class Append(Message, frozen=True, tag="append"):
    """One entry after the last. Endorsed only if `live`: a new batch, not a fetched one."""

    term: Term
    entry: Entry
    previous_root: Root
    live: bool


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """I still coordinate. Its ack fences reads; with `want_time` the ack carries a signed time.

    `commit` proves what is committed by now, `snapshot` that the state which this upstream sealed
    is a snapshot, or that it is not; both only if the upstream is not known to have them.
    """

    term: Term
    number: Count
    want_time: bool
    commit: CommitProof | None = None
    snapshot: Sealed | None = None


class Fetch(Message, frozen=True, tag="fetch"):
    """Send me entries from `first` on, uncommitted ones only within my own `term`."""

    term: Term | None
    first: Count
    bytes_max: Count


class SnapshotHeadRequest(Message, frozen=True, tag="snapshot-head-request"):
    """Which snapshot have you, and whose word do you know?"""


class SnapshotChunkRequest(Message, frozen=True, tag="snapshot-chunk-request"):
    """Send me a chunk (counted from 0) of your snapshot after entry `index`."""

    index: Count
    chunk: Count


class Resign(Message, frozen=True, tag="resign"):
    """I stop serving in this term: a parked claim need not wait."""

    term: Term


class Outvoted(Message, frozen=True, tag="outvoted"):
    """What you endorsed, and that two others endorsed something else of the same entry."""

    own: Endorsement
    others: Annotated[tuple[Endorsement, ...], msgspec.Meta(max_length=STORES)]


class KeepNames(Message, frozen=True, tag="keep-names"):
    """Names beside the ledger, from who coordinates, and the key of their tags."""

    term: Term
    key: Key
    rows: Names


class NamesRequest(Message, frozen=True, tag="names-request"):
    """Which names did you write after this number of yours?"""

    after: Count


class RecordRequest(Message, frozen=True, tag="record-request"):
    """Send me of the usage record, archive included, what you have from entry `first` on."""

    first: Count


class DirectUse(Message, frozen=True, tag="direct-use"):
    """Use a licence of this upstream's container directly; refused if it carries a TMR-ID."""

    firm_code: Count
    product_code: Count


# --- from an upstream to whoever asked ---


class PreVoteReply(Message, frozen=True, tag="pre-vote-reply"):
    """Whether a prepare would be promised now; if not, who is heard as coordinator."""

    number: Count
    willing: bool
    promised: Term
    hears: Name


class Promise(Message, frozen=True, tag="promise"):
    """Nothing lower than `term` will be served; the vow says which log I hold, and is signed.

    `grounds` are the vows on which the adopt rested that made `vow.adopted` of it; `commit` is the
    newest proof held here, `snapshot` the one in hand. The log begins after `base_index`. An empty
    store that waits for a restore says in `restore` what it was told of it
    (`membership.founding_anew`). `rules` is the newest version that its release knows.
    """

    term: Term
    vow: Vow
    grounds: Vows
    commit: CommitProof | None
    snapshot: Sealed | None
    base_index: Count
    restore: bytes | None = None
    rules: Count = FIRST


class Refused(Message, frozen=True, tag="refused"):
    """`term` is not served. `why` is "higher-term", "hears-coordinator", "bad-request",
    "damaged" or "out-of-date"."""

    term: Term
    why: Name
    promised: Term
    hears: Name
    said: Detail | None = None

    @property
    def detail(self) -> str:
        """What was said about it, "" if nothing was."""
        return told(self.said)


class Staged(Message, frozen=True, tag="staged"):
    """Staged entries reach up to this index; `chunks` of a snapshot are there, too."""

    term: Term
    to_index: Count
    chunks: Count


class Adopted(Message, frozen=True, tag="adopted"):
    """The adopt of this term is durable; `voice` signs that as an ack."""

    term: Term
    last_index: Count
    last_root: Root
    voice: Voice


class Ack(Message, frozen=True, tag="ack"):
    """The entry at `index` is durable here; endorsed if it was live and this container can.

    `digest` is reserved and empty; `voice` signs all but the endorsement, for a proof.
    """

    term: Term
    index: Count
    root: Root
    endorsement: Endorsement | None
    digest: Root
    voice: Voice


class Behind(Message, frozen=True, tag="behind"):
    """The append does not fit on this log, which ends here."""

    term: Term
    last_index: Count
    last_root: Root


class HeartbeatAck(Message, frozen=True, tag="heartbeat-ack"):
    """Still promised to `term`. `rival` names another host that asked to coordinate, if any.

    `commit_index` is the newest that was proven to this upstream, `snapshot_index` that of its
    snapshot; `seal` is its word for a next one. `consents` are stores of which an operator said
    here that they may join.
    """

    term: Term
    number: Count
    last_index: Count
    commit_index: Count
    snapshot_index: Count
    consents: Annotated[tuple[Key, ...], msgspec.Meta(max_length=CONSENTS_MAX)]
    time: TimeStatement | None
    rival: Name
    seal: Seal | None = None


class Entries(Message, frozen=True, tag="entries"):
    """Entries from `first` on, up to what fits; empty if there is nothing newer.

    Entries up to `base_index` are gone: a snapshot stands for them. `last_index` is where what the
    asker may see ends, and `commit` proves up to where it is committed.
    """

    first: Count
    entries: tuple[Entry, ...]
    base_index: Count
    last_index: Count
    commit: CommitProof | None


class SnapshotHead(Message, frozen=True, tag="snapshot-head"):
    """The snapshot in hand, of so many `chunks`, if any; and the stores that can have sealed one.

    Those are the ones that vote or once did by the log in hand, or if it is empty, those that an
    operator named or that began the ledger with this one.
    """

    sealed: Sealed | None
    chunks: Count
    stores: Annotated[tuple[Key, ...], msgspec.Meta(max_length=STORES_NAMED_MAX)]


class SnapshotChunk(Message, frozen=True, tag="snapshot-chunk"):
    """One chunk of the snapshot after entry `index`."""

    index: Count
    chunk: Count
    data: bytes


class NamesPage(Message, frozen=True, tag="names"):
    """Names beside the ledger, up to number `last` of whoever says so; with `more` it has others.

    `key` is that of their tags, empty if it is not known. A name is kept for `kept_ms`.
    """

    key: Key
    rows: Names
    last: Count
    more: bool
    kept_ms: Count


class RecordPage(Message, frozen=True, tag="record-page"):
    """Committed entries with what came of them, in order, as many as fit: those from `first` on
    that are here, and none if there are none. `last_index` is the newest that may be asked for."""

    first: Count
    kept: tuple[Recorded, ...]
    last_index: Count


class Offer(Message, frozen=True, tag="offer"):
    """What this container knows and the ledger does not yet: an encoded command, such as an update
    that it imported or a block list. Who brings it is added by whoever takes it."""

    command: bytes


class DirectUseRefused(Message, frozen=True, tag="direct-use-refused"):
    """Why a licence with a TMR-ID cannot be used here."""

    firm_code: Count
    product_code: Count
    detail: Text


FromTmr = (
    PreVote
    | Prepare
    | Stage
    | StageSnapshot
    | Adopt
    | Append
    | Heartbeat
    | Fetch
    | SnapshotHeadRequest
    | SnapshotChunkRequest
    | Resign
    | Outvoted
    | KeepNames
    | NamesRequest
    | RecordRequest
    | DirectUse
)
FromUpstream = (
    PreVoteReply
    | Promise
    | Refused
    | Staged
    | Adopted
    | Ack
    | Behind
    | HeartbeatAck
    | Entries
    | SnapshotHead
    | SnapshotChunk
    | NamesPage
    | RecordPage
    | Offer
    | DirectUseRefused
)
AnyMessage = FromTmr | FromUpstream

_body_encoder = msgspec.msgpack.Encoder()
_body_decoder = msgspec.msgpack.Decoder(EntryBody)


def encode_body(body: EntryBody) -> bytes:
    """The bytes of a batch, as hashed, stored and sent."""
    return _body_encoder.encode(body)


def decode_body(data: bytes) -> EntryBody:
    """The batch in these bytes. Raises msgspec.DecodeError if there is none."""
    try:
        return _body_decoder.decode(data)
    except UNREADABLE as error:
        raise msgspec.DecodeError(str(error)) from error
