"""An operator's act is logged when it happens, and not again by a host that starts."""

from __future__ import annotations

import logging

import pytest

from appliance.codec import api
from tests.unit.services.tmr.world import ADMIN, World, run


def acts(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The operators' acts that were logged since the last look."""
    found = [r.getMessage() for r in caplog.records if r.getMessage().startswith("operator ")]
    caplog.clear()
    return found


def test_a_host_that_starts_does_not_log_old_acts_anew(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="appliance.services.tmr.host")

    async def test(world: World) -> None:
        async def maintenance(on: bool) -> None:
            body = api.OperateRequest(why="a test", host="tmr2", on=on)
            assert (await world.call("POST", "/v1/maintenance", body, who=ADMIN)).status == 200
            world.advance(1)

        for on in (True, False):
            await maintenance(on)
        assert len(acts(caplog)) == 4  # Each of both hosts tells of each.
        world.start_host_anew("tmr2")
        world.advance(3)
        assert world.hosts["tmr2"].coordinator.book.commit_index > 0
        assert acts(caplog) == []
        await maintenance(True)
        assert len(acts(caplog)) == 2

    run(test)
