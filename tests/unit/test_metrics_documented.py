"""docs/metrics.md lists exactly the metrics that there are, with the words of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from appliance.codec.reports import Report
from appliance.services import metrics
from appliance.services.upstream.metrics import registry_of
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


def test_prometheus_rules_ask_for_metrics_that_there_are():
    rules = DOCUMENT.parents[1] / "roles" / "monitoring" / "templates" / "tmr.rules.yml.j2"
    asked = set(re.findall(r"\b(tmr_[a-z_]+)\{", rules.read_text("utf-8")))
    known = {
        name
        for registry in (tmr_registry(), upstream_registry())
        for name, _, _ in metrics.table(registry)
    }
    assert len(asked) > 5
    assert asked <= known
