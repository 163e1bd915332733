"""Right signatures over whatever the fuzzer makes up, so that it gets behind them."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.codec import signed_files as files
from tests.unit.codec import world


def signed_file(key: Ed25519PrivateKey, typ: str, payload: bytes) -> bytes:
    """The file of this payload, whatever it is, rightly signed.

    That is what `files.sign_file` writes, in a quarter of the time.
    """
    header = msgspec.json.encode({"alg": files.ALGORITHM, "typ": typ})
    signed = _part(header) + b"." + _part(payload)
    return signed + b"." + _part(key.sign(signed)) + b"\n"


def _part(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def issued(signed: bytes) -> bytes:
    """The certificate or list (DER) in which the root signs this, whatever it is (RFC 5280)."""
    algorithm = b"\x30\x05\x06\x03\x2b\x65\x70"  # Ed25519, RFC 8410
    signature = b"\x03\x41\x00" + world.ROOT_KEY.sign(signed)
    content = signed + algorithm + signature
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    length = octets if size < 0x80 else bytes([0x80 + len(octets)]) + octets
    return b"\x30" + length + content
