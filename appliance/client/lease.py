"""A lease from check-out to check-in, with its heartbeat and the renewal of its receipt.

Two periods run, both counted on boot time from *sending* (design D3, D6): the lease's, which a
heartbeat begins anew, and the receipt's, which only a new receipt does. If our own count ran out,
the servers may still know the lease, since a new coordinator gives each one a fresh lifetime; so we
go on asking by repeating the check-out, and a lease that they still grant is HELD again.

A lease that they ended stays ended. With `regain` its place is then taken by a new one, under a new
id, where a seat is free: after a sleep, a network cut, a restored ledger. What an operator released
is not taken back: the seat was wanted for somebody else.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Final, Self

from appliance.client.errors import (
    ClientError,
    LeaseLost,
    OutcomeUnknown,
    QuorumLost,
    ReceiptRefused,
    Refused,
    TrustError,
    UnfinishedConsumption,
)
from appliance.client.lease_requests import NONCE_BYTES, LeaseRequests
from appliance.client.states import RELEASED, LeaseState, LeaseStatus
from appliance.codec.api import GrantDocument
from appliance.licences.reasons import LEASE_OVER

# Who waits for a free seat asks ever less often, up to this many times the first pause.
_PAUSE_GROWTH_MAX: Final = 6


class AsyncLease(LeaseRequests):
    """Seats (and their unit counters). Made by `AsyncClient.lease`; an async context manager.

    The client chose `lease_id`; a lease that was regained has a new one.
    """

    @property
    def usable(self) -> bool:
        """Whether lease and receipt are valid at this moment, by our own count."""
        return (
            self.state in (LeaseState.HELD, LeaseState.AT_RISK)
            and self._client.now() < self.ends_at_s
        )

    @property
    def unfinished(self) -> tuple[int, int] | None:
        """Number and units of a consumption whose outcome is unknown."""
        return None if self._unfinished is None else self._unfinished[:2]

    async def __aenter__(self) -> Self:
        await self.check_out()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client.home.left:
            return  # a child process leaves the parent's block: the seat stays the parent's
        # A seat that cannot be given back now lapses by itself; the body's outcome matters more.
        with contextlib.suppress(ClientError):
            await self.check_in()

    async def check_out(self) -> GrantDocument:
        """Take the seat and begin the heartbeat. Raises Refused, ReceiptRefused, QuorumLost, ..."""
        self._client.home.check()
        if self.state is not LeaseState.NEW:
            raise LeaseLost(f"lease {self.lease_id} was checked out already; make a new one")
        if not self._verifier.pins(self.firm_code):
            self._client.forget(self)
            raise TrustError(
                f"firm code {self.firm_code} is not among those that this program trusts; "
                "add it to Trust(firms=...) in the program if its licences are wanted"
            )
        try:
            await self._renew(self._deadline_s, self._quorum_wait_s)
        except ReceiptRefused:
            # The seat may be taken all the same: give it back rather than block it for a lifetime.
            with contextlib.suppress(ClientError):
                await self._give_back()
            raise
        except ClientError:
            self._client.forget(self)
            raise
        self._keeper = asyncio.get_running_loop().create_task(
            self._keep(), name=f"lease {self.lease_id}"
        )
        return self.grant

    async def consume(self, units: int, product_code: int = 0) -> GrantDocument:
        """Take units from the counters of a product, exactly once: of the lease's first product
        unless another one of its products is named. All of its licences may give some.

        Raises Refused (nothing taken), LeaseLost, or, with the outcome unknown, OutcomeUnknown,
        QuorumLost or ReceiptRefused: then `settle` repeats the same request, and until it has an
        answer a further `consume` raises UnfinishedConsumption.
        """
        async with self._consuming:
            if self._unfinished is not None:
                number, units_before, _ = self._unfinished
                raise UnfinishedConsumption(
                    f"whether request {number} took {units_before} units is unknown; "
                    "call settle() first"
                )
            self._unfinished = (self._number, units, product_code)
            return await self._consume(*self._unfinished)

    async def settle(self) -> GrantDocument | None:
        """Repeat the consumption whose outcome is unknown; None if there is none. As `consume`."""
        async with self._consuming:
            if self._unfinished is None:
                return None
            return await self._consume(*self._unfinished)

    async def check_in(self, *, linger: bool = True) -> None:
        """Give the seat back. Where the vendor lets seats linger, it is kept for this user for a
        while, unless `linger` is False. Raises OutcomeUnknown or QuorumLost: it lapses by itself
        then."""
        self._client.home.check()
        if self.state in (LeaseState.NEW, LeaseState.RETURNED):
            return
        await self.abandon()
        # Of a new check-out without answer no generation is known: such a seat lapses by itself.
        if not self.status.final and not self._anew:
            await self._give_back(linger)
        self._tell(LeaseStatus(LeaseState.RETURNED, final=True))

    async def abandon(self) -> None:
        """Stop the heartbeat without a check-in: the servers end the lease when it lapses."""
        self._client.forget(self)
        keeper, self._keeper = self._keeper, None
        if keeper is not None and not self._client.home.left:
            keeper.cancel()
            await asyncio.wait((keeper,))

    async def wait_for(self, *states: LeaseState, timeout_s: float | None = None) -> LeaseStatus:
        """Return once the lease is in one of these states. Raises TimeoutError."""
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            async with asyncio.timeout(timeout_s):
                while self.state not in states:
                    news.clear()
                    await news.wait()
        finally:
            self._watchers.discard(news)
        return self.status

    # --- the keeper ---

    async def _keep(self) -> None:
        """Heartbeats and renewals until the lease is returned or finally lost."""
        while not (self.status.final or self._client.home.left):
            now = self._client.now()
            due = min(self._heartbeat_at_s, self._renew_at_s)
            if now < due and now < self.ends_at_s and not self._anew:
                await asyncio.sleep(min(due - now, self._client.lease_timing.nap_max_s))
                continue
            try:
                await self._speak(now)
            except (Refused, QuorumLost, ReceiptRefused, ClientError) as trouble:
                await self._trouble(trouble)

    async def _speak(self, now: float) -> None:
        """One heartbeat or renewal, whichever is due; the loss by our own count if it is."""
        timing = self._client.lease_timing
        answer_s = timing.answer_s
        left_s = self.ends_at_s - now
        if self._anew:
            await self._take_anew()
        elif left_s <= 0 and self._regain and self.state is LeaseState.HELD:
            # Nothing was wrong until now, so this process or its machine slept: ask first.
            detail = "this computer slept for longer than the lease lives; it is asked for again"
            self._tell(LeaseStatus(LeaseState.AT_RISK, "slept", detail))
            await self._renew(timing.wake_s)
        elif left_s <= 0 or self.state is LeaseState.LOST:
            self._run_out()
            await self._renew(None)
        elif now >= self._renew_at_s:
            await self._renew(min(answer_s, left_s))
        else:
            await self._heartbeat(min(answer_s, left_s))

    def _run_out(self) -> None:
        if self._alive_until_s <= self._valid_until_s:
            word, detail = "expired", "the servers were silent for the lease's whole lifetime"
        else:
            word, detail = "receipt-expired", "no new receipt was given within the old one's period"
            if self.state is LeaseState.AT_RISK and self._status.detail:
                detail += f": {self._status.detail}"
        self._tell(LeaseStatus(LeaseState.LOST, word, detail))

    async def _trouble(self, trouble: ClientError) -> None:
        """Say what is wrong, and wait a little unless the time was spent on waiting already."""
        if isinstance(trouble, Refused) and trouble.reason in LEASE_OVER:
            if not self._regain or RELEASED in trouble.detail:
                self._client.forget(self)
                detail = trouble.detail or str(trouble)
                self._tell(LeaseStatus(LeaseState.LOST, trouble.reason, detail, final=True))
                return
            self._name(self._client.entropy(16).hex(), self._client.entropy(NONCE_BYTES))
            if not self._anew:
                self._begin_anew(trouble)
                return
        if isinstance(trouble, QuorumLost):
            word = "quorum-lost"
        elif isinstance(trouble, OutcomeUnknown):
            word = "no-answer"
        elif isinstance(trouble, Refused | ReceiptRefused):
            word = trouble.reason
        else:
            word = "no-connection"
        if self._anew:
            detail = f"{self._why}; and no new seat: {trouble.sentence}"
            self._tell(LeaseStatus(LeaseState.LOST, word, detail))
        elif self._client.now() >= self.ends_at_s:
            if self.state is not LeaseState.LOST:
                self._run_out()
        else:
            self._tell(LeaseStatus(LeaseState.AT_RISK, word, str(trouble)))
        if not isinstance(trouble, OutcomeUnknown):
            timing = self._client.lease_timing
            pause_s = timing.lost_retry_s if self.state is LeaseState.LOST else timing.retry_s
            if self._anew:
                self._refusals += 1
                pause_s *= min(self._refusals, _PAUSE_GROWTH_MAX)
            await asyncio.sleep(pause_s * self._client.chance.uniform(0.5, 1.0))

    def _begin_anew(self, refusal: Refused) -> None:
        """The servers ended the lease: from now on another one is asked for, under the new id."""
        detail = (refusal.detail or str(refusal)).rstrip(".")
        self._anew, self._why = True, detail
        if self.state is not LeaseState.LOST:
            detail += ": a new seat is asked for"
            self._tell(LeaseStatus(LeaseState.AT_RISK, refusal.reason, detail))

    async def _take_anew(self) -> None:
        """Check out under the new id, in place of the lease that the servers ended."""
        timing = self._client.lease_timing
        first = self.state is not LeaseState.LOST
        try:
            await self._renew(timing.wake_s if first else None)
        except ReceiptRefused:
            with contextlib.suppress(ClientError):
                await self._give_back()
            self._client.remember(self)
            self._name(self._client.entropy(16).hex(), self._client.entropy(NONCE_BYTES))
            raise
