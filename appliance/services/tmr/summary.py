"""One TMR host's status: what it sees of all five, and its verdict on that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from appliance.adapters.clock import wall_ms
from appliance.codec import api
from appliance.services.tmr import documents
from appliance.services.tmr.times import container_times, virtual_times
from appliance.watch.facts import Facts
from appliance.watch.verdict import Verdict, judge

LISTED_FOR_S: Final = 1.0

if TYPE_CHECKING:
    from appliance.services.tmr.host import TmrHost


def status(host: TmrHost, now_s: float) -> api.StatusDocument:
    """The status of this moment (boot time) with the verdict of `judged`."""
    document = _facts(host, now_s)
    found = judged(document, host.listed.licences(host, now_s))
    return replace(document, verdict=found.word, reason=found.reason, findings=found.findings)


class Listed:
    """The licences for the status, which several windows may ask for several times a second: with
    thousands of licences the list takes longer to make than all the rest. So it is made anew once a
    second at most, and whenever an upstream comes or goes."""

    def __init__(self) -> None:
        self._at_s = -1e9
        self._reachable: frozenset[str] = frozenset()
        self._document: api.LicencesDocument | None = None

    def licences(self, host: TmrHost, now_s: float) -> api.LicencesDocument:
        """All licences as of a second ago at most."""
        reachable = frozenset(host.reachable_serials())
        old = now_s - self._at_s >= LISTED_FOR_S or reachable != self._reachable
        if old or self._document is None:
            self._document = host.licences(everything=True)
            self._at_s, self._reachable = now_s, reachable
        return self._document


def judged(document: api.StatusDocument, licences: api.LicencesDocument) -> Verdict:
    """What is wrong, by what one host alone knows: the same checks as `tmr doctor` makes."""
    now_ms = document.log_time_ms or wall_ms()
    return judge(Facts(now_ms, (document,), licences=licences, own_clock=False))


def _facts(host: TmrHost, now_s: float) -> api.StatusDocument:
    coordinator = host.coordinator
    times = container_times(host.reports, (peer.name for peer in coordinator.peers))
    why = coordinator.why
    if (fetched := coordinator.fetched) is not None:
        why = f"{why}; gets a snapshot, {fetched[0]} of {fetched[1]} chunks".lstrip("; ")
    ledger, before = documents.ledgers(coordinator.book)
    return api.StatusDocument(
        host=host.name,
        verdict="",
        reason="",
        phase=coordinator.phase,
        term=documents.term(coordinator.term),
        virtual_ip=host.virtual_ip,
        virtual_serial=host.state.virtual_serial,
        ledger_id=host.state.ledger_id.hex(),
        commit_index=coordinator.book.commit_index,
        log_time_ms=coordinator.book.log_time_ms,
        leases=len(host.state.leases),
        upstreams=documents.upstreams(coordinator, now_s, host.serials, host.reports, times),
        tmr_hosts=(
            documents.tmr_host(
                host.name, host.own_status(), host.virtual_ip, host.reports, host.vip_state
            ),
            documents.tmr_host(host.twin, host.heard_twin(), host.virtual_ip, host.reports),
        ),
        missing=tuple(coordinator.missing(now_s)),
        virtual_times=virtual_times(times, host.state),
        why=why,
        calls=host.calls.document(now_s) if host.serving else None,
        ledger=ledger,
        before=before,
    )
