"""One TMR host: a coordinator in its surroundings, put together, and what reaches it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from appliance.adapters.quiet import Quiet
from appliance.codec.reports import Report, ReportRequest
from appliance.details import detail
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import NOT_ACTIVE
from appliance.ledger.messages import AnyMessage, NamesPage
from appliance.licences.model import ContainerUpdate
from appliance.licences.state import State
from appliance.services.settings import LIMITS, AnswerLimits
from appliance.services.tmr.counts import Counts
from appliance.services.tmr.disputes import tell_apart
from appliance.services.tmr.events import Hub
from appliance.services.tmr.identity import TokenBook
from appliance.services.tmr.losses import tell_loss
from appliance.services.tmr.names import Names
from appliance.services.tmr.news import News
from appliance.services.tmr.orders import Orders
from appliance.services.tmr.overview import Overview
from appliance.services.tmr.performing import Performer, SendTo
from appliance.services.tmr.places import Places
from appliance.services.tmr.receipts import ReceiptMaker
from appliance.services.tmr.reports import Reports
from appliance.services.tmr.standing import ANSWER_WITHIN_S, Address, HostStanding, NoAddress
from appliance.services.tmr.tickets import Tickets
from appliance.services.tmr.twin import TwinStatus
from appliance.services.vip_protocol import VipState

log = logging.getLogger(__name__)


class TmrHost:
    """Wires a coordinator to its surroundings; all calls on one event loop.

    `send` gives a message to an upstream's link; `boot_s` is the boot clock; `read_update` verifies
    a licence update (raises UpdateRefused); `twin` is "" for a server that stands alone;
    `virtual_ip` as in `Standing`, `address` is who holds it. `own` answers for this host, `failure`
    says why a host is not heard. `names_key` is that of a ledger which this host founds.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        twin: str,
        virtual_ip: str,
        boot_s: Callable[[], float],
        send: SendTo,
        read_update: Callable[[bytes], ContainerUpdate],
        *,
        address: Address | None = None,
        own: Callable[[ReportRequest], Report] = lambda request: Report(),
        failure: Callable[[str], str] = lambda name: "",
        limits: AnswerLimits = LIMITS,
        names_key: bytes = b"",
    ) -> None:
        others = (*(peer.name for peer in coordinator.peers), *((twin,) if twin else ()))
        self.coordinator = coordinator
        self.read_update = read_update
        self.standing = HostStanding(coordinator, twin, virtual_ip, boot_s)
        self.hub = Hub(limits.event_streams_max, limits.event_streams_per_client_max)
        self.tokens = TokenBook()
        self.receipts = ReceiptMaker(coordinator.peers.needed)
        self.reports = Reports(coordinator.host, others, boot_s, own, failure)
        self.counts = Counts(coordinator, boot_s)
        places = Places(read_update, self.receipts.certificates)
        self.overview = Overview(
            coordinator, self.standing, self.reports, places, self.counts.calls, boot_s
        )
        self.tickets = Tickets()
        self.names = Names(coordinator, send, names_key)
        self._news = News()
        self._quiet = Quiet(log)
        self._perform = Performer(
            coordinator,
            self.standing,
            self.tickets,
            self.hub,
            places,
            self.tokens,
            self._news,
            self.counts,
            self._quiet,
            self.names,
            send,
            boot_s,
        ).perform
        self.orders = Orders(coordinator, self.standing, self.tickets, self._perform, boot_s)
        self._address = address or NoAddress()
        self._boot_s = boot_s
        self._missing: list[str] = []

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

    # --- what reaches it ---

    def link_up(self, name: str) -> None:
        """An upstream's link stands."""
        self.names.linked(name)
        self._perform(self.coordinator.link(self._boot_s(), name, True))

    def link_down(self, name: str) -> None:
        """An upstream's link is lost."""
        self._perform(self.coordinator.link(self._boot_s(), name, False))

    def message(self, name: str, message: AnyMessage) -> None:
        """An upstream said something."""
        if type(message) is NamesPage:
            self.names.heard(name, message)
            return
        effects = self.coordinator.receive(self._boot_s(), name, message)
        self._news.heard(self.coordinator)
        self._perform(effects)

    def vip(self, state: VipState | None) -> None:
        """The address process reported, or is gone."""
        standing = self.standing
        before, standing.vip_state = standing.has_address(), state
        if before != standing.has_address():
            log.info("address here=%s", not before)
            self.hub.publish("address", {"host": self.name, "here": not before})
        self.judge()

    def twin_said(self, status: TwinStatus) -> None:
        """The twin reported."""
        self.standing.twin_said(status)
        self.judge()

    def tick(self) -> None:
        """Time passed."""
        now_s = self._boot_s()
        self._perform(self.coordinator.tick(now_s))
        self.names.tick(now_s)
        missing = self.coordinator.missing(now_s)
        if missing != self._missing:
            self._missing = missing
            self.hub.publish("upstreams", {"host": self.name, "missing": missing})
            level = logging.WARNING if missing else logging.INFO
            names = ",".join(missing) or "none"
            self._quiet.tell(now_s, ("missing", names), level, "upstreams missing=%s", names)
        tell_apart(self._quiet, self.coordinator, now_s)
        tell_loss(self._quiet, self.coordinator, now_s)
        self.judge()

    # --- whether it serves ---

    def judge(self) -> None:
        """Decide anew whether to want a term and the address."""
        decision = self.standing.judge()
        self._address.set_verdict(decision.healthy, decision.reason)
        self._perform(self.coordinator.want(self._boot_s(), decision.wanted, decision.reason))

    def stand_aside(self, why: str) -> None:
        """Stop serving and give the address to the twin, until it serves or a bound has passed."""
        self.standing.stand_aside()
        self.judge()
        self._address.drop_address(why)

    async def come_back(self) -> None:
        """Take the service in spite of maintenance, so that its end can be ordered here.

        For an operator's word only, and if nobody else serves: else nobody could take the order.
        Raises Refusal if it does not come to that in time; maintenance then goes on.
        """
        self.standing.come_back(2 * ANSWER_WITHIN_S)
        self.judge()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self.standing.serves.wait()
        except TimeoutError:
            self.standing.come_back(0.0)
            raise self.standing.refusal(NOT_ACTIVE) from None

    def close(self) -> None:
        """An orderly stop: resign, so that nobody has to wait for a silence."""
        self._perform(self.coordinator.want(self._boot_s(), False, detail("stops")))
