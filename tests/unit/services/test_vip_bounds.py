"""The address process keeps neither connections nor removals that never end."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from appliance.services import vip
from appliance.services.vip import HANDLERS_MAX, WORKS_MAX, VipService
from appliance.services.vip_config import VipConfig
from appliance.services.vip_core import RemoveAddress


def config(path: Path) -> VipConfig:
    """Settings that nothing is started by."""
    return VipConfig(
        interface="lo",
        address="10.77.0.100/24",
        vrid=77,
        priority=150,
        runtime_dir=str(path),
        socket=str(path / "vip.sock"),
    )


async def nothing() -> None:
    """In place of what starts keepalived."""


def test_connections_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer connection replaces the older one at once, also one that reads nothing."""

    async def whole() -> None:
        service = VipService(config(tmp_path))
        monkeypatch.setattr(service, "_start_keepalived", nothing)
        path = str(tmp_path / "vip.sock")
        server = await asyncio.start_unix_server(service._serve_client, path)
        writers: list[asyncio.StreamWriter] = []
        most = 0
        for _ in range(60):
            _, writer = await asyncio.open_unix_connection(path)
            writers.append(writer)
            if service._client is not None:  # More than fits into the socket, and unread.
                service._client.write(bytes(1 << 20))
            await asyncio.sleep(0)
            most = max(most, len(service._handlers))
        for _ in range(20):
            await asyncio.sleep(0)
        assert most <= HANDLERS_MAX
        assert len(service._handlers) == 1, "the newest stands, and nobody else"
        for writer in writers:
            writer.close()
        while service._handlers:
            await asyncio.sleep(0)
        if service._timer is not None:
            service._timer.cancel()
        server.close()

    asyncio.run(whole())


def test_removals_that_hang_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang(*given: Any) -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(vip, "remove_address", hang)

    async def whole() -> None:
        service = VipService(config(tmp_path))
        for _ in range(60):
            service._perform(RemoveAddress("keepalived is not its master"))
            await asyncio.sleep(0)
        tasks = list(service._tasks)
        assert len(tasks) == WORKS_MAX
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        asyncio.run(whole())
    assert "removals hang" in caplog.text
