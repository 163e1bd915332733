"""Every check of the system as a whole: facts in, findings out (issue 5, `tmr doctor`).

A check is pure and looks at one kind of trouble. What follows from something else that is reported
is left out, so that one cause has one alarm (of a host that does not answer, nothing else is said).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.codec.api import StatusDocument
from appliance.details import Detail, code_of
from appliance.details.links import REFUSED
from appliance.ledger.leader.phases import SERVING
from appliance.ledger.membership.founding_anew import UNFOUNDED
from appliance.licences.reasons import NO_SEAT_FREE
from appliance.watch.clock_checks import clocks
from appliance.watch.container_checks import containers, time_servers
from appliance.watch.facts import (
    CRITICAL,
    NOTICE,
    WARNING,
    Facts,
    Finding,
    Value,
    found,
    healths,
    is_short,
    own_row,
)
from appliance.watch.licence_checks import licences
from appliance.watch.local_checks import LOCAL_CHECKS
from appliance.watch.problems import rank
from appliance.watch.rules_checks import (
    hosts_outdated,
    outdated,
    over_reserved,
    rules_to_raise,
)
from appliance.watch.shared_checks import (
    archive_trouble,
    certificate_trouble,
    disk_trouble,
)
from appliance.watch.thresholds import (
    LAG_ENTRIES_MAX,
    REFUSED_MIN,
    REPORT_OLD_S,
)
from appliance.watch.tmr_checks import (
    hosts_silent,
    nobody_answers,
    tmr_hosts_down,
    twins_apart,
)

_FOLLOWING: Final = "following"
_UNFOUNDED: Final = frozenset(map(code_of, UNFOUNDED))
_VRRP_WELL: Final = frozenset(("master", "backup"))
Check = Callable[[Facts], Iterable[Finding]]


def not_serving(facts: Facts) -> Iterator[Finding]:
    """The system does not serve: nobody has a term, or too few containers are left."""
    leading = facts.leading
    if leading is None:
        return
    if facts.serves:
        locked = [one.name for one in leading.upstreams if one.locked or not one.reachable]
        if len(leading.upstreams) - len(locked) < facts.needed and any(
            one.locked for one in leading.upstreams
        ):
            yield found("not-serving", CRITICAL, "", "locked", hosts=tuple(locked))
        return
    if any(True for _ in disks_put_back(facts)):
        yield found("not-serving", CRITICAL, "", "two-logs")
        return
    case, why, values = _why_down(facts, leading)
    yield found("not-serving", CRITICAL, "", case, why, **values)


def _why_down(facts: Facts, leading: StatusDocument) -> tuple[str, Detail | None, dict[str, Value]]:
    """Why nothing is served, by the host to go by: the case with its detail and values."""
    if len(leading.missing) >= facts.needed:
        return "quorum-lost", None, {"hosts": leading.missing}
    out = {*leading.missing, *(one.name for one in leading.upstreams if one.damage or one.shut)}
    old = {one.name for one in leading.upstreams} & set(outdated(facts))
    if old and len(out | old) >= facts.needed > len(out):
        return "outdated", None, {"hosts": tuple(sorted(old))}
    if len(out) >= facts.needed:
        return "no-part", None, {"hosts": tuple(sorted(out))}
    own = own_row(leading)
    here = own is not None and (own.holds_address or not leading.virtual_ip)
    if not here:
        return "", None, {}
    waits = leading.why.values.get("why") if leading.why is not None else None
    if isinstance(waits, str) and waits in _UNFOUNDED:
        return "unfounded", Detail(waits), {}
    case = "taking-why" if leading.why is not None else "taking"
    return case, leading.why, {"host": leading.host}


def calls_refused(facts: Facts) -> Iterator[Finding]:
    """Everybody who asks for a seat is refused."""
    calls = facts.leading.calls if facts.leading is not None else None
    if calls is None or calls.granted or calls.refused < REFUSED_MIN:
        return
    known: dict[str, Value] = {"refused": calls.refused, "over_s": calls.over_s}
    if calls.reason == NO_SEAT_FREE:
        yield found("requests-refused", NOTICE, "", "full", **known)
    else:
        yield found("requests-refused", WARNING, **known, reason=calls.reason)


def upstreams_down(facts: Facts) -> Iterator[Finding]:
    """An upstream does not answer, or does not keep up."""
    leading = facts.leading
    if leading is None:
        return
    knows = {x.put_back.known_by for x in leading.upstreams if x.put_back is not None}
    takes_part, old = facts.serves and leading.term is not None, outdated(facts)
    for one in leading.upstreams:
        host = one.name
        if one.damage:
            yield found("store-damaged", WARNING, host, "", one.damage, host=host)
        elif one.shut:
            yield found("container-shut", WARNING, host, "", one.shut, host=host)
        elif not one.reachable:
            # A clock that is far off looks like a host that hangs up.
            case = "why" if one.failure is not None else ""
            if one.failure is not None and one.failure.code == REFUSED:
                case = "refuses"
            yield found("upstream-down", WARNING, host, case, one.failure, host=host)
        elif host in old:
            continue  # `hosts_outdated` says it, and what to do.
        elif one.votes is False:
            yield found("store-no-vote", WARNING, host, host=host)
        elif takes_part and one.phase != _FOLLOWING:
            if host in knows:
                yield found("upstream-apart", WARNING, host, "knows-more", host=host)
            elif one.refuses:
                yield found("upstream-apart", WARNING, host, "refuses", one.refuses, host=host)
            else:
                why = one.catching_up or Detail.of(one.phase or "no phase")
                yield found("upstream-apart", WARNING, host, "", why, host=host)
        elif one.lag > min(LAG_ENTRIES_MAX, facts.margins.lag_entries):
            severity = WARNING if one.lag > LAG_ENTRIES_MAX else NOTICE
            yield found("upstream-behind", severity, host, host=host, n=one.lag)


def disks_put_back(facts: Facts) -> Iterator[Finding]:
    """A store that does not hold what it signed, while another shows its signature.

    Any TMR host may have seen it: what proves it was shown once, to who served then.
    """
    told: set[str] = set()
    for one in (upstream for status in facts.statuses for upstream in status.upstreams):
        if one.put_back is not None and not one.damage and one.name not in told:
            told.add(one.name)
            yield found(
                "disk-put-back",
                CRITICAL,
                one.name,
                host=one.name,
                index=one.put_back.signed_index,
                other=one.put_back.known_by,
            )


def put_back(facts: Facts) -> Iterator[Finding]:
    """The ledger lacks what was proven to be committed, as any TMR host says."""
    for loss in (status.loss for status in facts.statuses):
        if loss is not None and not loss.accepted:
            known: dict[str, Value] = {"index": loss.index, "entries": loss.entries}
            known |= {"units": loss.units, "other": loss.seen_by}
            case = "anew" if loss.anew else "units" if loss.key else ""
            if case != "anew":
                known["leases"] = loss.leases
            if case == "units":
                known["key"] = loss.key
            yield found("ledger-rolled-back", CRITICAL, "", case, **known)


def two_systems(facts: Facts) -> Iterator[Finding]:
    """Two systems work with the containers, or the name, of one.

    A client proved it, or two hosts serve with two ledgers under one serial: three upstreams let
    that happen in no failover and no restore, since one ledger has two of them.
    """
    serving = {
        status.ledger_id: status.host
        for status in facts.statuses
        if status.phase == SERVING and status.virtual_serial == _serial(facts)
    }
    if len(serving) > 1:
        hosts = tuple(sorted(serving.values()))
        yield found("two-systems", CRITICAL, "", "serving", hosts=hosts, serial=_serial(facts))
        return
    for other in (status.other_system for status in facts.statuses):
        if other is not None:
            known: dict[str, Value] = {"ledger": other.ledger_id[:8], "index": other.index}
            yield found("two-systems", CRITICAL, "", **known, other=other.seen_by)


def _serial(facts: Facts) -> str:
    return facts.leading.virtual_serial if facts.leading is not None else ""


def address(facts: Facts) -> Iterator[Finding]:
    """The virtual IP has to be held by exactly one host."""
    leading = facts.leading
    if leading is None or not leading.virtual_ip:
        return
    holders = tuple(row.name for row in facts.tmr_hosts if row.holds_address)
    if len(holders) > 1:
        yield found("address-twice", CRITICAL, hosts=holders, address=leading.virtual_ip)
    elif not holders and facts.serves:
        yield found("address-nowhere", CRITICAL, address=leading.virtual_ip)


def vrrp(facts: Facts) -> Iterator[Finding]:
    """keepalived has to run on both, and the passive host has to hear the other's adverts."""
    for status in facts.statuses:
        for row in status.tmr_hosts:
            if row.name != status.host or not status.virtual_ip or is_short(status):
                continue
            if not row.vrrp:
                yield found("vrrp", WARNING, row.name, "no-word", host=row.name)
            elif row.vrrp not in _VRRP_WELL:
                yield found("vrrp", WARNING, row.name, host=row.name, state=row.vrrp)
            elif row.hears_twin is False and not row.holds_address and _is_held(facts):
                yield found("adverts-not-heard", WARNING, row.name, host=row.name)


def vrrp_strangers(facts: Facts) -> Iterator[Finding]:
    """Somebody who is not the twin sends VRRP adverts for the virtual IP."""
    for status in facts.statuses:
        row = own_row(status)
        if row is not None and row.stranger:
            yield found("vrrp-stranger", WARNING, row.name, "", row.stranger, host=row.name)


def _is_held(facts: Facts) -> bool:
    return any(row.holds_address for row in facts.tmr_hosts)


def reports(facts: Facts) -> Iterator[Finding]:
    """A host that answers has to tell how it is, too."""
    if facts.leading is None or is_short(facts.leading):
        return
    hosts = [(one.name, one.report_age_s) for one in facts.leading.upstreams if one.reachable] + [
        (row.name, row.report_age_s) for row in facts.tmr_hosts if row.role != "unreachable"
    ]
    for name, age_s in hosts:
        if age_s is None or age_s > REPORT_OLD_S:
            case = "never" if age_s is None else ""
            yield found("report-old", NOTICE, name, case, host=name)


def versions(facts: Facts) -> Iterator[Finding]:
    """All hosts have to run the same release."""
    by_version: dict[str, tuple[str, ...]] = {}
    for name, health in sorted(healths(facts), key=lambda one: (one[1].version, one[0])):
        by_version[health.version] = (*by_version.get(health.version, ()), name)
    if len(by_version) > 1 and not outdated(facts):
        yield found("versions-differ", NOTICE, versions=by_version)


def disks_and_certificates(facts: Facts) -> Iterator[Finding]:
    """Of every host, as it tells itself."""
    for name, health in healths(facts):
        yield from disk_trouble(facts, name, health.disk_free_bytes, health.disk_total_bytes)
        yield from archive_trouble(name, health.archive)
        if health.certificate_expires_at_s is not None:
            yield from certificate_trouble(facts, name, health.certificate_expires_at_s)


def unsynchronised(facts: Facts) -> Iterator[Finding]:
    """Clocks that nothing keeps right; in a lab all of them, so all are one line."""
    loose = {name for name, health in healths(facts) if health.clock_synchronised is False}
    if facts.local is not None and facts.local.clock_synchronised is False:
        loose.add(facts.local.host)
    # Of a clock that is off more is said than that.
    loose -= {finding.subject for finding in clocks(facts)}
    if loose:
        yield found("clock-unsynchronised", NOTICE, hosts=tuple(sorted(loose)))


CHECKS: Final[tuple[Check, ...]] = (
    nobody_answers,
    not_serving,
    calls_refused,
    tmr_hosts_down,
    hosts_silent,
    twins_apart,
    upstreams_down,
    disks_put_back,
    put_back,
    two_systems,
    address,
    vrrp,
    vrrp_strangers,
    reports,
    versions,
    hosts_outdated,
    rules_to_raise,
    over_reserved,
    disks_and_certificates,
    unsynchronised,
    clocks,
    containers,
    time_servers,
    licences,
    *LOCAL_CHECKS,
)


def told_in_short(facts: Facts) -> Iterator[Finding]:
    """A client asks, and the host to go by says that something is wrong, but not what."""
    leading = facts.leading
    if leading is not None and is_short(leading) and leading.verdict not in ("", "serving"):
        if leading.missing:
            yield found("told-in-short", WARNING, "", "missing", hosts=leading.missing)
        else:
            yield found("told-in-short", WARNING, host=leading.host)


def examine(facts: Facts) -> tuple[Finding, ...]:
    """All findings, the worst first, each cause once."""
    seen: dict[str, Finding] = {}
    for check in CHECKS:
        for finding in check(facts):
            seen.setdefault(finding.cause, finding)
    if not any(rank(one.severity) > rank(NOTICE) for one in seen.values()):
        seen |= {one.cause: one for one in told_in_short(facts)}
    return tuple(sorted(seen.values(), key=lambda one: (-rank(one.severity), one.cause)))
