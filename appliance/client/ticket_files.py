"""The files of borrowed seats: ticket, key, request and return, as bytes.

    press.tmr-ticket        what was granted, with its receipt and the firm's word: proves itself
    press.tmr-ticket.key    the borrower's private key, what it asked for, and how far time has
                            come: for its owner alone
    press.tmr-request       for a computer without a network: what is to be borrowed, or extended
    press.tmr-return        the same: what comes back, signed

What can go wrong in here is a file that says two things, so each is read as a whole or refused.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from appliance.client.errors import ClientError
from appliance.codec.api_borrowing import BorrowRequest
from appliance.codec.lease_documents import HolderDocument
from appliance.errors import ExitCode
from appliance.licences.borrow_bytes import BORROW_SIGNATURE_BYTES, BORROWER_BYTES
from appliance.licences.bounds import COUNT_MAX, DURATION_S_MAX, SEATS_MAX
from appliance.licences.modes import NO_STATION, STATION_BYTES
from appliance.licences.wishes import NO_WISHES, Wishes, why_not
from appliance.unreadable import UNREADABLE
from appliance.verifier.documents import FirmWordsDocument, GrantDocument

VERSION: Final = 1
FILE_BYTES_MAX: Final = 8 << 10
"""No file of borrowed seats is longer."""
SEED_BYTES: Final = 32
UNREADABLE_FILE: Final = "unreadable"


class TicketRefused(ClientError):
    """A file of borrowed seats is of no use here; nothing was changed. `reason` is a word of
    `client.ticket`, or that of the receipt that does not convince (`receipts.REASONS`)."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence, ExitCode.NO_LICENCE)
        self.reason = reason


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the files."""

    version: int = VERSION


class TicketFile(_File, frozen=True, kw_only=True):
    """What was granted. Unknown parts of a receipt are refused: nothing in it is outside proof."""

    grant: GrantDocument
    words: tuple[FirmWordsDocument, ...]


class Asked(_File, frozen=True, kw_only=True):
    """A request for a loan under the key `borrower`, or (with `extends_ms` and a signature) for
    more time."""

    borrower: bytes
    firm_code: int
    product_code: int
    seconds: int
    seats: int = 1
    holder: HolderDocument = HolderDocument()
    station: bytes = NO_STATION
    wishes: Wishes = NO_WISHES
    extends_ms: int = 0
    signature: bytes = b""

    def request(self, nonce: bytes) -> BorrowRequest:
        """The body that asks the servers for it."""
        return BorrowRequest(
            firm_code=self.firm_code,
            product_code=self.product_code,
            seconds=self.seconds,
            nonce=nonce,
            seats=self.seats,
            holder=self.holder,
            station=self.station,
            extends_ms=self.extends_ms,
            signature=self.signature,
            **msgspec.structs.asdict(self.wishes),
        )


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far log time (Unix ms) had come when its borrower saw it last: it was `log_ms` at
    `boot_ms` (boot time) of the system's start `boot_id`."""

    log_ms: int = 0
    boot_id: str = ""
    boot_ms: int = 0


class KeyFile(_File, frozen=True, kw_only=True):
    """The private half of a loan. Once it is given back the `seed` is gone, and `returned` is the
    signature that says so."""

    seed: bytes
    asked: Asked
    seen: Seen = Seen()
    returned: bytes = b""


class ReturnFile(_File, frozen=True, kw_only=True):
    """What was borrowed under this key comes back."""

    borrower: bytes
    signature: bytes


_Kind = TypeVar("_Kind", bound=_File)


def read_ticket(data: bytes) -> TicketFile:
    """The ticket in these bytes; nothing of it is proven yet. Raises TicketRefused."""
    return _read(data, TicketFile, "ticket")


def read_request(data: bytes) -> Asked:
    """The request in these bytes. Raises TicketRefused."""
    asked = _read(data, Asked, "request for borrowed seats")
    wrong = _wrong_request(asked)
    if wrong:
        raise TicketRefused(
            UNREADABLE_FILE, f"this request for borrowed seats is {wrong}: ask anew"
        )
    return asked


def read_return(data: bytes) -> ReturnFile:
    """The return in these bytes. Raises TicketRefused."""
    found = _read(data, ReturnFile, "return of borrowed seats")
    if len(found.borrower) != BORROWER_BYTES or len(found.signature) != BORROW_SIGNATURE_BYTES:
        raise TicketRefused(
            UNREADABLE_FILE, "this return of borrowed seats is damaged: have it written again"
        )
    return found


def read_key(data: bytes) -> KeyFile:
    """The key file in these bytes. Raises TicketRefused."""
    found = _read(data, KeyFile, "key of a loan")
    whole = (len(found.seed), len(found.returned)) in (
        (SEED_BYTES, 0),
        (0, BORROW_SIGNATURE_BYTES),
    )
    if not whole or _wrong_request(found.asked):
        raise TicketRefused(UNREADABLE_FILE, "the key of this loan is damaged")
    return found


def encode(document: _File) -> bytes:
    """The bytes of a file."""
    return msgspec.json.encode(document)


def _read(data: bytes, kind: type[_Kind], what: str) -> _Kind:
    if len(data) > FILE_BYTES_MAX:
        raise TicketRefused(UNREADABLE_FILE, f"this is no {what}: it has more than 8 KiB")
    try:
        found = msgspec.json.decode(data, type=kind)
    except UNREADABLE as error:
        raise TicketRefused(
            UNREADABLE_FILE, f"this is no {what}, or a damaged one ({error}): copy it again"
        ) from error
    if found.version != VERSION:
        raise TicketRefused(
            UNREADABLE_FILE, f"this {what} is of another version ({found.version}): update this"
        )
    return found


def _wrong_request(asked: Asked) -> str:
    if len(asked.borrower) != BORROWER_BYTES or len(asked.station) not in (0, STATION_BYTES):
        return "without a borrower's key"
    if not 1 <= asked.seconds <= DURATION_S_MAX or not 1 <= asked.seats <= SEATS_MAX:
        return "for no time, or no seat"
    codes = (asked.firm_code, asked.product_code, asked.extends_ms)
    if not all(0 <= code <= COUNT_MAX for code in codes):
        return "for no product"
    if bool(asked.extends_ms) != bool(asked.signature):
        return "an extension without a signature"
    return why_not(asked.wishes)
