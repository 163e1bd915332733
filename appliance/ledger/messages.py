"""What coordinators and replicas say to each other (design D1, D4).

Every message is one struct; `appliance.codec.frames` turns them to bytes. Requests come from a TMR
host, answers from an upstream. A message means nothing beyond its fields: all of them may be lost,
doubled, late or out of order.
"""

from __future__ import annotations

import msgspec

from appliance.ledger.receipts import Endorsement, TimeStatement
from appliance.ledger.terms import Count, Term


class EntryBody(msgspec.Struct, frozen=True, array_like=True):
    """What one batch holds: log time, the signed times that allow it, and commands as bytes."""

    log_time_ms: Count
    times: tuple[TimeStatement, ...]
    commands: tuple[bytes, ...]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One batch of the log. `body` is an encoded EntryBody; `root` covers all entries up to it."""

    index: Count
    term: Term
    root: bytes
    body: bytes


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Base of every message."""


# --- from a coordinator (or one that would be) to an upstream ---


class Probe(Message, frozen=True):
    """Would you promise me? Nothing is persisted for it. `number` pairs the answer with it."""

    number: Count


class Prepare(Message, frozen=True):
    """Promise never again to serve a lower term."""

    term: Term


class Stage(Message, frozen=True):
    """A chunk of a long tail, kept aside until the adopt that names its end."""

    term: Term
    entries: tuple[Entry, ...]


class Adopt(Message, frozen=True):
    """Cut your log after `cut_index`, put staged entries and `tail` there: one transaction.

    `staged_to` is the last staged index to use (equal to `cut_index` if none).
    """

    term: Term
    cut_index: Count
    cut_root: bytes
    staged_to: Count
    tail: tuple[Entry, ...]
    commit_index: Count


class Append(Message, frozen=True):
    """One entry after the last. Endorsed only if `live`: a new batch, not a fetched one."""

    term: Term
    entry: Entry
    previous_root: bytes
    commit_index: Count
    live: bool


class Beat(Message, frozen=True):
    """I still coordinate. Its ack fences reads; with `want_time` the ack carries a signed time."""

    term: Term
    number: Count
    commit_index: Count
    want_time: bool


class Fetch(Message, frozen=True):
    """Send me entries from `first` on, uncommitted ones only within my own `term`."""

    term: Term | None
    first: Count
    bytes_max: Count


class Resign(Message, frozen=True):
    """I stop serving in this term: a parked claim need not wait."""

    term: Term


class DirectUse(Message, frozen=True):
    """Use a licence of this upstream's container directly; refused if it carries a TMR-ID."""

    firm_code: Count
    product_code: Count


# --- from an upstream to whoever asked ---


class ProbeReply(Message, frozen=True):
    """Whether a prepare would be promised now; if not, who is heard as coordinator."""

    number: Count
    willing: bool
    promised: Term
    hears: str


class Promise(Message, frozen=True):
    """Nothing lower than `term` will be served; this is the log I hold."""

    term: Term
    adopted: Term
    last_index: Count
    last_root: bytes
    commit_index: Count
    commit_root: bytes


class Refused(Message, frozen=True):
    """`term` is not served. `why` is "higher-term", "hears-coordinator" or "bad-request"."""

    term: Term
    why: str
    promised: Term
    hears: str
    detail: str


class Staged(Message, frozen=True):
    """Staged entries reach up to this index."""

    term: Term
    to_index: Count


class Adopted(Message, frozen=True):
    """The adopt of this term is durable."""

    term: Term
    last_index: Count
    last_root: bytes


class Ack(Message, frozen=True):
    """The entry at `index` is durable here; endorsed if it was live and this container can."""

    term: Term
    index: Count
    root: bytes
    endorsement: Endorsement | None


class Behind(Message, frozen=True):
    """The append does not fit on this log, which ends here."""

    term: Term
    last_index: Count
    last_root: bytes
    commit_index: Count


class BeatAck(Message, frozen=True):
    """Still promised to `term`. `rival` names another host that asked to coordinate, if any."""

    term: Term
    number: Count
    last_index: Count
    time: TimeStatement | None
    rival: str


class Entries(Message, frozen=True):
    """Entries from `first` on, up to what fits; empty if there is nothing newer."""

    first: Count
    entries: tuple[Entry, ...]
    last_index: Count
    commit_index: Count


class Offer(Message, frozen=True):
    """What this container knows and the ledger does not yet: an encoded command, such as an update
    that it imported or a block list. Who brings it is added by whoever takes it."""

    command: bytes


class DirectUseRefused(Message, frozen=True):
    """Why a licence with a TMR-ID cannot be used here."""

    firm_code: Count
    product_code: Count
    detail: str


AnyMessage = (
    Probe
    | Prepare
    | Stage
    | Adopt
    | Append
    | Beat
    | Fetch
    | Resign
    | DirectUse
    | ProbeReply
    | Promise
    | Refused
    | Staged
    | Adopted
    | Ack
    | Behind
    | BeatAck
    | Entries
    | Offer
    | DirectUseRefused
)

_body_encoder = msgspec.msgpack.Encoder()
_body_decoder = msgspec.msgpack.Decoder(EntryBody)


def encode_body(body: EntryBody) -> bytes:
    """The bytes of a batch, as hashed, stored and sent."""
    return _body_encoder.encode(body)


def decode_body(data: bytes) -> EntryBody:
    """The batch in these bytes. Raises msgspec.DecodeError or ValidationError if there is none."""
    return _body_decoder.decode(data)
