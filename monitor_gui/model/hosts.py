"""The five hosts as one list: role, version, and what each says of its own health."""

from __future__ import annotations

from dataclasses import dataclass, replace

from appliance.codec.api import HostHealth, StatusDocument, UpstreamStatus
from appliance.details import Detail
from appliance.watch.thresholds import REPORT_OLD_S

TMR, UPSTREAM = "tmr", "upstream"


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host. `state` is a TMR host's role, for an upstream "up", "unreachable", "damaged" (its
    store is), "shut" (its container is) or "learning" (a new store that does not vote yet);
    `uptime_s` and `certificate_left_s` count from `log time`, which is what the system agrees on.
    `note` says more of a state that is not as usual. `lag` is None where it is not known, as of a
    TMR host; `old_report` says that the host told so long ago how it is that this may have changed.
    """

    name: str
    kind: str
    state: str
    version: str
    lag: int | None
    health: HostHealth | None
    uptime_s: float | None
    certificate_left_s: float | None
    note: Detail | None = None
    old_report: bool = False

    @property
    def disk_free(self) -> float | None:
        """The free part of the disk, 0 to 1."""
        health = self.health
        if health is None or health.disk_free_bytes is None or not health.disk_total_bytes:
            return None
        return health.disk_free_bytes / health.disk_total_bytes


def host_rows(document: StatusDocument) -> list[HostRow]:
    """TMR hosts first, each kind by name."""
    now_s = document.log_time_ms / 1000
    rows = [
        replace(
            _row(x.name, TMR, x.role, x.version, None, x.health, now_s),
            old_report=(x.report_age_s or 0.0) > REPORT_OLD_S,
        )
        for x in sorted(document.tmr_hosts, key=lambda x: x.name)
    ]
    for x in document.upstreams:
        # Of one that was never heard, nobody knows how far it is.
        lag = x.lag if x.reachable or x.last_heard_s is not None else None
        row = _row(x.name, UPSTREAM, _upstream_state(x), "", lag, x.health, now_s)
        note = x.damage or x.shut or x.failure or x.catching_up
        rows.append(replace(row, note=note, old_report=(x.report_age_s or 0.0) > REPORT_OLD_S))
    return rows


def _upstream_state(upstream: UpstreamStatus) -> str:
    if upstream.damage:
        return "damaged"
    if upstream.shut:
        return "shut"
    if not upstream.reachable:
        return "unreachable"
    return "learning" if upstream.votes is False else "up"


def _row(
    name: str,
    kind: str,
    state: str,
    version: str,
    lag: int | None,
    health: HostHealth | None,
    now_s: float,
) -> HostRow:
    if health is None:
        return HostRow(name, kind, state, version, lag, None, None, None)
    expires_s = health.certificate_expires_at_s
    return HostRow(
        name,
        kind,
        state,
        version or health.version,
        lag,
        health,
        max(0.0, now_s - health.started_at_ms / 1000),
        None if expires_s is None else expires_s - now_s,
    )
