"""The alert rules: what is wrong or will be, each cause once.

The verdict's causes come first. What follows from one of them is not told again: a host that does
not answer raises no alert about its clock, disk or certificate, and an upstream that is gone none
about the twins that are missing for it. What many share (an expiry date, a version) is one alert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.codec.api import HostHealth, LicenceDocument, StatusDocument
from monitor_gui.model import timeservers, watched, whole
from monitor_gui.model.ages import duration
from monitor_gui.model.alert import Alert
from monitor_gui.model.clocks import OUTVOTED_MS, clocks
from monitor_gui.model.limits import Limits
from monitor_gui.model.phrases import Phrase, listed, say
from monitor_gui.model.store import Store
from monitor_gui.model.verdict import Cause, Level, Verdict, summed_up, verdict

__all__ = ["Alert", "Found", "find", "overall"]

DAY_S: Final = 86_400
RESTS_SOON_S: Final = 2 * DAY_S
EACH_MAX: Final = 5
"""More licences than these with the same trouble are told together."""


def _known(key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Found:
    """The alerts at a moment. With `blind`, nothing is known of what was true before: what is not
    among them has not ended by that; nor has one of which `unknown` says so by its key."""

    alerts: tuple[Alert, ...]
    blind: bool
    unknown: Callable[[str], bool] = _known


def find(store: Store, now_s: float, limits: Limits) -> Found:
    """All that is worth an alert now."""
    causes = verdict(store, now_s).causes
    alerts = [
        Alert(cause.key, cause.level, cause.text, cause.advice, cause.key.partition(" ")[2])
        for cause in causes
        if cause.key not in ("connecting", "no-system")
    ]
    best = store.best(now_s)
    document = best.document if best is not None else None
    if document is None or not store.fresh(now_s):
        return Found(tuple(alerts), True)
    alerts += _licences(store, document, limits)
    if max((cause.level for cause in causes), default=Level.OK) <= Level.DEGRADED:
        alerts += _unusable(store)
        alerts += watched.alerts(store, now_s, {cause.key for cause in causes})
    alerts += _hosts(document, limits)
    alerts += _times(document, limits)
    levelled = whole.levelled(alerts, whole.findings(store, now_s))
    return Found(tuple(levelled), False, lambda key: whole.unknown(store, now_s, key))


def overall(store: Store, now_s: float, limits: Limits) -> Verdict:
    """The verdict on all that is wrong: what the band, the overview and the alerts show."""
    since_s = {cause.key: cause.since_s for cause in verdict(store, now_s).causes}
    causes = [
        Cause(alert.key, alert.level, alert.text, alert.advice, since_s.get(alert.key))
        for alert in find(store, now_s, limits).alerts
    ]
    if store.opened is None and not causes:
        return verdict(store, now_s)  # It connects, or is not asked to, which is no alert.
    return summed_up(store, causes, now_s)


# --- licences ---


def _licences(store: Store, document: StatusDocument, limits: Limits) -> Iterator[Alert]:
    if store.licences is None:
        return
    now_s = document.log_time_ms / 1000
    licences = store.licences.licences
    yield from _expiries(licences, now_s, limits)
    yield from _resting(licences, now_s)
    yield from _unconfirmed([x for x in licences if x.units_unconfirmed])
    usable = [x for x in licences if x.available and not _expired(x, now_s)]
    full = [x for x in usable if x.quantity and x.quantity - x.in_use <= limits.seats_free]
    yield from _each(
        "seats",
        full,
        lambda x: (
            say(
                "no seat left of {product}: {used} of {all} in use",
                product=_name(x),
                used=x.in_use,
                all=x.quantity,
            )
            if x.in_use >= x.quantity
            else say(
                "few seats left of {product}: {used} of {all} in use",
                product=_name(x),
                used=x.in_use,
                all=x.quantity,
            )
        ),
        lambda n, first: say(
            "{n} licences have too few free seats, such as {first}", n=n, first=first
        ),
        say("See who holds the seats, on the Licences page; release one, or ask for more."),
    )
    scarce = [
        x
        for x in usable
        if x.units
        and x.units_left is not None
        and x.units_left * 100 <= x.units * limits.units_left_percent
    ]
    yield from _each(
        "units",
        scarce,
        _units_left,
        lambda n, first: say("{n} licences have few units left, such as {first}", n=n, first=first),
        say("Ask the vendor for an update with more units."),
    )


def _units_left(row: LicenceDocument) -> Phrase:
    if not row.units_left:
        return say("no units left of {product}", product=_name(row))
    return say(
        "few units left of {product}: {left} of {all}",
        product=_name(row),
        left=row.units_left,
        all=row.units or 0,
    )


def _unconfirmed(licences: Sequence[LicenceDocument]) -> Iterator[Alert]:
    """Licences with units, after the system was restored from a backup."""
    if licences:
        first = _name(licences[0])
        text = say("{product} rests until the vendor confirms its units", product=first)
        if len(licences) > 1:
            text = say(
                "{n} licences rest until the vendor confirms their units, such as {product}",
                n=len(licences),
                product=first,
            )
        advice = say("The system was restored: send the vendor a request for an update of them.")
        yield Alert("unconfirmed", Level.DEGRADED, text, advice, first)


def _unusable(store: Store) -> Iterator[Alert]:
    """Licences that were issued to two twins or more, of which fewer than two count at present."""
    known = store.licences.licences if store.licences is not None else ()
    lame = [
        x
        for x in known
        if not (x.available or x.units_unconfirmed)
        and sum(twin.state != "missing" for twin in x.constituents) >= 2
    ]
    if not lame:
        return
    text = say(
        "{product} cannot be used: fewer than two of its twins count", product=_name(lame[0])
    )
    if len(lame) > 1:
        text = say(
            "{n} licences cannot be used, such as {product}: fewer than two of their twins count",
            n=len(lame),
            product=_name(lame[0]),
        )
    advice = say("See on the Licences page which twins are locked, differ or are out of reach.")
    yield Alert("unusable", Level.DEGRADED, text, advice, _name(lame[0]))


def _resting(licences: Sequence[LicenceDocument], now_s: float) -> Iterator[Alert]:
    """Licences whose vendor wants a fresh certified time, and that have none or will soon."""
    found = [x for x in licences if x.certified_until_s is not None and x.available]
    found = [x for x in found if (x.certified_until_s or 0) - now_s < RESTS_SOON_S]
    if not found:
        return
    found.sort(key=lambda x: x.certified_until_s or 0)
    first, left_s = _name(found[0]), (found[0].certified_until_s or 0) - now_s
    advice = say("Update the certified time, on the Clocks page.")
    if left_s <= 0:
        text = say("{product} rests until there is a newer certified time", product=first)
        yield Alert("rests", Level.DEGRADED, text, advice, first)
    else:
        text = say(
            "{product} needs a newer certified time in {time}", product=first, time=duration(left_s)
        )
        yield Alert("rests", Level.NOTICE, text, advice, first)


def _expiries(licences: Sequence[LicenceDocument], now_s: float, limits: Limits) -> Iterator[Alert]:
    """One alert for each firm, for what is over and for what soon will be."""
    for firm in sorted({x.firm_code for x in licences}):
        mine = [x for x in licences if x.firm_code == firm and x.expires_at_s is not None]
        mine.sort(key=lambda x: x.expires_at_s or 0)
        over = [x for x in mine if _expired(x, now_s)]
        soon = [x for x in mine if not _expired(x, now_s)]
        soon = [x for x in soon if (x.expires_at_s or 0) - now_s < limits.licence_expires_d * DAY_S]
        if not over and not soon:
            continue
        advice = say("Ask {firm} for an update of the licences.", firm=mine[0].firm_name or firm)
        if over:
            text = say("{product} has expired", product=_name(over[-1]))
            if len(over) > 1:
                text = say(
                    "{n} licences of {firm} have expired, the last was {product}",
                    n=len(over),
                    firm=over[0].firm_name or firm,
                    product=_name(over[-1]),
                )
            yield Alert(f"expired {firm}", Level.DEGRADED, text, advice, _subject(over))
        if soon:
            left = duration((soon[0].expires_at_s or 0) - now_s)
            text = say("{product} expires in {time}", product=_name(soon[0]), time=left)
            if len(soon) > 1:
                text = say(
                    "{n} licences of {firm} expire soon, the first, {product}, in {time}",
                    n=len(soon),
                    firm=soon[0].firm_name or firm,
                    product=_name(soon[0]),
                    time=left,
                )
            yield Alert(f"expires {firm}", Level.NOTICE, text, advice, _subject(soon))


def _each(
    kind: str,
    found: Sequence[LicenceDocument],
    one: Callable[[LicenceDocument], Phrase],
    many: Callable[[int, str], Phrase],
    advice: Phrase,
) -> Iterator[Alert]:
    """An alert for each licence, or one for all if they are many."""
    if len(found) > EACH_MAX:
        yield Alert(kind, Level.NOTICE, many(len(found), _name(found[0])), advice)
        return
    for x in found:
        key = f"{kind} {x.firm_code}:{x.product_code}#{x.tmr_id}"
        yield Alert(key, Level.NOTICE, one(x), advice, _name(x))


def _expired(licence: LicenceDocument, now_s: float) -> bool:
    return licence.expires_at_s is not None and licence.expires_at_s <= now_s


def _name(licence: LicenceDocument) -> str:
    return licence.text or f"{licence.firm_code}:{licence.product_code}"


def _subject(licences: Sequence[LicenceDocument]) -> str:
    return _name(licences[0]) if len(licences) == 1 else licences[0].firm_name


# --- hosts ---


def _healths(document: StatusDocument) -> list[tuple[str, HostHealth]]:
    """The reports of hosts that answer: one that does not has an alert of its own."""
    found = [(x.name, x.health) for x in document.upstreams if x.health and x.reachable]
    found += [
        (x.name, x.health) for x in document.tmr_hosts if x.health and x.role != "unreachable"
    ]
    return [(name, health) for name, health in found if health is not None]


def _hosts(document: StatusDocument, limits: Limits) -> Iterator[Alert]:
    healths = _healths(document)
    for name, health in healths:
        free, there = health.disk_free_bytes, health.disk_total_bytes
        if free is None or not there or free * 100 > there * limits.disk_free_percent:
            continue
        level = Level.DEGRADED if free * 200 <= there * limits.disk_free_percent else Level.NOTICE
        yield Alert(
            f"disk {name}",
            level,
            say(
                "the disk of {name} is filling: {percent} % free",
                name=name,
                percent=f"{free * 100 / there:.1f}",
            ),
            say("Make room on {name}: a host with a full disk acknowledges nothing.", name=name),
            name,
        )
    yield from _certificates(healths, document.log_time_ms / 1000, limits)
    versions: dict[str, list[str]] = {}
    for name, health in healths:
        versions.setdefault(health.version, []).append(name)
    if len(versions) > 1:
        told = "; ".join(f"{version}: {', '.join(names)}" for version, names in versions.items())
        yield Alert(
            "versions",
            Level.NOTICE,
            say("the hosts run different versions ({versions})", versions=told),
            say("Finish the upgrade: mixed versions work, but only for its duration."),
        )
    for upstream in document.upstreams:
        if upstream.reachable and limits.lag_entries and upstream.lag > limits.lag_entries:
            yield Alert(
                f"lag {upstream.name}",
                Level.NOTICE,
                say("{name} is {n} entries behind", name=upstream.name, n=upstream.lag),
                say("If this does not shrink, look at the disk and the network of that host."),
                upstream.name,
            )


def _certificates(
    healths: Sequence[tuple[str, HostHealth]], now_s: float, limits: Limits
) -> Iterator[Alert]:
    bound_s = now_s + limits.certificate_expires_d * DAY_S
    due = [
        (health.certificate_expires_at_s, name)
        for name, health in healths
        if health.certificate_expires_at_s is not None and health.certificate_expires_at_s < bound_s
    ]
    if not due:
        return
    first_s, names = min(due)[0], [name for _, name in sorted(due)]
    left_s = first_s - now_s
    if left_s <= 0:
        text = say("the TLS certificate of {names} has expired", names=listed(names[:1]))
    elif len(names) == 1:
        text = say(
            "the TLS certificate of {name} expires in {time}", name=names[0], time=duration(left_s)
        )
    else:
        text = say(
            "the TLS certificates of {names} expire, the first in {time}",
            names=listed(names),
            time=duration(left_s),
        )
    level = Level.DEGRADED if left_s <= 0 else Level.NOTICE
    advice = say("Renew them with the playbook rotate_certificates.yml: no interruption is needed.")
    yield Alert("certificates", level, text, advice, names[0])


# --- times ---


def _times(document: StatusDocument, limits: Limits) -> Iterator[Alert]:
    failing = timeservers.failing(document)
    urls = {row.server.url for row in timeservers.server_rows(document) if row.reachable}
    none = bool(urls) and set(failing) == urls
    if none:
        yield Alert(
            "time-servers",
            Level.NOTICE,
            say("no time server answers"),
            say("Check the way from the upstreams to the time servers; certified times grow old."),
        )
    for url, names in failing.items() if not none else ():
        yield Alert(
            f"time-server {url}",
            Level.NOTICE,
            say("time server {url} fails for {names}", url=url, names=listed(names)),
            say("Check the way to it; the other time servers are enough meanwhile."),
            url,
        )
    old = [
        upstream.name
        for upstream in document.upstreams
        if upstream.reachable
        and not upstream.locked
        and upstream.times is not None
        and limits.certified_age_d
        and (upstream.times.certified_age_s or 0) > limits.certified_age_d * DAY_S
    ]
    if old and not none:
        yield Alert(
            "certified-age",
            Level.NOTICE,
            say(
                "the certified time of {names} is older than {n} days",
                names=listed(old),
                n=limits.certified_age_d,
            ),
            say("Update the certified time, on the Clocks page."),
        )
    wrong = {clock.host for clock in clocks(document) if abs(clock.offset_ms or 0) > OUTVOTED_MS}
    loose = [
        name
        for name, health in _healths(document)
        if health.clock_synchronised is False and name not in wrong
    ]
    if loose:
        yield Alert(
            "unsynchronised",
            Level.NOTICE,
            say("the computer's clock of {names} is not synchronised", names=listed(loose)),
            say("See whether chrony runs there and reaches its servers."),
            loose[0],
        )
