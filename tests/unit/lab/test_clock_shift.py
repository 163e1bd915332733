"""A preloaded clock: it steps while the process runs, and only the computer's clock does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from appliance.lab import processes
from appliance.lab.clock_shift import PACKAGE, ClockShift, find_library, tidy_up
from appliance.lab.platform import LabRefused, ProcessSpec

needs_library = pytest.mark.skipif(
    find_library() is None and os.environ.get("CI") != "true",
    reason=f"the Debian package {PACKAGE} is not installed",
)
HOUR_S = 3600
YEARS_S = 24 * 365 * 86_400
# A line in, the three clocks out.
CLOCKS = """
import sys, time
for _ in sys.stdin:
    print(time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME), flush=True)
"""


@needs_library
def test_a_running_process_sees_each_step(tmp_path: Path) -> None:
    shift = ClockShift(tmp_path / "offset")
    spec = shift.applied_to(
        ProcessSpec(name="x", argv=(sys.executable, "-c", CLOCKS), log="", env={"A": "b"})
    )
    assert spec.env["A"] == "b"
    with subprocess.Popen(
        spec.argv, env=dict(spec.env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        for offset_s in (0, HOUR_S, -YEARS_S, YEARS_S, -1, 0):
            shift.set(offset_s)
            before = (time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))
            print(file=child.stdin, flush=True)
            seen = [float(word) for word in child.stdout.readline().split()]
            after = (time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))
            seen[0] -= offset_s
            for early, clock_s, late in zip(before, seen, after, strict=True):
                # Years of seconds with a fraction do not fit into a float to the last digit.
                assert early - 1e-5 <= clock_s <= late + 1e-5


@needs_library
def test_it_is_the_same_for_a_process_that_a_lab_starts(tmp_path: Path) -> None:
    shift = ClockShift(tmp_path / "offset")
    shift.set(YEARS_S)
    log = tmp_path / "log"
    code = "import time; print(time.time(), flush=True)"
    spec = ProcessSpec(name="x", argv=(sys.executable, "-c", code), log=str(log))
    before_s = time.time()
    started = processes.start_detached(shift.applied_to(spec))
    deadline_s = time.monotonic() + 60
    while not log.read_text().endswith("\n"):
        assert time.monotonic() < deadline_s and processes.is_alive(started)
        time.sleep(0.01)
    assert before_s - 1e-5 <= float(log.read_text()) - YEARS_S <= time.time() + 1e-5


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_library(tmp_path) is None
    monkeypatch.setattr("appliance.lab.clock_shift.find_library", lambda: None)
    with pytest.raises(LabRefused, match=f"apt-get install {PACKAGE}"):
        ClockShift(tmp_path / "offset")


def test_only_what_dead_processes_left_is_removed(tmp_path: Path) -> None:
    mine, foreign = tmp_path / f"faketime_shm_{os.getpid()}", tmp_path / "something_1"
    dead = [tmp_path / f"{name}_{2**30}" for name in ("faketime_shm", "sem.faketime_sem")]
    for path in (mine, foreign, *dead):
        path.touch()
    tidy_up(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([mine, foreign])
