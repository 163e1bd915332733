"""The settings of the address process, from TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from appliance.adapters.vrrp import keepalived
from appliance.errors import UserError
from appliance.unreadable import UNREADABLE

# sockaddr_un takes 108 bytes, the terminating NUL included (unix(7)).
SOCKET_PATH_BYTES_MAX = 107


class VipConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `tmr serve vip --config` reads; the fields of VRRP are those of VrrpSettings.

    `socket` is where the TMR service finds this process; members of `socket_group` may connect.
    With `twin_address`, only that host's adverts count as the twin's.
    """

    interface: str
    address: str
    vrid: int
    priority: int
    runtime_dir: str
    socket: str
    advert_int_s: float = 0.3
    socket_group: str = ""
    twin_address: str = ""
    unicast_source: str = ""
    unicast_peers: tuple[str, ...] = ()
    realtime_priority: int = 50

    def vrrp(self) -> keepalived.VrrpSettings:
        """The settings for keepalived."""
        return keepalived.VrrpSettings(
            interface=self.interface,
            address=self.address,
            vrid=self.vrid,
            priority=self.priority,
            runtime_dir=self.runtime_dir,
            advert_int_s=self.advert_int_s,
            unicast_source=self.unicast_source,
            unicast_peers=self.unicast_peers,
            realtime_priority=self.realtime_priority,
        )


def load(path: Path) -> VipConfig:
    """Read and check the settings. Raises UserError with one sentence naming file and fault."""
    try:
        table = tomllib.loads(path.read_text())
        config = msgspec.convert(table, VipConfig)
        check(config)
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        raise UserError(f"{path}: {error}.") from error
    except UNREADABLE as error:
        raise UserError(f"{path} is not TOML: {error}.") from error
    except keepalived.SettingsRefused as error:
        raise UserError(f"{path}: {error.sentence}") from error
    return config


def check(config: VipConfig) -> None:
    """Raises SettingsRefused for settings with which the address process could not run."""
    keepalived.check(config.vrrp())
    if len(config.socket.encode()) > SOCKET_PATH_BYTES_MAX:
        raise keepalived.SettingsRefused(
            f"The socket path {config.socket!r} is longer than {SOCKET_PATH_BYTES_MAX} bytes, which"
            " Unix sockets cannot have."
        )


def dump(config: VipConfig) -> str:
    """The settings as TOML, which `load` reads back."""
    lines = []
    for name, value in msgspec.to_builtins(config).items():
        # JSON's strings, numbers and arrays of strings are TOML's as well.
        lines.append(f"{name} = {msgspec.json.encode(value).decode()}")
    return "\n".join(lines) + "\n"
