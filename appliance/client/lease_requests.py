"""What a lease asks the servers for, and what it then knows: the base of `AsyncLease`.

Every request is repeated with the same id until it is answered (`client.engine`), and every grant
is verified before anything is believed of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from appliance.client.clock import Clock
from appliance.client.engine import Engine, Make, Sent
from appliance.client.errors import LeaseLost, Refused
from appliance.client.forks import FORKED, Home, NotSent
from appliance.client.receipts import ReceiptVerifier
from appliance.client.resume import NOT_RESUMED, RESUMED, Kept, ResumeFile, ResumeRefused
from appliance.client.seen import Seen
from appliance.client.settling import public_key, settlement
from appliance.client.states import ANEW, LeaseState, LeaseStatus, LeaseTiming, StatusListener
from appliance.client.waiting import NOT_WAITING, Waiting
from appliance.client.wire import RequestMaker, lease_path, read
from appliance.codec.api import (
    CheckOutRequest,
    ConsumeRequest,
    EndedDocument,
    GrantDocument,
    HeartbeatDocument,
    HeartbeatRequest,
    HolderDocument,
    ItemRequest,
)
from appliance.codec.api_units import ReserveRequest, SettledDocument, SettleRequest
from appliance.licences.commands import Item
from appliance.licences.model import LicenceKey
from appliance.licences.modes import NO_STATION, share_of
from appliance.licences.reasons import LEASE_OVER, NUMBER_USED_UP
from appliance.licences.wishes import NO_WISHES, Wishes, wishes_hash
from appliance.verifier.documents import FirmWordsDocument
from appliance.verifier.receipts import Wanted

_Document = TypeVar("_Document")
NONCE_BYTES: Final = 32
_TIMES_ASKED_MAX: Final = 3
"""How often a request is repeated because its licence changed while the firm's word was fetched."""


class Unfinished(NamedTuple):
    """A numbered request; with a `seed`, one that can be settled by the key made of it."""

    number: int
    units: int
    product_code: int = 0
    seed: bytes = b""


class Session(Protocol):
    """What a lease needs of the client that made it."""

    engine: Engine
    maker: RequestMaker
    seen: Seen
    home: Home
    lease_timing: LeaseTiming
    chance: Random
    entropy: Callable[[int], bytes]
    now: Clock

    def remember(self, lease: LeaseRequests) -> None:
        """It goes on: `close` stops it."""

    def forget(self, lease: LeaseRequests) -> None:
        """It has ended."""

    async def exchange(
        self,
        method: str,
        path: str,
        kind: type[_Document],
        document: object = None,
        *,
        secret: bytes = b"",
        deadline_s: float | None = None,
    ) -> tuple[_Document, float]:
        """The answer to a request that no receipt proves, and when it was sent (boot time)."""


class LeaseRequests(NotSent):
    """A lease's identity, its four requests, and the state that their answers leave."""

    def __init__(
        self,
        client: Session,
        firm_code: int,
        items: Sequence[Item],
        *,
        verifier: ReceiptVerifier,
        holder: HolderDocument,
        lease_id: str,
        secret: bytes,
        on_change: StatusListener | None,
        quorum_wait_s: float,
        deadline_s: float | None,
        regain: bool = False,
        wishes: Wishes = NO_WISHES,
        station: bytes = NO_STATION,
        resume: ResumeFile | None = None,
        waiting: Waiting = NOT_WAITING,
    ) -> None:
        self.firm_code = firm_code
        self.items = tuple(items)
        self.product_code = items[0].product_code
        self.holder = holder
        self.wishes = wishes
        self.station = station
        self._client = client
        self._verifier = verifier
        self._status = LeaseStatus(LeaseState.NEW)
        self._name(lease_id, secret)
        self._resume = resume
        self._waiting = waiting
        self._resumes: Kept | None = None
        self._regain = regain
        self._anew = False
        self._why = ""
        self._refusals = 0
        self._on_change = on_change
        self._quorum_wait_s = quorum_wait_s
        self._deadline_s = deadline_s
        self._grant: GrantDocument | None = None
        self._alive_until_s = 0.0
        self._valid_until_s = 0.0
        self._heartbeat_at_s = 0.0
        self._renew_at_s = 0.0
        self._number = 1
        self._unfinished: Unfinished | None = None
        self._consuming = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._watchers: set[asyncio.Event] = set()

    def _name(self, lease_id: str, secret: bytes) -> None:
        self._path = lease_path(lease_id)
        self.lease_id = lease_id
        self.secret = secret
        self._secret_hash = hashlib.sha256(secret).digest()

    @property
    def status(self) -> LeaseStatus:
        """State, and why. In a child process it is lost: the seat is the parent's."""
        if self._client.home.left:
            return LeaseStatus(LeaseState.LOST, "forked", FORKED, final=True)
        return self._status

    @property
    def grant(self) -> GrantDocument:
        """What was answered last to a check-out, renewal or consumption: `units_left` is then the
        newest that is known, `units_taken` what that request took. Raises LeaseLost before the
        check-out."""
        if self._grant is None:
            raise LeaseLost(f"lease {self.lease_id} was not checked out yet")
        return self._grant

    @property
    def state(self) -> LeaseState:
        """Held, at risk or lost; see the header of this module."""
        return self.status.state

    @property
    def ends_at_s(self) -> float:
        """When lease or receipt run out, by our own count, in seconds of the client's clock."""
        return min(self._alive_until_s, self._valid_until_s)

    async def abandon(self) -> None:
        """Called by a client that closes: nothing is kept up any more."""
        self._client.forget(self)

    async def _renew(self, deadline_s: float | None, quorum_wait_s: float = 0.0) -> None:
        """Check out, or get a fresh receipt of what is held: the same request but for the nonce."""

        waiting = self._waiting if self._grant is None else NOT_WAITING

        def make(left_s: float) -> Sent:
            nonce = self._client.entropy(NONCE_BYTES)
            request = CheckOutRequest(
                firm_code=self.firm_code,
                nonce=nonce,
                secret_hash=self._secret_hash,
                holder=self.holder,
                station=self.station,
                wait=waiting.request,
                **self._products(),
                **msgspec.structs.asdict(self.wishes),
            )
            data = self._client.maker.make("PUT", self._path, request, deadline_s=left_s)
            return Sent(data, nonce, self._client.now())

        before = None if self._anew else self._grant

        def seen(grant: GrantDocument) -> None:
            self._grant = before or grant  # a check-in after a refused receipt needs its generation

        grant, sent = await self._granted(make, deadline_s, quorum_wait_s, seen, waiting)
        self._verifier.verify(grant, self._wanted(sent.nonce))
        self._client.seen.note(grant.receipt)
        resumed, self._resumes = self._resumes, None
        if resumed is not None and self._how_resumed(resumed, grant)[0] == RESUMED:
            self._number, self._unfinished = resumed.number, None
            if resumed.unfinished:
                unfinished = Unfinished(
                    resumed.number, resumed.unfinished, resumed.unit_product, resumed.settle_seed
                )
                self._unfinished = unfinished
        elif before is None or grant.generation != before.generation:
            # Known no more and granted anew: the numbers of its requests begin anew as well.
            self._number, self._unfinished = 1, None
        anew, self._anew, self._refusals = self._anew, False, 0
        self._grant = grant
        self._heard(sent.sent_at_s)
        timing = self._client.lease_timing
        self._valid_until_s = sent.sent_at_s + grant.valid_for_s
        self._renew_at_s = sent.sent_at_s + grant.valid_for_s * timing.renewal_share
        if before is None or grant.generation != before.generation:
            with suppress(ResumeRefused):  # It can be repeated all the same.
                await self._note()
        detail = f"under the new lease id {self.lease_id}" if anew else ""
        word = ANEW if anew else ""
        if resumed is not None:
            word, detail = self._how_resumed(resumed, grant)
        word, detail = self._client.seen.two_systems or (word, detail)
        self._tell(LeaseStatus(LeaseState.HELD, word, detail))

    async def _note(self) -> None:
        """Write into the resume file, if there is one, what stands now. Raises ResumeRefused."""
        if self._resume is None:
            return
        number, units, product_code, seed = self._unfinished or Unfinished(self._number, 0)
        receipt = self._grant.receipt if self._grant is not None else None
        kept = Kept(
            lease_id=self.lease_id,
            secret=self.secret,
            firm_code=self.firm_code,
            items=self.items,
            holder=self.holder,
            wishes=self.wishes,
            ledger_id=b"" if receipt is None or self._anew else receipt.ledger_id,
            generation=0 if self._grant is None or self._anew else self._grant.generation,
            number=number,
            unfinished=units,
            unit_product=product_code,
            settle_seed=seed,
        )
        await self._resume.write(kept)

    def _how_resumed(self, kept: Kept, grant: GrantDocument) -> tuple[str, str]:
        """What became of the seat in the resume file: a word and a sentence."""
        assert self._resume is not None
        path, receipt = self._resume.path, grant.receipt
        if receipt is not None and kept.ledger_id not in (b"", receipt.ledger_id):
            return NOT_RESUMED, (
                f"{path} is of another ledger ({kept.ledger_id.hex()}): a new seat was taken"
            )
        if kept.lease_id != self.lease_id or kept.generation not in (0, grant.generation):
            return NOT_RESUMED, f"the seat in {path} had ended: a new one was taken"
        return RESUMED, f"the seat in {path} is held on"

    async def _granted(
        self,
        make: Make,
        deadline_s: float | None,
        quorum_wait_s: float = 0.0,
        seen: Callable[[GrantDocument], None] = lambda _: None,
        waiting: Waiting = NOT_WAITING,
    ) -> tuple[GrantDocument, Sent]:
        """The grant that answers a request, with the firm's word for it known to the verifier.

        If the licence changes meanwhile the request is repeated: that gives the first answer, on
        the terms of now.
        """
        asks = partial(self._client.engine.exchange, make, deadline_s=deadline_s)
        ask = partial(asks, quorum_wait_s=quorum_wait_s)
        for _ in range(_TIMES_ASKED_MAX):
            answer, sent = await waiting.turn(ask, self._give_back, self._client.now)
            grant = read(answer, GrantDocument)
            seen(grant)
            for key in self._verifier.lacking(grant):
                await self._hear_firm(key, deadline_s)
            if not self._verifier.lacking(grant):
                break
        return grant, sent

    async def _hear_firm(self, key: LicenceKey, deadline_s: float | None) -> None:
        """Ask what the firm signed of a licence. Raises ReceiptRefused if that proves nothing."""
        path = f"/v1/firm-words?{urlencode(msgspec.structs.asdict(key))}"
        with suppress(Refused):  # the licence is there no more
            words, _ = await self._client.exchange(
                "GET", path, FirmWordsDocument, deadline_s=deadline_s
            )
            self._verifier.learn(words)

    def _products(self) -> dict[str, Any]:
        """What is asked for, in the fields of a request."""
        first, *more = self.items
        if not more:
            return msgspec.structs.asdict(first)
        return {"items": tuple(ItemRequest(**msgspec.structs.asdict(one)) for one in self.items)}

    def _wanted(
        self, nonce: bytes, units: int = 0, generation: int = 0, units_of: int = 0
    ) -> Wanted:
        """What a grant has to be about, whoever says that it is ours."""
        first, *more = self.items
        return Wanted(
            self.firm_code,
            first.product_code,
            nonce,
            units,
            generation,
            seats=first.seats,
            features=self.wishes.features,
            mode=self.wishes.mode,
            share=share_of(self.wishes.mode, self.station),
            more=tuple((item.product_code, item.seats) for item in more),
            units_of=units_of,
            wishes_hash=wishes_hash(self.wishes),
            release_date=self.wishes.release_date,
        )

    async def _heartbeat(self, deadline_s: float) -> None:
        _, sent_at_s = await self._client.exchange(
            "POST",
            f"{self._path}/heartbeat",
            HeartbeatDocument,
            HeartbeatRequest(generation=self.grant.generation),
            secret=self.secret,
            deadline_s=deadline_s,
        )
        self._heard(sent_at_s)
        self._tell(LeaseStatus(LeaseState.HELD))

    def _heard(self, sent_at_s: float) -> None:
        ttl_s, timing = self.grant.lease_ttl_s, self._client.lease_timing
        self._alive_until_s = sent_at_s + ttl_s
        self._heartbeat_at_s = sent_at_s + (
            ttl_s * timing.heartbeat_share * self._client.chance.uniform(0.8, 1.0)
        )

    async def _consume(self, asked: Unfinished) -> GrantDocument:
        self._client.home.check()
        if self.status.final or self._anew or self.state is LeaseState.NEW:
            raise LeaseLost(f"lease {self.lease_id} is not held ({self.status.reason or 'new'})")
        generation = self.grant.generation
        number, units, product_code, seed = asked

        def make(left_s: float) -> Sent:
            nonce = self._client.entropy(NONCE_BYTES)
            request = ConsumeRequest(
                generation=generation,
                number=number,
                units=units,
                nonce=nonce,
                product_code=product_code,
            )
            if seed:
                request = ReserveRequest(
                    **msgspec.structs.asdict(request), settle_key=public_key(seed)
                )
            data = self._client.maker.make(
                "POST",
                f"{self._path}/units/reserve" if seed else f"{self._path}/units",
                request,
                secret=self.secret,
                deadline_s=left_s,
            )
            return Sent(data, nonce, self._client.now())

        try:
            grant, sent = await self._granted(make, self._deadline_s)
        except Refused as refusal:
            if self._regain and refusal.reason in LEASE_OVER:
                self._heartbeat_at_s = 0.0  # the keeper hears the same at once, and asks anew
            self._unfinished = None
            if refusal.reason in NUMBER_USED_UP:
                self._number = number + 1
            raise
        self._verifier.verify(grant, self._wanted(sent.nonce, units, generation, product_code))
        self._client.seen.note(grant.receipt)
        if generation == self.grant.generation and not self._anew:
            self._unfinished = None
            self._number = number + 1
            self._grant = msgspec.structs.replace(
                self.grant, units_left=grant.units_left, units_taken=grant.units_taken
            )
        return grant

    async def _settle(self, grant: GrantDocument, asked: Unfinished, used: int) -> None:
        """Say how many units of a reservation were used."""
        self._client.home.check()
        assert grant.receipt is not None  # It was verified.
        ledger_id, generation = grant.receipt.ledger_id, grant.generation
        request = SettleRequest(
            generation=generation,
            number=asked.number,
            used=used,
            signature=settlement(asked.seed, ledger_id, generation, asked.number, used),
        )
        await self._client.exchange(
            "POST",
            f"{self._path}/units/settle",
            SettledDocument,
            request,
            secret=self.secret,
            deadline_s=self._deadline_s,
        )

    async def _give_back(self, generation: int = 0, *, linger: bool = True) -> None:
        generation = generation or self.grant.generation
        without = "" if linger else "&no_linger=1"
        try:
            await self._client.exchange(
                "DELETE",
                f"{self._path}?generation={generation}{without}",
                EndedDocument,
                secret=self.secret,
                deadline_s=self._client.lease_timing.check_in_s,
            )
        except Refused as refusal:
            if refusal.reason not in LEASE_OVER:
                raise
        finally:
            self._client.forget(self)

    def _tell(self, status: LeaseStatus) -> None:
        before = self._status
        if status.state is before.state is LeaseState.HELD and not status.reason:
            return  # still held: how it was got again remains to be read
        self._status = status
        if (status.state, status.reason) == (before.state, before.reason):
            return
        for news in self._watchers:
            news.set()
        if self._on_change is not None:
            self._on_change(status)
