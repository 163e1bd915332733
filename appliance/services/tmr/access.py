"""Access rules: shown, put in force, had back, and explained (docs/access.md).

Names become tags here, and the rules are read from no document: whoever wrote one read it. What can
go wrong in here is an explanation that says other than the machine would: so it asks the same
judgement, behind a fence.
"""

from __future__ import annotations

from typing import Final

from appliance.codec.access.explaining import explained
from appliance.codec.access.naming import document_of, form_of, names_in
from appliance.codec.access.subjects import subject_of
from appliance.codec.api_access import (
    AccessAppliedDocument,
    AccessDocument,
    AccessExplained,
    AccessVersion,
    ApplyAccessRequest,
    UndoAccessRequest,
)
from appliance.details import detail
from appliance.licences.access.applying import Over, over_by_now
from appliance.licences.access.form import NO_RULES, AccessRules, why_not
from appliance.licences.access.judging import holder_of, why_denied
from appliance.licences.commands import Release, SetAccess
from appliance.licences.records import Lease
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal

ACCESS_BYTES_MAX: Final = 2 << 20
"""The body of a request that brings rules: a document of a megabyte, as JSON."""
ENDED_AT_ONCE: Final = 200
"""Leases that one request ends."""


class AccessRoutes:
    """The routes of one TMR host."""

    def __init__(self, host: TmrHost, operations: Operations) -> None:
        self._host = host
        self._operations = operations

    async def show(self, caller: Caller, version: int) -> AccessDocument:
        """GET /v1/access."""
        await self._host.orders.fence()
        state = self._host.state
        in_force = state.access_version
        version = version or in_force
        found = state.access.get(version)
        if version and found is None:
            raise Refusal("not-found", detail("access-forgotten", version=version))
        rules = NO_RULES if found is None else found.rules
        return AccessDocument(
            version=version,
            in_force=in_force,
            rules=document_of(rules, self._host.names.whole),
            versions=tuple(
                AccessVersion(
                    version=one.version,
                    rules=one.rules.rules,
                    who=one.who,
                    why=one.why,
                    at_ms=one.at_ms,
                    index=one.index,
                )
                for _, one in sorted(state.access.items(), reverse=True)
            ),
            alarms=tuple(map(_in_words, over_by_now(state))),
        )

    async def apply(self, caller: Caller, request: ApplyAccessRequest) -> AccessAppliedDocument:
        """POST /v1/access."""
        need_reason(request.why)
        await self._host.orders.fence()
        names = self._host.names
        try:
            used = names_in(request.rules)
            if used and not names.tag(next(iter(used))):
                raise Refusal("unknown-repeat", detail("names-key-missing"))
            form = form_of(request.rules, names.tag)
        except ValueError as error:
            raise Refusal("bad-request", str(error)) from None
        wrong = why_not(form)
        if wrong:
            raise Refusal("bad-request", wrong)
        if request.base == self._host.state.access_version:
            names.use_all(used)
        return await self._put(caller, form, request.base, request.why, request.end_leases)

    async def undo(self, caller: Caller, request: UndoAccessRequest) -> AccessAppliedDocument:
        """POST /v1/access/undo. Where there were no rules before, there are none after."""
        need_reason(request.why)
        await self._host.orders.fence()
        state = self._host.state
        to = request.to or request.base - 1
        found = state.access.get(to)
        if found is None and (to or request.to):
            raise Refusal("not-found", detail("access-forgotten", version=to))
        form = NO_RULES if found is None else found.rules
        return await self._put(caller, form, request.base, request.why, end_leases=False)

    async def _put(
        self, caller: Caller, form: AccessRules, base: int, why: str, end_leases: bool
    ) -> AccessAppliedDocument:
        done = await self._operations.order(SetAccess(base, form, caller.client, why))
        denied = self._denied() if end_leases else []
        for lease in denied[:ENDED_AT_ONCE]:
            try:
                await self._operations.order(
                    Release(lease.ref, lease.generation, caller.client, why)
                )
            except Refusal as refusal:
                if refusal.reason not in ("lease-ended", "lease-unknown"):
                    raise
        return AccessAppliedDocument(
            index=done.index,
            version=self._host.state.access_version,
            detail=done.detail,
            ended=len(denied[:ENDED_AT_ONCE]),
            left=len(denied[ENDED_AT_ONCE:]),
        )

    def _denied(self) -> list[Lease]:
        """The active leases whose holders the rules in force deny, the oldest first."""
        state = self._host.state
        found = [
            lease
            for lease in state.active_leases()
            if why_denied(
                state,
                lease.key.firm_code,
                (charge.key.product_code for charge in lease.lines),
                holder_of(lease),
            )
        ]
        return sorted(found, key=lambda lease: lease.generation)

    async def explain(
        self,
        caller: Caller,
        firm_code: int,
        product_code: int,
        client: str,
        user: str,
        host: str,
        address: str,
        seats: int,
    ) -> AccessExplained:
        """GET /v1/access/explain."""
        await self._host.orders.fence()
        names = self._host.names
        try:
            network = subject_of(f"address:{address}").network if address else None
            known = subject_of(client).name if client else "cert:"
        except ValueError as error:
            raise Refusal("bad-request", str(error)) from None
        return explained(
            self._host.state,
            (firm_code, product_code),
            (known, names.tag(user), names.tag(host), network.prefix if network else b""),
            seats,
            names.whole,
        )


def _in_words(over: Over) -> str:
    firm_code, product_code = over.product
    return (
        f"{over.reserved} seats of {firm_code}:{product_code} are reserved, and there are"
        f" {over.quantity}: earlier lines come first"
    )
