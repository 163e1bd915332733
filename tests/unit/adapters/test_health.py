"""What a host knows of itself, and that what it cannot know is None."""

import ctypes
import sys
from datetime import UTC, datetime, timedelta

import pytest

from appliance.adapters import health
from appliance.adapters.health import HealthProbe
from appliance.adapters.pki import authority as pki
from appliance.codec.api import HostHealth


def test_a_host_knows_its_disk_its_store_and_its_certificate(tmp_path):
    now = datetime.now(UTC)
    pki.create_ca(tmp_path / "ca", now)
    files = pki.issue_host(tmp_path / "ca", tmp_path / "up1", "up1", "upstream", now)
    store = tmp_path / "ledger.sqlite"
    store.write_bytes(b"x" * 1000)
    (tmp_path / "ledger.sqlite-wal").write_bytes(b"x" * 234)
    (tmp_path / "another").write_bytes(b"x" * 50)
    probe = HealthProbe("1.0", 77, tmp_path, files.cert, store, lambda: True)
    found = probe()
    assert (found.version, found.started_at_ms) == ("1.0", 77)
    assert found.disk_total_bytes is not None
    assert found.disk_free_bytes is not None
    assert 0 < found.disk_free_bytes <= found.disk_total_bytes
    assert found.store_bytes == 1234
    assert found.certificate_expires_at_s is not None
    ends = datetime.fromtimestamp(found.certificate_expires_at_s, UTC)
    assert abs(ends - now - timedelta(days=pki.IDENTITY_DAYS)) < timedelta(days=2)
    assert found.clock_synchronised is True


def test_what_cannot_be_known_is_none(tmp_path):
    nowhere = tmp_path / "no" / "where"
    (tmp_path / "bad.pem").write_text("no certificate")
    probe = HealthProbe("1.0", 77, nowhere, tmp_path / "bad.pem", nowhere, lambda: None)
    assert probe() == HostHealth(version="1.0", started_at_ms=77)
    assert health.certificate_expires_at_s(nowhere) is None
    assert health.files_bytes(tmp_path / "not-there") is None


class FakeLibc:
    """Answers adjtimex with this state and this status word."""

    def __init__(self, state: int, status: int) -> None:
        self.state = state
        self.status = status

    def adjtimex(self, timex) -> int:
        assert timex.raw == bytes(len(timex)), "modes 0 asks; anything else would set the clock"
        offset = 5 * ctypes.sizeof(ctypes.c_long)
        ctypes.c_int.from_buffer(timex, offset).value = self.status
        return self.state


@pytest.mark.skipif(sys.platform != "linux", reason="adjtimex(2) is Linux's")
@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [(0, 0x2001, True), (5, 0x0040, False), (0, 0x2041, False), (-1, 0, None)],
)
def test_the_kernels_word_on_its_clock(monkeypatch, state, status, expected):
    monkeypatch.setattr(ctypes, "CDLL", lambda name, use_errno: FakeLibc(state, status))
    assert health.clock_synchronised() is expected


@pytest.mark.skipif(sys.platform != "linux", reason="adjtimex(2) is Linux's")
def test_the_real_kernel_can_be_asked():
    assert health.clock_synchronised() in (True, False, None)
