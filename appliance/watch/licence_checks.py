"""The checks of the licences: which cannot be used, and which soon cannot be.

Whether a licence can be used is not judged here: `LicenceDocument.refusal` is what a check-out of
it is told (`appliance.licences.validity.why_refused`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.codec.api import LicenceDocument
from appliance.watch.facts import CRITICAL, NOTICE, WARNING, Facts, Finding
from appliance.watch.problems import rank
from appliance.watch.thresholds import (
    LICENCE_FORGOTTEN_S,
    LICENCE_NOTICE_S,
    LICENCE_WARN_S,
    RESTS_SOON_S,
    UNITS_LOW_SHARE,
    days,
)

TWINS_NEEDED: Final = 2
_TOO_FEW: Final = frozenset(("unknown-product", "quorum-lost"))
EACH_MAX: Final = 5
"""More licences than these with the same trouble are one finding."""
_BROKEN: Final = frozenset(("missing", "differs"))


def licences(facts: Facts) -> Iterator[Finding]:
    """Every licence that cannot be used, or has something that will end its use."""
    if facts.licences is None or facts.leading is None:
        return
    now_s = (facts.licences.log_time_ms or facts.now_ms) / 1000
    down = {one.name for one in facts.leading.upstreams if not one.reachable}
    found: dict[str, list[Finding]] = {}
    for licence in facts.licences.licences:
        of_one = [*_ending(licence, now_s), *_resting(licence, now_s), *_units(licence)]
        if facts.serves:
            of_one += _twins(licence, down)
        for finding in of_one:
            found.setdefault(finding.code, []).append(finding)
    for same in found.values():
        yield from same if len(same) <= EACH_MAX else (_together(same),)


def _together(same: list[Finding]) -> Finding:
    """Many licences with one trouble, as one finding."""
    first = max(same, key=lambda one: rank(one.severity))
    return Finding(
        cause=first.code,
        severity=first.severity,
        what=f"{len(same)} licences have the same trouble: {first.what}",
        remedy=first.remedy,
        brief=f"{first.short}, and {len(same) - 1} others likewise",
    )


def _id(licence: LicenceDocument) -> str:
    return f"{licence.firm_code}:{licence.product_code}#{licence.tmr_id}"


def _named(licence: LicenceDocument) -> str:
    return f"Licence {_id(licence)} ({licence.text or licence.firm_name})"


def _twins(licence: LicenceDocument, down: set[str]) -> Iterator[Finding]:
    """Too few twins count; or one is missing or differs, beyond an upstream that is gone."""
    said = [
        f"{part.host or f'twin {part.twin}'} {part.state}"
        for part in licence.constituents
        if part.state != "ok"
    ]
    held = [part for part in licence.constituents if part.state != "missing"]
    if not licence.constituents:
        # A client is not told of twins: whether it was whole before, it cannot know.
        if not licence.in_use and licence.refusal not in ("", "quorum-lost"):
            return
    elif len(held) < TWINS_NEEDED and not licence.in_use:
        # It never was a licence here: the vendor's updates come container by container.
        yield Finding(
            cause=f"licence-twin/{_id(licence)}",
            severity=NOTICE,
            what=f"{_named(licence)} is not whole: fewer than two containers hold it.",
            remedy="Import the vendor's update at the other upstreams: `tmr container import`.",
        )
        return
    usable = licence.available or licence.refusal or licence.units_unconfirmed
    if licence.refusal in _TOO_FEW or not usable:
        yield Finding(
            cause=f"licence-unusable/{_id(licence)}",
            severity=CRITICAL,
            what=f"{_named(licence)} cannot be used: fewer than two of its twins count"
            + (f" ({', '.join(said)})." if said else "."),
            remedy="Bring back the upstreams that are named; where a twin is missing or differs,"
            " import the vendor's update there: `tmr container import`.",
            brief=f"licence {_id(licence)} cannot be used",
        )
        return
    broken = [
        part for part in licence.constituents if part.state in _BROKEN and part.host not in down
    ]
    if broken:
        yield Finding(
            cause=f"licence-twin/{_id(licence)}",
            severity=NOTICE,
            what=f"{_named(licence)} is not whole: {', '.join(said)}.",
            remedy="Import the vendor's update at the upstreams that are named: `tmr container "
            "import`.",
        )


def _ending(licence: LicenceDocument, now_s: float) -> Iterator[Finding]:
    """It ended, or soon does."""
    if licence.expires_at_s is None:
        return
    left_s = licence.expires_at_s - now_s
    if left_s >= LICENCE_NOTICE_S:
        return
    severity = NOTICE if left_s >= LICENCE_WARN_S or left_s < -LICENCE_FORGOTTEN_S else WARNING
    if -LICENCE_FORGOTTEN_S <= left_s <= 0:
        severity = CRITICAL
    said = "has expired" if left_s <= 0 else f"expires in {days(left_s)}"
    yield Finding(
        cause=f"licence-expiry/{_id(licence)}",
        severity=severity,
        what=f"{_named(licence)} {said}.",
        remedy="Ask the vendor for an update and import it at all three upstreams.",
        brief=f"licence {_id(licence)} {said}",
    )


def _resting(licence: LicenceDocument, now_s: float) -> Iterator[Finding]:
    """Its vendor wants a newer certified time, or has to confirm its units."""
    until_s = licence.certified_until_s
    if until_s is not None and until_s - now_s < RESTS_SOON_S:
        rests = until_s <= now_s
        said = (
            "rests until there is a newer certified time"
            if rests
            else f"needs a newer certified time within {days(until_s - now_s)}"
        )
        yield Finding(
            cause=f"licence-rests/{_id(licence)}",
            severity=CRITICAL if rests else WARNING,
            what=f"{_named(licence)} {said}.",
            remedy="Get one for two containers: `tmr time update --all --why …`.",
            brief=f"licence {_id(licence)} {said}",
        )
    if licence.units_unconfirmed:
        yield Finding(
            cause=f"units-unconfirmed/{_id(licence)}",
            severity=CRITICAL,
            what=f"{_named(licence)} rests: this system was restored from a backup, and its unit"
            " counter is not confirmed.",
            remedy="Give the vendor the backup and the ledger id (`tmr status --json`), and"
            " import the update that confirms the counter.",
            brief=f"licence {_id(licence)} rests until its units are confirmed",
        )


def _units(licence: LicenceDocument) -> Iterator[Finding]:
    """Few units are left, or none."""
    left, issued = licence.units_left, licence.units
    if left is None or not issued or left > issued * UNITS_LOW_SHARE:
        return
    yield Finding(
        cause=f"units-{'low' if left else 'gone'}/{_id(licence)}",
        severity=NOTICE if left else WARNING,
        what=f"{_named(licence)} has {left} of {issued} units left.",
        remedy="Ask the vendor for an update with more units, and import it at all three"
        " upstreams.",
        brief=f"licence {_id(licence)} has {left or 'no'} units left",
    )
