"""Drives the ledger above its bounds: a simulated cluster with churn, and each part by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from msgspec import structs

from appliance.ledger.effects import Batch, Failed, Origin
from appliance.ledger.election.log_selection import LogSelection
from appliance.ledger.election.pre_vote import PreVotes
from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.leader.batches import NO_TICKET, Batches, Flight
from appliance.ledger.leader.denials import Denials
from appliance.ledger.leader.known_rules import KnownRules
from appliance.ledger.leader.lanes import Lanes, Request
from appliance.ledger.leader.lease_clock import LeaseClock
from appliance.ledger.leader.peers import Peers
from appliance.ledger.leader.read_index import ReadIndex
from appliance.ledger.leader.serving import Serving
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.log.window import Window
from appliance.ledger.membership.heads import Head, Heads
from appliance.ledger.membership.turned_back import PutBack, TurnedBack
from appliance.ledger.messages import Entries, Entry, PreVote, SnapshotChunk, SnapshotHead, Stage
from appliance.ledger.names.book import NameBook
from appliance.ledger.replica.surroundings import Retention
from appliance.ledger.replication.learner import Learner
from appliance.ledger.snapshot.dumps import Dumps
from appliance.ledger.snapshot.fetching import Fetching
from appliance.ledger.snapshot.sealing import Sealing
from appliance.licences.commands import CheckOut, Expire, Holder, LeaseRef, encode_command
from appliance.licences.machine import Machine
from appliance.licences.names import key_hash
from appliance.licences.state import State
from appliance.sim.cluster import Cluster
from appliance.sim.faults import Faults
from appliance.sim.options import swarm
from appliance.sim.vendor import READERS, UPSTREAMS, verify_store
from appliance.verifier.layouts import entry_root
from tests.unit.bounds.watch import Drivers, Scene
from tests.unit.ledger.test_fetching import Host
from tests.unit.ledger.test_snapshots import sealed_at
from tests.unit.ledger.world import LOG, served, term
from tests.unit.ledger.world import proof as proof_of

DRIVERS = Drivers()
TINY = Limits(4_000, 8, 2_000, 1_000, 4, 6)
ALL_STORES = tuple(f"store-{name}".encode() for name in UPSTREAMS)


def _check_out(number: int, client: str = "cert:a") -> CheckOut:
    return CheckOut(LeaseRef(client, f"l{number}"), 1, 1, b"", Holder(), b"")


@DRIVERS.drives(
    "ledger.leader.batches:Flight.requests",
    "ledger.leader.batches:Flight.acks",
    "ledger.leader.batches:Flight.digests",
    "ledger.leader.batches:Flight.answered",
    "ledger.log.book:Book._undo",
    "ledger.election.log_selection:LogSelection._judged",
    "ledger.leader.denials:Denials._held",
    "ledger.effects:Batch.endorsements",
    "ledger.leader.read_index:ReadIndex._flying",
    "ledger.leader.lanes:Lanes._lanes",
    "ledger.leader.lease_clock:LeaseClock._lives",
    "ledger.leader.peers:Peers._peers",
    "ledger.leader.serving:Serving._beats_sent",
    "ledger.leader.serving:Serving._offered",
    "ledger.replica.standing:Standing._pending",
    "ledger.log.tail:Tail._uncommitted",
)
def cluster(scene: Scene) -> None:
    """Five hosts with crashes, cuts, updates and many impatient clients."""
    scene.limit(20, "ledger.leader.serving.BEATS_KEPT")
    scene.limit(3, "ledger.leader.serving.OFFERS_MAX")
    options = replace(swarm(5), clients=10, limits=TINY, retention=Retention(20, 8))
    system = Cluster(options)
    faults = Faults(system)
    for step in range(60):
        system.run((step + 1) / 10)
        scene.look()
        if step == 45:
            faults.heal()


def _flight(names: tuple[str, ...] = (), tickets: int = 1) -> Flight:
    """A committed batch of one request that asked for a grant."""
    applied = SimpleNamespace(
        outcomes=[SimpleNamespace(reason="granted")] * tickets, command_hashes=[b""] * tickets
    )
    requests = [Request(7 + number, _check_out(number), b"") for number in range(tickets)]
    entry = Entry(1, term(1), b"", b"")
    batch = Batch(cast("Any", "statement"), ())
    return Flight(entry, b"", cast("Any", applied), requests, batch=batch)


@DRIVERS.drives(
    "ledger.leader.batches:Batches._unsettled",
    "ledger.leader.batches:Batches._settled",
    "ledger.leader.batches:Flight.odd",
)
def unsettled(scene: Scene) -> None:
    """Batch after batch is committed, and nobody's endorsement comes; some say something else."""
    scene.limit(5, "ledger.leader.batches.UNSETTLED_MAX")
    batches = Batches(100, 10, 1 << 20)
    answers = 0
    for number in range(40):
        batches.flight = _flight()
        for name in UPSTREAMS:
            batches.flight.endorsed(name, cast("Any", SimpleNamespace(statement=number)))
        batches.land(float(number), 1e9)
        answers += len(batches.settle(float(number), 3))
        scene.look()
    assert answers == 35, "each beyond the bound is answered as it stands"


@DRIVERS.drives(
    "ledger.names.book:NameBook._rows",
    "ledger.names.book:NameBook._tags",
    "ledger.names.book:NameBook._shelves",
    "ledger.names.book:Shelf.lacks",
)
def names(scene: Scene) -> None:
    """More users than are remembered, of whom no upstream was told yet."""
    scene.limit(7, "ledger.names.book.NAMES_MAX")
    scene.limit(5, "ledger.names.book.TAGS_MAX")
    state = State()
    state.names_key_hash, state.log_time_ms = key_hash(b"k" * 32), 5
    book = NameBook(UPSTREAMS, b"k" * 32)
    for number in range(40):
        book.holder(state, f"user {number}", "desk", 7, "")
        scene.look()
        book.use(state, f"user {number}")
        book.told()
        scene.look()


@DRIVERS.drives("ledger.replica.adoption:Adoption._staged")
def staged(scene: Scene) -> None:
    """A hijacked TMR host stages entries without end, and without a body."""
    scene.limit(6_000, "ledger.replica.adoption.STAGE_BYTES_MAX")
    bench = served()
    refused = 0
    for index in range(4, 90):
        answers = bench.tell(Stage(term(5), (Entry(index, term(5), b"r" * 32, b""),)))
        refused += any("too much" in getattr(answer, "detail", "") for answer in answers)
        scene.look()
    assert refused, "it is told so"


@DRIVERS.drives("ledger.replication.learner:Learner._held")
def held(scene: Scene) -> None:
    """An upstream that lies has entries without end, and without a body, that lead nowhere."""
    scene.limit(6_000, "ledger.replication.learner.HELD_BYTES_MAX")
    scene.limit(3_000, "codec.frames.FRAME_BYTES_MAX")
    tail = Tail(Machine(*READERS), Limits())
    tail.take(LOG)
    tail.commit(len(LOG))
    peers = Peers(UPSTREAMS, lambda: tail.book.state.membership)
    fetching = Fetching(peers, tail, verify_store)
    following = Learner(peers, tail, fetching, Limits(), verify_store)
    proof = proof_of(term(1), LOG, len(LOG))
    root, index, asked = tail.book.last_root, tail.book.last_index, True
    while asked:
        page = []
        for _ in range(5):
            index += 1
            root = entry_root(root, index, b"")
            page.append(Entry(index, term(1), root, b""))
        proof = structs.replace(proof, index=index + 1_000)
        answer = Entries(page[0].index, tuple(page), 0, index + 1_000, proof)
        asked = bool(following.took(1.0, peers["up1"], answer, 1.0))
        scene.look()
        assert index < 100, "it is asked for more for ever"


@DRIVERS.drives("ledger.replica.replica:Replica._parked")
def parked(scene: Scene) -> None:
    """The other TMR host claims again and again, on a new link each time."""
    bench = served()
    for number in range(1, 40):
        bench.tell(PreVote(number), Origin("tmr2", number))
        scene.look()


@DRIVERS.drives("ledger.snapshot.dumps:Dumps._waiting")
def candidates(scene: Scene) -> None:
    """A long adopt passes many snapshots' indices before anything is committed."""
    bench, taken = served(), Dumps(1)
    for _ in range(20):
        taken.applied(bench.replica.book)
        scene.look()


@DRIVERS.drives(
    "ledger.election.log_selection:LogSelection._rejected",
    "ledger.election.log_selection:LogSelection._doubts",
    "ledger.election.log_selection:LogSelection._misfits",
    "ledger.replication.learner:Learner._misfits",
    "ledger.replication.learner:Learner._firsts",
    "ledger.election.pre_vote:PreVotes._yields",
    "ledger.membership.turned_back:TurnedBack._found",
)
def suspected_upstreams(scene: Scene) -> None:
    """All three upstreams are suspected of everything, for ever."""
    tail = Tail(Machine(*READERS), Limits())
    peers = Peers(UPSTREAMS, lambda: tail.book.state.membership)
    choice = LogSelection(peers, tail, verify_store, cast("Any", None))
    fetching = Fetching(peers, tail, verify_store)
    following = Learner(peers, tail, fetching, Limits(), verify_store)
    pre_votes = PreVotes(peers, "tmr1", 7, verify_store)
    found = _Suspicious(peers, tail, verify_store)
    for number in range(60):
        name = UPSTREAMS[number % 3]
        peer = peers[name]
        choice.chosen, choice.holder = cast("Any", SimpleNamespace(last_index=1)), name
        choice.reject(f"reason {number}")
        choice.misfit(name, LOG[:1])
        following._misfit(peer)
        peer.promised = term(number + 9)
        pre_votes.outdone(number * 9_999.0, NO_TERM, peer, UPSTREAMS)
        found.number = number
        found.look()
        scene.look()
    for number, name in enumerate(UPSTREAMS * 3):
        following._begins_well(peers[name], LOG[number % 3 : number % 3 + 1])
        scene.look()


@DRIVERS.drives("ledger.membership.heads:Heads._shown")
def heads_shown(scene: Scene) -> None:
    """More clients show heads than are compared at a time."""
    tail = Tail(Machine(*READERS), Limits())
    heads = Heads("tmr1", Peers(UPSTREAMS, lambda: tail.book.state.membership), tail, verify_store)
    for number in range(40):
        head = Head(b"", b"", NO_TERM, 9 + number, b"r", b"")
        heads.take(1.0, f"client-{number}", head)
        scene.look()


class _Suspicious(TurnedBack):
    """Finds another store that was put back each time."""

    number = 0

    def _look(self, tail: Tail) -> Iterator[tuple[PutBack, bytes]]:
        yield PutBack("up1", 1, "up2", b"", b""), b"store %d" % self.number


@DRIVERS.drives(
    "ledger.leader.denials:Denials._asked", "ledger.leader.read_index:ReadIndex._waiting"
)
def denials(scene: Scene) -> None:
    """Check-outs that are refused, as many as are asked at once; then the term ends."""
    scene.limit(12, "ledger.leader.serving.REQUESTS_MAX")
    tail = Tail(Machine(*READERS), Limits())
    tail.add(LOG[0])
    peers = Peers(UPSTREAMS, lambda: tail.book.state.membership)
    serving = Serving(
        KnownRules("tmr1", tail),
        peers,
        tail,
        cast("Any", None),
        cast("Any", SimpleNamespace(hold_s=1.0, beat_s=0.1)),
        cast("Any", None),
        verify_store,
    )
    serving.begin(0.0)
    failed = 0
    for number in range(40):
        effects = serving.submit(number + 1, _check_out(number))
        failed += any(isinstance(effect, Failed) for effect in effects)
        scene.look()
    assert failed == 28
    again = ReadIndex(12)
    for number in range(30):
        again.ask(number)
    again.ask_again(range(12))  # As many as `Denials` holds between fence and landing.
    scene.look()
    assert isinstance(serving.denials, Denials)


@DRIVERS.drives(
    "ledger.snapshot.fetching:Fetching._heads", "ledger.snapshot.fetching:Fetching._bad"
)
def fetching(scene: Scene) -> None:
    """Snapshot after snapshot is offered by all, and what comes is never what was sealed."""
    host = Host()
    for number in range(40):
        host.fetching.need(float(number), 0.1)
        sealed, chunks = sealed_at(4)
        for name in UPSTREAMS:
            host.hears(name, SnapshotHead(sealed, len(chunks), ALL_STORES), float(number))
        coming = host.fetching._coming
        assert coming is not None
        head = replace_digest(coming.sealed.head, number)
        coming.sealed = cast("Any", SimpleNamespace(head=head, voices=()))
        host.fetching.receive(
            float(number), host.peers[coming.source], SnapshotChunk(4, 0, b"garbage")
        )
        scene.look()
    assert len(host.fetching._bad) == 16


def replace_digest(head: Any, number: int) -> Any:
    """The same snapshot with another digest, as a later one has."""
    return structs.replace(head, digest=number.to_bytes(32, "big"))


@DRIVERS.drives("ledger.leader.lanes:Lanes._check_outs")
def lanes(scene: Scene) -> None:
    """Many clients queue more than there is room for, and so do expiries."""
    queue = Lanes(24)
    accepted = 0
    for number in range(300):
        command = _check_out(number, f"cert:{number % 50}")
        accepted += queue.put(Request(number + 1, command, encode_command(command)))
        scene.look()
    assert accepted == 24
    for number in range(100):
        queue.put(Request(NO_TICKET, Expire(LeaseRef("cert:a", str(number)), 1), b""))
    scene.look()


@DRIVERS.drives("ledger.leader.lease_clock:LeaseClock._heap")
def lease_clock(scene: Scene) -> None:
    """Leases of a day begin, fall due, are revived and end, in any order."""
    clock, rng = LeaseClock(), random.Random(3)
    held: list[LeaseRef] = []
    due: list[tuple[LeaseRef, int]] = []
    for step in range(6_000):
        deed = rng.random()
        if deed < 0.45:
            lease = LeaseRef("cert:a", str(rng.randrange(400)))
            clock.start(float(step), lease, step, rng.choice((50.0, 86_400.0)))
            held.append(lease)
        elif deed < 0.8 and held:
            clock.end(held.pop(rng.randrange(len(held))))
        elif deed < 0.9:
            due += clock.due(float(step), 9)
        elif due:
            clock.revive(*due.pop(rng.randrange(len(due))))
        if step % 20 == 0 or len(clock._heap) >= 2 * len(clock._lives) + 64:
            scene.look()
    clock.restart(0.0, [(LeaseRef("cert:b", str(number)), 1, 1.0) for number in range(50)])
    late = clock.due(10.0, 50)
    for number in range(400):  # Others come and go while it is not decided whether these end.
        lease = LeaseRef("cert:c", str(number))
        clock.start(10.0, lease, 1, 86_400.0)
        clock.end(lease)
        if len(clock._heap) == 2 * len(clock._lives) + 64:
            break
    for lease, generation in late:
        clock.revive(lease, generation)
        scene.look()


@DRIVERS.drives(
    "ledger.snapshot.sealing:Sealing._seals", "ledger.snapshot.sealing:Sealing._disputed"
)
def sealing(scene: Scene) -> None:
    """Seals of one snapshot after the other, of which the third upstream's is always odd."""
    tail = Tail(Machine(*READERS), Limits())
    peers = Peers(UPSTREAMS, lambda: tail.book.state.membership)
    parts = Sealing(peers, cast("Any", lambda *given: True))
    for number in range(1, 40):
        for name in UPSTREAMS:
            head = SimpleNamespace(index=number, format=1, digest=name if name == "up3" else "")
            parts._seals[name] = cast("Any", SimpleNamespace(head=head))
        agreed = SimpleNamespace(index=number, format=1, digest="")
        parts._sealed = cast("Any", SimpleNamespace(head=agreed))
        parts._disputes()
        scene.look()


@DRIVERS.drives("ledger.log.window:Window._entries")
def window(scene: Scene) -> None:
    """Entries of all sizes, some larger than the whole window."""
    window, rng = Window(1_000), random.Random(1)
    for index in range(1, 500):
        size = rng.choice((0, 10, 100, 100, 999, 5_000))
        window.push(Entry(index, term(1), b"", bytes(size)))
        scene.look()
    for index, size in enumerate([100] * 15 + [0], 500):
        window.push(Entry(index, term(1), b"", bytes(size)))
        scene.look()
