"""Asks one time server, over HTTP or HTTPS (RFC 3161, section 3.4): one answer or a named refusal.

No redirect is followed, and `http_client` keeps size and time. Whether the answer is true is not
decided here.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from appliance.adapters.http_client import (
    TOO_LARGE,
    TOO_SLOW,
    UNREACHABLE,
    Answer,
    HttpFailed,
    Proxy,
    request,
)
from appliance.codec.contacts import CONTACT_HEADER, STATION_HEADER
from appliance.codec.timestamps import QUERY_MEDIA_TYPE, REPLY_BYTES_MAX, REPLY_MEDIA_TYPE
from appliance.details import detail

REDIRECTED: Final = "redirected"
HTTP_STATUS: Final = "http-status"
WRONG_TYPE: Final = "wrong-media-type"
CRL_MEDIA_TYPE: Final = "application/pkix-crl"
CRL_BYTES_MAX: Final = 256 << 10
CRL_PATH: Final = "/crl"
TIMEOUT_S: Final = 5.0
_OK: Final = 200


class AskFailed(Exception):
    """No answer that could be looked at. `reason` is a word from above, `detail` the sentence of
    that reason with these values (`appliance.details.times`)."""

    def __init__(self, reason: str, /, **values: object) -> None:
        self.reason = reason
        self.detail = detail(f"server-{reason}", **values)
        super().__init__(self.detail)


class Place(NamedTuple):
    """Where a time server is. `ca` (PEM) is who certifies its HTTPS, None for the system's; without
    `proxy` the environment says whether it is asked through one."""

    url: str
    ca: Path | None = None
    proxy: Proxy | None = None


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


def ask_time(
    place: Place,
    query: bytes,
    timeout_s: float = TIMEOUT_S,
    *,
    contact: str = "",
    heard: Callable[[str], None] = lambda station: None,
) -> bytes:
    """The server's reply to a time-stamp query. Blocks up to `timeout_s`. Raises AskFailed.

    `contact` is what the container says of itself (`appliance.codec.contacts`), "" for nothing;
    `heard` is told which station answered, "" if it does not say.
    """
    parts = urlsplit(place.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"content-type": QUERY_MEDIA_TYPE, "accept": REPLY_MEDIA_TYPE}
    if contact:
        headers[CONTACT_HEADER] = contact
    wanted = REPLY_MEDIA_TYPE, REPLY_BYTES_MAX
    answer = _ask(place, "POST", path, query, headers, wanted, timeout_s)
    heard(answer.headers.get(STATION_HEADER, ""))
    return answer.body


def fetch_crl(place: Place, timeout_s: float = TIMEOUT_S) -> bytes:
    """The block list that this server hands out. Blocks up to `timeout_s`. Raises AskFailed."""
    path = urlsplit(place.url).path.rstrip("/") + CRL_PATH
    headers = {"accept": CRL_MEDIA_TYPE}
    wanted = CRL_MEDIA_TYPE, CRL_BYTES_MAX
    return _ask(place, "GET", path, b"", headers, wanted, timeout_s).body


def _ask(
    place: Place,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    wanted: tuple[str, int],
    timeout_s: float,
) -> Answer:
    parts = urlsplit(place.url)
    kind, bytes_max = wanted
    try:
        return request(
            method,
            f"{parts.scheme}://{parts.netloc}{path}",
            headers=headers,
            body=body or None,
            tls=_trust(place) if parts.scheme == "https" else None,
            timeout_s=timeout_s,
            bytes_max=bytes_max,
            proxy=place.proxy,
            check_head=lambda answer: _check_head(place, answer, kind),
        )
    except HttpFailed as failed:
        values: dict[str, object] = {"url": place.url, "through": failed.through}
        if failed.reason == TOO_SLOW:
            raise AskFailed(TOO_SLOW, **values, within_s=f"{timeout_s:g}") from None
        if failed.reason == TOO_LARGE:
            raise AskFailed(TOO_LARGE, **values, most=bytes_max) from None
        raise AskFailed(UNREACHABLE, **values, said=failed.why) from None


def _trust(place: Place) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=place.ca and str(place.ca))
    except OSError as error:
        said = f"{place.ca} cannot be used: {error}"
        raise AskFailed(UNREACHABLE, url=place.url, said=said, through="") from None


def _check_head(place: Place, answer: Answer, kind: str) -> None:
    if answer.redirects:
        where = repr(answer.headers.get("location", "")[:200])
        raise AskFailed(REDIRECTED, url=place.url, where=where)
    if answer.status != _OK:
        raise AskFailed(HTTP_STATUS, url=place.url, status=answer.status, said=answer.reason)
    stated = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated != kind:
        raise AskFailed(WRONG_TYPE, url=place.url, stated=repr(stated[:80]), wanted=kind)
