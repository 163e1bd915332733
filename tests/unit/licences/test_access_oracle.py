"""Access rules against an oracle that walks: who is let in, how many, and for whom."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
)
from hypothesis.stateful import rule as step

from appliance.ledger.invariants import check_state
from appliance.licences import reasons
from appliance.licences.access import form as forms
from appliance.licences.access.form import ALLOW, DENY, MAX, RESERVE, AccessRules
from appliance.licences.access.rulebook import Asker, keys_of, rulebook_of, ruled_for, verdict
from appliance.licences.snapshot import dump, load
from tests.unit.licences.access_rules import (
    EVERYTHING,
    THE_FIRM,
    THE_PRODUCT,
    Pool,
    allowed,
    apply,
    asker,
    form,
    rule,
    rule_set,
    subjects,
    used_set,
)
from tests.unit.licences.builders import FIRM, PRODUCT, founded, give_back, product
from tests.unit.licences.test_access import SECOND, ask

NAMES = ("ada", "bob", "eve")
WHO = [
    *(f"user:{name}" for name in NAMES),
    *("host:lab", "host:home", "cert:ada", "cert:bob"),
    *("network:10.1.0.0/16", "network:10.1.2.0/24", "network:10.0.0.0/8", "network:0.0.0.0/0"),
]
ASKERS = st.builds(
    asker,
    st.sampled_from(["", *NAMES]),
    st.sampled_from(["", "lab", "home"]),
    st.sampled_from(["cert:ada", "cert:bob"]),
    st.sampled_from(["", "10.1.2.3", "10.1.9.9", "10.2.3.4", "192.0.2.1"]),
)
SOME = st.lists(st.sampled_from(WHO), min_size=1, max_size=3, unique=True)
GROUPS = st.lists(SOME, min_size=2, max_size=2)
DECIDES = st.builds(
    lambda action, who, groups: rule(action, *who, groups=groups),
    st.sampled_from([ALLOW, DENY]),
    st.one_of(SOME, st.just([])),
    st.sampled_from([(), (0,), (1,), (0, 1)]),
)
COUNTS = st.builds(
    lambda action, seats, who, groups: rule(action, *who, seats=seats, groups=groups),
    st.sampled_from([MAX, RESERVE]),
    st.integers(1, 3),
    SOME,
    st.sampled_from([(), (0,), (1,)]),
)
SETS = st.dictionaries(
    st.sampled_from([EVERYTHING, THE_FIRM, THE_PRODUCT]),
    st.tuples(st.lists(st.one_of(DECIDES, COUNTS), max_size=5), st.sampled_from([ALLOW, DENY])),
    max_size=3,
)
FORMS = st.builds(
    lambda sets, groups: form(
        *(rule_set(*of, scope=scope, default=default) for scope, (of, default) in sets.items()),
        groups=[(f"group-{number}", subjects(*who)) for number, who in enumerate(groups)],
    ),
    SETS,
    GROUPS,
)


@settings(max_examples=300)
@given(FORMS, ASKERS)
def test_what_is_looked_up_is_what_a_walk_finds(rules: AccessRules, who: Asker):
    assert forms.why_not(rules) == ""
    ruled = ruled_for(rulebook_of(rules), FIRM, PRODUCT)
    found = verdict(ruled, keys_of(ruled.known, who)) if ruled is not None else (True, -1)
    assert tuple(found) == allowed(rules, FIRM, PRODUCT, who)


class Rules(RuleBasedStateMachine):
    """The machine and a pool that walks, asked the same while rules come and go."""

    leases: Bundle[str] = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.desk = founded(product(quantity=3), SECOND)
        self.pool = Pool(8)
        self.in_force = AccessRules()
        self.count = 0

    @property
    def used(self) -> forms.RuleSet | None:
        return used_set(self.in_force, FIRM, PRODUCT)

    @step(rules=FORMS)
    def applies(self, rules: AccessRules) -> None:
        outcome = apply(self.desk, rules)
        one = next((of for of in rules.sets if of.scope == THE_PRODUCT), None)
        reserved = sum(of.seats for of in one.rules if of.action == RESERVE) if one else 0
        assert outcome.ok == (reserved <= 8)
        if outcome.ok:
            self.in_force = rules
            self.pool.again(rules, self.used)

    @step(target=leases, who=ASKERS, seats=st.sampled_from([1, 1, 2]))
    def asks(self, who: Asker, seats: int) -> str | MultipleResults[str]:
        self.count += 1
        name = f"lease-{self.count}"
        outcome = ask(self.desk, who, name, seats)
        if not allowed(self.in_force, FIRM, PRODUCT, who)[0]:
            assert outcome.reason == reasons.DENIED_BY_RULE
            return multiple()
        why = self.pool.why_not(self.in_force, self.used, who, seats)
        assert outcome.reason == (why or "granted"), outcome.detail
        if why:
            return multiple()
        if not self.in_force.sets:
            who = who._replace(address=b"")  # No address is kept while nobody asks for it.
        self.pool.take(self.in_force, self.used, name, who, seats)
        return f"{who.client} {name}"

    @step(lease=consumes(leases))
    def gives_back(self, lease: str) -> None:
        client, name = lease.split()
        give_back(self.desk, name, client)
        del self.pool.held[name]

    @step()
    def another_host_serves(self) -> None:
        self.desk.state = load(dump(self.desk.state))

    @step(rules=FORMS)
    def an_entry_is_cut(self, rules: AccessRules) -> None:
        state = self.desk.state
        state.take_changes()
        before = state.fingerprint()
        apply(self.desk, rules)
        state.revert(state.take_changes())
        assert state.fingerprint() == before

    @invariant()
    def counts_what_the_pool_counts(self) -> None:
        check_state(self.desk.state)
        used = self.used
        by_rule = {
            key[2]: seats
            for key, seats in self.desk.state.ruled.items()
            if len(key) == 3
            and key[2] >= 0
            and used is not None
            and used.rules[key[2]].action == RESERVE
        }
        reserves = [number for _, _, of in self.pool.held.values() for number in of if number >= 0]
        assert by_rule == {number: reserves.count(number) for number in set(reserves)}


TestRules = Rules.TestCase
TestRules.settings = settings(max_examples=20, stateful_step_count=20)
