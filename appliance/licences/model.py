"""What a licence is made of: product items, firm items, containers, and the key of a TMR licence.

A TMR licence is issued three times, to three containers that share a CmActID. Its constituents are
the same licence only if firm code, product code and TMR-ID agree, and form one only if every other
property agrees too (design section 1); so `ProductItem` compares by value, all fields.
"""

from __future__ import annotations

import msgspec

from appliance.licences.binding import Evidence
from appliance.licences.item import ItemOptions


class LicenceKey(
    msgspec.Struct,
    frozen=True,
    array_like=True,
    order=True,
    forbid_unknown_fields=True,
    gc=False,
    cache_hash=True,
):
    """What three constituents must share to be looked at as one TMR licence."""

    firm_code: int
    product_code: int
    tmr_id: int

    def __str__(self) -> str:
        return f"{self.firm_code}:{self.product_code}#{self.tmr_id}"


class ProductItem(ItemOptions, frozen=True, kw_only=True, omit_defaults=True):
    """One product item with its options, as a vendor signs it."""

    product_code: int
    tmr_id: int


class UsageStart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """When a licence was first used (log time, Unix ms), and the vendor's `usage_reset` then."""

    at_ms: int
    reset: int


class ReturnedItem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A licence that was given back to its firm; a TMR-ID is never given twice."""

    product_code: int
    tmr_id: int


class FirmWord(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What a firm signed of its items in one container, for programs to believe (docs/receipts.md).

    `root` is the Merkle root over its `size` items, `signature` the firm's over that root, the
    container and the update's sequence, `certificate` the firm's, X.509 DER.
    """

    root: bytes
    size: int
    signature: bytes
    certificate: bytes


class FirmItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All product items of one firm code in one container, as of the firm's update `sequence`.

    `units_confirmed` is the id (hexadecimal) of a restored ledger in which the firm says that its
    unit counters are right; they rest there until then. `returned` are the licences that the group
    gave back: whichever of its containers still holds one, holds nothing. `word` is the firm's word
    for all of this: each update that was read has one.
    """

    firm_code: int
    firm_name: str
    sequence: int
    items: tuple[ProductItem, ...] = ()
    units_confirmed: str = ""
    returned: tuple[ReturnedItem, ...] = ()
    word: FirmWord | None = None


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """One twin as the ledger knows it. `certificate` is X.509 DER, issued by the licence root;
    `binding` is what it says of where the key lies, "" for a plain file. `contact_ms` is the log
    time (Unix ms) at which an update of it was imported last, 0 before log time is known."""

    serial: str
    cmact_id: str
    twin: int
    certificate: bytes
    firms: tuple[FirmItem, ...] = ()
    locked: bool = False
    binding: str = ""
    contact_ms: int = 0

    def firm(self, firm_code: int) -> FirmItem | None:
        """The firm item with this firm code, or None."""
        return next((firm for firm in self.firms if firm.firm_code == firm_code), None)


class UpdateBase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which content an update changes: that after the update `sequence` (0: nothing was there),
    with this Merkle `root` in the firm's word of then (b"" with 0)."""

    sequence: int
    root: bytes = b""


class ContainerUpdate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a verified licence update says: the new whole firm item of one container, or with a
    `base` what changed: `firm` has then the items that are new or other than before, and what is
    newly named as given back, and `dropped` are the items that are gone (`licences.deltas`).
    `binding` is its certificate's to say: no file says it.

    `sequence` counts a firm's updates of one container from 1; an update applies only on top of
    its predecessor, or of its base, so that none is applied twice or out of order.
    """

    serial: str
    cmact_id: str
    twin: int
    certificate: bytes
    firm: FirmItem
    binding: str = ""
    base: UpdateBase | None = None
    dropped: tuple[ReturnedItem, ...] = ()


class Blocked(msgspec.Struct, frozen=True, array_like=True):
    """One container that its vendor blocked: its serial, its certificate's number, and why.

    The number is written in hexadecimal: it has up to 159 bits.
    """

    serial: str
    certificate_number: str
    reason: str


class BlockList(msgspec.Struct, frozen=True, kw_only=True):
    """What a verified block list (an X.509 CRL of the licence root) says.

    `number` goes strictly up from list to list; the list is current from `this_update_s` until
    `next_update_s` (Unix time). `data` are the signed bytes, so that it can be passed on.
    """

    number: int
    this_update_s: int
    next_update_s: int
    blocked: tuple[Blocked, ...]
    data: bytes

    def reason_for(self, serial: str) -> str:
        """Why this container is blocked, "" if it is not."""
        return next((one.reason for one in self.blocked if one.serial == serial), "")


NO_BLOCK_LIST = BlockList(number=0, this_update_s=0, next_update_s=0, blocked=(), data=b"")
"""Before any list was seen: nobody is blocked, and every list is newer."""


class CertifiedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A verified statement: the container `serial` with this certificate (X.509 DER) got certified
    time `time_ms` (Unix ms), give or take `accuracy_ms`, when the ledger had come to the entry with
    root `anchor`."""

    serial: str
    certificate: bytes
    anchor: bytes
    time_ms: int
    accuracy_ms: int


class BindingShown(msgspec.Struct, frozen=True, kw_only=True):
    """A verified statement: the container `serial` with this certificate (X.509 DER) says in this
    ledger what holds its key. `number` goes up from statement to statement."""

    ledger_id: bytes
    serial: str
    number: int
    evidence: Evidence
    certificate: bytes


class Certified(msgspec.Struct, frozen=True, array_like=True):
    """A container's certified time in the ledger (Unix ms), at what log time it was asked, and
    which age the state had when it came.

    It is `spent` once it has helped to lower log time: it helps no second time.
    """

    time_ms: int
    asked_log_time_ms: int
    spent: bool = False
    age_ms: int = 0
