"""What clients are told by the real lease routes fits one licence server, whatever happens below.

The simulator has a small shell of its own, so no seed of it runs `services/tmr`. Here the real
routes stand over real coordinators and replicas: disks that hang, hosts that lose the address,
messages that are late or lost, batches that are undone. Each seed is one life. What clients were
told is judged by the simulator's own check (`appliance.sim.history`), each receipt by the client's.

More of it: TMR_HISTORY_SEEDS=200 python -m pytest tests/unit/services/tmr/test_histories.py
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from appliance.ledger.effects import Committed, Effect, Tell
from appliance.ledger.messages import AnyMessage, Append, decode_body
from appliance.licences import reasons
from appliance.licences.commands import Expire, LeaseRef, decode_command
from appliance.services.tmr.orders import Orders
from appliance.sim import history as h
from appliance.sim.clients import DEFINITE
from appliance.sim.history import Call, CallAnswer, Config, History
from tests.unit.services.tmr.parts import FIRM, Reply, secret
from tests.unit.services.tmr.world import ALICE, BOB, HOSTS, PRODUCT, UPSTREAMS, World, run

SEEDS = range(int(os.environ.get("TMR_HISTORY_SEEDS", "10")))
MEETS_IT = 8
"""A seed in which a heartbeat comes while an expiry is in flight that is undone later."""
STEPS = 160
SEATS, UNITS, TTL_S = 2, 30, 1
LICENCE = (FIRM, PRODUCT)
WHO = {"cert:alice": ALICE, "cert:bob": BOB}


SendTo = Callable[[str, str, AnyMessage], bool]


class Life:
    """Clients and faults of one seed. The history's time counts what happened: no two at once."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.history = History()
        self.at = 0.0
        self.tasks: set[asyncio.Task[Any]] = set()
        self.grants: dict[LeaseRef, int] = {}
        self.numbers: dict[LeaseRef, tuple[int, int, bool]] = {}
        self.busy: set[LeaseRef] = set()
        self.told = 0
        self._launched: dict[tuple[LeaseRef, int], float] = {}
        self._expired: set[tuple[LeaseRef, int]] = set()
        rows = ((1, SEATS, UNITS, ""),)
        self.history.configured(LICENCE, Config(rows, SEATS), self.now(), self.now())
        self.deaf = False
        for host in world.hosts.values():
            host.counts.watch = self.watch  # type: ignore[method-assign]
        world._to_upstream = self._lossy(world._to_upstream)  # type: ignore[method-assign, assignment]

    def _lossy(self, send: SendTo) -> SendTo:
        """While `deaf`, no entry reaches an upstream, but every beat does: a batch stays in flight
        until the term ends, and then it never was."""

        def lossy(host: str, to: str, message: AnyMessage) -> bool:
            return (self.deaf and isinstance(message, Append)) or send(host, to, message)

        return lossy

    def now(self) -> float:
        """The next moment."""
        self.at += 1.0
        return self.at

    def watch(self, effect: Effect) -> None:
        """Note when the ledger ends leases by itself."""
        if isinstance(effect, Tell) and isinstance(effect.message, Append):
            for data in decode_body(effect.message.entry.body).commands:
                command = decode_command(data)
                if isinstance(command, Expire):
                    key = command.lease, command.generation
                    self._launched.setdefault(key, self.now())
        elif isinstance(effect, Committed):
            for done, outcome in zip(effect.commands, effect.outcomes, strict=True):
                if not isinstance(done, Expire) or not outcome.ok:
                    continue
                key = done.lease, done.generation
                if key not in self._expired:
                    self._expired.add(key)
                    self.history.expired(key[0], self._launched[key], self.now())

    # --- clients ---

    def ask(self) -> None:
        """One client asks for something, or repeats what it asked for."""
        rng = self.rng
        client = rng.choice(list(WHO))
        ref = LeaseRef(client, f"l{rng.randint(1, 3)}")
        if ref in self.busy:
            return
        generation = self.grants.get(ref)
        kind = h.CHECK_OUT if generation is None else rng.choice(KINDS)
        self.busy.add(ref)
        task = asyncio.get_running_loop().create_task(self._call(kind, ref, generation or 0))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _call(self, kind: str, ref: LeaseRef, generation: int) -> None:
        world, path = self.world, f"/v1/leases/{ref.lease_id}"
        nonce, number, units = world.nonce(), 0, 0
        body: Any = None
        method = "POST"
        if kind == h.CHECK_OUT:
            method, body = "PUT", world.asking({"nonce": nonce})
        elif kind == h.HEARTBEAT:
            path, body = f"{path}/heartbeat", api.HeartbeatRequest(generation=generation)
        elif kind == h.CONSUME:
            number, units, open_still = self.numbers.get(ref, (0, 0, False))
            if not open_still:
                number, units = number + 1, self.rng.randint(1, 3)
            self.numbers[ref] = number, units, True
            path = f"{path}/units"
            body = api.ConsumeRequest(
                generation=generation, number=number, units=units, nonce=nonce
            )
        else:
            method, path = "DELETE", f"{path}?generation={generation}"
        call = self.history.called(LICENCE, Call(ref.client, kind, ref, self.now(), number, units))
        host = world.address_at if self.rng.random() < 0.9 else self.rng.choice(HOSTS)
        who: Identity = WHO[ref.client]
        reply = await world.request(
            method, path, body, who=who, headers=[secret()], host=host or "tmr1"
        )
        answer = self._answer(kind, reply, nonce, units)
        self.busy.discard(ref)
        if answer is None:
            return
        self.told += 1
        call.answer, call.returned_s = answer, self.now()
        if kind == h.CONSUME:
            self.numbers[ref] = number, units, False
        if kind == h.CHECK_OUT and answer.reason == reasons.GRANTED:
            self.grants[ref] = reply.of(api.GrantDocument).generation

    def _answer(self, kind: str, reply: Reply, nonce: bytes, units: int) -> CallAnswer | None:
        """What the client takes from a reply; None if that says nothing for certain."""
        if reply.status >= 300:
            if kind == h.HEARTBEAT and reply.reason in (reasons.LEASE_UNKNOWN, reasons.LEASE_ENDED):
                return CallAnswer(h.GONE)
            return CallAnswer(reply.reason) if reply.reason in DEFINITE else None
        if kind == h.HEARTBEAT:
            return CallAnswer(h.ALIVE)
        if kind == h.CHECK_IN:
            return CallAnswer(reasons.DONE)
        grant = self.world.believe(reply, nonce, units)
        return CallAnswer(reasons.GRANTED, grant.tmr_id, grant.units_left)

    # --- faults ---

    def happen(self) -> None:
        """Something goes wrong, or is mended."""
        world, rng = self.world, self.rng
        dice = rng.random()
        if dice < 0.15:
            world.hold_writes(*rng.sample(UPSTREAMS, rng.randint(1, 3)))
        elif dice < 0.3:
            world.release_writes()
        elif dice < 0.45:
            self._power()
        elif dice < 0.65:
            world.give_address(rng.choice(HOSTS))
        elif dice < 0.9:
            self.deaf = not self.deaf
        else:
            for _ in range(rng.randint(1, 8)):
                if world.wire:
                    world.wire.popleft()

    def _power(self) -> None:
        world = self.world
        dead = [name for name, upstream in world.upstreams.items() if not upstream.alive]
        if dead:
            world.start(self.rng.choice(dead))
        else:  # The one that hangs, if one does: what it was writing is gone.
            hung = [name for name, upstream in world.upstreams.items() if upstream.held]
            world.kill(self.rng.choice(hung or list(UPSTREAMS)))

    async def step(self) -> None:
        """A little of everything."""
        world, rng = self.world, self.rng
        for _ in range(rng.randint(0, 2)):
            self.ask()
        if rng.random() < 0.25:
            self.happen()
        for _ in range(3):
            await asyncio.sleep(0)
            for _ in range(rng.randint(0, 12)):
                if world.wire:
                    world.wire.popleft()()
        if rng.random() < 0.6:
            world.advance(
                rng.choice((0.01, 0.02, 0.05, 0.3, 1.1) if not self.deaf else (0.01, 0.02, 1.1))
            )

    async def heal(self) -> None:
        """All is mended: every request gets an answer, and then each client looks once more."""
        world = self.world
        self.deaf = False
        world.release_writes()
        for name, upstream in world.upstreams.items():
            if not upstream.alive:
                world.start(name)
        for task in list(self.tasks):
            await world.answer(task, "a request")
        world.until(lambda: world.hosts[world.address_at].serving, "it serves again")
        for ref, generation in self.grants.items():
            for kind in (h.HEARTBEAT, h.CHECK_OUT):
                task = asyncio.get_running_loop().create_task(self._call(kind, ref, generation))
                await world.answer(task, "a last look")


KINDS = (h.HEARTBEAT, h.HEARTBEAT, h.HEARTBEAT, h.CHECK_OUT, h.CONSUME, h.CONSUME, h.CHECK_IN)


def lived(seed: int) -> Life:
    """One seed's life. Raises AssertionError for an answer that nobody may get."""
    lives: list[Life] = []

    async def test(world: World) -> None:
        life = Life(world, seed)
        lives.append(life)
        for _ in range(STEPS):
            await life.step()
        await life.heal()

    run(test, quantity=SEATS, units=UNITS, lease_ttl_s=TTL_S)
    return lives[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_clients_were_told_fits_one_licence_server(seed: int) -> None:
    life = lived(seed)
    (calls,) = life.history.calls.values()
    verdict = h.check(calls)
    assert verdict.word == h.LINEARIZABLE, [str(call) for call in verdict.stuck]
    assert life.told > STEPS / 8


def test_a_shell_that_tells_of_what_may_be_undone_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """This test can fail: a heartbeat told of a batch in flight is met by few seeds."""

    async def hasty(self: Orders, within_s: float) -> None:
        return None

    monkeypatch.setattr(Orders, "settle", hasty)
    (calls,) = lived(MEETS_IT).history.calls.values()
    assert h.check(calls).word == h.NOT_LINEARIZABLE
