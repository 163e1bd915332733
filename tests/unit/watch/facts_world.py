"""A system in which nothing is wrong, and ways to make something so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from appliance.codec.api import (
    ConstituentDocument,
    HostHealth,
    HostStatus,
    LicenceDocument,
    LicencesDocument,
    StatusDocument,
    TermDocument,
    UpstreamStatus,
)
from appliance.codec.health_documents import ArchiveStatus
from appliance.watch.facts import CertificateFacts, Facts, LocalFacts, Margins, UnitFacts

NOW_MS = 1_800_000_000_000
NOW_S = NOW_MS // 1000
DAY_S = 86_400
GIB = 1 << 30
UPSTREAMS = ("up1", "up2", "up3")
TMRS = ("tmr1", "tmr2")


def health(**changes: Any) -> HostHealth:
    values: dict[str, Any] = {
        "version": "1.0",
        "started_at_ms": 1,
        "disk_free_bytes": 50 * GIB,
        "disk_total_bytes": 100 * GIB,
        "certificate_expires_at_s": NOW_S + 300 * DAY_S,
        "clock_synchronised": True,
    }
    return HostHealth(**(values | changes))


def upstream(name: str, **changes: Any) -> UpstreamStatus:
    values: dict[str, Any] = {
        "name": name,
        "reachable": True,
        "phase": "following",
        "last_index": 9,
        "lag": 0,
        "last_heard_s": 0.1,
        "serial": f"130-{name}",
        "system_time_ms": NOW_MS,
        "health": health(),
        "report_age_s": 1.0,
    }
    return UpstreamStatus(**(values | changes))


def tmr_host(name: str, **changes: Any) -> HostStatus:
    active = name == "tmr1"
    values: dict[str, Any] = {
        "name": name,
        "role": "active" if active else "passive",
        "holds_address": active,
        "vrrp": "master" if active else "backup",
        "hears_twin": not active,
        "version": "1.0",
        "health": health(),
        "report_age_s": 0.5,
    }
    return HostStatus(**(values | changes))


def status(host: str = "tmr1", **changes: Any) -> StatusDocument:
    """A TMR host's own document: of its twin it knows neither VRRP nor adverts."""
    rows = tuple(
        tmr_host(name) if name == host else tmr_host(name, vrrp="", hears_twin=None)
        for name in TMRS
    )
    values: dict[str, Any] = {
        "host": host,
        "verdict": "serving",
        "reason": "all three upstreams answer",
        "phase": "serving",
        "term": TermDocument(counter=3, host="tmr1", nonce=1) if host == "tmr1" else None,
        "virtual_ip": "10.77.0.100",
        "virtual_serial": "131-1",
        "ledger_id": "aa",
        "commit_index": 9,
        "log_time_ms": NOW_MS,
        "leases": 0,
        "upstreams": tuple(map(upstream, UPSTREAMS)),
        "tmr_hosts": rows,
    }
    return StatusDocument(**(values | changes))


def licence(**changes: Any) -> LicenceDocument:
    values: dict[str, Any] = {
        "firm_code": 100001,
        "firm_name": "Acme",
        "product_code": 10,
        "tmr_id": 4,
        "text": "CAD",
        "quantity": 5,
        "in_use": 1,
        "available": True,
        "constituents": tuple(
            ConstituentDocument(host=name, serial=f"130-{name}", twin=twin, state="ok")
            for twin, name in enumerate(UPSTREAMS, 1)
        ),
    }
    return LicenceDocument(**(values | changes))


def twin_states(*states: str) -> tuple[ConstituentDocument, ...]:
    return tuple(
        ConstituentDocument(host=name, serial="", twin=twin, state=state)
        for twin, (name, state) in enumerate(zip(UPSTREAMS, states, strict=True), 1)
    )


def local(**changes: Any) -> LocalFacts:
    values: dict[str, Any] = {
        "host": "tmr1",
        "role": "tmr",
        "certificate": certificate(),
        "wanted_names": ("tmr1", "10.77.0.100"),
        "units": (
            UnitFacts("tmr-server.service", "active", "enabled"),
            UnitFacts("keepalived.service", "inactive", "masked"),
        ),
        "disk_free_bytes": 50 * GIB,
        "disk_total_bytes": 100 * GIB,
        "clock_synchronised": True,
    }
    return LocalFacts(**(values | changes))


def certificate(**changes: Any) -> CertificateFacts:
    values: dict[str, Any] = {
        "path": "/etc/tmr/tls/cert.pem",
        "name": "tmr1",
        "role": "tmr",
        "names": ("tmr1", "10.77.0.21", "10.77.0.100"),
        "expires_at_s": NOW_S + 300 * DAY_S,
        "key_fits": True,
    }
    return CertificateFacts(**(values | changes))


def facts(*statuses: StatusDocument, **changes: Any) -> Facts:
    values: dict[str, Any] = {
        "now_ms": NOW_MS,
        "statuses": statuses or (status("tmr1"), status("tmr2")),
        "licences": LicencesDocument(virtual_serial="131-1", licences=(licence(),)),
        "local": local(),
    }
    return Facts(**(values | changes))


def seen_with(*upstreams: UpstreamStatus, **changes: Any) -> Facts:
    """Both TMR hosts see these upstreams in the place of the sound ones of their names."""
    instead = {one.name: one for one in upstreams}
    shown = tuple(instead.get(name, upstream(name)) for name in UPSTREAMS)
    return facts(*(status(host, upstreams=shown, **changes) for host in TMRS))


def hosts_as(*rows: HostStatus, **changes: Any) -> Facts:
    """Each TMR host that has a row here says this of itself, and the other hears it."""
    instead = {row.name: row for row in rows}
    shown = tuple(instead.get(name, tmr_host(name)) for name in TMRS)
    return facts(
        *(
            msgspec.structs.replace(status(host), tmr_hosts=shown, **changes)
            for host in TMRS
            if instead.get(host) is None or instead[host].role != "unreachable"
        )
    )


def unit(name: str, active: str = "active", enabled: str = "enabled", restarts: int = 0) -> Facts:
    return facts(local=local(units=(UnitFacts(name, active, enabled, restarts),)))


def early(known: Facts, **margins) -> Facts:
    """Facts for somebody who wants to be told earlier."""
    return replace(known, margins=Margins(**margins))


def archive_of(size_mib: int, days: float) -> ArchiveStatus:
    """An archive of this size and age that may have 4096 MiB and is to hold 400 days."""
    return ArchiveStatus(
        size_bytes=size_mib << 20, size_bytes_max=4096 << 20, days=days, days_wanted=400.0
    )
