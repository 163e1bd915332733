"""The client profile: one TOML file with everything that a client must know of an installation.

    addresses = ["10.77.0.100:7200"]      # the virtual IP, or each TMR server where there is none
    ca = "ca.pem"                         # the deployment's CA
    certificate = "client.pem"            # with its key, or else a token
    key = "client.key"
    # token_file = "token.txt"
    licence_root = "licence-root.pem"     # the root that certifies containers, PEM or DER
    firm_codes = [100001]                 # the only ones this client will use; none: any

Paths are relative to the profile. Found by, in this order: an explicit path, the environment's
TMR_PROFILE, ~/.config/tmr/client.toml. The working directory is not searched: whoever can put a
file there (an unpacked archive, a shared directory) could name a server of his own and the path of
this user's token, and would be sent the token.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.client.errors import ProfileError
from appliance.client.receipts import Trust
from appliance.client.session import AsyncClient
from appliance.client.surroundings import expanded, home_directory
from appliance.client.sync import Client
from appliance.client.tls import ClientTls
from appliance.sentences import Sentence
from appliance.unreadable import UNREADABLE
from appliance.unreadable_x509 import UNREADABLE_X509

PROFILE_VARIABLE: Final = "TMR_PROFILE"
_PORT_MAX: Final = 65535


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    addresses: list[str]
    ca: str
    certificate: str = ""
    key: str = ""
    token: str = ""
    token_file: str = ""
    licence_root: str = ""
    firm_codes: list[int] = []
    pin_ledger: bool = False
    verify_receipts: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile, read and checked."""

    path: Path
    addresses: tuple[tuple[str, int], ...]
    tls: ClientTls
    trust: Trust

    def async_client(self) -> AsyncClient:
        """A client for asyncio with these settings."""
        return AsyncClient(self.addresses, self.tls, self.trust)

    def client(self) -> Client:
        """A blocking client with these settings."""
        return Client(self.addresses, self.tls, self.trust)


def find_profile(
    explicit: str | Path | None = None,
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """The path of the profile to use. Raises ProfileError if there is none."""
    named = str(explicit) if explicit else environment.get(PROFILE_VARIABLE, "")
    if named:
        source = "--profile" if explicit else PROFILE_VARIABLE
        path = expanded(named, source)
        if not _is_file(path):
            raise ProfileError(
                Sentence(
                    "{path} names {other}, which does not exist or is not a file",
                    path=source,
                    other=path,
                )
            )
        return path
    home = home or home_directory()
    if home is None:
        raise ProfileError(
            "no client profile, and this user has no home directory to look in: "
            f"name a profile with --profile or {PROFILE_VARIABLE}"
        )
    path = home / ".config" / "tmr" / "client.toml"
    if _is_file(path):
        return path
    raise ProfileError(
        f"no client profile: name one with --profile or {PROFILE_VARIABLE}, or write {path}"
    )


def _is_file(path: Path) -> bool:
    """Whether there is a file, which may be unreadable: reading it then says so."""
    try:
        return path.is_file()
    except OSError as error:
        raise ProfileError(
            Sentence("{path} cannot be looked at: {why}", path=path, why=error.strerror)
        ) from error
    except ValueError:
        return False  # a NUL within a path


def load_profile(path: Path) -> Profile:
    """The profile in this file. Raises ProfileError with the file, the setting and what to do."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        file = msgspec.convert(table, _File)
    except OSError as error:
        raise ProfileError(
            Sentence("{path} cannot be read: {why}", path=path, why=error.strerror)
        ) from error
    except msgspec.ValidationError as error:
        raise ProfileError(f"{path}: {error}") from error
    except UNREADABLE as error:
        raise ProfileError(Sentence("{path} is no TOML: {why}", path=path, why=error)) from error
    if not file.addresses:
        raise ProfileError(
            Sentence("{path}: addresses is empty; name the virtual IP and its port", path=path)
        )
    return Profile(
        path,
        tuple(parse_address(text, path) for text in file.addresses),
        _tls(file, path),
        _trust(file, path),
    )


def parse_address(text: str, path: Path) -> tuple[str, int]:
    """ "10.77.0.100:7200" or "[fd00::1]:7200" as host and port. Raises ProfileError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= _PORT_MAX):
        raise ProfileError(
            Sentence(
                '{path}: the address "{text}" is not of the form host:port', path=path, text=text
            )
        )
    return host, int(port)


def _tls(file: _File, path: Path) -> ClientTls:
    base = path.parent
    if bool(file.certificate) != bool(file.key):
        raise ProfileError(
            Sentence("{path}: certificate and key belong together; set both or neither", path=path)
        )
    if sum(map(bool, (file.certificate, file.token, file.token_file))) > 1:
        raise ProfileError(
            Sentence(
                "{path}: set only one of certificate, token and token_file, since each is an "
                "identity",
                path=path,
            )
        )
    token = file.token
    if file.token_file:
        try:
            token = (base / file.token_file).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ProfileError(
                Sentence("{path}: token_file cannot be read ({why})", path=path, why=error)
            ) from error
    for name in ("ca", "certificate", "key"):
        value: str = getattr(file, name)
        if value and not (base / value).is_file():
            raise ProfileError(
                Sentence(
                    "{path}: {name} names {other}, which does not exist or is not a file",
                    path=path,
                    name=name,
                    other=base / value,
                )
            )
    return ClientTls(
        base / file.ca,
        base / file.certificate if file.certificate else None,
        base / file.key if file.key else None,
        token,
    )


def _trust(file: _File, path: Path) -> Trust:
    codes = frozenset(file.firm_codes)
    if not file.verify_receipts:
        return Trust(b"", codes, verify=False)
    if not file.licence_root:
        raise ProfileError(
            Sentence(
                "{path}: licence_root is missing; name the licence root's certificate, "
                "without which no receipt can be verified",
                path=path,
            )
        )
    try:
        data = (path.parent / file.licence_root).read_bytes()
        if data.startswith(b"-----"):
            data = x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
    except (OSError, *UNREADABLE_X509) as error:
        raise ProfileError(
            Sentence("{path}: licence_root cannot be read ({why})", path=path, why=error)
        ) from error
    return Trust(data, codes, file.pin_ledger)
