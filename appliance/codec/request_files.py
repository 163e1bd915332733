"""Request files: what a container says to a vendor when it asks (design D3, D8).

A signed file (`appliance.codec.signed_files`) by the container's own key, which it carries. What
can go wrong in here is a request that is good for more than it was made for: whoever copies it
would fetch what its container bought, or put that container into a group of his own. So a request
says what it is for (`Purpose`), to whom it goes (a firm, or a License Central), for which order or
ticket, and carries a number: over the network the challenge that License Central gave, by hand one
of the container's own, which the firm uses once.

A request that is carried by hand may also be **open**: it names no firm and no order. It is for a
vendor who knows from whom he has it, counts nowhere else, and fetches nothing over the network.

An order is named by a hash over its name *and* the serial: who has only the file learns no ticket
from it, and cannot name the same one for another container.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.codec.signed_files import (
    ALGORITHM,
    KEY_BYTES,
    FileRefused,
    open_file,
    sign_file,
    verify_file,
)
from appliance.licences.binding import NO_EVIDENCE, Evidence, is_evidence
from appliance.licences.bounds import CODE_MAX, COUNT_MAX, SECONDS_MAX, TEXT_MAX
from appliance.licences.serials import Kind, Mask, Serial, kind_of
from appliance.licences.updates import FIRMS_MAX
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import holds_as, is_container_serial

REQUEST_TYPE: Final = "tmr-request+jws"
NONCE_BYTES_MIN: Final = 16
NONCE_BYTES_MAX: Final = 64
ORDER_MAX: Final = 128
"""Characters of an order's name."""
AUDIENCE_MAX: Final = 260
"""Characters of an audience: a kind and a host's name."""
_MARK_BYTES: Final = 32
_ORDER_TAG: Final = b"tmr-order-1\0"


class RequestRefused(Exception):
    """A container's request that is not accepted; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Purpose(StrEnum):
    """What a request is for: to be issued an order by hand, to show a ticket, to fetch updates."""

    ORDER = "order"
    ACTIVATE = "activate"
    UPDATE = "update"


class System(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which TMR system a container works: the virtual container's serial, and the release of its
    own host's program; "" for what is not known."""

    virtual_serial: str = ""
    release: str = ""


NO_SYSTEM: Final = System()


class Wanted(NamedTuple):
    """What a request is to be for. `order` is an order's name or a ticket's code, "" for updates;
    `held` are the newest sequence of each firm code that the container holds, `system` is where it
    works."""

    purpose: Purpose
    audience: str
    nonce: bytes
    order: str = ""
    held: tuple[tuple[int, int], ...] = ()
    system: System = NO_SYSTEM


class ContainerRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a container signed. `public_key` has 32 bytes; `order` is an `order_mark`, b"" for
    updates; `nonce` is License Central's challenge, or by hand the container's own number;
    `evidence` is what the container says of what holds its key, and `system` of where it works."""

    purpose: Purpose
    audience: str
    order: bytes
    nonce: bytes
    held: tuple[tuple[int, int], ...]
    serial: str
    public_key: bytes
    host: str
    created_at_s: int
    evidence: Evidence
    system: System

    @property
    def kind(self) -> Kind:
        """How firmly the container is bound, as it says."""
        return kind_of(self.serial, self.evidence.binding)

    @property
    def is_open(self) -> bool:
        """Whether it names no firm and no order."""
        return self.purpose is Purpose.ORDER and not self.audience and not self.order

    def names(self, order: str) -> bool:
        """Whether it was made for the order, or the ticket, of this name."""
        return self.order == order_mark(self.serial, order)


def firm_audience(firm_code: int) -> str:
    """The audience of a request that is carried to this firm by hand."""
    return f"firm {firm_code}"


def central_audience(host: str) -> str:
    """The audience of a request to the License Central of this host name or address."""
    return f"central {host.casefold()}"


def open_request() -> Wanted:
    """What an open request is for: whoever issues by hand knows from whom he has it."""
    return Wanted(Purpose.ORDER, "", bytes(NONCE_BYTES_MIN))


def order_mark(serial: str, order: str) -> bytes:
    """How a container of this serial names an order, in 32 bytes. Blanks and capitals that people
    write differently are the same order."""
    name = " ".join(order.split()).casefold()
    return sha256(b"\0".join((_ORDER_TAG, serial.encode(), name.encode()))).digest()


def build_request(
    key: Ed25519PrivateKey,
    serial: str,
    host: str,
    now: datetime,
    wanted: Wanted,
    evidence: Evidence = NO_EVIDENCE,
) -> bytes:
    """The request file of the container with this key and serial, on the host of this name."""
    payload = ContainerRequest(
        purpose=wanted.purpose,
        audience=wanted.audience,
        order=order_mark(serial, wanted.order) if wanted.order else b"",
        nonce=wanted.nonce,
        held=wanted.held,
        serial=serial,
        public_key=key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        host=host,
        created_at_s=int(now.timestamp()),
        evidence=evidence,
        system=wanted.system,
    )
    return sign_file(key, {"alg": ALGORITHM, "typ": REQUEST_TYPE}, payload)


def read_request(data: bytes) -> ContainerRequest:
    """The request in this file, which proves that its sender has the key, and that the serial is
    that key's. What it may be used for is for the caller to compare. Raises RequestRefused."""
    try:
        opened = open_file(data, REQUEST_TYPE, "request")
        try:
            request = msgspec.json.decode(opened.payload, type=ContainerRequest)
        except UNREADABLE as error:
            raise FileRefused(f"The request's content is not understood: {error}.") from None
        if opened.header.x5c or len(request.public_key) != KEY_BYTES:
            raise FileRefused("The request's key is not a bare Ed25519 key.")
        verify_file(opened, request.public_key, "request")
    except FileRefused as refused:
        raise RequestRefused(str(refused)) from None
    _check_serial(request)
    if not (
        len(request.host) <= TEXT_MAX
        and 0 <= request.created_at_s <= SECONDS_MAX
        and len(request.audience) <= AUDIENCE_MAX
        and NONCE_BYTES_MIN <= len(request.nonce) <= NONCE_BYTES_MAX
        and len(request.order) == (0 if _names_none(request) else _MARK_BYTES)
    ):
        raise RequestRefused("The request's host name, time, number or order is out of range.")
    if not _is_held(request.held):
        raise RequestRefused("The request does not say what its container holds, each firm once.")
    if not _is_system(request.system):
        raise RequestRefused("The request's word on where its container works is not in its form.")
    if not is_evidence(request.evidence):
        raise RequestRefused("The request's word on what holds its key is not in its form.")
    return request


def _check_serial(request: ContainerRequest) -> None:
    if not is_container_serial(request.serial):
        raise RequestRefused(
            f"The request's serial {request.serial!r} is not one of an upstream's container."
        )
    serial = Serial.parse(request.serial)
    if not holds_as(request.serial, request.evidence.binding):
        raise RequestRefused(
            f"The request's serial {request.serial} has mask {int(serial.mask)}, which does not"
            f" stand for a key that is held as {request.evidence.binding.value!r}."
        )
    if serial != Serial.of_key(serial.mask, request.public_key):
        raise RequestRefused(
            f"The request's serial {request.serial} is not that of its key: it was made up, or is"
            " another container's. Make a new container on that host."
        )


def _is_system(system: System) -> bool:
    try:
        virtual = not system.virtual_serial or (
            Serial.parse(system.virtual_serial).mask is Mask.VIRTUAL
        )
    except ValueError:
        return False
    return virtual and len(system.release) <= TEXT_MAX and system.release.isprintable()


def _names_none(request: ContainerRequest) -> bool:
    return request.purpose is Purpose.UPDATE or request.is_open


def _is_held(held: tuple[tuple[int, int], ...]) -> bool:
    codes = [code for code, _ in held]
    return (
        len(held) <= FIRMS_MAX
        and len(set(codes)) == len(codes)
        and all(0 < code <= CODE_MAX and 0 <= sequence <= COUNT_MAX for code, sequence in held)
    )
