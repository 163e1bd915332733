"""Planted bugs: each is a small patch, and each must be found by seeds or by a scenario.

They test the simulator. A mutant that survives means that a real bug of that kind would, too. The
patches live here and nowhere else; those marked "was real" undo the fix of a bug that the simulator
found while it was written.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.clocks import voting
from appliance.ledger.effects import Fenced, Send, Write
from appliance.ledger.election import log_selection as choice_module
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.leader import peers as peers_module
from appliance.ledger.leader.batches import Batches
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.lease_clock import LeaseClock
from appliance.ledger.leader.peers import FOLLOWING, Peers
from appliance.ledger.leader.phases import ADOPTING_LOG, READING
from appliance.ledger.leader.serving import Serving
from appliance.ledger.log import log_time as log_time_module
from appliance.ledger.membership import backups as backups_module
from appliance.ledger.messages import Ack, Adopted, Message, Promise
from appliance.ledger.replica import replica as replica_module
from appliance.ledger.replica import standing as standing_module
from appliance.ledger.replica.adoption import Adoption
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.standing import Standing
from appliance.ledger.replication.progress import Replication
from appliance.licences import certified
from appliance.licences.members import Member, Membership
from appliance.licences.options import units as units_option
from appliance.licences.state import State
from appliance.sim.options import REPLACE
from appliance.sim.vendor import vouching
from tests.sim import history_mutants as history
from tests.sim import liveness_mutants as liveness
from tests.sim import majority_mutants as few
from tests.sim import seat_mutants as seats
from tests.sim import snapshot_mutants as snapshots
from tests.sim.planting import Mutant, Patch

RESTORED = "restored_from_a_backup"
EMPTY = "empty_since_the_founding"


def _before_durable(kind: type[Message]) -> Patch:
    """Answers of this kind leave as soon as their write is asked for."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        receive = Replica.receive

        def hasty(self: Replica, *args: Any) -> list[Any]:
            effects = receive(self, *args)
            for effect in list(effects):
                if isinstance(effect, Write):
                    pending = self._standing._pending[effect.ticket]
                    answer = pending.answer
                    if pending.origin is not None and isinstance(answer, kind):
                        effects.append(Send(pending.origin, answer))
            return effects

        monkeypatch.setattr(Replica, "receive", hasty)

    return patch


def _one_ack_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Peers, "decide", lambda self, names: len(set(names)) >= 1)


def _one_adopted_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    follows = Coordinator._follows

    def eager(self: Coordinator, now_s: float, *args: Any) -> list[Any]:
        effects = follows(self, now_s, *args)
        if self.phase == ADOPTING_LOG:
            effects += self._serve(now_s)
        return effects

    monkeypatch.setattr(Coordinator, "_follows", eager)


def _credulous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the coordinator nor the upstreams look at what a choice rests on."""
    monkeypatch.setattr(choice_module, "weigh", lambda *_: "")
    monkeypatch.setattr(Adoption, "_unjustified", lambda *_: "")


def _longest_log_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raft's figure 8 in other clothes: the adopted term is not looked at."""
    _credulous(monkeypatch)
    monkeypatch.setattr(peers_module, "rank", lambda vow: (NO_TERM, vow.last_index))


def _shortest_log_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    _credulous(monkeypatch)
    monkeypatch.setattr(peers_module, "rank", lambda vow: (vow.adopted, -vow.last_index))


def _acks_of_any_term(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ack counts by its index alone, whatever its term and root."""
    receive = Coordinator.receive

    def lax(self: Coordinator, now_s: float, name: str, message: Any) -> list[Any]:
        flight = self._serving.batches.flight
        awaited = self.term is not None and flight is not None
        if flight and awaited and isinstance(message, Ack) and message.index == flight.entry.index:
            message = replace(message, term=self.term, root=flight.entry.root)
            self.peers[name].phase = FOLLOWING
        return receive(self, now_s, name, message)

    monkeypatch.setattr(Coordinator, "receive", lax)


def _adopt_does_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cut reaches the memory of a replica but not its disk."""
    write = Standing.write

    def uncut(self: Standing, origin: Any, answer: Any, **fields: Any) -> Any:
        fields.pop("cut_to", None)
        return write(self, origin, answer, **fields)

    monkeypatch.setattr(Standing, "write", uncut)


def _undo_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rolled-back entry leaves its leases behind."""
    revert = State.revert

    def forgetful(self: State, changes: Any) -> None:
        revert(self, [change for change in changes if not isinstance(change, tuple)])

    monkeypatch.setattr(State, "revert", forgetful)


def _commit_without_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat is taken for the word that all that is here is committed."""
    beat = Replica._beat

    def credulous(self: Replica, now_s: float, system_ms: int, origin: Any, message: Any) -> Any:
        if message.term == self.promised:
            self.book.commit(self.book.last_index)
        return beat(self, now_s, system_ms, origin, message)

    monkeypatch.setattr(Replica, "_beat", credulous)


def _endorsed_without_own_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_module, "objections_to", lambda *_: ())


def _objections_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients and TMR hosts count signatures and do not read them."""

    def careless(receipt: Any, outcome: Any, nonce: bytes) -> tuple[int, ...]:
        return vouching(receipt, outcome, nonce) or (1, 2, 3)

    monkeypatch.setattr("appliance.sim.clients.vouching", careless)
    monkeypatch.setattr("appliance.sim.tmr_host.VOICES_NEEDED", 0)


def _mean_of_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    def mean(times: Any, tolerance_ms: int) -> int | None:
        return sum(times) // len(times) + tolerance_ms if len(times) >= 2 else None

    monkeypatch.setattr(log_time_module, "allowed_log_time_ms", mean)
    monkeypatch.setattr(voting, "allowed_log_time_ms", mean)


def _newest_clock_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    def newest(times: Any, tolerance_ms: int) -> int | None:
        return max(times) + tolerance_ms if len(times) >= 2 else None

    monkeypatch.setattr(log_time_module, "allowed_log_time_ms", newest)
    monkeypatch.setattr(voting, "allowed_log_time_ms", newest)


def _log_time_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    log_time = Serving._log_time

    def backward(self: Serving, now_s: float) -> Any:
        log_time_ms, times = log_time(self, now_s)
        return max(0, log_time_ms - 1), times

    monkeypatch.setattr(Serving, "_log_time", backward)
    monkeypatch.setattr(Replica, "_unacceptable", lambda self, entry: "")


def _tokens_from_a_drawer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a time server once said lowers log time, however long ago."""
    monkeypatch.setattr(certified, "is_fresh", lambda asked_ms, log_time_ms: True)


def _local_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads are answered at once by whoever believes to serve."""

    def unfenced(self: Coordinator, now_s: float, ticket: int) -> list[Any]:
        return [Fenced(ticket)] if self.serving else ask(self, now_s, ticket)

    ask = Coordinator.ask
    monkeypatch.setattr(Coordinator, "ask", unfenced)


def _fences_before_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: a beat sent while the log was still being read fenced reads too."""
    beat = Serving.beat

    def early(self: Serving, now_s: float, term: Any) -> Any:
        effects = beat(self, now_s, term)
        self.read_index.sent(self._number)
        return effects

    monkeypatch.setattr(Serving, "beat", early)


def _expiries_outlive_their_term(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: an expiry that a host had queued before it lost its term went into its next."""
    monkeypatch.setattr(Batches, "drop_own", lambda self: None)
    monkeypatch.setattr(Serving, "_unless_renewed", lambda self, requests: requests)


def _renewed_leases_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: an expiry already queued ended a lease that was renewed before it was sent."""
    monkeypatch.setattr(Serving, "_unless_renewed", lambda self, requests: requests)


def _heartbeats_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(self: LeaseClock, now_s: float, lease: Any, generation: int) -> float | None:
        life = self._lives.get(lease)
        return None if life is None or life.generation != generation else life.ttl_s

    monkeypatch.setattr(LeaseClock, "touch", deaf)


def _takeover_gives_no_fresh_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new coordinator lets every lease run out at once."""
    start = LeaseClock.start

    def stale(self: LeaseClock, now_s: float, lease: Any, generation: int, ttl_s: float) -> None:
        start(self, now_s, lease, generation, ttl_s)

    def restart(self: LeaseClock, now_s: float, leases: Any) -> None:
        self._lives.clear()
        self._heap.clear()
        for lease, generation, ttl_s in leases:
            start(self, now_s - ttl_s, lease, generation, ttl_s)

    monkeypatch.setattr(LeaseClock, "start", stale)
    monkeypatch.setattr(LeaseClock, "restart", restart)


def _lost_ack_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: a batch whose ack was lost with its link waited for ever."""
    monkeypatch.setattr(
        Serving, "holds", lambda self, now_s, peer, term: self._replication.feed(now_s, peer, term)
    )


def _no_third_is_fed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upstream that came late is never brought to the log."""

    def promised(self: Coordinator, now_s: float, peer: Any, message: Any) -> Any:
        if self.phase not in ("preparing", READING):
            return []
        return original(self, now_s, peer, message)

    original = Coordinator._promised
    monkeypatch.setattr(Coordinator, "_promised", promised)


def _adopt_lacks_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last entry of the chosen log is left out and yet taken for committed."""
    bring = Replication.bring

    def short(self: Replication, *args: Any) -> Any:
        effects: list[Any] = list(bring(self, *args))
        for position, tell in enumerate(effects):
            tail = getattr(tell.message, "tail", ())
            if tail:
                message = replace(tell.message, tail=tail[:-1])
                effects[position] = type(tell)(tell.to, message)
        return effects

    monkeypatch.setattr(Replication, "bring", short)


def _unlisted_stores_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty disk in a lost one's place counts as if it were the lost one."""
    listed = Membership.member

    def anybody(self: Membership, store: bytes) -> Member | None:
        return listed(self, store) or (Member("", store) if self.voters and store else None)

    monkeypatch.setattr(Membership, "member", anybody)


def _lower_terms_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fence is down: an old term is promised again."""
    claim = Replica._claim

    def open_door(self: Replica, now_s: float, origin: Any, message: Any) -> Any:
        term = getattr(message, "term", None)
        if term is not None and term.host == origin.host and term < self.promised:
            self._standing.promised = self._standing.adopted = NO_TERM
        return claim(self, now_s, origin, message)

    monkeypatch.setattr(Replica, "_claim", open_door)


def _restored_units_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units_option, "units_rest", lambda state, firm_code: False)


def _restore_takes_an_unproven_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups_module, "is_proven", lambda *_: True)


def _restore_forgets_units(monkeypatch: pytest.MonkeyPatch) -> None:
    carry = State.carry

    def forget(self: State, restored: Any, *more: Any) -> None:
        carry(self, replace(restored, units_used=()), *more)

    monkeypatch.setattr(State, "carry", forget)


def _nobody_waits_for_a_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three empty stores are founded from nothing, whatever they wait for."""
    monkeypatch.setattr(choice_module, "founding", lambda words, own: own)
    monkeypatch.setattr(standing_module, "mark_in", lambda intent: b"")


def _promises_never_lapse(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upstream stays with whoever it once heard, dead or not."""

    def sticky(self: Replica, now_s: float) -> str:
        return self._heard.host if self._heard else ""

    monkeypatch.setattr(Replica, "hears", sticky)


def _outvoted_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_module, "why_outvoted", lambda *_: "")


MUTANTS = (
    Mutant("stickiness that deadlocks", _promises_never_lapse),
    Mutant("who is outvoted goes on", _outvoted_goes_on, also=(306,)),
    Mutant("ack before durable", _before_durable(Ack)),
    Mutant("promise before durable", _before_durable(Promise)),
    Mutant("adopted before durable", _before_durable(Adopted)),
    Mutant("quorum off by one: one ack commits", _one_ack_commits),
    Mutant("one adopted is enough to serve", _one_adopted_serves),
    Mutant("one promise is enough to choose", few.one_promise_chooses),
    Mutant("the longest log is chosen, not the newest", _longest_log_chosen, "figure_8"),
    Mutant("the shortest log is chosen", _shortest_log_chosen),
    Mutant("acks of earlier terms count", _acks_of_any_term, "ack_of_an_earlier_term"),
    Mutant("an adopt does not cut the disk", _adopt_does_not_cut),
    Mutant("undo leaves leases behind", _undo_forgets),
    Mutant("committed without a proof", _commit_without_proof),
    Mutant("numbered request runs twice", seats.numbered_request_runs_twice),
    Mutant("one seat too many", seats.one_seat_too_many),
    Mutant("a retry makes a second lease", seats.retry_makes_a_second_lease),
    Mutant("endorsed without own check", _endorsed_without_own_check),
    Mutant("objections ignored", _objections_ignored, also=(27,)),
    Mutant("log time is the mean", _mean_of_clocks),
    Mutant("log time is the newest clock", _newest_clock_wins),
    Mutant("log time goes back", _log_time_goes_back),
    Mutant("one token lowers log time", few.one_token_lowers, also=(146,)),
    Mutant("old tokens lower log time", _tokens_from_a_drawer, also=(124,)),
    Mutant("reads without a fence", _local_reads, "stale_answer_fenced"),
    Mutant("fences before serving", _fences_before_serving),
    Mutant("expiries outlive their term", _expiries_outlive_their_term, "expiry_of_an_old_term"),
    Mutant("renewed leases expire", _renewed_leases_expire, also=(86,)),
    Mutant("heartbeats do not count", _heartbeats_do_not_count),
    Mutant("a takeover gives no fresh life", _takeover_gives_no_fresh_life),
    Mutant("a lost ack stalls the ledger", _lost_ack_stalls, "lost_ack_with_its_link"),
    Mutant("a late upstream is not fed", _no_third_is_fed),
    Mutant("an adopt lacks its end", _adopt_lacks_its_end),
    Mutant("unlisted stores vote", _unlisted_stores_vote, exaggerate=REPLACE),
    Mutant("lower terms are served", _lower_terms_served),
    Mutant("restored units are free at once", _restored_units_are_free, RESTORED),
    Mutant("restore takes an unproven log", _restore_takes_an_unproven_log, RESTORED),
    Mutant("a restore forgets what was used", _restore_forgets_units, RESTORED),
    Mutant("nobody waits for a restore", _nobody_waits_for_a_restore, RESTORED),
    Mutant("the history forgets what was before", history.history_forgets_what_was_before),
    Mutant("a rollback stays in the history", history.rollback_stays_in_the_history),
    Mutant("a restore begins the history anew", history.restore_begins_the_history_anew, RESTORED),
    Mutant("a snapshot is stored without its tail", snapshots.snapshot_without_its_tail),
    Mutant("compaction past the commit", snapshots.compaction_past_the_commit),
    Mutant("a snapshot taken unsealed", snapshots.snapshot_taken_unsealed),
    Mutant("a dump that survives a rollback", snapshots.dump_survives_a_rollback),
    Mutant("a snapshot without its log time", snapshots.log_time_is_not_restored, also=(65,)),
    Mutant("seals are not verified", snapshots.seals_not_verified, malicious=True, also=(18,)),
    Mutant("empty stores name nobody", liveness.empty_stores_name_nobody, EMPTY),
    Mutant("the third upstream is waited for", liveness.the_third_is_waited_for),
)
