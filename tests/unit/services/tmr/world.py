"""Two TMR hosts and three real replicas in one event loop, with a clock and a wire that tests hold.

Time moves only by `advance`, messages only by `pump`, so nothing here waits for a real clock. The
disks keep what `Write` asked for; `hold_writes` keeps a disk busy. keepalived is played by
`give_address` and by what a host asks its address process for.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import Any

import msgspec

from appliance.adapters.pki.authority import Identity
from appliance.adapters.signatures import ContainerKeys, StoreKey, verify_store
from appliance.client.receipts import ReceiptVerifier
from appliance.codec import api
from appliance.ledger.effects import Effect, NamesWrite, Origin, Read, ReadNames, Send, Write
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import AnyMessage, Entries
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Recovered
from appliance.ledger.timing import Timing
from appliance.services.tmr.app import App
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.words import Words
from appliance.services.vip_protocol import VipState
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import Trust
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import (
    FIRM,
    SECRET,
    Address,
    Reply,
    TestContainer,
    Upstream,
    check_reply,
    founding,
    machine,
    names_key,
    read_the_update,
    scope_of,
    update_of,
)

UPSTREAMS = ("up1", "up2", "up3")
HOSTS = ("tmr1", "tmr2")
TIMING = Timing(0.1)
STEP_S = 0.01
PATIENCE_S = 60.0  # of the world's own clock
BEGIN_MS = 1_800_000_000_000
PRODUCT = 10
HOLDER = api.HolderDocument(user="u", host="h")

ALICE = Identity("alice", "client")
BOB = Identity("bob", "client")
VIEWER = Identity("vera", "view")
OPERATOR = Identity("olga", "operate")
ADMIN = Identity("adam", "administer")
STOLEN = Identity("tmr2", "tmr")


def run(test: Callable[[World], Awaitable[None]], **options: Any) -> None:
    """Run a test in a new, serving world, and fail it for tasks left or errors nobody saw."""

    async def whole() -> None:
        loop = asyncio.get_running_loop()
        unseen: list[dict[str, Any]] = []
        loop.set_exception_handler(lambda _, context: unseen.append(context))
        world = World(**options)
        await world.serve()
        await test(world)
        for _ in range(20):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left: {left}"
        for host in world.hosts.values():
            assert not host.tickets, f"{host.name} has tickets that nobody settles"
        assert not unseen, unseen

    asyncio.run(whole())


class World:
    """See the module. `quantity` seats, `units` in the counter, and further `options`."""

    def __init__(
        self,
        quantity: int = 10,
        units: int | None = 500,
        virtual_ip: str = "10.77.0.100",
        **options: Any,
    ) -> None:
        self.now_s = 1000.0
        self.wire: deque[Callable[[], None]] = deque()
        self.later: deque[Callable[[], None]] = deque()
        self.twins_talk = True
        self.verdicts: dict[str, tuple[bool, str]] = {}
        self.dropped: list[str] = []
        self.address_at = ""
        self.twin_heard: dict[str, bool] = dict.fromkeys(HOSTS, False)
        self._nonces = 0
        self._stores: dict[str, StoreKey] = {}
        self._keys = ContainerKeys(vendors.ROOT)
        item = vendors.item(
            product_code=PRODUCT,
            quantity=quantity,
            units=units,
            **{"lease_ttl_s": 60} | options,
        )
        self.upstreams: dict[str, Upstream] = {}
        for twin, name in enumerate(UPSTREAMS, start=1):
            container = TestContainer(twin, [update_of(twin, item)])
            self.upstreams[name] = Upstream(name, container, self._replica(container, Recovered()))
        self.alive = dict.fromkeys(HOSTS, True)
        self.hosts = {name: self._host(name, virtual_ip) for name in HOSTS}
        self.apps = {name: self.app(name) for name in HOSTS}
        self.verifier = ReceiptVerifier(Trust(vendors.ROOT, frozenset({FIRM}), pin_ledger=True))

    def app(self, name: str, **options: Any) -> App:
        usual: dict[str, Any] = {"boot_s": lambda: self.now_s, "root": vendors.ROOT}
        return App(self.hosts[name], **(usual | options))

    def _replica(self, container: TestContainer, recovered: Recovered) -> Replica:
        store = self._stores.setdefault(container.serial, StoreKey.draw())
        return Replica(
            machine(), container, self._keys.verify, store, verify_store, TIMING, recovered
        )

    def _host(self, name: str, virtual_ip: str) -> TmrHost:
        number, drop = HOSTS.index(name), partial(self._drop, name)
        coordinator = Coordinator(
            name,
            UPSTREAMS,
            machine(),
            TIMING,
            number + 7,
            founding(name),
            self._keys.verify,
            verify_store,
        )
        return TmrHost(
            coordinator,
            HOSTS[1 - number],
            virtual_ip,
            lambda: self.now_s,
            lambda to, message: self._to_upstream(name, to, message),
            read_the_update,
            address=Address(self.verdicts, name, lambda: self.later.append(drop)),
            names_key=names_key(name),
        )

    # --- the wire ---

    def _to_upstream(self, host: str, to: str, message: AnyMessage) -> bool:
        self.wire.append(lambda: self._arrive(host, to, message))
        return True

    def _arrive(self, host: str, to: str, message: AnyMessage) -> None:
        upstream = self.upstreams[to]
        if upstream.alive and self.alive[host]:
            origin = Origin(host)
            self._perform(
                upstream,
                upstream.replica.receive(self.now_s, self.system_ms(to), origin, message),
            )

    def _perform(self, upstream: Upstream, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self._answer(upstream, effect.to.host, effect.message)
            elif isinstance(effect, Write):
                upstream.held.append(effect)
                self._write(upstream)
            elif isinstance(effect, NamesWrite | ReadNames):
                self._perform(upstream, upstream.names.perform(upstream.replica, effect))
            elif isinstance(effect, Read):
                found = tuple(e for e in upstream.entries if effect.first <= e.index <= effect.last)
                entries = Entries(
                    effect.first, found, effect.base_index, effect.last, effect.commit
                )
                self._answer(upstream, effect.to.host, entries)
            else:
                raise TypeError(f"a replica asked for {effect!r}")

    def _write(self, upstream: Upstream) -> None:
        while upstream.held and not upstream.writes_held:
            write = upstream.held.popleft()
            upstream.store(write)
            self._perform(upstream, upstream.replica.written(self.now_s, write.ticket))

    def _answer(self, upstream: Upstream, host: str, message: Any) -> None:
        def deliver() -> None:
            if self.alive[host] and upstream.alive:
                self.hosts[host].message(upstream.name, message)

        self.wire.append(deliver)

    def pump(self) -> None:
        """Deliver every message, and those that follow from it."""
        for _ in range(100_000):
            if self.wire:
                self.wire.popleft()()
            elif self.later:
                self.later.popleft()()
            else:
                return
        raise AssertionError("messages without end")

    def advance(self, seconds: float = STEP_S) -> None:
        """Let time pass in small steps, with all that happens meanwhile."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s = min(self.now_s + STEP_S, end_s)
            for upstream in self.upstreams.values():
                if upstream.alive:
                    self._perform(upstream, upstream.replica.tick(self.now_s))
            for name, host in self.hosts.items():
                if self.alive[name]:
                    host.tick()
                    if self.twins_talk and self.alive[host.standing.twin]:
                        self.hosts[host.standing.twin].twin_said(host.standing.own_status())
            self.pump()

    def system_ms(self, name: str) -> int:
        """The system time of an upstream's container."""
        return BEGIN_MS + int(self.now_s * 1000) + self.upstreams[name].clock_off_ms

    # --- what befalls it ---

    async def serve(self) -> None:
        """All links up, the address at tmr1, the licences known."""
        for host in self.hosts.values():
            for name in UPSTREAMS:
                host.link_up(name)
        self.give_address("tmr1")
        self.until(lambda: bool(self.hosts["tmr1"].state.items), "the licences are known")
        known = [host.overview.serials for host in self.hosts.values()]
        self.until(lambda: all(len(one) == 3 for one in known), "both know all containers")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Let time pass until `condition` holds."""
        give_up_s = self.now_s + PATIENCE_S
        while not condition():
            assert self.now_s < give_up_s, f"never: {what}"
            self.advance()

    def give_address(self, to: str) -> None:
        """keepalived moves the address; "" takes it from both."""
        self.address_at = to
        for name, host in self.hosts.items():
            if self.alive[name]:
                host.vip(self.vip_state(name))

    def vip_state(self, name: str) -> VipState:
        """What the address process of a host reports."""
        here = self.address_at == name
        heard = self.twin_heard[name]
        return VipState(
            holds_address=here,
            vrrp="master" if here else "backup",
            keepalived_alive=True,
            link_up=True,
            twin_heard=heard,
            twin_advert_age_s=0.1 if heard else None,
            twin_priority=None,
            healthy=True,
            reason="",
            keepalived_starts=1,
        )

    def _drop(self, name: str) -> None:
        self.dropped.append(name)
        if self.address_at == name:
            self.give_address(self.hosts[name].standing.twin)

    def kill(self, name: str) -> None:
        """Power off an upstream: its memory and what it was writing are gone."""
        upstream = self.upstreams[name]
        upstream.alive = False
        upstream.held.clear()
        for host in self.live_hosts():
            host.link_down(name)

    def start(self, name: str) -> None:
        """Power it on again."""
        upstream = self.upstreams[name]
        upstream.alive, upstream.writes_held = True, False
        upstream.replica = self._replica(upstream.container, upstream.recovered())
        for host in self.live_hosts():
            host.link_up(name)

    def new_disk(self, name: str) -> bytes:
        """An upstream without power gets an empty store; gives that store's id."""
        old = self.upstreams[name]
        assert not old.alive
        store = self._stores[old.container.serial] = StoreKey.draw()
        self.upstreams[name] = Upstream(name, old.container, old.replica, alive=False)
        return store.id

    def kill_host(self, name: str) -> None:
        """Power off a TMR host."""
        self.alive[name] = False

    def start_host_anew(self, name: str) -> None:
        """A TMR host loses its memory: it is another process now."""
        host = self.hosts[name] = self._host(name, self.hosts[name].standing.virtual_ip)
        self.apps[name] = self.app(name)
        for upstream in self.upstreams.values():
            if upstream.alive:
                host.link_up(upstream.name)
        host.vip(self.vip_state(name))

    def live_hosts(self) -> Iterator[TmrHost]:
        """The TMR hosts that have power."""
        return (host for name, host in self.hosts.items() if self.alive[name])

    def consent(self, name: str, store: bytes) -> None:
        """An operator's word at this upstream."""
        upstream = self.upstreams[name]
        write = upstream.replica.consent(store)
        if write is not None:
            self._perform(upstream, [write])

    def hold_writes(self, *names: str) -> None:
        """Nothing becomes durable on these upstreams until `release_writes`."""
        for name in names:
            self.upstreams[name].writes_held = True

    def release_writes(self) -> None:
        """All disks work again."""
        for upstream in self.upstreams.values():
            upstream.writes_held = False
            self._write(upstream)

    # --- calls ---

    def nonce(self) -> bytes:
        """A fresh one."""
        self._nonces += 1
        return hashlib.sha256(b"nonce %d" % self._nonces).digest()[:16]

    async def drain(self) -> None:
        """Let every task go as far as it can now."""
        for _ in range(8):
            await asyncio.sleep(0)
            self.pump()

    async def answer(self, task: asyncio.Task[Any], what: str) -> Any:
        """The task's result, with time passing while it works."""
        give_up_s = self.now_s + PATIENCE_S
        while not task.done():
            if self.now_s > give_up_s:
                task.cancel()
                raise AssertionError(f"no answer to {what}")
            for _ in range(4):
                await asyncio.sleep(0)
            self.pump()
            await asyncio.sleep(0)
            if not task.done():
                self.advance()
        return task.result()

    async def call(self, method: str, target: str, body: Any = None, **options: Any) -> Reply:
        """One request of the API, answered while time passes. Options as for `begin`."""
        task = self.begin(method, target, body, **options)
        reply: Reply = await self.answer(task, f"{method} {target}")
        return reply

    def begin(self, method: str, target: str, body: Any = None, **options: Any) -> Any:
        """Start a request; the task's result is its Reply."""
        return asyncio.get_running_loop().create_task(self.request(method, target, body, **options))

    async def request(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        who: Identity | None = ALICE,
        headers: Iterable[tuple[str, str | bytes]] = (),
        host: str = "tmr1",
        chunks: Iterable[bytes] | None = None,
    ) -> Reply:
        """One request. `body` is bytes or a document; `chunks` come without a content-length."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body) if body else b""
        sent = [
            (name.encode(), value if isinstance(value, bytes) else value.encode("latin-1"))
            for name, value in headers
        ]
        parts = [data] if chunks is None else list(chunks)
        if chunks is None:
            sent.append((b"content-length", str(len(data)).encode()))
        messages = deque(
            {"type": "http.request", "body": part, "more_body": index < len(parts) - 1}
            for index, part in enumerate(parts)
        )

        async def receive() -> dict[str, Any]:
            return messages.popleft() if messages else {"type": "http.disconnect"}

        out: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            out.append(dict(message))

        await self.apps[host](scope_of(method, target, who, sent), receive, send)
        head, *bodies = out
        names = {name.decode(): value.decode() for name, value in head["headers"]}
        whole = b"".join(message["body"] for message in bodies)
        assert int(names["content-length"]) == len(whole)
        reply = Reply(head["status"], names, whole)
        check_reply(method, target, reply)
        return reply

    async def check_out(self, lease_id: str = "one", **options: Any) -> Reply:
        """PUT a check-out of the product, or of `product_code`."""
        return await self.call("PUT", f"/v1/leases/{lease_id}", self.asking(options), **options)

    def asking(self, options: dict[str, Any]) -> api.CheckOutRequest:
        """A check-out request; takes its own fields out of `options`."""
        own: dict[str, Any] = {"firm_code": FIRM, "product_code": PRODUCT, "holder": HOLDER}
        own |= {n: options.pop(n) for n in api.CheckOutRequest.__struct_fields__ if n in options}
        own["nonce"] = own.get("nonce") or self.nonce()
        secret_hash = hashlib.sha256(options.pop("secret", SECRET)).digest()
        return api.CheckOutRequest(**own, secret_hash=secret_hash)

    def believe(
        self, reply: Reply, nonce: bytes, units: int = 0, **wanted: Any
    ) -> api.GrantDocument:
        """The grant in a reply, as a client believes it. Raises ReceiptRefused."""
        grant = reply.of(api.GrantDocument)
        serving = [Words(host) for host in self.live_hosts() if host.serving]
        for key in self.verifier.lacking(grant):
            self.verifier.learn(serving[0].of(key))
        self.verifier.verify(grant, Wanted(FIRM, PRODUCT, nonce, units, **wanted))
        return grant
