"""Findings in English: the sentences of `problems`, with a finding's values in their places.

How a value is written follows from the end of its name, which is its unit. The monitor does the
same in other languages (`monitor_gui.model.findings`).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from appliance.codec.health_documents import Finding, Value
from appliance.sentences import as_text
from appliance.watch.problems import PROBLEMS

_SPANS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
_GIB: Final = 1 << 30


def span(seconds: float) -> tuple[int, str]:
    """A span of time as a count of the largest unit of which there are two: whole days, hours,
    minutes or seconds. Negative counts as nothing."""
    for size_s, unit in _SPANS:
        if seconds >= 2 * size_s:
            return round(seconds / size_s), unit
    return round(max(0.0, seconds)), "seconds"


def gibibytes(count: float) -> str:
    """A size in GiB, as a number."""
    return f"{count / _GIB:.1f}"


def offset(milliseconds: float) -> str:
    """How far off a clock is, in seconds with its sign."""
    return f"{milliseconds / 1000:+.1f}"


def shown(name: str, value: Value) -> str:
    """A finding's value as it is read in English."""
    if isinstance(value, dict):
        return "; ".join(f"{word}: {', '.join(names)}" for word, names in value.items())
    if isinstance(value, tuple):
        *most, last = value or ("none",)
        return f"{', '.join(most)} and {last}" if most else last
    if isinstance(value, str):
        return value
    if name.endswith("_s"):
        return " ".join(map(str, span(value)))
    if name.endswith("_ms"):
        return f"{offset(value)} s"
    return f"{gibibytes(value)} GiB" if name.endswith("_bytes") else str(value)


def what(finding: Finding) -> str:
    """What is wrong: one sentence."""
    return f"{_filled(finding, PROBLEMS[finding.code].cases[finding.case].what)}{_others(finding)}."


def remedy(finding: Finding) -> str:
    """What to do about it: a sentence or a few."""
    return _filled(finding, PROBLEMS[finding.code].cases[finding.case].remedy)


def brief(finding: Finding) -> str:
    """What is wrong in few words, without a full stop: for the verdict."""
    text = PROBLEMS[finding.code].cases[finding.case]
    return _filled(finding, text.brief or text.what) + _others(finding)


def document(finding: Finding) -> dict[str, Any]:
    """The finding for a reader of JSON: as data, and as sentences."""
    said = {"cause": finding.cause, "what": what(finding), "remedy": remedy(finding)}
    data: dict[str, Any] = msgspec.to_builtins(finding, enc_hook=as_text)
    return data | said


def _filled(finding: Finding, template: str) -> str:
    values = {name: shown(name, one) for name, one in finding.values.items()}
    return template.format(**values | ({} if finding.why is None else {"why": finding.why}))


def _others(finding: Finding) -> str:
    return f"; {finding.others} more have the same trouble" if finding.others else ""
