"""Leases and status as API documents, from the state and what this host sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from appliance.codec import api
from appliance.codec.health_documents import OverReservedDocument, PutBackDocument
from appliance.codec.reports import Report
from appliance.details import Detail
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.peers import FOLLOWING, Peer, Relay
from appliance.ledger.leader.serving import TIME_FRESH_S
from appliance.ledger.log.book import Book
from appliance.ledger.membership.founding_anew import known_by
from appliance.licences.access.applying import over_by_now
from appliance.licences.commands import Borrowed, Holder, LeaseRef
from appliance.licences.offers import Charge
from appliance.licences.records import NOTHING_KNOWN, OPEN, Lease, lease_of
from appliance.licences.roles import RANK
from appliance.licences.state import State
from appliance.services.restore_intent import ledger_document
from appliance.services.tmr.reports import Reports
from appliance.services.tmr.twin import TwinStatus
from appliance.services.vip_protocol import VipState

PAGE_ROWS: Final = 2_000
PAGE_ROWS_MAX: Final = 5_000
STATION_SHOWN_BYTES: Final = 4
"""Of a station's id, for people."""
PAGE_BYTES: Final = 256 << 10
"""Held in memory until its reader has it, so it is small; whoever wants more asks for the next."""

_encoder = msgspec.json.Encoder()


Named = Callable[[Holder], api.HolderDocument]


def lease(state: State, lease: Lease, age_s: float | None, named: Named) -> api.LeaseDocument:
    """One lease; `age_s` counts from its last heartbeat, `named` knows its holder's names."""
    lines = [_line(state, charge) for charge in lease.lines]
    return api.LeaseDocument(
        client=lease.ref.client,
        lease_id=lease.ref.lease_id,
        generation=lease.generation,
        firm_code=lease.key.firm_code,
        product_code=lease.key.product_code,
        tmr_id=lease.key.tmr_id,
        holder=named(lease.holder),
        granted_at_ms=lease.granted_at_ms,
        units_taken=lease.units_taken,
        heartbeat_age_s=None if age_s is None else round(age_s, 3),
        seats=sum(line.seats for line in lines),
        role=max((line.role for line in lines), key=lambda role: RANK.get(role, -1)),
        lines=tuple(lines) if len(lines) > 1 else (),
        mode=lease.wishes.mode,
        station=lease.station[:STATION_SHOWN_BYTES].hex(),
        units_reserved=sum(one.units for one in lease.reserved if one.used == OPEN),
    )


def loan(state: State, out: Borrowed, named: Named) -> api.LeaseDocument:
    """Seats that are out, as one of the leases."""
    return msgspec.structs.replace(
        lease(state, lease_of(out), None, named),
        station=out.station[:STATION_SHOWN_BYTES].hex(),
        borrowed_until_ms=out.ends_at_ms,
        lost_at_ms=out.lost_at_ms or None,
    )


def _line(state: State, charge: Charge) -> api.LeaseLine:
    key = charge.key
    licence = state.view.get(key)
    role = licence.listed.role if licence is not None else ""
    return api.LeaseLine(
        product_code=key.product_code, tmr_id=key.tmr_id, seats=charge.seats, role=role
    )


def leases_page(
    state: State,
    leases: Iterable[Lease | Borrowed],
    after: int,
    limit: int,
    age_s: Callable[[LeaseRef], float | None],
    named: Named,
) -> bytes:
    """A `LeasesDocument` as JSON: at most `limit` leases of a generation above `after`, in order,
    and no more than `PAGE_BYTES` (one lease may be 8 KiB, and a client takes 4 MiB)."""
    later = [one for one in leases if one.generation > after]
    later.sort(key=lambda one: one.generation)  # almost in order already, so this is quick
    rows: list[msgspec.Raw] = []
    size = 0
    for found in later[:limit]:
        if isinstance(found, Borrowed):
            row = _encoder.encode(loan(state, found, named))
        else:
            row = _encoder.encode(lease(state, found, age_s(found.ref), named))
        size += len(row) + 1
        if rows and size > PAGE_BYTES:
            break
        rows.append(msgspec.Raw(row))
    page: dict[str, object] = {"leases": rows}
    if len(rows) < len(later):
        page["next"] = later[len(rows) - 1].generation
    return _encoder.encode(page)


def term(term: Term | None) -> api.TermDocument | None:
    """A term as a document."""
    if term is None:
        return None
    return api.TermDocument(counter=term.counter, host=term.host, nonce=term.nonce)


def upstreams(
    coordinator: Coordinator,
    now_s: float,
    serials: Mapping[str, str],
    reports: Reports,
    times: Mapping[str, api.ContainerTimes],
) -> tuple[api.UpstreamStatus, ...]:
    """Each upstream as this host sees it, and as it said itself."""
    block_list = coordinator.book.state.block_list
    reachable = coordinator.reachable(now_s)
    commit_index = coordinator.book.commit_index
    said = {peer.name: reports.of(peer.name) or (Report(), None) for peer in coordinator.peers}
    return tuple(
        api.UpstreamStatus(
            name=peer.name,
            reachable=peer.name in reachable,
            phase=peer.phase if coordinator.term else "",
            last_index=peer.last_index,
            lag=max(0, commit_index - peer.last_index),
            last_heard_s=round(now_s - peer.heard_at_s, 3) if peer.heard_at_s > 0 else None,
            serial=serials.get(peer.name, ""),
            system_time_ms=(
                peer.time.system_time_ms
                if peer.time is not None and now_s - peer.time_at_s <= TIME_FRESH_S
                else None
            ),
            locked=report.locked or block_list.reason_for(serials.get(peer.name, "")),
            health=report.health,
            times=times.get(peer.name),
            time_servers=report.time_servers,
            damage=report.damage or Detail.of(peer.damaged),
            report_age_s=age_s,
            store=peer.store.hex() if coordinator.serving else "",
            votes=_votes(coordinator, peer),
            catching_up=_catching_up(peer.relay),
            failure=None if peer.name in reachable else Detail.of(reports.failure(peer.name)),
            refuses=Detail.of(peer.refuses) if peer.phase != FOLLOWING else None,
            put_back=_put_back(coordinator, peer),
            shut=report.shut,
            elsewhere=_elsewhere(coordinator.book.state, serials.get(peer.name, "")),
        )
        for peer in coordinator.peers
        for report, age_s in (said[peer.name],)
    )


ELSEWHERE_SHOWN_MS: Final = 7 * 86_400_000
"""How long it is shown that a container was seen elsewhere, in log time."""


def _elsewhere(state: State, serial: str) -> tuple[str, ...]:
    """By what it was seen in the last week that a container is somewhere else."""
    bound = state.bindings.get(serial)
    if bound is None or not bound.elsewhere_at_ms:
        return ()
    recently = state.log_time_ms - bound.elsewhere_at_ms < ELSEWHERE_SHOWN_MS
    return tuple(bound.elsewhere.split(", ")) if recently else ()


def _put_back(coordinator: Coordinator, peer: Peer) -> PutBackDocument | None:
    """What proves that this store's disk was put back, None if nothing does."""
    found = coordinator.put_back.get(peer.store)
    if found is None:
        return None
    return PutBackDocument(signed_index=found.signed_index, known_by=found.known_by)


def _catching_up(relay: Relay | None) -> Detail | None:
    """How far the snapshot has come that an upstream gets, None if it gets none."""
    if relay is None:
        return None
    if not relay.chunks:
        return Detail("snapshot-begins", {"done": relay.done})
    return Detail("snapshot-comes", {"done": relay.done, "chunks": relay.chunks})


def _votes(coordinator: Coordinator, peer: Peer) -> bool | None:
    """Whether the store that answers there votes; None where that is not known."""
    membership = coordinator.book.state.membership
    if not (coordinator.serving and peer.store and membership.voters):
        return None
    return membership.member(peer.store) is not None


def tmr_host(
    name: str,
    report: TwinStatus | None,
    virtual_ip: str,
    reports: Reports,
    vip: VipState | None = None,
) -> api.HostStatus:
    """A TMR host by its own report; None if it gives none."""
    said, age_s = reports.of(name) or (Report(), None)
    if report is None:
        return api.HostStatus(
            name=name,
            role="unreachable",
            holds_address=False,
            health=said.health,
            report_age_s=age_s,
        )
    role = "maintenance" if report.maintenance else "active" if report.serving else "passive"
    return api.HostStatus(
        name=name,
        role=role,
        holds_address=bool(virtual_ip) and report.has_address,
        vrrp=vip.vrrp if vip else "",
        hears_twin=vip.twin_heard if vip else None,
        version=report.version,
        health=said.health,
        report_age_s=age_s,
        reached=report.reached,
        stranger=vip.stranger if vip else None,
    )


OVER_SHOWN: Final = 5
"""More products of which too many seats are reserved are told as one."""


def over_reserved(state: State) -> tuple[OverReservedDocument, ...]:
    """The products of which the access rules reserve more seats than there are; of many only the
    one that lacks most."""
    found = [
        OverReservedDocument(
            firm_code=over.product[0],
            product_code=over.product[1],
            reserved=over.reserved,
            quantity=over.quantity,
        )
        for over in over_by_now(state)
    ]
    if len(found) <= OVER_SHOWN:
        return tuple(found)
    worst = max(found, key=lambda one: one.reserved - one.quantity)
    return (msgspec.structs.replace(worst, others=len(found) - 1),)


def ledgers(book: Book) -> tuple[api.LedgerDocument | None, api.LedgerDocument | None]:
    """`ledger` and `before` of a status."""
    known = known_by(book)
    before = book.before if book.before.ledger_id != known.ledger_id else NOTHING_KNOWN
    return ledger_document(known), ledger_document(before)
