"""Access rules in the simulator: which an operator applies, and what no grant may be against.

What is granted is judged here by a walk over all rules, which knows nothing of the rulebook.
"""

from __future__ import annotations

from random import Random

from appliance.ledger.invariants import require
from appliance.licences.access.form import (
    ALL,
    ALLOW,
    DENY,
    MAX,
    RESERVE,
    AccessRules,
    Group,
    Rule,
    RuleSet,
    Subjects,
)
from appliance.licences.commands import AnyCommand, CheckOut, Outcome, Unknown
from appliance.licences.reasons import GRANTED
from appliance.licences.state import State
from appliance.sim.vendor import FIRM_A, PRODUCT

NAMES = tuple(f"c{number}" for number in range(1, 9))


def draw_rules(rng: Random) -> AccessRules:
    """Some rules for some clients, or none."""
    groups = (Group("some", Subjects(tuple(sorted(rng.sample(NAMES, 3))))),)
    sets = []
    for scope in ((ALL, ALL), (FIRM_A, ALL), (FIRM_A, PRODUCT)):
        if rng.random() < 0.5:
            rules = tuple(_rule(rng, number) for number in range(rng.randint(1, 4)))
            sets.append(RuleSet(*scope, rng.choice((ALLOW, ALLOW, DENY)), rules))
    return AccessRules(groups, tuple(sets))


def _rule(rng: Random, line: int) -> Rule:
    action = rng.choice((ALLOW, DENY, MAX, RESERVE))
    seats = 1 if action in (MAX, RESERVE) else 0
    names = tuple(sorted(rng.sample(NAMES, rng.randint(1, 4))))
    numbers = (0,) if rng.random() < 0.3 else ()
    return Rule(action, seats, False, Subjects(names), numbers, line, 1)


def check_access(state: State, command: AnyCommand | Unknown, outcome: Outcome) -> None:
    """No lease begins against the rules in force at its entry. Raises InvariantViolation."""
    if type(command) is not CheckOut or outcome.reason != GRANTED:
        return
    in_force = state.access.get(state.access_version)
    if in_force is None or outcome.generation != state.commands_applied:
        return
    form, product = in_force.rules, (command.firm_code, command.product_code)
    used = [one for one in form.sets if _is_for(one, *product)]
    if not used:
        return
    narrowest = max(used, key=lambda one: one.scope)
    client = command.lease.client
    mine = [rule for rule in narrowest.rules if _names(form, rule, client)]
    decided = next((rule.action for rule in mine if rule.action in (ALLOW, DENY)), None)
    allowed = (decided or narrowest.default) == ALLOW
    require(allowed, f"{client} has a seat of {product} that access rules deny")
    for rule in mine:
        if rule.action == MAX:
            held = sum(
                charge.seats
                for lease in state.active_leases()
                if _names(form, rule, lease.ref.client)
                for charge in lease.lines
                if (charge.key.firm_code, charge.key.product_code) == product
            )
            require(
                held <= rule.seats, f"{held} seats of {product} under a maximum of {rule.seats}"
            )


def _is_for(one: RuleSet, firm_code: int, product_code: int) -> bool:
    return one.firm_code in (firm_code, ALL) and one.product_code in (product_code, ALL)


def _names(form: AccessRules, rule: Rule, client: str) -> bool:
    lists = [rule.subjects, *(form.groups[number].subjects for number in rule.groups)]
    return rule.everyone or any(client in of.clients for of in lists)
