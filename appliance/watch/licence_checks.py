"""The checks of the licences: which cannot be used, and which soon cannot be.

Whether a licence can be used is not judged here: `LicenceDocument.refusal` is what a check-out of
it is told (`appliance.licences.validity.why_refused`). All is compared with log time, as licences
are: no computer's own clock has a say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from appliance.codec.api import LicenceDocument
from appliance.licences.item import ItemOptions
from appliance.licences.options import containers
from appliance.licences.roles import EMERGENCY
from appliance.watch.facts import CRITICAL, NOTICE, WARNING, Facts, Finding, Margins, Value, found
from appliance.watch.problems import rank
from appliance.watch.thresholds import (
    LICENCE_FORGOTTEN_S,
    LICENCE_NOTICE_S,
    LICENCE_WARN_S,
    RESTS_SOON_S,
)

_TOO_FEW: Final = frozenset(("unknown-product", "quorum-lost"))
EACH_MAX: Final = 5
"""More licences than these with the same trouble are one finding."""
_BROKEN: Final = frozenset(("missing", "differs"))
_NO_END_S: Final = float("inf")


def licences(facts: Facts) -> Iterator[Finding]:
    """Every licence that cannot be used, or has something that will end its use."""
    if facts.licences is None or facts.leading is None:
        return
    now_s = (facts.licences.log_time_ms or facts.now_ms) / 1000
    down = {one.name for one in facts.leading.upstreams if not one.reachable}
    serves = facts.serves  # looked up once: there may be ten thousand licences
    same: dict[str, list[Finding]] = {}
    for licence in facts.licences.licences:
        of_one = [
            *_ending(licence, "licence-expiry", licence.expires_at_s, now_s, facts.margins),
            *_ending(licence, "usage-period", licence.usage_ends_s, now_s, facts.margins),
            *_emergency(licence, now_s),
            *_resting(licence, now_s),
            *_used_up(licence, facts.margins),
        ]
        if serves:
            of_one += _twins(licence, down, facts.needed)
        for finding in of_one:
            same.setdefault(finding.code, []).append(finding)
    for alike in same.values():
        yield from alike if len(alike) <= EACH_MAX else (_together(alike),)


def is_plain(item: ItemOptions, now_s: float) -> bool:
    """Whether nothing is found here of a licence with these options at that log time, while all its
    twins count and nobody wants notices earlier: what spares a host that has thousands of such
    licences to look at each."""
    return (
        (item.expires_at_s is None or item.expires_at_s - now_s >= LICENCE_NOTICE_S)
        and item.usage_period_s is None
        and item.certified_age_max_s is None
        and item.contact_within_s is None
        and item.units is None
        and item.role != EMERGENCY
    )


def _together(alike: list[Finding]) -> Finding:
    """Many licences with one trouble, as one finding: the worst, and of these the next to end."""

    def weight(one: Finding) -> tuple[int, float]:
        left_s = one.values.get("left_s", _NO_END_S)
        return -rank(one.severity), left_s if isinstance(left_s, int | float) else _NO_END_S

    return replace(min(alike, key=weight), subject="", others=len(alike) - 1)


def _of(
    licence: LicenceDocument, code: str, severity: str, case: str = "", /, **values: Value
) -> Finding:
    """A finding about this licence."""
    number = f"{licence.firm_code}:{licence.product_code}#{licence.tmr_id}"
    name = licence.text or licence.firm_name
    return found(code, severity, number, case, licence=number, name=name, **values)


def _twins(licence: LicenceDocument, down: set[str], needed: int) -> Iterator[Finding]:
    """Too few twins count; or one is missing or differs, beyond an upstream that is gone."""
    twins: dict[str, tuple[str, ...]] = {}
    for part in licence.constituents:
        if part.state != "ok":
            twins[part.state] = (*twins.get(part.state, ()), part.host or f"twin {part.twin}")
    held = [part for part in licence.constituents if part.state != "missing"]
    if not licence.constituents:
        # A client is not told of twins: whether it was whole before, it cannot know.
        if not licence.in_use and licence.refusal not in ("", "quorum-lost"):
            return
    elif len(held) < needed and not licence.in_use:
        # It never was a licence here: the vendor's updates come container by container.
        yield _of(licence, "licence-twin", NOTICE, "one")
        return
    usable = licence.available or licence.refusal or licence.units_unconfirmed
    if licence.refusal in _TOO_FEW or not usable:
        if twins:
            yield _of(licence, "licence-unusable", CRITICAL, "twins", twins=twins)
        else:
            yield _of(licence, "licence-unusable", CRITICAL)
    elif any(part.state in _BROKEN and part.host not in down for part in licence.constituents):
        yield _of(licence, "licence-twin", NOTICE, twins=twins)


def _ending(
    licence: LicenceDocument, code: str, ends_s: int | None, now_s: float, margins: Margins
) -> Iterator[Finding]:
    """It ended by that, or soon does."""
    if ends_s is None:
        return
    left_s = ends_s - now_s
    if left_s <= 0:
        severity = NOTICE if left_s < -LICENCE_FORGOTTEN_S else CRITICAL
        yield _of(licence, code, severity, "over")
    elif left_s < margins.licence_s:
        severity = NOTICE if left_s >= LICENCE_WARN_S else WARNING
        yield _of(licence, code, severity, left_s=left_s)


def _emergency(licence: LicenceDocument, now_s: float) -> Iterator[Finding]:
    """Seats of an emergency licence are in use; how long they can be, if its period goes on."""
    if licence.role != EMERGENCY or not licence.in_use:
        return
    seats: dict[str, Value] = {"in_use": licence.in_use, "quantity": licence.quantity}
    left_s = 0.0 if licence.usage_ends_s is None else licence.usage_ends_s - now_s
    if left_s > 0:
        yield _of(licence, "emergency-licence", WARNING, "timed", **seats, left_s=left_s)
    else:
        yield _of(licence, "emergency-licence", WARNING, **seats)


def _resting(licence: LicenceDocument, now_s: float) -> Iterator[Finding]:
    """Its vendor wants a newer certified time or other containers, or has to confirm its units."""
    until_s = licence.certified_until_s
    if until_s is not None and until_s <= now_s:
        yield _of(licence, "licence-rests", CRITICAL, "over")
    elif until_s is not None and until_s - now_s < RESTS_SOON_S:
        yield _of(licence, "licence-rests", WARNING, left_s=until_s - now_s)
    if licence.refusal == containers.REASON.word:
        yield _of(licence, "licence-rests", CRITICAL, "unbound")
    if licence.units_unconfirmed:
        yield _of(licence, "units-unconfirmed", CRITICAL)


def _used_up(licence: LicenceDocument, margins: Margins) -> Iterator[Finding]:
    """Few units are left, or none; few seats are free, if somebody wants to know."""
    left, issued = licence.units_left, licence.units
    if issued and left == 0:
        yield _of(licence, "units-gone", WARNING, issued=issued)
    elif issued and left is not None and left <= issued * margins.units_left_share:
        yield _of(licence, "units-low", NOTICE, left=left, issued=issued)
    quantity = licence.quantity
    free = quantity - licence.in_use - licence.lingering
    wanted = margins.seats_free
    if wanted is not None and licence.available and quantity and free <= wanted:
        yield _of(licence, "seats-low", NOTICE, free=max(0, free), quantity=quantity)
