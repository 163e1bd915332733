"""Every check of the system as a whole: facts in, findings out (issue 5, `tmr doctor`).

A check is pure and looks at one kind of trouble. What can go wrong in here is one cause with twenty
alarms: so what follows from something else that is reported is left out (of a host that does not
answer, nothing else is said).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.codec.api import HostHealth, StatusDocument, UpstreamStatus
from appliance.ledger.membership.founding_anew import UNFOUNDED
from appliance.watch.clock_checks import clocks
from appliance.watch.container_checks import containers
from appliance.watch.facts import CRITICAL, NOTICE, WARNING, Facts, Finding, is_short, own_row
from appliance.watch.licence_checks import licences
from appliance.watch.local_checks import LOCAL_CHECKS
from appliance.watch.problems import rank
from appliance.watch.thresholds import (
    LAG_ENTRIES_MAX,
    REFUSED_MIN,
    REPORT_OLD_S,
    archive_trouble,
    certificate_trouble,
    disk_trouble,
)
from appliance.watch.tmr_checks import (
    QUORUM,
    hosts_silent,
    nobody_answers,
    tmr_hosts_down,
    twins_apart,
)

_FOLLOWING: Final = "following"
_REFUSED: Final = "refused:"
_VRRP_WELL: Final = frozenset(("master", "backup"))
Check = Callable[[Facts], Iterable[Finding]]


def not_serving(facts: Facts) -> Iterator[Finding]:
    """The system does not serve."""
    leading = facts.leading
    if leading is None or facts.serves:
        return
    why, remedy = _why_down(leading)
    if any(True for _ in disks_put_back(facts)):
        why = "there are two logs, both vouched for, and nobody may choose one"
        remedy = 'Follow docs/replacing.md, "A disk was put back": the problems below name it.'
    yield Finding(
        cause="not-serving",
        severity=CRITICAL,
        what=f"No licence can be taken: {why}.",
        remedy=remedy,
        brief=why,
    )


def _why_down(leading: StatusDocument) -> tuple[str, str]:
    """Why nothing is served, by the host to go by, and what to do."""
    hosts = "Bring back the hosts that are named here: two upstreams and one TMR host are enough."
    if len(leading.missing) >= QUORUM:
        return f"quorum lost: {', '.join(leading.missing)} do not answer", hosts
    damaged = [one.name for one in leading.upstreams if one.damage]
    if len({*leading.missing, *damaged}) >= QUORUM:
        out = ", ".join(sorted({*leading.missing, *damaged}))
        return f"quorum lost: {out} take no part", hosts
    own = own_row(leading)
    waits = next((word for word in UNFOUNDED if word in leading.why), "")
    here = own is not None and (own.holds_address or not leading.virtual_ip)
    if here and waits:
        return (
            f"no ledger is founded: {waits}",
            "Finish `tmr restore`, or found it with all three upstreams: docs/backup.md.",
        )
    if here:
        said = f" ({leading.why})" if leading.why else ""
        return (
            f"{leading.host} has the address and takes a term{said}",
            "This takes a second. If it stays so, read `tmr logs --level warning`.",
        )
    return (
        "no TMR host is known to serve",
        "A failover takes a second. If it stays so, look at tmr-server.service and tmr-vip.service"
        " on both TMR hosts.",
    )


def calls_refused(facts: Facts) -> Iterator[Finding]:
    """Everybody who asks for a seat is refused."""
    calls = facts.leading.calls if facts.leading is not None else None
    if calls is None or calls.granted or calls.refused < REFUSED_MIN:
        return
    full = calls.reason == "no-seat-free"
    yield Finding(
        cause="requests-refused",
        severity=NOTICE if full else WARNING,
        what=f"All {calls.refused} check-outs of the last {calls.over_s:.0f} s were refused, mostly"
        f" as {calls.reason}.",
        remedy="`tmr leases` shows who holds the seats: release one, or ask the vendor for more."
        if full
        else "`tmr licences` shows what can be used, and why not.",
        brief=f"all check-outs are refused, mostly as {calls.reason}",
    )


def upstreams_down(facts: Facts) -> Iterator[Finding]:
    """An upstream does not answer, or does not keep up."""
    leading = facts.leading
    if leading is None:
        return
    serves = facts.serves
    for one in leading.upstreams:
        if one.damage:
            yield Finding(
                cause=f"store-damaged/{one.name}",
                severity=WARNING,
                what=f"The store of {one.name} is damaged ({one.damage}): it takes no part, and the"
                " next upstream lost ends the service.",
                remedy=f"Stop tmr-upstream.service on {one.name}, look after its disk, set the"
                " store aside with `tmr upstream init --again --config FILE`, and have the new one"
                " admitted.",
                brief=f"the store of {one.name} takes no part",
            )
        elif not one.reachable:
            yield _upstream_down(one)
        elif one.votes is False:
            yield Finding(
                cause=f"store-no-vote/{one.name}",
                severity=WARNING,
                what=f"The store of {one.name} has no vote: the next upstream lost ends the"
                " service.",
                remedy="If it is meant to vote, have it admitted: `tmr replace-upstream`.",
                brief=f"the store of {one.name} has no vote",
            )
        elif serves and leading.term is not None and one.phase != _FOLLOWING:
            knows = {x.put_back.known_by for x in leading.upstreams if x.put_back is not None}
            yield _upstream_apart(one, one.name in knows)
        elif one.lag > LAG_ENTRIES_MAX:
            yield Finding(
                cause=f"upstream-behind/{one.name}",
                severity=WARNING,
                what=f"{one.name} is {one.lag} entries behind.",
                remedy=f"Look at the disk and the load of {one.name}, and at the network to it.",
            )


def _upstream_apart(one: UpstreamStatus, knows_more: bool) -> Finding:
    """It answers, and does not take part: it catches up, or refuses the log that it is given."""
    why = one.refuses or one.catching_up or one.phase or "no phase"
    if knows_more:
        why = "it holds another log than the one that serves"
    brief = f"{one.name} does not take part: {why}"
    if one.refuses or knows_more:
        return Finding(
            cause=f"upstream-apart/{one.name}",
            severity=WARNING,
            what=f"{one.name} answers but does not take part: {why}.",
            remedy=f"Stop {one.name} and keep its disk: it may know what the others lost. Then"
            ' read docs/replacing.md, "A disk was put back".',
            brief=brief,
        )
    return Finding(
        cause=f"upstream-apart/{one.name}",
        severity=WARNING,
        what=f"{one.name} answers but does not take part: {why}.",
        remedy=f"Give it a minute; if it stays so, read `tmr logs --host {one.name}`.",
        brief=brief,
    )


def disks_put_back(facts: Facts) -> Iterator[Finding]:
    """A store that does not hold what it signed, while another shows its signature.

    Any TMR host may have seen it: what proves it was shown once, to who served then.
    """
    told: set[str] = set()
    for status in facts.statuses:
        for one in status.upstreams:
            if one.put_back is None or one.damage or one.name in told:
                continue
            told.add(one.name)
            knows, index = one.put_back.known_by, one.put_back.signed_index
            yield Finding(
                cause=f"disk-put-back/{one.name}",
                severity=CRITICAL,
                what=f"There are two logs, both vouched for: {one.name} signed entry {index} that"
                f" {knows} holds, and does not hold it any more, so the disk of {one.name} was put"
                " back to an earlier state.",
                remedy=f"Do not touch the disk of {knows}: it knows more. Then decide whose log"
                ' goes on, as docs/replacing.md says under "A disk was put back".',
                brief=f"two logs: the disk of {one.name} was put back, {knows} knows more",
            )


def _upstream_down(one: UpstreamStatus) -> Finding:
    """With the reason, as far as it can be seen from here: a clock far off looks like this."""
    remedy = (
        f"Look at the clock of {one.name} (`timedatectl`): put right, it brings the host back. If"
        " it is right already, read `journalctl -u tmr-upstream` there."
        if one.failure.startswith(_REFUSED)
        else f"Look whether {one.name} has power and network, then at tmr-upstream.service on it."
    )
    why = f" ({one.failure})" if one.failure else ""
    return Finding(
        cause=f"upstream-down/{one.name}",
        severity=WARNING,
        what=f"{one.name} does not answer{why}: the next upstream lost ends the service.",
        remedy=remedy,
        brief=f"{one.name} does not answer",
    )


def address(facts: Facts) -> Iterator[Finding]:
    """The virtual IP has to be held by exactly one host."""
    leading = facts.leading
    if leading is None or not leading.virtual_ip:
        return
    holders = [row.name for row in facts.tmr_hosts if row.holds_address]
    if len(holders) > 1:
        yield Finding(
            cause="address-twice",
            severity=CRITICAL,
            what=f"{' and '.join(holders)} both hold the address {leading.virtual_ip}.",
            remedy="Look whether VRRP (protocol 112) passes between the two, then restart "
            "tmr-vip.service on the one that does not serve.",
        )
    elif not holders and facts.serves:
        yield Finding(
            cause="address-nowhere",
            severity=CRITICAL,
            what=f"No host holds the address {leading.virtual_ip}, so no client gets through.",
            remedy="Look at tmr-vip.service on both TMR hosts.",
        )


def vrrp(facts: Facts) -> Iterator[Finding]:
    """keepalived has to run on both, and the passive host has to hear the other's adverts."""
    for status in facts.statuses:
        for row in status.tmr_hosts:
            if row.name != status.host or not status.virtual_ip or is_short(status):
                continue
            if row.vrrp not in _VRRP_WELL:
                yield Finding(
                    cause=f"vrrp/{row.name}",
                    severity=WARNING,
                    what=f"VRRP does not run on {row.name} ({row.vrrp or 'no word from it'}): "
                    "it could not take the address.",
                    remedy=f"Read `journalctl -u tmr-vip` on {row.name}.",
                )
            elif row.hears_twin is False and not row.holds_address and _is_held(facts):
                yield Finding(
                    cause=f"adverts-not-heard/{row.name}",
                    severity=WARNING,
                    what=f"{row.name} does not hear the VRRP adverts of the host with the address.",
                    remedy="Let IP protocol 112 pass between the two TMR hosts, by multicast or "
                    "by vip_unicast.",
                )


def vrrp_strangers(facts: Facts) -> Iterator[Finding]:
    """Somebody who is not the twin sends VRRP adverts for the virtual IP."""
    for status in facts.statuses:
        row = own_row(status)
        if row is not None and row.stranger:
            yield Finding(
                cause=f"vrrp-stranger/{row.name}",
                severity=WARNING,
                what=f"A stranger on the network of {row.name} wants the virtual IP:"
                f" {row.stranger}.",
                remedy="Find out who that is and keep it off this network; another VRRP router"
                " there needs another router id than `tmr_vrid`.",
            )


def _is_held(facts: Facts) -> bool:
    return any(row.holds_address for row in facts.tmr_hosts)


def _healths(facts: Facts) -> Iterator[tuple[str, HostHealth]]:
    """Every host that answers and told how it is."""
    for row in facts.tmr_hosts:
        if row.health is not None and row.role != "unreachable":
            yield row.name, row.health
    if facts.leading is not None:
        for one in facts.leading.upstreams:
            if one.health is not None and one.reachable:
                yield one.name, one.health


def reports(facts: Facts) -> Iterator[Finding]:
    """A host that answers has to tell how it is, too."""
    if facts.leading is None or is_short(facts.leading):
        return
    hosts = [(one.name, one.report_age_s) for one in facts.leading.upstreams if one.reachable] + [
        (row.name, row.report_age_s) for row in facts.tmr_hosts if row.role != "unreachable"
    ]
    for name, age_s in hosts:
        if age_s is None or age_s > REPORT_OLD_S:
            since = "never did" if age_s is None else "did not lately"
            yield Finding(
                cause=f"report-old/{name}",
                severity=NOTICE,
                what=f"{name} serves but {since} tell how it is: its disk and clock are unknown.",
                remedy=f"If {name} runs an earlier version, upgrade it; else read its log.",
            )


def versions(facts: Facts) -> Iterator[Finding]:
    """All hosts have to run the same release."""
    by_version: dict[str, list[str]] = {}
    for name, health in _healths(facts):
        by_version.setdefault(health.version, []).append(name)
    if len(by_version) > 1:
        said = "; ".join(f"{v} on {', '.join(sorted(by_version[v]))}" for v in sorted(by_version))
        yield Finding(
            cause="versions-differ",
            severity=NOTICE,
            what=f"Hosts run different versions: {said}.",
            remedy="Finish it: `ansible-playbook playbooks/rolling_upgrade.yml`.",
        )


def disks_and_certificates(facts: Facts) -> Iterator[Finding]:
    """Of every host, as it tells itself."""
    for name, health in _healths(facts):
        yield from disk_trouble(name, health.disk_free_bytes, health.disk_total_bytes)
        yield from archive_trouble(name, health.archive)
        if health.certificate_expires_at_s is not None:
            left_s = health.certificate_expires_at_s - facts.now_ms / 1000
            yield from certificate_trouble(name, left_s)


def unsynchronised(facts: Facts) -> Iterator[Finding]:
    """Clocks that nothing keeps right; in a lab all of them, so all are one line."""
    loose = [name for name, health in _healths(facts) if health.clock_synchronised is False]
    local = facts.local
    if local is not None and local.clock_synchronised is False and local.host not in loose:
        loose.append(local.host)
    # Of a clock that is off more is said than that.
    off = {finding.subject for finding in clocks(facts)}
    loose = [name for name in loose if name not in off]
    if loose:
        one = len(loose) == 1
        hosts = ", ".join(sorted(loose))
        yield Finding(
            cause="clock-unsynchronised",
            severity=NOTICE,
            what=f"Nothing keeps the {'clock' if one else 'clocks'} of {hosts} right.",
            remedy="Look at `chronyc sources` there: a host needs a time source it can reach; in a"
            " lab there is none.",
        )


CHECKS: Final[tuple[Check, ...]] = (
    nobody_answers,
    not_serving,
    calls_refused,
    tmr_hosts_down,
    hosts_silent,
    twins_apart,
    upstreams_down,
    disks_put_back,
    address,
    vrrp,
    vrrp_strangers,
    reports,
    versions,
    disks_and_certificates,
    unsynchronised,
    clocks,
    containers,
    licences,
    *LOCAL_CHECKS,
)


def told_in_short(facts: Facts) -> Iterator[Finding]:
    """A client asks, and the host to go by says that something is wrong, but not what."""
    leading = facts.leading
    if leading is not None and is_short(leading) and leading.verdict not in ("", "serving"):
        yield Finding(
            cause="told-in-short",
            severity=WARNING,
            what=f"{leading.host} says that something is wrong ({leading.reason}), and tells only"
            " operators what.",
            remedy="Ask an operator, or repeat this with an operator's certificate.",
            brief=leading.reason,
        )


def examine(facts: Facts) -> tuple[Finding, ...]:
    """All findings, the worst first, each cause once."""
    found: dict[str, Finding] = {}
    for check in CHECKS:
        for finding in check(facts):
            found.setdefault(finding.cause, finding)
    if not any(rank(one.severity) > rank(NOTICE) for one in found.values()):
        found |= {one.cause: one for one in told_in_short(facts)}
    return tuple(sorted(found.values(), key=lambda one: (-rank(one.severity), one.cause)))
