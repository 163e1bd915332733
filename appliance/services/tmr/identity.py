"""Who asks: by TLS certificate of the deployment's own authority, or by an enrolled token.

A certificate's role says what its holder may do; a token makes a client. Role `view` looks, and
does nothing else: it holds no seat. What can go wrong in here:
a host's certificate passing for a client's, so that a stolen one could check out: only the roles
below are let in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from appliance.adapters.doors.doorkeeper import Rank
from appliance.adapters.pki.authority import Identity
from appliance.details import detail
from appliance.services.tmr.problems import Refusal

CLIENT, VIEW, OPERATE, ADMINISTER = "client", "view", "operate", "administer"
SEAT = "seat"
"""No role of a certificate: what a route needs that takes or keeps a seat."""
CALLERS_KEPT: Final = 4_096
_RANK: Final = {CLIENT: 0, VIEW: 1, OPERATE: 2, ADMINISTER: 3}


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller; `client` is its name in the ledger: "cert:NAME" or "token:NAME".
    `serial` is its certificate's serial number, "" for a token."""

    client: str
    role: str
    serial: str = ""

    @property
    def is_operator(self) -> bool:
        """Whether it may see everything."""
        return _RANK[self.role] >= _RANK[VIEW]

    def need(self, role: str) -> None:
        """Raise Refusal unless the caller's role is `role` or higher; a SEAT is for every role but
        VIEW, which only looks."""
        if role == SEAT:
            if self.role == VIEW:
                raise Refusal("forbidden", detail("role-only-looks"))
        elif _RANK[self.role] < _RANK[role]:
            raise Refusal("forbidden", detail("role-missing", role=role))


class TokenBook:
    """Enrolled tokens by hash; rebuilt when the ledger's table of clients changes."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}

    def renew(self, clients: Mapping[str, bytes]) -> None:
        """Take over the ledger's table: client name -> SHA-256 of its token."""
        self._names = {token_hash: name for name, token_hash in clients.items()}

    def name(self, token: str) -> str | None:
        """The client that this token proves."""
        return self._names.get(sha256(token.encode()).digest())


def is_client(identity: Identity) -> bool:
    """Whether a certificate of this role may speak to the client API at all."""
    return identity.role in _RANK


def client_of(identity: Identity) -> str:
    """How the ledger calls the holder of this certificate."""
    return f"cert:{identity.name}"


def rank_of(role: str) -> Rank:
    """Whose places among the connections a caller of this role may take."""
    return Rank.OPERATOR if _RANK[role] >= _RANK[VIEW] else Rank.CLIENT


def caller(identity: Identity | None, authorization: bytes, tokens: TokenBook) -> Caller:
    """Who a request comes from. Raises Refusal: "unauthenticated" or "forbidden"."""
    if authorization:
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        name = tokens.name(token.strip()) if scheme.lower() == "bearer" else None
        if name is None:
            raise Refusal("unauthenticated", detail("token-unknown"))
        return Caller(f"token:{name}", CLIENT)
    if identity is None:
        raise Refusal("unauthenticated", detail("identity-missing"))
    return _holder_of(identity)


@lru_cache(maxsize=CALLERS_KEPT)
def _holder_of(identity: Identity) -> Caller:
    """Whom a certificate stands for; the same for each of its requests. Raises Refusal."""
    if not is_client(identity):
        raise Refusal("forbidden", detail("role-no-client", role=identity.role))
    return Caller(client_of(identity), identity.role, identity.serial)
