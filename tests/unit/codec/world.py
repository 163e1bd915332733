"""A licence root, two firms and a group of three containers, for the tests of this folder."""

from datetime import UTC, datetime
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.codec.certificates import (
    build_container_certificate,
    build_firm_certificate,
    build_root_certificate,
)
from appliance.codec.request_files import Purpose, Wanted, build_request, firm_audience
from appliance.licences.model import ContainerUpdate, FirmItem, ProductItem
from appliance.licences.serials import Mask, Serial
from appliance.verifier.certificates import (
    ContainerIdentity,
    FirmIdentity,
)

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
CMACT_ID = "A1B2C3D4"


def key(number: int) -> Ed25519PrivateKey:
    """A private key that is the same in each run."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(private: Ed25519PrivateKey) -> bytes:
    """The raw public half."""
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def serial_of(private: Ed25519PrivateKey) -> str:
    """The serial of the container with this key, as requests prove it."""
    return str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, public(private)))


RNG = Random(1)
ROOT_KEY, OTHER_ROOT_KEY, FIRM_A_KEY, FIRM_B_KEY = key(1), key(2), key(3), key(4)
CONTAINER_KEYS = {1: key(11), 2: key(12), 3: key(13)}
SERIALS = {1: "130-10000001", 2: "130-10000002", 3: "130-10000003"}
ROOT = build_root_certificate(ROOT_KEY, "Test root", NOW, RNG)
OTHER_ROOT = build_root_certificate(OTHER_ROOT_KEY, "Test root", NOW, RNG)
FIRM_A = FirmIdentity(600_100, "Firm A", public(FIRM_A_KEY))
FIRM_B = FirmIdentity(600_200, "Firm B", public(FIRM_B_KEY))
FIRM_A_CERTIFICATE = build_firm_certificate(ROOT_KEY, ROOT, FIRM_A, NOW, RNG)
FIRM_B_CERTIFICATE = build_firm_certificate(ROOT_KEY, ROOT, FIRM_B, NOW, RNG)
CONTAINERS = {
    twin: ContainerIdentity(SERIALS[twin], CMACT_ID, twin, public(CONTAINER_KEYS[twin]))
    for twin in SERIALS
}
CONTAINER_CERTIFICATES = {
    twin: build_container_certificate(ROOT_KEY, ROOT, CONTAINERS[twin], NOW, RNG)
    for twin in SERIALS
}


def item(**changes) -> ProductItem:
    """A product item as firm A issues it."""
    values = {"product_code": 10, "tmr_id": 1, "text": "Seats", "quantity": 10, "units": 500}
    return ProductItem(**{**values, **changes})


def update(twin: int = 1, sequence: int = 1, **changes) -> ContainerUpdate:
    """Firm A's update of one of the containers."""
    firm = FirmItem(
        firm_code=FIRM_A.firm_code, firm_name="Firm A", sequence=sequence, items=(item(),)
    )
    values = {
        "serial": SERIALS[twin],
        "cmact_id": CMACT_ID,
        "twin": twin,
        "certificate": CONTAINER_CERTIFICATES[twin],
        "firm": firm,
    }
    return ContainerUpdate(**{**values, **changes})


def request(host: str = "up1", serial: str = "", **changes) -> bytes:
    """The first container's request to firm A for an order, or with these changes."""
    wanted = Wanted(Purpose.ORDER, firm_audience(600_100), bytes(range(16)), "PO 4711")
    key = CONTAINER_KEYS[1]
    return build_request(key, serial or serial_of(key), host, NOW, wanted._replace(**changes))
