"""Real processes: an upstream asks a time server, and shows what it says."""

from __future__ import annotations

import json
from random import Random

import msgspec

from appliance.adapters.container_home import BoxTimes
from appliance.services.central.root import RootAuthority
from appliance.services.settings import TimeServerSettings, dump
from tests.unit.codec import time_world as tw
from tests.unit.codec import world
from tests.unit.services import time_server_world
from tests.unit.services.upstream_world import Deployment, Upstream

TRUE_MS = tw.NOW_MS
YEAR_MS = 366 * 86_400_000


def test_an_upstream_asks_a_time_server(tmp_path):
    """Real processes: the walking skeleton of certified time."""
    (tmp_path / "central").mkdir()
    root = RootAuthority.create(tmp_path / "central" / "root", "Test root", world.NOW, Random(1))
    deployment = Deployment(tmp_path / "pki")
    (tmp_path / "up1").mkdir()
    up = Upstream(tmp_path / "up1", deployment)
    (up.path / "root.der").write_bytes(root.certificate)
    server = time_server_world.TimeServer(tmp_path / "ts1", root)
    server.start()
    up.settings = msgspec.structs.replace(
        up.settings, time_servers=(TimeServerSettings(url=server.url),)
    )
    up.config.write_text(dump(up.settings))
    ahead_ms = BoxTimes(box_ms=TRUE_MS + 100 * YEAR_MS)
    up.home.save_times(ahead_ms)
    up.start()
    try:
        status, data = up.ask("operator", "POST", "/v1/time")
        assert status == 200, data
        assert json.loads(data)["results"] == {up.home.serial: f"certified by {server.url}"}
        times = up.status()["times"]
        assert times["certified_ms"] < ahead_ms.box_ms - 50 * YEAR_MS
        assert 0 <= times["system_ms"] - times["certified_ms"] < 3_600_000
        assert up.status()["time_servers"][0]["state"] == "ok"
        stored = up.home.times()
        assert stored is not None and stored.certified_ms == times["certified_ms"]
        assert up.ask("viewer", "POST", "/v1/time")[0] == 403
        server.stop()
        status, data = up.ask("operator", "POST", "/v1/time")
        assert status == 502 and "unreachable" in json.loads(data)["detail"]
        assert up.status()["times"]["certified_ms"] == times["certified_ms"]
    finally:
        server.stop()
        assert up.stop() == 0
