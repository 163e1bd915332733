"""Certificates that are good no more, and how many seats one client may have: an administrator's
acts that the ledger keeps.

A certificate is named by its serial number, which its authority draws anew for each one: so the
next certificate of the same name works while the old one stays dismissed, and nothing that is
dismissed can be taken back. A record may go once the certificate would have ended anyway.

What can go wrong in here is that nobody is left who may act. So nobody dismisses the certificate
that they act with: whoever dismissed the last but one still has a good one. That holds too for two
who dismiss each other, since the second of these commands comes from a certificate that is good no
more by then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from appliance.details import Detail, detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.commands import Dismissed, Outcome
from appliance.licences.records import Act
from appliance.licences.state import State

DISMISSED_MAX: Final = 1_000
"""Dismissed certificates in one ledger, those aside that have ended."""
QUOTAS_MAX: Final = 1_000
"""Products of which an operator limits the seats of one client."""
SERIAL_PATTERN: Final = r"[1-9A-F][0-9A-F]{0,39}"
"""A serial number as it is kept: X.509 has at most 20 bytes."""
ENDED_FOR_MS: Final = 86_400_000
"""So long after its end a record is kept: log time may be lowered by that much and more, but a
certificate that has ended by two clocks of three is refused by TLS as well."""
_NAME_MAX: Final = 64
_WHO_MAX: Final = 80
_WHY_KEPT: Final = 200
_WHY_MAX: Final = 1_024
_CODE_MAX: Final = (1 << 63) - 1
_SEATS_MAX: Final = (1 << 53) - 1
_serial: Final = re.compile(SERIAL_PATTERN)


def dismiss(state: State, command: c.Dismiss) -> Outcome:
    """Apply one dismissal; one that is there already stays as it is, and is done."""
    wrong = _why_not(command)
    if wrong:
        return refuse.bad(wrong)
    if command.by == command.serial:
        return refuse.said(reasons.NOT_DISMISSED, "dismiss-own")
    if command.by in state.dismissed:
        return refuse.said(reasons.NOT_DISMISSED, "dismiss-dismissed")
    if command.serial in state.dismissed:
        return Outcome(reasons.DONE, said=Detail.of("it was dismissed before"))
    if len(state.dismissed) >= DISMISSED_MAX:
        _forget_ended(state)
    if len(state.dismissed) >= DISMISSED_MAX:
        return refuse.said(reasons.TOO_MANY_DISMISSED, "dismissed-full", most=DISMISSED_MAX)
    state.set_dismissed(
        command.serial,
        Dismissed(
            command.name,
            command.role,
            command.ends_at_s,
            command.who[:_WHO_MAX],
            command.why[:_WHY_KEPT],
            state.log_time_ms,
            state.entry_index,
        ),
    )
    subject = f"{command.role} {command.name}, serial number {command.serial}"
    state.note(Act("dismiss", subject, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)


def limit(state: State, command: c.Limit) -> Outcome:
    """Apply one operator's limit of a client's seats; it ends no lease."""
    product = (command.firm_code, command.product_code)
    if len(command.who) > 256 or len(command.why) > _WHY_MAX:
        return refuse.bad(detail("who-why-long"))
    if not _is_quota(product, command.seats, least=0):
        return refuse.bad(detail("quota-negative"))
    if command.seats and product not in state.quotas and len(state.quotas) >= QUOTAS_MAX:
        return refuse.bad(detail("quotas-full", most=QUOTAS_MAX))
    state.set_quota(product, command.seats)
    subject = f"{product[0]}:{product[1]} to {command.seats or 'all'} seats for each client"
    state.note(Act("limit", subject, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)


def why_not_carried(
    dismissed: Sequence[tuple[str, Dismissed]], quotas: Sequence[tuple[tuple[int, int], int]]
) -> str:
    """What is wrong with these tables, which a founding carries; "" if nothing is."""
    serials = {serial for serial, _ in dismissed}
    if len(serials) != len(dismissed) or len(serials) > DISMISSED_MAX:
        return f"certificates are dismissed once each, and at most {DISMISSED_MAX}"
    for serial, what in dismissed:
        texts = len(what.name) > _NAME_MAX or len(what.role) > _NAME_MAX
        if not _serial.fullmatch(serial) or texts:
            return "a dismissed certificate has a serial number and a name"
        if len(what.who) > _WHO_MAX or len(what.why) > _WHY_KEPT:
            return "who dismissed a certificate, or why, is too long"
        if not (0 <= what.ends_at_s <= _SEATS_MAX and 0 <= what.at_ms <= _SEATS_MAX):
            return "the times of a dismissed certificate are out of range"
        if not 0 <= what.index <= _SEATS_MAX:
            return "the entry that dismissed a certificate is out of range"
    products = {product for product, _ in quotas}
    if len(products) != len(quotas) or len(products) > QUOTAS_MAX:
        return f"products have one limit of seats each, and at most {QUOTAS_MAX} have one"
    if not all(_is_quota(product, seats, least=1) for product, seats in quotas):
        return "a limit of seats is a number from 1 up"
    return ""


def _is_quota(product: tuple[int, int], seats: int, least: int) -> bool:
    return least <= seats <= _SEATS_MAX and all(0 <= code <= _CODE_MAX for code in product)


def _why_not(command: c.Dismiss) -> str:
    if not _serial.fullmatch(command.serial) or len(command.by) > _NAME_MAX:
        return detail("serial-form")
    if len(command.name) > _NAME_MAX or len(command.role) > _NAME_MAX:
        return detail("certificate-name")
    if not 0 <= command.ends_at_s <= _SEATS_MAX:
        return detail("certificate-end")
    if len(command.who) > 256 or len(command.why) > _WHY_MAX:
        return detail("who-why-long")
    return ""


def _forget_ended(state: State) -> None:
    """Make room: certificates that have ended need no dismissal any more."""
    for serial, what in sorted(state.dismissed.items()):
        if what.ends_at_s and what.ends_at_s * 1000 + ENDED_FOR_MS <= state.log_time_ms:
            state.set_dismissed(serial, None)
