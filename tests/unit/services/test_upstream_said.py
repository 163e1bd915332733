"""An upstream process goes on from the time that its container signed last."""

from __future__ import annotations

import signal

import pytest

from appliance.adapters.clock import wall_ms
from appliance.adapters.container_home import BoxTimes
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import Adopted, Heartbeat, Prepare
from tests.unit.services.upstream_world import Deployment, Log, Upstream, empty_adopt, founding

TERM = Term(1, "tmr1", 7)


@pytest.fixture
def stopped(tmp_path, tmp_path_factory):
    upstream = Upstream(tmp_path, Deployment(tmp_path_factory.mktemp("deployment")))
    yield upstream
    upstream.stop(signal.SIGKILL)


@pytest.mark.parametrize("how", ["edited", "taken away"])
def test_the_file_with_its_times_put_back_gains_nothing(stopped, how):
    """It goes on from what it signed itself: its store is a chain with a mark beside it."""
    ahead_ms = wall_ms() + 3_600_000
    stopped.home.save_times(BoxTimes(box_ms=ahead_ms))
    stopped.start()
    link = stopped.link()
    assert isinstance(link.ask(empty_adopt(link.ask(Prepare(TERM)))), Adopted)
    log = Log(TERM)
    said = link.ask(Heartbeat(TERM, 1, True)).time
    assert said.system_time_ms >= ahead_ms
    link.send(log.append(founding(stopped), times=(said,)), log.append())
    assert [link.receive().index for _ in range(2)] == [1, 2]
    link.close()
    assert stopped.stop() == 0
    if how == "edited":
        stopped.home.save_times(BoxTimes(box_ms=wall_ms() - 3_600_000))
    else:
        (stopped.path / stopped.settings.container / "times.json").unlink()
    stopped.start()
    assert stopped.status()["container"]["system_time_ms"] >= said.system_time_ms
    assert "this container signed a time that is" in stopped.log
