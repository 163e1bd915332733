"""All that is wrong, as the appliance itself finds it (docs/health.md), in the monitor's words.

What is wrong and how bad it is, `appliance.watch` says, for all tools alike. The monitor adds since
when, tells many of a kind as one, and translates. So each of its own alerts gets the level of the
findings that it tells of, and a finding that none of them tells of becomes one. What only the
limits in monitor.toml ask for, and what the monitor alone can know (that it hears nothing), stays
its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from appliance.watch.facts import Facts, Finding, Silent
from appliance.watch.problems import CRITICAL, NOTICE, WARNING
from appliance.watch.verdict import judge
from monitor_gui.model.ages import is_stale
from monitor_gui.model.alert import Alert
from monitor_gui.model.retold import retold
from monitor_gui.model.store import LISTS_LATE_S, Store
from monitor_gui.model.verdict import Level

LEVELS: Final = {NOTICE: Level.NOTICE, WARNING: Level.DEGRADED, CRITICAL: Level.CRITICAL}

OWN_WORDS: Final = {
    "tmr-down": "host-lost",
    "upstream-down": "upstream-lost",
    "upstream-behind": "lag",
    "store-no-vote": "store-new",
    "container-locked": "locked",
    "clock-off": "clock",
    "clock-unsynchronised": "unsynchronised",
    "certificate": "certificates",
    "versions-differ": "versions",
    "licence-twin": "twins",
    "licence-unusable": "unusable",
    "licence-rests": "rests",
    "units-unconfirmed": "unconfirmed",
    "units-gone": "units",
    "units-low": "units",
}
"""What the monitor calls a problem by its code, where it is not called the same."""
_LIKEWISE: Final = {"clocks": "clock", "time-servers": "time-server"}
_NOT_SERVING: Final = frozenset(("quorum-lost", "no-active", "active-unseen"))
_FOLLOWS: Final = {
    "upstream-lost": _NOT_SERVING,
    "not-serving": _NOT_SERVING,
    "address-silent": frozenset(("active-unseen",)),
    "upstream-apart": frozenset(("store-new",)),
}
"""What is not told beside one of these, since it is the same or follows from it."""
FOUND_ONLY: Final = frozenset(("twins", "unusable"))
"""Alerts that count only if the appliance's checks find the same."""
LICENCES: Final = frozenset(
    ("seats", "units", "expired", "expires", "rests", "unconfirmed", "unusable", "twins")
)
SEVERAL_HOSTS: Final = frozenset(
    ("certificates", "unsynchronised", "versions", "certified-age", "time-servers", "clocks")
)
SERVICE: Final = _NOT_SERVING | frozenset(("silence", "closed", "host-lost", "upstream-lost"))


def facts(store: Store, now_s: float) -> Facts:
    """What the fresh answers say; licences only as long as they are known."""
    known = store.fresh(now_s)
    heard = tuple(e.document for e in known if e.document is not None and not e.trouble)
    silent = tuple(Silent(e.address, e.trouble) for e in store.endpoints.values() if e.trouble)
    now_ms = max((document.log_time_ms for document in heard), default=0)
    return Facts(now_ms, heard, silent, store.licences, own_clock=False)


def findings(store: Store, now_s: float) -> tuple[Finding, ...]:
    """What the appliance's own checks find in that."""
    return judge(facts(store, now_s)).findings


def kind_of(finding: Finding) -> str:
    """What the monitor calls this problem."""
    if finding.code == "licence-expiry":
        return "expired" if "has expired" in finding.what else "expires"
    return OWN_WORDS.get(finding.code, finding.code)


def levelled(alerts: Iterable[Alert], found: Iterable[Finding]) -> list[Alert]:
    """The alerts with the levels of what they tell of, and what none of them told of."""
    left = list(found)
    out: list[Alert] = []
    kinds = {alert.kind for alert in alerts}
    named = {kind_of(finding) for finding in left} | set(OWN_WORDS.values())
    for alert in alerts:
        mine = [finding for finding in left if tells_of(alert, finding)]
        left = [finding for finding in left if finding not in mine]
        level = alert.level
        if alert.kind not in _NOT_SERVING and level < Level.UNKNOWN:
            if mine:
                level = max(LEVELS[finding.severity] for finding in mine)
            elif alert.kind in FOUND_ONLY:
                continue
            elif alert.kind in named:
                level = Level.NOTICE  # Only a limit in monitor.toml asks for it.
        out.append(Alert(alert.key, level, alert.text, alert.advice, alert.subject))
    for finding in left:
        kind = kind_of(finding)
        if not _FOLLOWS.get(kind, frozenset()) & kinds:
            out.append(_alert(kind, finding))
    return out


def tells_of(alert: Alert, finding: Finding) -> bool:
    """Whether this alert is about that problem."""
    kind = _LIKEWISE.get(alert.kind, alert.kind)
    if kind != kind_of(finding):
        return False
    said, subject = alert.key.partition(" ")[2], finding.subject
    return not said or not subject or said in subject or subject in said


def _alert(kind: str, finding: Finding) -> Alert:
    text, advice = retold(finding.what.removesuffix(".")), retold(finding.remedy)
    key = f"{kind} {finding.subject}".rstrip()
    return Alert(key, LEVELS[finding.severity], text, advice, finding.subject)


def unknown(store: Store, now_s: float, key: str) -> bool:
    """Whether nobody can tell at present if what this alert told of is over."""
    kind, _, subject = key.partition(" ")
    best = store.best(now_s)
    document = best.document if best is not None else None
    if document is None or kind in SERVICE:
        return document is None
    if kind in LICENCES:
        old = is_stale(store.licences_at_s, now_s - LISTS_LATE_S)
        return old or not store.active(now_s)
    gone = {one.name for one in document.upstreams if not one.reachable}
    gone |= {row.name for row in document.tmr_hosts if row.role == "unreachable"}
    return bool(gone & set(subject.replace("/", " ").split())) or (
        kind in SEVERAL_HOSTS and bool(gone)
    )
