"""Status documents for tests of the monitor, in few words."""

from __future__ import annotations

from appliance.codec import api
from monitor_gui.model.store import Store
from monitor_gui.model.updates import (
    LeasesHeard,
    LicencesHeard,
    Opened,
    StatusHeard,
    StatusMissed,
)

ENDPOINTS = ("tmr1:7200", "tmr2:7200")
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
        system_time_ms=None if time_ms is None else 1_800_000_000_000 + time_ms,
    )


def host(name: str, role: str, address: bool = False) -> api.HostStatus:
    """One TMR host's row."""
    return api.HostStatus(
        name=name,
        role=role,
        holds_address=address,
        vrrp="master" if address else "backup",
        version="0.1.0",
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
        log_time_ms=1_800_000_000_000,
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
        firm_name="Firm",
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
        granted_at_ms=1_800_000_000_000 + number,
        units_taken=0,
        heartbeat_age_s=1.5,
    )


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
