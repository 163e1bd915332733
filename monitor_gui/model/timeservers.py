"""Time servers as the containers found them, and containers that are locked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.codec.api import StatusDocument, TimeServerStatus
from appliance.licences.serials import Mask

GOOD, NEVER, LIAR = "good", "never", "liar"
_GOOD: Final = frozenset({GOOD, "ok"})


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One time server in the words of one container."""

    upstream: str
    serial: str
    reachable: bool
    server: TimeServerStatus

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this row and no other."""
        return self.server.url, self.upstream


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """One container: whether it is locked, and how old its certified time is."""

    upstream: str
    serial: str
    reachable: bool
    locked: str
    certified_age_s: float | None
    kind: str
    """What its serial's mask says, "" if nothing."""
    known: bool
    """Whether the container's own report was heard."""


def server_rows(document: StatusDocument) -> list[ServerRow]:
    """Each time server of each container, by the servers' addresses."""
    rows = [
        ServerRow(upstream.name, upstream.serial, upstream.reachable, server)
        for upstream in document.upstreams
        for server in upstream.time_servers
    ]
    return sorted(rows, key=lambda row: row.key)


def container_rows(document: StatusDocument) -> list[ContainerRow]:
    """The containers, in the order of the upstreams."""
    return [
        ContainerRow(
            upstream.name,
            upstream.serial,
            upstream.reachable,
            upstream.locked,
            upstream.times.certified_age_s if upstream.times is not None else None,
            container_kind(upstream.serial),
            upstream.times is not None or bool(upstream.time_servers) or bool(upstream.locked),
        )
        for upstream in document.upstreams
    ]


def container_kind(serial: str) -> str:
    """The kind of container that a serial names, "" if it is none."""
    mask = serial.partition("-")[0]
    try:
        return Mask(int(mask)).kind if mask.isascii() and mask.isdecimal() else ""
    except ValueError:
        return ""


def failing(document: StatusDocument) -> dict[str, list[str]]:
    """Time servers that failed at a container which answers, each with those containers' upstreams.
    One that was never asked has not failed."""
    found: dict[str, list[str]] = {}
    for row in server_rows(document):
        if row.reachable and row.server.state not in _GOOD and row.server.state != NEVER:
            found.setdefault(row.server.url, []).append(row.upstream)
    return found


def tone(state: str) -> str:
    """How a time server's state should look."""
    if state in _GOOD:
        return "ok"
    if state == NEVER:
        return "unknown"
    return "down" if state == LIAR else "degraded"
