"""One TLS connection that carries frames: what both ends of a link have in common.

What can go wrong in here is to deliver from a peer that is not welcome, or after the connection was
given up: so nothing is delivered before `judge`, and `abort` forgets what waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import deque
from typing import Any, Final, Generic, TypeVar, cast

from appliance.adapters.pki.authority import Identity, IdentityRefused, peer_identity
from appliance.adapters.quiet import Quiet, without_numbers
from appliance.codec.frames import FrameReader, FrameRefused, encode_frame
from appliance.details import detail

_KEEPALIVE: Final = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}

M = TypeVar("M")


class Connection(asyncio.Protocol, Generic[M]):
    """The base of both ends; subclasses say who is welcome and what becomes of messages.

    `quiet` is its owner's, since a peer that is refused comes back several times a second.
    """

    def __init__(self, reader: FrameReader[M], unread_bytes_max: int, quiet: Quiet) -> None:
        self._quiet = quiet
        self.transport: asyncio.Transport | None = None
        self.identity = Identity("", "")
        self._reader = reader
        self._unread_bytes_max = unread_bytes_max
        self._undelivered: deque[M] = deque()
        self._paused = False
        self.why = ""
        self.garbled = False
        """Whether it was closed because its peer said what is no message."""

    # --- for the owner of the connection ---

    def send(self, message: Any) -> bool:
        """Hand a message to the connection; False if it is down or its peer does not read.

        So it is if the message cannot be encoded: a number that came from a peer may have led to
        it, and that must cost one message and not the service.
        """
        transport = self.transport
        if transport is None or transport.is_closing():
            return False
        try:
            frame = encode_frame(message)
        except FrameRefused as refused:
            kind = f"message={type(message).__name__} "
            self.tell(logging.ERROR, "a message is not sent:", refused.detail, kind)
            return False
        unread = transport.get_write_buffer_size()
        if unread and unread + len(frame) > self._unread_bytes_max:
            self.abort(detail("link-unread", count=unread))
            return False
        transport.write(frame)
        return True

    def abort(self, why: str) -> None:
        """Close at once: nothing more is delivered from this peer."""
        self.why = self.why or why
        self._undelivered.clear()
        if self.transport is not None:
            self.transport.abort()

    def pause(self) -> None:
        """Deliver nothing until `resume`, and read nothing from the network."""
        if not self._paused:
            self._paused = True
            if self.transport is not None and not self.transport.is_closing():
                self.transport.pause_reading()

    def resume(self) -> None:
        """Deliver what was kept, then read on, unless that ends in another pause."""
        self._paused = False
        self._pump()
        if not self._paused and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    # --- for subclasses ---

    def given_up(self, refusal: str) -> bool:
        """Whether this peer is no longer welcome, by this word: then the connection ends."""
        if refusal:
            self.tell(logging.WARNING, "closed a link:", refusal)
            self.abort(refusal)
        return bool(refusal)

    def judge(self, identity: Identity) -> str:
        """Why this peer is not welcome, "" if it is."""
        raise NotImplementedError

    def up(self) -> None:
        """The connection stands, its peer is known and welcome."""

    def deliver(self, message: M) -> None:
        """A message arrived."""
        raise NotImplementedError

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is over: see who it is."""
        # uvloop's transports do not derive from asyncio's.
        transport = cast("asyncio.Transport", transport)
        self.transport = transport
        _tune(transport)
        try:
            self.identity = peer_identity(transport.get_extra_info("peercert"))
            refusal = self.judge(self.identity)
        except IdentityRefused as refused:
            refusal = refused.detail
        if refusal:
            self.identity = Identity(self.identity.name, "")
            self.abort(refusal)
            self.tell(logging.WARNING, "refused a connection:", refusal)
            return
        self.up()

    def data_received(self, data: bytes) -> None:
        """Bytes arrived."""
        if self.why:
            return
        try:
            self._undelivered.extend(self._reader.feed(data))
        except FrameRefused as refused:
            self.tell(logging.WARNING, "closed a link:", refused.detail)
            self.garbled = True
            self.abort(detail("link-garbled", said=refused.detail))
            return
        self._pump()

    def _pump(self) -> None:
        undelivered = self._undelivered
        while undelivered and not self._paused:
            self.deliver(undelivered.popleft())

    def tell(self, level: int, what: str, why: str, which: str = "") -> None:
        """Log what became of this peer: at once, and if it goes on then once a minute at most."""
        now_s = asyncio.get_running_loop().time()
        peer = self.describe()
        key = (what, peer, which, without_numbers(why))
        self._quiet.tell(now_s, key, level, "%s peer=%s %swhy=%s", what, peer, which, why)

    def describe(self) -> str:
        """The peer's name, if it showed one, and its address."""
        assert self.transport is not None
        address = self.transport.get_extra_info("peername") or ("unknown",)
        return f"{self.identity.name or '?'}@{address[0]}"


def _tune(transport: asyncio.Transport) -> None:
    """Send small messages at once, and notice in time that a peer's power is gone."""
    raw = transport.get_extra_info("socket")
    if raw is None:
        return
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            option = getattr(socket, name, None)
            if option is not None:
                raw.setsockopt(socket.IPPROTO_TCP, option, value)
