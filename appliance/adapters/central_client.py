"""License Central over HTTPS, as a container asks it: blocking calls, each bounded.

What can go wrong in here is to believe the network. What comes is verified by whoever imports it
(every file is signed); here only size, time and place are bounded: no redirect is followed, for
License Central is where the settings say, and nowhere else.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

from appliance.adapters.http_client import TOO_LARGE, HttpFailed, Proxy, request
from appliance.codec.activation import build_activation
from appliance.codec.contacts import CONTACT_HEADER, STATION_HEADER
from appliance.codec.group_files import ANSWER_BYTES_MAX
from appliance.codec.json_answers import detail_in
from appliance.codec.request_files import NONCE_BYTES_MAX, NONCE_BYTES_MIN, central_audience
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.unreadable import UNREADABLE

TIMEOUT_S: Final = 10.0
_CHALLENGE: Final = "/v1/challenge"
_FILE_TYPE: Final = "application/jose"
_DOCUMENT_TYPE: Final = "application/json"
_DETAIL_MAX: Final = 500

D = TypeVar("D")


class CentralUnreachable(Exception):
    """License Central gave no answer, or none that it may give; `detail` says it in a sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CentralSaysNo(Exception):
    """License Central refused; `detail` is what it said."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Returned(msgspec.Struct, frozen=True):
    """How far a return is: how many more containers have to order it, when it is taken away (Unix
    time, None while more have to order it), whether it is, and which containers have yet to confirm
    that."""

    tmr_id: int
    orders_missing: int
    due_at_s: int | None
    taken: bool
    waiting_for: tuple[str, ...]


class _Challenge(msgspec.Struct, frozen=True):
    challenge: bytes


def check_central_url(url: str) -> SplitResult:
    """The parts of License Central's address. Raises ValueError if it is none."""
    where = urlsplit(url)
    if where.scheme != "https" or not where.hostname or where.query or where.fragment:
        raise ValueError(f"{url!r} is no address such as https://central.example:7302")
    _ = where.port  # Raises ValueError if it is none.
    return where


def _plain(host: str) -> str:
    """This host name; an address in its one spelling."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host


class CentralClient:
    """One License Central, at an https `url`; `ca` (PEM) is whom to believe, else the system's."""

    def __init__(self, url: str, ca: Path | None = None, proxy: Proxy | None = None) -> None:
        """Without `proxy` the environment says whether it is asked through one.

        Raises ValueError if `url` is none, OSError if `ca` cannot be used.
        """
        where = check_central_url(url)
        self.url = url
        self.audience = central_audience(_plain(where.hostname or ""))
        self._base = f"https://{where.netloc}{where.path.rstrip('/')}"
        self._proxy = proxy
        self._context = ssl.create_default_context(cafile=None if ca is None else str(ca))
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.firm_codes: frozenset[int] = frozenset()
        """Whose License Central it is; empty: anybody's."""
        self.hidden: frozenset[int] = frozenset()
        """The firms of other vendors, of which it is told nothing."""
        self.begin: Callable[[], str] = lambda: ""
        """What the container says of itself with the next request (`codec.contacts`), "" for
        nothing; `answered` is told which station answered, and what it has by now."""
        self.answered: Callable[[str, str], None] = lambda station, text: None

    def serves(self, firm_code: int) -> bool:
        """Whether this is the License Central of that firm."""
        return not self.firm_codes or firm_code in self.firm_codes

    def challenge(self) -> bytes:
        """What the next request or order has to answer.

        Raises CentralUnreachable or CentralSaysNo, as all of these do.
        """
        challenge = self._document(self._ask(_CHALLENGE, b""), _Challenge).challenge
        if not NONCE_BYTES_MIN <= len(challenge) <= NONCE_BYTES_MAX:
            raise self._strange("it gives no challenge")
        return challenge

    def activate(self, ticket: str, request: bytes) -> bytes:
        """Show a ticket, with a group `request` file; gives a group answer file, not verified."""
        body = build_activation(ticket, request)
        return self._ask("/v1/activate", body, _DOCUMENT_TYPE, ANSWER_BYTES_MAX)

    def update(self, request: bytes) -> bytes | None:
        """The next update file, None if the container has them all. It is not verified yet."""
        return self._ask("/v1/update", request) or None

    def confirm(self, receipt: bytes) -> None:
        """Hand in a receipt."""
        self._ask("/v1/receipts", receipt)

    def give_back(self, order: bytes) -> Returned:
        """Order a licence to be taken back, or call that off."""
        return self._document(self._ask("/v1/return", order), Returned)

    def _ask(
        self, path: str, body: bytes, kind: str = _FILE_TYPE, bytes_max: int = FILE_BYTES_MAX
    ) -> bytes:
        contact = "" if path == _CHALLENGE else self.begin()
        headers = {"content-type": kind} | ({CONTACT_HEADER: contact} if contact else {})
        try:
            answer = request(
                "POST",
                self._base + path,
                headers=headers,
                body=body,
                tls=self._context,
                timeout_s=TIMEOUT_S,
                bytes_max=bytes_max,
                proxy=self._proxy,
            )
        except HttpFailed as failed:
            if failed.reason == TOO_LARGE:
                raise self._strange(f"it is longer than {bytes_max} bytes") from None
            raise CentralUnreachable(
                f"License Central at {self.url} does not answer: {failed.why}{failed.through}."
            ) from None
        if answer.redirects:
            raise self._strange(f"it leads elsewhere ({answer.status}), which is not followed")
        self.answered(answer.headers.get(STATION_HEADER, ""), contact)
        if answer.status >= 500:
            raise CentralUnreachable(self._said(answer.body, answer.status))
        if answer.status >= 400:
            raise CentralSaysNo(self._said(answer.body, answer.status))
        return answer.body

    def _said(self, data: bytes, status: int) -> str:
        detail = detail_in(data)[:_DETAIL_MAX] or f"status {status}"
        return f"License Central at {self.url}: {detail}"

    def _document(self, data: bytes, kind: type[D]) -> D:
        try:
            return msgspec.json.decode(data, type=kind)
        except UNREADABLE:
            raise self._strange("it is no document of this kind") from None

    def _strange(self, what: str) -> CentralUnreachable:
        return CentralUnreachable(f"The answer of {self.url} is refused: {what}.")
