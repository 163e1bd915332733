"""How the vendors' side keeps private keys: whole files, for their owner only."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from appliance.adapters.files import (
    PRIVATE_DIRECTORY_MODE,
    PRIVATE_MODE,
    make_directory,
    write_whole,
)
from appliance.services.central.refusals import CentralRefused


def make_private(directory: Path) -> None:
    """Makes this directory and its parents for their owner only; it may exist."""
    make_directory(directory, PRIVATE_DIRECTORY_MODE)


def key_at(path: Path) -> Ed25519PrivateKey:
    """The private key in this file, made now if there is none. Raises CentralRefused."""
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_whole(path, pem, PRIVATE_MODE)
    return read_key(path)


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key in this file. Raises CentralRefused if there is none."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise CentralRefused(f"The private key {path} is missing.") from None
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise CentralRefused(f"{path} holds no Ed25519 private key.")
    return key


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The raw 32 bytes of this key's public half."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
