"""Asks one time server, over HTTP or HTTPS (RFC 3161, section 3.4): one answer or a named refusal.

What can go wrong in here is a server that is not one: it may redirect elsewhere, send without end,
or send a byte now and then. So no redirect is followed, a body is read only up to its bound, and
one deadline covers everything. Whether the answer is true is not decided here.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from appliance.codec.timestamps import QUERY_MEDIA_TYPE, REPLY_BYTES_MAX, REPLY_MEDIA_TYPE

UNREACHABLE: Final = "unreachable"
REDIRECTED: Final = "redirected"
HTTP_STATUS: Final = "http-status"
WRONG_TYPE: Final = "wrong-media-type"
TOO_LARGE: Final = "too-large"
TOO_SLOW: Final = "too-slow"
CRL_MEDIA_TYPE: Final = "application/pkix-crl"
CRL_BYTES_MAX: Final = 256 << 10
CRL_PATH: Final = "/crl"
TIMEOUT_S: Final = 5.0
_PIECE: Final = 16 << 10
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)


class AskFailed(Exception):
    """No answer that could be looked at. `reason` is a word from above, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Place(NamedTuple):
    """Where a time server is. `ca` (PEM) is who certifies its HTTPS, None for the system's."""

    url: str
    ca: Path | None = None


def check_url(url: str) -> None:
    """Raises ValueError if this is no address of a time server, such as http://ts.example:7300/.

    What passes is asked as it is written: nothing of it is left out.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"{url!r} is no address such as http://time.example:7300/")
    if "#" in url:
        raise ValueError(f"{url!r} has a part after '#', which no server is ever asked for")
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError(f"{url!r} has characters that must be written as %XX in an address")
    _ = parts.port  # Raises ValueError if it is none.


def ask_time(place: Place, query: bytes, timeout_s: float = TIMEOUT_S) -> bytes:
    """The server's reply to a time-stamp query. Blocks up to `timeout_s`. Raises AskFailed."""
    parts = urlsplit(place.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"content-type": QUERY_MEDIA_TYPE, "accept": REPLY_MEDIA_TYPE}
    return _ask(place, "POST", path, query, headers, (REPLY_MEDIA_TYPE, REPLY_BYTES_MAX), timeout_s)


def fetch_crl(place: Place, timeout_s: float = TIMEOUT_S) -> bytes:
    """The block list that this server hands out. Blocks up to `timeout_s`. Raises AskFailed."""
    path = urlsplit(place.url).path.rstrip("/") + CRL_PATH
    headers = {"accept": CRL_MEDIA_TYPE}
    return _ask(place, "GET", path, b"", headers, (CRL_MEDIA_TYPE, CRL_BYTES_MAX), timeout_s)


class _Deadline:
    """Ends a connection when its time is up, whatever it is doing: a socket's own timeout starts
    anew with each byte."""

    def __init__(self, timeout_s: float) -> None:
        self.sock: socket.socket | None = None
        self.passed = False
        self._timer = threading.Timer(timeout_s, self._cut)
        self._timer.start()

    def _cut(self) -> None:
        self.passed = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def over(self) -> None:
        """The connection is done."""
        self._timer.cancel()
        self._timer.join()


def _ask(
    place: Place,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    wanted: tuple[str, int],
    timeout_s: float,
) -> bytes:
    deadline = _Deadline(timeout_s)
    try:
        connection = _connect(place, deadline, timeout_s)
        try:
            connection.request(method, path, body or None, {**headers, "connection": "close"})
            # Of a response to "connection: close" only the response itself knows how to close.
            with connection.getresponse() as response:
                _check_head(place, response, wanted[0])
                data = _body(place, response, wanted[1])
        finally:
            connection.close()
    except AskFailed:
        if deadline.passed:  # What was cut off looks like an answer of another kind.
            raise _slow(place, timeout_s) from None
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        if deadline.passed or isinstance(error, TimeoutError):
            raise _slow(place, timeout_s) from None
        why = str(error) or type(error).__name__
        raise AskFailed(UNREACHABLE, f"{place.url} cannot be reached: {why[:200]}.") from None
    finally:
        deadline.over()
    if deadline.passed:
        raise _slow(place, timeout_s)
    return data


def _connect(place: Place, deadline: _Deadline, timeout_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(place.url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    sock = socket.create_connection((host, port), timeout_s)
    deadline.sock = sock
    connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    try:
        if tls:
            context = ssl.create_default_context(cafile=place.ca and str(place.ca))
            secured = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            deadline.sock = sock = secured
            secured.do_handshake()
    except BaseException:
        sock.close()
        raise
    connection.sock = sock
    return connection


def _check_head(place: Place, response: http.client.HTTPResponse, kind: str) -> None:
    if response.status in _REDIRECTS:
        where = response.getheader("location", "")[:200]
        raise AskFailed(
            REDIRECTED, f"{place.url} sends us to {where!r}; configure that address if it is right."
        )
    if response.status != _OK:
        raise AskFailed(HTTP_STATUS, f"{place.url} answers {response.status} {response.reason}.")
    stated = (response.getheader("content-type") or "").partition(";")[0].strip().lower()
    if stated != kind:
        raise AskFailed(WRONG_TYPE, f"{place.url} answers with {stated[:80]!r}, not {kind}.")


def _body(place: Place, response: http.client.HTTPResponse, bytes_max: int) -> bytes:
    """The body, unless it is longer than its bound."""
    data = bytearray()
    while piece := response.read1(_PIECE):
        data += piece
        if len(data) > bytes_max:
            raise AskFailed(
                TOO_LARGE, f"{place.url} answers with more than {bytes_max} bytes; not read on."
            )
    if response.length:
        raise http.client.IncompleteRead(bytes(data), response.length)
    return bytes(data)


def _slow(place: Place, timeout_s: float) -> AskFailed:
    return AskFailed(TOO_SLOW, f"{place.url} did not answer within {timeout_s:g} s.")
