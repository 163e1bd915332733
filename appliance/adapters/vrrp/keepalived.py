"""keepalived: its one renderer, the words of its notify FIFO, and its verdict file.

What can go wrong here was seen with keepalived 2.2.7 and has a test in tests/lab: killed alone it
leaves the address behind; its parent's death makes the child send priority 0 and linger; a frozen
master thaws and is black-holed unless `vrrp_garp_lower_prio_repeat` keeps its default; a deleted
verdict file is not noticed, a renamed one is, within milliseconds. All paths lie in one directory
per host, so two keepalived on one machine never meet.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from appliance.errors import UserError

PRIORITY_MIN = 200
PRIORITY_MAX = 254
VRID_MAX = 255
# VRRPv3 counts the interval in centiseconds, in 12 bits (RFC 9568, 5.2.7).
ADVERT_INT_MIN_S = 0.01
ADVERT_INT_MAX_S = 40.95
INTERFACE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")
# keepalived splits at blanks, ends a line at # and !, and expands $ and @.
PLAIN_PATH = re.compile(r"/[A-Za-z0-9_./+-]+")

TEST_DEADLINE_S = 20
SEARCH_PATH = os.pathsep.join(("/usr/sbin", "/sbin", "/usr/local/sbin", os.defpath))


class SettingsRefused(UserError):
    """VRRP settings that cannot work; the text says which and what to do."""


class ConfigurationRefused(UserError):
    """keepalived itself did not accept the rendered configuration; the text is its own."""


class VrrpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One host's side of the virtual router (design D4).

    `address` has a prefix length ("10.77.0.100/24"). `priority` is high because the twin waits
    3 + (256 - priority)/256 advert intervals (RFC 9568, 6.1), and distinct because equal ones
    would leave the choice to the addresses. With `unicast_peers`, adverts go to those hosts only.
    """

    interface: str
    address: str
    vrid: int
    priority: int
    runtime_dir: str
    advert_int_s: float = 0.3
    instance: str = "tmr"
    unicast_source: str = ""
    unicast_peers: tuple[str, ...] = ()
    realtime_priority: int = 50

    @property
    def bare_address(self) -> str:
        """The virtual address without its prefix length."""
        return self.address.partition("/")[0]

    @property
    def prefix_bits(self) -> int:
        """The length of the virtual address' prefix, in bits."""
        return int(self.address.partition("/")[2])


class Paths(NamedTuple):
    """Where one keepalived keeps its files."""

    configuration: Path
    verdict: Path
    fifo: Path
    parent_pid: Path
    vrrp_pid: Path

    @classmethod
    def under(cls, runtime_dir: str | Path) -> Paths:
        """The files of the keepalived whose directory this is."""
        base = Path(runtime_dir)
        return cls(
            base / "keepalived.conf",
            base / "verdict",
            base / "notify.fifo",
            base / "keepalived.pid",
            base / "vrrp.pid",
        )


def check(settings: VrrpSettings) -> None:
    """Raise SettingsRefused, with one sentence, for settings that cannot work."""
    if not INTERFACE_NAME.fullmatch(settings.interface):
        raise SettingsRefused(
            f"{settings.interface!r} is not an interface name: give one like eth0."
        )
    _check_address(settings.address)
    if not 1 <= settings.vrid <= VRID_MAX:
        raise SettingsRefused(f"The VRRP router id {settings.vrid} must be from 1 to {VRID_MAX}.")
    if not PRIORITY_MIN <= settings.priority <= PRIORITY_MAX:
        raise SettingsRefused(
            f"The VRRP priority {settings.priority} must be from {PRIORITY_MIN} to {PRIORITY_MAX}:"
            " a low one makes a failover slower."
        )
    if not ADVERT_INT_MIN_S <= settings.advert_int_s <= ADVERT_INT_MAX_S:
        raise SettingsRefused(
            f"The advert interval {settings.advert_int_s} s must be"
            f" from {ADVERT_INT_MIN_S} to {ADVERT_INT_MAX_S} s."
        )
    if abs(settings.advert_int_s * 100 - round(settings.advert_int_s * 100)) > 1e-6:
        raise SettingsRefused(
            f"The advert interval {settings.advert_int_s} s must be a multiple of 0.01 s."
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", settings.instance):
        raise SettingsRefused(f"{settings.instance!r} is not a name for a VRRP instance.")
    if not PLAIN_PATH.fullmatch(settings.runtime_dir):
        raise SettingsRefused(
            f"The runtime directory {settings.runtime_dir!r} must be an absolute path of letters,"
            " digits and _ . / + - only, because keepalived's configuration has no other."
        )
    if not 0 <= settings.realtime_priority <= 99:
        raise SettingsRefused(
            f"The real-time priority {settings.realtime_priority} must be from 0 (none) to 99."
        )
    _check_unicast(settings)


def check_pair(first: VrrpSettings, second: VrrpSettings) -> None:
    """Raise SettingsRefused unless the two are twins: same router, same timing, other priority."""
    for settings in (first, second):
        check(settings)
    for name in ("address", "vrid", "advert_int_s"):
        if getattr(first, name) != getattr(second, name):
            raise SettingsRefused(f"Both TMR servers must have the same {name}.")
    if first.priority == second.priority:
        raise SettingsRefused(
            f"Both TMR servers have the VRRP priority {first.priority}: give them two different."
        )


def render(settings: VrrpSettings) -> str:
    """The text of keepalived.conf. Raises SettingsRefused.

    No script of any kind is configured, so script security has nothing to guard. The gratuitous
    ARPs after a lower-priority advert keep their default: 0 black-holes the address after a frozen
    master thaws. They are refreshed every second: a twin that does not hear us takes the address,
    says so, and gives it up again without a word, which led clients astray for 40 s (seen).
    """
    check(settings)
    paths = Paths.under(settings.runtime_dir)
    lines = [
        "global_defs {",
        "  vrrp_version 3",
        # No script runs; without this, keepalived looks for a user of its own and says so.
        "  script_user nobody",
        f"  vrrp_notify_fifo {paths.fifo}",
        "  vrrp_garp_master_repeat 3",
        "  vrrp_garp_master_delay 1",
        "  vrrp_garp_master_refresh 1",
        "  vrrp_garp_master_refresh_repeat 1",
        "  max_auto_priority -1",
    ]
    if settings.realtime_priority:
        lines.append(f"  vrrp_rt_priority {settings.realtime_priority}")
    lines += [
        "  vrrp_no_swap",
        "}",
        "",
        "track_file verdict {",
        f'  file "{paths.verdict}"',
        "  weight 0",
        "}",
        "",
        f"vrrp_instance {settings.instance} {{",
        "  state BACKUP",
        "  nopreempt",
        f"  interface {settings.interface}",
        f"  virtual_router_id {settings.vrid}",
        f"  priority {settings.priority}",
        f"  advert_int {settings.advert_int_s:.2f}",
    ]
    if settings.unicast_peers:
        lines += [f"  unicast_src_ip {settings.unicast_source}", "  unicast_peer {"]
        lines += [f"    {peer}" for peer in settings.unicast_peers]
        lines += ["  }"]
    lines += [
        "  virtual_ipaddress {",
        f"    {settings.address} dev {settings.interface}",
        "  }",
        "  track_file {",
        "    verdict weight 0",
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


VrrpWord = Literal["master", "backup", "fault", "stop", "master-hears-lower-priority"]

_WORDS: dict[str, VrrpWord] = {
    "MASTER": "master",
    "BACKUP": "backup",
    "FAULT": "fault",
    "STOP": "stop",
    "MASTER_RX_LOWER_PRI": "master-hears-lower-priority",
}
_FIFO_LINE = re.compile(r'INSTANCE "([^"]*)" ([A-Z_]+) (\d+)')


class VrrpEvent(NamedTuple):
    """One line of the notify FIFO: what the instance became, and its priority then."""

    instance: str
    state: VrrpWord
    priority: int


def parse_fifo_line(line: str) -> VrrpEvent | None:
    """The event in a line such as `INSTANCE "tmr" MASTER 250`; None for any other line."""
    match = _FIFO_LINE.fullmatch(line.strip())
    if match is None or match[2] not in _WORDS:
        return None
    return VrrpEvent(match[1], _WORDS[match[2]], int(match[3]))


def write_verdict(path: Path, healthy: bool) -> None:
    """Write the track_file: 0 is healthy, anything else moves the address. Raises OSError.

    By rename, so that keepalived (which watches the directory by inotify) never reads half of it.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("0\n" if healthy else "1\n")
    fresh.replace(path)


def find_keepalived() -> str | None:
    """The path of the keepalived program, also where a user's PATH lacks the sbin directories."""
    return shutil.which("keepalived") or shutil.which("keepalived", path=SEARCH_PATH)


def install_configuration(settings: VrrpSettings) -> Paths:
    """Write and test the configuration, then put it in place, beside an unhealthy verdict.

    Raises SettingsRefused, ConfigurationRefused or OSError; then the configuration in place was not
    changed.
    """
    text = render(settings)
    paths = Paths.under(settings.runtime_dir)
    paths.configuration.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = paths.configuration.with_name("keepalived.conf.new")
    fresh.write_text(text)
    # First the verdict: keepalived 2.3 refuses a configuration whose track_file is missing.
    write_verdict(paths.verdict, False)
    try_configuration(fresh)
    fresh.replace(paths.configuration)
    return paths


def try_configuration(path: Path) -> None:
    """Have keepalived read the file without acting on it. Raises ConfigurationRefused."""
    program = find_keepalived()
    if program is None:
        raise ConfigurationRefused("keepalived is not installed: apt-get install keepalived.")
    try:
        result = subprocess.run(
            [program, "--config-test", f"--use-file={path}"],
            capture_output=True,
            text=True,
            timeout=TEST_DEADLINE_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationRefused(f"keepalived did not finish reading {path}.") from error
    if result.returncode != 0:
        said = " ".join((result.stderr + result.stdout).split()) or f"status {result.returncode}"
        raise ConfigurationRefused(f"keepalived refuses {path}: {said}")


def _check_address(text: str) -> None:
    address, slash, _ = text.partition("/")
    try:
        ipaddress.IPv4Address(address)
        ipaddress.IPv4Interface(text)
    except ValueError as error:
        raise SettingsRefused(
            f"The virtual address {text!r} must be IPv4 with a prefix length,"
            " such as 10.77.0.100/24."
        ) from error
    if not slash or not text.rpartition("/")[2].isdigit():
        raise SettingsRefused(f"The virtual address {text!r} lacks its prefix length, such as /24.")


def _check_unicast(settings: VrrpSettings) -> None:
    if bool(settings.unicast_source) != bool(settings.unicast_peers):
        raise SettingsRefused("Unicast VRRP needs both its source address and its peers.")
    for address in (*settings.unicast_peers, settings.unicast_source):
        if address:
            try:
                ipaddress.IPv4Address(address)
            except ValueError as error:
                raise SettingsRefused(f"{address!r} is not an IPv4 address.") from error
    if settings.unicast_source in settings.unicast_peers and settings.unicast_peers:
        raise SettingsRefused("A host's own address is not one of its unicast peers.")
