"""What can be looked at: health, status, licences, leases and logs, for whoever asks."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from appliance.codec import api
from appliance.details import detail
from appliance.licences.commands import Borrowed
from appliance.licences.model import LicenceKey
from appliance.licences.records import Lease
from appliance.services.http_connection import in_parts
from appliance.services.tmr import documents, short
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.licence_lists import Wanted, as_it_is, page
from appliance.services.tmr.problems import Refusal


class Views:
    """The routes of one TMR host that only look."""

    def __init__(self, host: TmrHost) -> None:
        self._host = host

    async def health(self) -> api.DoneDocument:
        """GET /healthz. Raises Refusal while this host does not serve."""
        if not self._host.serving:
            lost = len(self._host.overview.status().missing) >= self._host.coordinator.peers.needed
            raise self._host.standing.refusal("quorum-lost" if lost else "not-active")
        return api.DoneDocument(index=self._host.coordinator.book.commit_index)

    async def licences(
        self,
        caller: Caller,
        everything: bool,
        after: LicenceKey | None,
        limit: int,
        firm_code: int,
        product_code: int,
    ) -> Response:
        """GET /v1/licences. Raises Refusal."""
        if self._host.serving:
            await self._host.orders.fence()
        elif not self._host.standing.decision.wanted:
            raise self._host.standing.refusal("not-active")
        wanted = Wanted(everything, after, limit, firm_code, product_code)
        told = as_it_is if caller.is_operator else short.licence
        return _long(page(self._host.state, self._host.overview.containers(), wanted, told))

    async def leases(self, caller: Caller, after: int, limit: int) -> Response:
        """GET /v1/leases."""
        await self._host.orders.fence()
        state, overview = self._host.state, self._host.overview
        whose = None if caller.is_operator else caller.client
        active: tuple[Lease | Borrowed, ...] = (
            *state.active_leases(whose),
            *state.all_borrowed(whose),
        )
        named = self._host.names.document
        age_s = overview.lease_age_s
        return _long(documents.leases_page(state, active, after, limit, age_s, named))

    async def status(self, caller: Caller) -> api.StatusDocument:
        """GET /v1/status."""
        status = self._host.overview.status()
        if caller.is_operator:
            return status
        return short.status(status, self._host.state.held.get(caller.client, 0))

    async def logs(
        self, caller: Caller, hosts: list[str], after: dict[str, int]
    ) -> api.LogsDocument:
        """GET /v1/logs; of all hosts if none is named. Raises Refusal."""
        reports = self._host.reports
        hosts = hosts or list(reports.hosts)
        for name in (*hosts, *after):
            if name not in reports.hosts:
                known = ", ".join(sorted(reports.hosts))
                raise Refusal("bad-request", detail("host-not-known", host=repr(name), known=known))
        return reports.logs(dict.fromkeys(hosts), after)


def _long(document: bytes) -> Response:
    """A long document, written part by part as the peer reads it."""
    length = {"content-length": str(len(document))}
    return StreamingResponse(in_parts(document), media_type="application/json", headers=length)
