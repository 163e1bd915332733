"""Access rules in the machine: who is let in, how many seats, for whom, and what an apply does."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.access import applying
from appliance.licences.access import form as forms
from appliance.licences.access.form import ALLOW, DENY, MAX, RESERVE, AccessRules, Network, Rule
from appliance.licences.access.rulebook import Asker
from appliance.licences.modes import EXCLUSIVE, MODES, NO_LIMIT, STATION_SHARE
from appliance.licences.seats import refusal
from appliance.licences.snapshot import dump, load
from appliance.licences.wishes import Wishes
from tests.unit.licences.access_rules import (
    EVERYTHING,
    THE_FIRM,
    apply,
    asker,
    form,
    rule,
    rule_set,
    subjects,
    tag,
)
from tests.unit.licences.builders import (
    FIRM,
    PRODUCT,
    Desk,
    check_out,
    founded,
    give_back,
    product,
)

SECOND = product(tmr_id=2, quantity=5)


def ask(desk: Desk, who: Asker, name: str = "lease", seats: int = 1, **more: Any) -> c.Outcome:
    """A check-out by somebody."""
    command = check_out(
        name,
        who.client,
        holder=c.Holder(who.user, who.host),
        address=who.address,
        seats=seats,
        **more,
    )
    foreseen = refusal(desk.state, command)
    outcome = desk.do(command)
    assert foreseen is None or foreseen == outcome, "refused otherwise without an entry"
    assert outcome.ok or foreseen is not None or desk.state.lingering
    check_state(desk.state)
    return outcome


# --- who is let in ---


def test_without_rules_everybody_is_let_in():
    desk = founded(product())
    assert ask(desk, asker()).ok
    assert not desk.state.rulebook


def test_the_first_that_matches_decides_in_written_order():
    desk = founded(product())
    rules = form(rule_set(rule(DENY, "user:eve"), rule(ALLOW, "host:lab"), rule(DENY)))
    assert apply(desk, rules).ok
    assert ask(desk, asker("eve", "lab"), "1").reason == reasons.DENIED_BY_RULE
    assert ask(desk, asker("ada", "lab"), "2").ok
    outcome = ask(desk, asker("ada", "home"), "3")
    assert outcome.detail == (
        f"Line 12 of the access rules denies {FIRM}:{PRODUCT} to whoever asks here (version 1); ask"
        " an administrator; `tmr access explain` shows which rule decides"
    )


def test_the_narrowest_set_is_used_alone():
    desk = founded(product(), product(product_code=21))
    everything = rule_set(rule(DENY, "user:eve"), scope=EVERYTHING)
    firm = rule_set(scope=THE_FIRM, default=DENY)
    one = rule_set(rule(ALLOW, "user:eve"), default=DENY)
    assert apply(desk, form(everything, firm, one)).ok
    assert ask(desk, asker("eve"), "1").ok
    told = ask(desk, asker("eve"), "2", product_code=21)
    assert (told.reason, "no access rule allows" in told.detail.lower()) == ("denied-by-rule", True)
    assert apply(desk, form(everything)).ok
    assert ask(desk, asker("eve"), "3").reason == reasons.DENIED_BY_RULE
    assert ask(desk, asker("ada"), "4").ok


def test_case_17_the_case_of_a_name_does_not_count():
    desk = founded(product())
    assert apply(desk, form(rule_set(rule(DENY, "user:Alice")))).ok
    assert ask(desk, asker("aLICE")).reason == reasons.DENIED_BY_RULE


@pytest.mark.parametrize(
    ("address", "ok"), [("10.1.2.3", False), ("10.1.3.3", True), ("192.0.2.1", True), ("", True)]
)
def test_a_network_is_matched_by_what_the_host_saw(address: str, ok: bool):
    desk = founded(product())
    assert apply(desk, form(rule_set(rule(DENY, "network:10.1.2.0/24")))).ok
    assert ask(desk, asker(address=address)).ok == ok


def test_an_ipv6_network_is_half_an_address():
    desk = founded(product())
    net = Network(bytes.fromhex("20010db800000000"), 32)
    one = Rule(DENY, 0, False, forms.Subjects(networks=(net,)), (), 1, 1)
    assert apply(desk, form(rule_set(one))).ok
    inside = Asker("cert:ada", address=bytes.fromhex("20010db812345678"))
    assert ask(desk, inside).reason == reasons.DENIED_BY_RULE
    outside = Asker("cert:ada", address=bytes.fromhex("20010db912345678"))
    assert ask(desk, outside).ok


def test_a_client_is_known_by_its_certificate_alone():
    desk = founded(product())
    assert apply(desk, form(rule_set(rule(ALLOW, "cert:press7"), default=DENY))).ok
    assert ask(desk, asker("press7", "press7", client="cert:eve"), "1").reason == "denied-by-rule"
    assert ask(desk, asker(client="cert:press7"), "2").ok


def test_all_products_of_a_check_out_have_to_be_allowed():
    desk = founded(product(), product(product_code=21))
    assert apply(desk, form(rule_set(rule(DENY), scope=(FIRM, 21)))).ok
    assert ask(desk, asker(), "both", more=(c.Item(21),)).reason == reasons.DENIED_BY_RULE
    assert ask(desk, asker(), "one").ok


# --- how many ---


@pytest.mark.parametrize("turned", [False, True])
def test_case_16_the_least_of_all_maxima_counts(turned: bool):
    desk = founded(product())
    limits = [rule(MAX, seats=5), rule(MAX, "user:jan", seats=2)]
    assert apply(desk, form(rule_set(*(reversed(limits) if turned else limits)))).ok
    told = [ask(desk, asker("jan"), f"jan-{number}").reason for number in range(3)]
    assert told == ["granted", "granted", reasons.MAXIMUM_REACHED]
    told = [ask(desk, asker("bob"), f"bob-{number}").reason for number in range(4)]
    assert told == ["granted"] * 3 + [reasons.MAXIMUM_REACHED]


def test_a_maximum_counts_those_who_were_there_before_it():
    desk = founded(product())
    for number in range(3):
        assert ask(desk, asker("jan"), f"{number}").ok
    assert apply(desk, form(rule_set(rule(MAX, "user:jan", seats=2)))).ok
    assert len(desk.state.leases) == 3, "no lease ends by a change of rules"
    give_back(desk, "0")
    assert ask(desk, asker("jan"), "3").reason == reasons.MAXIMUM_REACHED
    give_back(desk, "1")
    assert ask(desk, asker("jan"), "4").ok


def test_a_lease_that_is_held_is_renewed_whatever_the_rules_say():
    desk = founded(product())
    first = ask(desk, asker("eve"))
    assert apply(desk, form(rule_set(rule(DENY)))).ok
    again = desk.do(check_out(holder=c.Holder(tag("eve"), b"")))
    assert (again.reason, again.generation) == ("granted", first.generation)


# --- for whom ---


def test_case_15_a_reservation_is_of_the_product_and_not_of_each_licence():
    desk = founded(product(quantity=12), SECOND)
    assert apply(desk, form(rule_set(rule(RESERVE, "user:ada", seats=2)))).ok
    told = [ask(desk, asker("bob"), f"{number}").reason for number in range(16)]
    assert told == ["granted"] * 15 + [reasons.SEATS_RESERVED]
    assert [ask(desk, asker("ada"), f"a{number}").reason for number in range(3)] == [
        "granted",
        "granted",
        reasons.NO_SEAT_FREE,
    ]


def test_who_has_a_reservation_may_have_shared_seats_too():
    desk = founded(product(quantity=4))
    assert apply(desk, form(rule_set(rule(RESERVE, "user:ada", seats=1)))).ok
    assert all(ask(desk, asker("ada"), f"{number}").ok for number in range(4))


def test_a_seat_is_counted_under_the_first_reserve_with_room():
    desk = founded(product(quantity=2))
    both = form(
        rule_set(rule(RESERVE, "user:ada", seats=1), rule(RESERVE, "user:ada", "user:bob", seats=1))
    )
    assert apply(desk, both).ok
    assert ask(desk, asker("ada"), "1").ok
    assert ask(desk, asker("ada"), "2").ok
    assert ask(desk, asker("bob"), "3").reason == reasons.NO_SEAT_FREE
    give_back(desk, "1")
    assert ask(desk, asker("bob"), "3").reason == reasons.SEATS_RESERVED


def test_where_too_much_is_reserved_the_earlier_lines_come_first():
    desk = founded(product(quantity=4))
    for number in range(3):
        assert ask(desk, asker("eve"), f"eve-{number}").ok
    rules = form(rule_set(rule(RESERVE, "user:ada", seats=2), rule(RESERVE, "user:bob", seats=2)))
    assert apply(desk, rules).ok
    assert ask(desk, asker("bob"), "bob").reason == reasons.SEATS_RESERVED
    assert ask(desk, asker("ada"), "ada").ok


def test_more_than_there_is_cannot_be_reserved():
    desk = founded(product(quantity=3))
    rules = rule_set(rule(RESERVE, "user:ada", seats=2), rule(RESERVE, "user:bob", seats=2))
    outcome = apply(desk, form(rules))
    assert outcome.reason == reasons.ACCESS_REFUSED
    assert outcome.detail.startswith("Line 11, column 1: with this more seats of 6000010:20 are")
    assert desk.state.access == {}


def test_seats_that_linger_for_others_are_not_free():
    desk = founded(product(quantity=3, linger_s=60))
    assert apply(desk, form(rule_set(rule(RESERVE, "user:ada", seats=1)))).ok
    for name in ("bob", "carl"):
        assert ask(desk, asker(name), name).ok
    give_back(desk, "bob")
    assert ask(desk, asker("eve"), "eve").reason == reasons.SEATS_RESERVED
    assert ask(desk, asker("bob"), "again").ok, "his own lingers for him"
    give_back(desk, "again")
    desk.wait(61_000)
    command = check_out("eve", holder=c.Holder(tag("eve"), b""))
    assert refusal(desk.state, command) is None, "the state does not know how late it is"
    assert desk.do(command).ok


# --- modes ---


def placed(user: str, mode: str, station: bytes = b"s" * 16) -> dict[str, Any]:
    return {"holder": c.Holder(tag(user), b""), "station": station, "wishes": Wishes(mode=mode)}


def test_the_seat_of_a_share_is_counted_once():
    desk = founded(product(quantity=3, modes=MODES))
    assert apply(desk, form(rule_set(rule(MAX, seats=1)))).ok
    for name in "ab":
        assert desk.do(check_out(name, **placed("ada", STATION_SHARE))).ok
    other = check_out("c", **placed("ada", STATION_SHARE, b"t" * 16))
    assert desk.do(other).reason == reasons.MAXIMUM_REACHED
    give_back(desk, "a")
    check_state(desk.state)
    assert desk.do(other).reason == reasons.MAXIMUM_REACHED
    give_back(desk, "b")
    assert desk.do(other).ok
    check_state(desk.state)


def test_who_takes_no_seat_is_counted_nowhere():
    desk = founded(product(quantity=1, modes=MODES))
    assert apply(desk, form(rule_set(rule(MAX, seats=0)))).ok
    assert desk.do(check_out("free", **placed("ada", NO_LIMIT))).ok
    alone = check_out("alone", **placed("ada", EXCLUSIVE, b"t" * 16))
    assert desk.do(alone).reason == reasons.MAXIMUM_REACHED
    assert desk.state.ruled == {}


# --- applying ---


def test_a_change_to_an_old_version_is_refused_and_changes_nothing():
    desk = founded(product())
    assert apply(desk, form(rule_set(rule(DENY, "user:eve")))).detail == "version 1 is in force"
    before = desk.state.access
    late = apply(desk, form(rule_set(rule(DENY))), base=0)
    assert late.reason == reasons.ACCESS_REFUSED
    assert "to version 0 of the access rules, and version 1 is in force" in late.detail
    assert desk.state.access == before


def test_the_same_rules_again_are_in_force_already():
    """An answer may be lost, and the request repeated."""
    desk = founded(product())
    rules = form(rule_set(rule(DENY, "user:eve")))
    assert apply(desk, rules, base=0).ok
    assert apply(desk, rules, base=0).detail == "these rules are in force already, as 1"
    assert [act.action for act in desk.state.acts()].count("access") == 1


def test_the_last_versions_can_be_had_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(applying, "ACCESS_KEPT", 2)
    desk = founded(product())
    for number in range(1, 5):
        assert apply(desk, form(rule_set(rule(MAX, seats=number)))).ok
    assert sorted(desk.state.access) == [3, 4]
    assert apply(desk, desk.state.access[3].rules, why="undo").ok
    assert desk.state.access[5].rules == form(rule_set(rule(MAX, seats=3)))
    assert apply(desk, AccessRules()).ok
    assert not desk.state.rulebook


WRONG = [
    (form(rule_set(rule("permit"))), "a rule allows, denies, reserves or limits"),
    (form(rule_set(rule(RESERVE, seats=1))), "a rule allows, denies, reserves or limits"),
    (form(rule_set(rule(RESERVE, "user:a"))), "a rule allows, denies, reserves or limits"),
    (form(rule_set(rule(DENY, "user:a", seats=1))), "a rule allows, denies, reserves or limits"),
    (form(rule_set(rule(MAX, seats=-1))), "a rule allows, denies, reserves or limits"),
    (form(rule_set(rule(DENY, groups=[0]))), "a rule allows, denies, reserves or limits"),
    (form(rule_set(default="maybe")), "the default of a set is allow or deny"),
    (form(rule_set(scope=(-1, 20))), "a set is for a product, a firm or everything"),
    (form(rule_set(scope=(2**40, 20))), "a set is for a product, a firm or everything"),
    (form(rule_set(), rule_set()), "sets have one scope each"),
    (form(groups=[("a", subjects()), ("a", subjects())]), "groups have one name each"),
    (form(groups=[("", subjects())]), "groups have one name each"),
    (form(groups=[("a", forms.Subjects(users=(b"short",)))]), "subjects stand in order"),
    (form(groups=[("a", forms.Subjects(clients=("b", "a")))]), "subjects stand in order"),
    (form(groups=[("a", forms.Subjects(clients=("a", "a")))]), "subjects stand in order"),
    (form(groups=[("a", forms.Subjects(clients=("x" * 257,)))]), "subjects stand in order"),
    (
        form(groups=[("a", forms.Subjects(networks=(Network(b"\x0a\x01\x02\x03", 24),)))]),
        "subjects stand in order",
    ),
    (
        form(groups=[("a", forms.Subjects(networks=(Network(bytes(16), 0),)))]),
        "subjects stand in order",
    ),
    (
        form(groups=[("a", forms.Subjects(networks=(Network(bytes(4), 33),)))]),
        "subjects stand in order",
    ),
]


@pytest.mark.parametrize(("rules", "said"), WRONG, ids=range(len(WRONG)))
def test_what_is_not_in_the_one_form_is_refused(rules: AccessRules, said: str):
    desk = founded(product())
    outcome = apply(desk, rules)
    assert outcome.reason == reasons.BAD_REQUEST
    assert said in outcome.detail
    assert desk.state.access == {}


@pytest.mark.parametrize(
    ("limit", "most", "rules"),
    [
        ("SETS_MAX", 1, form(rule_set(), rule_set(scope=THE_FIRM))),
        ("RULES_MAX", 1, form(rule_set(rule(DENY), rule(DENY)))),
        ("GROUPS_MAX", 1, form(groups=[("a", subjects()), ("b", subjects())])),
        ("SUBJECTS_MAX", 1, form(rule_set(rule(DENY, "user:a", "user:b")))),
        ("FORM_BYTES_MAX", 20, form(rule_set(rule(DENY, "user:a", "user:b")))),
    ],
)
def test_more_than_there_may_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int, rules: AccessRules
):
    desk = founded(product())
    monkeypatch.setattr(forms, limit, most)
    outcome = apply(desk, rules)
    assert (outcome.reason, f"{most}" in outcome.detail) == (reasons.BAD_REQUEST, True)


def test_rules_outlive_a_host_and_are_undone_with_an_entry_that_is_cut():
    desk = founded(product())
    assert apply(desk, form(rule_set(rule(MAX, "user:ada", seats=1)))).ok
    assert ask(desk, asker("ada")).ok
    desk.state.take_changes()
    before = desk.state.fingerprint()
    assert apply(desk, form(rule_set(rule(RESERVE, "user:ada", seats=2)))).ok
    assert desk.state.ruled[FIRM, PRODUCT, 0] == 1
    desk.state.revert(desk.state.take_changes())
    assert desk.state.fingerprint() == before
    desk.state = load(dump(desk.state))
    assert ask(desk, asker("ada"), "more").reason == reasons.MAXIMUM_REACHED


def test_lines_are_those_of_the_document():
    """A rule that stands elsewhere in its set is named by its own line."""
    desk = founded(product())
    rules = form(rule_set(rule(ALLOW, "user:bob"), rule(DENY, "user:eve")))
    moved = replace(
        rules, sets=(replace(rules.sets[0], rules=tuple(reversed(rules.sets[0].rules))),)
    )
    assert apply(desk, moved).ok
    assert "Line 11 " in ask(desk, asker("eve")).detail
