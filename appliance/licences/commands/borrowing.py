"""Commands about borrowed seats, and what the ledger keeps of one (`appliance.licences.borrowing`
says what becomes of them)."""

from __future__ import annotations

import msgspec

from appliance.licences.access.charges import RuleCharges
from appliance.licences.commands.base import Command, Holder
from appliance.licences.model import LicenceKey
from appliance.licences.modes import NO_STATION
from appliance.licences.wishes import NO_WISHES, Wishes


class Borrowed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Seats of one licence that are out, with whoever has the private half of the Ed25519 key
    `borrower`.

    `client` brought the request. It was granted at log time `granted_at_ms` in the ledger
    `ledger_id`, by which its signatures go, and ends at log time `ends_at_ms` (both Unix ms), but
    not before the state has the age `until_age_ms`, or certified time says so. `station` is the
    machine that it is for, empty for any. An operator said at log time `lost_at_ms` that it is lost
    (0: nobody did). `ruled` is under which access rules its seats are counted.
    """

    borrower: bytes
    client: str
    key: LicenceKey
    seats: int
    holder: Holder
    generation: int
    granted_at_ms: int
    ends_at_ms: int
    until_age_ms: int
    ledger_id: bytes
    station: bytes = NO_STATION
    wishes: Wishes = NO_WISHES
    lost_at_ms: int = 0
    ruled: RuleCharges = ()


class Borrow(Command, frozen=True, tag="borrow"):
    """Borrow seats for so many seconds, under the Ed25519 key `borrower`; or extend what is
    borrowed under it, with a signature by that key.

    `extends_ms` is the end that the borrower knows, 0 for the first request. A repeat differs in
    `nonce` and `address` alone, and gets what stands.
    """

    client: str
    borrower: bytes
    firm_code: int
    product_code: int
    seconds: int
    holder: Holder
    nonce: bytes
    seats: int = 1
    station: bytes = NO_STATION
    address: bytes = b""
    wishes: Wishes = NO_WISHES
    extends_ms: int = 0
    signature: bytes = b""


class ReturnBorrowed(Command, frozen=True, tag="return-borrowed"):
    """Whoever borrowed under this key gives it back, and signed that with it."""

    borrower: bytes
    signature: bytes


class WriteOff(Command, frozen=True, tag="write-off"):
    """An operator says that what was borrowed under this key is lost: it stays counted."""

    borrower: bytes
    who: str
    why: str


class OperateBorrowing(Command, frozen=True, tag="operate-borrowing"):
    """An operator's act on borrowing as a whole (`borrowing.ACTIONS` has the words)."""

    action: str
    who: str
    why: str
