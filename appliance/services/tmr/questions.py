"""Questions to an upstream beside the ledger, each over a link of its own: it delays no append."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

from appliance.adapters.links.links import Chance, Link
from appliance.codec.frames import FrameReader
from appliance.ledger.messages import Message

CONNECT_WITHIN_S: Final = 3.0
READ_WITHIN_S: Final = 3.0

A = TypeVar("A", bound=Message)


class Questions(Generic[A]):
    """`addresses` maps an upstream's name to where it listens; answers are read by `reader`, and
    waited for so long (`within_s`)."""

    def __init__(
        self,
        addresses: Mapping[str, tuple[str, int]],
        context: ssl.SSLContext,
        chance: Chance,
        reader: Callable[[], FrameReader[A]],
        within_s: float = READ_WITHIN_S,
    ) -> None:
        self._addresses = addresses
        self._context = context
        self._chance = chance
        self._reader = reader
        self._within_s = within_s

    async def ask(self, name: str, question: Message) -> A:
        """The first answer of the upstream of this name. Raises TimeoutError."""
        came: asyncio.Future[A] = asyncio.get_running_loop().create_future()

        def up(_: str) -> None:
            link.send(question)

        def take(_: str, message: A) -> None:
            if not came.done():
                came.set_result(message)

        link: Link[A] = Link(
            name,
            self._addresses[name],
            self._context,
            self._reader,
            on_up=up,
            on_message=take,
            on_down=lambda _, why: None,
            chance=self._chance,
            silent_s=self._within_s,
            connect_timeout_s=CONNECT_WITHIN_S,
        )
        link.start()
        try:
            async with asyncio.timeout(self._within_s):
                return await came
        finally:
            await link.close()
