"""A store that a hijacked host misled before anything was committed finds to the others again."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.messages import Ack, Adopted, Prepare
from appliance.licences.commands import AnyCommand, Tick
from tests.unit.ledger.test_snapshots import LONG, T1, T2, book_of, offer, sealed_at, staged
from tests.unit.ledger.world import (
    FOUND,
    STORES,
    Bench,
    adopt,
    append,
    entries,
    fingerprint,
    only,
    vow,
)


@pytest.mark.parametrize("told", [Tick(), replace(FOUND, ledger_id=b"M" * 16)])
def test_what_a_hijacked_host_told_first_keeps_no_store_from_the_common_snapshot(
    told: AnyCommand,
) -> None:
    """One TMR host was hijacked as the ledger began and told one upstream an entry of its own. The
    others let go of the entries that would have taken its place (malicious seed 93)."""
    bench = Bench()
    bench.disk._committed = lambda: LONG
    bench.ask(Prepare(T1))
    empty = tuple(vow(T1, [], name, adopted=NO_TERM) for name in STORES)
    only(bench.ask(adopt(T1, [], vows=empty)), Adopted)
    only(bench.ask(append(T1, entries((told,)), 1)), Ack)
    bench.ask(Prepare(T2))
    sealed, chunks = sealed_at(4)
    staged(bench, sealed, chunks)
    assert only(bench.ask(offer(sealed)), Adopted).last_index == 6
    assert fingerprint(bench.replica.book) == fingerprint(book_of(LONG))
