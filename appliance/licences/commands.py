"""The commands that the ledger orders, and the outcomes that the state machine gives.

Commands are encoded once, by the coordinator, and hashed, stored and applied as those bytes.
A refusal is an outcome, not an exception (design D2).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from appliance.licences import rules
from appliance.licences.access.form import AccessRules
from appliance.licences.bounds import HASH_SIZE
from appliance.licences.grants import NO_HASH, Grant
from appliance.licences.model import LicenceKey, UsageStart
from appliance.licences.modes import NO_STATION, Party
from appliance.licences.reason import TOOK_EFFECT
from appliance.licences.wishes import NO_WISHES, Wishes
from appliance.unreadable import UNREADABLE

Version = Annotated[int, msgspec.Meta(ge=rules.FIRST, le=rules.VERSION_MAX)]


class Holder(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Who holds a lease, as the client tells it; shown to operators, trusted by nobody.

    Names are here as tags, 16 bytes or none (`licences.names`).
    """

    user: bytes = b""
    host: bytes = b""
    pid: int = 0
    application: bytes = b""


class LeaseRef(
    msgspec.Struct,
    frozen=True,
    array_like=True,
    order=True,
    forbid_unknown_fields=True,
    gc=False,
    cache_hash=True,
):
    """A lease's key: the authenticated client, and the id that client chose (design D2)."""

    client: str
    lease_id: str


class Command(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Base of every command; its tag, not its name here, is what is stored.

    What holds more than its fields is none: every replica has to agree on that, and how deep one
    may look into what it does not know depends on its stack.
    """


class Dismissed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A certificate that was dismissed: what it said, when it would have ended (Unix seconds; 0:
    not known), who dismissed it and why, both cut short, at which log time and by which entry."""

    name: str
    role: str
    ends_at_s: int
    who: str
    why: str
    at_ms: int
    index: int


class Restored(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What lives on of a ledger that was lost (`appliance.licences.carry_over` says why).

    `ledger_id`, `index`, `root` and `history_root` are where the backup ended. `units_used` is by
    licence; `clients` are names with their tokens' hashes; `block_list` is the signed list, empty
    for none; `cmact_id` is the containers' group. `dismissed` are certificates by serial number,
    `quotas` the most seats of a product that one client may have, `usage_starts` when usage periods
    began, `units_refunded` what operators refunded.
    """

    ledger_id: bytes
    index: int
    root: bytes
    log_time_ms: int
    commands_applied: int
    cmact_id: str
    units_used: tuple[tuple[LicenceKey, int], ...]
    clients: tuple[tuple[str, bytes], ...]
    block_list: bytes
    who: str
    why: str
    dismissed: tuple[tuple[str, Dismissed], ...] = ()
    quotas: tuple[tuple[tuple[int, int], int], ...] = ()
    history_root: bytes = NO_HASH
    usage_starts: tuple[tuple[LicenceKey, UsageStart], ...] = ()
    units_refunded: tuple[tuple[LicenceKey, int], ...] = ()


class Found(Command, frozen=True, tag="found"):
    """The first entry of a ledger: its id, the serial of the virtual container (mask 131), and the
    three stores that vote, as (place, store id) (design D7); what it restores, if anything; the
    version of the rules that is in force from then on; and the hash of the key by which names get
    their tags."""

    ledger_id: bytes
    virtual_serial: str
    stores: tuple[tuple[str, bytes], ...] = ()
    restored: Restored | None = None
    rules: Version = rules.FIRST
    names_key_hash: bytes = b""


class ImportUpdate(Command, frozen=True, tag="import-update"):
    """A vendor-signed update of one container, as JWS compact bytes, and who brought it."""

    update: bytes
    who: str


class ImportBlockList(Command, frozen=True, tag="import-block-list"):
    """The vendors' signed block list (a CRL, DER), and who brought it."""

    block_list: bytes
    who: str


class CertifyTime(Command, frozen=True, tag="certify-time"):
    """A container's certified statement (`appliance.codec.certified_statements`), and who brought
    it."""

    statement: bytes
    who: str


class ShowBinding(Command, frozen=True, tag="show-binding"):
    """What a container says of what holds its key (`appliance.codec.binding_statements`), and who
    brought it."""

    statement: bytes
    who: str


class LowerLogTime(Command, frozen=True, tag="lower-log-time"):
    """The log time of this entry is lower than the one before: certified tokens of two containers
    in the ledger allow it (design D6). Alone in its entry."""

    who: str


class Item(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """So many seats of a product."""

    product_code: int
    seats: int = 1


class CheckOut(Command, frozen=True, tag="check-out"):
    """Ask for seats, or for a fresh receipt of those already held under this key: all or none.

    `nonce` is the only field in which a repeat may differ: any other difference is a conflict.
    `wishes` are what the licence has to offer. `more` are further products of the firm. `station`
    is where the client says that it runs, and `address` from where the serving host heard it: all
    of an IPv4 address, or half an IPv6 one. Of a repeat the address does not count.
    `secret_hash` is SHA-256 of a secret that later calls on this lease must prove.
    """

    lease: LeaseRef
    firm_code: int
    product_code: int
    secret_hash: bytes
    holder: Holder
    nonce: bytes
    seats: int = 1
    more: tuple[Item, ...] = ()
    station: bytes = NO_STATION
    address: bytes = b""
    wishes: Wishes = NO_WISHES

    @property
    def items(self) -> tuple[Item, ...]:
        """All that is asked for, product by product."""
        return (Item(self.product_code, self.seats), *self.more)

    @property
    def party(self) -> Party:
        """Who asks, as seats are counted by."""
        client, user = self.lease.client, self.holder.user
        return Party(client, user, self.station, self.address, self.wishes.mode)


class Consume(Command, frozen=True, tag="consume"):
    """Take `units` from the unit counters of a product that the lease holds, 0 for its first;
    `number` counts this lease's requests from 1. With a `settle_key` (Ed25519) they are reserved:
    who has that key may say once that fewer were used."""

    lease: LeaseRef
    generation: int
    number: int
    units: int
    nonce: bytes
    product_code: int = 0
    settle_key: bytes = b""


class Settle(Command, frozen=True, tag="settle"):
    """Of what request `number` reserved so many units were used, says the client that signed it
    (`appliance.licences.reserving`)."""

    lease: LeaseRef
    generation: int
    number: int
    used: int
    signature: bytes


class Refund(Command, frozen=True, tag="refund"):
    """An operator gives `units` back of those that were taken under this number: who and why are
    part of the record."""

    taking: int
    units: int
    who: str
    why: str


class CheckIn(Command, frozen=True, tag="check-in"):
    """Give the seat back. With `no_linger` it is free at once, whatever the vendor says."""

    lease: LeaseRef
    generation: int
    no_linger: bool = False


class Expire(Command, frozen=True, tag="expire"):
    """The coordinator heard nothing of this lease for its lifetime (design D6)."""

    lease: LeaseRef
    generation: int


class Release(Command, frozen=True, tag="release"):
    """An operator ends somebody's lease: who and why are part of the record."""

    lease: LeaseRef
    generation: int
    who: str
    why: str


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


class Replace(Command, frozen=True, tag="replace"):
    """The store at `place` shall vote no more, and the store `new` in its stead (design D7)."""

    place: str
    new: bytes
    who: str
    why: str


class Replaced(Command, frozen=True, tag="replaced"):
    """The proof that both remaining stores hold the `Replace` before: now the new one votes."""

    proof: bytes


class Support(Command, frozen=True, tag="support"):
    """A host knows rules up to this version; `who` brings that to the ledger.

    A TMR host's word is its own name in `who`. An upstream's is signed by its `store`, with the
    newest entry that it knew then: after a downgrade no older word takes the place of a newer one.
    """

    version: Version
    who: str
    store: Annotated[bytes, msgspec.Meta(max_length=HASH_SIZE)] = b""
    known_index: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    signature: bytes = b""


class RaiseRules(Command, frozen=True, tag="raise-rules"):
    """The rules of this version are in force from here on; `hosts` are the two TMR hosts."""

    version: Version
    hosts: tuple[str, ...]
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


class Tick(Command, frozen=True, tag="tick"):
    """Nothing happened for a minute: only log time moves."""


AnyCommand = (
    Found
    | ImportUpdate
    | ImportBlockList
    | CertifyTime
    | ShowBinding
    | LowerLogTime
    | CheckOut
    | Consume
    | Settle
    | Refund
    | CheckIn
    | Expire
    | Release
    | Enrol
    | Dismiss
    | Limit
    | SetAccess
    | EraseName
    | Operate
    | Replace
    | Replaced
    | Support
    | RaiseRules
    | NoteLoss
    | AcceptLoss
    | Tick
)

Offerable = ImportUpdate | ImportBlockList | CertifyTime | ShowBinding | Support
"""What an upstream may bring to the ledger by itself: it carries its own proof."""


class Outcome(Grant, frozen=True, array_like=True, gc=False):
    """What became of one command: a grant's fields, and words for people.

    `reason` is GRANTED for check-outs and consumption, DONE for whatever else took effect, or a
    refusal, which `detail` explains; that is the one field that nobody signs.
    """

    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether the command took effect."""
        return self.reason in TOOK_EFFECT


_decoder: msgspec.msgpack.Decoder[AnyCommand] = msgspec.msgpack.Decoder(AnyCommand)


class Unknown(msgspec.Struct, frozen=True):
    """What stands in an entry in the place of a command and is none that this release knows."""


UNKNOWN = Unknown()


def encode_command(command: Command) -> bytes:
    """The bytes of a command: deterministic, since every command is an array of plain values."""
    return rules.encode(command)


def command_in(data: bytes) -> AnyCommand | Unknown:
    """The command in a committed entry; Unknown if there is none, or none in its one form."""
    try:
        command = decode_command(data)
    except msgspec.DecodeError:
        return UNKNOWN
    return command if rules.in_one_form(command, data) else UNKNOWN


def decode_command(data: bytes) -> AnyCommand:
    """The command in these bytes. Raises msgspec.DecodeError if they hold none."""
    try:
        return _decoder.decode(data)
    except UNREADABLE as error:
        raise msgspec.DecodeError(str(error)) from error
