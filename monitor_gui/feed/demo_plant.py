"""The demo's five hosts: real cores and real TMR hosts, between simulated wires, disks and VRRP.

All of it runs on one event loop in real time. What can go wrong in here is an effect that reaches a
host that has lost its power since: every delivery compares the life it was meant for.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from appliance.ledger.effects import (
    DropAside,
    Effect,
    NamesWrite,
    Origin,
    PutAside,
    Read,
    ReadChunk,
    ReadNames,
    Send,
    Write,
)
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import AnyMessage, Entries, Entry, SnapshotChunk
from appliance.ledger.replica.replica import Replica
from appliance.ledger.timing import Timing
from appliance.licences.commands import Found, ImportUpdate
from appliance.licences.machine import Machine
from appliance.licences.model import (
    BlockList,
    CertifiedStatement,
    ContainerUpdate,
    FirmItem,
    LicenceKey,
    ProductItem,
)
from appliance.licences.names import KEY_BYTES, key_hash
from appliance.licences.state import State
from appliance.services.tmr.host import TmrHost
from appliance.services.vip_protocol import VipState
from appliance.sim.disk import Disk
from appliance.sim.names import NamesTable
from appliance.sim.vendor import (
    SimStore,
    fake_signature,
    read_proof,
    read_update,
    verify,
    verify_store,
)

UPSTREAMS: Final = ("up1", "up2", "up3")
TMRS: Final = ("tmr1", "tmr2")
KEY: Final = bytes(KEY_BYTES)
VIRTUAL_IP: Final = "10.77.0.100"
ADVERT_S: Final = 0.3
TICK_S: Final = 0.03
WIRE_S: Final = 0.001
DISK_S: Final = 0.002
NOTICE_S: Final = 0.15
FIRM, PRODUCTS = 100_001, (10, 20, 30, 40)
SECOND_FIRM: Final = 200_007
_encoder = msgspec.msgpack.Encoder()
_block_lists = msgspec.msgpack.Decoder(BlockList)
_statements = msgspec.msgpack.Decoder(CertifiedStatement)
_DAY_S = 86_400


def a_machine() -> Machine:
    """The licence machine of one host; signatures are the simulator's stand-ins, or none."""
    return Machine(read_update, _block_lists.decode, _statements.decode, read_proof)


def as_bytes(signed: BlockList | CertifiedStatement) -> bytes:
    """What a vendor or a time server would have signed."""
    return _encoder.encode(signed)


class DemoContainer:
    """One of three twins, with what two vendors issued to it."""

    locked = ""

    def __init__(self, twin: int, now_s: int) -> None:
        self.twin = twin
        self.serial = f"130-27182{80 + twin}"
        self.updates = [
            self._update(FIRM, "Northwind CAD", _cad(twin, now_s)),
            self._update(SECOND_FIRM, "Pelican Simulation", _simulation(twin, now_s)),
        ]

    def _update(self, code: int, name: str, items: tuple[ProductItem, ...]) -> ContainerUpdate:
        return ContainerUpdate(
            serial=self.serial,
            cmact_id="CMA-314159",
            twin=self.twin,
            certificate=self.serial.encode(),
            firm=FirmItem(firm_code=code, firm_name=name, sequence=1, items=items),
        )

    def item(self, key: LicenceKey) -> ProductItem | None:
        """As in `OwnContainer`."""
        for update in self.updates:
            if update.firm.firm_code == key.firm_code:
                for item in update.firm.items:
                    if (item.product_code, item.tmr_id) == (key.product_code, key.tmr_id):
                        return item
        return None

    def sign(self, data: bytes) -> bytes:
        """As in `OwnContainer`; the simulator's stand-in for a signature."""
        return fake_signature(self.serial.encode(), data)

    def news_for(self, state: State) -> ImportUpdate | None:
        """As in `OwnContainer`."""
        known = state.containers.get(self.serial)
        for update in self.updates:
            if known is None or known.firm(update.firm.firm_code) is None:
                return ImportUpdate(_encoder.encode(update), "")
        return None


def _cad(twin: int, now_s: int) -> tuple[ProductItem, ...]:
    return (
        ProductItem(product_code=10, tmr_id=1, text="Drafter", quantity=8, lease_ttl_s=8),
        ProductItem(product_code=20, tmr_id=2, text="Drafter 3D", quantity=3, lease_ttl_s=8),
        ProductItem(
            product_code=30,
            tmr_id=3,
            text="Renderer",
            quantity=4,
            units=50_000,
            lease_ttl_s=8,
            expires_at_s=now_s + 19 * _DAY_S,
        ),
    )


def _simulation(twin: int, now_s: int) -> tuple[ProductItem, ...]:
    items = [
        ProductItem(
            product_code=40,
            tmr_id=1,
            text="Flow solver",
            quantity=6 if twin != 3 else 5,  # the vendor forgot to update the third twin
            lease_ttl_s=8,
            expires_at_s=now_s + 400 * _DAY_S,
        )
    ]
    if twin == 1:
        text = "Mesher (issued once)"
        items.append(ProductItem(product_code=50, tmr_id=2, text=text, quantity=2, lease_ttl_s=8))
    return tuple(items)


class UpstreamBox:
    """An upstream: its replica (None without power), its disk, its container, its clock."""

    def __init__(
        self, name: str, container: DemoContainer, committed: Callable[[], Sequence[Entry]]
    ) -> None:
        self.name = name
        self.container = container
        self.names = NamesTable()
        self.disk = Disk(SimStore(f"store-{name}".encode()), committed)
        self.replica: Replica | None = None
        self.life = 0
        self.clock_offset_ms = 0

    def system_ms(self) -> int:
        """The container's system time; each clock is a little off, as clocks are."""
        drift_ms = (self.container.twin - 2) * 7 + random.gauss(0, 2)
        return int(time.time() * 1000 + drift_ms) + self.clock_offset_ms


class TmrBox:
    """A TMR host (None without power) and what VRRP would know of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.host: TmrHost | None = None
        self.life = 0
        self.links: set[str] = set()
        self.down_at_s: dict[str, float] = {}
        self.healthy = True


class _Address:
    """A TMR host's line to what gives the address."""

    def __init__(self, box: TmrBox, drop: Callable[[], None]) -> None:
        self._box = box
        self._drop = drop

    def set_verdict(self, healthy: bool, reason: str = "") -> None:
        self._box.healthy = healthy

    def drop_address(self, reason: str) -> None:
        self._drop()


class Plant:
    """All five, running. Must be made in a running loop; `close` stops them."""

    def __init__(self) -> None:
        self.timing = Timing(ADVERT_S)
        self._loop = asyncio.get_running_loop()
        now_s = int(time.time())
        self.upstreams = {
            name: UpstreamBox(name, DemoContainer(twin, now_s), self._longest)
            for twin, name in enumerate(UPSTREAMS, 1)
        }
        self.tmrs = {name: TmrBox(name) for name in TMRS}
        self._holder = TMRS[0]
        self._holder_silent_s: float | None = None
        self._founding = Found(random.randbytes(16), "131-1618033", names_key_hash=key_hash(KEY))
        self._timers: set[asyncio.TimerHandle] = set()
        for name in (*UPSTREAMS, *TMRS):
            self.restore(name)
        self._ticking = self._loop.create_task(self._run())

    def close(self) -> None:
        """Stop everything."""
        self._ticking.cancel()
        for timer in self._timers:
            timer.cancel()

    def active(self) -> TmrHost | None:
        """The host that serves."""
        hosts = [box.host for box in self.tmrs.values() if box.host is not None]
        return next((host for host in hosts if host.serving), None)

    # --- power and clocks ---

    def powered(self, name: str) -> bool:
        """Whether a host has power."""
        if name in self.upstreams:
            return self.upstreams[name].replica is not None
        return self.tmrs[name].host is not None

    def offset_ms(self, name: str) -> int:
        """How far a host's clock is from the truth; those of TMR hosts are right."""
        return self.upstreams[name].clock_offset_ms if name in self.upstreams else 0

    def cut(self, name: str) -> None:
        """Power off, at once."""
        if name in self.upstreams:
            upstream = self.upstreams[name]
            upstream.replica, upstream.life = None, upstream.life + 1
            upstream.disk.crash(random.Random(), kept=0.0)
        else:
            box = self.tmrs[name]
            box.host, box.life = None, box.life + 1
            box.links.clear()

    def restore(self, name: str) -> None:
        """Power on; nothing happens if it is on."""
        if name in self.upstreams:
            upstream = self.upstreams[name]
            if upstream.replica is None:
                machine, disk = a_machine(), upstream.disk
                upstream.replica = Replica(
                    machine,
                    upstream.container,
                    verify,
                    disk.store,
                    verify_store,
                    self.timing,
                    disk.recovered(),
                )
        elif self.tmrs[name].host is None:
            self._start(self.tmrs[name])

    def set_clock(self, name: str, offset_ms: int) -> None:
        """Put an upstream's clock so far from the truth."""
        if name in self.upstreams:
            self.upstreams[name].clock_offset_ms = offset_ms

    def _start(self, box: TmrBox) -> None:
        nonce = random.getrandbits(64)
        machine = a_machine()
        coordinator = Coordinator(
            box.name, UPSTREAMS, machine, self.timing, nonce, self._founding, verify, verify_store
        )
        twin = next(name for name in TMRS if name != box.name)
        life = box.life

        def send(to: str, message: AnyMessage) -> bool:
            if to not in box.links:
                return False
            self._later(WIRE_S, self._to_upstream, box, life, to, self.upstreams[to].life, message)
            return True

        def drop() -> None:
            if self._holder == box.name and self.tmrs[twin].host is not None:
                self._move(twin)

        box.host = TmrHost(
            coordinator,
            twin,
            VIRTUAL_IP,
            time.monotonic,
            send,
            read_update,
            address=_Address(box, drop),
            names_key=KEY,
        )
        box.healthy = True

    # --- wires and disks ---

    def _longest(self) -> Sequence[Entry]:
        """The longest log there is: what a snapshot stands for is in it."""
        return max((up.disk.entries for up in self.upstreams.values()), key=len)

    def _later(self, delay_s: float, call: Any, *arguments: Any) -> None:
        def run() -> None:
            self._timers.discard(timer)
            call(*arguments)

        timer = self._loop.call_later(delay_s, run)
        self._timers.add(timer)

    def _to_upstream(
        self, box: TmrBox, box_life: int, to: str, life: int, message: AnyMessage
    ) -> None:
        upstream = self.upstreams[to]
        if upstream.life != life or upstream.replica is None or box.life != box_life:
            return
        origin = Origin(box.name, box_life)
        now_s = time.monotonic()
        self._upstream_does(
            upstream, upstream.replica.receive(now_s, upstream.system_ms(), origin, message)
        )

    def _upstream_does(self, upstream: UpstreamBox, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self._to_tmr(upstream, effect.to, effect.message)
            elif isinstance(effect, Write | PutAside | DropAside):
                upstream.disk.pending.append(effect)
                self._later(DISK_S, self._written, upstream, upstream.life)
            elif isinstance(effect, NamesWrite | ReadNames):
                self._upstream_does(upstream, upstream.names.perform(upstream.replica, effect))
            elif isinstance(effect, Read):
                found = upstream.disk.read(effect.first, effect.last, effect.bytes_max)
                answer = Entries(effect.first, found, effect.base_index, effect.last, effect.commit)
                self._to_tmr(upstream, effect.to, answer)
            elif isinstance(effect, ReadChunk):
                data = upstream.disk.read_chunk(effect.index, effect.number)
                if data is not None:
                    chunk = SnapshotChunk(effect.index, effect.number, data)
                    self._to_tmr(upstream, effect.to, chunk)

    def _written(self, upstream: UpstreamBox, life: int) -> None:
        if upstream.life == life and upstream.replica is not None:
            write, _ = upstream.disk.complete()
            if write is not None:
                effects = upstream.replica.written(time.monotonic(), write.ticket)
                self._upstream_does(upstream, effects)

    def _to_tmr(self, upstream: UpstreamBox, to: Origin, message: Any) -> None:
        box = self.tmrs[to.host]

        def deliver() -> None:
            if box.life == to.link and box.host is not None and upstream.name in box.links:
                box.host.message(upstream.name, message)

        self._later(WIRE_S, deliver)

    # --- time ---

    async def _run(self) -> None:
        adverts_s = 0.0
        while True:
            now_s = time.monotonic()
            for upstream in self.upstreams.values():
                if upstream.replica is not None:
                    self._upstream_does(upstream, upstream.replica.tick(now_s))
            for box in self.tmrs.values():
                self._tend(box, now_s)
                if box.host is not None:
                    box.host.tick()
            self._vrrp(now_s)
            if now_s - adverts_s >= ADVERT_S:
                adverts_s = now_s
                self._adverts()
            await asyncio.sleep(TICK_S)

    def _tend(self, box: TmrBox, now_s: float) -> None:
        """Links: made when both ends have power, noticed to be dead a little later."""
        if box.host is None:
            return
        for name, upstream in self.upstreams.items():
            if upstream.replica is not None:
                box.down_at_s.pop(name, None)
                if name not in box.links:
                    box.links.add(name)
                    box.host.link_up(name)
            elif name in box.links and now_s - box.down_at_s.setdefault(name, now_s) > NOTICE_S:
                box.links.discard(name)
                box.host.link_down(name)

    def _vrrp(self, now_s: float) -> None:
        """The address goes to the other host three adverts after its holder fell silent."""
        holder = self.tmrs[self._holder]
        if holder.host is not None and holder.healthy:
            self._holder_silent_s = None
            return
        if self._holder_silent_s is None:
            self._holder_silent_s = now_s
        other = next(box for box in self.tmrs.values() if box.name != self._holder)
        silent_s = now_s - self._holder_silent_s
        if other.host is not None and other.healthy and silent_s > 3 * ADVERT_S:
            self._move(other.name)

    def _move(self, to: str) -> None:
        self._holder, self._holder_silent_s = to, None
        self._adverts()

    def _adverts(self) -> None:
        """Each host learns how VRRP and its twin are."""
        for box in self.tmrs.values():
            if box.host is None:
                continue
            holds = self._holder == box.name
            twin = next(other for other in self.tmrs.values() if other is not box)
            heard = not holds and twin.host is not None and self._holder == twin.name
            box.host.vip(
                VipState(
                    holds_address=holds,
                    vrrp="master" if holds else "backup",
                    keepalived_alive=True,
                    link_up=True,
                    twin_heard=heard,
                    twin_advert_age_s=0.0 if heard else None,
                    twin_priority=100 if heard else None,
                    healthy=box.healthy,
                    reason="",
                    keepalived_starts=1,
                )
            )
            if twin.host is not None and box.host is not None:
                box.host.twin_said(twin.host.standing.own_status())
