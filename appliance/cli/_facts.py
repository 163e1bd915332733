"""Collects the facts: from the TMR hosts over the client API, and from the host it runs on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from appliance.adapters import clock
from appliance.adapters.health import clock_synchronised, disk_bytes
from appliance.adapters.host_facts import read_certificate, units
from appliance.adapters.pki.authority import IdentityFiles
from appliance.client import AsyncClient, CallTiming, ClientError, OutcomeUnknown
from appliance.client.tls import ClientTls
from appliance.codec.api import LicencesDocument, StatusDocument
from appliance.errors import UserError
from appliance.sentences import within
from appliance.services import vip_config
from appliance.services.settings import TmrSettings, UpstreamSettings, load_tmr, load_upstream
from appliance.watch.facts import CertificateFacts, Facts, LocalFacts, Silent, UnitFacts

SETTINGS_DIRECTORY: Final = Path("/etc/tmr")
UPSTREAM_UNITS: Final = ("tmr-upstream.service", "tmr-firewall.service")
TMR_UNITS: Final = (
    "tmr-server.service",
    "tmr-vip.service",
    "tmr-firewall.service",
    "keepalived.service",
)

Address = tuple[str, int]


async def ask(addresses: Sequence[Address], tls: ClientTls, within_s: float) -> Facts:
    """What all TMR hosts say, each asked at once for at most so long, and all licences.

    Raises ProfileError if the TLS files cannot be used.
    """
    answers = await asyncio.gather(*(_status(one, tls, within_s) for one in addresses))
    statuses = {answer.host: answer for answer in answers if isinstance(answer, StatusDocument)}
    facts = Facts(
        now_ms=clock.wall_ms(),
        statuses=tuple(statuses.values()),
        silent=tuple(answer for answer in answers if isinstance(answer, Silent)),
    )
    leading = facts.leading
    if leading is None:
        return facts
    at = next(
        address
        for address, answer in zip(addresses, answers, strict=True)
        if isinstance(answer, StatusDocument) and answer.host == leading.host
    )
    licences = await _licences(at, tls, within_s)
    return Facts(facts.now_ms, facts.statuses, facts.silent, licences)


def _client(address: Address, tls: ClientTls, within_s: float) -> AsyncClient:
    return AsyncClient((address,), tls, timing=CallTiming(deadline_s=within_s))


async def _status(address: Address, tls: ClientTls, within_s: float) -> StatusDocument | Silent:
    try:
        async with _client(address, tls, within_s) as client:
            return await client.status(within_s)
    except ClientError as error:
        why = error.last if isinstance(error, OutcomeUnknown) else error.sentence
        return Silent(f"{address[0]}:{address[1]}", within(why))


async def _licences(address: Address, tls: ClientTls, within_s: float) -> LicencesDocument | None:
    try:
        async with _client(address, tls, within_s) as client:
            return await client.licences(all=True)
    except ClientError:  # A host that does not serve has no list to give; that is found elsewhere.
        return None


# --- this host ---


def local_facts(directory: Path = SETTINGS_DIRECTORY) -> LocalFacts | None:
    """What this host knows of itself; None if no role is deployed here. Blocks on the disk."""
    for name, role in (("upstream.toml", "upstream"), ("tmr.toml", "tmr")):
        path = directory / name
        if path.exists():
            return _upstream(path) if role == "upstream" else _tmr(path)
    return None


def _upstream(path: Path) -> LocalFacts:
    try:
        settings = load_upstream(path)
    except UserError as error:
        return _unusable("upstream", UPSTREAM_UNITS, [error.sentence])
    total, free = disk_bytes(settings.store.parent)
    return LocalFacts(
        host=settings.name,
        role="upstream",
        certificate=_certificate(path, settings),
        wanted_names=(settings.name,),
        units=_units(UPSTREAM_UNITS),
        disk_free_bytes=free,
        disk_total_bytes=total,
        clock_synchronised=clock_synchronised(),
        store_missing=settings.store.parent.is_dir() and not settings.store.exists(),
    )


def _tmr(path: Path) -> LocalFacts:
    faults = []
    try:
        settings = load_tmr(path)
    except UserError as error:
        return _unusable("tmr", TMR_UNITS, [error.sentence])
    if settings.virtual_ip:
        try:
            vip_config.load(path.with_name("vip.toml"))
        except UserError as error:
            faults.append(error.sentence)
    total, free = disk_bytes(path.parent)
    return LocalFacts(
        host=settings.name,
        role="tmr",
        faults=tuple(faults),
        certificate=_certificate(path, settings),
        wanted_names=tuple(filter(None, (settings.name, settings.virtual_ip))),
        units=_units(TMR_UNITS),
        disk_free_bytes=free,
        disk_total_bytes=total,
        clock_synchronised=clock_synchronised(),
    )


def _unusable(role: str, names: Sequence[str], faults: list[str]) -> LocalFacts:
    """A host whose settings do not even say its name."""
    return LocalFacts(host="this host", role=role, faults=tuple(faults), units=_units(names))


def _units(names: Sequence[str]) -> tuple[UnitFacts, ...]:
    return tuple(UnitFacts(*unit) for unit in units(names))


def _certificate(path: Path, settings: UpstreamSettings | TmrSettings) -> CertificateFacts:
    """The certificate that the settings name, or the original of what systemd hands out."""
    files = settings.tls.files
    if not files.cert.exists():
        files = IdentityFiles.of(path.parent / "tls")
    return CertificateFacts(str(files.cert), *read_certificate(files))
