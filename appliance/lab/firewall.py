"""The packet filters of the lab: what each host lets in, and what the bridge drops on request.

Each host's filter is a table of its own in its namespace, default drop on input. It answers refused
TCP with a reset, so that "closed" is seen at once and not only after a timeout.
"""

from __future__ import annotations

from typing import Literal

from appliance.lab.hosts import (
    CENTRAL_PORT,
    CLIENT_API_PORT,
    NETWORK_PREFIX,
    TIME_SERVER_PORT,
    TMRS,
    TWIN_LINK_PORT,
    UPSTREAM_ADMIN_PORT,
    UPSTREAM_LINK_PORT,
    UPSTREAMS,
    LabHost,
    twin_of,
)

HOST_TABLE = "tmr_lab"
BRIDGE_TABLE = "tmr_lab_cuts"

CutKind = Literal["all", "vrrp"]


def host_ruleset(host: LabHost) -> str:
    """The nftables text for one host; loading it again replaces what it loaded before."""
    rules = [
        "type filter hook input priority filter; policy drop;",
        "iif lo accept",
        "ct state established,related accept",
        "ip protocol icmp accept",
    ]
    rules += [f"{rule} accept" for rule in _accepted(host)]
    rules.append("meta l4proto tcp reject with tcp reset")
    body = "\n".join(f"    {rule}" for rule in rules)
    return (
        f"table inet {HOST_TABLE} {{}}\n"
        f"delete table inet {HOST_TABLE}\n"
        f"table inet {HOST_TABLE} {{\n  chain input {{\n{body}\n  }}\n}}\n"
    )


def _accepted(host: LabHost) -> list[str]:
    if host.role == "upstream":
        servers = ", ".join(f"{NETWORK_PREFIX}.{tmr.octet}" for tmr in TMRS)
        # The admin port is for operators, who sit with the vendors in this lab, not for clients.
        return [
            f"ip saddr {{ {servers} }} tcp dport {UPSTREAM_LINK_PORT}",
            f"ip saddr {NETWORK_PREFIX}.210 tcp dport {UPSTREAM_ADMIN_PORT}",
        ]
    if host.role == "tmr":
        twin = f"{NETWORK_PREFIX}.{twin_of(host.name).octet}"
        return [
            f"tcp dport {CLIENT_API_PORT}",
            f"ip saddr {twin} tcp dport {TWIN_LINK_PORT}",
            f"ip saddr {twin} ip protocol vrrp",
        ]
    if host.role == "vendors":
        containers = ", ".join(f"{NETWORK_PREFIX}.{up.octet}" for up in UPSTREAMS)
        ports = f"{TIME_SERVER_PORT}, {CENTRAL_PORT}"
        return [f"ip saddr {{ {containers} }} tcp dport {{ {ports} }}"]
    return []


def bridge_base() -> str:
    """The nftables text of the bridge's table of cuts, with no cut in it."""
    return (
        f"table bridge {BRIDGE_TABLE} {{}}\n"
        f"delete table bridge {BRIDGE_TABLE}\n"
        f"table bridge {BRIDGE_TABLE} {{\n"
        "  chain forward {\n    type filter hook forward priority 0; policy accept;\n  }\n}\n"
    )


def bridge_cut(from_port: str, to_port: str | None, kind: CutKind) -> str:
    """The nftables text that drops frames from one bridge port (to another, or to all)."""
    match = f'iifname "{from_port}"'
    if to_port is not None:
        match += f' oifname "{to_port}"'
    if kind == "vrrp":
        match += " ether type ip ip protocol vrrp"
    return f"add rule bridge {BRIDGE_TABLE} forward {match} drop\n"
