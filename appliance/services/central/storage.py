"""How the vendors' side keeps keys and state: whole files, for their owner only.

What can go wrong in here is two programs that both take the next TMR-ID. The lock is SQLite's,
since that one works on every system and never outlives the program that held it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

import msgspec
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
from appliance.unreadable import UNREADABLE

_LOCK_WAIT_S: Final = 10.0

T = TypeVar("T")


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keeps every other program from changing what is in `directory` meanwhile.

    Raises CentralRefused if another one holds it for longer than ten seconds.
    """
    make_private(directory)
    path = directory / ".lock"
    with suppress(OSError):  # SQLite says what is wrong.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_MODE))
    with closing(sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise CentralRefused(
                f"{directory} is in use by another program ({error}); try again when it is done."
            ) from None
        yield


def read_state(path: Path, kind: type[T]) -> T:
    """The state in this file. Raises CentralRefused if there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise CentralRefused(f"{path} does not exist; make it first.") from None
    except UNREADABLE as error:
        raise CentralRefused(f"{path} is damaged ({error}); restore it from a backup.") from None


def make_private(directory: Path) -> None:
    """Makes this directory and its parents for their owner only; it may exist."""
    make_directory(directory, PRIVATE_DIRECTORY_MODE)


def write_private(path: Path, data: bytes) -> None:
    """Replaces this file, whole and durably; who may read it is its owner: it names customers."""
    write_whole(path, data, PRIVATE_MODE)


def write_state(path: Path, state: msgspec.Struct) -> None:
    """Replaces the state in this file, as `write_private`."""
    write_private(path, msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n")


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
