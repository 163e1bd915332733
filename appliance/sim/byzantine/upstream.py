"""A Byzantine upstream: it was taken over, holds its keys, and says what it likes (design D3).

Under each an honest core goes on running, so that the others mostly believe the host; what leaves
it, and what reaches it, passes a liar first. A seed picks some kinds of lies and how often. What
can go wrong in here is a liar so clumsy that nobody would ever believe it: so lies keep to the form
of the truth, carry every true signature that the host can have, and are told when they matter.

A liar keeps still until the ledger is founded: an operator founds it with five good hosts.
"""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Any

from msgspec.structs import replace

from appliance.ledger import messages as m
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.certificates.receipts import Endorsement, TimeStatement, time_bytes
from appliance.ledger.effects import Origin
from appliance.ledger.election.terms import Term
from appliance.ledger.log.book import ChainBroken, read_entry
from appliance.ledger.replica.replica import Replica
from appliance.licences import commands as c
from appliance.sim.byzantine.fields import IN_A_FIELD, Liar
from appliance.sim.byzantine.snapshots import FORGES_SNAPSHOTS, FalseSnapshot, false_seal
from appliance.sim.stage import Stage
from appliance.sim.upstream_host import UpstreamHost
from appliance.sim.vendor import UPSTREAMS, SimContainer, SimStore
from appliance.verifier.layouts import ZERO_ROOT, endorsement_bytes, entry_root

KEPT_MAX = 64
MY_STORE = SimStore(b"a store of the liar's own")
YEAR_MS = 365 * 86_400_000

DENIES_END = "denies its log's end"
CLAIMS_ADOPTED = "claims a later adopted term"
MAKES_UP_LOG = "makes up a longer log"
STRIPS_PROOFS = "strips proofs and grounds"
FORGES_PROOFS = "forges proofs and grounds"
ACKS_UNSTORED = "acks what it does not store"
FORGES_ENTRIES = "forges entries in answers"
ENDORSES_ANYTHING = "endorses anything"
LIES_ABOUT_TIME = "lies about its time"
OFFERS_RUBBISH = "offers rubbish"
VOTES_TWICE = "votes for everybody"
REPLAYS = "replays what was said before"
UPSTREAM_LIES = (
    DENIES_END,
    CLAIMS_ADOPTED,
    MAKES_UP_LOG,
    STRIPS_PROOFS,
    FORGES_PROOFS,
    ACKS_UNSTORED,
    FORGES_ENTRIES,
    ENDORSES_ANYTHING,
    LIES_ABOUT_TIME,
    OFFERS_RUBBISH,
    VOTES_TWICE,
    FORGES_SNAPSHOTS,
    REPLAYS,
    IN_A_FIELD,
)


class LieSchedule:
    """Which lies a seed's liar tells, when, and how many it told; with a chance of its own."""

    def __init__(self, cluster: Stage, lies: tuple[str, ...]) -> None:
        self._cluster = cluster
        self.rng = Random(f"lies {cluster.options.seed}")
        self.told: dict[str, int] = {}
        chances = (0.0, 0.05, 0.3, 1.0)
        self._odds = {lie: self.rng.choice(chances) for lie in lies}

    def may(self, lie: str) -> bool:
        """Whether to tell this lie now; it is counted as told."""
        if not self._cluster.oracle.last_index or self.rng.random() >= self._odds[lie]:
            return False
        self.told[lie] = self.told.get(lie, 0) + 1
        return True

    def tells(self, lie: str) -> bool:
        """Whether it tells this lie at all."""
        return self._odds[lie] > 0.0

    def made_up(self) -> tuple[c.AnyCommand, ...]:
        """Commands that nobody asked for: about leases there are, and about one there is not."""
        cluster, rng = self._cluster, self.rng
        leases = sorted(cluster.oracle.book.state.active_leases(), key=lambda lease: lease.ref)
        if rng.random() < 0.15:
            place = rng.choice(UPSTREAMS)
            return (c.Replace(place, MY_STORE.id, "nobody", "made up"),)
        if not leases or rng.random() < 0.2:
            return (c.Tick(),)
        lease = rng.choice(leases)
        return (
            rng.choice(
                (
                    c.Release(lease.ref, lease.generation, "nobody", "made up"),
                    c.Expire(lease.ref, lease.generation),
                    c.CheckIn(lease.ref, lease.generation),
                    c.Consume(lease.ref, lease.generation, lease.last_number + 1, 1, b"made up"),
                )
            ),
        )

    def entry(
        self,
        index: int,
        previous_root: bytes,
        term: Term,
        like: m.EntryBody,
        commands: tuple[c.AnyCommand, ...] = (),
    ) -> m.Entry:
        """A made-up entry that follows on this root; sometimes its log time is far away."""
        log_time_ms = like.log_time_ms
        if self.rng.random() < 0.3:
            log_time_ms = max(0, log_time_ms + self.rng.choice((-YEAR_MS, -1, 3_000, YEAR_MS)))
        data = tuple(c.encode_command(command) for command in commands or self.made_up())
        body = m.encode_body(m.EntryBody(log_time_ms, like.times, data))
        return m.Entry(index, term, entry_root(previous_root, index, body), body)


def body_of(entry: m.Entry | None) -> m.EntryBody:
    """What an entry holds, or nothing at all."""
    try:
        return read_entry(entry)[0] if entry is not None else m.EntryBody(0, (), ())
    except ChainBroken:
        return m.EntryBody(0, (), ())


class ByzantineUpstream(UpstreamHost):
    """An upstream that lies to TMR hosts with the keys of its own store and container."""

    def __init__(self, cluster: Stage, name: str, container: SimContainer) -> None:
        super().__init__(cluster, name, container)
        self.lies = LieSchedule(cluster, UPSTREAM_LIES)
        self._said: deque[m.Message] = deque(maxlen=KEPT_MAX)
        self._vows: deque[Vow] = deque(maxlen=KEPT_MAX)
        self._made_up: list[m.Entry] = []
        own = (self._store().id, self._store().sign)
        self.liar = Liar(self.lies.rng, m.FromUpstream, own, container.sign)
        self._hollow = False
        self._false: FalseSnapshot | None = None

    # --- what it hears ---

    def receive(self, origin: Origin, life: int, message: Any) -> None:
        """Some requests are answered without the honest core, which then never learns of them."""
        if self.replica is not None and not self._postponed(lambda: None):
            match message:
                case m.Adopt():
                    self._hollow = False
                    self._vows.extend(message.vows)
                case m.Append():
                    if self._hollow or self._may(ACKS_UNSTORED):
                        self._hollow = True
                        self._ack(origin, message)
                        return
                case m.Outvoted():
                    return  # A liar that is told of takes no notice.
                case m.Prepare() if self._may(VOTES_TWICE):
                    self._send(origin, self._promise(message.term))
                    return
                case m.SnapshotChunkRequest() if (
                    self._false and message.index == self._false.head.index
                ):
                    data = self._false.chunks[min(message.chunk, len(self._false.chunks) - 1)]
                    self._send(origin, m.SnapshotChunk(message.index, message.chunk, data))
                    return
                case m.Heartbeat() if self._may(VOTES_TWICE):
                    self._send(origin, self._beat_ack(message))
                    return
        super().receive(origin, life, message)

    def _say_damaged(self, replica: Replica) -> None:
        """What it says of itself moves no operator here."""

    def _may(self, lie: str) -> bool:
        return self.lies.may(lie)

    def _store(self) -> SimStore:
        return self.disk.store

    def _ack(self, origin: Origin, message: m.Append) -> None:
        """Word for an entry that is stored nowhere here."""
        term, entry = message.term, message.entry
        data = ack_bytes(term, entry.index, entry.root, b"")
        voice = Voice(self._store().id, self._store().sign(data))
        self._send(origin, m.Ack(term, entry.index, entry.root, None, b"", voice))

    def _promise(self, term: Term) -> m.Promise:
        """A promise that binds nobody: made for whatever term is asked for."""
        assert self.replica is not None
        standing = self.replica._standing
        return m.Promise(term, standing.vow(term), standing.grounds, standing.commit, None, 0)

    def _beat_ack(self, message: m.Heartbeat) -> m.HeartbeatAck:
        assert self.replica is not None
        book = self.replica.book
        return m.HeartbeatAck(
            message.term,
            message.number,
            book.last_index,
            book.commit_index,
            0,
            (MY_STORE.id,),
            self._time() if message.want_time else None,
            "",
        )

    # --- what it says ---

    def _send(self, to: Origin, message: m.Message) -> None:
        """Everything that leaves this host."""
        for said in self._lies(message):
            lie = self.liar.lie(said) if self._may(IN_A_FIELD) else said
            self._said.append(lie)
            super()._send(to, lie)
            self.cluster.oracle.signed(self.cluster.now_s, lie)
        if self.lies.rng.random() < 0.1 and self._may(IN_A_FIELD):
            super()._send(to, self.liar.out_of_the_blue(self.disk.promised))
        if self._said and self._may(REPLAYS):
            super()._send(to, self.lies.rng.choice(self._said))

    def _lies(self, message: m.Message) -> list[m.Message]:
        """What it says instead of this."""
        match message:
            case m.Promise():
                return [self._false_promise(message)]
            case m.Entries() if self._made_up or self._may(FORGES_ENTRIES):
                return [self._false_entries(message)]
            case m.Ack() if message.endorsement is not None and self._may(ENDORSES_ANYTHING):
                return [replace(message, endorsement=self._false_word(message.endorsement))]
            case m.SnapshotHead() if self._may(FORGES_SNAPSHOTS) and self.replica is not None:
                own = (self._store(), MY_STORE)
                self._false = FalseSnapshot(self.lies.rng, self.replica.book, own, self._stores())
                return [self._false.answer(message.stores, own)]
            case m.SnapshotChunk() if self._may(FORGES_SNAPSHOTS):
                return [replace(message, data=message.data[:-1] + b"x")]
            case m.HeartbeatAck() if message.seal is not None and self._may(FORGES_SNAPSHOTS):
                seal = false_seal(self.lies.rng, message.seal, self._store())
                return [replace(message, seal=seal)]
            case m.HeartbeatAck() if message.time is not None and self._may(LIES_ABOUT_TIME):
                return [replace(message, time=self._time())]
            case m.HeartbeatAck() if self._may(OFFERS_RUBBISH):
                return [message, m.Offer(self._rubbish())]
            case _:
                return [message]

    def _time(self) -> TimeStatement:
        years = self.lies.rng.choice((-30, -1, 1, 30))
        time_ms = max(0, self.system_ms() + years * YEAR_MS)
        serial = self.container.serial
        return TimeStatement(serial, time_ms, self.container.sign(time_bytes(serial, time_ms)))

    def _rubbish(self) -> bytes:
        rng = self.lies.rng
        if rng.random() < 0.5:
            return rng.randbytes(rng.randint(0, 40))
        kind = rng.choice((c.CertifyTime, c.ShowBinding))
        return c.encode_command(kind(rng.randbytes(20), self.name))

    def _false_word(self, endorsement: Endorsement) -> Endorsement:
        """A true signature of this container under a false statement, or without its objections."""
        rng, statement = self.lies.rng, endorsement.statement
        statement = rng.choice(
            (
                statement,
                replace(statement, outcome_root=rng.randbytes(32)),
                replace(statement, history_root=rng.randbytes(32)),
                replace(statement, log_root=rng.randbytes(32)),
                replace(statement, index=statement.index + 1),
            )
        )
        time_ms = endorsement.system_time_ms
        signature = self.container.sign(endorsement_bytes(statement, (), time_ms))
        return Endorsement(statement, (), time_ms, signature)

    def _false_promise(self, promise: m.Promise) -> m.Promise:
        """A promise with a vow that is signed and not so."""
        self._made_up = []
        vow, grounds, commit = promise.vow, promise.grounds, promise.commit
        if self._may(STRIPS_PROOFS):
            grounds = grounds if self.lies.rng.random() < 0.5 else ()
            commit = None
            vow = replace(vow, proof_index=0, proof_root=ZERO_ROOT)
        if self._may(DENIES_END):
            vow = self._shorter(vow)
        elif self._may(MAKES_UP_LOG):
            vow = self._longer(vow)
        if self._may(CLAIMS_ADOPTED):
            vow, grounds = self._later(vow, grounds)
        if self._may(FORGES_PROOFS):
            commit = self._proof(vow, commit)
            vow = replace(vow, proof_index=commit.index, proof_root=commit.root)
        vow = replace(vow, signature=self._store().sign(vow_bytes(vow)))
        return replace(promise, vow=vow, grounds=grounds, commit=commit)

    def _shorter(self, vow: Vow) -> Vow:
        entries = self.disk.entries
        last = self.lies.rng.randint(0, max(0, min(vow.last_index, len(entries)) - 1))
        root = entries[last - 1].root if last else ZERO_ROOT
        return replace(vow, last_index=last, last_root=root)

    def _longer(self, vow: Vow) -> Vow:
        """Entries that nobody sent, or others in the place of the last few."""
        rng, entries = self.lies.rng, self.disk.entries
        start = max(0, min(vow.last_index, len(entries)) - rng.choice((0, 0, 1, 3)))
        root = entries[start - 1].root if start else ZERO_ROOT
        like = body_of(entries[start - 1] if start else None)
        for index in range(start + 1, vow.last_index + rng.randint(1, 3) + 1):
            entry = self.lies.entry(index, root, vow.adopted, like)
            self._made_up.append(entry)
            root = entry.root
        return replace(vow, last_index=self._made_up[-1].index, last_root=root)

    def _later(self, vow: Vow, grounds: tuple[Vow, ...]) -> tuple[Vow, tuple[Vow, ...]]:
        """A term that it never adopted, with grounds old, forged, or its own twice."""
        rng = self.lies.rng
        nonce = rng.getrandbits(64)
        adopted = rng.choice((vow.term, Term(max(1, vow.term.counter - 1), "tmr1", nonce)))
        known = [kept for kept in self._vows if kept.term == adopted]
        mine = replace(vow, term=adopted, signature=b"")
        mine = replace(mine, signature=self._store().sign(vow_bytes(mine)))
        others = [replace(mine, store=store) for store in self._stores()]
        shown = rng.choice(
            ((mine, mine), (mine, *known), (mine, others[0]), grounds, tuple(others))
        )
        return replace(vow, adopted=adopted), shown[:3]

    def _stores(self) -> list[bytes]:
        """The ids of the other two."""
        return [
            self.cluster.upstreams[name].disk.store.id for name in UPSTREAMS if name != self.name
        ]

    def _proof(self, vow: Vow, commit: CommitProof | None) -> CommitProof:
        """A proof with one true voice, its own; the other is forged, or its own again.

        Or a true one to which somebody else's voice was added.
        """
        rng, store = self.lies.rng, self._store()
        stranger = Voice(rng.choice(self._stores()), rng.randbytes(16))
        if commit is not None and rng.random() < 0.3:
            return replace(commit, voices=(*commit.voices, stranger)[:3])
        data = ack_bytes(vow.adopted, vow.last_index, vow.last_root, b"")
        mine = Voice(store.id, store.sign(data))
        voices = rng.choice(((mine, mine), (mine, stranger), (mine,)))
        return CommitProof(vow.adopted, vow.last_index, vow.last_root, b"", voices)

    def _false_entries(self, message: m.Entries) -> m.Entries:
        """The log that it claims to have; or other entries, said to be committed."""
        if self._made_up:
            start = self._made_up[0].index
            true = tuple(e for e in self.disk.entries[message.first - 1 :] if e.index < start)
            false = tuple(e for e in self._made_up if e.index >= message.first)
            return replace(
                message,
                entries=true + false,
                last_index=self._made_up[-1].index,
                commit=message.commit,
            )
        entries, disk, first = list(message.entries), self.disk.entries, message.first
        if not 0 < first <= len(disk) + 1:
            return message
        at = self.lies.rng.randint(0, len(entries))
        index = first + at
        before = entries[at - 1] if at else (disk[first - 2] if first > 1 else None)
        root = before.root if before is not None else ZERO_ROOT
        adopted = self.disk.adopted
        false_entry = self.lies.entry(index, root, adopted, body_of(before))
        data = ack_bytes(adopted, index, false_entry.root, b"")
        voice = Voice(self._store().id, self._store().sign(data))
        proof = CommitProof(adopted, index, false_entry.root, b"", (voice, voice))
        return replace(
            message, entries=(*entries[:at], false_entry), last_index=index, commit=proof
        )
