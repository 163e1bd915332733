"""A contact: what a container says of itself each time it talks to its vendor (issue 14, C2).

A signed file (`appliance.codec.signed_files`) by the container's own key, in a header beside the
request, to a time server or to License Central. Each names the hash of the one before, so the
contacts of a container with one station are a chain. A container that was copied goes on as two;
then two contacts follow on the same one, both signed by that key: proof that needs nobody's word.

What can go wrong in here is a contact of somebody else. A serial is its key's, and the key stands
in the contact, so whoever has that key is who it says.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.codec.signed_files import ALGORITHM, FileRefused, open_file, sign_file, verify_file
from appliance.licences.bounds import COUNT_MAX
from appliance.licences.serials import Serial
from appliance.unreadable import UNREADABLE

CONTACT_TYPE: Final = "tmr-contact+jws"
CONTACT_HEADER: Final = "tmr-contact"
STATION_HEADER: Final = "tmr-station"
"""In a station's answers: the id of what it keeps, drawn once. A container counts its contacts for
each id, whatever names and addresses lead there."""
STATION_MAX: Final = 64
CONTACT_BYTES_MAX: Final = 2_048
NONCE_BYTES: Final = 16
HASH_BYTES: Final = 32
WHY_MAX: Final = 100
"""Characters of an operator's reason; the ledger has all of it."""

Count = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]


class ContactRefused(Exception):
    """This is no contact of any container; `detail` says why, in one sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class LedgerHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a ledger is proven to be committed at a container's upstream; hexadecimal ids.

    `index` and `root` are of the newest entry with a proof of its commit, `term` counts the
    coordinators up to the one that had it committed (0: there is no proof yet). `origin` is the
    ledger from which an operator restored this one, as of its entry `origin_index` ("": from none).
    `loss` is the key of what is known to be lost of it, if it was put back ("": nothing). `why` is
    the operator's reason for that restore, or for taking note of that loss.
    """

    ledger_id: Annotated[str, msgspec.Meta(max_length=128)] = ""
    term: Count = 0
    index: Count = 0
    root: Annotated[bytes, msgspec.Meta(max_length=HASH_BYTES)] = b""
    origin: Annotated[str, msgspec.Meta(max_length=128)] = ""
    origin_index: Count = 0
    loss: Annotated[str, msgspec.Meta(max_length=64)] = ""
    why: Annotated[str, msgspec.Meta(max_length=WHY_MAX)] = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contact with the station of that id. `number` counts those from 1, `previous` is the hash
    of the one before (empty for the first). `created_at_s` is by the container's clock, Unix
    time."""

    serial: Annotated[str, msgspec.Meta(max_length=64)]
    public_key: Annotated[bytes, msgspec.Meta(max_length=HASH_BYTES)]
    station: Annotated[str, msgspec.Meta(max_length=STATION_MAX)]
    number: Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)]
    previous: Annotated[bytes, msgspec.Meta(max_length=HASH_BYTES)]
    nonce: Annotated[bytes, msgspec.Meta(max_length=NONCE_BYTES)]
    ledger: LedgerHead
    created_at_s: Count


def build_contact(key: Ed25519PrivateKey, contact: Contact) -> str:
    """The contact as a header carries it."""
    return sign_file(key, {"alg": ALGORITHM, "typ": CONTACT_TYPE}, contact).decode().strip()


def hash_of(text: str) -> bytes:
    """What the next contact names."""
    return sha256(text.encode()).digest()


def read_contact(text: str) -> Contact:
    """The contact in a header, signed by the container that it names. Raises ContactRefused."""
    if len(text) > CONTACT_BYTES_MAX or not text.isascii():
        raise ContactRefused("The contact is too long, or no text.")
    try:
        opened = open_file(text.encode() + b"\n", CONTACT_TYPE, "contact")
        contact = msgspec.json.decode(opened.payload, type=Contact)
        verify_file(opened, contact.public_key, "contact")
        serial = Serial.parse(contact.serial)
    except FileRefused as refused:
        raise ContactRefused(str(refused)) from None
    except UNREADABLE as error:
        raise ContactRefused(f"The contact is not understood: {error}.") from None
    if serial != Serial.of_key(serial.mask, contact.public_key):
        raise ContactRefused(f"The serial {contact.serial} is not that of the contact's key.")
    return contact
