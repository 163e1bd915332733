"""docs/metrics.md lists exactly the metrics that there are, with the words of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from appliance.codec.reports import Report
from appliance.services import metrics
from appliance.services.upstream.metrics import registry_of
from appliance.watch.problems import CRITICAL, LEVELS, NOTICE, WARNING
from tests.unit.services.tmr.world import World

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def tmr_registry() -> CollectorRegistry:
    return World().apps["tmr1"].registry


def upstream_registry() -> CollectorRegistry:
    def nobody_looks() -> None:
        raise AssertionError("a table needs no values")

    return registry_of(nobody_looks, Report)  # type: ignore[arg-type]


def written(title: str) -> list[str]:
    """The rows of the table under this heading."""
    section = DOCUMENT.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(
    ("title", "registry"),
    [("TMR hosts", tmr_registry), ("Upstreams", upstream_registry)],
    ids=["tmr", "upstream"],
)
def test_the_table_is_that_of_the_registry(title, registry):
    rows = [
        f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in metrics.table(registry())
    ]
    assert len(rows) > 10
    assert written(title) == rows, "put this into docs/metrics.md:\n" + "\n".join(rows)


RULES = DOCUMENT.parents[1] / "roles" / "monitoring" / "templates" / "tmr.rules.yml.j2"
OF_NO_PROBLEM = {
    # The sums: what is degraded or critical, whatever it is.
    "TmrDegraded": WARNING,
    "TmrSomebodyNotServed": CRITICAL,
    # Only in the metrics and the log: all are served by the two that agree.
    "TmrEndorsementDisputed": WARNING,
}
OF_SEVERAL_LEVELS = {
    "TmrSeatsExhausted": NOTICE,  # All seats are taken.
    "TmrCertificateEnds": NOTICE,  # In 45 days.
    "TmrDiskFills": WARNING,  # Below 10 %.
    "TmrClockOutvoted": WARNING,  # A container's.
    "TmrNoCertifiedTime": WARNING,  # From none.
}
"""Rules of problems that may have several levels, with the one that docs/health.md gives them."""


def test_prometheus_rules_have_the_levels_of_the_one_list():
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        name, labels = rule["alert"], rule["labels"]
        if name in OF_NO_PROBLEM:
            assert labels == {"severity": OF_NO_PROBLEM[name]}, name
            continue
        levels = LEVELS[labels["problem"]]
        (wanted,) = levels if len(levels) == 1 else (OF_SEVERAL_LEVELS[name],)
        assert wanted in levels, name
        assert labels["severity"] == wanted, name
    exprs = [rule["expr"] for rule in group["rules"] if rule["labels"]["severity"] == CRITICAL]
    assert any('tmr_problems{level="critical"' in expr for expr in exprs)


def test_prometheus_rules_ask_for_metrics_that_there_are():
    asked = set(re.findall(r"\b(tmr_[a-z_]+)\{", RULES.read_text("utf-8")))
    known = {
        name
        for registry in (tmr_registry(), upstream_registry())
        for name, _, _ in metrics.table(registry)
    }
    assert len(asked) > 5
    assert asked <= known
