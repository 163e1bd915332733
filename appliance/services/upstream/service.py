"""One upstream: the pure replica, with a store, links, a container and a clock around it.

    message -> Replica.receive -> effects
    Write -> store thread -> Replica.written -> Send          (the answer rides on the write)
    Read  -> store thread -> Send of Entries                  (after all writes before it)
    Send  -> link

Answers leave only from `_written`, and whatever fails in the replica or the store ends the process:
a restart reads what is really on disk. A store that is damaged does not end it: an operator has to
see that, so the administration API goes on, while no TMR host gets an answer any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Sequence
from functools import partial

from appliance import __version__
from appliance.adapters import clock
from appliance.adapters.container_home import ContainerHome
from appliance.adapters.health import HealthProbe
from appliance.adapters.links.links import LinkServer
from appliance.adapters.log_ring import LogRing
from appliance.adapters.machines import machine_of
from appliance.adapters.pki import authority as pki
from appliance.adapters.signatures import ContainerKeys, StoreKey, verify_store
from appliance.adapters.store.database import Store, StoreDamaged
from appliance.adapters.store.thread import StoreThread
from appliance.adapters.systemd import Notifier
from appliance.codec.container_orders import ContainerOrder
from appliance.codec.reports import NO_LOGS, Asked, Report, ReportRequest, upstream_reader
from appliance.details import Detail
from appliance.ledger.effects import (
    Diverged,
    DropAside,
    Effect,
    NamesWrite,
    Origin,
    PutAside,
    Read,
    ReadChunk,
    ReadNames,
    ReadRecord,
    Send,
    Write,
)
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.membership.founding_anew import decode_known, known_by
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import Recovered
from appliance.licences.members import ALONE, STORES
from appliance.licences.model import ContainerUpdate
from appliance.licences.records import NOTHING_KNOWN
from appliance.services.certificates import Certificates
from appliance.services.local_wire import LocalWire
from appliance.services.memory import settle
from appliance.services.reports import Reporter
from appliance.services.restore_intent import ledger_document
from appliance.services.settings import UpstreamSettings, host_port, read_root
from appliance.services.signals import on_end_signals
from appliance.services.upstream.admin import AdminServer
from appliance.services.upstream.container import ContainerClock, HostContainer
from appliance.services.upstream.documents import (
    ContainerDocument,
    LinkDocument,
    UpstreamStatusDocument,
    container_document,
    term_document,
)
from appliance.services.upstream.from_ledger import FromLedger
from appliance.services.upstream.group_orders import GroupOrders
from appliance.services.upstream.metrics import registry_of
from appliance.services.upstream.opening import keep_trying
from appliance.services.upstream.reading import Reading
from appliance.services.upstream.restore import restore
from appliance.services.upstream.said import Said
from appliance.services.upstream.time_orders import TimeOrders
from appliance.services.upstream.timekeeping import TimeKeeper, servers_of
from appliance.services.upstream.transfer import Transfers
from appliance.services.upstream.user_errors import user_errors

TICKS_PER_HOLD = 8
CONSENT_WITHIN_S = 10.0
TAKEN_OVER_S = 5.0
COORDINATOR_ROLES = ("tmr",)
# A store thread that comes back from a sync must not wait 5 ms (the default) for its turn.
_SWITCH_INTERVAL_S = 0.0005

log = logging.getLogger(__name__)


class UpstreamService:
    """Everything of one upstream in one process. Make it on the event loop, then `run` it once."""

    def __init__(
        self, settings: UpstreamSettings, ring: LogRing, wire: LocalWire | None = None
    ) -> None:
        """Reads certificates, container and store. `ring` has this process's log for those who
        ask. With a `wire` its TMR host is in this process, and the ledger is this store's alone.
        Raises UserError."""
        self._settings = settings
        self._stores = STORES if wire is None else ALONE
        self._timing = settings.timing
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._notifier = Notifier()
        with user_errors():
            root = read_root(settings.root)
            server_context = pki.server_context(settings.tls.files)
            home = ContainerHome.open(settings.container, root, settings.key.around)
            self._clock = ContainerClock(home, clock.boot_ms, clock.wall_ms)
            self._clock.save()
            time_servers = servers_of(settings.time_servers, root, settings.proxy)
            store = Store(settings.store, settings.name, archive_limits=settings.archive_limits)
        self.container = HostContainer(home)
        try:
            with user_errors():
                recovered = store.recover()
                said = Said(home)
                self._replica = self._make_replica(root, said.passing(recovered), store.key)
                said.go_on(self._clock)
                self._admin = AdminServer(
                    host_port(settings.admin_listen), pki.api_context(settings.tls.files), self
                )
        except BaseException:
            store.close()
            raise
        self._store_id = recovered.store_id.hex()
        self._before = decode_known(recovered.restore) if recovered.restore else NOTHING_KNOWN
        self.damage = ""
        self.certificates = Certificates(lambda: self._replica.book)
        self.timekeeper = TimeKeeper(
            time_servers,
            self._clock,
            self.container,
            lambda: self._replica.book.state,
            settings.time_update_s,
            lambda: self._replica.proof,
        )
        self._orders = TimeOrders(self.timekeeper.update)
        keeper, central = self.timekeeper, settings.central_clients
        self.transfers = Transfers(self.container, self._clock, central, keeper, keeper.head)
        self._group_orders = GroupOrders(self.container, self.transfers)
        self._from_ledger = FromLedger(self.container)
        self._links: LinkServer[Asked] | LocalWire = (
            LinkServer(
                host_port(settings.links_listen),
                server_context,
                upstream_reader,
                COORDINATOR_ROLES,
                self._received,
                allowed_names=settings.tmr_hosts,
                unwelcome=self.certificates.dismissed,
            )
            if wire is None
            else wire.leading_to(self._received)
        )
        self._store = StoreThread(store, self._fail, self._links.resume, self._damaged)
        self._reading = Reading(self._store, self._links.send)
        self._role = (NO_TERM, NO_TERM, "")
        self._reporter = self._make_reporter(ring)
        self.metrics = registry_of(self.status, self._own_report)
        if self._replica.damage:
            self._damaged(self._replica.damage)
        self._out_of_date = ""
        self._tell_out_of_date()

    def _make_reporter(self, ring: LogRing) -> Reporter:
        store, certificate = self._settings.store, self._settings.tls.cert
        return Reporter(
            HealthProbe(
                *(__version__, clock.wall_ms(), store.parent, certificate, store),
                archive=lambda: self._store.archive,
            ),
            ring,
            times=self._clock.times,
            locked=lambda: self.container.locked,
            shut=lambda: self.container.shut,
            time_servers=self.timekeeper.servers,
            damage=lambda: self.damage,
        )

    def _make_replica(self, root: bytes, recovered: Recovered, key: bytes) -> Replica:
        return Replica(
            machine_of(root, self._stores),
            self.container,
            ContainerKeys(root).verify,
            # Without its key a store is damaged, and then says nothing that is signed.
            StoreKey(key) if key else StoreKey.draw(),
            verify_store,
            self._timing,
            recovered,
            self._settings.retention,
        )

    async def run(self) -> None:
        """Serve until `stop`. Raises UserError for what a person has to mend."""
        timers: list[asyncio.TimerHandle | None] = [None]

        def every_tick() -> None:
            timers[0] = self._loop.call_later(self._timing.hold_s / TICKS_PER_HOLD, every_tick)
            self._tick()

        tasks: list[asyncio.Task[None]] = []
        try:
            with user_errors():
                await self._links.start()
                await self._admin.start()
            settle()
            every_tick()
            tasks.append(self._loop.create_task(self._save_times()))
            tasks.append(self._loop.create_task(self.timekeeper.run()))
            tasks.append(self._loop.create_task(self._notifier.feed_watchdog()))
            tasks.append(self._loop.create_task(keep_trying(self.container, self._fail)))
            tasks.append(self._loop.create_task(self._reporter.run()))
            log.info("ready: name=%s index=%d", self._settings.name, self._replica.book.last_index)
            self._notifier.ready(f"{self.container.serial} ready")
            with user_errors():
                await self._ended
        finally:
            self._notifier.stopping()
            if timers[0] is not None:
                timers[0].cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._wind_up()

    def stop(self) -> None:
        """End `run` in an orderly way."""
        if not self._ended.done():
            self._ended.set_result(None)

    def status(self) -> UpstreamStatusDocument:
        """How this upstream is."""
        replica = self._replica
        return UpstreamStatusDocument(
            name=self._settings.name,
            version=__version__,
            store_id=self._store_id,
            promised=term_document(replica.promised),
            adopted=term_document(replica.adopted),
            last_index=replica.book.last_index,
            durable_index=self._store.last_index,
            commit_index=replica.book.commit_index,
            base_index=replica.base_index,
            snapshot_index=replica.snapshot_index,
            hears=replica.hears(clock.boot_s()),
            links=tuple(LinkDocument(host=o.host, link=o.link) for o in self._links.peers),
            damage=Detail.of(self.damage),
            container=self.container_document(),
            times=self._clock.times(),
            time_servers=self.timekeeper.servers(),
            ledger=ledger_document(known_by(replica.book)),
            awaits_restore=replica.awaits_restore,
            before=ledger_document(self._before),
            stores=tuple(store.hex() for store in replica.known.stores),
            sealed_by=tuple(store.hex() for store in replica.known.sealed_by),
        )

    def _own_report(self) -> Report:
        return self._reporter.answer(NO_LOGS)

    async def taken_over(self, update: ContainerUpdate) -> None:
        """Returns once the ledger has this update, or after TAKEN_OVER_S: whoever imported it where
        one container is enough uses it next."""
        code = update.firm.firm_code
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TAKEN_OVER_S):
                while True:
                    known = self._replica.book.state.containers.get(update.serial)
                    firm = known.firm(code) if known is not None else None
                    if firm is not None and firm.sequence >= update.firm.sequence:
                        return
                    await asyncio.sleep(TAKEN_OVER_S / 100)

    async def consent(self, store: bytes) -> None:
        """An operator agrees that the store with this id joins the ledger (design D7).

        Returns once that is durable. Raises OSError if the store is damaged or does not answer.
        """
        if self.damage:
            raise OSError("this upstream's store is damaged")
        write = self._replica.consent(store)
        if write is None:
            return
        done: asyncio.Future[None] = self._loop.create_future()

        def written() -> None:
            self._written(write.ticket)
            if not done.done():
                done.set_result(None)

        self._store.write(write, written)
        try:
            await asyncio.wait_for(done, CONSENT_WITHIN_S)
        except TimeoutError:
            raise OSError(f"the disk did not take it within {CONSENT_WITHIN_S:g} s") from None

    def restore(self, intent: bytes, losing: int, who: str) -> None:
        """An operator says what this empty store is to restore. Raises IntentRefused."""
        restore(self._replica, self.container, self._before, intent, losing, who)

    def container_document(self) -> ContainerDocument:
        """What this upstream's container holds, and its three times."""
        return container_document(self.container, self._clock)

    # --- the replica's shell ---

    def _received(self, origin: Origin, message: Asked) -> None:
        if self._ended.done():
            return
        if isinstance(message, ContainerOrder):
            self._group_orders.take(message, partial(self._links.send, origin))
            return
        if isinstance(message, ReportRequest):
            self._orders.take(origin.host, message.update_time)
            self._links.send(origin, self._orders.told(origin.host, self._reporter.answer(message)))
            return
        if self.damage or self.container.shut:
            return
        try:
            now_s, system_ms = clock.boot_s(), self._clock.system_ms()
            self._perform(self._replica.receive(now_s, system_ms, origin, message))
            if self._replica.damage and not self.damage:
                self._damaged(self._replica.damage)
            self._tell_out_of_date()
        except Exception as error:
            self._fail(error)
        if self._store.crowded:
            self._links.pause()

    def _written(self, ticket: int) -> None:
        if self._ended.done():
            return
        try:
            self._perform(self._replica.written(clock.boot_s(), ticket))
        except Exception as error:
            self._fail(error)

    def _tick(self) -> None:
        if self._ended.done() or self.damage or self.container.shut:
            return
        now_s = clock.boot_s()
        try:
            self._perform(self._replica.tick(now_s))
        except Exception as error:
            self._fail(error)
        replica = self._replica
        role = (replica.promised, replica.adopted, replica.hears(now_s))
        if role != self._role:
            self._role = role
            log.info("role: promised=%s adopted=%s hears=%s", *role[:2], role[2] or "nobody")
        self._from_ledger.look(replica.book.state)

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(to, message):
                    self._links.send(to, message)
                case Write():
                    if effect.snapshot is not None:
                        verb = "taken over" if effect.snapshot.replaces else "kept"
                        log.info("snapshot %s: index=%d", verb, effect.snapshot.index)
                    self._store.write(effect, partial(self._written, effect.ticket))
                case Read() | ReadChunk() | ReadNames() | ReadRecord():
                    self._reading.perform(self._replica, effect)
                case NamesWrite():
                    self._store.write(Write(0, names=effect), _nothing)
                case PutAside(number, data):
                    if number == 0:
                        self._store.stage_clear()
                    self._store.stage_put(number, data, _nothing)
                case DropAside():
                    self._store.stage_clear()
                case Diverged(index):
                    log.error("diverged: two others have another state after entry %d", index)
                case _:
                    raise TypeError(f"a replica asked for {effect!r}")

    def _damaged(self, what: str) -> None:
        """The store is not what it was: this upstream takes no part any more."""
        self.damage = what
        log.error("%s", StoreDamaged(self._settings.store, what))

    def _tell_out_of_date(self) -> None:
        """This release takes no part in a ledger whose rules it does not know: say so once."""
        why = self._replica.out_of_date
        if why != self._out_of_date:
            self._out_of_date = why
            log.error("takes no part: %s", why) if why else log.info("takes part again")

    def _fail(self, error: Exception) -> None:
        """The end: whatever this process would say from here on might be wrong."""
        if not self._ended.done():
            log.error("stopping: why=%s", error)
            self._ended.set_exception(error)

    # --- in the background ---

    async def _save_times(self) -> None:
        while True:
            await asyncio.sleep(self._settings.box_time_save_s)
            try:
                await self._clock.save_aside()
            except OSError as error:
                log.error("box time is not stored: why=%s", error)

    async def _wind_up(self) -> None:
        await self._orders.close()
        await self._group_orders.close()
        await self._from_ledger.close()
        await self._admin.close()
        await self._links.close()
        await self._store.stop()
        try:
            self._clock.save()
        except OSError as error:
            log.error("box time is not stored: why=%s", error)


async def run(settings: UpstreamSettings) -> None:
    """Run one upstream until SIGTERM or SIGINT. Raises UserError for what a person has to mend."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    ring = LogRing(settings.name, clock.wall_ms() // 1000)
    logging.getLogger().addHandler(ring)
    service = UpstreamService(settings, ring)
    on_end_signals(service.stop)
    await service.run()


def _nothing() -> None:
    """What is put aside, and names, need no word that they are there."""
