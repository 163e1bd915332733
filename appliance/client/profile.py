"""The client profile: one TOML file that says where an installation is, and who the client is.

    addresses = ["10.77.0.100:7200"]      # the virtual IP, or each TMR server where there is none
    ca = "ca.pem"                         # the deployment's CA
    certificate = "client.pem"            # with its key, or else a token
    key = "client.key"
    # token_file = "token.txt"
    licence_root = "licence-root.pem"     # for the tools alone: `tmr run`, `checkout`, `backup`
    redundancy = "single"                 # for these as well: one server is enough; else "twins"

What a program believes stands in no file (`verifier.trust`): whoever can write a profile could have
receipts of his own believed. So settings that once said it are refused by name.

Paths are relative to the profile. Found by, in this order: an explicit path, the environment's
TMR_PROFILE, ~/.config/tmr/client.toml. The working directory is not searched: whoever can put a
file there (an unpacked archive, a shared directory) could name a server of his own and the path of
this user's token, and would be sent the token.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec

from appliance.client.errors import ProfileError
from appliance.client.session import AsyncClient
from appliance.client.surroundings import expanded, home_directory
from appliance.client.sync import Client
from appliance.client.tls import ClientTls
from appliance.client.tools import tool_trust
from appliance.sentences import Sentence
from appliance.unreadable import UNREADABLE
from appliance.verifier.trust import TWINS, Trust

PROFILE_VARIABLE: Final = "TMR_PROFILE"
_PORT_MAX: Final = 65535
_GONE: Final = ("verify_receipts", "firm_codes", "pin_ledger")
"""Settings of earlier profiles, which said what a program believes."""


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    addresses: list[str]
    ca: str
    certificate: str = ""
    key: str = ""
    token: str = ""
    token_file: str = ""
    licence_root: str = ""
    redundancy: Literal["twins", "single"] = TWINS


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile, read and checked. `licence_root` and `redundancy` are for tools without a trust of
    their own."""

    path: Path
    addresses: tuple[tuple[str, int], ...]
    tls: ClientTls
    licence_root: Path | None = None
    redundancy: str = TWINS

    def async_client(self, trust: Trust | None = None) -> AsyncClient:
        """A client for asyncio. A licensed program gives its own `trust`; without it the licence
        root that this profile names is believed, with an UnprotectedWarning at the first seat."""
        return AsyncClient(self.addresses, self.tls, trust, stand_in=self._stand_in)

    def client(self, trust: Trust | None = None) -> Client:
        """A blocking client; see `async_client`."""
        return Client(self.addresses, self.tls, trust, stand_in=self._stand_in)

    @property
    def _stand_in(self) -> Callable[[], Trust] | None:
        return None if self.licence_root is None else partial(tool_trust, self)


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
        for name in _GONE:
            if name in table:
                raise ProfileError(
                    Sentence(
                        "{path}: {name} is no setting of a profile any more; remove the line: a "
                        "program brings its trust with it, compiled in (docs/programs.md)",
                        path=path,
                        name=name,
                    )
                )
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
        path.parent / file.licence_root if file.licence_root else None,
        file.redundancy,
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
