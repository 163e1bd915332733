"""A coordinator on a bench: what upstreams answer it, and what it says."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.effects import Disputed, Doubted, Tell
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import PASSIVE, PREPARING
from appliance.ledger.messages import (
    Adopted,
    AnyMessage,
    Entries,
    Entry,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    PreVote,
    PreVoteReply,
    Promise,
)
from appliance.ledger.timing import Timing
from appliance.sim.releases import SimMachine
from appliance.sim.vendor import UPSTREAMS, verify, verify_store
from tests.unit.ledger.world import FOUND, STORES, term, vow


class Claimant:
    """A coordinator that just prepared a term; `told` is what it said since."""

    def __init__(self, phase: str = PREPARING) -> None:
        """Up to this phase: PASSIVE, PRE_VOTE, or PREPARING with probes that two answered."""
        self.core = Coordinator(
            "tmr2", UPSTREAMS, SimMachine(), Timing(), 7, FOUND, verify, verify_store
        )
        self.now_s = 1.0
        self.told: list[tuple[str, AnyMessage]] = []
        self.disputed: list[str] = []
        self.doubted: list[tuple[str, str]] = []
        for name in UPSTREAMS:
            self._did(self.core.link(self.now_s, name, True))
        if phase != PASSIVE:
            self._did(self.core.want(self.now_s, True, "test"))
        if phase == PREPARING:
            for name in UPSTREAMS[1:]:
                self.says(name, PreVoteReply(1, True, term(8), ""))
        assert self.core.phase == phase

    def _did(self, effects: Any) -> None:
        self.told += [(e.to, e.message) for e in effects if isinstance(e, Tell)]
        self.disputed += [e.upstream for e in effects if isinstance(e, Disputed)]
        self.doubted += [(e.upstream, e.what) for e in effects if isinstance(e, Doubted)]

    @property
    def term(self) -> Term:
        """The term that it claims, or serves in."""
        assert self.core.term is not None
        return self.core.term

    def says(self, name: str, message: AnyMessage) -> None:
        """An upstream answers."""
        self._did(self.core.receive(self.now_s, name, message))

    def willing(self, name: str) -> None:
        """An upstream would promise, whatever was asked last."""
        asked = [m.number for to, m in self.told if to == name and isinstance(m, PreVote)]
        promised = self.core.term or term(8)
        self.says(name, PreVoteReply(asked[-1], True, promised, ""))

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

    def promises_as(self, name: str, said: Vow, log: list[Entry]) -> None:
        """An upstream promises by this vow, signed here, with grounds for its adopted term."""
        mine = replace(said, signature=STORES[name].sign(vow_bytes(said)))
        grounds = tuple(vow(said.adopted, log, other) for other in UPSTREAMS)
        self.says(name, Promise(self.term, mine, grounds, None, None, 0))

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

    def adopts(self, name: str, log: list[Entry]) -> None:
        """An upstream answers the adopt of this log."""
        end = log[-1]
        data = ack_bytes(self.term, end.index, end.root, b"")
        voice = Voice(STORES[name].id, STORES[name].sign(data))
        self.says(name, Adopted(self.term, end.index, end.root, voice))

    def wants(self, wanted: bool) -> None:
        """This host has the address, or has not."""
        self._did(self.core.want(self.now_s, wanted, "test"))

    def loses(self, name: str) -> None:
        """The link to an upstream is gone."""
        self._did(self.core.link(self.now_s, name, False))

    def probe(self) -> int:
        """The number of its newest probe."""
        number: int = self.last("up1", PreVote).number
        return number

    def acks_beat(self, name: str) -> None:
        """An upstream acks the newest beat."""
        beats = [m for to, m in self.told if to == name and isinstance(m, Heartbeat)]
        if self.core.term is not None and beats and beats[-1].term == self.core.term:
            end = self.core.book.last_index
            self.says(name, HeartbeatAck(self.term, beats[-1].number, end, end, 0, (), None, ""))

    def holder(self) -> str:
        """Of whom it asked entries last."""
        return next(name for name, message in reversed(self.told) if isinstance(message, Fetch))
