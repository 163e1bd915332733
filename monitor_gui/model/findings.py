"""What the appliance's own checks find (`appliance.watch`), in phrases that can be translated.

The sentences are those of `appliance.watch.problems`; only how a value is written depends on the
language, and its unit is the end of its name, as in `appliance.watch.words`.
"""

from __future__ import annotations

from typing import Final

from appliance.codec.health_documents import Finding, Value
from appliance.watch.problems import CRITICAL, NOTICE, PROBLEMS, WARNING
from appliance.watch.words import gibibytes, offset, span
from monitor_gui.model.phrases import Phrase, listed, say
from monitor_gui.model.verdict import Alert, Level
from monitor_gui.model.wire_words import told

LEVELS: Final = {NOTICE: Level.NOTICE, WARNING: Level.DEGRADED, CRITICAL: Level.CRITICAL}
NOBODY_SERVED: Final = {"not-serving": Level.DOWN, "no-answer": Level.UNKNOWN}
_PAGES: Final = {
    "clocks": ("clock-off", "clock-slow", "log-time-ahead", "certified-age", "licence-rests"),
    "timeservers": ("container-locked", "time-server"),
    "licences": (
        "licence-unusable",
        "licence-twin",
        "licence-expiry",
        "usage-period",
        "emergency-licence",
        "units-unconfirmed",
        "units-gone",
        "units-low",
        "seats-low",
        "over-reserved",
    ),
    "failover": (
        "tmr-down",
        "two-active",
        "twins-apart",
        "maintenance",
        "standby-cut-off",
        "address-twice",
        "address-nowhere",
        "vrrp",
        "adverts-not-heard",
        "vrrp-stranger",
    ),
    "hosts": (
        "clock-unsynchronised",
        "disk",
        "archive",
        "certificate",
        "versions-differ",
        "host-outdated",
        "rules-to-raise",
        "upstream-behind",
        "upstream-apart",
        "store-damaged",
        "container-shut",
        "container-elsewhere",
        "store-no-vote",
        "disk-put-back",
        "ledger-rolled-back",
        "two-systems",
        "report-old",
    ),
}
_PAGE_OF: Final = {code: page for page, codes in _PAGES.items() for code in codes}
_SPANS: Final = {
    "days": say("{n} days"),
    "hours": say("{n} hours"),
    "minutes": say("{n} minutes"),
    "seconds": say("{n} seconds"),
}


def alert(finding: Finding, since_s: float | None = None) -> Alert:
    """The finding as an alert; `since_s` is since when it has been so, as far as anybody knows."""
    text = PROBLEMS[finding.code].cases[finding.case]
    values = finding.values
    sought = values.get("name" if "licence" in values else "url") or values.get("host") or ""
    if isinstance(hosts := values.get("hosts"), tuple):
        sought = sought or hosts[0]
    return Alert(
        finding.cause,
        NOBODY_SERVED.get(finding.code) or LEVELS[finding.severity],
        _others(_phrase(text.what, finding), finding),
        _phrase(text.remedy, finding),
        _others(_phrase(text.brief or text.what, finding), finding),
        str(sought),
        _PAGE_OF.get(finding.code, "overview"),
        since_s,
    )


def _phrase(template: str, finding: Finding) -> Phrase:
    values = tuple((name, shown(name, value)) for name, value in finding.values.items())
    why = () if finding.why is None else (("why", told(finding.why.text)),)
    return Phrase(template, values + why)


def _others(phrase: Phrase, finding: Finding) -> Phrase:
    if not finding.others:
        return phrase
    return say("{what}; {more} more have the same trouble", what=phrase, more=finding.others)


def shown(name: str, value: Value) -> str | int | Phrase:
    """A finding's value as people read it."""
    if isinstance(value, dict):
        return _grouped(value)
    if isinstance(value, tuple):
        return listed(value)
    if isinstance(value, str):
        return told(value)
    if name.endswith("_s"):
        count, unit = span(value)
        return Phrase(_SPANS[unit].template, (("n", count),))
    if name.endswith("_ms"):
        return say("{off} s", off=offset(value))
    if name.endswith("_bytes"):
        return say("{size} GiB", size=gibibytes(value))
    return value if isinstance(value, int) else str(value)


def _grouped(groups: dict[str, tuple[str, ...]]) -> str | Phrase:
    whole: Phrase | None = None
    for word, names in groups.items():
        said = told(names[0]) if len(names) == 1 else ", ".join(names)
        one = say("{word}: {names}", word=told(word), names=said)
        whole = one if whole is None else say("{first}; {next}", first=whole, next=one)
    return "" if whole is None else whole
