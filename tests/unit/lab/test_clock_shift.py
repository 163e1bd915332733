"""A preloaded clock: it steps while the process runs, and only the computer's clock does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from appliance.lab import clock_shift, processes
from appliance.lab.clock_shift import ClockShift, compiler
from appliance.lab.platform import LabRefused, ProcessSpec

needs_compiler = pytest.mark.skipif(
    compiler() is None and os.environ.get("CI") != "true",
    reason=f"there is no C compiler: apt-get install {clock_shift.PACKAGES}",
)
HOUR_S = 3600
YEARS_S = 24 * 365 * 86_400
# Years of seconds with a fraction do not fit into a float to the last digit.
ROUNDING_S = 1e-5
# A line in, the clocks out.
CLOCKS = """
import sys, time
for _ in sys.stdin:
    print(time.time(), time.clock_gettime(time.CLOCK_REALTIME), time.monotonic(),
          time.clock_gettime(time.CLOCK_BOOTTIME), flush=True)
"""


def clocks() -> tuple[float, ...]:
    now_s = time.time()
    return now_s, now_s, time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)


@needs_compiler
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
            before = clocks()
            print(file=child.stdin, flush=True)
            seen = [float(word) for word in child.stdout.readline().split()]
            after = clocks()
            seen[0] -= offset_s
            seen[1] -= offset_s
            for early, clock_s, late in zip(before, seen, after, strict=True):
                assert early - ROUNDING_S <= clock_s <= late + ROUNDING_S


WAITING = """
import sys, threading, time
began_s = time.monotonic()
event = threading.Event()
assert not event.wait(0.2)
time.sleep(0.2)
threading.Timer(0.2, event.set).start()
assert event.wait(60)
print(time.monotonic() - began_s)
"""


@needs_compiler
@pytest.mark.parametrize("offset_s", [YEARS_S, -YEARS_S])
def test_waits_are_as_long_as_they_were(tmp_path: Path, offset_s: int) -> None:
    shift = ClockShift(tmp_path / "offset")
    shift.set(offset_s)
    done = subprocess.run(
        [sys.executable, "-c", WAITING],
        env=shift.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    # A wait that took the shift for its own would end at once, or not within a test's patience.
    assert float(done.stdout) >= 0.6


@needs_compiler
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
        assert time.monotonic() < deadline_s
        assert processes.is_alive(started) or log.read_text().endswith("\n")
        threading.Event().wait(0.01)
    assert before_s - ROUNDING_S <= float(log.read_text()) - YEARS_S <= time.time() + ROUNDING_S


@needs_compiler
def test_a_process_without_its_clock_does_not_start(tmp_path: Path) -> None:
    shift = ClockShift(tmp_path / "offset")
    shift.path.unlink()
    done = subprocess.run(
        [sys.executable, "-c", "print('on')"],
        env=shift.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 127
    assert "TMR_CLOCK_SHIFT names no file" in done.stderr
    assert not done.stdout


def test_without_a_compiler_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_shift, "compiler", lambda: None)
    with pytest.raises(LabRefused, match="apt-get install gcc libc6-dev"):
        ClockShift(tmp_path / "offset")


@needs_compiler
def test_what_the_compiler_says_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.c"
    broken.write_text("#include <no_such_header.h>\n")
    monkeypatch.setattr(clock_shift, "SOURCE", broken)
    with pytest.raises(LabRefused, match="no_such_header"):
        ClockShift(tmp_path / "offset")
