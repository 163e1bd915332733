"""Having a name forgotten, for operators (docs/names.md)."""

from __future__ import annotations

from typing import Final

from appliance.codec.api_names import EraseNameRequest, NameErasedDocument
from appliance.details import detail
from appliance.licences.bounds import NAME_MAX
from appliance.licences.commands import EraseName
from appliance.licences.names import short
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal

TELLING_LENGTH: Final = 3
"""Shorter names stand in many words."""


class Erasing:
    """The route that has a name forgotten."""

    def __init__(self, host: TmrHost, operations: Operations) -> None:
        self._host = host
        self._operations = operations

    async def erase(self, caller: Caller, request: EraseNameRequest) -> NameErasedDocument:
        """POST /v1/names/erase."""
        need_reason(request.why)
        name = request.name
        if not 0 < len(name) <= NAME_MAX:
            raise Refusal("bad-request", detail("name-length", most=NAME_MAX))
        if len(name) >= TELLING_LENGTH and name.casefold() in request.why.casefold():
            raise Refusal(
                "bad-request",
                detail("name-in-reason"),
            )
        await self._host.orders.fence()
        tag = self._host.names.tag(name)
        if not tag:
            raise Refusal("unknown-repeat", detail("names-key-missing"))
        done = await self._operations.order(EraseName(tag, caller.client, request.why))
        leases = sum(
            tag in (lease.holder.user, lease.holder.host, lease.holder.application)
            for lease in self._host.state.active_leases()
        )
        return NameErasedDocument(index=done.index, tag=short(tag), leases=leases)
