"""Who lives in the lab: names, last octets of addresses, ports, and what each may receive."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["upstream", "tmr", "clients", "vendors"]

UPSTREAM_LINK_PORT = 7101
UPSTREAM_ADMIN_PORT = 7102
TWIN_LINK_PORT = 7103
CLIENT_API_PORT = 7200
TIME_SERVER_PORT = 7300
CENTRAL_PORT = 7302

NETWORK_PREFIX = "10.77.0"
LOOPBACK_PREFIX = "127.0.77"
PREFIX_BITS = 24
VIRTUAL_OCTET = 100


class LabHost(NamedTuple):
    """One machine of the lab; `octet` is the last of its IPv4 address."""

    name: str
    role: Role
    octet: int


HOSTS: tuple[LabHost, ...] = (
    LabHost("up1", "upstream", 11),
    LabHost("up2", "upstream", 12),
    LabHost("up3", "upstream", 13),
    LabHost("tmr1", "tmr", 21),
    LabHost("tmr2", "tmr", 22),
    LabHost("clients", "clients", 200),
    LabHost("vendors", "vendors", 210),
)

SERVERS: tuple[LabHost, ...] = tuple(host for host in HOSTS if host.role in ("upstream", "tmr"))
VENDORS: LabHost = next(host for host in HOSTS if host.role == "vendors")
UPSTREAMS: tuple[LabHost, ...] = tuple(host for host in HOSTS if host.role == "upstream")
TMRS: tuple[LabHost, ...] = tuple(host for host in HOSTS if host.role == "tmr")


def host_named(name: str) -> LabHost:
    """The lab's host of that name. Raises KeyError."""
    for host in HOSTS:
        if host.name == name:
            return host
    raise KeyError(name)


def twin_of(name: str) -> LabHost:
    """The other TMR host. Raises KeyError if `name` is not a TMR host."""
    if host_named(name).role != "tmr":
        raise KeyError(name)
    return next(host for host in TMRS if host.name != name)
