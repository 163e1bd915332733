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
from appliance.watch.problems import LEVELS, WARNING
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
    # Only in the metrics and the log: all are served by the two that agree.
    "TmrEndorsementDisputed": WARNING,
}
OF_THE_LIST = "TmrFinding"
"""Its level is the finding's own."""


def test_prometheus_rules_have_the_levels_of_the_one_list():
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    rules = {rule["alert"]: rule for rule in group["rules"]}
    listed = rules.pop(OF_THE_LIST)
    assert listed["labels"] == {"severity": "{% raw %}{{ $labels.level }}{% endraw %}"}
    assert "by (system, problem, level, subject) (tmr_finding{" in listed["expr"]
    for name, rule in rules.items():
        labels = rule["labels"]
        if name in OF_NO_PROBLEM:
            assert labels == {"severity": OF_NO_PROBLEM[name]}, name
        else:
            assert labels["severity"] in LEVELS[labels["problem"]], name


def test_no_prometheus_rule_judges_what_the_one_list_judges():
    """A threshold in a rule would be a second diagnosis: rules compare with none or with all."""
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    for rule in group["rules"]:
        bounds = re.findall(r"(?:[<>]=?|==) ([\d.]+)", rule["expr"])
        assert {*bounds} <= {"0", "1"}, rule["alert"]


def test_prometheus_rules_ask_for_metrics_that_there_are():
    asked = set(re.findall(r"\b(tmr_[a-z_]+)\{", RULES.read_text("utf-8")))
    known = {
        name
        for registry in (tmr_registry(), upstream_registry())
        for name, _, _ in metrics.table(registry)
    }
    assert len(asked) > 3
    assert asked <= known
