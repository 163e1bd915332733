"""Access rules for tests: small makers, and an oracle that walks all rules at each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Final

from appliance.licences import commands as c
from appliance.licences.access.form import (
    ALL,
    ALLOW,
    MAX,
    RESERVE,
    AccessRules,
    Group,
    Network,
    Rule,
    RuleSet,
    Subjects,
)
from appliance.licences.access.rulebook import Asker
from appliance.licences.names import tag_of
from tests.unit.licences.builders import FIRM, KEY_OF_NAMES, PRODUCT, Desk

EVERYTHING: Final = (ALL, ALL)
THE_FIRM: Final = (FIRM, ALL)
THE_PRODUCT: Final = (FIRM, PRODUCT)


def tag(name: str) -> bytes:
    """A user's or computer's tag."""
    return tag_of(KEY_OF_NAMES, name)


def network(text: str) -> Network:
    """An IPv4 network."""
    one = ip_network(text)
    return Network(one.network_address.packed, one.prefixlen)


def subjects(*texts: str) -> Subjects:
    """Subjects as people write them, such as `user:ada`; clients begin with `cert:`."""
    found: dict[str, list[Any]] = {"cert": [], "user": [], "host": [], "network": []}
    for text in texts:
        kind, _, name = text.partition(":")
        if kind == "cert":
            found[kind].append(text)
        elif kind == "network":
            found[kind].append(network(name))
        else:
            found[kind].append(tag(name))
    return Subjects(*(tuple(sorted(of)) for of in found.values()))


def rule(action: str, *who: str, seats: int = 0, groups: Sequence[int] = (), line: int = 1) -> Rule:
    """A rule for these subjects and groups, or for everyone."""
    return Rule(
        action, seats, not who and not groups, subjects(*who), tuple(sorted(groups)), line, 1
    )


def numbered(*rules: Rule) -> tuple[Rule, ...]:
    """The same, each at a line of its own."""
    from msgspec.structs import replace

    return tuple(replace(one, line=10 + number) for number, one in enumerate(rules))


def rule_set(*rules: Rule, scope: tuple[int, int] = THE_PRODUCT, default: str = ALLOW) -> RuleSet:
    """A set of these rules."""
    return RuleSet(*scope, default, numbered(*rules))


def form(*sets: RuleSet, groups: Sequence[tuple[str, Subjects]] = ()) -> AccessRules:
    """A document."""
    named = tuple(Group(name, of) for name, of in sorted(groups))
    return AccessRules(named, tuple(sorted(sets, key=lambda one: one.scope)))


def apply(desk: Desk, rules: AccessRules, base: int | None = None, why: str = "asked") -> c.Outcome:
    """Put rules in force on top of those that are."""
    base = desk.state.access_version if base is None else base
    return desk.do(c.SetAccess(base, rules, "cert:adam", why))


def asker(user: str = "", host: str = "", client: str = "cert:ada", address: str = "") -> Asker:
    """Who asks."""
    packed = ip_address(address).packed if address else b""
    return Asker(client, tag(user), tag(host), packed)


# --- the oracle ---


def matches(rules: AccessRules, one: Rule, who: Asker) -> bool:
    """Whether a rule is for somebody: the rule and each of its groups are walked."""
    if one.everyone:
        return True
    lists = [one.subjects, *(rules.groups[number].subjects for number in one.groups)]
    for of in lists:
        if who.client in of.clients or who.user in of.users or who.host in of.hosts:
            return True
        for net in of.networks:
            size = len(net.prefix)
            if (
                len(who.address) == size
                and _bits(who.address)[: net.bits] == (_bits(net.prefix)[: net.bits])
            ):
                return True
    return False


def _bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data)


def used_set(rules: AccessRules, firm: int, product: int) -> RuleSet | None:
    """The set with the narrowest scope."""
    fit = [
        one
        for one in rules.sets
        if one.firm_code in (firm, ALL) and one.product_code in (product, ALL)
    ]
    return max(fit, key=lambda one: one.scope, default=None)


def allowed(rules: AccessRules, firm: int, product: int, who: Asker) -> tuple[bool, int]:
    """Whether somebody may have a seat, and by which rule (-1: by default or without a set)."""
    used = used_set(rules, firm, product)
    if used is None:
        return True, -1
    for number, one in enumerate(used.rules):
        if one.action not in (MAX, RESERVE) and matches(rules, one, who):
            return one.action == ALLOW, number
    return used.default == ALLOW, -1


@dataclass
class Pool:
    """Seats of one product, each of one holder; leases in the order in which they were granted."""

    quantity: int
    held: dict[str, tuple[Asker, int, list[int]]] = field(default_factory=dict)
    """By lease: who, how many seats, and which reserve each is counted under (-1: none)."""

    def room(self, used: RuleSet, number: int) -> int:
        """How many seats of a reserve are not used."""
        taken = sum(of.count(number) for _, _, of in self.held.values())
        return used.rules[number].seats - taken

    def why_not(self, rules: AccessRules, used: RuleSet | None, who: Asker, seats: int) -> str:
        """Why somebody may not have so many; "" if he may."""
        free = self.quantity - sum(count for _, count, _ in self.held.values())
        if seats > free:
            return "no-seat-free"
        if used is None:
            return ""
        for one in used.rules:
            if one.action == MAX and matches(rules, one, who):
                under = sum(
                    count for asker, count, _ in self.held.values() if matches(rules, one, asker)
                )
                if under + seats > one.seats:
                    return "maximum-reached"
        mine = 0
        for number, one in enumerate(used.rules):
            if one.action == RESERVE:
                backed = min(free, self.room(used, number))
                free -= backed
                mine += backed if matches(rules, one, who) else 0
        return "seats-reserved" if seats > free + mine else ""

    def take(
        self, rules: AccessRules, used: RuleSet | None, name: str, who: Asker, seats: int
    ) -> None:
        """Count so many seats as this lease's."""
        of: list[int] = []
        self.held[name] = (who, seats, of)
        for number, one in enumerate(used.rules if used is not None else ()):
            if one.action == RESERVE and matches(rules, one, who):
                of += [number] * min(seats - len(of), self.room(used, number))  # type: ignore[arg-type]
        of += [-1] * (seats - len(of))

    def again(self, rules: AccessRules, used: RuleSet | None) -> None:
        """Other rules are in force: count all anew, in the order in which they came."""
        held, self.held = self.held, {}
        for name, (who, seats, _) in held.items():
            self.take(rules, used, name, who, seats)
