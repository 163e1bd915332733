"""Planted bugs that no seed of the budget meets, or that no run of the simulator can show.

A host that may act on one of these needs several lucky moments in a row, or there is nothing of it
in the simulator. So the check that is left out has a test of its own, which is named here, and is
run with the bug planted, in a process of its own (`unit_runs`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from appliance.adapters.store.mark import Mark
from appliance.client import session as client_session
from appliance.client.lease import AsyncLease
from appliance.ledger.certificates import proofs as proofs_module
from appliance.ledger.effects import Send
from appliance.ledger.election import log_selection as choice_module
from appliance.ledger.election.log_selection import LogSelection
from appliance.ledger.leader.batches import Batches
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.duty import Duty
from appliance.ledger.leader.lease_clock import LeaseClock
from appliance.ledger.leader.peers import FOLLOWING, Peer
from appliance.ledger.leader.serving import Serving
from appliance.ledger.messages import Adopted
from appliance.ledger.replica import adoption as adoption_module
from appliance.ledger.replica import replica as replica_module
from appliance.ledger.replica.adoption import Adoption
from appliance.ledger.replica.standing import Position, Standing
from appliance.ledger.replication.learner import Learner
from appliance.ledger.snapshot import seals as seals_module
from appliance.ledger.snapshot.fetching import Fetching
from appliance.licences.members import Member, Membership
from appliance.services.tmr.orders import Orders
from appliance.services.tmr.receipts import ReceiptMaker
from appliance.verifier import receipts as verifier_receipts
from tests.sim import denial_mutants as denials
from tests.sim import liveness_mutants as liveness
from tests.sim.planting import Mutant, Patch, always

LEDGER = "tests/unit/ledger/"
REFUSALS = "tests/unit/services/tmr/test_admission.py"


class _Everybody:
    """A membership in which each store that is asked for votes."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def member(self, store: bytes) -> Member:
        first = self._membership.voters[0]
        return self._membership.member(store) or Member(first.place, store, 0)


def _whoever_vows_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh = proofs_module.weigh

    def careless(term: Any, vows: Any, membership: Membership, contains: Any) -> str:
        return weigh(term, vows, _Everybody(membership), contains)  # type: ignore[arg-type]

    for module in (proofs_module, adoption_module, choice_module):
        monkeypatch.setattr(module, "weigh", careless)


def _what_forgot_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def believed(self: LogSelection) -> Iterator[Peer]:
        membership = self._tail.book.state.membership
        for peer in self._peers.promised():
            promise = peer.promise
            assert promise is not None
            believable = proofs_module.believable
            if believable(promise.vow, promise.grounds, membership, self._verify):
                yield peer

    monkeypatch.setattr(LogSelection, "_believed", believed)


def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Duty, "__init__", _without_patience(Duty.__init__))


def _without_patience(init: Any) -> Any:
    return lambda self, hold_s: init(self, 0.0)


def _one_twin_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two endorsements of one container count as those of two."""
    numbers = iter(range(1, 1_000_000))
    made = verifier_receipts._Word
    monkeypatch.setattr(
        verifier_receipts,
        "_Word",
        lambda container, objections: made(container._replace(twin=next(numbers)), objections),
    )


def _links_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    link = Coordinator.link

    def careless(self: Coordinator, now_s: float, name: str, up: bool) -> Any:
        if up:
            self.peers[name].heard_at_s = now_s
        return link(self, now_s, name, up)

    monkeypatch.setattr(Coordinator, "link", careless)


def _news_while_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = Serving.offer

    def careless(self: Serving, now_s: float, name: str, data: bytes) -> None:
        peer = self._peers[name]
        phase, peer.phase = peer.phase, FOLLOWING
        offer(self, now_s, name, data)
        peer.phase = phase

    monkeypatch.setattr(Serving, "offer", careless)


def _one_tag(module: Any, name: str) -> Patch:
    """Two kinds of signed bytes begin alike."""
    return lambda monkeypatch: monkeypatch.setattr(module, name, proofs_module._ACK_TAG)


def _unsigned(module: Any, name: str, **field: Any) -> Patch:
    """A field stands outside of what is signed."""
    made = getattr(module, name)
    return lambda monkeypatch: monkeypatch.setattr(
        module, name, lambda value: made(replace(value, **field))
    )


def _again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated adopt is answered by what is in memory."""

    def hasty(self: Adoption, origin: Any, term: Any) -> Any:
        standing = self._standing
        book = standing.book
        voice = standing.voice(term, book.last_index, book.last_root, b"")
        return [Send(origin, Adopted(term, book.last_index, book.last_root, voice))]

    monkeypatch.setattr(Adoption, "_again", hasty)


def _durable_is_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """One durable write makes all that is in memory count as durable."""
    written = Standing.written

    def careless(self: Standing, ticket: int) -> Any:
        effects = written(self, ticket)
        self.durable = Position(self.adopted, self.book.last_index, self.book.last_root)
        return effects

    monkeypatch.setattr(Standing, "written", careless)


def _stale_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Serving, "_fresh_times", lambda self, _: tuple(p.time for p in self._peers if p.time)
    )


def _late_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    acked = Serving.beat_acked

    def careless(self: Serving, now_s: float, name: str, message: Any, term: Any) -> Any:
        effects = acked(self, now_s, name, message, term)
        self._peers[name].confirmed_at_s = now_s
        return effects

    monkeypatch.setattr(Serving, "beat_acked", careless)


def _lowering_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Batches, "take", lambda self: [self._queue.popleft() for _ in range(len(self._queue))]
    )


def _half_a_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    restart = LeaseClock.restart

    def short(self: LeaseClock, now_s: float, leases: Any) -> None:
        restart(self, now_s, ((lease, number, ttl_s / 2) for lease, number, ttl_s in leases))

    monkeypatch.setattr(LeaseClock, "restart", short)


def _one_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    write = Mark.write

    def same(self: Mark, record: Any) -> None:
        slot = self._next
        write(self, record)
        self._next = slot

    monkeypatch.setattr(Mark, "write", same)


def _renewed(**wrong: Callable[[AsyncLease, Any], Any]) -> Patch:
    """After each renewal a client's lease holds something else than it should."""
    renew = AsyncLease._renew

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        async def careless(self: AsyncLease, *args: Any) -> None:
            before = {name: getattr(self, name) for name in wrong}
            await renew(self, *args)
            for name, value in wrong.items():
                setattr(self, name, value(self, before[name]))

        monkeypatch.setattr(AsyncLease, "_renew", careless)

    return patch


def _any_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of any length are hashed as they are."""
    check = verifier_receipts._check_hashes

    def lax(receipt: Any) -> Any:
        short = replace(receipt, path=(), command_hash=bytes(32))
        return check(short)

    monkeypatch.setattr(verifier_receipts, "_check_hashes", lax)


def _no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hasty(self: Orders, within_s: float) -> None:
        return None

    monkeypatch.setattr(Orders, "settle", hasty)


def _any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was prepared for an index serves for each batch with that index."""
    prepare = ReceiptMaker._prepare

    def careless(self: ReceiptMaker, batch: Any) -> Any:
        return self._prepared.get(batch.statement.index) or prepare(self, batch)

    monkeypatch.setattr(ReceiptMaker, "_prepare", careless)


SIGNED = "tests/unit/test_signed_bytes.py"
LEASES = "tests/unit/client/test_lease_time.py::"
MUTANTS = (
    Mutant("vows begin as acks do", _one_tag(proofs_module, "_VOW_TAG"), unit=SIGNED),
    Mutant("seals begin as acks do", _one_tag(seals_module, "_SEAL_TAG"), unit=SIGNED),
    Mutant(
        "a vow's proof is not signed",
        _unsigned(proofs_module, "vow_bytes", proof_root=b""),
        unit=SIGNED,
    ),
    Mutant(
        "a snapshot's log time is not signed",
        _unsigned(seals_module, "seal_bytes", log_time_ms=0),
        unit=SIGNED,
    ),
    Mutant(
        "a repeated adopt is answered before it is durable",
        _again_at_once,
        unit=LEDGER + "test_before_durable.py",
    ),
    Mutant(
        "what is in memory counts as durable",
        _durable_is_memory,
        unit=LEDGER + "test_before_durable.py",
    ),
    Mutant(
        "a locked container endorses",
        always((replica_module, "is_locked"), gives=False),
        unit=LEDGER + "test_replica.py",
    ),
    Mutant("old statements vote on log time", _stale_votes, unit=LEDGER + "test_serving.py"),
    Mutant("a late ack confirms as of now", _late_beats, unit=LEDGER + "test_serving.py"),
    Mutant("half a lifetime after a failover", _half_a_lifetime, unit=LEDGER + "test_serving.py"),
    Mutant("what lowers log time shares a batch", _lowering_shares, unit=LEDGER + "test_parts.py"),
    Mutant("the mark has one slot", _one_slot, unit="tests/unit/adapters/test_mark.py"),
    Mutant(
        "a receipt counts from its answer",
        _renewed(_valid_until_s=lambda lease, _: lease._client.now() + lease.grant.valid_for_s),
        unit=LEASES + "test_validity_counts_from_sending_not_from_the_answer",
    ),
    Mutant(
        "consumption goes on counting after a new grant",
        _renewed(_number=lambda _, before: before),
        unit=LEASES + "test_a_lease_that_was_granted_anew_numbers_its_consumptions_anew",
    ),
    Mutant(
        "a client's clock stands still in sleep",
        always((client_session, "boot_clock"), gives=time.monotonic),
        unit="tests/unit/client/test_clock.py",
    ),
    Mutant(
        "hashes of any length in a receipt",
        _any_hash,
        unit="tests/unit/verifier/test_receipts.py",
    ),
    Mutant(
        "a heartbeat is told of what may be undone",
        _no_settling,
        unit="tests/unit/services/tmr/test_histories.py",
    ),
    Mutant(
        "a receipt of another batch",
        _any_batch,
        unit="tests/unit/services/tmr/test_receipts_made.py",
    ),
    Mutant(
        "vows are not verified",
        always((adoption_module, "is_signed"), gives=True),
        unit=LEDGER + "test_justified_adopt.py",
    ),
    Mutant(
        "log time is pushed by a coordinator",
        always((replica_module, "unacceptable"), gives=""),
        unit=LEDGER + "test_replica.py",
    ),
    Mutant(
        "log time in an adopt is not judged",
        always((adoption_module, "unacceptable"), gives=""),
        unit=LEDGER + "test_liars.py",
    ),
    Mutant("whoever vows votes", _whoever_vows_votes, unit=LEDGER + "test_justified_adopt.py"),
    Mutant("what forgot is believed", _what_forgot_is_believed, unit=LEDGER + "test_liars.py"),
    Mutant(
        "the read log proves itself",
        always((LogSelection, "_anchored"), gives=True),
        unit=LEDGER + "test_liars.py",
    ),
    Mutant(
        "one upstream begins a follower's copy",
        always((Learner, "_begins_well"), gives=True),
        unit=LEDGER + "test_learner.py",
    ),
    Mutant(
        "a client counts one twin twice",
        _one_twin_twice,
        unit="tests/unit/verifier/test_receipts.py",
    ),
    Mutant("a verdict that flaps", _impatient, unit=LEDGER + "test_duty.py"),
    Mutant("a refusal rests on what flies", denials.denied_from_what_flies, unit=REFUSALS),
    Mutant("a refusal without a fence", denials.denied_unfenced, unit=REFUSALS),
    Mutant("a link is an answer", _links_answer, unit=LEDGER + "test_check_quorum.py"),
    Mutant(
        "news are taken from who catches up",
        _news_while_behind,
        unit="tests/sim/test_bulk.py::test_who_catches_up_brings_its_news_once_and_afterwards",
    ),
    Mutant(
        "whoever gives no snapshot is waited for",
        always((Fetching, "_gives_nothing"), gives=False),
        unit=LEDGER + "test_fetching.py",
    ),
    Mutant(
        "one upstream brings another ledger",
        always((Fetching, "_counts_elsewhere"), gives=True),
        unit=LEDGER + "test_fetching.py",
    ),
    Mutant(
        "a copy of another ledger is not read past",
        always((LogSelection, "misfit"), gives=None),
        unit=LEDGER + "test_restored_meanwhile.py",
    ),
    Mutant(
        "a follower keeps a copy of another ledger",
        liveness.a_follower_keeps_its_copy,
        unit=LEDGER + "test_learner.py",
    ),
    Mutant(
        "one upstream ends a follower's copy",
        liveness.one_upstream_ends_a_copy,
        unit=LEDGER + "test_learner.py",
    ),
    Mutant(
        "a dead feeder is asked for entries",
        liveness.dead_feeders_are_asked_for_entries,
        unit=LEDGER + "test_progress.py",
    ),
    Mutant(
        "a dead feeder is asked for its snapshot",
        liveness.dead_feeders_are_asked_for_snapshots,
        unit=LEDGER + "test_progress.py",
    ),
    Mutant(
        "the lost store speaks for the new one",
        liveness.the_lost_store_speaks_for_the_new_one,
        unit=LEDGER + "test_quarantine.py",
    ),
)

ELSEWHERE = {
    "staged entries of an earlier term are used": "the chain and the vows refuse a wrong log: safe",
    "expiry by a follower": "it has no term to send it in; see `expiries outlive their term`",
    "learner votes, wiped disk votes": "both are `unlisted stores vote`: votes belong to stores",
    "a term used twice after a restart": "`make model` finds it: TERM_TWICE",
    "a chunked adopt": "`make model` finds it: CHUNKED_ADOPT",
    "replacement counted in the wrong set": "`make model`: OLD_SET, OLD_SET_CHOOSES, NEW_SET_EARLY",
    "a new store votes at once": "no seed met it; `make model` finds it: NEW_SET_EARLY",
}
"""Bugs that are none in this code, and those that only the model's own mutants stand for."""
