"""Settings that nothing would read, files that are missing, and limits that cannot be kept.

Ansible takes any name for a variable, so a misspelt one is silently no setting at all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[2]
# Of playbooks/vars/system.yml an inventory may set these.
SETTABLE = ("tmr_address", "tmr_release", "tmr_wheelhouses", "tmr_memory_percent_max")
# Read by playbooks, mostly from -e; whatever begins like a role's variable or with tmr_.
OF_PLAYBOOKS = ("tmr_failure_domain", "tmr_rotate_ca", "tmr_new_authority")
_LISTS, _FALSE, _TRUE = ("list",), ("false", "no", "off", "0"), ("true", "yes", "on", "1")
# What playbooks read from -e or from the inventory, and no role has.
PLAYBOOK_OPTIONS: dict[str, dict[str, Any]] = {
    "acceptance_product": {"type": "str"},
    "backup_directory": {"type": "path"},
    "backup_keep": {"type": "int"},
    "others_wait_s": {"type": "int"},
    "replace_host": {"type": "str"},
    "replace_why": {"type": "str"},
    "restore_confirm": {"type": "str"},
    "restore_from": {"type": "path"},
    "restore_losing": {"type": "int"},
    "restore_why": {"type": "str"},
    "upgrade_on_two": {"type": "bool"},
    "whole_wait_s": {"type": "int"},
}
# From what to what a number may be, where no program of ours reads it and would refuse it.
BOUNDS = {
    "backup_keep": (1, 100_000),
    "common_listen_queue_max": (1, 2**31 - 1),
    "others_wait_s": (0, 86_400),
    # Certificates last 825 days.
    "pki_renew_days": (1, 824),
    "restore_losing": (0, 2**63 - 1),
    "whole_wait_s": (0, 86_400),
    "firewall_try_s": (10, 600),
    "firewall_ssh_ports": (1, 65535),
    "firewall_open_ports: port": (1, 65535),
    "monitoring_interval_s": (1, 86_400),
    "tmr_memory_percent_max": (10, 95),
}
# How a text has to be, likewise; and in which words that is said.
PATTERNS = {
    "common_journal_size_max": (r"[1-9][0-9]*[KMGTPE]?", "a size such as 1G"),
    "time_pools": (r"[\w.:-]+( [\w.:-]+)*", "the name of a pool"),
    "time_servers": (r"[\w.:-]+( [\w.:-]+)*", "the name or address of a server"),
}
# Lists that say something only if something stands in them.
NOT_EMPTY = ("firewall_ssh_ports",)
# How near a name is to an option of a playbook if that is meant.
NEAR = 0.85


def setting_faults(
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Iterable[str]],
    ours_not: Iterable[str] = (),
    given: Iterable[str] | None = None,
) -> list[str]:
    """Names that no role or playbook knows, names that an inventory cannot set, wrong values.

    `ours_not` are names that belong to somebody else although they begin like ours, `given` those
    of `-e`, which wins over everything.
    """
    options = role_options() | PLAYBOOK_OPTIONS
    fixed = fixed_names() - set(SETTABLE)
    prefixes = (*(f"{role.name}_" for role in ROLES.iterdir() if role.is_dir()), "tmr_")
    known = set(options) | fixed | set(SETTABLE) | set(OF_PLAYBOOKS)
    given = set(_given_names() if given is None else given)
    faults: dict[str, list[str]] = {}
    kinds = ("upstream", "tmr", "timeserver", "central")
    for host in sorted({host for kind in kinds for host in groups.get(kind, ())}):
        for name in sorted(set(hostvars[host]) - set(ours_not)):
            if name.startswith(prefixes) and name not in known:
                faults.setdefault(_unknown(name, known), []).append(host)
            elif meant := _meant(name, known, PLAYBOOK_OPTIONS):
                faults.setdefault(meant, []).append(host)
            elif name in fixed - given:
                faults.setdefault(
                    f"{name} follows from the inventory or is fixed, and is not for it to set:"
                    " leave it away, or give it by -e.",
                    [],
                ).append(host)
            elif name in options and (
                fault := _type_fault(name, options[name], hostvars[host][name])
            ):
                faults.setdefault(fault, []).append(host)
    return [f"{', '.join(of)}: {text}" for text, of in faults.items()]


def file_faults(
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Iterable[str]],
    made_here: bool = False,
) -> list[str]:
    """Files on this computer that the hosts are to get, and that are missing or something else.

    With `made_here` this very play makes the licence root, which so may be missing yet.
    """
    from appliance.errors import UserError
    from appliance.services.settings import TimeServerSettings, read_root

    faults: dict[str, None] = {}
    for host in [*groups.get("upstream", ()), *groups.get("tmr", ())]:
        own = hostvars[host]
        root = Path(str(own.get("tmr_licence_root") or ""))
        try:
            if not root.is_absolute():
                faults[f"tmr_licence_root {str(root)!r} is no absolute path."] = None
            elif root.exists() or not made_here:
                read_root(root)
            prometheus = own.get("monitoring_prometheus_dir")
            if prometheus and not Path(str(prometheus)).is_dir():
                faults[f"monitoring_prometheus_dir {prometheus} is no directory: make it."] = None
            for server in own.get("upstream_other_time_servers") or ():
                anchors = tuple(Path(str(path)) for path in server.get("anchors") or ())
                TimeServerSettings(url="https://time.example/", anchors=anchors).trust(b"")
                if server.get("ca") and not Path(str(server["ca"])).is_file():
                    faults[f"{server['ca']} is missing, which certifies {server.get('url')}."] = (
                        None
                    )
        except UserError as error:
            faults[error.sentence] = None
        except ValueError as error:
            faults[f"{host}: {error}."] = None
    return list(faults)


def limit_faults(
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Iterable[str]],
    played: Iterable[str],
    parts: bool,
) -> list[str]:
    """Why these hosts (what --limit left) are too few. With `parts` some of a system will do."""
    within = set(played)
    hosts = [host for name in ("upstream", "tmr") for host in groups.get(name, ())]
    # The vendor's computer and time servers are set up without any system.
    others = {host for name in ("central", "timeserver") for host in groups.get(name, ())}
    if not within & set(hosts):
        if parts and within & others:
            return []
        return ["--limit leaves no host of a TMR system, so nothing would be done: name a system."]
    if parts:
        return []
    faults = []
    for system in sorted(
        {str(hostvars[host].get("tmr_system", "")) for host in within & set(hosts)}
    ):
        five = [host for host in hosts if str(hostvars[host].get("tmr_system", "")) == system]
        beyond = [host for host in five if host not in within]
        if beyond:
            faults.append(
                f"This is about all hosts of {system}, and --limit leaves out {', '.join(beyond)}:"
                f" leave it away, or say --limit {system}."
            )
    return faults


def timeserver_limit_faults(
    groups: Mapping[str, Iterable[str]], played: Iterable[str]
) -> list[str]:
    """Why these hosts (what --limit left) are too few to set time servers up."""
    within = set(played)
    servers, vendors = list(groups.get("timeserver", ())), list(groups.get("central", ()))
    if not servers:
        return ["The inventory has no host in the group timeserver, so nothing would be done."]
    if not within & set(servers):
        return [
            f"--limit leaves no time server, so nothing would be done: name {' or '.join(servers)}."
        ]
    beyond = [host for host in vendors if host not in within]
    if beyond:
        names = ", ".join(beyond)
        return [
            f"--limit leaves out {names}, which makes the time servers' keys and their block list:"
            f" leave it away, or name {names}, too."
        ]
    return []


def option_faults(
    known: Iterable[str],
    given: Iterable[str] | None = None,
    hostvars: Mapping[str, Mapping[str, Any]] | None = None,
    ours_not: Iterable[str] = (),
) -> list[str]:
    """What is wrong with the options of a playbook (`known`), from -e (`given`) or the inventory.

    Names that begin like an option or are near to one and are none of it, and wrong values.
    """
    names = sorted(set(known))
    prefixes = tuple({f"{name.partition('_')[0]}_" for name in names})
    given = _given_names() if given is None else set(given)
    faults: dict[str, None] = {}
    for name in sorted(given - set(names)):
        if prefixes and name.startswith(prefixes):
            faults[
                f"{name} is no option of this playbook, so it would do nothing: it has"
                f" {', '.join(names)}."
            ] = None
    for host in sorted(hostvars or ()):
        own = (hostvars or {})[host]
        for name in sorted(set(own) - set(ours_not) - given):
            if meant := _meant(name, PLAYBOOK_OPTIONS, names):
                faults[f"{host}: {meant}"] = None
        for name in names:
            # One that is not set at all is no fault, nor is one without a type.
            if own.get(name) is not None and name in PLAYBOOK_OPTIONS:
                fault = _type_fault(name, PLAYBOOK_OPTIONS[name], own[name])
                if fault:
                    faults[fault] = None
    return list(faults)


def role_options() -> dict[str, dict[str, Any]]:
    """All variables of all roles, by their argument specs."""
    options: dict[str, dict[str, Any]] = {}
    for path in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        for spec in yaml.safe_load(path.read_text())["argument_specs"].values():
            for name, option in (spec.get("options") or {}).items():
                # One that a role wants of a type is better than one that it takes as it is.
                if options.get(name, {}).get("type", "raw") == "raw":
                    options[name] = option
    return options


def fixed_names() -> set[str]:
    """What the playbooks and roles say themselves, which wins over any inventory."""
    files = [*ROLES.glob("../playbooks/vars/*.yml"), *ROLES.glob("*/vars/main.yml")]
    return {name for path in files for name in yaml.safe_load(path.read_text()) or {}}


def _given_names() -> set[str]:
    """The names of -e, as this run of Ansible has them."""
    from ansible.parsing.dataloader import DataLoader
    from ansible.utils.vars import load_extra_vars

    return set(load_extra_vars(DataLoader()))


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    meant = f": {near[0]} is meant?" if near else "."
    return (
        f"{name} is no variable of these roles, so it would do nothing{meant} If it is for"
        " something else, list it in validate_inventory_ours_not."
    )


def _meant(name: str, known: Iterable[str], options: Iterable[str]) -> str:
    """That a name that nobody knows is nearly one of these options; empty for any other name."""
    if name in known or not difflib.get_close_matches(name, options, n=1, cutoff=NEAR):
        return ""
    return _unknown(name, options).replace("these roles", "these playbooks")


def _type_fault(name: str, option: Mapping[str, Any], value: Any) -> str:
    """What is wrong with a value, or with the first wrong one within it; empty if it is sound."""
    kind = str(option.get("type", "str"))
    if kind == "raw":
        return ""
    if kind in _LISTS:
        wrong, like = not isinstance(value, (list, tuple)), "a list"
    elif kind == "dict":
        wrong, like = not isinstance(value, Mapping), f"made of {_keys(option)}"
    elif kind == "bool":
        wrong, like = str(value).lower() not in (*_FALSE, *_TRUE), "true or false"
    elif kind in ("int", "float"):
        wrong, like = not _is_number(value, kind), "a whole number" if kind == "int" else "a number"
    else:
        wrong, like = isinstance(value, (list, tuple, Mapping)), "one word or path"
    choices = option.get("choices")
    if not wrong and choices and str(value) not in map(str, choices):
        wrong, like = True, f"one of {', '.join(map(str, choices))}"
    if not wrong and kind in ("int", "float") and name in BOUNDS:
        least, most = BOUNDS[name]
        wrong, like = not least <= float(value) <= most, f"from {least} to {most}"
    if not wrong and name in PATTERNS and kind not in _LISTS:
        pattern, like = PATTERNS[name]
        wrong = re.fullmatch(pattern, str(value)) is None
    if not wrong and kind in _LISTS and name in NOT_EMPTY:
        wrong, like = not value, "a list of one or more"
    if wrong:
        return f"{name} is {like}, not {value!r}."
    faults: Iterable[str] = ()
    if kind in _LISTS and "elements" in option:
        faults = _item_faults(name, {**option, "type": option["elements"]}, value)
    elif kind == "dict" and option.get("options"):
        faults = _dict_faults(name, option, value)
    return next(filter(None, faults), "")


def _item_faults(name: str, option: Mapping[str, Any], value: Iterable[Any]) -> Iterator[str]:
    for item in value:
        fault = _type_fault(name, option, item)
        # What is wrong within an item says so itself.
        if fault.startswith(f"{name} is ") and fault.endswith(f", not {item!r}."):
            like = fault.removeprefix(f"{name} is ").removesuffix(f", not {item!r}.")
            fault = f"{name} holds {item!r}, and each is {like}."
        yield fault


def _dict_faults(name: str, option: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[str]:
    """Keys that are missing, keys that nobody reads, and what is wrong with the others' values."""
    for key, inner in option["options"].items():
        if key in value:
            yield _type_fault(f"{name}: {key}", inner, value[key])
        elif inner.get("required"):
            yield f"{name} is made of {_keys(option)}, and {dict(value)!r} lacks {key}."
    for key in value:
        if key not in option["options"]:
            yield f"{name} is made of {_keys(option)}, and {key} is none of them."


def _keys(option: Mapping[str, Any]) -> str:
    return ", ".join(option.get("options") or ["keys and values"])


def _is_number(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return False
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return kind == "float" or number == int(number)


class FilterModule:
    """Ansible's way of finding the filters."""

    def filters(self) -> dict[str, Any]:
        """The filters by the names that the role uses."""
        return {
            "setting_faults": setting_faults,
            "file_faults": file_faults,
            "limit_faults": limit_faults,
            "timeserver_limit_faults": timeserver_limit_faults,
            "option_faults": option_faults,
        }
