"""One TMR host: the coordinator's shell. It performs effects, and turns tickets into futures.

What can go wrong in here: a future that nobody settles. Each ticket is settled by exactly one of
Decided, Failed and Fenced, and a waiter that gives up forgets its ticket; how many tickets wait is
bounded by the coordinator's queues.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from appliance import __version__
from appliance.adapters.quiet import Quiet, without_numbers
from appliance.codec import api
from appliance.ledger import effects as fx
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.duty import Decision, Duty, Situation
from appliance.ledger.leader.phases import (
    NOT_ACTIVE,
    PRE_VOTE,
    QUORUM_LOST,
    SERVING,
    UNKNOWN_REPEAT,
)
from appliance.ledger.messages import AnyMessage
from appliance.licences.commands import AnyCommand, Dismiss, Enrol, ImportUpdate, Operate, Tick
from appliance.licences.model import ContainerUpdate
from appliance.licences.state import State
from appliance.services.tmr import documents, summary
from appliance.services.tmr.calls import Calls
from appliance.services.tmr.disputes import Disputes, tell_apart
from appliance.services.tmr.events import Hub
from appliance.services.tmr.identity import TokenBook
from appliance.services.tmr.news import News
from appliance.services.tmr.places import Places
from appliance.services.tmr.problems import Denied, Refusal, unanswered
from appliance.services.tmr.receipts import ReceiptMaker
from appliance.services.tmr.reports import Reports
from appliance.services.tmr.summaries import summaries
from appliance.services.tmr.twin import TwinStatus
from appliance.services.vip_protocol import VipState

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0
ASIDE_MIN_S = 2.0

SendTo = Callable[[str, AnyMessage], bool]


class TmrHost:
    """Wires a coordinator to its surroundings; all calls on one event loop.

    `send` gives a message to an upstream's link; `boot_s` is the boot clock; `read_update` verifies
    a licence update (raises UpdateRefused). Without `virtual_ip` there is no VRRP: the host counts
    as holding the address always, and the terms alone decide (design section 5).
    """

    def __init__(
        self,
        coordinator: Coordinator,
        twin: str,
        virtual_ip: str,
        boot_s: Callable[[], float],
        send: SendTo,
        read_update: Callable[[bytes], ContainerUpdate],
    ) -> None:
        self.coordinator = coordinator
        self.twin = twin
        self.virtual_ip = virtual_ip
        self.hub = Hub()
        self._disputes = Disputes(self.hub)
        self.calls = Calls()
        self.listed = summary.Listed()
        self.tokens = TokenBook()
        self.receipts = ReceiptMaker()
        others = (*(peer.name for peer in coordinator.peers), twin)
        self.reports = Reports(coordinator.host, others, boot_s)
        self._places = Places(read_update, self.receipts.certificates)
        self.serials = self._places.serials
        self.twin_status: TwinStatus | None = None
        self.vip_state: VipState | None = None
        self.set_verdict: Callable[[bool, str], None] = lambda healthy, reason: None
        self.drop_address: Callable[[str], None] = lambda reason: None
        self.watch: Callable[[fx.Effect], None] = lambda effect: None
        self.decision = Decision(False, False, "just started")
        self._boot_s = boot_s
        self._send = send
        self._duty = Duty(coordinator.timing.hold_s)
        self._twin_at_s = -1e9
        self._aside_until_s = -1e9
        self._back_until_s = -1e9
        self._serves = asyncio.Event()
        self._news = News()
        self._quiet = Quiet(log)
        self._tickets = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._missing: list[str] = []
        self._in_maintenance = False  # by what is committed: the state may hold what is in flight

    # --- what others ask ---

    @property
    def name(self) -> str:
        """This host's name."""
        return self.coordinator.host

    @property
    def state(self) -> State:
        """The licence state here."""
        return self.coordinator.book.state

    @property
    def serving(self) -> bool:
        """Whether this host is the active one."""
        return self.coordinator.serving

    async def submit(self, command: AnyCommand, within_s: float = ANSWER_WITHIN_S) -> fx.Decided:
        """Have a command ordered. Raises Refusal, by which nothing is said of the command's fate
        unless the reason is "quorum-lost", "not-active" or "overloaded": then it was never sent."""
        self._check_active()
        decided: fx.Decided = await self._wait(self.coordinator.submit, within_s, command)
        return decided

    async def fence(self, within_s: float = ANSWER_WITHIN_S) -> None:
        """Return once two upstreams confirmed this host's term since the call. Raises Refusal.

        What is read from the state before anything else is awaited is true then. The term may have
        ended since the confirmation came, and with it what is known of leases.
        """
        self._check_active()
        await self._wait(self.coordinator.ask, within_s)
        if not self.serving:
            raise self.refusal(UNKNOWN_REPEAT)

    async def settle(self, within_s: float) -> None:
        """Return once what the state showed is committed: it includes the batch in flight, and a
        "no" that rests on that could be taken back. Raises Refusal."""
        book = self.coordinator.book
        if book.last_index > book.commit_index:
            await self.submit(Tick(), within_s)

    async def _wait(
        self, enter: Callable[..., list[fx.Effect]], within_s: float, *arguments: AnyCommand
    ) -> Any:
        self._tickets += 1
        ticket = self._tickets
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = future
        try:
            self.perform(enter(self._boot_s(), ticket, *arguments))
            if future.done():
                return future.result()
            timer = future.get_loop().call_later(within_s, self._overdue, future)
            try:
                return await future
            finally:
                timer.cancel()
        finally:
            del self._waiting[ticket]

    @staticmethod
    def _overdue(future: asyncio.Future[Any]) -> None:
        if not future.done():
            future.set_exception(
                Refusal("deadline-passed", "nothing is known of it: repeat it with the same id")
            )

    def _check_active(self) -> None:
        """Refuse at once where waiting cannot help."""
        coordinator = self.coordinator
        if coordinator.serving:
            return
        if not self.decision.wanted or (
            coordinator.phase == PRE_VOTE and self._others_heard() >= 2
        ):
            raise self.refusal(NOT_ACTIVE)

    def refusal(self, why: str) -> Refusal:
        """The refusal that tells a client why the coordinator did not answer."""
        missing = self.coordinator.missing(self._boot_s()) if why == QUORUM_LOST else ()
        return unanswered(why, missing, self.active())

    def active(self) -> str:
        """The host that serves, as far as known here; "" if none is."""
        if self.serving:
            return self.name
        twin = self.twin_status
        return self.twin if twin is not None and twin.serving and self._twin_fresh() else ""

    def reachable_serials(self) -> set[str]:
        """The containers whose upstreams answer."""
        reachable = self.coordinator.reachable(self._boot_s())
        return {self.serials[name] for name in reachable if name in self.serials}

    def lease_age_s(self, ref: Any) -> float | None:
        """Seconds since a lease was heard of."""
        return self.coordinator.lease_age_s(self._boot_s(), ref)

    def heartbeat(self, ref: Any, generation: int) -> float | None:
        """A fenced heartbeat: the lifetime that starts, None for no such lease, 0 for one that is
        being ended, which may or may not live on."""
        return self.coordinator.heartbeat(self._boot_s(), ref, generation)

    # --- inputs ---

    def link_up(self, name: str) -> None:
        """An upstream's link stands."""
        self.perform(self.coordinator.link(self._boot_s(), name, True))

    def link_down(self, name: str) -> None:
        """An upstream's link is lost."""
        self.perform(self.coordinator.link(self._boot_s(), name, False))

    def message(self, name: str, message: AnyMessage) -> None:
        """An upstream said something."""
        effects = self.coordinator.receive(self._boot_s(), name, message)
        self._news.heard(self.coordinator)
        self.perform(effects)

    def vip(self, state: VipState | None) -> None:
        """The address process reported, or is gone."""
        before, self.vip_state = self.has_address(), state
        if before != self.has_address():
            log.info("address here=%s", self.has_address())
            self.hub.publish("address", {"host": self.name, "here": self.has_address()})
        self.judge()

    def twin_said(self, status: TwinStatus) -> None:
        """The twin reported."""
        self.twin_status, self._twin_at_s = status, self._boot_s()
        self.coordinator.rules.twin_says(self.twin, status.rules)
        if status.serving and self.aside():
            self._aside_until_s = -1e9
        self.judge()

    def tick(self) -> None:
        """Time passed."""
        now_s = self._boot_s()
        self.perform(self.coordinator.tick(now_s))
        missing = self.coordinator.missing(now_s)
        if missing != self._missing:
            self._missing = missing
            self.hub.publish("upstreams", {"host": self.name, "missing": missing})
            level = logging.WARNING if missing else logging.INFO
            names = ",".join(missing) or "none"
            self._quiet.tell(now_s, ("missing", names), level, "upstreams missing=%s", names)
        tell_apart(self._quiet, self.coordinator, now_s)
        self.judge()

    def judge(self) -> None:
        """Decide anew whether to want a term and the address."""
        now_s = self._boot_s()
        twin, vip = self.twin_status, self.vip_state
        # Duty acts on what the twin reaches only while its reports come one after the other.
        recent_s = 3 * self.coordinator.timing.advert_int_s
        decision = self._duty.judge(
            now_s,
            Situation(
                has_address=self.has_address(),
                serving=self.serving,
                maintenance=self._in_maintenance and now_s > self._back_until_s,
                aside=self.aside(),
                reached=len(self.coordinator.reachable(now_s)),
                twin_reaches=twin.reached if twin and self._twin_age_s() <= recent_s else None,
                others_heard=self._others_heard() if self.virtual_ip else 0,
                twin_adverts_heard=vip is not None and vip.twin_heard,
                out_of_date=self.coordinator.rules.out_of_date,
            ),
        )
        if decision != self.decision:
            text = "duty wanted=%s healthy=%s why=%r"
            log.info(text, decision.wanted, decision.healthy, decision.reason)
        self.decision = decision
        self.set_verdict(decision.healthy, decision.reason)
        self.perform(self.coordinator.want(now_s, decision.wanted, decision.reason))

    def stand_aside(self, why: str) -> None:
        """Stop serving and give the address to the twin, until it serves or a bound has passed."""
        self._aside_until_s = self._boot_s() + max(
            ASIDE_MIN_S, 10 * self.coordinator.timing.advert_int_s
        )
        self.judge()
        self.drop_address(why)

    async def come_back(self) -> None:
        """Take the service in spite of maintenance, so that its end can be ordered here.

        For an operator's word only, and if nobody else serves: else nobody could take the order.
        Raises Refusal if it does not come to that in time; maintenance then goes on.
        """
        self._back_until_s = self._boot_s() + 2 * ANSWER_WITHIN_S
        self.judge()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._serves.wait()
        except TimeoutError:
            self._back_until_s = -1e9
            raise self.refusal(NOT_ACTIVE) from None

    def close(self) -> None:
        """An orderly stop: resign, so that nobody has to wait for a silence."""
        self.perform(self.coordinator.want(self._boot_s(), False, "stops"))

    def has_address(self) -> bool:
        """Whether the virtual IP is here, by right."""
        if not self.virtual_ip:
            return True
        vip = self.vip_state
        return vip is not None and vip.holds_address and vip.keepalived_alive

    def aside(self) -> bool:
        """Whether this host lets the twin go first."""
        return self._boot_s() < self._aside_until_s

    def twin_ready(self) -> str:
        """Why the twin could not take over, "" if it could."""
        twin = self.twin_status
        if twin is None or not self._twin_fresh():
            return f"{self.twin} does not answer"
        if twin.maintenance:
            return f"{self.twin} is in maintenance"
        if twin.reached < 2:
            return f"{self.twin} reaches {twin.reached} upstreams"
        return ""

    def own_status(self) -> TwinStatus:
        """What the twin is told."""
        return TwinStatus(
            host=self.name,
            version=__version__,
            serving=self.serving,
            reached=len(self.coordinator.reachable(self._boot_s())),
            has_address=self.has_address(),
            maintenance=self._in_maintenance,
            commit_index=self.coordinator.book.commit_index,
            rules=self.coordinator.rules.known,
        )

    def _twin_age_s(self) -> float:
        return self._boot_s() - self._twin_at_s

    def _twin_fresh(self) -> bool:
        return self._twin_age_s() <= 10 * self.coordinator.timing.advert_int_s

    def _others_heard(self) -> int:
        now_s = self._boot_s()
        reachable = self.coordinator.reachable(now_s)
        return sum(
            peer.hears not in ("", self.name) and peer.name in reachable
            for peer in self.coordinator.peers
        )

    # --- effects ---

    def perform(self, effects: Iterable[fx.Effect]) -> None:
        """Do what the coordinator asks."""
        for effect in effects:
            self.watch(effect)
            if type(effect) is fx.Decided or type(effect) is fx.Fenced:
                self._settle(effect.ticket, effect)
            elif isinstance(effect, fx.Tell):
                self._send(effect.to, effect.message)
            elif isinstance(effect, fx.Denied):
                self._settle(effect.ticket, Denied(effect.outcome.reason, effect.outcome.detail))
            elif isinstance(effect, fx.Failed):
                self._settle(effect.ticket, self.refusal(effect.why))
            elif isinstance(effect, fx.Committed):
                self._committed(effect)
            elif isinstance(effect, fx.Restored):
                self._restored(effect.index)
            elif isinstance(effect, fx.Changed):
                self._changed(effect)
            elif isinstance(effect, fx.Disputed):
                self._disputes.note(self._boot_s(), effect)
            elif isinstance(effect, fx.Doubted):
                self._disputes.doubted(self._boot_s(), effect)

    def _settle(self, ticket: int, result: fx.Decided | fx.Fenced | Refusal) -> None:
        future = self._waiting.get(ticket)
        if future is None or future.done():
            return
        if isinstance(result, Refusal):
            future.set_exception(result)
        else:
            future.set_result(result)

    def _changed(self, effect: fx.Changed) -> None:
        self._serves.set() if effect.phase == SERVING else self._serves.clear()
        if effect.phase == SERVING:
            self._news.serves()
        lost = effect.phase == PRE_VOTE and effect.why == QUORUM_LOST
        self._quiet.tell(
            self._boot_s(),
            (effect.phase, without_numbers(effect.why)),
            logging.WARNING if lost else logging.INFO,
            "phase=%s term=%s why=%r",
            *(effect.phase, effect.term, effect.why),
        )
        self.tokens.renew(self.state.clients)
        data: dict[str, Any] = {"host": self.name, "phase": effect.phase, "why": effect.why}
        if effect.phase == PRE_VOTE and effect.why == QUORUM_LOST:
            data["missing"] = self.coordinator.missing(self._boot_s())
        self.hub.publish("phase", data)

    def _committed(self, effect: fx.Committed) -> None:
        new = self._news.is_new(effect.index)
        for command, outcome in zip(effect.commands, effect.outcomes, strict=True):
            if type(command) is ImportUpdate and outcome.ok:
                self._places.learn(command)
            elif type(command) is Enrol or type(command) is Dismiss:
                self.tokens.renew(self.state.clients)
                self.hub.weed()
            elif type(command) is Operate and outcome.ok:
                if command.host == self.name and command.action.startswith("maintenance-"):
                    self._in_maintenance = command.action == "maintenance-on"
                if new:
                    log.info("operator action=%s host=%s who=%s", *_act(command))
        if self.hub and new:
            for name, data, client in summaries(effect):
                self.hub.publish(name, data, client)

    def _restored(self, index: int) -> None:
        """The state came whole: what its entries would have told is read from it instead."""
        log.info("restored index=%d leases=%d", index, len(self.state.leases))
        self._places.restore(self.state)
        self.tokens.renew(self.state.clients)
        self._in_maintenance = self.name in self.state.maintenance

    def status(self) -> api.StatusDocument:
        """Everything an operator needs to know; from local knowledge, on whatever host."""
        return summary.status(self, self._boot_s())

    def heard_twin(self) -> TwinStatus | None:
        """The twin's report, None if there is no fresh one."""
        return self.twin_status if self._twin_fresh() else None

    def licences(self, *, everything: bool) -> api.LicencesDocument:
        """The virtual container as far as it is known here; see `documents.licences`."""
        hosts = {serial: name for name, serial in self.serials.items()}
        reachable = self.reachable_serials()
        return documents.licences(self.state, reachable, hosts, everything=everything)


def _act(command: Operate) -> tuple[str, str, str]:
    return command.action, command.host, command.who
