"""What a TMR host does because its coordinator asks for it, or because something is committed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from appliance.adapters.quiet import Quiet, without_numbers
from appliance.details import Detail, code_of
from appliance.ledger import effects as fx
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import PRE_VOTE, QUORUM_LOST, SERVING
from appliance.ledger.messages import AnyMessage
from appliance.licences.commands import Dismiss, Enrol, ImportUpdate, Operate
from appliance.licences.reasons import QUEUED
from appliance.services.tmr.counts import Counts
from appliance.services.tmr.disputes import Disputes
from appliance.services.tmr.events import Hub
from appliance.services.tmr.identity import TokenBook
from appliance.services.tmr.names import Names
from appliance.services.tmr.news import News
from appliance.services.tmr.offers import Offers, offer_event
from appliance.services.tmr.places import Places
from appliance.services.tmr.problems import Denied
from appliance.services.tmr.standing import HostStanding
from appliance.services.tmr.summaries import summaries
from appliance.services.tmr.tickets import Tickets

log = logging.getLogger(__name__)

SendTo = Callable[[str, AnyMessage], bool]


class Performer:
    """Performs effects, in the order in which they come. `boot_s` is the boot clock."""

    def __init__(
        self,
        coordinator: Coordinator,
        standing: HostStanding,
        tickets: Tickets,
        hub: Hub,
        places: Places,
        tokens: TokenBook,
        news: News,
        counts: Counts,
        quiet: Quiet,
        names: Names,
        send: SendTo,
        boot_s: Callable[[], float],
    ) -> None:
        self._coordinator = coordinator
        self._standing = standing
        self._tickets = tickets
        self._hub = hub
        self._disputes = Disputes(hub)
        self._places = places
        self._tokens = tokens
        self._news = news
        self._counts = counts
        self._quiet = quiet
        self._names = names
        self._send = send
        self._boot_s = boot_s
        self._offers = Offers()

    def perform(self, effects: Iterable[fx.Effect]) -> None:
        """Do what the coordinator asks."""
        for effect in effects:
            self._counts.watch(effect)
            if type(effect) is fx.Decided or type(effect) is fx.Fenced:
                self._tickets.settle(effect.ticket, effect)
            elif isinstance(effect, fx.Tell):
                self._send(effect.to, effect.message)
            elif isinstance(effect, fx.Denied) and effect.outcome.reason == QUEUED:
                self._tickets.settle(effect.ticket, effect)
            elif isinstance(effect, fx.Denied):
                denied = Denied(effect.outcome.reason, effect.outcome.detail)
                self._tickets.settle(effect.ticket, denied)
            elif isinstance(effect, fx.Failed):
                self._tickets.settle(effect.ticket, self._standing.refusal(effect.why))
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

    def _changed(self, effect: fx.Changed) -> None:
        serves = self._standing.serves
        serves.set() if effect.phase == SERVING else serves.clear()
        if effect.phase == SERVING:
            self._news.serves()
        lost = effect.phase == PRE_VOTE and code_of(effect.why) == QUORUM_LOST
        self._quiet.tell(
            self._boot_s(),
            (effect.phase, without_numbers(effect.why)),
            logging.WARNING if lost else logging.INFO,
            "phase=%s term=%s why=%r",
            *(effect.phase, effect.term, effect.why),
        )
        self._tokens.renew(self._coordinator.book.state.clients)
        data: dict[str, Any] = {"host": self._standing.name, "phase": effect.phase}
        data["why"] = Detail.of(effect.why)
        if lost:
            data["missing"] = self._coordinator.missing(self._boot_s())
        self._hub.publish("phase", data)

    def _committed(self, effect: fx.Committed) -> None:
        new = self._news.is_new(effect.index)
        for command, outcome in zip(effect.commands, effect.outcomes, strict=True):
            if type(command) is ImportUpdate and outcome.ok:
                self._places.learn(command)
            elif type(command) is Enrol or type(command) is Dismiss:
                self._tokens.renew(self._coordinator.book.state.clients)
                self._hub.weed()
            elif type(command) is Operate and outcome.ok:
                self._operated(command, new)
        if self._hub and new:
            for name, data, client in summaries(effect, self._names.document):
                self._hub.publish(name, data, client)
            self._tell_offers()

    def _tell_offers(self) -> None:
        state = self._coordinator.book.state
        for place in self._offers.new(state):
            data = offer_event(state, place, self._names.document(place.ask.holder))
            self._hub.publish("offer", data, place.ref.client)

    def _operated(self, command: Operate, new: bool) -> None:
        if command.host == self._standing.name and command.action.startswith("maintenance-"):
            self._standing.in_maintenance = command.action == "maintenance-on"
        if new:
            text = "operator action=%s host=%s who=%s"
            log.info(text, command.action, command.host, command.who)

    def _restored(self, index: int) -> None:
        """The state came whole: what its entries would have told is read from it instead."""
        state = self._coordinator.book.state
        log.info("restored index=%d leases=%d", index, len(state.leases))
        self._places.restore(state)
        self._tokens.renew(state.clients)
        self._standing.in_maintenance = self._standing.name in state.maintenance
