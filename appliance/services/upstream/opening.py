"""A container whose key is shut: what is wrong is said, and it is tried again (docs/containers.md).

What can go wrong in here is a wrong PIN that is tried until its token locks itself; whoever opens
the token remembers it (`adapters.keys.token`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from appliance.adapters.container_home import HomeDamaged
from appliance.services.upstream.container import HostContainer

OPEN_AGAIN_S: Final = 3.0

log = logging.getLogger(__name__)


async def keep_trying(container: HostContainer, fail: Callable[[Exception], None]) -> None:
    """Until the container is open. `fail` is told if it is damaged."""
    why = container.shut
    if not why:
        return
    log.error("container is shut: why=%s", why)
    while container.shut:
        await asyncio.sleep(OPEN_AGAIN_S)
        try:
            now = await container.try_again()
        except HomeDamaged as damaged:
            fail(damaged)
            return
        if now and now != why:
            log.error("container is still shut: why=%s", now)
            why = now
    log.info("container is open: serial=%s", container.serial)
