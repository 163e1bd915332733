"""A container's key, locked by what its host shows (design D3; `licences.binding` has the rules).

    each feature has a share, 32 random bytes, sealed under each of its values
    each smallest set of features that is enough has the key, sealed under its shares together
    all shares are sealed under the key, so that a lock can be renewed

So the key opens where enough features are as they were, and a copied directory does not hold it.
AES-256-GCM, keys by HKDF-SHA-256. No value of a feature is stored.

What can go wrong in here is slow drift: each accepted change has to be taken over, or the sum of
small ones ends in a container that does not open. `renewed` does it; a feature that is not to be
seen for once keeps its share, so that it counts again when it is back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.licences.binding import (
    VALUES_MAX,
    WEIGHTS,
    Compared,
    Facts,
    compared,
    enough_sets,
    names_shown,
)
from appliance.licences.serials import Binding

SHARE_BYTES: Final = 32
SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_VALUE: Final = b"tmr-host-lock-value-1\0"
_SET: Final = b"tmr-host-lock-set-1\0"
_KEPT: Final = b"tmr-host-lock-kept-1\0"

Draw = Callable[[int], bytes]
"""So many random bytes."""


class LockedFeature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feature's share, sealed under each of its values."""

    name: str
    salt: bytes
    sealed: tuple[bytes, ...]


class LockedSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key, sealed under the shares of these features together."""

    names: tuple[str, ...]
    sealed: bytes


class HostLock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole lock. `kept` are the shares, in the order of the features, sealed under the key."""

    features: tuple[LockedFeature, ...]
    sets: tuple[LockedSet, ...]
    kept: bytes


class Opened(NamedTuple):
    """What came of trying: the key (None if it does not open), and how the host compares."""

    key: bytes | None
    compared: Compared


class LockDamaged(Exception):
    """The lock is not as it was written."""


def lock(key: bytes, binding: Binding, facts: Facts, draw: Draw) -> HostLock:
    """The lock for this key on the host that shows these facts. Raises ValueError if those are too
    few (`licences.binding.too_little` says why)."""
    return _locked(
        key, binding, {name: draw(SHARE_BYTES) for name in names_shown(facts)}, facts, {}, draw
    )


def opened(held: HostLock, binding: Binding, facts: Facts) -> Opened:
    """Try the lock on a host that shows these facts. Raises LockDamaged."""
    shares = _shares(held, facts)
    names = [feature.name for feature in held.features]
    verdict = compared(binding, names, set(shares), facts)
    if not verdict.fits:
        return Opened(None, verdict)
    for one in held.sets:
        if set(one.names) <= set(shares):
            key = _unsealed(_set_key(shares, one.names), one.sealed)
            if key is not None:
                return Opened(key, verdict)
    raise LockDamaged("the host fits, and the key does not open")


def renewed(held: HostLock, key: bytes, binding: Binding, facts: Facts, draw: Draw) -> HostLock:
    """The lock for the same key and host as it is now: what changed is taken over. Raises
    LockDamaged if this is not the lock of that key."""
    kept = _unsealed(_kept_key(key), held.kept)
    if kept is None or len(kept) != SHARE_BYTES * len(held.features):
        raise LockDamaged("what is kept for renewing does not open")
    old = {
        feature.name: (feature, kept[SHARE_BYTES * at : SHARE_BYTES * (at + 1)])
        for at, feature in enumerate(held.features)
    }
    unseen = {name: feature for name, (feature, _) in old.items() if not facts.get(name)}
    shares = {name: draw(SHARE_BYTES) for name in names_shown(facts)}
    shares |= {name: old[name][1] for name in unseen}
    return _locked(key, binding, shares, facts, unseen, draw)


def is_current(held: HostLock, facts: Facts) -> bool:
    """Whether the lock knows exactly the values that the host shows: nothing is to be renewed."""
    known = {feature.name: feature for feature in held.features}
    for name in names_shown(facts):
        feature = known.get(name)
        if feature is None or len(feature.sealed) != len(facts[name][:VALUES_MAX]):
            return False
        if any(_share(feature, value) is None for value in facts[name][:VALUES_MAX]):
            return False
    return True


def _locked(
    key: bytes,
    binding: Binding,
    shares: dict[str, bytes],
    facts: Facts,
    unseen: dict[str, LockedFeature],
    draw: Draw,
) -> HostLock:
    names = [name for name in WEIGHTS if name in shares]
    features = []
    for name in names:
        if name in unseen:
            features.append(unseen[name])
            continue
        salt = draw(SALT_BYTES)
        sealed = tuple(
            _sealed(_value_key(salt, name, value), shares[name], draw)
            for value in facts[name][:VALUES_MAX]
        )
        features.append(LockedFeature(name=name, salt=salt, sealed=sealed))
    sets = tuple(
        LockedSet(names=some, sealed=_sealed(_set_key(shares, some), key, draw))
        for some in enough_sets(binding, names)
    )
    if not sets:
        raise ValueError("these features are too few")
    kept = _sealed(_kept_key(key), b"".join(shares[name] for name in names), draw)
    return HostLock(features=tuple(features), sets=sets, kept=kept)


def _shares(held: HostLock, facts: Facts) -> dict[str, bytes]:
    found = {}
    for feature in held.features:
        for value in facts.get(feature.name, ())[:VALUES_MAX]:
            share = _share(feature, value)
            if share is not None:
                found[feature.name] = share
                break
    return found


def _share(feature: LockedFeature, value: str) -> bytes | None:
    key = _value_key(feature.salt, feature.name, value)
    for sealed in feature.sealed[:VALUES_MAX]:
        share = _unsealed(key, sealed)
        if share is not None:
            return share
    return None


def _value_key(salt: bytes, name: str, value: str) -> bytes:
    return _derived(value.encode(), salt, _VALUE + name.encode())


def _set_key(shares: dict[str, bytes], names: Iterable[str]) -> bytes:
    ordered = sorted(names)
    info = _SET + b"\0".join(name.encode() for name in ordered)
    return _derived(b"".join(shares[name] for name in ordered), b"", info)


def _kept_key(key: bytes) -> bytes:
    return _derived(key, b"", _KEPT)


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), SHARE_BYTES, salt or None, info).derive(secret)


def _sealed(key: bytes, data: bytes, draw: Draw) -> bytes:
    nonce = draw(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, None)


def _unsealed(key: bytes, sealed: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        return None
