"""What this container does for its group, ordered by a TMR host (`codec.container_orders`).

What can go wrong in here is a TMR host that lies or floods. It gets no signature but under requests
and receipts, as an operator of this host would; and so many orders are under way at once, each
within a bounded while.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from appliance.adapters.central_client import CentralSaysNo, CentralUnreachable
from appliance.adapters.keys.shut import KeyShut
from appliance.codec.container_orders import (
    SENTENCE_MAX,
    ContainerAnswer,
    ContainerOrder,
    GetChallenge,
    ShowTicket,
    SignReceipt,
    SignRequest,
    What,
)
from appliance.codec.request_files import NONCE_BYTES_MIN, Wanted, central_audience
from appliance.errors import UserError
from appliance.services.upstream.container import HostContainer
from appliance.services.upstream.transfer import TransferDenied, Transfers

ORDERS_MAX: Final = 8
"""Orders under way at once; another one is refused."""
ORDER_WITHIN_S: Final = 60.0

log = logging.getLogger(__name__)


class GroupOrders:
    """The orders of this upstream's container."""

    def __init__(self, container: HostContainer, transfers: Transfers) -> None:
        self._container = container
        self._transfers = transfers
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, order: ContainerOrder, answer: Callable[[ContainerAnswer], object]) -> None:
        """Carry this out, and then call `answer`."""
        if len(self._tasks) >= ORDERS_MAX:
            answer(ContainerAnswer(refused="It does too much for its group already; try again."))
            return
        task = asyncio.get_running_loop().create_task(self._carry_out(order, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry_out(
        self, order: ContainerOrder, answer: Callable[[ContainerAnswer], object]
    ) -> None:
        answer(await self.carry_out(order.what))

    async def carry_out(self, what: What) -> ContainerAnswer:
        """What came of this order. Raises nothing that is foreseen."""
        try:
            async with asyncio.timeout(ORDER_WITHIN_S):
                return await self._do(what)
        except (TransferDenied, CentralSaysNo, CentralUnreachable, KeyShut) as no:
            why = no.detail
        except UserError as error:
            why = error.sentence
        except OSError as error:  # A timeout is one, too.
            why = f"It could not do it ({error or type(error).__name__}); try again."
        # A refusal may come from License Central, and holds no ticket.
        log.info("for the group: order=%s refused=%s", type(what).__name__, why)
        return ContainerAnswer(refused=why[:SENTENCE_MAX])

    async def _do(self, what: What) -> ContainerAnswer:
        if isinstance(what, GetChallenge):
            audience, challenge = await self._transfers.challenge(what.firm_code)
            return ContainerAnswer(challenge, audience)
        if isinstance(what, SignRequest):
            if what.audience.startswith(central_audience("")):
                await self._transfers.refresh()
            return ContainerAnswer(await asyncio.to_thread(self._sign, what))
        if isinstance(what, ShowTicket):
            shown = await self._transfers.show(what.ticket, what.request, what.firm_code)
            return ContainerAnswer(shown)
        if isinstance(what, SignReceipt):
            return ContainerAnswer(await asyncio.to_thread(self._receipt, what.firm_code))
        await self._transfers.confirm()
        return ContainerAnswer()

    def _sign(self, what: SignRequest) -> bytes:
        if len(what.nonce) < NONCE_BYTES_MIN:
            raise UserError("A request needs a number of 16 bytes or more.")
        held = tuple(one for one in self._container.held if what.firm_code in (0, one[0]))
        wanted = Wanted(what.purpose, what.audience, what.nonce, what.order, held)
        return self._container.request(wanted)

    def _receipt(self, firm_code: int) -> bytes:
        if firm_code not in dict(self._container.held):
            raise UserError(f"The container holds nothing of firm {firm_code}.")
        return self._container.receipt(firm_code)
