"""Writes down every request that a client library sends, and every answer that it takes.

It stands between the library and its engine and reads what really goes out: each attempt of a
repeated request has a nonce of its own and so may reach the ledger as a command of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import msgspec

from appliance.client import AsyncClient
from appliance.client.clock import Clock
from appliance.client.engine import Engine, Make, Sent
from appliance.client.transport import Answer
from appliance.client.wire import problem_of
from appliance.codec.api import CheckOutRequest, ConsumeRequest, GrantDocument, HeartbeatDocument
from appliance.codec.api_units import ReserveRequest, SettledDocument, SettleRequest
from appliance.lab.chaos.records import Asked, Complaint, Line, Product, Told, encode
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.commands import AnyCommand, Holder, LeaseRef
from appliance.licences.wishes import wishes_in
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONSUME,
    GONE,
    HEARTBEAT,
    SETTLE,
)

_ENDED: Final = frozenset({reasons.LEASE_UNKNOWN, reasons.LEASE_ENDED})
_check_out = msgspec.json.Decoder(CheckOutRequest)
_consume = msgspec.json.Decoder(ConsumeRequest)
_grant = msgspec.json.Decoder(GrantDocument)
_heartbeat = msgspec.json.Decoder(HeartbeatDocument)
_reserve = msgspec.json.Decoder(ReserveRequest)
_settle = msgspec.json.Decoder(SettleRequest)
_settled = msgspec.json.Decoder(SettledDocument)


class Recorder:
    """The file of one process. Lines are written at once, so a killed process lost none.

    Its clients say no names: what the ledger has of those depends on a key that nobody here knows.
    """

    def __init__(self, path: Path, now: Clock) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._numbers = 0
        self.now = now

    def next_number(self) -> int:
        """A name for the next request."""
        self._numbers += 1
        return self._numbers

    def write(self, line: Line) -> None:
        """Add one line. Raises OSError."""
        os.write(self._handle, encode(line) + b"\n")

    def complain(self, client: str, lease_id: str, what: str) -> None:
        """Note what must not happen."""
        self.write(Complaint(self.now(), client, lease_id, what))

    def close(self) -> None:
        """Nothing is written any more."""
        os.close(self._handle)


def record(client: AsyncClient, name: str, recorder: Recorder) -> AsyncClient:
    """Let this client's calls be written down; `name` is who the ledger takes it for."""
    client.engine = RecordingEngine(client.engine, name, recorder)
    return client


class RecordingEngine(Engine):
    """An engine that keeps a record of its lease requests; others pass unrecorded."""

    def __init__(self, engine: Engine, client: str, recorder: Recorder) -> None:
        super().__init__(engine.addresses, engine.context, engine.now, engine.timing, engine.chance)
        self._client = client
        self._recorder = recorder
        self._products: dict[str, Product] = {}

    async def exchange(
        self, make: Make, *, deadline_s: float | None = None, quorum_wait_s: float = 0.0
    ) -> tuple[Answer, Sent]:
        """As `Engine.exchange`, written down."""
        asked: list[tuple[Sent, Asked]] = []

        def noting(left_s: float) -> Sent:
            sent = make(left_s)
            request = self._read(sent)
            if request is not None:
                self._recorder.write(request)
                asked.append((sent, request))
            return sent

        answer, sent = await super().exchange(
            noting, deadline_s=deadline_s, quorum_wait_s=quorum_wait_s
        )
        returned_s = self._recorder.now()
        for mine, request in asked:
            if mine is sent:
                self._recorder.write(told(request, answer, returned_s))
        return answer, sent

    def _read(self, sent: Sent) -> Asked | None:
        head, _, body = sent.data.partition(b"\r\n\r\n")
        method, target, _ = head.split(b" ", 2)
        path, _, query = target.decode("ascii").partition("?")
        parts = path.split("/")
        if parts[:3] != ["", "v1", "leases"] or len(parts) < 4:
            return None
        lease_id, what = parts[3], "/".join(parts[4:])
        asked = partial(
            Asked,
            self._recorder.next_number(),
            self._client,
            lease_id=lease_id,
            called_s=sent.sent_at_s,
        )
        ref = LeaseRef(self._client, lease_id)
        if method == b"PUT":
            order = _check_out.decode(body)
            first, *more = order.wanted
            product = (order.firm_code, first.product_code)
            self._products[lease_id] = product
            command: AnyCommand = c.CheckOut(
                ref,
                *product,
                order.secret_hash,
                Holder(pid=order.holder.pid),
                order.nonce,
                first.seats,
                tuple(more),
                order.station,
                wishes=wishes_in(order),
            )
            return asked(
                kind=CHECK_OUT,
                product=product,
                command=_hash(command),
                mode=order.mode,
                station=order.station,
            )
        asked = partial(asked, product=self._products[lease_id])
        if what == "heartbeat":
            return asked(kind=HEARTBEAT)
        if method == b"DELETE":
            given = parse_qs(query)
            generation = int(given["generation"][0])
            command = c.CheckIn(ref, generation, "no_linger" in given)
            return asked(kind=CHECK_IN, generation=generation, command=_hash(command))
        if what == "units/settle":
            said = _settle.decode(body)
            command = c.Settle(ref, said.generation, said.number, said.used, said.signature)
            return asked(
                kind=SETTLE,
                generation=said.generation,
                request=said.number,
                units=said.used,
                command=_hash(command),
            )
        return _taking(asked, ref, body, reserves=what == "units/reserve")


def _taking(asked: Callable[..., Asked], ref: LeaseRef, body: bytes, *, reserves: bool) -> Asked:
    """A request that takes units, or reserves them."""
    taking = (_reserve if reserves else _consume).decode(body)
    command = c.Consume(
        ref,
        taking.generation,
        taking.number,
        taking.units,
        taking.nonce,
        taking.product_code,
        taking.settle_key if isinstance(taking, ReserveRequest) else b"",
    )
    return asked(
        kind=CONSUME,
        generation=taking.generation,
        request=taking.number,
        units=taking.units,
        command=_hash(command),
        reserves=reserves,
    )


def _hash(command: AnyCommand) -> bytes:
    return sha256(c.encode_command(command)).digest()


def told(request: Asked, answer: Answer, returned_s: float) -> Told:
    """What a final answer says. Raises msgspec.DecodeError if it is none of ours."""
    number = request.number
    problem = problem_of(answer)
    if problem is not None:
        reason = problem.reason
        if request.kind == HEARTBEAT and reason in _ENDED:
            reason = GONE
        return Told(number, returned_s, reason)
    if request.kind == HEARTBEAT:
        beat = _heartbeat.decode(answer.body)
        return Told(
            number,
            returned_s,
            ALIVE,
            generation=beat.generation,
            lease_ttl_s=beat.lease_ttl_s,
        )
    if request.kind == CHECK_IN:
        return Told(number, returned_s, reasons.DONE)
    if request.kind == SETTLE:
        settled = _settled.decode(answer.body)
        return Told(
            number,
            returned_s,
            reasons.DONE,
            generation=settled.generation,
            units_taken=settled.units_taken,
        )
    grant = _grant.decode(answer.body)
    return Told(
        number,
        returned_s,
        grant.reason,
        grant.tmr_id,
        grant.generation,
        grant.units_left,
        grant.units_taken,
        grant.lease_ttl_s,
        grant.valid_for_s,
        0 if grant.receipt is None else grant.receipt.index,
        tuple((line.tmr_id, line.seats) for line in grant.lines),
    )
