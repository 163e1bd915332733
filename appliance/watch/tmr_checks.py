"""The checks of the two TMR hosts: who answers, who could take over, who hears whom.

What can go wrong in here is a remedy that contradicts the cause: a host that refuses a certificate
has power and network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.watch.facts import CRITICAL, WARNING, Facts, Finding

QUORUM: Final = 2


def nobody_answers(facts: Facts) -> Iterator[Finding]:
    """No TMR host can be asked."""
    if facts.asked and not facts.statuses:
        said = "; ".join(f"{one.address}: {one.why}" for one in facts.silent)
        yield Finding(
            cause="no-answer",
            severity=CRITICAL,
            what=f"No TMR host answers ({said or 'none is known'}).",
            remedy="See to the reason that is named: a host is there."
            if any(one.is_there for one in facts.silent)
            else "Look at tmr-server.service on both TMR hosts, and at the network to them.",
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
        elif row.role == "passive" and facts.serves and row.reached is not None:
            if row.reached < QUORUM:
                yield Finding(
                    cause=f"standby-cut-off/{row.name}",
                    severity=WARNING,
                    what=f"{row.name} reaches {row.reached} of three upstreams: nobody could take"
                    " over.",
                    remedy=f"Look at the network between {row.name} and the upstreams, and at its"
                    " clock and certificate.",
                )
        elif row.role == "maintenance":
            yield Finding(
                cause=f"maintenance/{row.name}",
                severity=WARNING,
                what=f"{row.name} is in maintenance: nobody could take over.",
                remedy=f"End it when the work is done: `tmr maintenance off {row.name} --why …`.",
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
                remedy="See to the reason that is named: a host is there."
                if one.is_there
                else "Check the address in the profile, and the network and packet filter between"
                " here and there.",
            )


def twins_apart(facts: Facts) -> Iterator[Finding]:
    """Both TMR hosts answer, and at least one of them says that the other does not.

    One host alone cannot tell this from a twin that is down.
    """
    own = {status.host for status in facts.statuses}
    for status in facts.statuses:
        if any(row.role == "unreachable" and row.name in own for row in status.tmr_hosts):
            yield Finding(
                cause="twins-apart",
                severity=WARNING,
                what=f"{' and '.join(sorted(own))} do not hear each other, though both answer.",
                remedy="Look at the network and the packet filter between the two TMR hosts, and"
                " at their clocks and certificates.",
            )
