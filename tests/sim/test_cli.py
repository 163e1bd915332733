"""`tmr sim` on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from appliance.cli.sim import sim
from appliance.sim.oracle import Oracle


def test_it_reports_what_it_played() -> None:
    done = CliRunner().invoke(sim, ["--seeds", "0..2", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["seeds"] == 3
    assert document["violations"] == []
    assert document["inputs_per_s"] > 0


def test_a_violation_names_its_seed_options_trace_and_replay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Oracle, "last_index", property(lambda self: 0))
    done = CliRunner().invoke(sim, ["--seeds", "7"])
    assert done.exit_code == 1
    assert "seed 7: " in done.stdout
    assert "options: seed=7" in done.stdout
    assert "prepare" in done.stdout
    assert "replay: tmr sim --seeds 7" in done.stdout


@pytest.mark.parametrize("seeds", ["", "a..b", "5..4", "-3..1", "0..9999999"])
def test_seeds_that_make_no_sense_are_refused(seeds: str) -> None:
    done = CliRunner().invoke(sim, ["--seeds", seeds])
    assert done.exit_code == 2
    assert "seeds" in done.stderr
