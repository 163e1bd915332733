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

REDIRECTED: Final = "redirected"
HTTP_STATUS: Final = "http-status"
WRONG_TYPE: Final = "wrong-media-type"
CRL_MEDIA_TYPE: Final = "application/pkix-crl"
CRL_BYTES_MAX: Final = 256 << 10
CRL_PATH: Final = "/crl"
TIMEOUT_S: Final = 5.0
_OK: Final = 200


class AskFailed(Exception):
    """No answer that could be looked at. `reason` is a word from above, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


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
        said = {
            TOO_SLOW: f"did not answer within {timeout_s:g} s",
            TOO_LARGE: f"answers with more than {bytes_max} bytes; not read on",
        }.get(failed.reason, f"cannot be reached: {failed.why}")
        reason = failed.reason if failed.reason in (TOO_SLOW, TOO_LARGE) else UNREACHABLE
        raise AskFailed(reason, f"{place.url} {said}{failed.through}.") from None


def _trust(place: Place) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=place.ca and str(place.ca))
    except OSError as error:
        raise AskFailed(
            UNREACHABLE, f"{place.url} cannot be asked: {place.ca} cannot be used ({error})."
        ) from None


def _check_head(place: Place, answer: Answer, kind: str) -> None:
    if answer.redirects:
        where = answer.headers.get("location", "")[:200]
        raise AskFailed(
            REDIRECTED, f"{place.url} sends us to {where!r}; configure that address if it is right."
        )
    if answer.status != _OK:
        raise AskFailed(HTTP_STATUS, f"{place.url} answers {answer.status} {answer.reason}.")
    stated = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated != kind:
        raise AskFailed(WRONG_TYPE, f"{place.url} answers with {stated[:80]!r}, not {kind}.")
