"""What a client sees of the status and the licences: who serves, and whether its licence is there.

How hosts, disks and containers are is the operators' business: a client has no use for it, and who
stole a client's certificate would.
"""

from __future__ import annotations

from msgspec.structs import replace

from appliance.codec import api


def status(whole: api.StatusDocument, leases: int) -> api.StatusDocument:
    """The status without what only operators see; `leases` are the client's own."""
    hosts = tuple(
        api.HostStatus(name=host.name, role=host.role, holds_address=host.holds_address)
        for host in whole.tmr_hosts
    )
    return api.StatusDocument(
        host=whole.host,
        verdict=whole.verdict,
        reason=_reason(whole),
        phase=whole.phase,
        term=whole.term,
        virtual_ip=whole.virtual_ip,
        virtual_serial=whole.virtual_serial,
        ledger_id=whole.ledger_id,
        commit_index=whole.commit_index,
        log_time_ms=whole.log_time_ms,
        leases=leases,
        upstreams=(),
        tmr_hosts=hosts,
        missing=whole.missing,
    )


def _reason(whole: api.StatusDocument) -> str:
    """The verdict's reason, without what is wrong with one host."""
    active = next((host.name for host in whole.tmr_hosts if host.role == "active"), "")
    if whole.missing:
        return f"{', '.join(whole.missing)} does not answer"
    return f"{active} serves" if active else "no TMR host is known to serve"


def licence(whole: api.LicenceDocument) -> api.LicenceDocument:
    """A licence, without the containers that hold it."""
    return replace(whole, constituents=())
