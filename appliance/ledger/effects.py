"""What the ledger's cores ask of their shells; a core performs none of it (design section 4).

Those that are made for each message or each request are structs: a frozen dataclass takes ten times
as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.certificates.receipts import Endorsement, Statement
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import AnyMessage, Entry, Message
from appliance.licences.commands import Outcome
from appliance.licences.names import NameRow


class Origin(NamedTuple):
    """Where a message came from: the host its certificate names, and which of its connections."""

    host: str
    link: int = 0


class Send(msgspec.Struct, frozen=True):
    """Replica to TMR host: give `message` to this connection if it still stands."""

    to: Origin
    message: Message


class Tell(msgspec.Struct, frozen=True):
    """Coordinator to upstream: give `message` to the link of that name if it stands."""

    to: str
    message: AnyMessage


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """The state after entry `index`, whose log root is `root`: what a restart begins from.

    It is made of `chunks`, or of the `staged` first chunks that were put aside before (never of
    both). `about` is the replica's own to fill, and comes back as it is. With `replaces`, the whole
    log makes room: it goes on with entry `index + 1`. Without, entry `index` is in the log.
    """

    index: int
    root: bytes
    chunks: tuple[bytes, ...] = ()
    staged: int = 0
    about: bytes = b""
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class NamesWrite:
    """Change the names beside the ledger (`ledger.names`), in one transaction with whatever else is
    written then: the key, rows that take the place of older ones; tags to `forget` with up to when
    they were used; all that was not used since then; all but the `most` that were used last."""

    key: bytes = b""
    rows: tuple[NameRow, ...] = ()
    forget: tuple[tuple[bytes, int], ...] = ()
    used_since_ms: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class ReadNames:
    """Read the names that were written after number `after`; answer `to` with NamesPage."""

    to: Origin
    after: int


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """Read entries with their results, from `first` on as far as `last`, archive included; answer
    `to` with RecordPage."""

    to: Origin
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Write:
    """Make all of this durable in one transaction, writes in order, then report `ticket` written.

    None means "leave as is". In this order: `cut_to` drops the entries after that index, `snapshot`
    takes the place of the one before, `append` adds, and `compact_to` seals the entries up to that
    index (none beyond the snapshot or the commit) into the archive and drops them from the log.
    `results` say what came of each entry that is added (`ledger.log.results`).
    `membership` is kept, and marked beside the store, for the replica. `names` lie beside the log.
    """

    ticket: int
    promised: Term | None = None
    adopted: Term | None = None
    cut_to: int | None = None
    append: tuple[Entry, ...] = ()
    results: tuple[bytes, ...] = ()
    commit_index: int | None = None
    snapshot: SnapshotRecord | None = None
    compact_to: int | None = None
    membership: bytes | None = None
    names: NamesWrite | None = None


@dataclass(frozen=True, slots=True)
class PutAside:
    """Put chunk `number` of a next snapshot aside, before whatever is asked for after this.

    It needs no durability of its own: the write that names it gives it that, and a restart drops
    it. With `number` 0, all that was put aside before is dropped first.
    """

    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class DropAside:
    """What was put aside is of no use any more."""


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """Read chunk `number` of the snapshot after entry `index`; answer `to` with SnapshotChunk."""

    to: Origin
    index: int
    number: int


@dataclass(frozen=True, slots=True)
class Read:
    """Read entries from the log (up to `last`) and answer `to` with Entries.

    They begin after `base_index`, and `commit` goes with them.
    """

    to: Origin
    first: int
    last: int
    bytes_max: int
    base_index: int
    commit: CommitProof | None


class Decided(msgspec.Struct, frozen=True):
    """A submitted command is committed.

    With `endorsements` (two or more that agree and do not object to `position`) a receipt can be
    made of it. `hashes` are the batch's leaf hashes, shared by all of the batch's tickets.
    """

    ticket: int
    outcome: Outcome
    command_hash: bytes
    position: int
    batch: Batch


class Denied(msgspec.Struct, frozen=True):
    """A check-out is refused, and was never ordered: what is committed says so by itself."""

    ticket: int
    outcome: Outcome


class Failed(msgspec.Struct, frozen=True):
    """A submitted command or a fence got no answer: the term ended. The client must repeat it."""

    ticket: int
    why: str


class Fenced(msgspec.Struct, frozen=True):
    """Since this ticket was asked, two upstreams confirmed the term: answer from local state."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The coordinator's phase is new: `phase` is one of ledger.coordinator's names for them."""

    phase: str
    term: Term | None
    why: str


class Committed(msgspec.Struct, frozen=True):
    """An entry took effect, with each command's outcome, for events and records."""

    index: int
    log_time_ms: int
    commands: tuple[object, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Disputed:
    """An upstream endorsed other outcomes than this host computed: one of the two is damaged."""

    upstream: str
    index: int


@dataclass(frozen=True, slots=True)
class Doubted:
    """An upstream said what no honest one says, and was not believed: `what`, for its name."""

    upstream: str
    what: str


@dataclass(slots=True)
class Batch:
    """A batch of which a coordinator answers for: statement, leaf hashes, endorsements so far."""

    statement: Statement
    leaf_hashes: tuple[bytes, ...]
    endorsements: dict[str, Endorsement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diverged:
    """Replica: two others sealed another state after entry `index` than this one has."""

    index: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A TMR host took over the state after entry `index` whole: no Committed tells how it came."""

    index: int


Effect = (
    Send
    | Tell
    | Write
    | PutAside
    | DropAside
    | Read
    | ReadChunk
    | NamesWrite
    | ReadNames
    | ReadRecord
    | Decided
    | Denied
    | Failed
    | Fenced
    | Changed
    | Committed
    | Disputed
    | Doubted
    | Diverged
    | Restored
)
