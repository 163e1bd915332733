"""Rules (docs/rules.md): whose release knows fewer than are in force, and what may be raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.watch.facts import NOTICE, WARNING, Facts, Finding, found, healths

HOSTS: Final = 5


def outdated(facts: Facts) -> dict[str, int]:
    """The hosts that answer with a release that does not know the rules in force, and which it
    knows. All else that is wrong with them follows from that."""
    leading = facts.leading
    if leading is None:
        return {}
    return {name: one.rules for name, one in healths(facts) if one.rules < leading.rules}


def hosts_outdated(facts: Facts) -> Iterator[Finding]:
    """A host takes no part, since its release is too old."""
    leading = facts.leading
    if leading is None:
        return
    for host, known in outdated(facts).items():
        yield found("host-outdated", WARNING, host, host=host, known=known, in_force=leading.rules)


def rules_to_raise(facts: Facts) -> Iterator[Finding]:
    """All hosts know higher rules than those in force: the end of an upgrade is still to come."""
    leading = facts.leading
    known = [one.rules for _, one in healths(facts)]
    if leading is None or not leading.rules or len(known) < HOSTS:
        return
    if min(known) > leading.rules:
        yield found("rules-to-raise", NOTICE, known=min(known), in_force=leading.rules)
