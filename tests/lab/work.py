"""Clients that take seats and units without end, and keep a record of what they were told.

Each request is written down before it is sent and its answer after it came, so that afterwards the
ledger can be held against the record: what was acknowledged is there, what was not is there or not.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import cast

from appliance.client import AsyncClient, AsyncLease, ClientError
from appliance.lab.story.stage import ROBOTS
from tests.lab.world import UNITS, World


@dataclass(slots=True)
class Asked:
    """One client's seat, and what it was told of it. `unanswered` counts units."""

    lease: AsyncLease
    generation: int = 0
    units: int = 0
    unanswered: int = 0


async def work(client: AsyncClient, record: list[Asked]) -> None:
    """Check out and consume, again and again, writing down first what is asked, then the answer."""
    while True:
        asked = Asked(client.lease(ROBOTS.code, ROBOTS.product))
        record.append(asked)
        asked.generation = (await asked.lease.check_out()).generation
        for units in (1, 2, 3):
            asked.unanswered = units
            await asked.lease.consume(units)
            asked.units += units
            asked.unanswered = 0


def compare(world: World, record: list[Asked], *, settled: bool) -> None:
    """The ledger's leases and units against the clients' record."""
    leases = {lease.lease_id: lease for lease in world.leases() if lease.firm_code == ROBOTS.code}
    open_requests = 0
    for asked in record:
        found = leases.get(asked.lease.lease_id)
        if not asked.generation:
            open_requests += 1
            assert found is None or found.units_taken == 0
            continue
        assert found is not None
        assert found.generation == asked.generation
        open_requests += bool(asked.unanswered)
        assert found.units_taken in (asked.units, asked.units + asked.unanswered)
    assert bool(open_requests) != settled
    taken = sum(lease.units_taken for lease in leases.values())
    assert world.licence(ROBOTS.code).units_left == UNITS - taken


async def settle(record: list[Asked]) -> None:
    """Repeat with the same id whatever has no answer."""
    for asked in record:
        if not asked.generation:
            again = cast(AsyncClient, asked.lease._client).lease(
                ROBOTS.code,
                ROBOTS.product,
                holder=asked.lease.holder,
                lease_id=asked.lease.lease_id,
                secret=asked.lease.secret,
            )
            asked.generation = (await again.check_out()).generation
            assert again.grant.units_taken == 0
            asked.lease = again
        elif asked.unanswered:
            grant = await asked.lease.settle()
            assert grant is not None and grant.units_taken == asked.unanswered
            asked.units += asked.unanswered
            asked.unanswered = 0


async def hang_up(made: list[AsyncClient]) -> None:
    for client in made:
        with contextlib.suppress(ClientError):
            await client.close()
