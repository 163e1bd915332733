"""The settings of a licence server on one host, from TOML; paths are relative to the file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.http_client import Proxy
from appliance.services.settings import (
    ADMIN_PORT,
    LIMITS,
    AnswerLimits,
    CentralSettings,
    KeySettings,
    TimeServerSettings,
    TlsSettings,
    UpstreamSettings,
    host_port,
    load_settings,
)

STORE_PLACE: Final = "store"
"""How the ledger calls the place of its only store: nobody's name, since it is no host's."""
_UNUSED: Final = "127.0.0.1:0"
ADVERT_INT_S: Final = 0.3


class StandaloneSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `tmr serve standalone` needs.

    `api_listen` is where clients come, `admin_listen` where this host's operator comes; `tls`
    proves the one (a TMR server's certificate), `admin_tls` the other (an upstream's). All else is
    as in an upstream's and a TMR server's settings (docs/standalone.md).
    """

    name: str
    api_listen: tuple[str, ...]
    tls: TlsSettings
    admin_tls: TlsSettings
    store: Path
    container: Path
    root: Path
    admin_listen: str = f"127.0.0.1:{ADMIN_PORT}"
    memory: Path | None = None
    virtual_serial: str = ""
    time_servers: tuple[TimeServerSettings, ...] = ()
    central: tuple[CentralSettings, ...] = ()
    proxy: Proxy | None = None
    limits: AnswerLimits = LIMITS
    key: KeySettings = KeySettings()

    def __post_init__(self) -> None:
        if not self.api_listen:
            raise ValueError("api_listen must name at least one address")
        for text in self.api_listen:
            host_port(text)
        if self.name == STORE_PLACE:
            raise ValueError(f"name must not be {STORE_PLACE!r}, which names the server's store")
        _ = self.upstream  # It checks all that it shares with this.

    @property
    def upstream(self) -> UpstreamSettings:
        """Those of the part that is an upstream elsewhere. It listens to nobody for the ledger."""
        return UpstreamSettings(
            name=STORE_PLACE,
            links_listen=_UNUSED,
            tls=self.admin_tls,
            store=self.store,
            container=self.container,
            root=self.root,
            tmr_hosts=(self.name,),
            admin_listen=self.admin_listen,
            advert_int_s=ADVERT_INT_S,
            time_servers=self.time_servers,
            central=self.central,
            proxy=self.proxy,
            key=self.key,
        )


def load(path: Path) -> StandaloneSettings:
    """These settings. Raises UserError with one sentence naming file and fault."""
    return load_settings(path, StandaloneSettings)
