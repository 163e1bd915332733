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
)
from appliance.watch.thresholds import RESTARTS_MAX, certificate_trouble, disk_trouble

# Debian's own service of that name would fight with ours for the address.
_FOREIGN_UNIT: Final = "keepalived.service"


def settings(facts: Facts) -> Iterator[Finding]:
    """Settings that a service could not start with."""
    local = facts.local
    if local is None:
        return
    for number, fault in enumerate(local.faults, 1):
        yield Finding(
            cause=f"settings/{local.host}/{number}",
            severity=CRITICAL,
            what=fault,
            remedy="Put it right in the inventory and run playbooks/site.yml again.",
        )
    if local.store_missing:
        yield Finding(
            cause=f"store-missing/{local.host}",
            severity=CRITICAL,
            what=f"The store of {local.host} is not there, though its service has run.",
            remedy="Look for it first; `tmr upstream init` makes an empty one, which has to be "
            "admitted: see docs/deployment.md on replacing a host.",
        )


def units(facts: Facts) -> Iterator[Finding]:
    """Services that do not run, keep failing, or would not come back after a reboot."""
    local = facts.local
    if local is None:
        return
    for unit in local.units:
        if unit.name == _FOREIGN_UNIT:
            if unit.active == "active":
                yield Finding(
                    cause=f"unit-foreign/{local.host}/{unit.name}",
                    severity=CRITICAL,
                    what=f"Debian's own {unit.name} runs on {local.host} beside tmr-vip.service.",
                    remedy=f"Stop it for good: `systemctl mask --now {unit.name}`.",
                )
        elif unit.active not in ("active", "reloading", "activating"):
            yield Finding(
                cause=f"unit-down/{local.host}/{unit.name}",
                severity=CRITICAL,
                what=f"{unit.name} does not run on {local.host} ({unit.active or 'unknown'}).",
                remedy=f"Read `journalctl -u {unit.name}`, then `systemctl start {unit.name}`.",
            )
        elif unit.enabled not in ("enabled", "enabled-runtime", "static"):
            yield Finding(
                cause=f"unit-disabled/{local.host}/{unit.name}",
                severity=WARNING,
                what=f"{unit.name} would not start with {local.host} ({unit.enabled}).",
                remedy=f"`systemctl enable {unit.name}`.",
            )
        elif unit.restarts > RESTARTS_MAX:
            yield Finding(
                cause=f"unit-restarts/{local.host}/{unit.name}",
                severity=WARNING,
                what=f"{unit.name} was restarted {unit.restarts} times on {local.host}.",
                remedy=f"Read `journalctl -u {unit.name} -p warning` for why it ends.",
            )


def certificate(facts: Facts) -> Iterator[Finding]:
    """A certificate that does not belong here, or ends soon."""
    local = facts.local
    if local is None or local.certificate is None:
        return
    held = local.certificate
    trouble = held.trouble or _misfit(held, local)
    if trouble:
        yield Finding(
            cause=f"certificate-misfit/{local.host}",
            severity=CRITICAL,
            what=f"The certificate {held.path} cannot serve {local.host}: {trouble}.",
            remedy="Issue it anew: `ansible-playbook playbooks/site.yml --tags pki`.",
        )
    else:
        yield from certificate_trouble(local.host, held.expires_at_s - facts.now_ms / 1000)


def _misfit(held: CertificateFacts, local: LocalFacts) -> str:
    """Why a certificate that can be read is not this host's, "" if it is."""
    if not held.issued_by_ours:
        return "the authority in ca.pem did not issue it"
    if (held.name, held.role) != (local.host, local.role):
        return f"it is for {held.name} in the role {held.role}"
    if held.key_fits is False:
        return "the key beside it is another one's"
    missing = [name for name in local.wanted_names if name not in held.names]
    return f"it does not name {', '.join(missing)}" if missing else ""


def resources(facts: Facts) -> Iterator[Finding]:
    """This host's disk, which it may not be able to tell over the network."""
    local = facts.local
    if local is None:
        return
    yield from disk_trouble(local.host, local.disk_free_bytes, local.disk_total_bytes)


LOCAL_CHECKS: Final[tuple[Callable[[Facts], Iterable[Finding]], ...]] = (
    settings,
    units,
    certificate,
    resources,
)
