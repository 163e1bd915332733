"""Scenarios as text: each file's transcript is what happens, to the letter.

Run with TMR_UPDATE_SCENARIOS=1 to write the transcripts anew, and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance.sim.script import ScriptError, play

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    played = play(written)
    if os.environ.get("TMR_UPDATE_SCENARIOS"):
        path.write_text(played, encoding="utf-8")
        return
    assert played == written


def test_scenarios_are_there() -> None:
    assert len(FILES) >= 8


@pytest.mark.parametrize("line", ["tmr3 gets the address", "crash up9", "do something", "run ms"])
def test_a_line_that_means_nothing_is_refused(line: str) -> None:
    with pytest.raises(ScriptError, match=r"means nothing|no host"):
        play(line + "\n")
