"""A container's key in a PKCS#11 token (a dongle): Ed25519 keys that never leave it (CKM_EDDSA).

Through python-pkcs11 and the module of the token's maker. What can go wrong in here:

* A wrong PIN that is tried again: after a few the token locks itself for good. So a wrong one is
  remembered (as a scrypt hash, beside the container) and not tried a second time; nor is any PIN
  while the token says that it is its last try.
* A token that is unplugged: the sentence names it, and whoever holds this container asks again.

The PIN comes from a file, such as a systemd credential: it is in no argument and in no log.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from hashlib import scrypt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from appliance.adapters.files import PRIVATE_MODE, write_whole
from appliance.adapters.keys.shut import HeldKey, KeyShut
from appliance.details import detail
from appliance.sentences import Sentence

if TYPE_CHECKING:
    from pkcs11 import Session, Token

PIN_BYTES_MAX: Final = 256
WRONG_PIN_FILE: Final = "token-pin.wrong"
_CREDENTIAL: Final = "token-pin"
_SALT_BYTES: Final = 16
_KEY_NAME_BYTES: Final = 8
_PROBE: Final = b"tmr-token-probe-1\0"
_ED25519_NAMES: Final = ("1.3.101.112", "edwards25519")
"""How modules name the curve: by its object identifier, or (PKCS#11 3.0) by its name."""


class TokenPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which key it is: the module's path, the token's serial number and label as it says them, and
    the key's CKA_ID."""

    module: str
    serial: str
    label: str
    maker: str
    key_id: bytes


class TokenAccess(NamedTuple):
    """How this host gets at its token: the module's path ("": as when the container was made), and
    the file that holds the PIN (None: the systemd credential "token-pin")."""

    module: str = ""
    pin_file: Path | None = None


class TokenKey(HeldKey):
    """A key in a token. Raises KeyShut whenever the token does not sign."""

    def __init__(
        self, public_key: bytes, session: Session, private: Any, name: dict[str, str]
    ) -> None:
        super().__init__(public_key)
        self._session = session
        self._private = private
        self._name = name
        self._turn = threading.Lock()

    def sign(self, data: Any) -> bytes:
        """The token's signature, 64 bytes."""
        from pkcs11 import Mechanism, PKCS11Error

        with self._turn:
            try:
                return bytes(self._private.sign(bytes(data), mechanism=Mechanism.EDDSA))
            except PKCS11Error as error:
                raise KeyShut(
                    detail("token-does-not-sign", **self._name, said=_said(error))
                ) from None


def make_key(access: TokenAccess, label: str, home: Path) -> tuple[bytes, TokenPlace]:
    """Makes a new key in the token with this label; gives its public half, raw, and its place.

    Raises KeyShut.
    """
    if not access.module:
        raise KeyShut(detail("token-module-unnamed"))
    named = {"label": repr(label)}
    with _errors(named):
        from pkcs11 import Attribute, Mechanism

        missing, twice = detail("token-none-of-label", **named), "token-label-twice"
        token = _one(access.module, lambda one: one.label.strip() == label, missing, twice)
        if Mechanism.EDDSA not in token.slot.get_mechanisms():
            raise KeyShut(detail("token-without-ed25519", **named))
        session = _logged_in(token, access, home, rw=True)
        key_id = os.urandom(_KEY_NAME_BYTES)
        public, _ = _generated(session, key_id)
        raw = _raw_point(bytes(public[Attribute.EC_POINT]))
        place = TokenPlace(
            module=access.module,
            serial=_text(token.serial),
            label=label,
            maker=token.manufacturer_id.strip(),
            key_id=key_id,
        )
    return raw, place


def open_key(access: TokenAccess, place: TokenPlace, public_key: bytes, home: Path) -> TokenKey:
    """The key at this place. Raises KeyShut, which names the token and says what to do."""
    name = _named(place)
    with _errors(name):
        from pkcs11 import Attribute, ObjectClass

        module = access.module or place.module
        missing, twice = detail("token-missing", **name), "token-serial-twice"
        token = _one(module, lambda one: _text(one.serial) == place.serial, missing, twice)
        session = _logged_in(token, access, home)
        keys = list(
            session.get_objects(
                {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: place.key_id}
            )
        )
        if len(keys) != 1:
            raise KeyShut(detail("token-key-gone", **name))
        key = TokenKey(public_key, session, keys[0], name)
        from cryptography.exceptions import InvalidSignature

        probe = _PROBE + os.urandom(_SALT_BYTES)
        try:
            key.public_key().verify(key.sign(probe), probe)
        except InvalidSignature:
            raise KeyShut(detail("token-key-other", **name)) from None
    return key


def evidence_of(place: TokenPlace) -> tuple[str, ...]:
    """By what the token is known again."""
    return (f"{place.maker}\0{place.serial}",)


def _generated(session: Session, key_id: bytes) -> tuple[Any, Any]:
    """A key pair; modules differ in how they want the curve named."""
    from asn1crypto.core import ObjectIdentifier, PrintableString
    from pkcs11 import Attribute, KeyType, Mechanism, PKCS11Error

    number, name = _ED25519_NAMES
    failed: PKCS11Error | None = None
    for curve in (ObjectIdentifier(number).dump(), PrintableString(name).dump()):
        try:
            domain = session.create_domain_parameters(
                KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: curve}, local=True
            )
            return domain.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                id=key_id,
                label="TMR container",
                private_template={
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                    Attribute.PRIVATE: True,
                },
            )
        except PKCS11Error as error:
            failed = error
    assert failed is not None
    raise failed


def _raw_point(point: bytes) -> bytes:
    """The 32 bytes of a public key, which some modules wrap in an octet string."""
    wrapped = b"\x04\x20"
    return point[len(wrapped) :] if point.startswith(wrapped) and len(point) == 34 else point


def _one(module: str, fits: Callable[[Token], bool], missing: Sentence, twice: str) -> Token:
    """The one token that fits. Raises KeyShut: `missing` if none does, the code `twice` if several
    do, with the same values."""
    import pkcs11

    library = pkcs11.lib(module)
    found = _fitting(library, fits)
    if not found:
        # Some modules look for tokens when they are initialised, and never again.
        library.reinitialize()
        found = _fitting(library, fits)
    if not found:
        raise KeyShut(missing)
    if len(found) > 1:
        raise KeyShut(detail(twice, count=len(found), **missing.values))
    return found[0]


def _fitting(library: Any, fits: Callable[[Token], bool]) -> list[Token]:
    return [
        token
        for slot in library.get_slots(token_present=True)
        for token in (slot.get_token(),)
        if fits(token)
    ]


def _logged_in(token: Token, access: TokenAccess, home: Path, *, rw: bool = False) -> Session:
    """A session, without ever trying a PIN that is known to be wrong."""
    from pkcs11 import (
        PinIncorrect,
        PinLenRange,
        PinLocked,
        TokenFlag,
        UserAlreadyLoggedIn,
    )

    name = {"label": repr(token.label.strip()), "serial": _text(token.serial)}
    pin = _pin(access)
    locked = detail("token-locked", **name)
    if TokenFlag.USER_PIN_LOCKED in token.flags:
        raise KeyShut(locked)
    if TokenFlag.USER_PIN_FINAL_TRY in token.flags:
        raise KeyShut(detail("token-last-try", **name))
    if _is_known_wrong(home, pin):
        raise KeyShut(detail("token-pin-known-wrong", **name))
    try:
        session = _try(token, pin, rw)
    except (PinIncorrect, PinLenRange):
        _remember_wrong(home, pin)
        raise KeyShut(detail("token-pin-wrong", **name)) from None
    except PinLocked:
        raise KeyShut(locked) from None
    except UserAlreadyLoggedIn:  # A login holds for all sessions of a process.
        session = token.open(rw=rw)
    (home / WRONG_PIN_FILE).unlink(missing_ok=True)
    return session


def _try(token: Token, pin: str, rw: bool) -> Session:
    """The one place that tries a PIN."""
    return token.open(rw=rw, user_pin=pin)


def _pin(access: TokenAccess) -> str:
    path = access.pin_file
    if path is None:
        directory = os.environ.get("CREDENTIALS_DIRECTORY", "")
        if not directory:
            raise KeyShut(detail("token-pin-unnamed"))
        path = Path(directory) / _CREDENTIAL
    try:
        with path.open("rb") as file:
            return file.read(PIN_BYTES_MAX).decode().strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise KeyShut(detail("token-pin-unreadable", path=path)) from None


def _is_known_wrong(home: Path, pin: str) -> bool:
    try:
        kept = (home / WRONG_PIN_FILE).read_bytes()
    except OSError:
        return False
    return kept[_SALT_BYTES:] == _hashed(kept[:_SALT_BYTES], pin)


def _remember_wrong(home: Path, pin: str) -> None:
    salt = os.urandom(_SALT_BYTES)
    with contextlib.suppress(OSError):
        write_whole(home / WRONG_PIN_FILE, salt + _hashed(salt, pin), PRIVATE_MODE)


def _hashed(salt: bytes, pin: str) -> bytes:
    return scrypt(pin.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def _named(place: TokenPlace) -> dict[str, str]:
    """What is said of a token, by the names of `appliance.details.keys`."""
    return {"label": repr(place.label), "serial": place.serial}


def _text(serial: bytes) -> str:
    return serial.decode("ascii", "replace").strip()


@contextlib.contextmanager
def _errors(name: dict[str, str]) -> Iterator[None]:
    """Whatever the module says becomes one sentence."""
    try:
        yield
    except RuntimeError as error:  # PKCS11Error is one, and so is a module that does not load
        label = name["label"]
        raise KeyShut(detail("token-unusable", label=label, said=_said(error))) from None


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
