"""Certificates that an administrator takes back, and limits of a client's seats.

Which certificates are in use nobody knows for certain, since TLS needs no list. So this host
remembers the last SEEN_MAX that came, by serial number, for whoever wants to dismiss one by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from appliance.codec.api_certificates import (
    CertificateDocument,
    CertificatesDocument,
    DismissRequest,
    LimitDocument,
    LimitRequest,
)
from appliance.details import detail
from appliance.licences.commands import Dismiss, Limit
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal
from appliance.text import plain

SEEN_MAX: Final = 2_000


class Seen:
    """The certificates that came to this host since it started; the oldest are forgotten."""

    def __init__(self) -> None:
        self._seen: dict[str, Identity] = {}

    def note(self, identity: Identity) -> None:
        """A connection showed this certificate."""
        if not identity.serial:
            return
        self._seen.pop(identity.serial, None)
        self._seen[identity.serial] = identity
        if len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]

    def __iter__(self) -> Iterator[Identity]:
        return iter(self._seen.values())


class Dismissing:
    """The routes of one TMR host; `own_certificate` is the serial number of the one that it serves
    with, `seen` what came."""

    def __init__(
        self, host: TmrHost, operations: Operations, seen: Seen, own_certificate: str
    ) -> None:
        self._host = host
        self._operations = operations
        self._seen = seen
        self._own_certificate = own_certificate

    async def listed(self, caller: Caller) -> CertificatesDocument:
        """GET /v1/certificates."""
        await self._host.orders.fence()
        state = self._host.state
        dismissed = tuple(
            CertificateDocument(
                serial=serial,
                name=what.name,
                role=what.role,
                ends_at_s=what.ends_at_s,
                who=what.who,
                why=what.why,
                at_ms=what.at_ms,
            )
            for serial, what in sorted(state.dismissed.items(), key=lambda row: row[1].at_ms)
        )
        seen = tuple(
            CertificateDocument(
                serial=one.serial, name=one.name, role=one.role, ends_at_s=one.ends_at_s
            )
            for one in self._seen
            if one.serial not in state.dismissed
        )
        limits = tuple(
            LimitDocument(firm_code=firm_code, product_code=product_code, seats=seats)
            for (firm_code, product_code), seats in sorted(state.quotas.items())
        )
        return CertificatesDocument(dismissed=dismissed, seen=seen, limits=limits)

    async def dismiss(
        self, caller: Caller, serial: str, request: DismissRequest
    ) -> api.DoneDocument:
        """POST /v1/certificates/{serial}/dismiss."""
        need_reason(request.why)
        if serial == self._own_certificate:
            raise Refusal(
                "not-dismissed",
                detail("dismiss-serving", host=self._host.name),
            )
        return await self._operations.order(
            Dismiss(
                serial,
                plain(request.name),
                plain(request.role),
                request.ends_at_s,
                caller.serial,
                caller.client,
                request.why,
            )
        )

    async def limit(self, caller: Caller, request: LimitRequest) -> api.DoneDocument:
        """POST /v1/limit."""
        need_reason(request.why)
        return await self._operations.order(
            Limit(
                request.firm_code, request.product_code, request.seats, caller.client, request.why
            )
        )
