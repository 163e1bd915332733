"""An operator's act is logged when it happens, and not again by a host that starts."""

from __future__ import annotations

import logging

import pytest

from appliance.codec import api
from appliance.details import TEXTS
from appliance.ledger.leader.phases import QUORUM_LOST
from tests.unit.services.tmr.world import ADMIN, World, run


def acts(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The operators' acts that were logged since the last look."""
    found = [r.getMessage() for r in caplog.records if r.getMessage().startswith("operator ")]
    caplog.clear()
    return found


def test_a_host_that_starts_does_not_log_old_acts_anew(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="appliance.services.tmr")

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


def test_upstreams_that_are_lost_are_a_warning_and_those_that_are_back_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="appliance.services.tmr")

    def told() -> list[tuple[str, str]]:
        """What tmr1 and tmr2 logged of it since the last call: each the same."""
        found = [(one.levelname, one.getMessage()) for one in caplog.records]
        caplog.clear()
        return [one for one in found if one[1].startswith("upstreams missing=")]

    async def test(world: World) -> None:
        world.advance(61)  # What was logged at the start is no longer kept quiet.
        caplog.clear()
        world.kill("up3")
        world.advance(3)
        assert told() == [("WARNING", "upstreams missing=up3")] * 2
        world.start("up3")
        world.advance(3)
        assert told() == [("INFO", "upstreams missing=none")] * 2

    run(test)


def test_a_quorum_that_is_lost_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="appliance.services.tmr")

    async def test(world: World) -> None:
        caplog.clear()
        world.kill("up2")
        world.kill("up3")
        world.until(lambda: not world.hosts["tmr1"].serving, "tmr1 gives up")
        world.advance(3)
        lost = [one for one in caplog.records if TEXTS[QUORUM_LOST] in one.getMessage()]
        assert [one.levelname for one in lost] == ["WARNING"], "once, and not each second"

    run(test)
