"""Where one TMR host stands: whether it is to serve, and what it knows of its twin (design D4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from appliance import __version__
from appliance.details import detail
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.duty import Decision, Duty, Situation
from appliance.ledger.leader.phases import NOT_ACTIVE, PRE_VOTE, QUORUM_LOST
from appliance.services.tmr.problems import Refusal, unanswered
from appliance.services.tmr.twin import TwinStatus
from appliance.services.vip_protocol import VipState

log = logging.getLogger(__name__)

ANSWER_WITHIN_S: Final = 10.0
ASIDE_MIN_S: Final = 2.0
LONG_AGO_S: Final = -1e9


class Address(Protocol):
    """The process that holds the virtual IP."""

    def set_verdict(self, healthy: bool, reason: str = "") -> None:
        """Say whether this host may hold the address."""

    def drop_address(self, reason: str) -> None:
        """Have the address given to the twin at once, if this host holds it."""


class NoAddress:
    """Where there is no VRRP."""

    def set_verdict(self, healthy: bool, reason: str = "") -> None:
        """Nobody asks."""

    def drop_address(self, reason: str) -> None:
        """There is none to drop."""


class HostStanding:
    """What decides who serves, as this host knows it. `boot_s` is the boot clock.

    Without `virtual_ip` there is no VRRP: the host counts as holding the address always, and the
    terms alone decide (design section 5).
    """

    def __init__(
        self, coordinator: Coordinator, twin: str, virtual_ip: str, boot_s: Callable[[], float]
    ) -> None:
        self.name = coordinator.host
        self.twin = twin
        self.virtual_ip = virtual_ip
        self.vip_state: VipState | None = None
        self.decision = Decision(False, False, detail("just-started"))
        self.serves = asyncio.Event()
        self.in_maintenance = False
        """By what is committed: the state may hold what is in flight."""
        self._coordinator = coordinator
        self._boot_s = boot_s
        self._duty = Duty(coordinator.timing.hold_s)
        self._twin_status: TwinStatus | None = None
        self._twin_at_s = LONG_AGO_S
        self._aside_until_s = LONG_AGO_S
        self._back_until_s = LONG_AGO_S

    # --- the address ---

    def has_address(self) -> bool:
        """Whether the virtual IP is here, by right."""
        if not self.virtual_ip:
            return True
        vip = self.vip_state
        return vip is not None and vip.holds_address and vip.keepalived_alive

    @property
    def tmr_hosts(self) -> tuple[str, ...]:
        """All TMR hosts of this system by name, this one first."""
        return (self.name, self.twin) if self.twin else (self.name,)

    def aside(self) -> bool:
        """Whether this host lets the twin go first."""
        return self._boot_s() < self._aside_until_s

    def stand_aside(self) -> None:
        """Let the twin go first, until it serves or a bound has passed."""
        self._aside_until_s = self._boot_s() + max(
            ASIDE_MIN_S, 10 * self._coordinator.timing.advert_int_s
        )

    def come_back(self, for_s: float) -> None:
        """Serve in spite of maintenance for so long; 0 takes that back."""
        self._back_until_s = self._boot_s() + for_s if for_s else LONG_AGO_S

    def judge(self) -> Decision:
        """Decide anew whether to want a term and the address."""
        now_s, twin, vip = self._boot_s(), self._twin_status, self.vip_state
        # Duty acts on what the twin reaches only while its reports come one after the other.
        recent_s = 3 * self._coordinator.timing.advert_int_s
        decision = self._duty.judge(
            now_s,
            Situation(
                has_address=self.has_address(),
                serving=self._coordinator.serving,
                maintenance=self.in_maintenance and now_s > self._back_until_s,
                aside=self.aside(),
                reached=len(self._coordinator.reachable(now_s)),
                twin_reaches=twin.reached if twin and self._twin_age_s() <= recent_s else None,
                others_heard=self._others_heard() if self.virtual_ip else 0,
                twin_adverts_heard=vip is not None and vip.twin_heard,
                out_of_date=self._coordinator.rules.out_of_date,
            ),
        )
        if decision != self.decision:
            text = "duty wanted=%s healthy=%s why=%r"
            log.info(text, decision.wanted, decision.healthy, decision.reason)
        self.decision = decision
        return decision

    # --- the twin ---

    def twin_said(self, status: TwinStatus) -> None:
        """The twin reported."""
        self._twin_status, self._twin_at_s = status, self._boot_s()
        self._coordinator.rules.twin_says(self.twin, status.rules)
        if status.head is not None:
            self._coordinator.heads.show(self._twin_at_s, self.twin, status.head)
        if status.serving and self.aside():
            self._aside_until_s = LONG_AGO_S

    def heard_twin(self) -> TwinStatus | None:
        """The twin's report, None if there is no fresh one."""
        fresh = self._twin_age_s() <= 10 * self._coordinator.timing.advert_int_s
        return self._twin_status if fresh else None

    def twin_ready(self) -> str:
        """Why the twin could not take over, "" if it could."""
        if not self.twin:
            return detail("stands-alone", host=self.name)
        twin = self.heard_twin()
        if twin is None:
            return detail("twin-silent", host=self.twin)
        # The ledger says so before the twin has heard of it.
        if twin.maintenance or self.twin in self._coordinator.book.state.maintenance:
            return detail("twin-in-maintenance", host=self.twin)
        if twin.reached < 2:
            return detail("twin-cut-off", host=self.twin, reached=twin.reached)
        return ""

    def own_status(self) -> TwinStatus:
        """What the twin is told."""
        return TwinStatus(
            host=self.name,
            version=__version__,
            serving=self._coordinator.serving,
            reached=len(self._coordinator.reachable(self._boot_s())),
            has_address=self.has_address(),
            maintenance=self.in_maintenance,
            commit_index=self._coordinator.book.commit_index,
            rules=self._coordinator.rules.known,
            head=self._coordinator.heads.newest,
        )

    def _twin_age_s(self) -> float:
        return self._boot_s() - self._twin_at_s

    # --- who serves ---

    def active(self) -> str:
        """The host that serves, as far as known here; "" if none is."""
        if self._coordinator.serving:
            return self.name
        twin = self.heard_twin()
        return self.twin if twin is not None and twin.serving else ""

    def check_active(self) -> None:
        """Raise Refusal where waiting cannot help."""
        coordinator = self._coordinator
        if coordinator.serving:
            return
        if not self.decision.wanted or (
            coordinator.phase == PRE_VOTE and self._others_heard() >= 2
        ):
            raise self.refusal(NOT_ACTIVE)

    def refusal(self, why: str) -> Refusal:
        """The refusal that tells a client why the coordinator did not answer."""
        missing = self._coordinator.missing(self._boot_s()) if why == QUORUM_LOST else ()
        return unanswered(why, missing, self.active())

    def _others_heard(self) -> int:
        now_s = self._boot_s()
        reachable = self._coordinator.reachable(now_s)
        return sum(
            peer.hears not in ("", self.name) and peer.name in reachable
            for peer in self._coordinator.peers
        )
