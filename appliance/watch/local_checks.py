"""The checks of one host by itself: its settings, units, certificate, disk and clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.watch.facts import (
    CRITICAL,
    WARNING,
    CertificateFacts,
    Facts,
    Finding,
    LocalFacts,
    Value,
    found,
)
from appliance.watch.shared_checks import certificate_trouble, disk_trouble
from appliance.watch.thresholds import RESTARTS_MAX

# Debian's own service of that name would fight with ours for the address.
_FOREIGN_UNIT: Final = "keepalived.service"


def settings(facts: Facts) -> Iterator[Finding]:
    """Settings that a service could not start with."""
    local = facts.local
    if local is None:
        return
    for number, fault in enumerate(local.faults, 1):
        yield found("settings", CRITICAL, f"{local.host}/{number}", fault=fault.removesuffix("."))
    if local.store_missing:
        yield found("store-missing", CRITICAL, local.host, host=local.host)


def units(facts: Facts) -> Iterator[Finding]:
    """Services that do not run, keep failing, or would not come back after a reboot."""
    local = facts.local
    if local is None:
        return
    host = local.host
    for unit in local.units:
        name = unit.name
        subject = f"{host}/{name}"
        if name == _FOREIGN_UNIT:
            if unit.active == "active":
                yield found("unit-foreign", CRITICAL, subject, unit=name, host=host)
        elif unit.active not in ("active", "reloading", "activating"):
            yield found("unit-down", CRITICAL, subject, unit=name, host=host, state=unit.active)
        elif unit.enabled not in ("enabled", "enabled-runtime", "static"):
            yield found("unit-disabled", WARNING, subject, unit=name, host=host, state=unit.enabled)
        elif unit.restarts > RESTARTS_MAX:
            yield found(
                "unit-restarts", WARNING, subject, unit=name, host=host, count=unit.restarts
            )


def certificate(facts: Facts) -> Iterator[Finding]:
    """A certificate that does not belong here, or ends soon."""
    local = facts.local
    if local is None or local.certificate is None:
        return
    misfit = _misfit(local.certificate, local)
    if misfit is None:
        yield from certificate_trouble(facts, local.host, local.certificate.expires_at_s)
        return
    case, values = misfit
    known: dict[str, Value] = {"path": local.certificate.path, "host": local.host}
    yield found("certificate-misfit", CRITICAL, local.host, case, **known, **values)


def _misfit(held: CertificateFacts, local: LocalFacts) -> tuple[str, dict[str, Value]] | None:
    """Why a certificate is not this host's, as a case with its values; None if it is."""
    missing = tuple(name for name in local.wanted_names if name not in held.names)
    if held.trouble:
        return "", {"why": held.trouble}
    if not held.issued_by_ours:
        return "authority", {}
    if (held.name, held.role) != (local.host, local.role):
        return "another", {"name": held.name, "role": held.role}
    if held.key_fits is False:
        return "key", {}
    return ("names", {"names": missing}) if missing else None


def resources(facts: Facts) -> Iterator[Finding]:
    """This host's disk, which it may not be able to tell over the network."""
    local = facts.local
    if local is None:
        return
    yield from disk_trouble(facts, local.host, local.disk_free_bytes, local.disk_total_bytes)


LOCAL_CHECKS: Final[tuple[Callable[[Facts], Iterable[Finding]], ...]] = (
    settings,
    units,
    certificate,
    resources,
)
