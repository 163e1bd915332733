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
from appliance.client.lease_requests import NONCE_BYTES, LeaseRequests, Unfinished
from appliance.client.resume import ResumeRefused
from appliance.client.states import RELEASED, LeaseState, LeaseStatus
from appliance.codec.api import GrantDocument
from appliance.details import code_of
from appliance.licences.reasons import LEASE_OVER

SEED_BYTES: Final = 32
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
            await self._begin()
        except ReceiptRefused:
            # The seat may be taken all the same: give it back rather than block it for a lifetime.
            with contextlib.suppress(ClientError):
                await self._give_back()
            self._let_go()
            raise
        except BaseException:
            self._let_go()
            raise
        self._keeper = asyncio.get_running_loop().create_task(
            self._keep(), name=f"lease {self.lease_id}"
        )
        return self.grant

    async def _begin(self) -> None:
        """Check out: anew, or under the id of the process before, whose seat that was."""
        resume, kept = self._resume, None
        if resume is not None:
            kept = await resume.open(self.firm_code, self.items)
        if kept is not None:
            self._name(kept.lease_id, kept.secret)
            if (kept.items, kept.wishes) == (self.items, self.wishes):
                self._resumes, self.holder = kept, kept.holder
            else:  # This release of the program asks for something else.
                if kept.generation:
                    await self._give_back(kept.generation)
                    self._client.remember(self)
                self._rename()
        if self._resumes is None:
            await self._note()
        try:
            await self._renew(self._deadline_s, self._quorum_wait_s)
        except Refused as refused:
            if self._resumes is None or refused.reason not in LEASE_OVER:
                if resume is not None and kept is None:
                    await resume.remove()
                raise
            self._rename()
            await self._note()
            await self._renew(self._deadline_s, self._quorum_wait_s)

    def _rename(self) -> None:
        """From now on another lease is asked for."""
        self._name(self._client.entropy(16).hex(), self._client.entropy(NONCE_BYTES))

    def _let_go(self) -> None:
        """Nothing is kept up any more, and another process may resume it."""
        self._client.forget(self)
        if self._resume is not None:
            self._resume.close()

    async def consume(self, units: int, product_code: int = 0) -> GrantDocument:
        """Take units from the counters of a product, exactly once: of the lease's first product
        unless another one of its products is named. All of its licences may give some.

        Raises Refused (nothing taken), LeaseLost, or, with the outcome unknown, OutcomeUnknown,
        QuorumLost or ReceiptRefused: then `settle` repeats the same request, and until it has an
        answer a further `consume` raises UnfinishedConsumption.
        """
        return (await self._take(units, product_code))[1]

    def reserve(self, units: int, product_code: int = 0) -> AsyncPart:
        """Units of which what is not used is given back: `async with lease.reserve(50) as part:
        await part.settle(37)`. Without `settle` all of them are used. Of which product is said as
        in `consume`."""
        self._client.home.check()
        return AsyncPart(self, units, product_code)

    async def _take(
        self, units: int, product_code: int = 0, seed: bytes = b""
    ) -> tuple[Unfinished, GrantDocument]:
        """The next numbered request, and what it was granted."""
        async with self._consuming:
            if self._unfinished is not None:
                number, units_before, *_ = self._unfinished
                raise UnfinishedConsumption(
                    f"whether request {number} took {units_before} units is unknown; "
                    "call settle() first"
                )
            asked = self._unfinished = Unfinished(self._number, units, product_code, seed)
            try:
                await self._note()
            except ResumeRefused:
                self._unfinished = None  # nothing was sent
                raise
            return asked, await self._ask(asked)

    async def settle(self) -> GrantDocument | None:
        """Repeat the consumption whose outcome is unknown; None if there is none. As `consume`."""
        async with self._consuming:
            if self._unfinished is None:
                return None
            return await self._ask(self._unfinished)

    async def _ask(self, asked: Unfinished) -> GrantDocument:
        """A numbered request, which the resume file knows of."""
        try:
            return await self._consume(asked)
        finally:
            if self._unfinished is None:
                with contextlib.suppress(ResumeRefused):  # It can be settled all the same.
                    await self._note()

    async def check_in(self, *, linger: bool = True) -> None:
        """Give the seat back. Where the vendor lets seats linger, it is kept for this user for a
        while, unless `linger` is False. Raises OutcomeUnknown or QuorumLost: it lapses by itself
        then."""
        self._client.home.check()
        if self.state in (LeaseState.NEW, LeaseState.RETURNED):
            return
        await self._stop()
        try:
            # Of a new check-out without answer no generation is known: that seat lapses by itself.
            if not self.status.final and not self._anew:
                await self._give_back(linger=linger)
            if self._resume is not None:
                await self._resume.remove()
        finally:
            self._let_go()
        self._tell(LeaseStatus(LeaseState.RETURNED, final=True))

    async def abandon(self) -> None:
        """Stop the heartbeat without a check-in: the servers end the lease when it lapses, unless
        its resume file is resumed before."""
        await self._stop()
        self._let_go()

    async def _stop(self) -> None:
        """No heartbeat any more."""
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
            if not self._regain or code_of(trouble.detail) == RELEASED:
                self._client.forget(self)
                detail = trouble.detail or str(trouble)
                self._tell(LeaseStatus(LeaseState.LOST, trouble.reason, detail, final=True))
                return
            self._rename()
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
        with contextlib.suppress(ResumeRefused):  # A full disk costs no seat.
            await self._note()
        try:
            await self._renew(timing.wake_s if first else None)
        except ReceiptRefused:
            with contextlib.suppress(ClientError):
                await self._give_back()
            self._client.remember(self)
            self._rename()
            raise


class AsyncPart:
    """Units that a lease reserves. Made by `AsyncLease.reserve`; an async context manager."""

    def __init__(self, lease: AsyncLease, units: int, product_code: int = 0) -> None:
        self._lease = lease
        self.units = units
        self._product_code = product_code
        self._seed = lease._client.entropy(SEED_BYTES)
        self._asked: Unfinished | None = None
        self._grant: GrantDocument | None = None
        self._used: int | None = None

    @property
    def grant(self) -> GrantDocument:
        """What was answered to the reservation, receipt included. Raises LeaseLost before it."""
        if self._grant is None:
            raise LeaseLost("nothing was reserved yet")
        return self._grant

    @property
    def used(self) -> int | None:
        """What it was settled to, None while it is not."""
        return self._used

    async def take(self) -> GrantDocument:
        """Reserve the units, exactly once; done on entering, and repeated where the outcome was
        unknown. Raises as `consume`."""
        unfinished = self._lease._unfinished
        if unfinished is not None and unfinished.seed == self._seed:
            self._asked, self._grant = unfinished, await self._lease.settle()
        elif self._grant is None:
            taken = await self._lease._take(self.units, self._product_code, self._seed)
            self._asked, self._grant = taken
        return self.grant

    async def settle(self, used: int) -> None:
        """So many units were used: the rest is given back. To be repeated with the same number
        after OutcomeUnknown or QuorumLost. Raises Refused, ValueError for what cannot be."""
        grant = self.grant
        assert self._asked is not None
        if not 0 <= used <= self.units:
            raise ValueError(f"{used} units cannot be used of {self.units} that were reserved")
        await self._lease._settle(grant, self._asked, used)
        self._used = used

    async def __aenter__(self) -> Self:
        await self.take()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._used is not None or self._lease._client.home.left:
            return
        # All of it counts as used in any case; to say so frees the place of an open reservation.
        with contextlib.suppress(ClientError):
            await self.settle(self.units)
