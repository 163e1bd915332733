"""Calls of `AsyncClient` that only operators make, and that end in the ledger with who and why."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from appliance.client.calls import Calls
from appliance.client.wire import segment
from appliance.codec.api import AcceptLossRequest, DoneDocument
from appliance.codec.api_access import (
    AccessAppliedDocument,
    AccessDocument,
    AccessExplained,
    ApplyAccessRequest,
    NamedRules,
    UndoAccessRequest,
)
from appliance.codec.api_certificates import CertificatesDocument, DismissRequest, LimitRequest
from appliance.codec.api_groups import (
    ActivateRequest,
    GroupFileDocument,
    GroupFileRequest,
    GroupReceiptRequest,
    ImportedDocument,
    ImportRequest,
)
from appliance.codec.api_names import EraseNameRequest, NameErasedDocument
from appliance.codec.api_queue import QueueDocument, SetQueueRequest
from appliance.codec.api_rules import RaiseRulesRequest, RulesDocument
from appliance.codec.api_units import RefundRequest, TakingsDocument
from appliance.codec.api_usage import RecordDocument, UsageDocument, UsageNamesDocument
from appliance.codec.ticket_codes import Chosen

ACTIVATE_S: Final = 90.0
"""How long an activation or an import is waited for: three containers and a vendor take part."""


class OperatorCalls(Calls):
    """The base of a client that asks an installation."""

    async def certificates(self) -> CertificatesDocument:
        """Which certificates were dismissed, and which the active host has seen, as an operator."""
        return await self.call("GET", "/v1/certificates", CertificatesDocument)

    async def dismiss_certificate(
        self, serial: str, why: str, *, name: str = "", role: str = "", ends_at_s: int = 0
    ) -> DoneDocument:
        """Take back the certificate with this serial number, as an administrator."""
        request = DismissRequest(why=why, name=name, role=role, ends_at_s=ends_at_s)
        path = f"/v1/certificates/{segment(serial)}/dismiss"
        return await self.call("POST", path, DoneDocument, request)

    async def limit_seats(
        self, firm_code: int, product_code: int, seats: int, why: str
    ) -> DoneDocument:
        """Let each client hold so many seats of a product (0: all), as an administrator."""
        request = LimitRequest(firm_code=firm_code, product_code=product_code, seats=seats, why=why)
        return await self.call("POST", "/v1/limit", DoneDocument, request)

    async def queue(
        self, firm_code: int = 0, product_code: int = 0, *, after: int = 0
    ) -> QueueDocument:
        """The page after that place of who waits for seats: of a firm, of a product, or of all. A
        client sees its own places, an operator all."""
        asked = {"firm_code": firm_code, "product_code": product_code, "after": after}
        query = urlencode({name: value for name, value in asked.items() if value})
        path = f"/v1/queue?{query}" if query else "/v1/queue"
        return await self.call("GET", path, QueueDocument)

    async def set_queue(self, overtakes_max: int, hold_s: int, why: str) -> DoneDocument:
        """Let who waits be overtaken so often at most, and hold offered seats for so many seconds,
        as an administrator."""
        body = SetQueueRequest(overtakes_max=overtakes_max, hold_s=hold_s, why=why)
        return await self.call("POST", "/v1/queue", DoneDocument, body)

    async def access(self, version: int = 0) -> AccessDocument:
        """The access rules in force, or those of a version before, as an operator."""
        path = f"/v1/access?version={version}" if version else "/v1/access"
        return await self.call("GET", path, AccessDocument)

    async def apply_access(
        self, rules: NamedRules, base: int, why: str, *, end_leases: bool = False
    ) -> AccessAppliedDocument:
        """Put access rules in force in the place of version `base`, as an administrator."""
        body = ApplyAccessRequest(base=base, rules=rules, why=why, end_leases=end_leases)
        return await self.call("POST", "/v1/access", AccessAppliedDocument, body)

    async def undo_access(self, base: int, why: str, to: int = 0) -> AccessAppliedDocument:
        """Put the access rules of version `to` (0: those before) in force again in the place of
        version `base`, as an administrator."""
        body = UndoAccessRequest(base=base, why=why, to=to)
        return await self.call("POST", "/v1/access/undo", AccessAppliedDocument, body)

    async def explain_access(
        self,
        firm_code: int,
        product_code: int,
        *,
        client: str = "",
        user: str = "",
        host: str = "",
        address: str = "",
        seats: int = 1,
    ) -> AccessExplained:
        """What a check-out by somebody would be told now, and why, as an operator."""
        asked = {"client": client, "user": user, "host": host, "address": address}
        query = urlencode(
            {"firm_code": firm_code, "product_code": product_code, "seats": seats}
            | {name: value for name, value in asked.items() if value}
        )
        return await self.call("GET", f"/v1/access/explain?{query}", AccessExplained)

    async def erase_name(self, name: str, why: str) -> NameErasedDocument:
        """Have a name forgotten by all hosts, as an administrator."""
        request = EraseNameRequest(name=name, why=why)
        return await self.call("POST", "/v1/names/erase", NameErasedDocument, request)

    async def usage(
        self,
        *by: str,
        from_ms: int = 0,
        to_ms: int = 0,
        pseudonymous: bool = False,
    ) -> UsageDocument:
        """A usage report from `from_ms` to before `to_ms` (log time, Unix ms; 0: no end), cut by
        hour, day or month and by product, user, host, group or client, as an operator.

        A record that is too long for it is refused; `tmr usage report` reads any.
        """
        query = urlencode(
            {"from_ms": from_ms, "to_ms": to_ms, "by": ",".join(by)}
            | ({"pseudonymous": 1} if pseudonymous else {})
        )
        return await self.call("GET", f"/v1/usage?{query}", UsageDocument)

    async def usage_record(self, first: int, upstream: str = "") -> RecordDocument:
        """A page of the usage record from entry `first` on, as an operator; of that upstream, or
        of the one that is furthest ahead and has some of it."""
        query = {"first": first} | ({"upstream": upstream} if upstream else {})
        return await self.call("GET", f"/v1/usage/record?{urlencode(query)}", RecordDocument)

    async def usage_names(self, after: int = 0) -> UsageNamesDocument:
        """A page of the names that stand for tags in the usage record, as an operator."""
        return await self.call("GET", f"/v1/usage/names?after={after}", UsageNamesDocument)

    async def accept_loss(self, why: str) -> DoneDocument:
        """Take note that the ledger was put back, as an operator."""
        body = AcceptLossRequest(why=why)
        return await self.call("POST", "/v1/accept-loss", DoneDocument, body)

    async def takings(self, after: int = 0) -> TakingsDocument:
        """The page after that number of the last requests that took units, as an operator."""
        path = f"/v1/units?after={after}" if after else "/v1/units"
        return await self.call("GET", path, TakingsDocument)

    async def refund(self, taking: int, units: int, why: str) -> DoneDocument:
        """Give units of one request back, as an operator, where their vendor allows it."""
        body = RefundRequest(taking=taking, units=units, why=why)
        return await self.call("POST", "/v1/units/refund", DoneDocument, body)

    async def activate(
        self, ticket: str, chosen: Chosen = (), firm_code: int = 0
    ) -> ImportedDocument:
        """Show a vendor's ticket (lines of it, each with how much the group is to have; none: all)
        for all three containers, as an operator; of this firm, if there are several vendors."""
        body = ActivateRequest(ticket=ticket, chosen=chosen, firm_code=firm_code)
        path = "/v1/group/activate"
        return await self.call("POST", path, ImportedDocument, body, deadline_s=ACTIVATE_S)

    async def group_request(
        self, firm_code: int, *, ticket: str = "", chosen: Chosen = (), order: str = ""
    ) -> GroupFileDocument:
        """A file that asks this firm for all three containers, as an operator."""
        body = GroupFileRequest(firm_code=firm_code, ticket=ticket, chosen=chosen, order=order)
        return await self.call("POST", "/v1/group/request", GroupFileDocument, body)

    async def group_import(self, file: str) -> ImportedDocument:
        """Give each container its part of a vendor's answer, as an operator."""
        body = ImportRequest(file=file)
        path = "/v1/group/import"
        return await self.call("POST", path, ImportedDocument, body, deadline_s=ACTIVATE_S)

    async def group_receipt(self, firm_code: int) -> GroupFileDocument:
        """A file that confirms what was imported of this firm, as an operator."""
        body = GroupReceiptRequest(firm_code=firm_code)
        return await self.call("POST", "/v1/group/receipt", GroupFileDocument, body)

    async def rules(self) -> RulesDocument:
        """Which rules are in force, and which each host knows, as an operator."""
        return await self.call("GET", "/v1/rules", RulesDocument)

    async def raise_rules(self, why: str, version: int = 0) -> DoneDocument:
        """Put these rules in force (0: the newest that all hosts know), as an administrator."""
        return await self.call(
            "POST", "/v1/rules", DoneDocument, RaiseRulesRequest(why=why, version=version)
        )
