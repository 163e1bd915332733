"""What the checks judge: facts that somebody collected, and what they find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.codec.api import HostHealth, HostStatus, LicencesDocument, StatusDocument
from appliance.codec.health_documents import Finding, Value
from appliance.details import Detail, codes_in
from appliance.licences.members import ALONE, STORES, majority
from appliance.watch.problems import CRITICAL, NOTICE, PROBLEMS, SEVERITIES, WARNING
from appliance.watch.thresholds import (
    CERTIFICATE_WARN_S,
    DISK_WARN_SHARE,
    LAG_ENTRIES_MAX,
    LICENCE_NOTICE_S,
    UNITS_LOW_SHARE,
)

__all__ = ["CRITICAL", "NOTICE", "SEVERITIES", "WARNING", "Facts", "Finding", "Value", "found"]


def found(
    code: str,
    severity: str,
    subject: str = "",
    case: str = "",
    why: Detail | None = None,
    /,
    **values: Value,
) -> Finding:
    """One thing that is wrong (see `Finding`). Raises ValueError for a code, a case of it or a
    level that `problems` does not list."""
    problem = PROBLEMS.get(code)
    if problem is None or severity not in problem.levels or case not in problem.cases:
        raise ValueError(f"{code} is never {severity} {case}: see appliance.watch.problems")
    return Finding(code=code, severity=severity, case=case, subject=subject, values=values, why=why)


@dataclass(frozen=True, slots=True)
class Margins:
    """From when on a notice is given; None: never. A monitor may want to be told earlier, never
    later: warnings have bounds of their own (`thresholds`)."""

    licence_s: float = LICENCE_NOTICE_S
    certificate_s: float = CERTIFICATE_WARN_S
    certified_age_s: float | None = None
    seats_free: int | None = None
    units_left_share: float = UNITS_LOW_SHARE
    disk_free_share: float = DISK_WARN_SHARE
    lag_entries: int = LAG_ENTRIES_MAX


_TURNED_AWAY: Final = frozenset(
    (
        "tls-early",
        "tls-over",
        "tls-unaccepted",
        "tls-client-over",
        "tls-client-refused",
        "no-http",
        "unauthenticated",
        "forbidden",
    )
)
"""Codes of details (`appliance.client.causes`), and reasons of a server's refusal."""


@dataclass(frozen=True, slots=True)
class Silent:
    """An address at which no TMR host answered, and why."""

    address: str
    why: str

    @property
    def is_there(self) -> bool:
        """Whether a host is there and turned us away, or we it: then neither its power nor the
        network is at fault, and the reason says itself what to do."""
        return not _TURNED_AWAY.isdisjoint(codes_in(self.why))


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a host's certificate says and whether it belongs here; `trouble` if it is unusable."""

    path: str
    trouble: str = ""
    name: str = ""
    role: str = ""
    names: tuple[str, ...] = ()
    expires_at_s: int = 0
    issued_by_ours: bool = True
    key_fits: bool | None = None


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A systemd unit as `systemctl show` tells of it."""

    name: str
    active: str
    enabled: str
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class LocalFacts:
    """This host by itself. `role` is "upstream" or "tmr"; `faults` says which settings cannot be
    used, in sentences; `wanted_names` have to stand in its certificate."""

    host: str
    role: str
    faults: tuple[str, ...] = ()
    certificate: CertificateFacts | None = None
    wanted_names: tuple[str, ...] = ()
    units: tuple[UnitFacts, ...] = ()
    disk_free_bytes: int | None = None
    disk_total_bytes: int | None = None
    clock_synchronised: bool | None = None
    store_missing: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known at one moment. `statuses` holds each answering TMR host's own document;
    with `asked` False nobody was asked, and there are only facts about this host. `now_ms` is this
    computer's clock, which is judged, too, if it is `own_clock`."""

    now_ms: int
    statuses: tuple[StatusDocument, ...] = ()
    silent: tuple[Silent, ...] = ()
    licences: LicencesDocument | None = None
    local: LocalFacts | None = None
    asked: bool = True
    own_clock: bool = True
    margins: Margins = Margins()

    @property
    def is_alone(self) -> bool:
        """Whether this is a server on one host."""
        return self.leading is not None and len(self.leading.upstreams) == ALONE

    @property
    def needed(self) -> int:
        """How many upstreams it takes: two of three, or the one."""
        return majority(ALONE if self.is_alone else STORES)

    @property
    def leading(self) -> StatusDocument | None:
        """The document to go by: the active host's own, of two such that of the later term."""
        return max(self.statuses, key=_weight, default=None)

    @property
    def tmr_hosts(self) -> tuple[HostStatus, ...]:
        """Each TMR host by its own word, else by its twin's."""
        leading = self.leading
        if leading is None:
            return ()
        own = {status.host: own_row(status) for status in self.statuses}
        return tuple(own.get(row.name) or row for row in leading.tmr_hosts)

    @property
    def serves(self) -> bool:
        """Whether a TMR host serves, by its own word or its twin's."""
        return any(row.role == "active" for row in self.tmr_hosts)


def healths(facts: Facts) -> Iterator[tuple[str, HostHealth]]:
    """Every host that answers and told how it is."""
    for row in facts.tmr_hosts:
        if row.health is not None and row.role != "unreachable":
            yield row.name, row.health
    if facts.leading is not None:
        for one in facts.leading.upstreams:
            if one.health is not None and one.reachable:
                yield one.name, one.health


def is_short(status: StatusDocument) -> bool:
    """Whether it is what a client is told (StatusDocument): of no upstream, and little of hosts."""
    return not status.upstreams


def own_row(status: StatusDocument) -> HostStatus | None:
    """What the host that wrote this says of itself."""
    return next((row for row in status.tmr_hosts if row.name == status.host), None)


def _weight(status: StatusDocument) -> tuple[bool, bool, int]:
    row = own_row(status)
    counter = status.term.counter if status.term is not None else 0
    return row is not None and row.role == "active", status.verdict != "down", counter
