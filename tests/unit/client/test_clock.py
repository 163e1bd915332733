"""Which clock leases and receipts run out on."""

from __future__ import annotations

import time
from typing import Any

import pytest

from appliance.adapters.clock import boot_ns
from appliance.client.clock import boot_clock
from appliance.client.session import AsyncClient
from tests.unit.client.fake import Certificates, FakeServer, client_of

HAS_BOOT_TIME = hasattr(time, "CLOCK_BOOTTIME")


def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept: its boot time ran on, its monotonic time did not."""
    clocks: dict[Any, float] = {getattr(time, "CLOCK_BOOTTIME", -1): 90_000.0}
    monkeypatch.setattr(time, "clock_gettime", lambda clock: clocks[clock])
    monkeypatch.setattr(time, "clock_gettime_ns", lambda clock: int(clocks[clock] * 1e9))
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)


@pytest.mark.skipif(not HAS_BOOT_TIME, reason="this system has no boot time")
def test_time_in_sleep_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a notebook wakes up believing in a lease that ended in the meantime."""
    clock = boot_clock()
    with monkeypatch.context() as slept:
        faked(slept)
        assert clock() == 90_000.0
        assert boot_ns() == 90_000 * 10**9, "the servers' own clock, too"


def test_without_boot_time_it_is_monotonic_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    assert boot_clock() is time.monotonic


@pytest.mark.skipif(not HAS_BOOT_TIME, reason="this system has no boot time")
def test_a_client_counts_on_boot_time(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    client: AsyncClient = client_of(FakeServer(certificates))
    with monkeypatch.context() as slept:
        faked(slept)
        assert client.now() == client.engine.now() == 90_000.0
