"""One TMR host's status and licences: what it sees of all five, and its verdict on that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from appliance.adapters.clock import wall_ms
from appliance.codec import api
from appliance.codec.health_documents import OtherSystemDocument, OverReservedDocument
from appliance.details import Detail
from appliance.ledger.leader.coordinator import Coordinator
from appliance.licences.commands import LeaseRef
from appliance.services.tmr import documents, licence_lists
from appliance.services.tmr.calls import Calls
from appliance.services.tmr.losses import loss_document
from appliance.services.tmr.places import Places
from appliance.services.tmr.reports import Reports
from appliance.services.tmr.standing import HostStanding
from appliance.services.tmr.times import container_times, virtual_times
from appliance.watch.facts import Facts
from appliance.watch.verdict import Verdict, judge

LISTED_FOR_S: Final = 1.0
OTHER_STANDS_S: Final = 3600.0
"""How long another system is told of after it was last shown."""


class Overview:
    """What one TMR host has to show; from local knowledge, on whatever host."""

    def __init__(
        self,
        coordinator: Coordinator,
        standing: HostStanding,
        reports: Reports,
        places: Places,
        calls: Calls,
        boot_s: Callable[[], float],
    ) -> None:
        self._coordinator = coordinator
        self._standing = standing
        self._reports = reports
        self.serials = places.serials
        self._calls = calls
        self._boot_s = boot_s
        self._listed = _Listed(self)
        self._other: tuple[float, OtherSystemDocument] | None = None

    def saw_other(self, other: OtherSystemDocument) -> None:
        """Somebody proved that there is another system with these containers."""
        self._other = self._boot_s(), other

    def _other_system(self, now_s: float) -> OtherSystemDocument | None:
        if self._other is None or now_s - self._other[0] > OTHER_STANDS_S:
            return None
        return self._other[1]

    def status(self) -> api.StatusDocument:
        """Everything an operator needs to know, with the verdict of `judged`."""
        now_s = self._boot_s()
        document = self._facts(now_s)
        found = judged(document, self._listed.licences(now_s))
        return replace(document, verdict=found.word, reason=found.reason, findings=found.findings)

    def licences(self) -> api.LicencesDocument:
        """The virtual container as far as it is known here; see `licence_lists.licences`."""
        return licence_lists.licences(self._coordinator.book.state, self.containers())

    def of_concern(self) -> api.LicencesDocument:
        """The licences that something may be wrong with."""
        return licence_lists.of_concern(self._coordinator.book.state, self.containers())

    def over_reserved(self) -> tuple[OverReservedDocument, ...]:
        """The products of which the access rules reserve more seats than there are."""
        return documents.over_reserved(self._coordinator.book.state)

    def slices(self) -> Iterator[list[api.LicenceDocument]]:
        """All licences, a few at a time; see `licence_lists.slices`."""
        return licence_lists.slices(self._coordinator.book.state, self.containers())

    def containers(self) -> licence_lists.Seen:
        """Which containers' upstreams answer, and which those are."""
        hosts = {serial: name for name, serial in self.serials.items()}
        return licence_lists.Seen(self.reachable_serials(), hosts)

    def reachable_serials(self) -> set[str]:
        """The containers whose upstreams answer."""
        reachable = self._coordinator.reachable(self._boot_s())
        return {self.serials[name] for name in reachable if name in self.serials}

    def lease_age_s(self, ref: LeaseRef) -> float | None:
        """Seconds since a lease was heard of."""
        return self._coordinator.lease_age_s(self._boot_s(), ref)

    def _facts(self, now_s: float) -> api.StatusDocument:
        coordinator, standing, reports = self._coordinator, self._standing, self._reports
        state, virtual_ip = coordinator.book.state, standing.virtual_ip
        peers = coordinator.peers
        times = container_times(reports, (peer.name for peer in peers), peers.needed)
        why = Detail.of(coordinator.why)
        if (fetched := coordinator.fetched) is not None:
            why = Detail("snapshot-comes", {"done": fetched[0], "chunks": fetched[1]})
        ledger, before = documents.ledgers(coordinator.book)
        return api.StatusDocument(
            host=standing.name,
            verdict="",
            reason="",
            phase=coordinator.phase,
            term=documents.term(coordinator.term),
            virtual_ip=virtual_ip,
            virtual_serial=state.virtual_serial,
            ledger_id=state.ledger_id.hex(),
            commit_index=coordinator.book.commit_index,
            log_time_ms=coordinator.book.log_time_ms,
            leases=len(state.leases),
            upstreams=documents.upstreams(coordinator, now_s, self.serials, reports, times),
            tmr_hosts=(
                documents.tmr_host(
                    standing.name,
                    standing.own_status(),
                    virtual_ip,
                    reports,
                    standing.vip_state,
                ),
                *(
                    documents.tmr_host(twin, standing.heard_twin(), virtual_ip, reports)
                    for twin in standing.tmr_hosts[1:]
                ),
            ),
            missing=tuple(coordinator.missing(now_s)),
            virtual_times=virtual_times(times, state),
            why=why,
            calls=self._calls.document(now_s) if coordinator.serving else None,
            ledger=ledger,
            before=before,
            loss=loss_document(coordinator),
            other_system=self._other_system(now_s),
            rules=state.rules,
            over_reserved=self._listed.over_reserved(now_s),
        )


class _Listed:
    """The licences that the status judges, which several windows may ask for several times a
    second: with thousands of licences to look through this takes longer than all the rest. So it is
    done once a second at most, and whenever an upstream comes or goes."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._at_s = -1e9
        self._reachable: frozenset[str] = frozenset()
        self._document: api.LicencesDocument | None = None
        self._over: tuple[OverReservedDocument, ...] = ()

    def licences(self, now_s: float) -> api.LicencesDocument:
        """The licences of concern as of a second ago at most."""
        return self._renewed(now_s)

    def over_reserved(self, now_s: float) -> tuple[OverReservedDocument, ...]:
        """The products of which too many seats are reserved, as of then, too."""
        self._renewed(now_s)
        return self._over

    def _renewed(self, now_s: float) -> api.LicencesDocument:
        reachable = frozenset(self._overview.reachable_serials())
        old = now_s - self._at_s >= LISTED_FOR_S or reachable != self._reachable
        if old or self._document is None:
            self._document = self._overview.of_concern()
            self._over = self._overview.over_reserved()
            self._at_s, self._reachable = now_s, reachable
        return self._document


def judged(document: api.StatusDocument, licences: api.LicencesDocument) -> Verdict:
    """What is wrong, by what one host alone knows: the same checks as `tmr doctor` makes."""
    now_ms = document.log_time_ms or wall_ms()
    return judge(Facts(now_ms, (document,), licences=licences, own_clock=False))
