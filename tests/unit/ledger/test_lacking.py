"""By what a store is known not to hold an entry that it signed, and when nothing can be said."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.turned_back import STORES_MAX, PutBack, TurnedBack
from appliance.ledger.messages import Entry, Promise
from appliance.licences.commands import Tick
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, verify_store
from tests.unit.ledger.world import FOUND, LOG, STORES, entries, peers, proof, term, vow

ADOPTED = term(5)
SIGNED = proof(ADOPTED, LOG, 4, "up1", "up2")
OTHER = entries((FOUND,), (Tick(),), (Tick(), Tick()), (Tick(), Tick(), Tick()))
"""A log that goes another way at entry 4."""


class Bench:
    """A coordinator that read `log`; up2 shows that up1 and up2 signed entry 4 of LOG."""

    def __init__(self, log: list[Entry], shown: CommitProof | None = SIGNED) -> None:
        self.peers = peers()
        self.tail = Tail(Machine(*READERS), Limits())
        assert self.tail.take(log)
        self.turned = TurnedBack(self.peers, self.tail, verify_store)
        self.promises("up2", LOG, shown)

    def promises(self, name: str, log: list[Entry], commit: CommitProof | None = None) -> None:
        mine = vow(term(6), log, name, adopted=ADOPTED)
        self.peers[name].promise = Promise(term(6), mine, (), commit, None, 0)

    def found(self, name: str = "up1") -> PutBack | None:
        self.turned.look()
        return self.turned.get(STORES[name].id)


BACK = PutBack("up1", 4, "up2", LOG[3].root, STORES["up2"].id)


def test_a_vow_for_a_shorter_log_says_it() -> None:
    bench = Bench(LOG)
    bench.promises("up1", LOG[:3])
    assert bench.found() == BACK
    assert bench.found("up2") is None, "it holds what it signed"
    assert bench.found("up3") is None, "it signed nothing"


def test_a_vow_for_the_entry_itself_says_nothing_against_it() -> None:
    bench = Bench(LOG)
    bench.promises("up1", LOG)
    assert bench.found() is None


def test_a_vow_for_a_log_of_an_older_term_says_it() -> None:
    bench = Bench(LOG[:2])
    bench.peers["up1"].promise = Promise(
        term(6), vow(term(6), LOG, "up1", adopted=term(4)), (), None, None, 0
    )
    assert bench.found() == BACK


def test_without_any_word_of_its_own_nothing_is_said() -> None:
    bench = Bench(LOG[:2])
    assert bench.found() is None


def test_one_that_follows_a_log_without_the_entry_lacks_it() -> None:
    bench = Bench(LOG[:3])
    bench.peers["up1"].in_term = True
    assert bench.found() == BACK
    bench = Bench(OTHER)
    bench.peers["up1"].in_term = True
    assert bench.found() == BACK
    bench = Bench(LOG)
    bench.peers["up1"].in_term = True
    assert bench.found() is None


def test_what_it_once_promised_counts_no_more_when_it_follows() -> None:
    bench = Bench(LOG)
    bench.promises("up1", LOG[:3])
    bench.peers["up1"].in_term = True
    assert bench.found() is None


def test_one_whose_vow_ends_on_another_log_at_that_place_lacks_the_entry() -> None:
    bench = Bench(OTHER)
    bench.promises("up1", OTHER)
    assert bench.found() == BACK


def test_where_the_entry_is_not_in_the_window_nothing_is_said() -> None:
    """The log that it holds goes on beyond the entry, which is not known here any more."""
    bench = Bench(LOG)
    longer = entries((FOUND,), *[(Tick(),)] * 9)
    bench.tail.window.restart(9, longer[8].root)
    bench.tail.window.push(longer[9])
    bench.peers["up1"].in_term = True
    assert bench.found() is None


def test_a_log_that_cannot_be_compared_says_nothing() -> None:
    bench = Bench(LOG)
    bench.promises("up1", OTHER)  # As long, adopted in the same term, and not the one that is read.
    assert bench.found() is None


@pytest.mark.parametrize(
    "shown",
    [
        None,
        replace(SIGNED, voices=SIGNED.voices[:1]),
        proof(ADOPTED, LOG, 4, "up2", "up3"),
        replace(SIGNED, voices=(replace(SIGNED.voices[0], signature=b"x"), *SIGNED.voices[1:])),
    ],
)
def test_without_its_own_signature_under_a_proof_nothing_is_said(
    shown: CommitProof | None,
) -> None:
    bench = Bench(LOG, shown)
    bench.promises("up1", LOG[:3])
    assert bench.found() is None


def test_a_proof_that_proves_nothing_does_not_hide_another_one() -> None:
    bench = Bench(LOG, None)
    bench.promises("up1", LOG[:3], replace(SIGNED, voices=()))
    bench.promises("up3", LOG, SIGNED)
    assert bench.found() == replace_witness("up3")


def replace_witness(name: str) -> PutBack:
    return PutBack("up1", 4, name, LOG[3].root, STORES[name].id)


def test_it_is_over_when_the_store_holds_the_entry_again() -> None:
    bench = Bench(LOG)
    bench.promises("up1", LOG[:3])
    assert bench.found() == BACK
    bench.peers["up1"].in_term = True
    assert bench.turned.get(STORES["up1"].id) is None
    bench.peers["up1"].in_term = False
    assert bench.turned.get(STORES["up1"].id) is None, "it is forgotten"


def test_so_many_stores_are_remembered_the_newest() -> None:
    bench = Bench(LOG)
    for number in range(STORES_MAX):
        bench.turned._found[b"%d" % number] = BACK
    bench.promises("up1", LOG[:3])
    assert bench.found() == BACK
    assert list(bench.turned._found) == [
        *(b"%d" % number for number in range(1, STORES_MAX)),
        STORES["up1"].id,
    ]
    bench.turned._found[b"newer"] = bench.turned._found.pop(b"1")
    assert bench.found() == BACK
    assert len(bench.turned._found) == STORES_MAX, "found again, it takes no second place"
    assert list(bench.turned._found)[-1] == STORES["up1"].id, "and is the newest"
