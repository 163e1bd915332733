"""Every check of the system as a whole: facts in, findings out (issue 5, `tmr doctor`).

A check is pure and looks at one kind of trouble. What can go wrong in here is one cause with twenty
alarms: so what follows from something else that is reported is left out (of a host that does not
answer, nothing else is said).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.codec.api import HostHealth, LicenceDocument, UpstreamStatus
from appliance.watch.clock_checks import clocks
from appliance.watch.facts import CRITICAL, WARNING, Facts, Finding
from appliance.watch.local_checks import LOCAL_CHECKS
from appliance.watch.thresholds import (
    LAG_ENTRIES_MAX,
    LICENCE_WARN_S,
    REPORT_OLD_S,
    archive_trouble,
    certificate_trouble,
    days,
    disk_trouble,
)

_FOLLOWING: Final = "following"
_REFUSED: Final = "refused:"
_BAD_TIME: Final = frozenset(("failed", "liar"))
_VRRP_WELL: Final = frozenset(("master", "backup"))
Check = Callable[[Facts], Iterable[Finding]]


def nobody_answers(facts: Facts) -> Iterator[Finding]:
    """No TMR host can be asked."""
    if facts.asked and not facts.statuses:
        said = "; ".join(f"{one.address}: {one.why}" for one in facts.silent)
        yield Finding(
            cause="no-answer",
            severity=CRITICAL,
            what=f"No TMR host answers ({said or 'none is known'}).",
            remedy="Look at tmr-server.service on both TMR hosts, and at the network to them.",
        )


def not_serving(facts: Facts) -> Iterator[Finding]:
    """The system does not serve."""
    leading = facts.leading
    if leading is not None and leading.verdict == "down":
        yield Finding(
            cause="not-serving",
            severity=CRITICAL,
            what=f"No licence can be taken: {leading.reason}.",
            remedy="Bring back the hosts that are named here: two upstreams and one TMR host are "
            "enough to serve.",
        )


def tmr_hosts_down(facts: Facts) -> Iterator[Finding]:
    """A TMR host is not there to take over, or two think that they serve."""
    active = []
    for row in facts.tmr_hosts:
        if row.role == "unreachable":
            yield Finding(
                cause=f"tmr-down/{row.name}",
                severity=WARNING,
                what=f"{row.name} does not answer: nobody could take over.",
                remedy=f"Look whether {row.name} has power and network, then at "
                "tmr-server.service on it.",
            )
        elif row.role == "maintenance":
            yield Finding(
                cause=f"maintenance/{row.name}",
                severity=WARNING,
                what=f"{row.name} is in maintenance: nobody could take over.",
                remedy=f"End it when the work is done: `tmr maintenance off {row.name}`.",
            )
        elif row.role == "active":
            active.append(row.name)
    if len(active) > 1:
        yield Finding(
            cause="two-active",
            severity=WARNING,
            what=f"{' and '.join(active)} both say that they serve; the upstreams let only one.",
            remedy="If it stays so, look at the links from both TMR hosts to the upstreams.",
        )


def hosts_silent(facts: Facts) -> Iterator[Finding]:
    """An address of the profile does not answer although its host is up by its twin's word."""
    unreachable = any(row.role == "unreachable" for row in facts.tmr_hosts)
    if facts.statuses and not unreachable:
        for one in facts.silent:
            yield Finding(
                cause=f"address-silent/{one.address}",
                severity=WARNING,
                what=f"{one.address} does not answer from here ({one.why}).",
                remedy="Check the address in the profile, and the network and packet filter "
                "between here and there.",
            )


def upstreams_down(facts: Facts) -> Iterator[Finding]:
    """An upstream does not answer, or does not keep up."""
    leading = facts.leading
    if leading is None:
        return
    serves = any(row.role == "active" for row in facts.tmr_hosts)
    for one in leading.upstreams:
        if one.damage:
            yield Finding(
                cause=f"store-damaged/{one.name}",
                severity=WARNING,
                what=f"The store of {one.name} is damaged ({one.damage}): it takes no part, and the"
                " next upstream lost ends the service.",
                remedy=f"Stop tmr-upstream.service on {one.name}, look after its disk, set the"
                " store aside with `tmr upstream init --again`, and have the new one admitted.",
            )
        elif not one.reachable:
            yield _upstream_down(one)
        elif serves and leading.term is not None and one.phase != _FOLLOWING:
            yield Finding(
                cause=f"upstream-apart/{one.name}",
                severity=WARNING,
                what=f"{one.name} answers but does not take part: {one.phase or 'no phase'}.",
                remedy=f"Give it a minute; if it stays so, read `tmr logs --host {one.name}`.",
            )
        elif one.lag > LAG_ENTRIES_MAX:
            yield Finding(
                cause=f"upstream-behind/{one.name}",
                severity=WARNING,
                what=f"{one.name} is {one.lag} entries behind.",
                remedy=f"Look at the disk and the load of {one.name}, and at the network to it.",
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
    elif not holders and any(row.role == "active" for row in facts.tmr_hosts):
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
            if row.name != status.host or not status.virtual_ip:
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


def _is_held(facts: Facts) -> bool:
    return any(row.holds_address for row in facts.tmr_hosts)


def _healths(facts: Facts) -> Iterator[tuple[str, HostHealth]]:
    """Every host that told how it is."""
    for row in facts.tmr_hosts:
        if row.health is not None:
            yield row.name, row.health
    if facts.leading is not None:
        for one in facts.leading.upstreams:
            if one.health is not None:
                yield one.name, one.health


def reports(facts: Facts) -> Iterator[Finding]:
    """A host that answers has to tell how it is, too."""
    if facts.leading is None:
        return
    hosts = [(one.name, one.report_age_s) for one in facts.leading.upstreams if one.reachable] + [
        (row.name, row.report_age_s) for row in facts.tmr_hosts if row.role != "unreachable"
    ]
    for name, age_s in hosts:
        if age_s is None or age_s > REPORT_OLD_S:
            since = "never did" if age_s is None else "did not lately"
            yield Finding(
                cause=f"report-old/{name}",
                severity=WARNING,
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
            severity=WARNING,
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
        if health.clock_synchronised is False:
            yield Finding(
                cause=f"clock-unsynchronised/{name}",
                severity=WARNING,
                what=f"Nothing keeps the clock of {name} right.",
                remedy=f"Look at `chronyc sources` on {name}: it needs a time source it can reach.",
            )


def containers(facts: Facts) -> Iterator[Finding]:
    """A container that is blocked, and a time server that does not answer it."""
    if facts.leading is None:
        return
    for one in facts.leading.upstreams:
        if one.locked:
            yield Finding(
                cause=f"container-locked/{one.name}",
                severity=WARNING,
                what=f"The container of {one.name} is blocked: {one.locked}.",
                remedy="Ask the vendor why it was blocked; it takes a new container or a release.",
            )
        for server in one.time_servers:
            if server.state in _BAD_TIME:
                yield Finding(
                    cause=f"time-server/{one.name}/{server.url}",
                    severity=WARNING,
                    what=f"{one.name} gets no certified time from {server.url}: "
                    f"{server.detail or server.state}.",
                    remedy=f"Check the way from {one.name} to that server, or name another.",
                )


def licences(facts: Facts) -> Iterator[Finding]:
    """Twins that are missing or differ, and licences about to end."""
    if facts.licences is None or facts.leading is None:
        return
    down = {one.name for one in facts.leading.upstreams if not one.reachable}
    for licence in facts.licences.licences:
        name = f"{licence.firm_code}:{licence.product_code}#{licence.tmr_id}"
        broken = [
            part
            for part in licence.constituents
            if part.state in ("missing", "differs") and part.host not in down
        ]
        if broken:
            yield _broken(
                name, licence, [f"{p.host or f'twin {p.twin}'} {p.state}" for p in broken]
            )
        if licence.units_unconfirmed:
            yield Finding(
                cause=f"units-unconfirmed/{name}",
                severity=CRITICAL,
                what=f"Licence {name} ({licence.text or licence.firm_name}) rests: this system was"
                " restored from a backup, and its unit counter is not confirmed.",
                remedy="Give the vendor the backup and the ledger id (`tmr status --json`), and"
                " import the update that confirms the counter.",
            )
        left_s = (
            None if licence.expires_at_s is None else licence.expires_at_s - (facts.now_ms / 1000)
        )
        if left_s is not None and left_s < LICENCE_WARN_S:
            ended = left_s <= 0
            yield Finding(
                cause=f"licence-expiry/{name}",
                severity=CRITICAL if ended else WARNING,
                what=f"Licence {name} ({licence.text or licence.firm_name}) "
                + ("has expired." if ended else f"expires in {days(left_s)}."),
                remedy="Ask the vendor for an update and import it at all three upstreams.",
            )


def _broken(name: str, licence: LicenceDocument, said: list[str]) -> Finding:
    return Finding(
        cause=f"licence-twin/{name}",
        severity=WARNING if licence.available else CRITICAL,
        what=f"Licence {name} ({licence.text or licence.firm_name}) is not whole: "
        f"{', '.join(said)}.",
        remedy="Import the vendor's update at the upstreams that are named: `tmr container "
        "import`.",
    )


CHECKS: Final[tuple[Check, ...]] = (
    nobody_answers,
    not_serving,
    tmr_hosts_down,
    hosts_silent,
    upstreams_down,
    address,
    vrrp,
    reports,
    versions,
    disks_and_certificates,
    clocks,
    containers,
    licences,
    *LOCAL_CHECKS,
)


def examine(facts: Facts) -> tuple[Finding, ...]:
    """All findings, the worst first, each cause once."""
    found: dict[str, Finding] = {}
    for check in CHECKS:
        for finding in check(facts):
            found.setdefault(finding.cause, finding)
    return tuple(sorted(found.values(), key=lambda one: (one.severity != CRITICAL, one.cause)))
