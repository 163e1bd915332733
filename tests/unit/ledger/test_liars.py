"""The holes that a lying host of five found in the simulator, each by itself (design D3).

Every test here failed before the rule that it names was there.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.coordinator import Coordinator
from appliance.ledger.effects import Disputed, Tell
from appliance.ledger.messages import (
    Ack,
    Adopt,
    Adopted,
    AnyMessage,
    Beat,
    Entries,
    Entry,
    EntryBody,
    Prepare,
    Probe,
    ProbeReply,
    Promise,
    Refused,
    Staged,
    encode_body,
)
from appliance.ledger.phases import ADOPTING_LOG, PREPARING
from appliance.ledger.proofs import CONFLICT, NOT_FOUNDED, CommitProof, Voice, ack_bytes, vow_bytes
from appliance.ledger.receipts import entry_root
from appliance.ledger.standing import BAD_REQUEST
from appliance.ledger.terms import NO_TERM, Term
from appliance.ledger.timing import Timing
from appliance.licences.commands import Found, Operate, Replace, Tick, encode_command
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, UPSTREAMS, SimStore, verify, verify_store
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    STORES,
    SYSTEM_MS,
    TMR2,
    Bench,
    adopt,
    adopted,
    append,
    entries,
    fingerprint,
    only,
    proof,
    served,
    term,
    vow,
)


def with_entry(log: list[Entry], *commands: Any, log_time_ms: int = 0) -> list[Entry]:
    """This log and one entry more."""
    body = encode_body(EntryBody(log_time_ms, (), tuple(encode_command(c) for c in commands)))
    index, root = len(log) + 1, log[-1].root
    return [*log, Entry(index, log[-1].term, entry_root(root, index, body), body)]


# --- what an upstream is asked to adopt ---


@pytest.mark.parametrize("vows", [None, ()])
def test_an_adopt_moves_log_time_no_further_than_an_append(vows: Any) -> None:
    bench = served()
    pushed = with_entry(LOG[:3], Tick(), log_time_ms=SYSTEM_MS)
    before = fingerprint(bench.replica.book)
    if vows is None:
        bench.ask(Prepare(term(6)))
        message = adopt(term(6), pushed)
    else:
        message = replace(adopt(term(5), pushed, cut=3), vows=())
    assert "log time" in only(bench.ask(message), Refused).detail
    assert fingerprint(bench.replica.book) == before
    bench.power_cut()
    assert fingerprint(bench.replica.book) == before


def test_an_adopt_that_replaces_a_store_needs_an_operators_word() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    log = with_entry(LOG[:3], Replace("up3", b"new", "o", "w"))
    message = adopt(term(6), log, vows=tuple(vow(term(6), log, name) for name in ("up1", "up2")))
    assert "no operator" in only(bench.ask(message), Refused).detail
    bench.consent(b"new")
    bench.sync()
    assert only(bench.ask(message), Adopted).last_index == 4


def test_an_empty_log_is_adopted_with_all_three_votes_only() -> None:
    """A hijacked host gave an upstream that had missed the founding a ledger of its own."""
    stores = [SimStore(b"a"), SimStore(b"b")]

    def empty(of: Term, *names: str, by: tuple[SimStore, ...] = ()) -> Adopt:
        vows = [vow(of, [], name) for name in names]
        for store in by:
            false = replace(vows[0], store=store.id)
            vows.append(replace(false, signature=store.sign(vow_bytes(false))))
        return adopt(of, [], vows=tuple(vows))

    bench = Bench()
    bench.ask(Prepare(term(5)))
    for message in (
        empty(term(5)),
        empty(term(5), "up1", "up2"),
        empty(term(5), "up1", "up2", "up2"),
        empty(term(5), "up2", by=tuple(stores)),
        adopt(term(5), [], vows=tuple(vow(term(5), LOG[:1], name) for name in UPSTREAMS)),
    ):
        assert only(bench.ask(message), Refused).detail == NOT_FOUNDED
    assert adopted(bench) == (NO_TERM, 0)
    assert only(bench.ask(empty(term(5), *UPSTREAMS)), Adopted).last_index == 0


def test_a_name_in_a_proof_is_no_signature() -> None:
    """A hijacked host added an upstream's name to a true proof: it took itself for damaged."""
    bench = served()
    true = proof(term(5), LOG, 4)
    named = replace(true, voices=(*true.voices, Voice(STORES["up1"].id, b"no signature")))
    bench.ask(Beat(term(5), 1, False, named))
    assert not bench.replica.damage
    assert only(bench.ask(append(term(5), LOG, 4)), Ack).index == 4


# --- what a coordinator believes ---


class Claimant:
    """A coordinator that just prepared a term; `told` is what it said since."""

    def __init__(self) -> None:
        self.core = Coordinator(
            "tmr2", UPSTREAMS, Machine(*READERS), Timing(), 7, FOUND, verify, verify_store
        )
        self.now_s = 1.0
        self.told: list[tuple[str, AnyMessage]] = []
        self.disputed: list[str] = []
        for name in UPSTREAMS:
            self._did(self.core.link(self.now_s, name, True))
        self._did(self.core.want(self.now_s, True, "test"))
        for name in UPSTREAMS[1:]:
            self.says(name, ProbeReply(1, True, term(8), ""))
        assert self.core.phase == PREPARING
        assert self.core.term is not None
        self.term = self.core.term

    def _did(self, effects: Any) -> None:
        self.told += [(e.to, e.message) for e in effects if isinstance(e, Tell)]
        self.disputed += [e.upstream for e in effects if isinstance(e, Disputed)]

    def says(self, name: str, message: AnyMessage) -> None:
        """An upstream answers."""
        self._did(self.core.receive(self.now_s, name, message))

    def willing(self, name: str) -> None:
        """An upstream would promise, whatever was asked last."""
        asked = [m.number for to, m in self.told if to == name and isinstance(m, Probe)]
        self.says(name, ProbeReply(asked[-1], True, self.term, ""))

    def promises(
        self, name: str, log: list[Entry], commit: CommitProof | None, of: Term | None = None
    ) -> None:
        """An upstream promises, holding this log as adopted in term 5 (or another)."""
        adopted_in = of or term(5)
        proven = commit.index if commit else 0
        mine = vow(self.term, log, name, adopted=adopted_in)
        if commit is not None:
            mine = replace(mine, proof_index=proven, proof_root=commit.root)
            mine = replace(mine, signature=STORES[name].sign(vow_bytes(mine)))
        grounds = tuple(vow(adopted_in, log, other) for other in UPSTREAMS)
        self.says(name, Promise(self.term, mine, grounds, commit, None, 0))

    def gives(self, name: str, log: list[Entry]) -> None:
        """An upstream answers the fetch of its whole log."""
        self.says(name, Entries(1, tuple(log), 0, len(log), None))

    def wait(self, for_s: float) -> None:
        """Let time pass."""
        until_s = self.now_s + for_s
        while self.now_s < until_s:
            self.now_s += 0.05
            self._did(self.core.tick(self.now_s))

    def last(self, to: str, kind: type) -> Any:
        """The newest message of this kind that it sent there."""
        return [m for name, m in self.told if name == to and isinstance(m, kind)][-1]


FORK = with_entry(LOG[:1], Operate("switchover", "tmr2", "w", "y"))
COMMITTED = proof(term(5), LOG, 3)


def test_the_adopt_carries_the_newest_proof_that_a_promise_showed() -> None:
    """Without it an upstream with a fork below that proof never came back (seeds 93 and 209)."""
    claimant = Claimant()
    claimant.promises("up2", LOG, COMMITTED)
    claimant.promises("up3", FORK, None)
    claimant.promises("up1", LOG, COMMITTED)
    claimant.gives(_holder(claimant), LOG)
    assert claimant.core.phase == ADOPTING_LOG
    message = claimant.last("up3", Adopt)
    assert message.commit == COMMITTED

    bench = Bench()
    bench.serve(term(5), FORK)
    bench.tick(1.0)  # tmr1 is not heard any more.
    bench.ask(Prepare(claimant.term), TMR2)
    message = replace(message, vows=message.vows[:2])
    assert only(bench.ask(replace(message, commit=None), TMR2), Refused).detail == CONFLICT
    assert only(bench.ask(message, TMR2), Adopted).last_index == 4


def _holder(claimant: Claimant) -> str:
    return next(name for name, m in reversed(claimant.told) if type(m).__name__ == "Fetch")


def test_two_that_agree_win_over_a_longer_log_of_one() -> None:
    """With all three promises there is nobody left to wait for: the odd one is passed over."""
    claimant = Claimant()
    longer = with_entry(with_entry(LOG[:3], Tick(), Tick()), Tick())
    claimant.promises("up1", LOG, COMMITTED)
    claimant.promises("up2", longer, COMMITTED)
    claimant.promises("up3", LOG, COMMITTED)
    assert _holder(claimant) == "up2"
    claimant.gives("up2", longer)
    assert _holder(claimant) != "up2"
    claimant.says(_holder(claimant), Entries(4, tuple(LOG[3:]), 0, 4, None))
    assert claimant.core.phase == ADOPTING_LOG
    assert claimant.last("up2", Adopt).last_root == LOG[-1].root


def test_who_lost_what_it_signed_is_no_witness() -> None:
    """up1 acked entry 4 and lacks it now: whatever else it lost, it cannot say."""
    claimant = Claimant()
    claimant.promises("up3", LOG, proof(term(5), LOG, 4, "up1", "up3"))
    claimant.promises("up1", LOG[:3], COMMITTED)
    claimant.wait(0.4)
    assert _holder(claimant) == "up3"
    claimant.gives("up3", LOG)
    assert claimant.core.phase != ADOPTING_LOG
    claimant.promises("up2", LOG[:3], COMMITTED)
    assert claimant.core.phase == ADOPTING_LOG
    vows = claimant.last("up2", Adopt).vows
    assert {vow.store for vow in vows} == {STORES["up2"].id, STORES["up3"].id}


def test_who_is_outranked_while_its_log_is_read_is_no_liar() -> None:
    claimant = Claimant()
    claimant.promises("up1", LOG[:2], None)
    claimant.promises("up3", LOG[:3], None)
    claimant.wait(0.4)
    assert _holder(claimant) == "up3"
    claimant.promises("up2", LOG, None)
    claimant.gives("up3", LOG[:3])
    assert _holder(claimant) == "up2"
    claimant.gives("up2", LOG)
    assert claimant.core.phase == ADOPTING_LOG
    assert claimant.disputed == []


def test_proofs_by_stores_that_only_the_read_log_lists_prove_nothing() -> None:
    mine = {name: SimStore(f"mine-{name}".encode()) for name in UPSTREAMS}
    listed = {**{name: store.id for name, store in mine.items()}, "up3": STORES["up3"].id}
    log = entries((Found(b"M" * 16, "131-2", tuple(listed.items())),), (Tick(),), (Tick(),))
    data = ack_bytes(term(9), 3, log[-1].root, b"")
    voices = tuple(Voice(mine[name].id, mine[name].sign(data)) for name in ("up1", "up2"))
    own = Voice(STORES["up3"].id, STORES["up3"].sign(data))
    for shown in (voices, (voices[0], own)):
        claimant = Claimant()
        claimant.promises("up3", log, CommitProof(term(9), 3, log[-1].root, b"", shown), term(9))
        claimant.promises("up1", LOG, COMMITTED)
        claimant.promises("up2", LOG, COMMITTED)
        claimant.gives("up3", log)
        assert claimant.core.book.commit_index == 0


def test_what_is_refused_and_staged_again_is_no_progress() -> None:
    """An upstream that refused its adopt was fed for ever, in a term that led nowhere."""
    claimant = Claimant()
    claimant.promises("up1", LOG, None)
    claimant.promises("up2", LOG, None)
    claimant.wait(0.3)
    claimant.gives(_holder(claimant), LOG)
    assert claimant.core.phase == ADOPTING_LOG
    mine = claimant.term
    for _ in range(40):
        claimant.wait(0.1)
        if claimant.core.term != mine:
            break
        claimant.says("up1", Staged(mine, 4, 0))
        claimant.says("up1", Refused(mine, BAD_REQUEST, mine, "", "no"))
        claimant.promises("up1", LOG, None)
    assert claimant.core.term != mine
