"""What is wrong with an inventory, in sentences; asked before any host is touched."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

UPSTREAMS = 3
TMR_HOSTS = 2
VRID_MAX = 255
NEEDED = ("tmr_interface", "tmr_virtual_ip", "tmr_vrid", "tmr_licence_root")


def inventory_faults(
    hostvars: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Iterable[str]]
) -> list[str]:
    """Every fault of every TMR system in this inventory, one sentence each; none if it is sound."""
    faults: list[str] = []
    systems: dict[str, list[str]] = {}
    members = {name: list(groups.get(name, ())) for name in ("upstream", "tmr")}
    for host in [*members["upstream"], *members["tmr"]]:
        system = hostvars[host].get("tmr_system")
        if not system:
            faults.append(f"{host} belongs to no TMR system: set tmr_system to the group it is in.")
        elif host not in groups.get(system, ()):
            faults.append(f"{host} says tmr_system {system}, but is not in a group {system}.")
        else:
            systems.setdefault(system, []).append(host)
    for host in sorted(set(members["upstream"]) & set(members["tmr"])):
        faults.append(f"{host} is both upstream and TMR host: a host has one role.")
    if not systems and not faults:
        faults.append("The inventory has no hosts in the groups upstream and tmr.")
    for system, hosts in sorted(systems.items()):
        faults += _system_faults(
            system,
            {host: hostvars[host] for host in hosts},
            [host for host in hosts if host in members["upstream"]],
            [host for host in hosts if host in members["tmr"]],
        )
    return faults + _shared_addresses(hostvars, systems) + _shared_router_ids(hostvars, systems)


def _system_faults(
    system: str,
    variables: Mapping[str, Mapping[str, Any]],
    upstreams: list[str],
    tmr_hosts: list[str],
) -> list[str]:
    faults = []
    for wanted, found, what in (
        (UPSTREAMS, upstreams, "upstreams"),
        (TMR_HOSTS, tmr_hosts, "TMR hosts"),
    ):
        if len(found) != wanted:
            names = ", ".join(found) or "none"
            faults.append(f"{system} needs exactly {wanted} {what}, but has {len(found)}: {names}.")
        faults += _failure_domains(system, what, {host: variables[host] for host in found})
    for name in NEEDED:
        faults += [f"{host} lacks {name}." for host in variables if not variables[host].get(name)]
    for name in ("tmr_virtual_ip", "tmr_vrid", "tmr_advert_int_s"):
        values = {str(own.get(name)) for own in variables.values()}
        if len(values) > 1:
            faults.append(f"{name} differs within {system}: {', '.join(sorted(values))}.")
    return faults + _addresses(system, variables, tmr_hosts)


def _failure_domains(
    system: str, what: str, variables: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """What fails together must not hold two of a kind: that is the point of having several."""
    faults = [
        f"{host} declares no tmr_failure_domain: name what fails together with it."
        for host, own in variables.items()
        if not own.get("tmr_failure_domain")
    ]
    counted = Counter(
        own["tmr_failure_domain"] for own in variables.values() if own.get("tmr_failure_domain")
    )
    for domain, count in counted.items():
        if count > 1:
            hosts = [h for h, own in variables.items() if own.get("tmr_failure_domain") == domain]
            faults.append(
                f"The {what} {', '.join(hosts)} of {system} share the failure domain {domain}: "
                "one fault would take them all."
            )
    return faults


def _addresses(
    system: str, variables: Mapping[str, Mapping[str, Any]], tmr_hosts: list[str]
) -> list[str]:
    faults = []
    addresses: dict[str, Any] = {}
    for host, own in variables.items():
        text = own.get("ansible_host", host)
        try:
            addresses[host] = ipaddress.IPv4Address(text)
        except ValueError:
            faults.append(f"{host} needs an IPv4 address in ansible_host, not {text!r}.")
    twice = [str(address) for address, n in Counter(addresses.values()).items() if n > 1]
    faults += [f"Two hosts of {system} have the address {address}." for address in twice]
    for text in {own["tmr_virtual_ip"] for own in variables.values() if own.get("tmr_virtual_ip")}:
        try:
            virtual = ipaddress.IPv4Interface(text)
        except ValueError:
            faults.append(f"tmr_virtual_ip {text!r} is no address such as 192.0.2.100/24.")
            continue
        if "/" not in str(text):
            faults.append(f"tmr_virtual_ip {text} lacks its prefix length, such as /24.")
            continue
        network = virtual.network
        if virtual.ip in (network.network_address, network.broadcast_address):
            faults.append(f"tmr_virtual_ip {virtual.ip} is no address for a host in {network}.")
        for host, address in addresses.items():
            if address == virtual.ip:
                faults.append(
                    f"tmr_virtual_ip {virtual.ip} is {host}'s own address: take a free one."
                )
            elif host in tmr_hosts and address not in network:
                faults.append(f"{host} ({address}) is not in the virtual IP's network {network}.")
    for vrid in {own["tmr_vrid"] for own in variables.values() if own.get("tmr_vrid")}:
        if not isinstance(vrid, int) or not 1 <= vrid <= VRID_MAX:
            faults.append(f"tmr_vrid {vrid!r} must be a number from 1 to {VRID_MAX}.")
    return faults


def _shared_addresses(
    hostvars: Mapping[str, Mapping[str, Any]], systems: Mapping[str, list[str]]
) -> list[str]:
    """A host of one system that has the address of another system's host, or its virtual one."""
    faults = []
    owners: dict[str, tuple[str, str]] = {}
    for system, hosts in sorted(systems.items()):
        for host in hosts:
            text = str(hostvars[host].get("ansible_host", host))
            other, owner = owners.setdefault(text, (system, host))
            if other != system:
                faults.append(f"{owner} of {other} and {host} of {system} have the address {text}.")
    for system, hosts in sorted(systems.items()):
        virtual = str(hostvars[hosts[0]].get("tmr_virtual_ip", "")).partition("/")[0]
        other, owner = owners.get(virtual, (system, ""))
        if other != system:
            faults.append(
                f"tmr_virtual_ip {virtual} of {system} is the address of {owner} in {other}: "
                "take a free one."
            )
    return faults


def _shared_router_ids(
    hostvars: Mapping[str, Mapping[str, Any]], systems: Mapping[str, list[str]]
) -> list[str]:
    """Two systems with one virtual address, or with one router id in one network, would fight."""
    seen: dict[object, str] = {}
    faults = []
    for system, hosts in sorted(systems.items()):
        own = hostvars[hosts[0]]
        try:
            virtual = ipaddress.IPv4Interface(own.get("tmr_virtual_ip", ""))
        except ValueError:
            continue
        keys = ((virtual.ip, "virtual IP"), ((virtual.network, own.get("tmr_vrid")), "tmr_vrid"))
        for key, what in keys:
            if key in seen:
                faults.append(f"{seen[key]} and {system} have the same {what}.")
            seen[key] = system
    return faults


class FilterModule:
    """Ansible's way of finding the filter."""

    def filters(self) -> dict[str, Any]:
        """The filters by the names that templates use."""
        return {"inventory_faults": inventory_faults}
