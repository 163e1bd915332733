"""What is wrong, each cause once: what the appliance's own checks find in what is known here.

What is wrong and how bad it is, `appliance.watch` says, for all tools alike. The monitor adds what
it alone can know: since when, that no system is followed, and what can no longer be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.codec.api import StatusDocument
from appliance.codec.health_documents import Finding
from appliance.sentences import Sentence
from appliance.watch.facts import Facts, Margins, Silent
from appliance.watch.thresholds import (
    CERTIFICATE_WARN_S,
    DAY_S,
    DISK_WARN_SHARE,
    LAG_ENTRIES_MAX,
    LICENCE_NOTICE_S,
    UNITS_LOW_SHARE,
)
from appliance.watch.verdict import judge
from monitor_gui.model.ages import is_stale
from monitor_gui.model.findings import alert
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.phrases import say
from monitor_gui.model.store import LISTS_LATE_S, Endpoint, Store
from monitor_gui.model.verdict import Alert, Level, ShownVerdict, summed_up
from monitor_gui.model.wire_words import told

__all__ = ["Alert", "FoundAlerts", "find", "overall"]

_SERVICE: Final = frozenset(("not-serving", "no-answer", "closed", "tmr-down", "upstream-down"))
_LICENCES: Final = ("licence-", "units-", "seats-")
_SEVERAL_HOSTS: Final = frozenset(
    ("clock-unsynchronised", "versions-differ", "time-server", "clock-off", "twins-apart")
)


def _known(key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class FoundAlerts:
    """The alerts at a moment. With `blind`, nothing is known of what was true before: what is not
    among them has not ended by that; nor has one of which `unknown` says so by its key."""

    alerts: tuple[Alert, ...]
    blind: bool
    unknown: Callable[[str], bool] = _known


def facts(store: Store, now_s: float, limits: AlertLimits) -> Facts:
    """What the fresh answers say; licences only as long as they are known. Of a moment in which
    every host missed an answer, what they said just before."""
    fresh = store.fresh(now_s)
    heard = [one for one in fresh if not one.trouble] or fresh
    troubles = {one.address: one.trouble for one in store.endpoints.values() if one.trouble}
    if not fresh and not troubles:
        why = store.trouble or Sentence("no answer yet")
        troubles = dict.fromkeys(store.endpoints, why)
    documents = tuple(one.document for one in heard if one.document is not None)
    return Facts(
        max((document.log_time_ms for document in documents), default=0),
        documents,
        tuple(Silent(address, why) for address, why in troubles.items()),
        store.licences,
        own_clock=False,
        margins=margins(limits),
    )


def margins(limits: AlertLimits) -> Margins:
    """From when on a notice is wanted: never later than everybody gets it."""
    return Margins(
        licence_s=max(LICENCE_NOTICE_S, limits.licence_expires_d * DAY_S),
        certificate_s=max(CERTIFICATE_WARN_S, limits.certificate_expires_d * DAY_S),
        certified_age_s=limits.certified_age_d * DAY_S or None,
        seats_free=limits.seats_free,
        units_left_share=max(UNITS_LOW_SHARE, limits.units_left_percent / 100),
        disk_free_share=max(DISK_WARN_SHARE, limits.disk_free_percent / 100),
        lag_entries=limits.lag_entries or LAG_ENTRIES_MAX,
    )


def find(store: Store, now_s: float, limits: AlertLimits) -> FoundAlerts:
    """All that is worth an alert now."""
    if store.opened is None:
        return FoundAlerts((_unopened(store),) if store.trouble else (), True)
    best = store.best(now_s)
    found = judge(facts(store, now_s, limits)).findings
    alerts = tuple(alert(one, _since(store, best, one)) for one in found)
    return FoundAlerts(alerts, not store.fresh(now_s), lambda key: _unknown(store, now_s, key))


def overall(store: Store, now_s: float, limits: AlertLimits) -> ShownVerdict:
    """The verdict on all that is wrong: what the band, the overview and the alerts show."""
    causes = find(store, now_s, limits).alerts
    if store.opened is None:
        causes = (_unopened(store),)
    return summed_up(store, causes, now_s)


def _unopened(store: Store) -> Alert:
    """No system is followed: why not, and which one is meant."""
    if store.trouble:
        why = told(store.trouble)
        text = say("Not connected: {why}", why=why)
        if store.wanted:
            text = say("Not connected to {name}: {why}", name=store.wanted, why=why)
        advice = say("Check the connection profile, then connect again.")
        return Alert("closed", Level.UNKNOWN, text, advice)
    if not store.wanted:
        advice = say("Choose one: System > Connections (Ctrl+O).")
        return Alert("no-system", Level.UNKNOWN, say("No system is chosen"), advice)
    advice = say("Nothing to do: the first answer is awaited.")
    text = say("Connecting to {name}", name=store.wanted)
    return Alert("connecting", Level.UNKNOWN, text, advice)


def _since(store: Store, best: Endpoint | None, finding: Finding) -> float | None:
    """Since when it has been so, where that is known better than by having looked."""
    if finding.code == "no-answer":
        heard = [e.heard_at_s for e in store.endpoints.values() if e.heard_at_s is not None]
        return max(heard, default=None)
    if finding.code == "tmr-down":
        endpoint = store.by_host(finding.subject)
        return endpoint.heard_at_s if endpoint is not None else None
    if best is None or best.document is None or best.heard_at_s is None:
        return None
    ages_s = {one.name: one.last_heard_s for one in best.document.upstreams if not one.reachable}
    age_s: float | None = None
    if finding.code == "upstream-down":
        age_s = ages_s.get(finding.subject)
    elif finding.code == "not-serving":
        # The last one that was lost made it so.
        lost = finding.values.get("hosts", ())
        known = [ages_s.get(name) for name in lost] if isinstance(lost, tuple) else []
        age_s = min((one for one in known if one is not None), default=None)
    return None if age_s is None else best.heard_at_s - age_s


def _unknown(store: Store, now_s: float, key: str) -> bool:
    """Whether nobody can tell at present if what this alert told of is over."""
    code, _, subject = key.partition("/")
    best = store.best(now_s)
    document: StatusDocument | None = best.document if best is not None else None
    if document is None or code in _SERVICE:
        return document is None
    if code.startswith(_LICENCES):
        old = is_stale(store.licences_at_s, now_s - LISTS_LATE_S)
        return old or not store.active(now_s)
    gone = {one.name for one in document.upstreams if not one.reachable}
    gone |= {row.name for row in document.tmr_hosts if row.role == "unreachable"}
    return subject in gone or (code in _SEVERAL_HOSTS and bool(gone))
