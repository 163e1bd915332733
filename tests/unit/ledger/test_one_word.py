"""What one host says moves nobody but itself, field by field (D3; the table in ARCHITECTURE.md)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import Voice, ack_bytes, vow_bytes
from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.effects import Tell
from appliance.ledger.election import log_selection as choice_module
from appliance.ledger.election.terms import COUNT_MAX, Term
from appliance.ledger.leader.peers import FOLLOWING, STAGING, Peers, Relay
from appliance.ledger.leader.phases import ADOPTING_LOG, READING, SERVING
from appliance.ledger.limits import Limits
from appliance.ledger.log.log_time import proven
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import (
    Ack,
    Adopted,
    Entries,
    Entry,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    Offer,
    Prepare,
    Promise,
    SnapshotHead,
    Staged,
    TermRefused,
)
from appliance.ledger.replication.learner import PATIENCE_ASKS, Learner
from appliance.ledger.replication.progress import ASKED_MAX, Replication
from appliance.ledger.snapshot.fetching import Fetching
from appliance.licences.commands import CertifyTime, Found, Replace, Tick, encode_command
from appliance.licences.machine import Machine
from appliance.licences.members import Membership
from appliance.licences.model import Container
from appliance.licences.state import State
from appliance.sim.vendor import READERS, UPSTREAMS, verify_store
from tests.unit.ledger.claimant import Claimant
from tests.unit.ledger.test_liars import with_entry
from tests.unit.ledger.test_promises import keep, serving
from tests.unit.ledger.world import (
    FOUND,
    LOG,
    STORES,
    adopt,
    fingerprint,
    only,
    proof,
    served,
    term,
    vow,
)

FAR = 2**62


# --- what an upstream is told ---


def test_a_vow_that_does_not_count_leads_no_choice() -> None:
    """A vow of another term had the highest adopted term: no log was left, and the core raised."""
    bench = served()
    bench.ask(Prepare(term(6)))
    old = vow(term(5), LOG, "up3", adopted=term(4, "tmr9"))
    strange = replace(old, adopted=Term(99, "tmr9", 1), last_root=bytes(32))
    strange = replace(strange, signature=STORES["up3"].sign(vow_bytes(strange)))
    message = adopt(term(6), LOG)
    message = replace(message, vows=(*message.vows, strange))
    assert only(bench.ask(message), Adopted).last_index == 4


def test_a_vow_of_an_empty_log_with_a_root_is_no_choice() -> None:
    bench = served()
    bench.ask(Prepare(term(6)))
    first, second = (vow(term(6), LOG, name) for name in ("up2", "up3"))
    odd = replace(first, adopted=Term(5, "tmr9", 2), last_index=0, last_root=b"x" * 32)
    odd = replace(odd, signature=STORES["up2"].sign(vow_bytes(odd)))
    before = fingerprint(bench.replica.book)
    only(bench.ask(adopt(term(6), LOG, vows=(odd, second))), TermRefused)
    assert fingerprint(bench.replica.book) == before


@pytest.mark.parametrize(
    "command",
    [
        Replace("up3", b"n" * 33, "who", "why"),
        Replace("up3", b"new", "w" * 300, "why"),
        Replace("p" * 300, b"new", "who", "why"),
        Found(b"", "131-1", FOUND.stores),
        Found(b"L" * 65, "131-1", FOUND.stores),
        Found(b"L", "130-1", FOUND.stores),
        Found(b"L", "no serial", FOUND.stores),
    ],
)
def test_who_votes_by_a_log_is_judged_alike_before_and_after_it_is_applied(command: Any) -> None:
    """A replica foresaw a replacement that the machine then refused: nobody adopted that log."""
    machine = Machine(*READERS)
    for before in ((), (FOUND,)):
        state = State()
        for earlier in before:
            machine.apply(state, earlier, 0)
        membership = state.membership
        machine.apply(state, command, 0)
        try:
            foreseen = machine.moved(membership, command, 0)
        except ValueError:
            foreseen = membership
        assert foreseen == state.membership


def test_an_old_time_of_another_container_does_not_hold_log_time_back() -> None:
    """A liar showed an old statement of up1's in its own place: the vote stood still."""
    state = State()
    for serial in ("130-1", "130-2", "130-3"):
        state.containers[serial] = Container(
            serial=serial, cmact_id="C", twin=1, certificate=serial.encode()
        )

    def says(serial: str, ms: int) -> TimeStatement:
        return TimeStatement(serial, ms, time_bytes(serial, ms))

    def verify(certificate: bytes, data: bytes, signature: bytes) -> bool:
        return signature == data

    for times in (
        (says("130-1", 900), says("130-2", 901), says("130-1", 5)),
        (says("130-1", 5), says("130-1", 900), says("130-2", 901)),
    ):
        assert proven(times, state, verify) == {"130-1": 900, "130-2": 901}


# --- what a coordinator is told ---


def test_snapshots_that_nobody_asked_for_keep_no_reader_waiting() -> None:
    """The holder of the chosen log gave no entries, and heads of snapshots all the while."""
    claimant = Claimant()
    longer = with_entry(LOG, Tick())
    claimant.promises("up1", LOG, proof(term(5), LOG, 3))
    claimant.promises("up2", LOG, None)
    claimant.promises("up3", longer, None)
    assert (claimant.core.phase, claimant.holder()) == (READING, "up3")
    for _ in range(200):
        claimant.says("up3", SnapshotHead(None, 0, ()))
        claimant.wait(0.05)
        if claimant.holder() != "up3":
            break
    assert claimant.holder() != "up3"


def test_a_log_without_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice_module, "UNPROVEN_BYTES_MAX", 40 * 400)
    claimant = Claimant()
    log = list(LOG)
    claimant.promises("up1", LOG, proof(term(5), LOG, 3))
    claimant.promises("up2", LOG, None)
    endless = replace(vow(claimant.term, LOG, "up3", adopted=term(5)), last_index=FAR)
    claimant.promises_as("up3", endless, LOG)
    for _ in range(100):
        if claimant.core.phase != READING or claimant.holder() != "up3":
            break
        first = claimant.last("up3", Fetch).first
        while len(log) < first + 9:
            log = with_entry(log, Tick())
        claimant.says("up3", Entries(first, tuple(log[first - 1 :]), 0, len(log), None))
    assert claimant.holder() != "up3"
    assert claimant.disputed == ["up3"]
    first = claimant.last(claimant.holder(), Fetch).first
    claimant.says(claimant.holder(), Entries(first, tuple(LOG[first - 1 :]), 0, len(LOG), None))
    assert claimant.core.phase == ADOPTING_LOG


def test_whoever_adopted_another_log_than_the_chosen_one_does_not_count() -> None:
    claimant = Claimant()
    for name in UPSTREAMS:
        claimant.promises(name, LOG, None)
    claimant.gives(claimant.holder(), LOG)
    claimant.adopts("up1", LOG)
    for index, root in ((2, LOG[1].root), (4, bytes(32)), (FAR, bytes(32))):
        data = ack_bytes(claimant.term, index, root, b"")
        voice = Voice(STORES["up3"].id, STORES["up3"].sign(data))
        claimant.says("up3", Adopted(claimant.term, index, root, voice))
        assert claimant.core.phase == ADOPTING_LOG
        claimant.promises("up3", LOG, None)
    claimant.adopts("up2", LOG)
    assert claimant.core.phase == SERVING


def test_acks_of_what_was_never_sent_are_passed_over() -> None:
    claimant = serving()
    claimant.promises("up3", LOG, None)
    claimant.adopts("up3", LOG)
    peer, end = claimant.core.peers["up3"], claimant.core.book.last_index
    number = claimant.last("up3", Heartbeat).number
    claimant.says("up3", HeartbeatAck(claimant.term, number + 5, FAR, FAR, FAR, (), None, ""))
    assert (peer.acked_number, peer.last_index) == (0, end)
    claimant.says("up3", HeartbeatAck(claimant.term, number, FAR, FAR, FAR, (), None, ""))
    assert (peer.acked_number, peer.last_index) == (number, end)
    for index, root in ((FAR, bytes(32)), (end, bytes(32))):
        voice = Voice(STORES["up3"].id, b"")
        claimant.says("up3", Ack(claimant.term, index, root, None, b"", voice))
        assert (peer.match_index, peer.last_index) == (end, end)


def test_one_upstream_makes_no_flood_of_entries() -> None:
    claimant = serving()
    claimant.promises("up3", LOG, None)
    claimant.adopts("up3", LOG)
    for number in range(500):
        claimant.says("up3", Offer(encode_command(CertifyTime(b"%d" % number, ""))))
    keep(claimant)
    assert claimant.core.book.last_index + len(claimant.core._serving.batches) <= len(LOG) + 1
    assert len(claimant.core._serving.batches) <= 1


def test_staging_beyond_the_log_is_no_progress() -> None:
    claimant = Claimant()
    for name in UPSTREAMS:
        claimant.promises(name, LOG, None)
    claimant.gives(claimant.holder(), LOG)
    mine = claimant.term
    for step in range(200):
        claimant.says("up3", Staged(mine, 10 + step, 10 + step))
        claimant.wait(0.05)
        if claimant.core.term != mine:
            break
    assert claimant.core.term != mine


# --- whom it asks for what another one lacks ---


class Feeder:
    """A coordinator's part that feeds up3, of which the window holds nothing."""

    def __init__(self) -> None:
        limits = Limits()
        self.tail = Tail(Machine(*READERS), limits)
        self.peers = Peers(UPSTREAMS, Membership)
        self.replication = Replication(self.peers, self.tail, limits)
        self.tail.take(LOG)
        self.tail.commit(4)
        self.tail.window.restart(4, LOG[-1].root)
        for peer in self.peers:
            peer.up, peer.last_index, peer.phase = True, FAR, FOLLOWING
        self.behind = self.peers["up3"]
        promised = vow(term(9), [], "up3")
        self.behind.promise = Promise(term(9), promised, (), None, None, 0)
        self.behind.phase = STAGING

    def again(self, now_s: float) -> list[str]:
        """Whom it asks, when nothing came for long."""
        effects = self.replication.bring_again(now_s, 1.0, term(9))
        return [effect.to for effect in effects if isinstance(effect, Tell)]


def test_whoever_leaves_another_one_waiting_is_asked_last() -> None:
    """up1 said that it has everything, and gave nothing: up3 never caught up."""
    feeder = Feeder()
    assert feeder.again(10.0) == ["up1"]
    assert feeder.again(20.0) == ["up2"]
    assert feeder.again(30.0) == ["up1"]


@pytest.mark.parametrize("entries", [(), tuple(LOG)], ids=["gone", "some"])
def test_what_nobody_asked_for_is_passed_on_to_nobody(entries: tuple[Entry, ...]) -> None:
    """Seed 93: "entries from 0 on" looked like an answer while nothing was asked for."""
    feeder = Feeder()
    assert feeder.behind.wanted == 0
    said = Entries(0, entries, 0, FAR, None)
    assert feeder.replication.fetched(1.0, said, term(9)) == []
    assert feeder.behind.relay is None


def test_a_snapshot_that_does_not_come_is_not_waited_for() -> None:
    feeder = Feeder()
    feeder.behind.relay = Relay("up1", None, COUNT_MAX)
    asked = [feeder.again(10.0 * number) for number in range(1, ASKED_MAX + 2)]
    assert asked[:ASKED_MAX] == [["up1"]] * ASKED_MAX, "once more and again, for it may be lost"
    assert asked[ASKED_MAX] == ["up2"]
    assert feeder.behind.relay is None


def test_whoever_says_that_it_has_most_and_gives_nothing_is_not_asked_for_ever() -> None:
    tail = Tail(Machine(*READERS), Limits())
    peers = Peers(UPSTREAMS, lambda: tail.book.state.membership)
    for peer in peers:
        peer.up = True
    peers["up1"].last_index, peers["up2"].last_index = FAR, 4
    fetching = Fetching(peers, tail, verify_store)
    following = Learner(peers, tail, fetching, Limits(), verify_store)
    most: list[str] = []
    for _ in range(2 * PATIENCE_ASKS):
        for effect in following.ask():
            assert isinstance(effect, Tell) and isinstance(effect.message, Fetch)
            if effect.message.bytes_max > 1:
                most.append(effect.to)
    assert set(most[:PATIENCE_ASKS]) == {"up1"}
    assert most[-1] == "up2"
