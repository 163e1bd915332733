"""What holds for every test: markers, honest skips, no thread left behind, replayable chance."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

# Every run of the suite tries the same examples; a new one is found by looking for it, with
# `--hypothesis-profile=explore`, not by chance on somebody else's change.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
# For `make mutation`: whether a test fails, and not the smallest example for it.
hypothesis.settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    report_multiple_bugs=False,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile(os.environ.get("TMR_HYPOTHESIS_PROFILE", "ci"))

LAB_TOOLS = ("ip", "nft", "keepalived")
THREAD_END_WAIT_S = 10.0


def heed_signals() -> None:
    """Listen to what `nohup` or a shell's `&` ignores: tests send these signals, and what they
    start inherits what is ignored."""
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            default = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, default)


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers, since unknown ones are errors."""
    heed_signals()
    config.addinivalue_line(
        "markers", "lab: needs root, network namespaces, nftables and keepalived"
    )


def why_no_lab() -> str | None:
    """The reason why the network lab cannot run on this machine, or None if it can."""
    if sys.platform != "linux":
        return "the network lab needs Linux"
    if os.geteuid() != 0:
        return "the network lab needs root"
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    missing = [tool for tool in LAB_TOOLS if shutil.which(tool, path=path) is None]
    return f"not installed (make setup does it): {', '.join(missing)}" if missing else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `lab` where no lab can be, and say why."""
    if item.get_closest_marker("lab") is not None:
        reason = why_no_lab()
        if reason is not None:
            pytest.skip(reason)


def skips_are_failures() -> bool:
    """Where changes are judged (CI=true) a test that did not run has not passed."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a skipped report was skipped, as far as pytest says."""
    detail = report.longrepr
    return str(detail[2]) if isinstance(detail, tuple) else str(detail)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Turn a skip into a failure where skips are failures; an expected failure stays one."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and skips_are_failures():
        report.longrepr = f"skipped, which does not count with CI=true: {skip_reason(report)}"
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """The same for a whole module that skips itself."""
    report = yield
    if report.skipped and skips_are_failures():
        report.longrepr = f"skipped, which does not count with CI=true: {skip_reason(report)}"
        report.outcome = "failed"
    return report


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    """Fail a test that leaves threads running; those that are about to end get time to."""
    before = set(threading.enumerate())
    yield
    give_up_at = time.monotonic() + THREAD_END_WAIT_S
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, give_up_at - time.monotonic()))
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()]
    assert not left, f"threads left running: {left}"
