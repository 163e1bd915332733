"""TLS of a client: who we are, whom we believe, and sessions resumed per server.

asyncio gives no way to pass a TLS session, but it makes every TLS object by its context's
`wrap_bio` with the server's name, so the context below puts the newest session of that name in
there. A server that does not know the session (another host behind the same address) makes a full
handshake.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.client.errors import ProfileError
from appliance.sentences import Sentence

_SESSIONS_MAX = 16


class ResumingContext(ssl.SSLContext):
    """A client context that offers the newest session it was told of for each server name."""

    racers = 0
    """How many clients that share this context try TCP on several sockets at once."""
    _sessions: dict[str, ssl.SSLSession]

    @property
    def targets(self) -> dict[Any, list[Any]]:
        """What each server's name stood for when it was last resolved."""
        known: dict[Any, list[Any]] = self.__dict__.setdefault("_targets", {})
        return known

    def keep_targets(self, server: object, targets: list[Any]) -> None:
        """Remember what this name stands for."""
        self.targets.pop(server, None)
        self.targets[server] = targets
        if len(self.targets) > _SESSIONS_MAX:
            del self.targets[next(iter(self.targets))]

    def remember(self, server: str, session: ssl.SSLSession | None) -> None:
        """Offer `session` in the next handshake with `server`."""
        sessions = self._known()
        if session is None or not session.has_ticket:
            return
        sessions.pop(server, None)
        sessions[server] = session
        if len(sessions) > _SESSIONS_MAX:
            del sessions[next(iter(sessions))]

    def _known(self) -> dict[str, ssl.SSLSession]:
        known: dict[str, ssl.SSLSession] = self.__dict__.setdefault("_sessions", {})
        return known

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As in `ssl.SSLContext`, with a remembered session where none is given."""
        if session is None and isinstance(server_hostname, str):
            session = self._known().get(server_hostname)
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


@dataclass(frozen=True, slots=True)
class ClientTls:
    """Who the client is and which CA it believes.

    `ca` is a PEM file. Either `certificate` and `key` are PEM files, or `token` is the bearer token
    that an administrator enrolled; with neither, only what needs no identity can be called.
    """

    ca: Path
    certificate: Path | None = None
    key: Path | None = None
    token: str = ""

    def context(self) -> ResumingContext:
        """A context that verifies the server's certificate and name. Raises ProfileError."""
        context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_verify_locations(cafile=str(self.ca))
        except (OSError, ssl.SSLError) as error:
            raise ProfileError(
                Sentence(
                    "the CA file {path} cannot be read ({why}); name a PEM file",
                    path=self.ca,
                    why=error,
                )
            ) from error
        if self.certificate is not None:
            try:
                context.load_cert_chain(str(self.certificate), self.key and str(self.key))
            except (OSError, ssl.SSLError) as error:
                raise ProfileError(
                    Sentence(
                        "the client certificate {path} or its key {key} cannot be used ({why}); "
                        "name "
                        "a PEM certificate and its unencrypted key",
                        path=self.certificate,
                        key=self.key,
                        why=error,
                    )
                ) from error
        return context
