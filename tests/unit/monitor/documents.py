"""Status documents for tests of the monitor, in few words."""

from __future__ import annotations

import msgspec

from appliance.codec import api
from appliance.codec.api_queue import QueueDocument, QueueItem, QueuePlace
from appliance.details import Detail
from appliance.usage.figures import UsageRow
from monitor_gui.model.store import Store
from monitor_gui.model.updates import (
    LeasesHeard,
    LicencesHeard,
    Opened,
    StatusHeard,
    StatusMissed,
)

ENDPOINTS = ("tmr1:7200", "tmr2:7200")
NOW_MS = 1_800_000_000_000
SERIALS = {"up1": "130-1", "up2": "130-2", "up3": "130-3"}


def upstream(
    name: str, reachable: bool = True, lag: int = 0, heard_s: float = 0.1, time_ms: int | None = 0
) -> api.UpstreamStatus:
    """One upstream; `time_ms` is an offset from a fixed moment, None for not known."""
    return api.UpstreamStatus(
        name=name,
        reachable=reachable,
        phase="following",
        last_index=100 - lag,
        lag=lag,
        last_heard_s=heard_s,
        serial=SERIALS[name],
        system_time_ms=None if time_ms is None else NOW_MS + time_ms,
        report_age_s=1.0,
    )


def health(**more: object) -> api.HostHealth:
    """A host in good health, but for what is given."""
    values: dict[str, object] = {
        "version": "0.1.0",
        "started_at_ms": NOW_MS - 86_400_000,
        "disk_free_bytes": 40 << 30,
        "disk_total_bytes": 64 << 30,
        "certificate_expires_at_s": NOW_MS // 1000 + 300 * 86_400,
        "clock_synchronised": True,
    }
    return msgspec.convert(values | more, api.HostHealth)


def reported(
    found: api.UpstreamStatus,
    locked: str = "",
    server_states: tuple[str, ...] = ("good", "good"),
    **more: object,
) -> api.UpstreamStatus:
    """An upstream with its own report; `more` goes to its health."""
    system_ms = found.system_time_ms if found.system_time_ms is not None else NOW_MS
    return msgspec.structs.replace(
        found,
        locked=locked,
        health=health(**more),
        times=api.ContainerTimes(
            box_ms=NOW_MS - 40_000,
            system_ms=system_ms,
            certified_ms=NOW_MS - 7_200_000,
            box_age_s=40.0,
            certified_age_s=7_200.0,
            offset_ms=system_ms - NOW_MS,
        ),
        time_servers=tuple(
            api.TimeServerStatus(
                url=f"https://time-{number}.example",
                state=state,
                detail=None if state == "good" else Detail.of("no answer within 5 s"),
                answered_at_ms=NOW_MS - 7_200_000,
            )
            for number, state in enumerate(server_states, 1)
        ),
    )


def with_reports(document: api.StatusDocument, **each: dict[str, object]) -> api.StatusDocument:
    """A status in which every host reports; `each` says by name what is odd about one."""
    rows = tuple(reported(row, **each.get(row.name, {})) for row in document.upstreams)  # type: ignore[arg-type]
    hosts = tuple(
        msgspec.structs.replace(row, health=health(**each.get(row.name, {})))
        for row in document.tmr_hosts
    )
    times = api.ContainerTimes(
        box_ms=NOW_MS - 40_000,
        system_ms=NOW_MS,
        certified_ms=NOW_MS - 7_200_000,
        box_age_s=40.0,
        certified_age_s=7_200.0,
    )
    return msgspec.structs.replace(document, upstreams=rows, tmr_hosts=hosts, virtual_times=times)


def with_report_in(store: Store, **each: dict[str, object]) -> Store:
    """The store, with every host's report in all answers it holds."""
    for endpoint in store.endpoints.values():
        if endpoint.document is not None:
            endpoint.document = with_reports(endpoint.document, **each)
    return store


def host(name: str, role: str, address: bool = False) -> api.HostStatus:
    """One TMR host's row."""
    return api.HostStatus(
        name=name,
        role=role,
        holds_address=address,
        vrrp="master" if address else "backup",
        version="0.1.0",
        report_age_s=1.0,
    )


def status(
    of: str = "tmr1",
    active: str = "tmr1",
    term: int = 1,
    twin: str = "passive",
    lost: tuple[str, ...] = (),
    times_ms: dict[str, int] | None = None,
    own: str = "",
) -> api.StatusDocument:
    """What host `of` says while `active` serves; `twin` is the other row's role."""
    other = "tmr2" if of == "tmr1" else "tmr1"
    own_role = own or ("active" if of == active else "passive")
    other_role = "active" if other == active else twin
    offsets = times_ms or {}
    return api.StatusDocument(
        host=of,
        verdict="serving",
        reason="",
        phase="serving" if of == active else "passive",
        term=api.TermDocument(counter=term, host=of, nonce=1) if of == active else None,
        virtual_ip="10.77.0.100",
        virtual_serial="131-9",
        ledger_id="ab",
        commit_index=100,
        log_time_ms=NOW_MS,
        leases=2,
        upstreams=tuple(
            upstream(
                name,
                name not in lost,
                heard_s=240.0 if name in lost else 0.1,
                time_ms=offsets.get(name, 0),
            )
            for name in SERIALS
        ),
        tmr_hosts=(host(of, own_role, of == active), host(other, other_role, other == active)),
        missing=lost,
    )


def licence(
    product: int = 10,
    states: tuple[str, ...] = ("ok", "ok", "ok"),
    in_use: int = 1,
    quantity: int = 3,
    text: str = "Drafter",
) -> api.LicenceDocument:
    """One licence; fewer than three states leave the later twins out."""
    return api.LicenceDocument(
        firm_code=100,
        firm_name="Acme",
        product_code=product,
        tmr_id=1,
        text=text,
        quantity=quantity,
        in_use=in_use,
        available=states.count("ok") >= 2,
        constituents=tuple(
            api.ConstituentDocument(
                host=f"up{twin}",
                serial=f"130-{twin}",
                twin=twin,
                state=state,
                differs_in=("quantity",) if state == "differs" else (),
            )
            for twin, state in enumerate(states, 1)
        ),
    )


def lease(number: int = 1, user: str = "aiko") -> api.LeaseDocument:
    """One lease."""
    return api.LeaseDocument(
        client=f"cert:ws-{number}",
        lease_id=f"lease-{number}",
        generation=number,
        firm_code=100,
        product_code=10,
        tmr_id=1,
        holder=api.HolderDocument(user=user, host=f"ws-{number}", pid=number, application="cad"),
        granted_at_ms=NOW_MS + number,
        units_taken=0,
        heartbeat_age_s=1.5,
    )


def place(
    number: int = 1,
    product: int = 10,
    waited_s: float = 30.0,
    held_s: float | None = None,
    more: tuple[int, ...] = (),
    **fields: object,
) -> QueuePlace:
    """One who waits for a seat of a product, and of `more` products of the firm."""
    found = QueuePlace(
        client=f"cert:ws-{number}",
        lease_id=f"wait-{number}",
        place=number,
        firm_code=100,
        items=tuple(QueueItem(product_code=code, seats=1) for code in (product, *more)),
        holder=api.HolderDocument(user="ben", host=f"ws-{number}", pid=number, application="cad"),
        position=0 if held_s is not None else number,
        of=9,
        waited_s=waited_s,
        held_s=held_s,
    )
    return msgspec.structs.replace(found, **fields)


def queue_of(*places: QueuePlace) -> QueueDocument:
    """Those who wait."""
    return QueueDocument(places=places, overtakes_max=3, hold_s=60)


def usage_row(start_ms: int, product: str = "100:10", peak: int = 3, **more: object) -> UsageRow:
    """A line of a usage report; without a product it is of all."""
    values: dict[str, object] = {name: 0 for name in UsageRow.__struct_fields__}
    values |= {"start_ms": start_ms, "period": "", "of": {"product": product} if product else {}}
    values |= {"in_use_peak": peak, "in_use_avg": peak / 2, "why": {}} | more
    return msgspec.convert(values, UsageRow)


def opened(role: str = "operate", faults: tuple[str, ...] = ()) -> Opened:
    """A connection to a system with two TMR hosts."""
    return Opened("plant", ENDPOINTS, "olga", role, "directly", faults)


def filled(
    at_s: float = 100.0,
    active: str = "tmr1",
    licences: tuple[api.LicenceDocument, ...] | None = None,
    leases: int = 2,
    **more: object,
) -> Store:
    """A store that heard both hosts at `at_s`; `more` goes to both status documents."""
    store = Store()
    store.apply(opened())
    for endpoint, name in zip(ENDPOINTS, ("tmr1", "tmr2"), strict=True):
        document = status(name, active, **more)  # type: ignore[arg-type]
        store.apply(StatusHeard(endpoint, at_s, document))
    rows = (licence(),) if licences is None else licences
    store.apply(LicencesHeard(at_s, api.LicencesDocument(virtual_serial="131-9", licences=rows)))
    found = tuple(lease(number) for number in range(1, leases + 1))
    store.apply(LeasesHeard(at_s, api.LeasesDocument(leases=found)))
    return store


def missed(store: Store, name: str, at_s: float, trouble: str = "it does not answer") -> None:
    """That host missed an answer."""
    number = 0 if name == "tmr1" else 1
    store.apply(StatusMissed(ENDPOINTS[number], at_s, trouble))
