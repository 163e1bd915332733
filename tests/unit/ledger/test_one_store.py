"""A ledger on one host: the same coordinator, replica and machine, in which one of one decides."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import NOT_FOUNDED
from appliance.ledger.effects import (
    Decided,
    Denied,
    Effect,
    NamesWrite,
    Origin,
    PutAside,
    Read,
    ReadChunk,
    Send,
    Tell,
    Write,
)
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import Adopt, Entries, Prepare, Promise, SnapshotChunk, TermRefused
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Retention
from appliance.ledger.timing import Timing
from appliance.licences import reasons
from appliance.licences.commands import (
    AnyCommand,
    CheckOut,
    Consume,
    Found,
    Holder,
    ImportUpdate,
    LeaseRef,
    Outcome,
    Replace,
)
from appliance.licences.machine import Machine
from appliance.licences.members import ALONE, STORES, founders, majority
from appliance.licences.merge import SINGLE, merge
from appliance.licences.model import Container, FirmItem, LicenceKey, ProductItem
from appliance.licences.state import State
from appliance.sim.disk import Disk
from appliance.sim.vendor import (
    CMACT_ID,
    FIRM_A,
    PRODUCT,
    READERS,
    SimContainer,
    SimStore,
    certificate_of,
    serial_of,
    verify,
    verify_store,
)
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.world import term

HERE = "here"
ITEM = ProductItem(product_code=PRODUCT, tmr_id=0, quantity=2, units=10)
FOUND = Found(b"ledger", "131-5", ((HERE, b"store"),))
BEGIN_MS = 1_800_000_000_000


def machine(stores: int = ALONE) -> Machine:
    return Machine(*READERS, stores=stores)


def container(twin: int = SINGLE, *items: ProductItem) -> SimContainer:
    made = SimContainer(twin)
    made.issue(FIRM_A, items or (ITEM,))
    return made


class OneHost:
    """Coordinator, replica and disk of one process; `crash` keeps some of what was on its way."""

    def __init__(self, seed: int = 0, retention: Retention | None = None) -> None:
        self.chance, self.now_s = Random(seed), 100.0
        self.container, self.disk = container(), Disk(SimStore(b"store"))
        self._retention = retention or Retention()
        self.told: dict[int, Outcome] = {}
        self.decided: list[Decided] = []
        self._tickets = 0
        self.start()

    def start(self) -> None:
        self.wire: deque[tuple[str, Any]] = deque()
        self.replica = Replica(
            machine(),
            self.container,
            verify,
            self.disk.store,
            verify_store,
            Timing(0.1),
            self.disk.recovered(),
            self._retention,
        )
        assert not self.replica.damage
        self.coordinator = Coordinator(
            "tmr",
            (HERE,),
            machine(),
            Timing(0.1),
            self.chance.getrandbits(64),
            Found(self.chance.randbytes(16), "131-5"),
            verify,
            verify_store,
        )
        self._do(self.coordinator.link(self.now_s, HERE, True))
        self._do(self.coordinator.want(self.now_s, True, "alone"))

    def crash(self) -> None:
        """Power off, and on again."""
        self.disk.crash(self.chance, 0.5)
        self.start()

    def submit(self, command: AnyCommand) -> int:
        self._tickets += 1
        self._do(self.coordinator.submit(self.now_s, self._tickets, command))
        return self._tickets

    def ask(self, command: AnyCommand) -> Outcome:
        """What comes of a command; it is repeated as a client would repeat it."""
        for _ in range(100):
            ticket = self.submit(command)
            self.run(0.05)
            if ticket in self.told:
                return self.told[ticket]
        raise AssertionError(f"{command} gets no answer")

    def run(self, seconds: float, steps_max: int = 100_000) -> None:
        """Let time pass; stops in its middle after so many messages and writes."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 0.01
            self._do(self.replica.tick(self.now_s))
            self._do(self.coordinator.tick(self.now_s))
            while self.wire or self.disk.pending:
                steps_max -= 1
                if steps_max <= 0:
                    return
                self._step()

    def until_serving(self) -> State:
        for _ in range(200):
            self.run(0.05)
            if self.coordinator.serving and self.coordinator.book.state.items:
                return self.coordinator.book.state
        raise AssertionError(f"it does not serve: {self.coordinator.why}")

    def _step(self) -> None:
        if self.disk.pending and (not self.wire or self.chance.random() < 0.5):
            write, _ = self.disk.complete()
            if write is not None and write.ticket:
                self._do(self.replica.written(self.now_s, write.ticket))
            return
        to, message = self.wire.popleft()
        if to == HERE:
            system_ms = BEGIN_MS + int(self.now_s * 1000)
            self._do(self.replica.receive(self.now_s, system_ms, Origin("tmr"), message))
        else:
            self._do(self.coordinator.receive(self.now_s, HERE, message))

    def _do(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Tell(to, message):
                    self.wire.append((to, message))
                case Send(_, message):
                    self.wire.append(("tmr", message))
                case Write() | PutAside():
                    self.disk.pending.append(effect)
                case Read():
                    found = self.disk.entries[effect.first - 1 : effect.last][:100]
                    page = Entries(
                        effect.first, tuple(found), effect.base_index, effect.last, effect.commit
                    )
                    self.wire.append(("tmr", page))
                case ReadChunk():
                    assert self.disk.snapshot is not None
                    data = self.disk.snapshot.chunks[effect.number]
                    self.wire.append(("tmr", SnapshotChunk(effect.index, effect.number, data)))
                case Decided():
                    self.told[effect.ticket] = effect.outcome
                    self.decided.append(effect)
                case NamesWrite():
                    pass
                case Denied():
                    self.told[effect.ticket] = effect.outcome


def check_out(number: int) -> CheckOut:
    lease = LeaseRef(f"client-{number}", f"lease-{number}")
    return CheckOut(lease, FIRM_A, PRODUCT, bytes(32), Holder(), b"%32d" % number)


def test_one_store_founds_grants_and_endorses_alone() -> None:
    host = OneHost()
    state = host.until_serving()
    assert state.membership.voters[0].place == HERE and state.membership.needed == 1
    granted = host.ask(check_out(1))
    assert granted.reason == reasons.GRANTED and granted.lines[0].tmr_id == 0
    (endorsement,) = host.decided[-1].batch.endorsements.values()
    assert endorsement.statement == host.decided[-1].batch.statement
    assert host.ask(check_out(2)).reason == reasons.GRANTED
    assert host.ask(check_out(3)).reason == reasons.NO_SEAT_FREE
    assert host.coordinator.book.log_time_ms > BEGIN_MS, "log time is its one clock's"


@pytest.mark.parametrize("seed", range(12))
def test_what_was_told_survives_whenever_power_goes(seed: int) -> None:
    """Seats and units are exact, and a repeated request has one effect."""
    host = OneHost(seed)
    for steps in range(1, 60, 4):
        host.run(5.0, steps)
        host.crash()
    host.until_serving()
    generation = host.ask(check_out(1)).generation
    for number in range(1, 6):
        consume = Consume(check_out(1).lease, generation, number, 1, b"%32d" % number)
        host.submit(consume)
        host.run(1.0, host.chance.randrange(1, 12))
        host.crash()
        host.until_serving()
        assert host.ask(consume).units_left == 10 - number
    state = host.coordinator.book.state
    assert len(state.leases) == 1 and state.seats[LicenceKey(FIRM_A, PRODUCT, 0)] == 1
    assert host.replica.book.state.leases == state.leases


def test_it_starts_from_its_own_snapshot() -> None:
    host = OneHost(retention=Retention(20, 5, 5))
    host.until_serving()
    generation = host.ask(check_out(1)).generation
    for number in range(1, 8):
        host.ask(Consume(check_out(1).lease, generation, number, 1, b"%32d" % number))
    for _ in range(60):
        host.ask(Replace("nowhere", b"x", "who", "to have entries"))
    host.run(3.0)
    assert host.replica.snapshot_index > 0 and host.replica.base_index > 0
    host.crash()
    state = host.until_serving()
    assert len(state.leases) == 1 and state.units_used == {LicenceKey(FIRM_A, PRODUCT, 0): 7}


def test_a_ledger_has_the_size_that_its_hosts_were_made_for() -> None:
    """A hijacked TMR server founds no ledger of one store at an upstream of three, nor the other
    way round."""
    three = replace(FOUND, stores=tuple((f"up{n}", b"store %d" % n) for n in (1, 2, 3)))
    for stores, good, bad in ((STORES, three, FOUND), (ALONE, FOUND, three)):
        state = State()
        assert machine(stores).apply(state, bad, 0).reason == reasons.BAD_REQUEST
        assert not state.founded
        with pytest.raises(ValueError, match="a ledger is founded by"):
            machine(stores).moved(state.membership, bad, 1)
        assert machine(stores).apply(state, good, 0).reason == reasons.DONE
        assert len(state.membership.voters) == stores


def test_one_promise_founds_nothing_at_an_upstream_of_three() -> None:
    replica = Replica(
        machine(STORES),
        container(1),
        verify,
        SimStore(b"store"),
        verify_store,
        Timing(0.1),
        Disk(SimStore(b"store")).recovered(),
    )
    asked = term(1)
    origin = Origin(asked.host)
    (write,) = replica.receive(1.0, BEGIN_MS, origin, Prepare(asked))
    assert isinstance(write, Write)
    (promise,) = replica.written(1.0, write.ticket)
    assert isinstance(promise, Send)
    assert isinstance(promise.message, Promise)
    vow = promise.message.vow
    adopt = Adopt(asked, 0, ZERO_ROOT, 0, (), 0, ZERO_ROOT, (vow,), None, None)
    (refused,) = replica.receive(1.0, BEGIN_MS, origin, adopt)
    assert isinstance(refused, Send) and isinstance(refused.message, TermRefused)
    assert refused.message.detail == NOT_FOUNDED


@pytest.mark.parametrize(("stores", "twin"), [(ALONE, 1), (STORES, SINGLE)])
def test_no_twin_joins_one_host_and_no_single_a_group(stores: int, twin: int) -> None:
    of, state = machine(stores), State()
    places = (HERE, "up2", "up3")[:stores]
    of.apply(state, replace(FOUND, stores=tuple((name, name.encode()) for name in places)), 0)
    news = container(twin).news_for(state)
    assert isinstance(news, ImportUpdate)
    refused = of.apply(state, replace(news, who=HERE), 0)
    assert refused.reason == reasons.UPDATE_REFUSED
    assert not state.containers


def test_there_is_one_container_and_no_second_one() -> None:
    of, state = machine(), State()
    of.apply(state, FOUND, 0)
    first = container().news_for(state)
    assert isinstance(first, ImportUpdate)
    assert of.apply(state, replace(first, who=HERE), 0).reason == reasons.DONE
    update = READERS[0](first.update)
    stranger = replace(update, serial="130-77", certificate=b"130-77")
    command = ImportUpdate(msgspec.msgpack.encode(stranger), HERE)
    assert of.apply(state, command, 0).reason == reasons.UPDATE_REFUSED
    assert list(state.containers) == [serial_of(SINGLE)]


def held(twin: int, *items: ProductItem, locked: bool = False) -> Container:
    firm = FirmItem(firm_code=FIRM_A, firm_name="A", sequence=1, items=items)
    return Container(
        serial=serial_of(twin),
        cmact_id=CMACT_ID,
        twin=twin,
        certificate=certificate_of(twin),
        firms=(firm,),
        locked=locked,
    )


def test_what_stands_alone_holds_ordinary_licences_only() -> None:
    numbered = replace(ITEM, tmr_id=4)
    (licence,) = merge([held(SINGLE, ITEM, numbered)]).values()
    assert licence.key == LicenceKey(FIRM_A, PRODUCT, 0)
    assert licence.available and licence.needed == 1 and licence.matching == (serial_of(SINGLE),)
    assert licence.available_among({serial_of(SINGLE)}) and not licence.available_among(set())
    (rests,) = merge([held(SINGLE, ITEM, locked=True)]).values()
    assert not rests.available and rests.locked
    (twins,) = merge([held(1, ITEM, numbered), held(2, ITEM, numbered)]).values()
    assert twins.key.tmr_id == 4, "ordinary licences of twins are no business of the merge"


def test_how_many_have_to_agree_follows_from_how_many_vote() -> None:
    assert [majority(count) for count in (1, 2, 3)] == [1, 2, 2]
    alone = founders([(HERE, b"store")], count=ALONE)
    assert alone.decides([b"store"]) and not alone.decides([b"other"])
    with pytest.raises(ValueError, match="no other store"):
        alone.replace(HERE, b"new", 5)
    three = founders([(f"up{n}", b"%d" % n) for n in (1, 2, 3)])
    assert three.needed == three.replace("up1", b"new", 5).needed == 2
