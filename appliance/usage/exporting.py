"""Single uses and denials, as rows for other tools.

What can go wrong in here is an export without end: rows are bounded, and a longer one is refused
with what to do instead.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Final

from appliance.licences.access.form import AccessRules
from appliance.licences.commands import Holder
from appliance.licences.model import LicenceKey
from appliance.usage.calendar import moment
from appliance.usage.pseudonyms import Pseudonyms
from appliance.usage.rows import Lines
from appliance.usage.sessions import Denial, Session

SESSIONS: Final = (
    "product",
    "user",
    "workstation",
    "application",
    "pid",
    "client",
    "address",
    "seats",
    "start_time",
    "end_time",
    "duration_s",
    "end_reason",
    "units",
)
DENIALS: Final = (
    "product",
    "user",
    "workstation",
    "client",
    "seats",
    "first_time",
    "last_time",
    "requests",
    "reason",
    "granted_after_s",
    "true_denial",
)
ROWS_MAX: Final = 2_000_000
"""Rows of one export."""
IPV4_BYTES: Final = 4
IPV6_BYTES: Final = 8
"""Half of an address: the network that a provider gives somebody."""
LASTS: Final = "lasts"
BEGAN_BEFORE: Final = "before "


class TooMany(Exception):
    """The export would have more rows than ROWS_MAX."""


class Export:
    """A `sessions.Listener` that keeps what overlaps log time `from_ms` to before `to_ms`."""

    def __init__(
        self,
        what: str,
        name_of: Callable[[bytes], str],
        from_ms: int,
        to_ms: int,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        """With `pseudonyms`, clients go by them and addresses are left out."""
        self._sessions = what == "sessions"
        self._name_of = name_of
        self._client_of = pseudonyms or str
        self._address_of = address if pseudonyms is None else _hidden
        self._from_ms, self._to_ms = from_ms, to_ms
        self._now_ms = 0
        self.rows: list[Sequence[object]] = []

    def seats(self, at_ms: int, session: Session, before: Lines, after: Lines) -> None:
        """As `Listener`."""
        self._now_ms = at_ms

    def began(self, session: Session) -> None:
        """As `Listener`."""

    def took(self, at_ms: int, session: Session, key: LicenceKey, units: int) -> None:
        """As `Listener`."""

    def refused(self, at_ms: int, denial: Denial, requests: int) -> None:
        """As `Listener`."""

    def ruled(self, rules: AccessRules) -> None:
        """As `Listener`."""

    def ended(self, session: Session) -> None:
        """As `Listener`."""
        until_ms = self._now_ms if session.ended_ms is None else session.ended_ms
        if not self._sessions or session.began_ms >= self._to_ms or until_ms < self._from_ms:
            return
        begun = moment(session.began_ms)
        units = sum(session.units.values())
        products = dict.fromkeys(f"{key.firm_code}:{key.product_code}" for key, _ in session.lines)
        self._add(
            (
                " ".join(products),
                *self._who(session.holder),
                self._name_of(session.holder.application),
                session.holder.pid,
                self._client_of(session.client),
                self._address_of(session.address),
                sum(seats for _, seats in session.lines),
                BEGAN_BEFORE + begun if session.began_before else begun,
                "" if session.ended_ms is None else moment(session.ended_ms),
                round((until_ms - session.began_ms) / 1000, 3),
                session.how or LASTS,
                units,
            )
        )

    def denied(self, denial: Denial) -> None:
        """As `Listener`."""
        if self._sessions or not self._from_ms <= denial.counts_ms < self._to_ms:
            return
        granted = denial.granted_ms is not None
        self._add(
            (
                f"{denial.product[0]}:{denial.product[1]}",
                *self._who(denial.holder),
                self._client_of(denial.client),
                denial.seats,
                moment(denial.began_ms),
                moment(denial.until_ms),
                denial.requests,
                denial.reason,
                round(denial.waited_ms / 1000, 3) if granted else "",
                "no" if granted else "yes",
            )
        )

    def _who(self, holder: Holder) -> tuple[str, str]:
        return self._name_of(holder.user), self._name_of(holder.host)

    def _add(self, row: tuple[object, ...]) -> None:
        if len(self.rows) >= ROWS_MAX:
            raise TooMany(f"there are more than {ROWS_MAX:,} rows: ask for a shorter time")
        self.rows.append(row)


def _hidden(data: bytes) -> str:
    return ""


def address(data: bytes) -> str:
    """Where a client was heard from, as far as the ledger knows it: an IPv4 address, or the network
    of an IPv6 one."""
    if len(data) == IPV4_BYTES:
        return str(ipaddress.IPv4Address(data))
    if len(data) == IPV6_BYTES:
        return str(ipaddress.IPv6Network((data + bytes(IPV6_BYTES), 8 * IPV6_BYTES)))
    return ""
