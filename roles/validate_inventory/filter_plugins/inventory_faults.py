"""What is wrong with an inventory, in sentences; asked before any host is touched.

What the hosts' own programs refuse is asked of these programs here (`_product_faults`), so that no
rule stands in two places and no setting is refused in the middle of a play.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

UPSTREAMS = 3
TMR_HOSTS = 2
VRID_MAX = 255
NEEDED = ("tmr_interface", "tmr_virtual_ip", "tmr_vrid", "tmr_advert_int_s", "tmr_licence_root")
# These may be empty, which is nobody; but it has to be said.
SAID = {
    "tmr_operator_addresses": "who may reach the upstreams' administration",
    "firewall_ssh_sources": 'from where SSH may be opened (everywhere is ["0.0.0.0/0", "::/0"])',
    "firewall_client_sources": 'who may reach the client API (everybody is ["0.0.0.0/0", "::/0"])',
}


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
    faults += _addresses(system, variables, tmr_hosts)
    faults += _product_faults(system, variables, upstreams, tmr_hosts)
    return faults + _sources(variables)


def _sources(variables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Lists of networks: said, and such as the packet filter takes."""
    faults: dict[str, list[str]] = {}

    def ask(host: str, name: str, value: Any) -> None:
        try:
            _firewall().networks(value)
        except (TypeError, ValueError) as error:
            text = f"has a {name} that is no list of networks such as 192.0.2.0/24: {error}."
            faults.setdefault(text, []).append(host)

    for host, own in variables.items():
        managed = str(own.get("firewall_manage", True)).lower() not in ("false", "no", "0")
        for name, what in SAID.items():
            value = own.get(name)
            if value is None:
                if managed or not name.startswith("firewall_"):
                    faults.setdefault(f"lacks {name}: say {what}.", []).append(host)
            else:
                ask(host, name, value)
        # What else is wrong with one of these is said with the other settings.
        opened = own.get("firewall_open_ports")
        for one in opened if isinstance(opened, (list, tuple)) else ():
            if isinstance(one, Mapping) and isinstance(one.get("sources"), (list, tuple)):
                ask(host, "firewall_open_ports", one["sources"])
    return _joined(faults, " ")


def _joined(faults: Mapping[str, list[str]], link: str) -> list[str]:
    """One sentence for all hosts that have a fault in common."""
    return [f"{', '.join(hosts)}{link}{text}" for text, hosts in faults.items()]


def _firewall() -> Any:
    """The rules about networks that the role firewall has."""
    path = Path(__file__).parents[2] / "firewall" / "filter_plugins" / "firewall_sources.py"
    spec = importlib.util.spec_from_file_location("firewall_sources", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _product_faults(
    system: str,
    variables: Mapping[str, Mapping[str, Any]],
    upstreams: list[str],
    tmr_hosts: list[str],
) -> list[str]:
    """What `tmr pki`, `tmr serve` and `tmr alert` would refuse, by their own rules."""
    try:
        from appliance.adapters.pki.authority import checked_name
        from appliance.adapters.vrrp.keepalived import check_pair
        from appliance.cli._alerting import AlertSettings
        from appliance.errors import UserError
        from appliance.services.settings import TmrSettings, UpstreamSettings
        from appliance.services.vip_config import VipConfig
    except ImportError as error:
        return [
            f"The tool tmr is not installed beside ansible-playbook ({error}): "
            "run `make setup`, or install its wheel there."
        ]
    faults: dict[str, list[str]] = {}

    def ask(host: str, rule: Callable[[], object]) -> bool:
        try:
            rule()
        except UserError as error:
            text = error.sentence
        except Exception as error:
            proxy = "upstream_proxy" if host in upstreams else "monitoring_proxy"
            text = _as_variable(str(error).replace("proxy.url", proxy))
        else:
            return True
        hosts = faults.setdefault(text, [])
        if host not in hosts:
            hosts.append(host)
        return False

    ask(system, lambda: checked_name(f"TMR-{system}".replace(" ", "-")))
    for host, own in variables.items():
        if ask(host, lambda host=host: checked_name(host)) and host in tmr_hosts:
            ask(host, lambda host=host: checked_name(f"alert-{host}"))
        table = _tables(system, host, own, upstreams, tmr_hosts)
        kind = UpstreamSettings if host in upstreams else TmrSettings
        whole = (len(upstreams), len(tmr_hosts)) == (UPSTREAMS, TMR_HOSTS)
        if host in upstreams or whole:
            ask(host, lambda kind=kind, table=table: _convert(table["serve"], kind))
        if host in tmr_hosts:
            ask(host, lambda table=table: _convert(table["alert"], AlertSettings))
    pair = []
    for host in tmr_hosts:
        if _own_rules_cover(variables[host]):
            continue
        table = _tables(system, host, variables[host], upstreams, tmr_hosts)["vip"]

        def vip(table: Mapping[str, Any] = table) -> None:
            from appliance.adapters.vrrp.keepalived import check

            settings = _convert(table, VipConfig).vrrp()
            check(settings)
            pair.append(settings)

        ask(host, vip)
    if len(pair) == TMR_HOSTS:
        ask(system, lambda: check_pair(*pair))
    return _joined(faults, ": ")


def _own_rules_cover(own: Mapping[str, Any]) -> bool:
    """Whether the VRRP settings are such as was said already, in words about the inventory."""
    try:
        ipaddress.IPv4Interface(own.get("tmr_virtual_ip", ""))
    except ValueError:
        return True
    vrid = own.get("tmr_vrid")
    lacking = not own.get("tmr_interface") or "/" not in str(own.get("tmr_virtual_ip"))
    return lacking or not isinstance(vrid, int) or not 1 <= vrid <= VRID_MAX


def _tables(
    system: str, host: str, own: Mapping[str, Any], upstreams: list[str], tmr_hosts: list[str]
) -> dict[str, dict[str, Any]]:
    """What the roles' templates write for this host, as far as it follows from the inventory."""
    tls = {"cert": "/c", "key": "/k", "ca": "/a"}
    advert = {"advert_int_s": own["tmr_advert_int_s"]} if own.get("tmr_advert_int_s") else {}
    serve: dict[str, Any] = {"name": host, "tls": tls, "root": "/r"} | advert
    if host in upstreams:
        serve |= {"links_listen": "192.0.2.1:7101", "store": "/s", "container": "/c"}
        serve["tmr_hosts"] = tmr_hosts or ["another"]
        serve |= _given(own, "upstream_", "box_time_save_s", "archive_days", "archive_mib_max")
        serve |= _given(own, "upstream_", "names_kept_days")
        urls = [{"url": url} for url in _plain(own.get("upstream_time_servers") or [])]
        serve["time_servers"] = urls + _plain(own.get("upstream_other_time_servers") or [])
        if own.get("upstream_central_url"):
            serve["central"] = [{"url": _plain(own["upstream_central_url"])}]
        if own.get("upstream_proxy"):
            serve["proxy"] = {"url": own["upstream_proxy"]} | _given(own, "upstream_", "no_proxy")
    else:
        twin = next((other for other in tmr_hosts if other != host), "twin")
        serve["twin"] = {"name": twin, "address": "192.0.2.1:7103"}
        serve["upstreams"] = [{"name": name, "address": "192.0.2.1:7101"} for name in upstreams]
        serve |= {"api_listen": ["0.0.0.0:7200"], "twin_listen": "192.0.2.1:7103"}
        serve |= _given(own, "tmr_server_", "virtual_serial")
        orders = ("orders_per_client_s", "orders_per_client_burst")
        serve["limits"] = _given(own, "tmr_server_", "connections_max", *orders)
    alert = {"host": host, "system": system, "profile": "/p", "state": "/s"}
    if own.get("monitoring_proxy"):
        alert["proxy"] = {"url": own["monitoring_proxy"]}
    vip = {
        "interface": own.get("tmr_interface"),
        "address": own.get("tmr_virtual_ip"),
        "vrid": own.get("tmr_vrid"),
        "priority": own.get("vip_priority", 250 if [host] == sorted(tmr_hosts)[:1] else 240),
        "runtime_dir": "/run/tmr-vip",
        "socket": "/run/tmr-vip/vip.sock",
    }
    return {
        "serve": serve,
        "alert": alert | _given(own, "monitoring_", "webhook", "hold_s", "repeat_s"),
        "vip": vip | advert | _given(own, "vip_", "realtime_priority"),
    }


def _given(own: Mapping[str, Any], prefix: str, *names: str) -> dict[str, Any]:
    """The settings that the inventory gives, without their role's prefix."""
    return {name: own[prefix + name] for name in names if own.get(prefix + name) is not None}


def _convert(table: Mapping[str, Any], kind: Any) -> Any:
    """The settings as the program reads them. Raises msgspec.ValidationError, UserError."""
    import msgspec

    def of_file(wanted: type, value: object) -> Path:
        if wanted is Path and isinstance(value, str):
            return Path(value)
        raise ValueError("Expected a path")

    return msgspec.convert(_plain(table), kind, dec_hook=of_file, strict=False)


def _plain(value: Any) -> Any:
    """Without what Ansible adds to its values."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return value.encode().decode()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return int(value) if isinstance(value, int) else float(value)


def _as_variable(text: str) -> str:
    """A program's words about a setting, with the name that it has in the inventory."""
    for name, variable in (
        ("advert_int_s", "tmr_advert_int_s"),
        ("box_time_save_s", "upstream_box_time_save_s"),
        ("time_servers", "upstream_time_servers"),
        ("virtual_serial", "tmr_server_virtual_serial"),
        ("connections_max", "tmr_server_connections_max"),
        ("orders_per_client_s", "tmr_server_orders_per_client_s"),
        ("orders_per_client_burst", "tmr_server_orders_per_client_burst"),
        ("archive_days", "upstream_archive_days"),
        ("archive_mib_max", "upstream_archive_mib_max"),
        ("names_kept_days", "upstream_names_kept_days"),
        ("webhook", "monitoring_webhook"),
        ("hold_s", "monitoring_hold_s"),
        ("repeat_s", "monitoring_repeat_s"),
    ):
        text = re.sub(rf"(?<![a-z_]){name}\b", variable, text)
    return text.rstrip(".") + "."


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
        text = _service_address(host, own)
        try:
            addresses[host] = ipaddress.IPv4Address(text)
        except ValueError:
            faults.append(
                f"{host} needs an IPv4 address in tmr_address, or in ansible_host, not {text!r}."
            )
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


def _service_address(host: str, own: Mapping[str, Any]) -> str:
    """Where the other hosts reach this one's service."""
    return str(own.get("tmr_address") or own.get("ansible_host") or host)


def _shared_addresses(
    hostvars: Mapping[str, Mapping[str, Any]], systems: Mapping[str, list[str]]
) -> list[str]:
    """A host of one system that has the address of another system's host, or its virtual one."""
    faults = []
    owners: dict[str, tuple[str, str]] = {}
    for system, hosts in sorted(systems.items()):
        for host in hosts:
            text = _service_address(host, hostvars[host])
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
