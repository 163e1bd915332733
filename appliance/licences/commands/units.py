"""Commands about unit counters: take units, settle a reservation, refund."""

from __future__ import annotations

from appliance.licences.commands.base import Command, LeaseRef


class Consume(Command, frozen=True, tag="consume"):
    """Take `units` from the unit counters of a product that the lease holds, 0 for its first;
    `number` counts this lease's requests from 1. With a `settle_key` (Ed25519) they are reserved:
    who has that key may say once that fewer were used."""

    lease: LeaseRef
    generation: int
    number: int
    units: int
    nonce: bytes
    product_code: int = 0
    settle_key: bytes = b""


class Settle(Command, frozen=True, tag="settle"):
    """Of what request `number` reserved so many units were used, says the client that signed it
    (`appliance.licences.reserving`)."""

    lease: LeaseRef
    generation: int
    number: int
    used: int
    signature: bytes


class Refund(Command, frozen=True, tag="refund"):
    """An operator gives `units` back of those that were taken under this number: who and why are
    part of the record."""

    taking: int
    units: int
    who: str
    why: str
