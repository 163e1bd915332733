"""An upstream does not store without end what nobody commits: a hijacked TMR host could send it."""

from __future__ import annotations

import pytest

from appliance.ledger.log import book
from appliance.ledger.messages import Ack, Adopted, Heartbeat, TermRefused
from appliance.licences.commands import Tick
from tests.unit.ledger.world import FOUND, Bench, adopt, append, entries, only, proof, term

LONG = entries((FOUND,), *[(Tick(),)] * 40, of=term(5))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """It serves term 5 and has three entries; it takes few more that are not committed."""
    monkeypatch.setattr(book, "UNCOMMITTED_BYTES_MAX", 3_000)
    bench = Bench()
    bench.serve(term(5), LONG[:3])
    return bench


def fill(bench: Bench, first: int) -> int:
    """Append until it refuses: which entry it was."""
    for index in range(first, len(LONG)):
        answer = bench.ask(append(term(5), LONG, index))[0]
        if isinstance(answer, TermRefused):
            assert "not committed" in answer.detail
            assert bench.replica.book.last_index == index - 1
            return index
        assert isinstance(answer, Ack)
    raise AssertionError("it takes them without end")


def test_appends_without_a_commit_end_and_go_on_with_one(bench: Bench) -> None:
    refused = fill(bench, 4)
    bench.ask(Heartbeat(term(5), 1, False, proof(term(5), LONG, refused - 1)))
    assert bench.replica.book.uncommitted_bytes == 0
    assert fill(bench, refused) > refused


def test_an_adopt_that_only_lengthens_is_no_way_around_it(bench: Bench) -> None:
    end = fill(bench, 4) - 1
    longer = adopt(term(5), LONG[: end + 3], cut=end, vows=())
    refused = only(bench.ask(longer), TermRefused)
    assert "not committed" in refused.detail
    assert bench.replica.book.last_index == end
    bench.ask(Heartbeat(term(5), 1, False, proof(term(5), LONG, end)))
    assert only(bench.ask(longer), Adopted).last_index == end + 3


def test_what_is_rolled_back_counts_no_more(bench: Bench) -> None:
    end = fill(bench, 4) - 1
    taken = bench.replica.book
    before = taken.uncommitted_bytes
    taken.rollback(end - 2)
    assert taken.uncommitted_bytes == before - sum(300 + len(e.body) for e in LONG[end - 2 : end])


def test_what_is_counted_is_what_is_kept_up_to_the_cut(bench: Bench) -> None:
    end = fill(bench, 4) - 1
    taken = bench.replica.book
    size = taken.uncommitted_bytes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "UNCOMMITTED_BYTES_MAX", size)
        assert taken.crowded_at(end) == "", "just so much may be kept"
        patch.setattr(book, "UNCOMMITTED_BYTES_MAX", size - 1)
        assert taken.crowded_at(end) == "too much of this log is not committed"
        assert taken.crowded_at(end - 1) == "", "what is cut off does not count"
        patch.setattr(book, "UNCOMMITTED_BYTES_MAX", size - 300 - len(LONG[end - 1].body))
        assert taken.crowded_at(end - 1) == ""
