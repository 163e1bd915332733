"""What a container says to a vendor after the request: receipts, and orders to take back.

Both are signed files (`appliance.codec.signed_files`) by the container's own key, which the vendor
knows since activation. A receipt says which update was imported, bit for bit, so it is the same
however often it is shown, and good at that firm only. An order says which licence is to be taken
back, or that this is called off; it goes to one License Central, and answers its challenge: an old
one is worth nothing.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.codec.request_files import AUDIENCE_MAX, NONCE_BYTES_MAX, NONCE_BYTES_MIN
from appliance.codec.signed_files import (
    ALGORITHM,
    FileRefused,
    SignedFile,
    open_file,
    sign_file,
    verify_file,
)
from appliance.licences.bounds import CODE_MAX, COUNT_MAX
from appliance.licences.model import LicenceKey
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import is_container_serial

RECEIPT_TYPE: Final = "tmr-receipt+jws"
RETURN_TYPE: Final = "tmr-return+jws"
_DIGEST_BYTES: Final = 32


class TransferRefused(Exception):
    """A receipt or an order that is not accepted; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This container imported this update. `update_sha256` is over the update file's bytes."""

    serial: str
    firm_code: int
    sequence: int
    update_sha256: bytes
    created_at_s: int


class ReturnOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This container's owner wants to give this licence back; with `call_off`, to keep it after
    all. `audience` and `nonce` are as in a request (`appliance.codec.request_files`)."""

    audience: str
    nonce: bytes
    call_off: bool
    serial: str
    firm_code: int
    product_code: int
    tmr_id: int
    created_at_s: int

    @property
    def key(self) -> LicenceKey:
        """Which licence."""
        return LicenceKey(self.firm_code, self.product_code, self.tmr_id)


class Addressed(NamedTuple):
    """Where an order goes, which challenge it answers, and whether it calls a return off."""

    audience: str
    nonce: bytes
    call_off: bool = False


_P = TypeVar("_P", Receipt, ReturnOrder)


def build_receipt(
    key: Ed25519PrivateKey, serial: str, firm_code: int, sequence: int, update: bytes, now: datetime
) -> bytes:
    """The receipt file for this update file."""
    receipt = Receipt(
        serial=serial,
        firm_code=firm_code,
        sequence=sequence,
        update_sha256=sha256(update).digest(),
        created_at_s=int(now.timestamp()),
    )
    return sign_file(key, {"alg": ALGORITHM, "typ": RECEIPT_TYPE}, receipt)


def build_return(
    key: Ed25519PrivateKey, serial: str, licence: LicenceKey, to: Addressed, now: datetime
) -> bytes:
    """The file that orders this licence to be taken back, or calls that off."""
    order = ReturnOrder(
        audience=to.audience,
        nonce=to.nonce,
        call_off=to.call_off,
        serial=serial,
        firm_code=licence.firm_code,
        product_code=licence.product_code,
        tmr_id=licence.tmr_id,
        created_at_s=int(now.timestamp()),
    )
    return sign_file(key, {"alg": ALGORITHM, "typ": RETURN_TYPE}, order)


def read_receipt(data: bytes) -> tuple[Receipt, SignedFile]:
    """A receipt, to be verified with `check_signer` once its container is known.

    Raises TransferRefused.
    """
    receipt, opened = _read(data, RECEIPT_TYPE, "receipt", Receipt)
    if len(receipt.update_sha256) != _DIGEST_BYTES or not 1 <= receipt.sequence <= COUNT_MAX:
        raise TransferRefused("The receipt names no update.")
    return receipt, opened


def read_return(data: bytes) -> tuple[ReturnOrder, SignedFile]:
    """An order to take back, to be verified with `check_signer`. Raises TransferRefused."""
    order, opened = _read(data, RETURN_TYPE, "order", ReturnOrder)
    if not 1 <= order.tmr_id <= CODE_MAX or not 0 <= order.product_code <= CODE_MAX:
        raise TransferRefused("The order names no licence.")
    if (
        len(order.audience) > AUDIENCE_MAX
        or not NONCE_BYTES_MIN <= len(order.nonce) <= NONCE_BYTES_MAX
    ):
        raise TransferRefused("The order answers no challenge.")
    return order, opened


def check_signer(opened: SignedFile, public_key: bytes) -> None:
    """Raises TransferRefused unless the container with this key (32 bytes) signed the file."""
    try:
        verify_file(opened, public_key, "file")
    except FileRefused as refused:
        raise TransferRefused(str(refused)) from None


def _read(data: bytes, typ: str, kind: str, content: type[_P]) -> tuple[_P, SignedFile]:
    try:
        opened = open_file(data, typ, kind)
    except FileRefused as refused:
        raise TransferRefused(str(refused)) from None
    try:
        payload = msgspec.json.decode(opened.payload, type=content)
    except UNREADABLE as error:
        raise TransferRefused(f"The {kind} is not understood: {error}.") from None
    if opened.header.x5c or not is_container_serial(payload.serial):
        raise TransferRefused(f"The {kind} is not that of a container.")
    if not 1 <= payload.firm_code <= CODE_MAX or not 0 <= payload.created_at_s <= COUNT_MAX:
        raise TransferRefused(f"The {kind} has numbers out of range.")
    return payload, opened
