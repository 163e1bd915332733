"""The unit tests of a planted bug, run with the bug planted in a process of its own.

Each process is a fork of one that has imported already what all of them need, so that a run costs
what its tests cost.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from pathlib import Path

import pytest

from tests.sim.planting import Mutant

ROOT = Path(__file__).parents[2]
TESTS_FAILED = 1
"""pytest's exit code; others say that nothing was tested."""
ALREADY_IMPORTED = "ignore::pytest.PytestAssertRewriteWarning"
"""What was imported once for all runs is rewritten for none; no test is among it."""
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", "PySide6.QtTest", "hypothesis", "tests.sim.killing"])


def first_failure(mutant: Mutant) -> str:
    """The first of its unit tests that fails with this bug, "" if all pass.

    Raises RuntimeError if they could not be run.
    """
    argv = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "-W", ALREADY_IMPORTED]
    argv += ["-p", "tests.sim.plant", "--plant", mutant.name, mutant.unit]
    # A place of its own: in the usual one two runs at once clear away each other's directories.
    with tempfile.TemporaryDirectory(prefix="tmr-mutant-") as place:
        said = Path(place) / "said"
        run = _FORKS.Process(target=_run, args=([*argv, f"--basetemp={place}/pytest"], said))
        run.start()
        run.join()
        text = said.read_text("utf-8")
    if run.exitcode == 0:
        return ""
    failed = [line for line in text.splitlines() if line.startswith("FAILED ")]
    if run.exitcode != TESTS_FAILED or not failed:
        raise RuntimeError(f"{mutant.unit} could not be run: {text[-1000:]}")
    return failed[0].removeprefix("FAILED ").partition(" - ")[0]


def _run(argv: list[str], said: Path) -> None:
    """In the process: what pytest says goes into the file `said`."""
    out = os.open(said, os.O_WRONLY | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.chdir(ROOT)
    # Whether a test fails is asked, and not the smallest example for it.
    os.environ["TMR_HYPOTHESIS_PROFILE"] = "mutation"
    raise SystemExit(pytest.main(argv))
