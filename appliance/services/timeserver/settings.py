"""The settings of a time server, from TOML; paths are relative to the settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from appliance.services import settings as common
from appliance.services.settings import host_port

HTTP_PORT: Final = 7300
HTTPS_PORT: Final = 7301
ACCURACY_MS_MAX: Final = 10_000


class HttpsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to serve HTTPS ("host:port"), with which certificate and key (PEM)."""

    listen: str
    cert: Path
    key: Path

    def __post_init__(self) -> None:
        host_port(self.listen)


class TimeServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `tmr timeserver` needs.

    `listen` is "host:port" for HTTP; tokens are signed, so HTTPS adds nothing but privacy. `key`
    and `certificate` (PEM) come from `tmr central timeserver-certificate`; `crl` is the file with
    the newest block list (DER), which may come later. `accuracy_ms` is stated in each token;
    `requests_per_minute` is what one address may ask. With `require_synchronised` no token is
    given while no time daemon keeps this computer's clock right. `contacts` is the database file in
    which contacts of containers are kept, so that copies are found; without it nobody looks.
    """

    key: Path
    certificate: Path
    listen: str = f"127.0.0.1:{HTTP_PORT}"
    https: HttpsSettings | None = None
    crl: Path | None = None
    contacts: Path | None = None
    accuracy_ms: int = 1_000
    require_synchronised: bool = False
    requests_per_minute: int = 60
    connections_max: int = 256

    def __post_init__(self) -> None:
        host_port(self.listen)
        if not 1 <= self.accuracy_ms <= ACCURACY_MS_MAX:
            raise ValueError(f"accuracy_ms must be from 1 to {ACCURACY_MS_MAX}")
        if not 1 <= self.requests_per_minute <= 100_000:
            raise ValueError("requests_per_minute must be from 1 to 100000")
        if not 1 <= self.connections_max <= 10_000:
            raise ValueError("connections_max must be from 1 to 10000")


def load(path: Path) -> TimeServerSettings:
    """A time server's settings. Raises UserError with one sentence naming file and fault."""
    return common.load_settings(path, TimeServerSettings)
