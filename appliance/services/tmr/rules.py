"""Which rules are in force and who knows newer ones, and raising them (docs/rules.md)."""

from __future__ import annotations

from appliance.codec import api
from appliance.codec.api_rules import HostRules, RaiseRulesRequest, RulesDocument
from appliance.licences.commands import RaiseRules
from appliance.licences.raising import supported_by, voter_supports
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations, need_reason


class Rules:
    """The routes of one TMR host."""

    def __init__(self, host: TmrHost, operations: Operations) -> None:
        self._host = host
        self._operations = operations

    async def rules(self, caller: Caller) -> RulesDocument:
        """GET /v1/rules."""
        await self._host.orders.fence()
        return self._document()

    async def raise_rules(self, caller: Caller, request: RaiseRulesRequest) -> api.DoneDocument:
        """POST /v1/rules. Refused with the names of the hosts that do not know them."""
        need_reason(request.why)
        await self._host.orders.fence()
        version = request.version or self._next()
        hosts = self._host.standing.tmr_hosts
        return await self._operations.order(RaiseRules(version, hosts, caller.client, request.why))

    def _next(self) -> int:
        """The newest that all know; if that is in force, the newest that anybody knows, so that
        the refusal says who is missing."""
        document = self._document()
        if document.common > document.in_force:
            return document.common
        return max(document.in_force, *(host.supports for host in document.hosts))

    def _document(self) -> RulesDocument:
        state = self._host.state
        supports = {
            voter.place: ("upstream", voter_supports(state, voter))
            for voter in state.membership.voters
        } | {
            name: ("tmr", supported_by(state.supports, name))
            for name in self._host.standing.tmr_hosts
        }
        reports = {name: self._host.reports.of(name) for name in supports}
        said = {name: report[0].health for name, report in reports.items() if report is not None}
        hosts = tuple(
            HostRules(
                name=name,
                role=role,
                supports=version,
                release=health.version if health is not None else "",
                knows=health.rules if health is not None else None,
            )
            for name, (role, version) in sorted(supports.items())
            for health in (said.get(name),)
        )
        newest = max(host.supports for host in hosts)
        common = min(host.supports for host in hosts)
        waits = [host.name for host in hosts if host.supports < newest and newest > state.rules]
        return RulesDocument(
            in_force=state.rules,
            common=max(common, state.rules),
            hosts=hosts,
            waits_for=tuple(waits) if common <= state.rules else (),
        )
