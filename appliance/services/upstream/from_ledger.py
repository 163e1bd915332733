"""What others brought to the ledger and this container lacks: taken over as soon as it is seen.

    block list   whoever brought it, it counts here, too
    delivery     an update that an operator brought for the group while this host may have been away
                 (`licences.deliveries`)

Both are signed by their vendors, so it does not matter that their entry may not be committed yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final

from appliance.licences.refusals import BlockListRefused, UpdateRefused
from appliance.licences.state import State
from appliance.services.upstream.container import HostContainer

AGAIN_S: Final = 10.0

log = logging.getLogger(__name__)


class FromLedger:
    """Takes over one thing at a time; what fails is tried again after AGAIN_S."""

    def __init__(self, container: HostContainer) -> None:
        self._container = container
        self._task: asyncio.Task[None] | None = None

    def look(self, state: State) -> None:
        """Begin with what this state has for the container, unless something is under way."""
        self._container.virtual_serial = state.virtual_serial
        if self._task is not None:
            return
        container = self._container
        if state.block_list.number > container.content.block_list.number:
            self._begin(self._learn(state.block_list.data))
            return
        held = dict(container.held)
        for (serial, firm_code), waiting in state.deliveries.items():
            if serial == container.serial and held.get(firm_code, 0) < waiting.sequence:
                self._begin(self._import(waiting.update))
                return

    async def close(self) -> None:
        """Give up what is under way."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(self._do(work))

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (BlockListRefused, UpdateRefused, OSError) as error:
            log.error("not taken over from the ledger: why=%s", error)
            await asyncio.sleep(AGAIN_S)
        finally:
            self._task = None

    async def _learn(self, data: bytes) -> None:
        learned = await self._container.learn_block_list(data)
        why = self._container.locked
        log.warning("block list: number=%d locked=%s", learned.number, why or "no")

    async def _import(self, data: bytes) -> None:
        firm = (await self._container.import_update(data)).firm
        log.info("delivered: firm=%d sequence=%d", firm.firm_code, firm.sequence)
