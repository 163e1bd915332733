"""How a container's key is held, and how it is got at: `binding.json` in the container's home.

A container whose key lies in a plain file (mask 130) has no such document. What can go wrong in
here is a key that cannot be used now: then the container is there, with its serial and what it
holds, and is **shut**; `Held.shut` says why and what to do. It takes no part until it opens.

After an honest change the lock is renewed, and what changed is noted. If that cannot be stored the
old lock stands, which opens as well.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from appliance.adapters.files import PRIVATE_MODE, write_whole
from appliance.adapters.host_features import host_facts
from appliance.adapters.keys import token, tpm
from appliance.adapters.keys.shut import KeyShut, ShutKey
from appliance.codec import host_lock
from appliance.codec.host_lock import HostLock, LockDamaged
from appliance.details import detail
from appliance.licences.binding import (
    BOUND_TO_HOST,
    Compared,
    Evidence,
    Facts,
    digests,
    too_little,
)
from appliance.licences.serials import Binding, RandomSource
from appliance.unreadable import UNREADABLE

KEY_FILE: Final = "container.key.pem"
BINDING_FILE: Final = "binding.json"
CHANGES_MAX: Final = 50
"""Accepted changes that are kept; the oldest goes first."""
_BYTES_MAX: Final = 1 << 20
_KEY_BYTES: Final = 32


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An honest change that was taken over: when (Unix time), and which features."""

    at_s: int
    features: tuple[str, ...]


class BindingDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a container's key is held; of `lock`, `token` and `sealed` the one that it takes."""

    binding: Binding
    public_key: bytes
    lock: HostLock | None = None
    token: token.TokenPlace | None = None
    sealed: tpm.TpmSealed | None = None
    changes: tuple[Change, ...] = ()


class Surroundings(NamedTuple):
    """What a host has for opening a container: what it shows of itself, its token, its TPM (a TCTI
    as tpm2-tools name it; "": their default)."""

    facts: Callable[[], Facts] = host_facts
    token: token.TokenAccess = token.TokenAccess()
    tcti: str = ""


HERE: Final = Surroundings()


class Held(NamedTuple):
    """A container's key as it was found. `shut` is "" or why it cannot be used; `compared` says how
    the host compares, for keys that a host holds."""

    key: Ed25519PrivateKey
    binding: Binding
    evidence: Evidence
    shut: str = ""
    compared: Compared | None = None
    changes: tuple[Change, ...] = ()


class HeldDamaged(Exception):
    """The key, or the word on what holds it, is not as it was written; `detail` says so."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Maker(NamedTuple):
    """How a new container's key is to be held; `token_label` names the token, if one holds it."""

    binding: Binding
    token_label: str
    around: Surroundings


def make(home: Path, maker: Maker, rng: RandomSource) -> bytes:
    """Makes a new container's key and stores it, or how it is held; gives its public half, raw.

    Raises KeyShut if it cannot be held so, and OSError.
    """

    def draw(count: int) -> bytes:
        return rng.randint(0, (1 << 8 * count) - 1).to_bytes(count, "big")

    if maker.binding is Binding.TOKEN:
        public, place = token.make_key(maker.around.token, maker.token_label, home)
        write(home, BindingDocument(binding=Binding.TOKEN, public_key=public, token=place))
        return public
    secret = draw(_KEY_BYTES)
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public = key.public_key().public_bytes_raw()
    if maker.binding is Binding.FILE:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_whole(home / KEY_FILE, pem, PRIVATE_MODE)
        return public
    document = BindingDocument(binding=maker.binding, public_key=public)
    if maker.binding is Binding.TPM:
        sealed = tpm.seal(secret, maker.around.tcti)
        write(home, msgspec.structs.replace(document, sealed=sealed))
        return public
    facts = maker.around.facts()
    why = too_little(maker.binding, facts)
    if why:
        raise KeyShut(why)
    locked = host_lock.lock(secret, maker.binding, facts, draw)
    write(home, msgspec.structs.replace(document, lock=locked))
    return public


def find(home: Path, serial: str, around: Surroundings, now_s: Callable[[], int]) -> Held:
    """The key of the container in this directory, or why it is shut. Raises HeldDamaged.

    Nothing binds a key that lies in a plain file; what the host shows is told all the same.
    """
    document = read(home)
    if document is None:
        evidence = Evidence(Binding.FILE, digests(serial, around.facts()))
        return Held(_read_key(home / KEY_FILE), Binding.FILE, evidence)
    return opened(home, serial, document, around, now_s)


def write(home: Path, document: BindingDocument) -> None:
    """Stores how the key is held, durably. Raises OSError."""
    data = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    write_whole(home / BINDING_FILE, data, PRIVATE_MODE)


def read(home: Path) -> BindingDocument | None:
    """How the key is held, None if it lies in a plain file. Raises HeldDamaged."""
    path = home / BINDING_FILE
    try:
        with path.open("rb") as file:
            document = msgspec.json.decode(file.read(_BYTES_MAX), type=BindingDocument)
    except FileNotFoundError:
        return None
    except UNREADABLE as error:
        raise HeldDamaged(f"{path} is not as it was written: {error}.") from None
    holds = {
        Binding.TOKEN: document.token,
        Binding.TPM: document.sealed,
        Binding.STRICT: document.lock,
        Binding.LOOSE: document.lock,
    }
    if holds.get(document.binding) is None or len(document.public_key) != _KEY_BYTES:
        raise HeldDamaged(f"{path} is not as it was written: it does not say what holds the key.")
    return document


def opened(
    home: Path,
    serial: str,
    document: BindingDocument,
    around: Surroundings,
    now_s: Callable[[], int],
) -> Held:
    """The key, or why it is shut. Raises HeldDamaged."""
    if document.binding in BOUND_TO_HOST:
        return _of_host(home, serial, document, around.facts(), now_s)
    evidence = _evidence(serial, document)
    public = document.public_key
    try:
        if document.token is not None:
            key: Ed25519PrivateKey = token.open_key(around.token, document.token, public, home)
        else:
            assert document.sealed is not None  # `read` looked
            key = _private(tpm.unseal(document.sealed, around.tcti), public, home)
    except KeyShut as shut:
        return Held(ShutKey(public, shut.detail), document.binding, evidence, shut.detail)
    return Held(key, document.binding, evidence)


def _of_host(
    home: Path,
    serial: str,
    document: BindingDocument,
    facts: Facts,
    now_s: Callable[[], int],
) -> Held:
    assert document.lock is not None  # `read` looked
    binding, public = document.binding, document.public_key
    evidence = Evidence(binding, digests(serial, facts))
    try:
        secret, compared = host_lock.opened(document.lock, binding, facts)
        if secret is None:
            shut = why_shut(serial, binding, compared)
            key = ShutKey(public, shut)
            return Held(key, binding, evidence, shut, compared, document.changes)
        found = _private(secret, public, home)
        changes = document.changes
        if not host_lock.is_current(document.lock, facts):
            if compared.changed:
                changes = (*changes, Change(at_s=now_s(), features=compared.changed))
            renewed = msgspec.structs.replace(
                document,
                lock=host_lock.renewed(document.lock, secret, binding, facts, os.urandom),
                changes=changes[-CHANGES_MAX:],
            )
            with contextlib.suppress(OSError):
                write(home, renewed)
    except LockDamaged as damaged:
        raise HeldDamaged(f"{home / BINDING_FILE} is not as it was written: {damaged}.") from None
    return Held(found, binding, evidence, "", compared, changes[-CHANGES_MAX:])


def why_shut(serial: str, binding: Binding, compared: Compared) -> str:
    """Why a container does not open on this host, and what to do."""
    points = {"weight": compared.weight, "total": compared.total, "needed": compared.needed}
    other = ", ".join((*compared.changed, *compared.gone))
    return detail("host-other", serial=serial, binding=binding.value, other=other, **points)


def _evidence(serial: str, document: BindingDocument) -> Evidence:
    if document.token is not None:
        known_by = token.evidence_of(document.token)
        return Evidence(Binding.TOKEN, digests(serial, {"token": known_by}))
    assert document.sealed is not None
    return Evidence(Binding.TPM, digests(serial, {"tpm": tpm.evidence_of(document.sealed)}))


def _private(secret: bytes, public_key: bytes, home: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.from_private_bytes(secret) if len(secret) == _KEY_BYTES else None
    if key is None or key.public_key().public_bytes_raw() != public_key:
        raise HeldDamaged(f"{home / BINDING_FILE} holds another key than it says.")
    return key


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise HeldDamaged(f"{path} is missing: the container has lost its key.") from None
    except ValueError:
        raise HeldDamaged(f"{path} holds no private key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise HeldDamaged(f"{path} holds a key of another kind than Ed25519.")
    return key
