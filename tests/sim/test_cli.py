"""`tmr sim` on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from appliance.cli.sim import sim
from appliance.ledger.certificates import proofs
from appliance.sim.oracle import Oracle
from tests.sim import killing
from tests.sim.planting import Mutant


def test_it_reports_what_it_played() -> None:
    done = CliRunner().invoke(sim, ["--seeds", "0..2", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["seeds"] == 3
    assert document["violations"] == []
    assert document["inputs_per_s"] > 0


def test_liars_are_played_and_what_they_reach_is_measured() -> None:
    done = CliRunner().invoke(sim, ["--malicious", "--seeds", "13", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["violations"] == []
    assert document["lies"]["makes up receipts and answers"] > 0
    assert document["measured"]["answers of a liar that nothing vouches for"] > 0
    assert document["mutants"] is None
    assert document["simulated_hours_per_minute"] > 0


def test_planted_bugs_are_counted_and_a_survivor_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = {"survives": "", "dies": "seed 0: something"}
    monkeypatch.setattr(killing, "killer", lambda mutant: found[mutant.name])
    monkeypatch.setattr(killing, "MUTANTS", tuple(Mutant(name, lambda _: None) for name in found))
    done = CliRunner().invoke(sim, ["--mutants", "--seeds", "0", "--json"])
    assert done.exit_code == 1
    mutants = json.loads(done.stdout)["mutants"]
    assert mutants == {"planted": 2, "killed": 1, "survived": ["survives"]}


def test_a_liars_violation_replays_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_term", lambda term: None)
    done = CliRunner().invoke(sim, ["--malicious", "--seeds", "7"])
    assert done.exit_code == 1
    assert "replay: tmr sim --malicious --seeds 7" in done.stdout


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
