"""`tmr bench monitor` measures what it says it does; no figure is judged here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from appliance.cli.main import tmr
from appliance.errors import UserError
from monitor_gui.bench import measure, plant, report


@pytest.mark.timeout(600)
def test_every_figure_is_measured_and_stands_beside_its_aim() -> None:
    arguments = ["--leases", "3000", "--events", "300", "--seconds", "1", "--hour-events", "3000"]
    result = CliRunner().invoke(tmr, ["bench", "monitor", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    first, busy, sort, idle, hour = [line["detail"] for line in found["lines"]]
    assert len(first["starts"]) == report.STARTS
    assert all(0 < start["window_s"] < start["verdict_s"] for start in first["starts"])
    assert (busy["rows"], busy["beats"] > 10, busy["events_per_s"] > 100) == (3000, True, True)
    assert sort["sort_s"] > 0
    assert idle["cpu"] >= 0
    assert hour["events"] >= 3000
    assert hour["check_outs_seen"] > 1000, (
        "half of the events are check-outs, and the window saw them"
    )


def test_a_measurement_that_fails_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    with pytest.raises(UserError, match=r"“quiet” failed.*QT_QPA_PLATFORM"):
        report._child("quiet", seconds=0.1)


def test_a_measurement_that_crashes_says_by_which_signal_and_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crash = "import faulthandler; faulthandler.enable(); faulthandler._sigsegv()"
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _, **options: start([sys.executable, "-c", crash], **options)
    )
    with pytest.raises(UserError, match=r"“quiet” was ended by SIGSEGV(?s:.*)line 1"):
        report._child("quiet", seconds=0.1)


def test_a_long_gap_counts_for_every_beat_in_it(qtbot: object) -> None:
    beat = measure.Beat()
    beat._timer.stop()
    beat.reset()
    assert beat.figures() == {}
    beat._last_s = 0.0
    beat._beat()  # the process has run for longer than a hundred beats
    assert len(beat.late_ms) > 100
    assert beat.late_ms[0] - beat.late_ms[1] == pytest.approx(measure.BEAT_MS)


def test_the_plant_lists_every_lease_once() -> None:
    pages = [plant._leases.decode(page) for page in plant._pages(5_000)]
    assert [page.next for page in pages] == [2_000, 4_000, None]
    assert [row.generation for page in pages for row in page.leases] == list(range(1, 5_001))
