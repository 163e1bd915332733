"""The checks of the two TMR hosts: who answers, who could take over, who hears whom.

A remedy must not contradict its cause: a host that refuses a certificate has power and network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.codec.api import HostStatus
from appliance.watch.facts import CRITICAL, WARNING, Facts, Finding, Value, found

QUORUM: Final = 2


def nobody_answers(facts: Facts) -> Iterator[Finding]:
    """No TMR host can be asked."""
    if facts.statuses or not facts.asked:
        return
    if not facts.silent:
        yield found("no-answer", CRITICAL, "", "unknown")
        return
    case = "turned-away" if any(one.is_there for one in facts.silent) else ""
    silent: Value = {one.address: (one.why,) for one in facts.silent}
    yield found("no-answer", CRITICAL, "", case, silent=silent)


def tmr_hosts_down(facts: Facts) -> Iterator[Finding]:
    """A TMR host is not there to take over, or two think that they serve."""
    active = tuple(row.name for row in facts.tmr_hosts if row.role == "active")
    for row in facts.tmr_hosts:
        if row.role == "unreachable":
            yield found("tmr-down", WARNING, row.name, host=row.name)
        elif row.role == "maintenance":
            yield found("maintenance", WARNING, row.name, host=row.name)
        elif row.role == "passive" and facts.serves and _cut_off(row):
            reached = row.reached or 0
            yield found("standby-cut-off", WARNING, row.name, host=row.name, reached=reached)
    if len(active) > 1:
        yield found("two-active", WARNING, hosts=active)


def _cut_off(row: HostStatus) -> bool:
    return row.reached is not None and row.reached < QUORUM


def hosts_silent(facts: Facts) -> Iterator[Finding]:
    """An address of the profile does not answer although its host is up by its twin's word."""
    unreachable = any(row.role == "unreachable" for row in facts.tmr_hosts)
    if facts.statuses and not unreachable:
        for one in facts.silent:
            case = "turned-away" if one.is_there else ""
            yield found(
                "address-silent", WARNING, one.address, case, address=one.address, why=one.why
            )


def twins_apart(facts: Facts) -> Iterator[Finding]:
    """Both TMR hosts answer, and at least one of them says that the other does not.

    One host alone cannot tell this from a twin that is down.
    """
    own = {status.host for status in facts.statuses}
    for status in facts.statuses:
        if any(row.role == "unreachable" and row.name in own for row in status.tmr_hosts):
            yield found("twins-apart", WARNING, hosts=tuple(sorted(own)))
