"""What `tmr doctor` finds and the verdict does not tell: its rules, asked with what is known here.

The rules are the appliance's own (`appliance.watch.checks`), so that the window and the alerts by
webhook do not come to differ. Those that the verdict and `alerts` tell with more (since when, of
many as one, in other languages) are left to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.watch import checks, tmr_checks
from appliance.watch.facts import Facts, Finding, Silent
from monitor_gui.model.alert import Alert
from monitor_gui.model.phrases import listed, say
from monitor_gui.model.retold import retold
from monitor_gui.model.store import Store
from monitor_gui.model.verdict import Level

RULES: Final = (
    tmr_checks.tmr_hosts_down,
    tmr_checks.hosts_silent,
    checks.upstreams_down,
    checks.address,
    checks.vrrp,
    checks.vrrp_strangers,
    checks.reports,
)
KINDS: Final = frozenset(
    (
        "two-active",
        "address-silent",
        "upstream-apart",
        "address-twice",
        "address-nowhere",
        "vrrp",
        "adverts-not-heard",
        "vrrp-stranger",
        "report-old",
    )
)
"""The findings that nothing else here tells, by the first word of their cause."""


_FOLLOWS_FROM: Final = {"address-silent": "active-unseen"}


def findings(store: Store, now_s: float) -> list[Finding]:
    """What is found in the fresh answers, in the order of the rules, each cause once."""
    known = store.fresh(now_s)
    heard = tuple(e.document for e in known if e.document is not None and not e.trouble)
    silent = tuple(Silent(e.address, e.trouble) for e in store.endpoints.values() if e.trouble)
    now_ms = max((document.log_time_ms for document in heard), default=0)
    facts = Facts(now_ms=now_ms, statuses=heard, silent=silent)
    found: dict[str, Finding] = {}
    for rule in RULES:
        for finding in rule(facts):
            if finding.cause.partition("/")[0] in KINDS:
                found.setdefault(finding.cause, finding)
    return list(found.values())


def alerts(store: Store, now_s: float, causes: set[str]) -> Iterator[Alert]:
    """What the appliance's own watch finds beyond that; hosts without a report are one alert."""
    reportless = []
    for finding in findings(store, now_s):
        kind, _, subject = finding.cause.partition("/")
        if kind == "report-old":
            reportless.append(subject)
        elif not causes & {_FOLLOWS_FROM.get(kind, ""), f"store-new {subject}"}:
            text = retold(finding.what.removesuffix("."))
            key = f"{kind} {subject}".rstrip()
            yield Alert(key, Level.DEGRADED, text, retold(finding.remedy), subject)
    if reportless:
        text = say("{names} did not tell lately how they are", names=listed(reportless))
        advice = say(
            "Their disks, clocks and certificates are unknown: upgrade a host of an earlier "
            "version, else read its log."
        )
        yield Alert("report-old", Level.NOTICE, text, advice, reportless[0])
