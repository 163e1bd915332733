"""`tmr bench queue`: how soon a freed seat is with who waits, and a queue through a failover.

There is one seat. First two clients take turns: one waits, the other gives the seat back at a
moment that the waiting one cannot know, and the time counts until its receipt is verified. Then as
many as may wait do so, the active host loses power, and the ledger's order of all places is
compared with the one before; at the end the seat goes from one to the next, and that order is
compared as well.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any, Final, TypeVar

import msgspec

from appliance.client import AsyncClient, AsyncLease, load_profile
from appliance.client.tools import tool_trust
from appliance.client.waiting import OnQueue
from appliance.lab.bench.figures import quantile, rounded
from appliance.lab.bench.ground import FIRM_CODE, PRODUCT_CODE, Computer, Ground, machine
from appliance.lab.build import client_name, give_client
from appliance.lab.platform import Kind
from appliance.lab.processes import now_s
from appliance.lab.story.stage import Stage, StoryFailed
from appliance.licences.queue.place import PLACES_PER_CLIENT_MAX

WAIT_S: Final = 3_600
MOUNT_S: Final = 300.0
PAUSE_MAX_S: Final = 1.0
"""A seat is given back so long after somebody began to wait at most, by chance."""
SEED: Final = 16

T = TypeVar("T")


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """What `tmr bench queue --json` prints. `turn_…_s`: from sending the check-in to the verified
    receipt of who waited. `lost` of those who waited had no place after the failover, and
    `overtaken` another one than before, or were `passed_on` in another order than they stood in.
    `failover_s`: from the power cut to the first status of a host that serves."""

    machine: Computer
    lab: Kind
    turns: int
    turn_median_s: float
    turn_p99_s: float
    turn_max_s: float
    waiting: int
    lost: int
    overtaken: int
    failover_s: float
    passed_on: int
    passed_on_wrongly: int
    pass_on_median_s: float


def moved(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many of an order are not in the later one, and how many stand elsewhere among those who
    are."""
    there = set(after)
    left = [one for one in before if one in there]
    return len(before) - len(left), sum(a != b for a, b in zip(left, after, strict=False))


def measure(
    lay: Callable[[], Ground],
    kind: Kind,
    turns: int,
    waiting: int,
    passed_on: int,
    told: Callable[[str], None],
) -> Queue:
    """Both parts on one ground of one seat. Raises StoryFailed, ClientError."""
    with lay() as ground:
        stage = ground.stage
        names = [client_name(n) for n in range(1, 3 + -(-waiting // PLACES_PER_CLIENT_MAX))]
        for name in names:
            give_client(stage.files, name)
        turn_s = sorted(_call(stage, _turns(stage, names[:2], turns)))
        told(f"{turns} turns")
        crowd = Crowd(stage, names)
        _call(stage, crowd.begin(waiting))
        told(f"{waiting} wait")
        before = _call(stage, crowd.order())
        active = stage.wait_until_whole()
        cut_at_s = now_s()
        stage.lab.power_cut(active)
        stage.wait_for("another host that serves", lambda: stage.active() != active)
        failover_s = now_s() - cut_at_s
        lost, overtaken = moved(before, _call(stage, crowd.order()))
        told("failover")
        passed, gaps_s = _call(stage, crowd.pass_on(passed_on))
        wrongly = sum(a != b for a, b in zip(before, passed, strict=False))
        _call(stage, crowd.end())
    return Queue(
        machine=machine(),
        lab=kind,
        turns=turns,
        turn_median_s=rounded(quantile(turn_s, 0.5)),
        turn_p99_s=rounded(quantile(turn_s, 0.99)),
        turn_max_s=rounded(turn_s[-1]),
        waiting=len(before),
        lost=lost,
        overtaken=overtaken,
        failover_s=rounded(failover_s),
        passed_on=len(passed),
        passed_on_wrongly=wrongly,
        pass_on_median_s=rounded(quantile(sorted(gaps_s), 0.5)),
    )


def _call(stage: Stage, work: Coroutine[Any, Any, T]) -> T:
    return stage.clients.call(work, MOUNT_S)


def _noting(waits: asyncio.Event) -> OnQueue:
    return lambda _place: waits.set()


def _client(stage: Stage, name: str) -> AsyncClient:
    profile = load_profile(stage.files.profile(name))
    return profile.async_client(tool_trust(profile))


async def _turns(stage: Stage, names: Sequence[str], count: int) -> list[float]:
    """For each of so many turns, the time from a check-in to the receipt of who waited."""
    chance, seen_s = random.Random(SEED), []
    async with AsyncExitStack() as clients:
        one, other = [await clients.enter_async_context(_client(stage, name)) for name in names]
        lease = one.lease(FIRM_CODE, PRODUCT_CODE)
        await lease.check_out()
        for _ in range(count):
            waits = asyncio.Event()
            following = other.lease(FIRM_CODE, PRODUCT_CODE, wait_s=WAIT_S, on_queue=_noting(waits))
            turn = asyncio.create_task(following.check_out())
            await waits.wait()
            await asyncio.sleep(chance.uniform(0, PAUSE_MAX_S))
            begun_s = now_s()
            await lease.check_in()
            await turn
            seen_s.append(now_s() - begun_s)
            lease, one, other = following, other, one
        await lease.check_in()
    return seen_s


class Crowd:
    """Many who wait for one seat, which somebody else has; to be used in one loop."""

    def __init__(self, stage: Stage, names: Iterable[str]) -> None:
        self._stage = stage
        self._clients = AsyncExitStack()
        self._names = tuple(names)
        self._tasks: list[asyncio.Task[None]] = []
        self._holds: AsyncLease
        self._granted: list[tuple[int, str, float]] = []
        self._most = 0
        self._enough = asyncio.Event()

    async def begin(self, waiting: int) -> None:
        """Take the seat, and have so many wait for it."""
        first, *others = [
            await self._clients.enter_async_context(_client(self._stage, name))
            for name in self._names
        ]
        self._holds = first.lease(FIRM_CODE, PRODUCT_CODE)
        await self._holds.check_out()
        told = []
        for number in range(waiting):
            waits = asyncio.Event()
            lease = others[number // PLACES_PER_CLIENT_MAX].lease(
                FIRM_CODE, PRODUCT_CODE, wait_s=WAIT_S, on_queue=_noting(waits)
            )
            self._tasks.append(asyncio.create_task(self._wait(lease)))
            told.append(waits.wait())
        await asyncio.gather(*told)

    async def _wait(self, lease: AsyncLease) -> None:
        grant = await lease.check_out()
        self._granted.append((grant.generation, lease.lease_id, now_s()))
        if len(self._granted) >= self._most:
            self._enough.set()
        else:
            await lease.check_in()

    async def order(self) -> list[str]:
        """Who waits, as the ledger has it."""
        found: list[tuple[int, str]] = []
        after: int | None = 0
        async with _client(self._stage, "operate") as operator:
            while after is not None:
                page = await operator.queue(FIRM_CODE, PRODUCT_CODE, after=after)
                found += [(one.place, one.lease_id) for one in page.places]
                after = page.next
        return [lease_id for _, lease_id in sorted(found)]

    async def pass_on(self, count: int) -> tuple[list[str], list[float]]:
        """Let the seat go through so many hands: who had it, in the ledger's order, and how long
        each hand-over took."""
        self._most = count
        begun_s = now_s()
        await self._holds.check_in()
        await self._enough.wait()
        for task in self._tasks:
            if task.done() and task.exception() is not None:
                raise StoryFailed(f"somebody waited in vain: {task.exception()}")
        granted = sorted(self._granted)[:count]
        times = [begun_s, *(at_s for _, _, at_s in granted)]
        gaps_s = [b - a for a, b in pairwise(times)]
        return [lease_id for _, lease_id, _ in granted], gaps_s

    async def end(self) -> None:
        """Nobody waits any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._clients.aclose()
