"""Connection profiles: which systems there are and how each is reached. One TOML file:

[[system]]
name = "Plant 1"
profile = "/etc/tmr/operator/profile.toml"    # a client profile, with an operator's certificate
hosts = ["10.77.0.21:7200", "10.77.0.22:7200"]  # each TMR host; default: the profile's addresses
ssh = "ops@gate.example:22"                   # default: directly
ssh_jump = "ops@jump.example"                 # default: the SSH host is reached directly
ssh_key = "~/.ssh/id_ed25519"                 # default: the agent, then the usual files
read_only = false

[alerts]                                      # when to alert; all optional, see `limits`
licence_expires_d = 30
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

import msgspec

from appliance.sentences import Sentence
from appliance.unreadable import UNREADABLE
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.limits import trouble as limits_trouble

SYSTEMS_MAX = 100
DEMO = "Demo"
"""What the system inside this program is called."""
SSH_PORT = 22


class System(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One installation and the way to it."""

    name: str
    profile: str
    hosts: tuple[str, ...] = ()
    ssh: str = ""
    ssh_jump: str = ""
    ssh_key: str = ""
    read_only: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    system: list[System] = []
    alerts: AlertLimits = AlertLimits()


class BadConnections(Exception):
    """The file cannot be used; the message says what is wrong with it."""


def parse(text: str) -> list[System]:
    """The systems in a file. Raises BadConnections."""
    systems = _read(text).system
    if len(systems) > SYSTEMS_MAX:
        raise BadConnections(f"it names {len(systems)} systems, {SYSTEMS_MAX} are possible")
    names = [system.name for system in systems]
    for system in systems:
        if names.count(system.name) > 1:
            raise BadConnections(f"two systems are called {system.name}")
        problem = trouble(system)
        if problem:
            raise BadConnections(f"{system.name or 'a system'}: {problem}")
    return systems


def parse_limits(text: str) -> AlertLimits:
    """The thresholds of alerts in a file. Raises BadConnections."""
    limits = _read(text).alerts
    problem = limits_trouble(limits)
    if problem:
        raise BadConnections(problem)
    return limits


def _read(text: str) -> _File:
    try:
        return msgspec.convert(tomllib.loads(text), _File)
    except msgspec.ValidationError as error:
        raise BadConnections(str(error)) from error
    except UNREADABLE as error:
        raise BadConnections(f"it is no TOML: {error}") from error


def trouble(system: System) -> str:
    """What is wrong with a system's settings, "" if nothing is."""
    if not system.name.strip():
        return Sentence("the connection has no name")
    if not system.profile.strip():
        return Sentence("it has no profile: name a client profile (TOML)")
    try:
        if system.ssh_jump and not system.ssh:
            return Sentence("a jump host leads to an SSH host: name that one, too")
        for text in (system.ssh, system.ssh_jump):
            if text:
                ssh_target(text)
        for text in system.hosts:
            host_port(text)
    except ValueError as error:
        said: str = error.args[0]
        return said
    return ""


def render(systems: list[System], limits: AlertLimits = AlertLimits()) -> str:  # noqa: B008
    """The file's text; limits are written where they differ from the usual ones."""
    lines: list[str] = []
    usual, chosen = msgspec.to_builtins(AlertLimits()), msgspec.to_builtins(limits)
    differing = [f"{name} = {value}" for name, value in chosen.items() if value != usual[name]]
    if differing:
        lines += ["[alerts]", *differing, ""]
    for system in systems:
        lines.append("[[system]]")
        values: dict[str, Any] = msgspec.to_builtins(system)
        # JSON's strings, lists and booleans are TOML's, too.
        lines += [
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in values.items()
            if value not in ("", False, [], ())
        ]
        lines.append("")
    return "\n".join(lines)


def host_port(text: str) -> tuple[str, int]:
    """ "10.77.0.21:7200" as host and port. Raises ValueError."""
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise ValueError(Sentence('"{text}" is not of the form host:port', text=text))
    return host, int(port)


def ssh_target(text: str) -> tuple[str, str, int]:
    """ "user@host:22" as user ("" if none), host and port. Raises ValueError."""
    user, _, rest = text.strip().rpartition("@")
    if ":" in rest:
        host, port = host_port(rest)
    else:
        host, port = rest, SSH_PORT
    if not host or any(character.isspace() for character in host + user):
        raise ValueError(
            Sentence('"{text}" is not of the form user@host or user@host:port', text=text)
        )
    return user, host, port
