"""One HTTP request with bounds: how time servers, License Central, webhooks and administration APIs
are asked. The protocol is urllib3's; the bounds are ours.

What can go wrong in here is a server that is not one: it may redirect elsewhere, send without end,
or send a byte now and then. So no redirect is followed, a body is read in pieces up to its bound
and never unpacked, and one deadline covers everything from the name's look-up to the last byte.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import ipaddress
import logging
import queue
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection, port_by_scheme
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import TimeoutError as Urllib3Timeout
from urllib3.util import SKIP_HEADER, Url, make_headers, parse_url
from urllib3.util.ssltransport import SSLTransport

UNREACHABLE: Final = "unreachable"
TOO_SLOW: Final = "too-slow"
TOO_LARGE: Final = "too-large"
WRONG_ADDRESS: Final = "wrong-address"
ADDRESSES_MAX: Final = 8
LOOKUPS_MAX: Final = 16
_PIECE: Final = 16 << 10
_WHY_MAX: Final = 200
_REDIRECTS: Final = range(300, 400)
_BLAMELESS: Final = {"connection": "close", "user-agent": SKIP_HEADER}
_lookups: Final = threading.BoundedSemaphore(LOOKUPS_MAX)

# It warns of malformed headers with the whole address, which may be a webhook's secret.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class HttpFailed(Exception):
    """No answer within the bounds. `reason` is a word from above, `where` scheme, host and port,
    `why` what is wrong, `through` the proxy in brackets, if there is one, and `cause` what the
    system or the TLS library said, if it did. None of them shows a path or a password."""

    def __init__(
        self,
        reason: str,
        where: str,
        why: str,
        through: str = "",
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(f"{where}: {why}{through}.")
        self.reason = reason
        self.where = where
        self.why = why
        self.through = through
        self.cause = cause


class Proxy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The HTTP proxy that requests go through, and for which hosts none is used.

    `url` may hold a name and password; an empty one means that there is no proxy, whatever the
    environment says. `no_proxy` names hosts, domains and networks (10.0.0.0/8); "*" is all. A
    loopback address never goes through a proxy.
    """

    url: str
    no_proxy: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.url:
            return
        try:
            parts = parse_url(self.url)
        except LocationParseError:
            parts = Url()
        if parts.scheme not in ("http", "https") or not parts.host or parts.path not in (None, "/"):
            # The text is not repeated: it may hold a password.
            raise ValueError("proxy.url is an address such as http://proxy.example:3128")


DIRECT: Final = Proxy(url="")


class HttpAnswer(NamedTuple):
    """What came: `headers` are found in any case of their letters."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def redirects(self) -> bool:
        """Whether it points elsewhere; its body was not read."""
        return self.status in _REDIRECTS


def request(
    method: str,
    url: str,
    *,
    timeout_s: float,
    bytes_max: int,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    tls: ssl.SSLContext | None = None,
    proxy: Proxy | None = None,
    check_peer: Callable[[Any], None] | None = None,
    check_head: Callable[[HttpAnswer], None] | None = None,
) -> HttpAnswer:
    """One request and its answer, of any status. Blocks up to `timeout_s` in all.

    A body longer than `bytes_max` is refused; with 0 none is read. `tls` says whom to believe and
    who we are, None is the system's trust. Without `proxy` the environment says through which one
    to go. `check_peer` sees the peer's certificate before anything is sent, `check_head` the answer
    before its body is read; what they raise goes through. Raises HttpFailed.
    """
    target = _target(url)
    through = _proxy_url(target, proxy)
    via = f" (through the proxy {_where(parse_url(through))})" if through else ""
    where = _where(target)
    slow = HttpFailed(TOO_SLOW, where, f"no answer within {timeout_s:g} s", via)
    with _Deadline(timeout_s) as deadline:
        try:
            send = _sender(target, through, tls, deadline, check_peer)
            response = send(method, headers=_BLAMELESS | dict(headers or {}), body=body)
            with contextlib.closing(response):
                answer = HttpAnswer(response.status, response.reason or "", response.headers)
                if check_head is not None:
                    check_head(answer)
                if bytes_max and not answer.redirects:
                    answer = answer._replace(body=_body(response, bytes_max))
        except _TooLong:
            why = f"more than {bytes_max} bytes"
            raise HttpFailed(TOO_LARGE, where, why, via) from None
        except (HTTPError, OSError, http.client.HTTPException, ValueError) as error:
            cause = _root(error)
            if deadline.passed or isinstance(cause, (TimeoutError, Urllib3Timeout)):
                raise slow from None
            why = (str(cause) or type(cause).__name__)[:_WHY_MAX]
            raise HttpFailed(UNREACHABLE, where, why, via, cause) from None
        except Exception:
            if deadline.passed:  # What was cut off looks like an answer of another kind.
                raise slow from None
            raise
    if deadline.passed:
        raise slow
    return answer


class _TooLong(Exception):
    """The body is longer than its bound."""


class _Deadline:
    """Ends a connection when its time is up, whatever it is doing: a socket's own timeout starts
    anew with each byte."""

    def __init__(self, timeout_s: float) -> None:
        self.passed = False
        self.timeout_s = timeout_s
        self._end_s = time.monotonic() + timeout_s
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(timeout_s, self._cut)

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._sock is not None:
            self._sock.close()

    def _cut(self) -> None:
        self.passed = True
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)

    def left_s(self) -> float:
        """What is left. Raises TimeoutError if nothing is."""
        left_s = self._end_s - time.monotonic()
        if self.passed or left_s <= 0:
            raise TimeoutError
        return left_s

    def connect(self, host: str, port: int) -> socket.socket:
        """Connected to the first of the name's addresses that answers. Raises OSError.

        Each gets its share of the time that is left, so that a silent one does not use up all.
        """
        found = _addresses(host, port, self.left_s)[:ADDRESSES_MAX]
        failed: OSError = socket.gaierror(socket.EAI_NONAME, "it has no address")
        for n, (family, kind, protocol, _, address) in enumerate(found):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.left_s() / (len(found) - n))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(self.left_s())
                # TLS takes the socket over; a second handle to the connection stays ours.
                self._sock = sock.dup()
                self.left_s()
                return sock
            except OSError as error:
                failed = error
                sock.close()
        raise failed


def _addresses(host: str, port: int, left_s: Callable[[], float]) -> list[Any]:
    """What the name stands for. The system's look-up has no deadline, so a thread waits for it."""
    with contextlib.suppress(socket.gaierror):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    lookups = _lookups
    if not lookups.acquire(timeout=left_s()):
        raise TimeoutError
    results: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            results.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            results.put(error)
        finally:
            lookups.release()

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        found = results.get(timeout=left_s())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return found


def _target(url: str) -> Url:
    """The address in its parts. Raises HttpFailed, which does not repeat it: it may be a secret."""
    try:
        target = parse_url(url)
    except LocationParseError:
        target = Url()
    if target.scheme not in ("http", "https") or not target.host or target.auth is not None:
        why = "an address is one such as https://host.example/path, without name and password"
        raise HttpFailed(WRONG_ADDRESS, "The address cannot be used", why)
    return target


def _where(parts: Url) -> str:
    """Scheme, host and port: what may be shown of any address."""
    return f"{parts.scheme}://{parts.netloc}"


def _proxy_url(target: Url, proxy: Proxy | None) -> str | None:
    """The proxy to go through: what the setting says, else what the environment says."""
    host = (target.host or "").strip("[]")
    if host == "localhost" or _in_network(host, ("127.0.0.0/8", "::1/128")):
        return None
    if proxy is not None:
        return None if _exempt(target, proxy.no_proxy) else proxy.url or None
    found = urllib.request.getproxies()
    url = found.get(target.scheme or "") or found.get("all")
    if not url or _exempt(target, found.get("no", "").split(",")):
        return None
    if urllib.request.proxy_bypass(target.netloc or ""):  # What Windows has in its registry.
        return None
    url = url if "://" in url else f"http://{url}"
    try:
        return Proxy(url=url).url
    except ValueError:
        why = f"the proxy that the environment names for {target.scheme} is no http address"
        raise HttpFailed(UNREACHABLE, _where(target), why) from None


def _exempt(target: Url, entries: Iterable[str]) -> bool:
    """Whether one of these says that the target's host is reached without a proxy."""
    host = (target.host or "").strip("[]")
    for entry in entries:
        name = entry.strip().lower()
        if name == "*" or _in_network(host, (name,)):
            return True
        name = name.removesuffix(f":{target.port or port_by_scheme[target.scheme or 'http']}")
        name = name.removeprefix("*").removeprefix(".")
        if name and (host == name or host.endswith(f".{name}")):
            return True
    return False


def _in_network(host: str, networks: Iterable[str]) -> bool:
    """Whether this is an address in one of these networks; other entries are passed over."""
    for text in networks:
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(host) in ipaddress.ip_network(text, strict=False):
                return True
    return False


def _sender(
    target: Url,
    through: str | None,
    tls: ssl.SSLContext | None,
    deadline: _Deadline,
    check_peer: Callable[[Any], None] | None,
) -> Callable[..., urllib3.BaseHTTPResponse]:
    """urllib3 for one request, whose connections are opened and ended by the deadline."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return deadline.connect(self.host, self.port)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return deadline.connect(self.host, self.port)

        def connect(self) -> None:
            super().connect()
            if check_peer is not None:
                assert isinstance(self.sock, (ssl.SSLSocket, SSLTransport))
                check_peer(self.sock.getpeercert())

    settings: dict[str, Any] = {"retries": False, "timeout": deadline.timeout_s}
    if target.scheme == "https":
        settings["ssl_context"] = tls = tls or ssl.create_default_context()
        # Otherwise urllib3 compares the name where the context was told not to.
        settings["assert_hostname"] = None if tls.check_hostname else False
    if through is None:
        manager = urllib3.PoolManager(**settings)
    else:
        parts = parse_url(through)
        secret = make_headers(proxy_basic_auth=unquote(parts.auth)) if parts.auth else None
        own_tls = ssl.create_default_context() if parts.scheme == "https" else None
        manager = urllib3.ProxyManager(
            through, proxy_headers=secret, proxy_ssl_context=own_tls, **settings
        )
    pool = manager.connection_from_host(target.host, target.port, target.scheme or "")
    pool.ConnectionCls = Secure if pool.scheme == "https" else Plain
    return functools.partial(
        manager.urlopen, url=target.url, redirect=False, preload_content=False, decode_content=False
    )


def _body(response: urllib3.BaseHTTPResponse, bytes_max: int) -> bytes:
    """The body, unless it is longer than its bound."""
    data = bytearray()
    while piece := response.read1(_PIECE, decode_content=False):
        data += piece
        if len(data) > bytes_max:
            raise _TooLong
    return bytes(data)


def _root(error: BaseException) -> BaseException:
    """What urllib3 wrapped: the system's or the TLS library's own words."""
    while inner := next((one for one in error.args if isinstance(one, BaseException)), None):
        error = inner
    return error
