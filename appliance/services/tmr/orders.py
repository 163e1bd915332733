"""What requests ask of the coordinator: to order a command, or that its term still stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from appliance.ledger import effects as fx
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import UNKNOWN_REPEAT
from appliance.licences.commands import AnyCommand, CheckOut, LeaseRef, Tick
from appliance.services.tmr.standing import ANSWER_WITHIN_S, HostStanding
from appliance.services.tmr.tickets import Tickets


class Orders:
    """`perform` does what the coordinator asks for; `boot_s` is the boot clock."""

    def __init__(
        self,
        coordinator: Coordinator,
        standing: HostStanding,
        tickets: Tickets,
        perform: Callable[[Iterable[fx.Effect]], None],
        boot_s: Callable[[], float],
    ) -> None:
        self._coordinator = coordinator
        self._standing = standing
        self._tickets = tickets
        self._perform = perform
        self._boot_s = boot_s

    async def submit(self, command: AnyCommand, within_s: float = ANSWER_WITHIN_S) -> fx.Decided:
        """Have a command ordered. Raises Refusal, by which nothing is said of the command's fate
        unless the reason is "quorum-lost", "not-active" or "overloaded": then it was never sent."""
        decided: fx.Decided = await self._order(command, within_s)
        return decided

    async def check_out(self, command: CheckOut, within_s: float) -> fx.Decided | fx.Denied:
        """As `submit`. Without an entry (fx.Denied) it was found that the check-out waits on."""
        answer: fx.Decided | fx.Denied = await self._order(command, within_s)
        return answer

    async def _order(self, command: AnyCommand, within_s: float) -> Any:
        self._standing.check_active()

        def enter(ticket: int) -> None:
            self._perform(self._coordinator.submit(self._boot_s(), ticket, command))

        return await self._tickets.wait(enter, within_s)

    async def fence(self, within_s: float = ANSWER_WITHIN_S) -> None:
        """Return once two upstreams confirmed this host's term since the call. Raises Refusal.

        What is read from the state before anything else is awaited is true then. The term may have
        ended since the confirmation came, and with it what is known of leases.
        """
        self._standing.check_active()

        def enter(ticket: int) -> None:
            self._perform(self._coordinator.ask(self._boot_s(), ticket))

        await self._tickets.wait(enter, within_s)
        if not self._coordinator.serving:
            raise self._standing.refusal(UNKNOWN_REPEAT)

    async def settle(self, within_s: float) -> None:
        """Return once what the state showed is committed: it includes the batch in flight, and a
        "no" that rests on that could be taken back. Raises Refusal."""
        book = self._coordinator.book
        if book.last_index > book.commit_index:
            await self.submit(Tick(), within_s)

    def heartbeat(self, ref: LeaseRef, generation: int) -> float | None:
        """A fenced heartbeat: the lifetime that starts, None for no such lease, 0 for one that is
        being ended, which may or may not live on."""
        return self._coordinator.heartbeat(self._boot_s(), ref, generation)
