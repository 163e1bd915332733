"""A coordinator that reads the chosen log believes no entries by their index alone.

Was a bug: entries that an upstream had sent before another coordinator cut them could arrive late,
and were taken for committed because a promise named a commit index beyond them.
"""

from __future__ import annotations

from appliance.ledger.effects import Committed
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import READING
from appliance.ledger.messages import Entries, PreVoteReply, Promise
from appliance.ledger.timing import Timing
from appliance.licences.commands import Operate, Tick
from appliance.licences.machine import Machine
from appliance.sim.vendor import UPSTREAMS, read_update, verify, verify_store
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.ledger.world import FOUND, LOG, entries, proof, term, vow


def reading() -> Coordinator:
    """A coordinator that reads LOG from up3, of which two entries are committed."""
    coordinator = Coordinator(
        "tmr1", UPSTREAMS, Machine(read_update), Timing(), 7, FOUND, verify, verify_store
    )
    for name in UPSTREAMS:
        coordinator.link(1.0, name, True)
    coordinator.want(1.0, True, "test")
    for name in UPSTREAMS[1:]:
        coordinator.receive(1.1, name, PreVoteReply(1, True, NO_TERM, ""))
    mine = coordinator.term
    assert mine is not None
    coordinator.link(1.2, "up1", False)
    for name in UPSTREAMS[1:]:
        promised = vow(mine, LOG, name, adopted=term(1), proven=2)
        promise = Promise(mine, promised, (), proof(term(1), LOG, 2), None, 0)
        coordinator.receive(1.2, name, promise)
    assert coordinator.phase == READING
    return coordinator


def test_late_entries_are_not_called_committed() -> None:
    coordinator = reading()
    cut = entries((FOUND,), (Operate("switchover", "tmr2", "w", "y"),), (Tick(),))
    effects = coordinator.receive(1.3, "up3", Entries(1, tuple(cut), 0, 3, None))
    assert not [effect for effect in effects if isinstance(effect, Committed)]
    assert coordinator.book.commit_index == 0


def test_entries_that_a_promise_proves_are_committed() -> None:
    coordinator = reading()
    effects = coordinator.receive(1.3, "up3", Entries(1, tuple(LOG[:3]), 0, 4, None))
    assert [e.index for e in effects if isinstance(e, Committed)] == [1, 2]
    assert coordinator.book.commit_root == LOG[1].root
    assert coordinator.book.commit_root != ZERO_ROOT
