"""What a store says of the rules that its release knows, and when it says it again."""

from __future__ import annotations

from appliance import RULES
from appliance.licences.raising import support_bytes
from appliance.licences.records import Supported
from appliance.sim.vendor import verify_store
from tests.unit.ledger.world import LOG, STORES, Bench, term

UP1 = STORES["up1"].id
NEXT = RULES + 1


def knowing_next() -> Bench:
    """A founded replica whose release knows the rules after those in force."""
    bench = Bench(rules=NEXT)
    bench.serve(term(5), LOG)
    return bench


def has_heard(bench: Bench, version: int, known_index: int) -> None:
    """The ledger has this word of the store at up1."""
    said = Supported(version, known_index, UP1, known_index)
    bench.replica.book.state.set_support("up1", said)


def test_a_store_says_which_rules_it_knows_until_the_ledger_has_it() -> None:
    bench = knowing_next()
    standing, state = bench.replica._standing, bench.replica.book.state
    first = standing.support()
    assert first is not None
    assert (first.version, first.who, first.store) == (NEXT, "", UP1)
    assert first.known_index == state.entry_index
    state.enter(99)
    assert standing.support() is first, "signed once, and offered again"
    has_heard(bench, NEXT, first.known_index)
    assert standing.support() is None, "the ledger has it"


def test_a_store_overrules_the_word_of_another_release() -> None:
    bench = knowing_next()
    standing, state = bench.replica._standing, bench.replica.book.state
    assert standing.support() is not None
    for known_index in (3, 4, 50):
        has_heard(bench, NEXT + 1, known_index)
        state.enter(known_index + 1)
        said = standing.support()
        assert said is not None and said.version == NEXT
        assert said.known_index > known_index, "an older word would not be taken"
        data = support_bytes(state.ledger_id, UP1, NEXT, said.known_index)
        assert verify_store(UP1, data, said.signature)
