"""A host whose release knows less than the rules in force takes no part, and stores nothing."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.leader.known_rules import KnownRules
from appliance.ledger.limits import Limits
from appliance.ledger.log.book import OutOfDate
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import Ack, Fetch, Heartbeat, Offer, Prepare, Promise, TermRefused
from appliance.ledger.replica.standing import BAD_REQUEST, OUT_OF_DATE
from appliance.ledger.timing import OFFER_EVERY_BEATS
from appliance.licences.commands import RaiseRules, Support, Tick, decode_command
from appliance.licences.machine import Machine
from appliance.licences.raising import support_bytes
from appliance.sim.vendor import READERS, verify_store
from tests.unit.ledger.world import (
    FOUND,
    STORES,
    Bench,
    append,
    entries,
    fingerprint,
    only,
    term,
)

SAYS = "this ledger uses rules 2, this release knows 1: install a newer one"


def said(name: str) -> Support:
    """What this upstream's store signs."""
    store = STORES[name]
    return Support(2, name, store.id, 1, store.sign(support_bytes(FOUND.ledger_id, store.id, 2, 1)))


RAISE = RaiseRules(2, ("tmr1", "tmr2"), "olga", "upgraded")
WORDS = (*(said(name) for name in STORES), Support(2, "tmr1"), Support(2, "tmr2"))
LOG = entries((FOUND,), (Tick(),), WORDS, (RAISE, Tick()), (Tick(),))


def serving(rules: int, upto: int) -> Bench:
    """A replica of a release that knows these rules, with this much of the log."""
    bench = Bench(rules=rules)
    bench.serve(term(5), LOG[:upto])
    return bench


def test_an_entry_that_raises_the_rules_too_far_is_refused_and_leaves_no_trace() -> None:
    bench = serving(1, 3)
    before = fingerprint(bench.replica.book)
    refused = only(bench.ask(append(term(5), LOG, 4)), TermRefused)
    assert (refused.why, refused.detail) == (BAD_REQUEST, SAYS)
    assert fingerprint(bench.replica.book) == before
    assert bench.replica.out_of_date == SAYS
    assert not bench.replica.damage
    other = entries((FOUND,), (Tick(),), WORDS, (Tick(),))
    assert only(bench.ask(append(term(5), other, 4)), Ack).index == 4
    assert not bench.replica.out_of_date, "nothing came of it"


def test_an_adopt_that_leads_to_newer_rules_is_refused_and_leaves_no_trace() -> None:
    bench = serving(1, 3)
    before = fingerprint(bench.replica.book)
    bench.serve(term(6), LOG)
    assert fingerprint(bench.replica.book) == before
    assert bench.replica.out_of_date == SAYS
    assert serving(2, 5).replica.book.state.rules == 2


def test_a_downgraded_upstream_says_so_and_neither_votes_nor_loses_anything() -> None:
    bench = serving(2, 5)
    bench.rules = 1
    bench.power_cut()
    assert (bench.replica.out_of_date, bench.replica.damage) == (SAYS, "")
    for message in (append(term(5), LOG, 4), Fetch(None, 1, 1 << 20), Heartbeat(term(5), 1, True)):
        refused = only(bench.ask(message), TermRefused)
        assert (refused.why, refused.detail) == (OUT_OF_DATE, SAYS)
    bench.rules = 2
    bench.power_cut()
    assert not bench.replica.out_of_date
    assert bench.replica.book.last_index == 5


def test_an_upstream_states_what_it_knows_until_the_ledger_has_it() -> None:
    bench = serving(2, 2)
    beat = Heartbeat(term(5), OFFER_EVERY_BEATS, False)
    offers = [a for a in bench.ask(beat) if isinstance(a, Offer)]
    assert [a for a in bench.ask(beat) if isinstance(a, Offer)] == offers, "it is signed once"
    command = decode_command(offers[0].command)
    assert isinstance(command, Support)
    data = support_bytes(FOUND.ledger_id, command.store, 2, 2)
    assert (command.version, command.known_index) == (2, 2)
    assert verify_store(command.store, data, command.signature)
    log = entries((FOUND,), (Tick(),), (replace(command, who="up1"),), (Tick(),))
    bench.serve(term(6), log)
    assert not [a for a in bench.ask(replace(beat, term=term(6))) if isinstance(a, Offer)]
    bench.rules = 1
    bench.power_cut()
    bench.serve(term(7), log)
    (again,) = [a for a in bench.ask(replace(beat, term=term(7))) if isinstance(a, Offer)]
    lower = decode_command(again.command)
    assert isinstance(lower, Support)
    assert (lower.version, lower.known_index) == (1, 4), "newer than the word before"


def test_a_release_of_the_first_rules_has_nothing_to_state() -> None:
    bench = serving(1, 2)
    answers = bench.ask(Heartbeat(term(5), OFFER_EVERY_BEATS, False))
    assert not [a for a in answers if isinstance(a, Offer)]


def test_a_promise_says_which_rules_are_known() -> None:
    assert only(Bench(rules=3).ask(Prepare(term(5))), Promise).rules == 3


def tail_of(rules: int, upto: int) -> Tail:
    """A TMR host's copy of the log."""
    tail = Tail(Machine(*READERS, rules=rules), Limits())
    assert tail.take(LOG[:upto]) or rules == 1
    return tail


def test_a_tmr_host_that_knows_less_says_so_and_stays_where_it_was() -> None:
    tail = tail_of(1, 5)
    assert tail.book.last_index == 3
    assert KnownRules("tmr1", tail).out_of_date == SAYS
    with pytest.raises(OutOfDate):
        tail.add(LOG[3])
    assert not KnownRules("tmr1", tail_of(2, 5)).out_of_date


def test_the_active_host_enters_what_both_know_where_the_ledger_says_otherwise() -> None:
    rules = KnownRules("tmr1", tail_of(2, 2))
    assert rules.news(100.0) == [Support(2, "tmr1")]
    assert rules.news(101.0) == [], "it was entered a moment ago"
    rules.twin_says("tmr2", 3)
    assert rules.news(110.0) == [Support(2, "tmr1"), Support(3, "tmr2")]
    entered = KnownRules("tmr1", tail_of(2, 3))
    entered.twin_says("tmr2", 1)
    assert entered.news(0.0) == [Support(1, "tmr2")], "it was downgraded"


def test_a_host_raises_no_rules_that_it_does_not_know() -> None:
    refused = KnownRules("tmr1", tail_of(1, 3)).refusal(RAISE)
    assert refused is not None
    assert "upgrade tmr1" in refused.detail
    assert KnownRules("tmr1", tail_of(2, 3)).refusal(RAISE) is None
    assert KnownRules("tmr1", tail_of(1, 3)).refusal(Tick()) is None
