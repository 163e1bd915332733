"""What the demo's active host answers to what pages ask: the appliance's own handlers."""

from __future__ import annotations

from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.queueing import Queueing
from monitor_gui.feed.answers import whole_queue
from monitor_gui.model.queries import Answer, Query


class DemoAnswers:
    """Asks in the name of `caller`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def of(self, host: TmrHost, query: Query) -> Answer:
        """The answer of this host. Raises Refusal."""
        queueing = Queueing(host, Operations(host))
        return await whole_queue(lambda after: queueing.listed(self._caller, after, 0, 0))
