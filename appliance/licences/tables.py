"""The tables and single values of the licence state, each declared once.

What undoes a change, what a snapshot holds and what a fingerprint covers is derived from the class
below: a new table is one row here. What can go wrong in here is a row of the wrong kind:

    kind      what it is                                      undone                 in a snapshot
    --------  ----------------------------------------------  ---------------------  -------------
    Single    one value                                       kept with each batch   yes
    Table     rows under keys                                 row by row (`_put`)    yes
    Counted   counts, or lists, of the rows of a table        with that table        no
    Derived   follows from tables, and is made anew as whole  kept with each batch   no

Each is part of the fingerprint. Values are immutable and replaced, never changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from hashlib import sha256
from typing import Annotated, Any, Final, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec

from appliance.licences.access.form import Access
from appliance.licences.access.rulebook import Rulebook, Ruled
from appliance.licences.commands import Borrowed, Dismissed, LeaseRef
from appliance.licences.grants import NO_HASH
from appliance.licences.item import BorrowTerms
from appliance.licences.members import Membership
from appliance.licences.merge import TmrLicence
from appliance.licences.model import (
    NO_BLOCK_LIST,
    BlockList,
    Certified,
    Container,
    LicenceKey,
    ProductItem,
    UsageStart,
)
from appliance.licences.offers import Offer
from appliance.licences.queue.place import FIRST_RULES, Place, QueueRules
from appliance.licences.records import (
    NO_LOSS,
    NO_ORIGIN,
    Act,
    BorrowEnd,
    Bound,
    Delivery,
    Denial,
    Ended,
    EndedOf,
    Erased,
    Lease,
    Linger,
    Loss,
    Origin,
    Supported,
    Taking,
    Tombstone,
)
from appliance.licences.undo import Undoable

K = TypeVar("K")
V = TypeVar("V")


class Since(NamedTuple):
    """A row that came with this version of the rules: a snapshot holds it only if it says
    something (`Annotated[Table[...], Since(2)]`)."""

    version: int


class Kind(Enum):
    """How a row of the state is kept; the header says what follows."""

    SINGLE = "single"
    TABLE = "table"
    COUNTED = "counted"
    DERIVED = "derived"


Single = Annotated[V, Kind.SINGLE]
Table = Annotated[dict[K, V], Kind.TABLE]
Counted = Annotated[dict[K, int], Kind.COUNTED]
Lists = Annotated[dict[K, list[tuple[int, int]]], Kind.COUNTED]
Derived = Annotated[Mapping[K, V], Kind.DERIVED]


@dataclass(slots=True, eq=False, repr=False)
class Tables(Undoable):
    """All that the ledger's commands made so far."""

    ledger_id: Single[bytes] = b""
    """Empty until founded."""
    virtual_serial: Single[str] = ""
    origin: Single[Origin] = NO_ORIGIN
    """The ledger from whose backup this one was founded."""
    loss: Single[Loss] = NO_LOSS
    """What was lost when the ledger was put back."""
    membership: Single[Membership] = Membership()  # noqa: RUF009, it never changes
    """Whose stores vote."""
    rules: Single[int] = 0
    """The version of the rules in force; 0 until founded."""
    entry_index: Single[int] = 0
    """Which entry is being applied."""
    commands_applied: Single[int] = 0
    log_time_ms: Single[int] = 0
    """That of the last command."""
    age_ms: Single[int] = 0
    """The steps of log time forward, of each at most `state.AGE_STEP_MS_MAX`."""
    history_root: Single[bytes] = NO_HASH
    """It chains the outcomes of all entries (docs/receipts.md)."""
    block_list: Single[BlockList] = NO_BLOCK_LIST
    """The newest there was."""
    containers: Table[str, Container] = field(default_factory=dict)
    """By serial."""
    hosts: Table[str, str] = field(default_factory=dict)
    """Which serial each upstream brought."""
    leases: Table[LeaseRef, Lease] = field(default_factory=dict)
    """The active ones."""
    borrowed: Table[int, Borrowed] = field(default_factory=dict)
    """Seats that are out, by the generation of what was borrowed."""
    units_used: Table[LicenceKey, int] = field(default_factory=dict)
    """What was consumed; absent at zero."""
    units_refunded: Table[LicenceKey, int] = field(default_factory=dict)
    """What operators gave back; absent at zero."""
    places: Table[int, Place] = field(default_factory=dict)
    """Who waits for seats, by number: who came first has the lowest."""
    denials: Table[tuple[str, int, int], Denial] = field(default_factory=dict)
    """Open denial episodes, by client, firm and product."""
    queue_rules: Single[QueueRules] = FIRST_RULES
    """What operators said of those who wait."""
    usage_starts: Table[LicenceKey, UsageStart] = field(default_factory=dict)
    """When the usage period of a licence that has one began."""
    clients: Table[str, bytes] = field(default_factory=dict)
    """Token hashes of enrolled clients, by name."""
    maintenance: Table[str, Act] = field(default_factory=dict)
    """The act that put a host into it."""
    certified: Table[str, Certified] = field(default_factory=dict)
    """Each container's certified time as the ledger knows it."""
    bindings: Table[str, Bound] = field(default_factory=dict)
    """What each container said of what holds its key, by serial."""
    deliveries: Table[tuple[str, int], Delivery] = field(default_factory=dict)
    """What waits for a container, by its serial and the firm code; at most
    `deliveries.DELIVERIES_MAX`."""
    anchors: Table[bytes, int] = field(default_factory=dict)
    """The log time of an entry of the last minutes, by its root (`certified`)."""
    anchor: Single[bytes] = b""
    """The newest of them, empty if there is none."""
    dismissed: Table[str, Dismissed] = field(default_factory=dict)
    """Certificates by serial number."""
    quotas: Table[tuple[int, int], int] = field(default_factory=dict)
    """The seats of a product, by (firm, product), that one client may have."""
    access: Table[int, Access] = field(default_factory=dict)
    """The access rules that were put in force last, by version; the highest is in force."""
    names_key_hash: Single[bytes] = b""
    """That of the key of the names' tags (`names`)."""
    erased: Table[bytes, Erased] = field(default_factory=dict)
    """Erased names, by tag; at most `state.ERASED_MAX`, the newest."""
    erased_index: Single[int] = 0
    """Which entry erased a name last."""
    supports: Table[str, Supported] = field(default_factory=dict)
    """Who said which rules it knows: upstreams by place, TMR hosts by name."""
    seats: Counted[LicenceKey] = field(default_factory=dict)
    """Seats that are taken by licence: in use, or lingering; absent at zero."""
    sharers: Counted[tuple[LicenceKey, str, bytes, bytes]] = field(default_factory=dict)
    """The leases of each share; `licences.counting` has its key, and what else is counted."""
    stations: Counted[tuple[int, int, str, bytes, bytes, bool]] = field(default_factory=dict)
    """The leases of a product at each station; under True those that are exclusive."""
    lingering: Counted[LicenceKey] = field(default_factory=dict)
    """Seats that linger by licence; absent at zero."""
    kept: Lists[str | LicenceKey | tuple[LicenceKey, str, bytes, bytes]] = field(
        default_factory=dict
    )
    """The numbers of givings back that linger, of all, of a licence and of an owner, each behind
    the age at which it ends; what ends first comes first."""
    borrowers: Counted[bytes] = field(default_factory=dict)
    """The generation of what is borrowed under a key."""
    out: Counted[LicenceKey] = field(default_factory=dict)
    """Seats that are out by licence; absent at zero."""
    due: Lists[str] = field(default_factory=dict)
    """Under "" the generations of what is borrowed, each behind the log time at which it ends."""
    held: Counted[str | tuple[str, int, int]] = field(default_factory=dict)
    """A client's active leases, and its seats of a product under (client, firm, product); absent at
    zero."""
    place_of: Counted[LeaseRef] = field(default_factory=dict)
    """The number of the place under a key; `licences.queue.book` has what is counted of places."""
    waiting: Lists[tuple[int, int]] = field(default_factory=dict)
    """Places without an offer by (firm, product): their numbers, in order, and the seats wanted."""
    holds: Lists[str] = field(default_factory=dict)
    """Places with an offer: the age at which it ends, and their numbers; what ends first first."""
    waiters: Counted[str] = field(default_factory=dict)
    """A client's places; absent at zero."""
    ruled: Counted[tuple[int, int, int] | tuple[int, int, int, str, bytes, bytes]] = field(
        default_factory=dict
    )
    """Seats that are counted under an access rule, by (firm, product, number of the rule), and the
    leases of each share that are; absent at zero."""
    rulebook: Derived[tuple[int, int], Ruled] = field(default_factory=Rulebook)
    """The access rules in force, by what they are for."""
    view: Derived[LicenceKey, TmrLicence] = field(default_factory=dict)
    """The 2-of-3 merge of all containers."""
    items: Derived[LicenceKey, ProductItem] = field(default_factory=dict)
    """What available licences are, as agreed."""
    offers: Derived[tuple[int, int], tuple[Offer, ...]] = field(default_factory=dict)
    """The available licences by (firm, product), in the order in which they are chosen."""
    offered: Derived[LicenceKey, Offer] = field(default_factory=dict)
    """The same, by licence."""
    periods: Derived[LicenceKey, ProductItem] = field(default_factory=dict)
    """Those of `items` with a usage period."""
    _lingers: Table[int, Linger] = field(default_factory=dict)
    """Seats that were given back and are kept for who had them."""
    borrowing_uncertified: Single[bool] = False
    """Whether operators let seats be borrowed without certified time."""
    borrowing_in_doubt: Single[bool] = False
    """Whether this ledger was restored, and nobody said since that no other seats are out than it
    knows of."""
    lent_before: Table[LicenceKey, BorrowTerms] = field(default_factory=dict)
    """While that is so: the widest terms on which a licence was lent that is lent on others now."""
    borrow_ends: Table[bytes, BorrowEnd] = field(default_factory=dict)
    """How what was borrowed under a key ended; at most `borrow_book.ENDS_MAX`, the last."""
    _borrow_ends_order: Table[int, bytes] = field(default_factory=dict)
    _borrow_ends_next: Single[int] = 1
    _tombstones: Table[LeaseRef, Tombstone] = field(default_factory=dict)
    _ended_order: Table[int, Ended] = field(default_factory=dict)
    _ended_of: Table[str, EndedOf] = field(default_factory=dict)
    _ended_first: Single[int] = 1
    _ended_next: Single[int] = 1
    takings: Table[int, Taking] = field(default_factory=dict)
    """The last units that were taken, by a running number."""
    _takings_next: Single[int] = 1
    _acts: Table[int, Act] = field(default_factory=dict)
    _acts_next: Single[int] = 0

    def __post_init__(self) -> None:
        self._begin()

    def fingerprint(self) -> bytes:
        """SHA-256 over everything above, derived views too. Slow: for tests and invariants."""
        return sha256(_encode([_plain(row, getattr(self, row.name)) for row in DECLARED])).digest()


class Row(NamedTuple):
    """One attribute of a state. `types` are of its keys and values, or of its one value; `later`
    means that it came after the first rules."""

    name: str
    kind: Kind
    types: tuple[type, ...]
    later: bool


def _row(name: str, hint: Any) -> Row:
    holds, kind, *more = get_args(hint)
    types = (holds,) if kind is Kind.SINGLE else get_args(holds)
    return Row(name, kind, types, any(isinstance(one, Since) for one in more))


def _plain(row: Row, value: Any) -> Any:
    """A table's rows in an order that does not depend on its history."""
    if row.kind is Kind.SINGLE:
        return value
    by_bytes = row.kind is Kind.COUNTED  # Its keys may be of several types.
    return sorted(value.items(), key=lambda pair: _encode(pair[0]) if by_bytes else pair[0])


_encode: Final = msgspec.msgpack.Encoder().encode
_hints: Final = get_type_hints(Tables, include_extras=True)
DECLARED: Final = tuple(_row(one.name, _hints[one.name]) for one in fields(Tables))
SINGLES: Final = tuple(row.name for row in DECLARED if row.kind in (Kind.SINGLE, Kind.DERIVED))
"""What is kept as a whole to undo changes."""
SCALARS: Final[Mapping[str, type]] = {
    row.name: row.types[0] for row in DECLARED if row.kind is Kind.SINGLE
}
"""What a snapshot holds of single values, and their types."""
TABLES: Final[Mapping[str, tuple[type, ...]]] = {
    row.name: row.types for row in DECLARED if row.kind is Kind.TABLE
}
"""What a snapshot holds of tables, and the types of key and value."""
LATER: Final = frozenset(row.name for row in DECLARED if row.later)
"""What a snapshot leaves out while it says nothing: it came after the first rules."""
