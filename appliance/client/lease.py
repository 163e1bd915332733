"""A lease from check-out to check-in, with its heartbeat and the renewal of its receipt.

Two periods run, both counted on boot time from *sending* (design D3, D6): the lease's, which a
heartbeat begins anew, and the receipt's, which only a new receipt does. If our own count ran out,
the servers may still know the lease, since a new coordinator gives each one a fresh lifetime; so we
go on asking by repeating the check-out, and a lease that they still grant is HELD again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from appliance.client.engine import Sent
from appliance.client.errors import (
    ClientError,
    LeaseLost,
    OutcomeUnknown,
    ProfileError,
    QuorumLost,
    ReceiptRefused,
    Refused,
    UnfinishedConsumption,
)
from appliance.client.receipts import Wanted
from appliance.client.states import FINAL_REASONS, LeaseState, LeaseStatus, StatusListener
from appliance.client.wire import lease_path, read
from appliance.codec.api import (
    CheckOutRequest,
    ConsumeRequest,
    EndedDocument,
    GrantDocument,
    HeartbeatDocument,
    HeartbeatRequest,
    HolderDocument,
)
from appliance.licences.commands import NUMBER_USED_UP

if TYPE_CHECKING:
    from appliance.client.session import AsyncClient

_NONCE_BYTES: Final = 32


class AsyncLease:
    """One seat (and its unit counter). Made by `AsyncClient.lease`; an async context manager."""

    def __init__(
        self,
        client: AsyncClient,
        firm_code: int,
        product_code: int,
        *,
        holder: HolderDocument,
        lease_id: str,
        secret: bytes,
        on_change: StatusListener | None,
        quorum_wait_s: float,
        deadline_s: float | None,
    ) -> None:
        self.firm_code = firm_code
        self.product_code = product_code
        self.lease_id = lease_id
        self.secret = secret
        self.status = LeaseStatus(LeaseState.NEW)
        self._path = lease_path(lease_id)
        self._client = client
        self._holder = holder
        self._secret_hash = hashlib.sha256(secret).digest()
        self._on_change = on_change
        self._quorum_wait_s = quorum_wait_s
        self._deadline_s = deadline_s
        self._grant: GrantDocument | None = None
        self._alive_until_s = 0.0
        self._valid_until_s = 0.0
        self._heartbeat_at_s = 0.0
        self._renew_at_s = 0.0
        self._number = 1
        self._unfinished: tuple[int, int] | None = None
        self._consuming = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._watchers: set[asyncio.Event] = set()

    @property
    def grant(self) -> GrantDocument:
        """What was granted last. Raises LeaseLost before the check-out."""
        if self._grant is None:
            raise LeaseLost(f"lease {self.lease_id} was not checked out yet")
        return self._grant

    @property
    def state(self) -> LeaseState:
        """Held, at risk or lost; see the header of this module."""
        return self.status.state

    @property
    def usable(self) -> bool:
        """Whether lease and receipt are valid at this moment, by our own count."""
        return (
            self.state in (LeaseState.HELD, LeaseState.AT_RISK)
            and self._client.now() < self._ends_at_s
        )

    @property
    def unfinished(self) -> tuple[int, int] | None:
        """Number and units of a consumption whose outcome is unknown."""
        return self._unfinished

    @property
    def _ends_at_s(self) -> float:
        return min(self._alive_until_s, self._valid_until_s)

    async def __aenter__(self) -> Self:
        await self.check_out()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A seat that cannot be given back now lapses by itself; the body's outcome matters more.
        with contextlib.suppress(ClientError):
            await self.check_in()

    async def check_out(self) -> GrantDocument:
        """Take the seat and begin the heartbeat. Raises Refused, ReceiptRefused, QuorumLost, ..."""
        if self.state is not LeaseState.NEW:
            raise LeaseLost(f"lease {self.lease_id} was checked out already; make a new one")
        if not self._client.verifier.pins(self.firm_code):
            self._client.forget(self)
            raise ProfileError(
                f"firm code {self.firm_code} is not among those that this client pins; "
                "add it to firm_codes of the client profile if its licences are wanted"
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

    async def consume(self, units: int) -> GrantDocument:
        """Take units from the licence's counter, exactly once.

        Raises Refused (nothing taken), LeaseLost, or, with the outcome unknown, OutcomeUnknown,
        QuorumLost or ReceiptRefused: then `settle` repeats the same request, and until it has an
        answer a further `consume` raises UnfinishedConsumption.
        """
        async with self._consuming:
            if self._unfinished is not None:
                number, units_before = self._unfinished
                raise UnfinishedConsumption(
                    f"whether request {number} took {units_before} units is unknown; "
                    "call settle() first"
                )
            self._unfinished = (self._number, units)
            return await self._consume(self._number, units)

    async def settle(self) -> GrantDocument | None:
        """Repeat the consumption whose outcome is unknown; None if there is none. As `consume`."""
        async with self._consuming:
            if self._unfinished is None:
                return None
            return await self._consume(*self._unfinished)

    async def check_in(self) -> None:
        """Give the seat back. Raises OutcomeUnknown or QuorumLost: it lapses by itself then."""
        if self.state in (LeaseState.NEW, LeaseState.RETURNED):
            return
        await self.abandon()
        if not self.status.final:
            await self._give_back()
        self._tell(LeaseStatus(LeaseState.RETURNED, final=True))

    async def abandon(self) -> None:
        """Stop the heartbeat without a check-in: the servers end the lease when it lapses."""
        self._client.forget(self)
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait((keeper,))

    async def wait_for(self, *states: LeaseState) -> LeaseStatus:
        """Return once the lease is in one of these states."""
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            while self.state not in states:
                news.clear()
                await news.wait()
        finally:
            self._watchers.discard(news)
        return self.status

    # --- the requests ---

    async def _renew(self, deadline_s: float | None, quorum_wait_s: float = 0.0) -> None:
        """Check out, or get a fresh receipt of what is held: the same request but for the nonce."""

        def make(left_s: float) -> Sent:
            nonce = self._client.entropy(_NONCE_BYTES)
            request = CheckOutRequest(
                firm_code=self.firm_code,
                product_code=self.product_code,
                nonce=nonce,
                secret_hash=self._secret_hash,
                holder=self._holder,
            )
            data = self._client.maker.make("PUT", self._path, request, deadline_s=left_s)
            return Sent(data, nonce, self._client.now())

        answer, sent = await self._client.engine.exchange(
            make, deadline_s=deadline_s, quorum_wait_s=quorum_wait_s
        )
        grant = read(answer, GrantDocument)
        before = self._grant
        self._grant = before or grant  # a check-in after a refused receipt needs its generation
        self._client.verifier.verify(
            grant, Wanted(self.firm_code, self.product_code, sent.nonce, grant.units_taken)
        )
        if before is not None and grant.generation != before.generation:
            # Known no more and granted anew: the numbers of its requests begin anew as well.
            self._number, self._unfinished = 1, None
        self._grant = grant
        self._heard(sent.sent_at_s)
        timing = self._client.lease_timing
        self._valid_until_s = sent.sent_at_s + grant.valid_for_s
        self._renew_at_s = sent.sent_at_s + grant.valid_for_s * timing.renewal_share
        self._tell(LeaseStatus(LeaseState.HELD))

    async def _heartbeat(self, deadline_s: float) -> None:
        grant = self.grant

        def make(left_s: float) -> Sent:
            data = self._client.maker.make(
                "POST",
                f"{self._path}/heartbeat",
                HeartbeatRequest(generation=grant.generation),
                secret=self.secret,
                deadline_s=left_s,
            )
            return Sent(data, b"", self._client.now())

        answer, sent = await self._client.engine.exchange(make, deadline_s=deadline_s)
        read(answer, HeartbeatDocument)
        self._heard(sent.sent_at_s)
        self._tell(LeaseStatus(LeaseState.HELD))

    def _heard(self, sent_at_s: float) -> None:
        ttl_s, timing = self.grant.lease_ttl_s, self._client.lease_timing
        self._alive_until_s = sent_at_s + ttl_s
        self._heartbeat_at_s = sent_at_s + (
            ttl_s * timing.heartbeat_share * self._client.chance.uniform(0.8, 1.0)
        )

    async def _consume(self, number: int, units: int) -> GrantDocument:
        if self.status.final or self.state is LeaseState.NEW:
            raise LeaseLost(f"lease {self.lease_id} is not held ({self.status.reason or 'new'})")
        generation = self.grant.generation

        def make(left_s: float) -> Sent:
            nonce = self._client.entropy(_NONCE_BYTES)
            data = self._client.maker.make(
                "POST",
                f"{self._path}/units",
                ConsumeRequest(generation=generation, number=number, units=units, nonce=nonce),
                secret=self.secret,
                deadline_s=left_s,
            )
            return Sent(data, nonce, self._client.now())

        answer, sent = await self._client.engine.exchange(make, deadline_s=self._deadline_s)
        try:
            grant = read(answer, GrantDocument)
        except Refused as refusal:
            self._unfinished = None
            if refusal.reason in NUMBER_USED_UP:
                self._number = number + 1
            raise
        self._client.verifier.verify(
            grant, Wanted(self.firm_code, self.product_code, sent.nonce, units)
        )
        self._unfinished = None
        self._number = number + 1
        return grant

    async def _give_back(self) -> None:
        generation = self.grant.generation

        def make(left_s: float) -> Sent:
            data = self._client.maker.make(
                "DELETE",
                f"{self._path}?generation={generation}",
                secret=self.secret,
                deadline_s=left_s,
            )
            return Sent(data, b"", self._client.now())

        try:
            answer, _ = await self._client.engine.exchange(
                make, deadline_s=self._client.lease_timing.check_in_s
            )
            read(answer, EndedDocument)
        except Refused as refusal:
            if refusal.reason not in FINAL_REASONS:
                raise
        finally:
            self._client.forget(self)

    # --- the keeper ---

    async def _keep(self) -> None:
        """Heartbeats and renewals until the lease is returned or finally lost."""
        while not self.status.final:
            now = self._client.now()
            due = min(self._heartbeat_at_s, self._renew_at_s)
            if now < due and now < self._ends_at_s:
                await asyncio.sleep(min(due - now, self._client.lease_timing.nap_max_s))
                continue
            try:
                await self._speak(now)
            except (Refused, QuorumLost, ReceiptRefused, ClientError) as trouble:
                await self._trouble(trouble)

    async def _speak(self, now: float) -> None:
        """One heartbeat or renewal, whichever is due; the loss by our own count if it is."""
        answer_s = self._client.lease_timing.answer_s
        left_s = self._ends_at_s - now
        if left_s <= 0 or self.state is LeaseState.LOST:
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
        self._tell(LeaseStatus(LeaseState.LOST, word, detail))

    async def _trouble(self, trouble: ClientError) -> None:
        """Say what is wrong, and wait a little unless the time was spent on waiting already."""
        if isinstance(trouble, Refused) and trouble.reason in FINAL_REASONS:
            detail = trouble.detail or str(trouble)
            self._client.forget(self)
            self._tell(LeaseStatus(LeaseState.LOST, trouble.reason, detail, final=True))
            return
        if isinstance(trouble, QuorumLost):
            word = "quorum-lost"
        elif isinstance(trouble, OutcomeUnknown):
            word = "no-answer"
        elif isinstance(trouble, Refused | ReceiptRefused):
            word = trouble.reason
        else:
            word = "no-connection"
        if self._client.now() >= self._ends_at_s:
            if self.state is not LeaseState.LOST:
                self._run_out()
        else:
            self._tell(LeaseStatus(LeaseState.AT_RISK, word, str(trouble)))
        if not isinstance(trouble, OutcomeUnknown):
            timing = self._client.lease_timing
            pause_s = timing.lost_retry_s if self.state is LeaseState.LOST else timing.retry_s
            await asyncio.sleep(pause_s * self._client.chance.uniform(0.5, 1.0))

    def _tell(self, status: LeaseStatus) -> None:
        before, self.status = self.status, status
        if (status.state, status.reason) == (before.state, before.reason):
            return
        for news in self._watchers:
            news.set()
        if self._on_change is not None:
            self._on_change(status)
