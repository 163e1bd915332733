"""What the licence machine itself costs: commands a second, and memory and time as leases grow.

No lab, no network, no disk: the machine in this process, on one core, as a replica uses it (changes
are taken after each batch, so that they could be undone). Signatures are the simulator's.
"""

from __future__ import annotations

import gc
import itertools
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from appliance.lab.bench.ground import Computer, machine
from appliance.ledger.leader.lease_clock import LeaseClock
from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Consume,
    Found,
    Holder,
    ImportUpdate,
    LeaseRef,
    decode_command,
    encode_command,
)
from appliance.licences.machine import Machine as LicenceMachine
from appliance.licences.model import ProductItem
from appliance.licences.state import State
from appliance.sim.vendor import FIRM_A, READERS, SimContainer

IN_A_BATCH: Final = 64
FEW: Final = 1_000
"""So many leases are there when the cost of one more is measured first."""
COMMANDS_EACH: Final = 20_000
SEATS: Final = 1_000_000
UNITS: Final = 1_000_000_000
CLIENTS: Final = 20_000
"""The last quarter of all leases is for clients with few."""
START_MS: Final = 1_700_000_000_000
_encode: Final = msgspec.msgpack.Encoder().encode


class StateCost(msgspec.Struct, frozen=True, kw_only=True):
    """Rates are of one core. `growth` is what a check-out costs with `leases` leases by what it
    costs with few. Memory is of a lease's row in the state, and in the active host's lease clock;
    the texts of its commands, which are decoded anew, are part of it."""

    machine: Computer
    licences: int
    leases: int
    commands_per_s: float
    few_leases: int
    few_us: float
    many_us: float
    growth: float
    state_bytes_per_lease: float
    clock_bytes_per_lease: float


def founding(*items: ProductItem) -> Iterator[AnyCommand]:
    """How a ledger begins whose three containers hold these licences."""
    yield Found(b"L" * 16, "131-1", tuple((f"up{n}", bytes((n,)) * 32) for n in (1, 2, 3)))
    for twin in (1, 2, 3):
        container = SimContainer(twin)
        container.issue(FIRM_A, items)
        yield ImportUpdate(_encode(container.updates[0]), f"up{twin}")


class _Bench:
    """A founded ledger with so many licences, each of a product of its own."""

    def __init__(self, licences: int) -> None:
        self.machine = LicenceMachine(*READERS)
        self.state = State()
        self.licences = licences
        self._number = itertools.count(1)
        self._now_ms = START_MS
        items = tuple(
            ProductItem(product_code=code, tmr_id=code, quantity=SEATS, units=UNITS)
            for code in range(1, licences + 1)
        )
        for command in founding(*items):
            self.do(command)

    def do(self, command: AnyCommand) -> int:
        """Apply one command by itself; gives the generation of a grant."""
        outcome = self.machine.apply(self.state, command, self._now_ms)
        assert outcome.ok, outcome
        self.state.take_changes()
        return outcome.generation

    def check_out(self, number: int) -> CheckOut:
        """A check-out of one product after another, as it comes from the log."""
        command = CheckOut(
            LeaseRef(f"cert:client-{number % CLIENTS:05d}", f"{number:032x}"),
            FIRM_A,
            1 + number % self.licences,
            number.to_bytes(32, "big"),
            Holder(b"ada", b"host-%d" % (number % 500), number % 30_000, b"cad"),
            number.to_bytes(16, "big"),
        )
        read = decode_command(encode_command(command))
        assert isinstance(read, CheckOut)
        return read

    def seats(self, count: int) -> list[CheckOut]:
        """Check-outs of leases that are not there yet."""
        return [self.check_out(next(self._number)) for _ in range(count)]

    def apply(self, commands: Iterator[AnyCommand], count: int) -> float:
        """Apply all of them in batches; gives the processor seconds that they took. What is to be
        applied after another's outcome is made as it goes, and is part of it."""
        machine, state = self.machine, self.state
        gc.collect()
        began_s = time.process_time()
        for at in range(0, count, IN_A_BATCH):
            for command in itertools.islice(commands, min(IN_A_BATCH, count - at)):
                outcome = machine.apply(state, command, self._now_ms)
                assert outcome.ok, outcome
            state.take_changes()
            self._now_ms += 10
        return time.process_time() - began_s

    def lives(self, seats: list[CheckOut]) -> Iterator[AnyCommand]:
        """Leases from check-out to check-in, each with a consumption."""
        for seat in seats:
            yield seat
            lease = self.state.leases[seat.lease]
            yield Consume(seat.lease, lease.generation, 1, 1, seat.nonce)
            yield CheckIn(seat.lease, lease.generation)


def measure(licences: int, leases: int, told: Callable[[str], None]) -> StateCost:
    """Measure a state with so many licences and up to so many leases. `told` hears of each part."""
    bench = _Bench(licences)
    seats = bench.seats(COMMANDS_EACH)
    commands = 3 * len(seats)
    rate_per_s = commands / bench.apply(bench.lives(seats), commands)
    told(f"{rate_per_s:.0f} commands/s")
    few = min(FEW, leases)
    _fill(bench, few)
    few_us = _one_more_us(bench)
    told(f"{few} leases: {few_us:.1f} us a check-out and check-in")
    state_bytes, clock_bytes = _memory(bench, leases - 1 - len(bench.state.leases))
    many_us = _one_more_us(bench)
    told(f"{leases} leases: {many_us:.1f} us, {state_bytes + clock_bytes:.0f} bytes each")
    return StateCost(
        machine=machine(),
        licences=licences,
        leases=leases,
        commands_per_s=round(rate_per_s),
        few_leases=few,
        few_us=round(few_us, 2),
        many_us=round(many_us, 2),
        growth=round(many_us / few_us, 3),
        state_bytes_per_lease=round(state_bytes, 1),
        clock_bytes_per_lease=round(clock_bytes, 1),
    )


def _fill(bench: _Bench, count: int) -> None:
    for seat in bench.seats(count):
        bench.do(seat)


def _one_more_us(bench: _Bench) -> float:
    """What a check-out and its check-in cost in microseconds, with the leases that there are."""
    seats = bench.seats(COMMANDS_EACH)

    def pairs() -> Iterator[AnyCommand]:
        for seat in seats:
            yield seat
            yield CheckIn(seat.lease, bench.state.leases[seat.lease].generation)

    return bench.apply(pairs(), 2 * len(seats)) / len(seats) * 1e6


def _memory(bench: _Bench, count: int) -> tuple[float, float]:
    """Take so many more seats: what each takes in the state, and in the lease clock."""
    if count < 1:
        return 0.0, 0.0
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(count):
        bench.do(bench.seats(1)[0])
    gc.collect()
    filled = tracemalloc.get_traced_memory()[0]
    clock = LeaseClock()
    lives = ((one.ref, one.generation, 60.0) for one in bench.state.active_leases())
    clock.restart(0.0, lives)
    gc.collect()
    clocked = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (filled - before) / count, (clocked - filled) / len(bench.state.leases)
