"""What the live drawing shows: boxes, lines and their state, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.codec.api import HostStatus, StatusDocument, UpstreamStatus
from monitor_gui.model.ages import is_stale
from monitor_gui.model.clocks import clocks
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import own_row

UP, CUT, UNKNOWN = "up", "cut", "unknown"


@dataclass(frozen=True, slots=True)
class TmrBox:
    """A TMR host: `role` as it says itself if it was heard, else as its twin says. One that is not
    `asked` has no address of its own here, so that its silence means nothing."""

    name: str
    role: str
    holds_address: bool
    term: int
    vrrp: str
    heard_at_s: float | None
    fresh: bool
    asked: bool = True


@dataclass(frozen=True, slots=True)
class UpstreamBox:
    """An upstream with its container, as the best answer has it; `lag` and `last_index` are None of
    one that was never heard."""

    name: str
    serial: str
    reachable: bool
    lag: int | None
    phase: str
    last_index: int | None
    outvoted: bool
    locked: bool = False
    damaged: bool = False
    shut: bool = False
    votes: bool | None = None
    catching_up: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole system. `links` maps (TMR host, upstream) to up, cut or unknown."""

    tmr: tuple[TmrBox, ...] = ()
    upstreams: tuple[UpstreamBox, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    active: str = ""
    virtual_ip: str = ""
    virtual_serial: str = ""
    leases: int = 0
    commit_index: int = 0
    heard_at_s: float | None = None
    stale: bool = True


def picture(store: Store, now_s: float) -> Picture:
    """The picture of what is known now."""
    best = store.best(now_s)
    if best is None or best.document is None:
        return Picture()
    document = best.document
    outvoted = {clock.host for clock in clocks(document) if clock.outvoted}
    active = store.active(now_s)
    boxes = tuple(
        _tmr(store, row, active, now_s)
        for row in sorted(document.tmr_hosts, key=lambda row: row.name)
    )
    return Picture(
        tmr=boxes,
        upstreams=tuple(
            UpstreamBox(
                name=upstream.name,
                serial=upstream.serial,
                reachable=upstream.reachable,
                lag=upstream.lag if _heard(upstream) else None,
                phase=upstream.phase,
                last_index=upstream.last_index if _heard(upstream) else None,
                outvoted=upstream.name in outvoted,
                locked=bool(upstream.locked),
                damaged=bool(upstream.damage),
                shut=bool(upstream.shut),
                votes=upstream.votes,
                catching_up=bool(upstream.catching_up),
            )
            for upstream in document.upstreams
        ),
        links=tuple(
            (box.name, upstream.name, _link(store, box.name, upstream.name, now_s))
            for box in boxes
            for upstream in document.upstreams
        ),
        active=active,
        virtual_ip=document.virtual_ip,
        virtual_serial=document.virtual_serial,
        leases=document.leases,
        commit_index=document.commit_index,
        heard_at_s=best.heard_at_s,
        stale=is_stale(best.heard_at_s, now_s),
    )


def _tmr(store: Store, row: HostStatus, active: str, now_s: float) -> TmrBox:
    endpoint = store.by_host(row.name)
    fresh = (
        endpoint is not None and not endpoint.trouble and not is_stale(endpoint.heard_at_s, now_s)
    )
    term = 0
    if endpoint is not None and endpoint.document is not None and fresh:
        row = own_row(endpoint.document) or row
        term = endpoint.document.term.counter if endpoint.document.term else 0
    # Its word is older than the higher term of the one that serves now.
    deposed = row.role == "active" and row.name != active and active != ""
    return TmrBox(
        name=row.name,
        role="unknown" if deposed else row.role,
        holds_address=row.holds_address and not deposed,
        term=0 if deposed else term,
        vrrp="" if deposed else row.vrrp,
        heard_at_s=endpoint.heard_at_s if endpoint is not None else None,
        fresh=fresh and not deposed,
        asked=_asked(store, row.name),
    )


def _asked(store: Store, host: str) -> bool:
    """Whether an address leads to this host, or one from which nobody has answered yet may."""
    return any(endpoint.host in (host, "") for endpoint in store.endpoints.values())


def _heard(upstream: UpstreamStatus) -> bool:
    return upstream.reachable or upstream.last_heard_s is not None


def _link(store: Store, host: str, upstream: str, now_s: float) -> str:
    """Whether that host reaches that upstream, by its own word and no other."""
    endpoint = store.by_host(host)
    if endpoint is None or endpoint.document is None or endpoint.trouble:
        return UNKNOWN
    if is_stale(endpoint.heard_at_s, now_s):
        return UNKNOWN
    return _reaches(endpoint.document, upstream)


def _reaches(document: StatusDocument, upstream: str) -> str:
    for row in document.upstreams:
        if row.name == upstream:
            return UP if row.reachable else CUT
    return UNKNOWN
