"""The hot routes: check-out, heartbeat, units, check-in. Each takes plain values and gives bytes.

A lease's secret is proved against the hash that its check-out carried; the secret itself never goes
into the ledger. What can go wrong in here: an answer from local state that was not fenced, or a
grant without its receipt. So whatever is not a decided command is answered after `fence`, and a
grant that too few upstreams vouch for is answered "unknown, repeat" (design D3).
"""

from __future__ import annotations

import hmac
from binascii import Error as Base64Error
from binascii import a2b_base64
from hashlib import sha256

import msgspec

from appliance.codec import api
from appliance.codec.api_units import ReserveRequest, SettledDocument, SettleRequest
from appliance.details import detail
from appliance.ledger.effects import Decided
from appliance.licences import refuse
from appliance.licences.commands import (
    CheckIn,
    CheckOut,
    Consume,
    Item,
    LeaseRef,
    Outcome,
    Release,
    Settle,
)
from appliance.licences.modes import why_no_party
from appliance.licences.products import why_no_items
from appliance.licences.reasons import GRANTED, QUEUED
from appliance.licences.records import Lease
from appliance.licences.reserving import SIGNATURE_BYTES
from appliance.licences.wishes import why_not, wishes_in
from appliance.services.routes import NUMBER_MAX
from appliance.services.tmr.admission import ClientPace
from appliance.services.tmr.asking import HASH_BYTES, NAME_MAX, NONCE_BYTES
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import need_reason
from appliance.services.tmr.problems import REASONS, Denied, Refusal
from appliance.services.tmr.queueing import place_document
from appliance.services.tmr.summaries import denial
from appliance.text import plain

_encoder = msgspec.json.Encoder()

Answer = tuple[int, bytes]
"""(HTTP status, JSON body)."""


class Leases:
    """The lease routes of one TMR host."""

    def __init__(self, host: TmrHost, pace: ClientPace) -> None:
        self._host = host
        self._pace = pace

    async def check_out(
        self,
        caller: Caller,
        lease_id: str,
        address: bytes,
        request: api.CheckOutRequest,
        within_s: float,
    ) -> Answer:
        """PUT /v1/leases/{id}."""
        ref = LeaseRef(caller.client, lease_id)
        check_bytes("nonce", request.nonce, *NONCE_BYTES)
        check_bytes("secret_hash", request.secret_hash, HASH_BYTES, HASH_BYTES)
        check_number("firm_code", request.firm_code)
        first, *more = _products(request)
        holder = request.holder
        if max(len(holder.user), len(holder.host), len(holder.application)) > NAME_MAX:
            raise too_long(holder)
        if not 0 <= holder.pid <= NUMBER_MAX:
            raise Refusal("bad-request", detail("field-range", field="holder.pid"))
        wishes = wishes_in(request)
        wait_s = 0 if request.wait is None else request.wait.s
        check_number("wait.s", wait_s)
        command = CheckOut(
            ref,
            request.firm_code,
            first.product_code,
            request.secret_hash,
            self._host.names.holder(holder),
            request.nonce,
            first.seats,
            tuple(more),
            request.station,
            address if request.station or wait_s or self._host.state.rulebook else b"",
            wishes,
            wait_s,
        )
        seats = max(item.seats for item in command.items)
        wrong = why_not(wishes) or why_no_party(command.party, seats)
        if wrong:
            raise Refusal("bad-request", wrong)
        self._pace.take(caller.client)
        try:
            if not self._host.serving:  # What is known may be old: whether it is a repeat, too.
                await self._host.orders.fence(within_s)
            for item in (first, *more):
                self._check_reached(request.firm_code, item.product_code)
        except Refusal as refusal:
            if refusal.reason == "quorum-lost":
                self._tell_denial(command, holder, refusal)
            raise
        repeat = self._host.state.lease(ref) is not None
        self._host.names.use(holder, command)
        try:
            decided = await self._host.orders.check_out(command, within_s)
        except Denied as denied:
            self._tell_denial(command, holder, denied)
            raise
        if decided.outcome.reason == QUEUED:
            return self._waits(ref, decided.outcome.generation)
        assert isinstance(decided, Decided)
        return (200 if repeat else 201), grant_of(self._host, decided, ref, request.nonce)

    def _waits(self, ref: LeaseRef, number: int) -> Answer:
        """It waits at this place; that it asks is a sign of life."""
        place = self._host.state.place(ref)
        alive = self._host.orders.heartbeat(ref, number)
        if place is None or place.number != number or not alive:
            raise Refusal("unknown-repeat", detail("lease-being-ended"))
        return 202, _encoder.encode(place_document(self._host.state, place))

    async def consume(
        self,
        caller: Caller,
        lease_id: str,
        request: api.ConsumeRequest,
        secret: bytes,
        within_s: float,
    ) -> Answer:
        """POST /v1/leases/{id}/units."""
        return await self._take(caller, lease_id, request, secret, within_s)

    async def reserve(
        self,
        caller: Caller,
        lease_id: str,
        request: ReserveRequest,
        secret: bytes,
        within_s: float,
    ) -> Answer:
        """POST /v1/leases/{id}/units/reserve."""
        key = request.settle_key
        check_bytes("settle_key", key, HASH_BYTES, HASH_BYTES)
        return await self._take(caller, lease_id, request, secret, within_s, key)

    async def _take(
        self,
        caller: Caller,
        lease_id: str,
        request: api.ConsumeRequest,
        secret: bytes,
        within_s: float,
        settle_key: bytes = b"",
    ) -> Answer:
        """Take units, for good or (with a key) until they are settled."""
        ref = LeaseRef(caller.client, lease_id)
        check_bytes("nonce", request.nonce, *NONCE_BYTES)
        for name in ("generation", "number", "units"):
            check_number(name, getattr(request, name), least=1)
        check_number("product_code", request.product_code)
        await self._prove(ref, secret, within_s)
        self._pace.take(caller.client)
        command = Consume(
            ref,
            request.generation,
            request.number,
            request.units,
            request.nonce,
            request.product_code,
            settle_key,
        )
        decided = await self._host.orders.submit(command, within_s)
        return 200, grant_of(self._host, decided, ref, request.nonce)

    async def settle(
        self,
        caller: Caller,
        lease_id: str,
        request: SettleRequest,
        secret: bytes,
        within_s: float,
    ) -> Answer:
        """POST /v1/leases/{id}/units/settle."""
        ref = LeaseRef(caller.client, lease_id)
        check_bytes("signature", request.signature, SIGNATURE_BYTES, SIGNATURE_BYTES)
        check_number("used", request.used)
        for name in ("generation", "number"):
            check_number(name, getattr(request, name), least=1)
        await self._prove(ref, secret, within_s)
        self._pace.take(caller.client)
        command = Settle(ref, request.generation, request.number, request.used, request.signature)
        decided = await self._host.orders.submit(command, within_s)
        if not decided.outcome.ok:
            raise _as_refusal(decided.outcome)
        document = SettledDocument(
            lease_id=lease_id,
            generation=request.generation,
            number=request.number,
            units_taken=decided.outcome.units_taken,
        )
        return 200, _encoder.encode(document)

    async def heartbeat(
        self,
        caller: Caller,
        lease_id: str,
        request: api.HeartbeatRequest,
        secret: bytes,
        within_s: float,
    ) -> Answer:
        """POST /v1/leases/{id}/heartbeat: extends the lease in memory, once fenced (design D6)."""
        ref = LeaseRef(caller.client, lease_id)
        await self._host.orders.fence(within_s)
        known = self._host.state.lease(ref)
        if known is None or known.generation != request.generation:
            await self._host.orders.settle(within_s)
        lease = self._proved(ref, secret)
        if lease.generation != request.generation:
            raise _as_refusal(refuse.old_generation(lease, request.generation))
        ttl_s = self._host.orders.heartbeat(ref, request.generation)
        if ttl_s is None:
            raise Refusal("lease-ended", detail("lease-over"))
        if ttl_s <= 0.0:
            raise Refusal("unknown-repeat", detail("lease-being-ended"))
        document = api.HeartbeatDocument(
            lease_id=lease_id, generation=lease.generation, lease_ttl_s=lease.lease_ttl_s
        )
        return 200, _encoder.encode(document)

    async def check_in(
        self,
        caller: Caller,
        lease_id: str,
        generation: int,
        no_linger: bool,
        secret: bytes,
        within_s: float,
    ) -> Answer:
        """DELETE /v1/leases/{id}?generation=N."""
        ref = LeaseRef(caller.client, lease_id)
        await self._prove(ref, secret, within_s)
        self._pace.take(caller.client)
        return await self._end(CheckIn(ref, generation, no_linger), ref, within_s)

    async def release(
        self,
        caller: Caller,
        client: str,
        lease_id: str,
        request: api.ReleaseRequest,
        within_s: float,
    ) -> Answer:
        """POST /v1/leases/{client}/{id}/release, an operator's."""
        ref = LeaseRef(client, lease_id)
        need_reason(request.why)
        generation = request.generation
        if generation is not None:
            check_number("generation", generation)
        else:
            await self._host.orders.fence(within_s)
            lease, place = self._host.state.lease(ref), self._host.state.place(ref)
            if lease is None and place is None:
                raise _as_refusal(refuse.lease_unknown(ref))
            generation = lease.generation if lease else place.number if place else 0
        command = Release(ref, generation, caller.client, request.why)
        return await self._end(command, ref, within_s)

    async def _end(self, command: CheckIn | Release, ref: LeaseRef, within_s: float) -> Answer:
        decided = await self._host.orders.submit(command, within_s)
        if not decided.outcome.ok:
            raise _as_refusal(decided.outcome)
        document = api.EndedDocument(lease_id=ref.lease_id, generation=command.generation)
        return 200, _encoder.encode(document)

    def _check_reached(self, firm_code: int, product_code: int) -> None:
        """Refuse where the licence exists but fewer than two of its constituents are reached.

        Nothing is granted either way; this only spares the client an endless "repeat" (design D3).
        """
        state = self._host.state
        offers = state.offers.get((firm_code, product_code))
        if offers is None:
            return
        reachable = self._host.overview.reachable_serials()
        for offer in offers:
            if state.view[offer.key].available_among(reachable):
                return
        raise self._host.standing.refusal("quorum-lost")

    def _tell_denial(self, command: CheckOut, holder: api.HolderDocument, refusal: Refusal) -> None:
        """An event of a denial that is no entry, since nothing was ordered; it says who asked."""
        said = api.HolderDocument(user=plain(holder.user), host=plain(holder.host))
        data = denial(command, refusal.reason, refusal.problem.said, lambda _tags: said)
        self._host.hub.publish("denial", data, command.lease.client)

    async def _prove(self, ref: LeaseRef, secret: bytes, within_s: float) -> None:
        """Check the secret; a refusal is looked at again behind a fence, since what is known here
        may be old."""
        try:
            self._prove_here(ref, secret)
        except Refusal:
            await self._host.orders.fence(within_s)
            self._prove_here(ref, secret)

    def _prove_here(self, ref: LeaseRef, secret: bytes) -> None:
        place = self._host.state.place(ref)
        if place is None:
            self._proved(ref, secret, ended_too=True)
        else:
            _check_secret(secret, place.ask.secret_hash)

    def _proved(self, ref: LeaseRef, secret: bytes, *, ended_too: bool = False) -> Lease:
        """The lease, if the secret is its own. Raises Refusal."""
        state = self._host.state
        lease = state.lease(ref)
        if lease is None:
            tombstone = state.ended(ref)
            if tombstone is None:
                raise _as_refusal(refuse.lease_unknown(ref))
            if not ended_too:
                raise _as_refusal(refuse.lease_ended(tombstone))
            lease = tombstone.lease
        _check_secret(secret, lease.secret_hash)
        return lease


def grant_of(host: TmrHost, decided: Decided, ref: LeaseRef, nonce: bytes) -> bytes:
    """What was granted, with its receipt. Raises Refusal."""
    outcome = decided.outcome
    if outcome.reason != GRANTED:
        reason = outcome.reason if outcome.reason in REASONS else "bad-request"
        raise Refusal(reason, outcome.detail)
    document = host.receipts.grant(decided, ref, nonce)
    if document is None:
        raise Refusal("unknown-repeat", detail("vouched-by-few"))
    return document


def _check_secret(secret: bytes, secret_hash: bytes) -> None:
    """Raise Refusal unless this is the secret, in base64."""
    try:
        proof = sha256(a2b_base64(secret, strict_mode=True)).digest()
    except (Base64Error, ValueError):
        proof = b""
    if not hmac.compare_digest(proof, secret_hash):
        raise Refusal("forbidden", detail("secret-unproven", header=api.SECRET_HEADER))


def _as_refusal(outcome: Outcome) -> Refusal:
    """What the machine would answer, without an entry for it."""
    return Refusal(outcome.reason, outcome.detail)


def _products(request: api.CheckOutRequest) -> tuple[Item, ...]:
    """What is asked for. Raises Refusal for what nobody can ask."""
    if request.items and (request.product_code is not None or request.seats != 1):
        raise Refusal("bad-request", detail("products-two-ways"))
    wanted = request.wanted
    for item in wanted:
        check_number("product_code", item.product_code)
    wrong = why_no_items(wanted)
    if wrong:
        raise Refusal("bad-request", wrong)
    return wanted


def too_long(holder: api.HolderDocument) -> Refusal:
    """What is said of a holder with too long a name."""
    names = ("user", "host", "application")
    name = next(name for name in names if len(getattr(holder, name)) > NAME_MAX)
    return Refusal("bad-request", detail("field-long", field=f"holder.{name}", most=NAME_MAX))


def check_bytes(name: str, value: bytes, least: int, most: int) -> None:
    """Raise Refusal unless there are so many bytes."""
    if not least <= len(value) <= most:
        wrong = detail("field-bytes", field=name, bytes=len(value), least=least, most=most)
        raise Refusal("bad-request", wrong)


def check_number(name: str, value: int, least: int = 0) -> None:
    """Raise Refusal unless it is a number that the wire may carry."""
    if not least <= value <= NUMBER_MAX:
        raise Refusal("bad-request", detail("field-range", field=name))
