"""What is wrong with the hosts of a vendor, in sentences; asked before any host is touched.

The vendor's computer and time servers belong to no TMR system; `inventory_faults.py` has the rules
about those that do, and `inventory_settings.py` the names and kinds of all settings.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

_SETTINGS = ("accuracy_ms", "requests_per_minute", "connections_max")


def vendor_faults(
    hostvars: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Iterable[str]]
) -> list[str]:
    """What `tmr central` and `tmr timeserver` would refuse of the inventory, by their own rules."""
    try:
        from appliance.codec.certificates import check_firm
        from appliance.services.timeserver.settings import TimeServerSettings
    except ImportError:  # That it is missing is said with the other faults.
        return []
    common = _common()
    faults: dict[str, list[str]] = {}
    for host in groups.get("central", ()):
        own = hostvars[host]
        # Every name in a certificate has the same rule.
        names = [(1, own["central_root_name"])] if own.get("central_root_name") else []
        names += [(1, server) for server in groups.get("timeserver", ())]
        firms = own.get("central_firms") or ()
        # What is wrong with the kind of a value is said with the other settings.
        for firm in firms if isinstance(firms, (list, tuple)) else ():
            if isinstance(firm, Mapping) and str(firm.get("code")).lstrip("-").isdigit():
                names.append((int(firm["code"]), firm.get("name")))
        for code, name in names:
            text = common._plain(str(name))
            _ask(faults, host, lambda code=code, text=text: check_firm(code, text))
    for host in groups.get("timeserver", ()):
        table = {"key": "/k", "certificate": "/c"}
        table |= common._given(hostvars[host], "timeserver_", *_SETTINGS)
        _ask(faults, host, lambda table=table: common._convert(table, TimeServerSettings))
    return common._joined(faults, ": ")


def timeserver_faults(
    hostvars: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Iterable[str]],
    played: Iterable[str],
) -> list[str]:
    """Why those time servers that are played cannot be set up: who may reach them, and their files.

    What the vendor's computer makes in the same play may be missing yet.
    """
    try:
        from appliance.errors import UserError
        from appliance.services.timeserver.service import read_signer
        from appliance.services.timeserver.settings import TimeServerSettings
    except ImportError as error:
        return [
            f"The tool tmr is not installed beside ansible-playbook ({error}): "
            "run `make setup`, or install its wheel there."
        ]
    hosts = [host for host in groups.get("timeserver", ()) if host in set(played)]
    made_here = bool(list(groups.get("central", ())))
    # It has no administration, so nobody has to be named who may reach one.
    given = {host: {"tmr_operator_addresses": [], **hostvars[host]} for host in hosts}
    faults = list(_common()._sources(given))
    for host in hosts:
        own = hostvars[host]
        home = Path(str(own.get("timeserver_directory") or _beside(own)))
        key, certificate = (home / host / f"timeserver.{kind}.pem" for kind in ("key", "cert"))
        if certificate.exists() or not made_here:
            try:
                read_signer(TimeServerSettings(key=key, certificate=certificate))
            except UserError as error:
                faults.append(f"{host}: {error.sentence}")
        blocked = Path(str(own.get("timeserver_block_list") or home / "block-list.crl"))
        if not blocked.is_file() and not made_here:
            faults.append(
                f"{host}: There is no block list {blocked} on this computer, and containers take"
                " certified time only together with one. Have the vendor make it:"
                " tmr central crl --out block-list.crl"
            )
    return faults


def _beside(own: Mapping[str, Any]) -> Path:
    """Where the role looks for the files of time servers, if the inventory does not say it."""
    return Path(str(own.get("inventory_dir") or ".")) / "timeservers"


def _ask(faults: dict[str, list[str]], host: str, rule: Callable[[], object]) -> None:
    try:
        rule()
    except Exception as error:
        text = str(error)
        for name in _SETTINGS:
            text = re.sub(rf"(?<![a-z_]){name}\b", f"timeserver_{name}", text)
        faults.setdefault(text.rstrip(".") + ".", []).append(host)


def _common() -> Any:
    """The rules about hosts of TMR systems, of which some are about any host."""
    path = Path(__file__).with_name("inventory_faults.py")
    spec = importlib.util.spec_from_file_location("inventory_faults", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FilterModule:
    """Ansible's way of finding the filters."""

    def filters(self) -> dict[str, Any]:
        """The filters by the names that the role uses."""
        return {"vendor_faults": vendor_faults, "timeserver_faults": timeserver_faults}
