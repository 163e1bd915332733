"""Who asks, judged anew for each request: by certificate, or by token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from appliance.adapters.pki.authority import Identity
from appliance.services.certificates import Certificates
from appliance.services.http_connection import PROVE, Scope
from appliance.services.tmr.dismissing import CertificatesSeen
from appliance.services.tmr.identity import Caller, TokenBook, caller, rank_of
from appliance.services.tmr.problems import Refusal

PEER: Final = "peer"
"""Key of the TLS identity in the connection's ASGI state."""


class Callers:
    """Judges those who ask; which certificates came is kept in `seen`."""

    def __init__(
        self, certificates: Certificates, seen: CertificatesSeen, tokens: TokenBook
    ) -> None:
        self._certificates = certificates
        self._seen = seen
        self._tokens = tokens

    def who(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller:
        """From whom a request comes. Raises Refusal."""
        state = scope.get("state", {})
        identity: Identity | None = state.get(PEER)
        if identity is not None and (wrong := self._certificates.why_not(identity)):
            raise Refusal("unauthenticated", wrong)
        if identity is not None:
            self._seen.note(identity)
        who = caller(identity, headers.get(b"authorization", b""), self._tokens)
        prove = state.get(PROVE)
        if prove is not None:  # nobody knew until now whose connection this is
            no_place = prove(who.client, rank_of(who.role))
            if no_place:
                raise Refusal("overloaded", no_place)
        return who

    def is_welcome(self, scope: Scope) -> bool:
        """Whether who began this request might still do so."""
        try:
            self.who(scope, dict(scope["headers"]))
        except Refusal:
            return False
        return True
