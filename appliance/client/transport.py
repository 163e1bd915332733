"""One HTTP/1.1 connection over TLS: one request at a time, kept alive, bounded answers.

It is lean because `tmr bench` also makes its load with it: no task, no lock and no stream object
per request, only the parser's callbacks and one future. What can go wrong here: an answer that is
longer than the bound, that ends inside its body, or that nobody asked for; each fails the
connection, which is then never used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple, TypeVar, cast

import httptools

from appliance.client import causes
from appliance.client.errors import BadAnswer, ClientError, ConnectionFailed, TlsRefused
from appliance.client.tls import ResumingContext
from appliance.codec.seen_documents import SHOW_HEADER
from appliance.details import detail
from appliance.sentences import Sentence

ANSWER_BYTES_MAX = 4 * 1024 * 1024
_LIKE = TypeVar("_LIKE", bound="BaseConnection")
AGAIN_GROWTH = 1.2
LATENESS_FACTOR = 8
# Of the clients that share a context: hundreds in one process would only hold each other up.
RACERS_MAX = 2
TARGETS_MAX = 8
"""Of the addresses that a name stands for; the others are not tried."""
RESOLVE_S = 5.0
_FIRST_FINAL_STATUS = 200
# An idle connection whose peer is gone is found out within some ten seconds. One that waits for an
# answer asks each second: a host that hangs still has a kernel that took the request, and only once
# the address has moved does the other host's kernel say that it knows of no such connection.
_WHILE_IDLE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}
_WHILE_WAITING = {"TCP_KEEPIDLE": 1, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3}


Target = tuple[int, tuple[Any, ...]]
"""An address family and a socket address."""
_SHOW = SHOW_HEADER.encode()


class Address(NamedTuple):
    """Where a TMR server listens: an IP address or name, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Answer(NamedTuple):
    """One answer: HTTP status, media type without parameters, whole body, and whether the server
    wants to be shown how far this client has seen the ledger."""

    status: int
    media_type: str
    body: bytes
    asks: bool = False


class Patience(NamedTuple):
    """How long one attempt to connect waits, in seconds.

    `connect_s` is for TCP, which the peer's kernel answers and so needs little; `handshake_s` is
    for TLS, which a busy server answers late; `dead_s` is how long the peer's kernel may leave sent
    bytes unacknowledged before the connection is given up (TCP_USER_TIMEOUT, where there is one).
    `again_s` is after how long a connection that does not come about is tried once more beside it;
    where many clients do so already, there is one try only, of at most `alone_s`.
    """

    connect_s: float = 1.0
    handshake_s: float = 10.0
    dead_s: float = 0.3
    again_s: float = 0.04
    alone_s: float = 3.0


def failure_of(error: BaseException | None, template: str, **values: object) -> ClientError:
    """The typed error for a transport's exception, told by this `Sentence`, whose `why` is filled
    in; None stands for an orderly end of stream."""
    if isinstance(error, ClientError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsRefused(causes.of_certificate(error))
    said = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
    if said and "ALERT" in said:
        return TlsRefused(causes.of_alert(said))
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return ConnectionFailed(Sentence(template, **values, why=causes.of_system(error)))
    closed = Sentence("the server closed the connection")
    return ConnectionFailed(Sentence(template, **values, why=error or closed))


class BaseConnection(asyncio.Protocol):
    """What a plain and a streaming connection share: the parser and its end."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._media_type = ""
        self._asks = False
        self._heard = False
        self._hastened = False
        self.socket: socket.socket | None = None
        self.failure: ClientError | None = None

    def hasten(self) -> None:
        """The answer is late: find out within a second or two if the peer knows of us no more."""
        self._keep_alive(_WHILE_WAITING)
        self._hastened = True

    def _keep_alive(self, options: dict[str, int]) -> None:
        if self.socket is not None and self._transport is not None:
            with contextlib.suppress(OSError):
                _keep_alive(self.socket, options)

    @property
    def alive(self) -> bool:
        """Whether a request could be sent on it."""
        return self.failure is None and self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio once TLS stands."""
        # uvloop's transports do not derive from asyncio's.
        transport = cast("asyncio.Transport", transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self.failure is not None:
            return
        self._heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self.fail(
                cause if isinstance(cause, ClientError) else BadAnswer(detail("no-http", why=error))
            )

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        if self.failure is None:
            # A server that refuses a certificate under TLS 1.3 may close before it says so.
            self.fail(
                failure_of(exc, "the connection broke: {why}")
                if self._heard
                else failure_of(
                    exc,
                    "no answer on a new connection (is this client's certificate accepted?): {why}",
                )
            )
        self._transport = None

    def session(self) -> ssl.SSLSession | None:
        """The newest TLS session that the server gave."""
        if self._transport is None:
            return None
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        return tls.session if tls is not None else None

    def fail(self, failure: ClientError) -> None:
        """Never use this connection again."""
        if self.failure is None:
            self.failure = failure
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Drop the connection, with whatever is on its way."""
        self.fail(ConnectionFailed("the connection was closed on this side"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if len(name) == len(b"content-type") and name.lower() == b"content-type":
            self._media_type = value.split(b";", 1)[0].strip().lower().decode("latin-1")
        elif len(name) == len(_SHOW) and name.lower() == _SHOW:
            self._asks = True


class Connection(BaseConnection):
    """A connection for requests with whole answers of at most `answer_bytes_max`."""

    def __init__(self, answer_bytes_max: int = ANSWER_BYTES_MAX) -> None:
        super().__init__()
        self._answer_bytes_max = answer_bytes_max
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._waiter: asyncio.Future[Answer] | None = None

    @property
    def idle(self) -> bool:
        """Whether `send` may be called now."""
        return self._waiter is None and self.failure is None and self._transport is not None

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Send one whole request; the future gives its answer or a ConnectionFailed or TlsRefused.

        Raises ConnectionFailed if the connection is broken or still waits for an answer. Whoever
        cancels the future must `close` the connection.
        """
        if self._transport is None or self.failure is not None or self._waiter is not None:
            raise self.failure or ConnectionFailed("the connection is busy")
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return waiter

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self._waiter is None:
            raise BadAnswer("the server answered without being asked")

    def on_body(self, body: bytes) -> None:
        """Called by the parser with each piece."""
        self._body_bytes += len(body)
        if self._body_bytes > self._answer_bytes_max:
            raise BadAnswer(
                Sentence("the answer is larger than {bound} bytes", bound=self._answer_bytes_max)
            )
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        status = self._parser.get_status_code()
        pieces = self._body
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        answer = Answer(status, self._media_type, body, self._asks)
        self._media_type, self._asks, self._body, self._body_bytes = "", False, [], 0
        if status < _FIRST_FINAL_STATUS:
            return
        if self._hastened:
            self._hastened = False
            self._keep_alive(_WHILE_IDLE)
        waiter, self._waiter = self._waiter, None
        if not self._parser.should_keep_alive():
            self.close()
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)

    def fail(self, failure: ClientError) -> None:
        """Never use this connection again; who waits for an answer learns why."""
        super().fail(failure)
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(failure)


async def _targets(address: Address, context: ResumingContext) -> list[Target]:
    """Where the address leads: all that its name stands for, both families in turn, asked anew each
    time; what it stood for last while nobody can tell. Raises ConnectionFailed.
    """
    try:
        ip = ipaddress.ip_address(address.host)
        v4 = isinstance(ip, ipaddress.IPv4Address)
        return [(socket.AF_INET if v4 else socket.AF_INET6, tuple(address))]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        last = context.targets.get(address)
        if last is not None:
            return last
        if isinstance(error, TimeoutError):
            raise ConnectionFailed(
                Sentence("{host} was not resolved in time", host=address.host)
            ) from error
        raise failure_of(error, "cannot connect to {host}: {why}", host=address) from error
    by_family: dict[int, list[Target]] = {}
    for family, _, _, _, target in found:
        of_it = by_family.setdefault(family, [])
        if (family, target) not in of_it:
            of_it.append((family, target))
    mixed = [one for turn in zip_longest(*by_family.values()) for one in turn if one is not None]
    context.keep_targets(address, mixed[:TARGETS_MAX])
    return mixed[:TARGETS_MAX]


async def _tcp(targets: Sequence[Target], patience: Patience) -> socket.socket:
    """A connected TCP socket to one of `targets`. Raises OSError or TimeoutError.

    A kernel repeats what it sent in vain only after a second, and meanwhile the address may have
    moved to another host. So another socket tries after `again_s`, a further one a little later,
    and so on, each to the next target; the first that is connected wins. They are fewer than
    `connect_s / again_s`, and one more for each target. A target that fails is tried no more, and
    the next one at once.
    """
    loop = asyncio.get_running_loop()
    again_s = patience.again_s
    trying: dict[asyncio.Task[socket.socket], Target] = {}
    open_to = list(targets)
    try:
        while True:
            target = open_to.pop(0)
            open_to.append(target)
            trying[loop.create_task(_try_tcp(*target, patience.dead_s))] = target
            due_s = loop.time() + again_s
            done, _ = await asyncio.wait(
                trying, timeout=again_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if task.exception() is None:
                    del trying[task]
                    return task.result()
            for task in done:
                failed = trying.pop(task)
                open_to = [one for one in open_to if one != failed]
                if not open_to:
                    task.result()
            if not done:
                # A loop that is late has too much to do already, with many clients in one process.
                again_s = max(again_s * AGAIN_GROWTH, LATENESS_FACTOR * (loop.time() - due_s))
    finally:
        for task in trying:
            if not task.cancel() and task.exception() is None:
                task.result().close()


def _keep_alive(sock: socket.socket, options: dict[str, int]) -> None:
    """Set what this system has of these TCP options. Raises OSError."""
    for name, value in options.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _try_tcp(family: int, target: tuple[Any, ...], dead_s: float) -> socket.socket:
    """One attempt, as long as it takes. Raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        _keep_alive(sock, _WHILE_WAITING)
        dead_option = getattr(socket, "TCP_USER_TIMEOUT", None)
        if dead_option is not None and dead_s > 0:
            sock.setsockopt(socket.IPPROTO_TCP, dead_option, max(1, int(dead_s * 1000)))
        await asyncio.get_running_loop().sock_connect(sock, target)
    except BaseException:
        sock.close()
        raise
    return sock


async def connect(
    address: Address,
    context: ResumingContext,
    make: Callable[[], _LIKE],
    patience: Patience,
    reached: Callable[[], None] = lambda: None,
) -> _LIKE:
    """A connection made by `make` to `address`, whose certificate names the address's host.

    `reached` is called once the peer's kernel has answered. Raises ConnectionFailed or TlsRefused.
    """
    loop = asyncio.get_running_loop()
    targets = await _targets(address, context)
    connect_s, again_s = patience.connect_s, patience.again_s
    if context.racers >= RACERS_MAX:
        connect_s = again_s = min(connect_s, patience.alone_s)
    if len(targets) > 1:
        # Time for each to be tried once, whatever one address alone would get.
        again_s = min(again_s, connect_s / 2)
        connect_s += 2 * again_s * (len(targets) - 1)
    patience = patience._replace(connect_s=connect_s, again_s=again_s)
    context.racers += 1
    try:
        async with asyncio.timeout(patience.connect_s):
            sock = await _tcp(targets, patience)
    except TimeoutError as error:
        raise ConnectionFailed(Sentence("{host} does not answer", host=address)) from error
    except OSError as error:
        raise failure_of(error, "cannot connect to {host}: {why}", host=address) from error
    finally:
        context.racers -= 1
    reached()
    protocol = make()
    try:
        async with asyncio.timeout(patience.handshake_s):
            await loop.create_connection(
                lambda: protocol,
                sock=sock,
                ssl=context,
                server_hostname=address.host,
                ssl_handshake_timeout=patience.handshake_s + 1,
                ssl_shutdown_timeout=1.0,
            )
        _keep_alive(sock, _WHILE_IDLE)
        protocol.socket = sock
    except BaseException as error:
        # Also where it is cancelled just after the handshake: nobody else knows of the connection.
        protocol.close()
        with contextlib.suppress(OSError):
            sock.close()
        if isinstance(error, TimeoutError):
            raise ConnectionFailed(
                Sentence("{host} is silent in the TLS handshake", host=address)
            ) from error
        if isinstance(error, OSError):
            raise failure_of(error, "no TLS connection to {host}: {why}", host=address) from error
        raise
    return protocol
