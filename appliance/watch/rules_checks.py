"""Rules (docs/rules.md): whose release knows fewer than are in force, and what may be raised; and
access rules (docs/access.md) that reserve too much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

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


def over_reserved(facts: Facts) -> Iterator[Finding]:
    """Access rules reserve more seats of a product than there are: a licence became smaller since
    they were put in force. Earlier lines get theirs, later ones get less, or none."""
    leading = facts.leading
    for one in leading.over_reserved if leading is not None else ():
        product = f"{one.firm_code}:{one.product_code}"
        finding = found(
            "over-reserved",
            WARNING,
            "" if one.others else product,
            product=product,
            reserved=one.reserved,
            quantity=one.quantity,
        )
        yield replace(finding, others=one.others)
