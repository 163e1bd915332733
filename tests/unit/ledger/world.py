"""A replica on a bench: its answers, and the writes they wait for."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from appliance import RULES
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.effects import DropAside, Origin, PutAside, Send, Write
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.peers import Peers
from appliance.ledger.log.book import Book
from appliance.ledger.messages import Adopt, Append, Entry, EntryBody, Message, Prepare, encode_body
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.surroundings import RETENTION, Recovered, Retention
from appliance.ledger.timing import Timing
from appliance.licences.commands import AnyCommand, Found, Tick, encode_command
from appliance.licences.machine import Machine
from appliance.licences.members import Membership, founders
from appliance.sim.disk import Disk
from appliance.sim.vendor import (
    READERS,
    UPSTREAMS,
    SimContainer,
    SimStore,
    verify,
    verify_store,
)
from appliance.verifier.layouts import ZERO_ROOT, entry_root

TMR1, TMR2 = Origin("tmr1", 1), Origin("tmr2", 1)
STORES = {name: SimStore(f"store-{name}".encode()) for name in ("up1", "up2", "up3")}
FOUNDERS = founders((name, store.id) for name, store in STORES.items())
OTHERS = ("up2", "up3")
SYSTEM_MS = 1_800_000_000_000


def term(counter: int, host: str = "tmr1") -> Term:
    """A term of that host."""
    return Term(counter, host, 7)


def entries(*batches: tuple[AnyCommand, ...], of: Term | None = None) -> list[Entry]:
    """A log with these batches, at log time 0."""
    log: list[Entry] = []
    for index, commands in enumerate(batches, start=1):
        body = encode_body(EntryBody(0, (), tuple(encode_command(c) for c in commands)))
        previous = log[-1].root if log else ZERO_ROOT
        log.append(Entry(index, of or term(1), entry_root(previous, index, body), body))
    return log


FOUND = Found(b"L" * 16, "131-1", tuple((name, store.id) for name, store in STORES.items()))
LOG = entries((FOUND,), (Tick(),), (Tick(), Tick()), (Tick(),))


def peers(membership: Membership = FOUNDERS) -> Peers:
    """The three upstreams, each with its store and a link."""
    made = Peers(UPSTREAMS, lambda: membership)
    for peer in made:
        peer.store, peer.up = STORES[peer.name].id, True
    return made


def vow(of: Term, log: list[Entry], by: str, adopted: Term | None = None, proven: int = 0) -> Vow:
    """What this upstream promises, if it holds this log as adopted by a coordinator before."""
    last = log[-1] if log else None
    vow = Vow(
        of,
        adopted or Term(max(0, of.counter - 1), "tmr9", 1),
        last.index if last else 0,
        last.root if last else ZERO_ROOT,
        proven,
        log[proven - 1].root if proven else ZERO_ROOT,
        STORES[by].id,
    )
    return replace(vow, signature=STORES[by].sign(vow_bytes(vow)))


def proof(of: Term, log: list[Entry], index: int, *by: str) -> CommitProof:
    """That these upstreams (the other two) hold this log up to `index`."""
    root = log[index - 1].root
    data = ack_bytes(of, index, root, b"")
    voices = (Voice(STORES[name].id, STORES[name].sign(data)) for name in by or OTHERS)
    return CommitProof(of, index, root, b"", tuple(voices))


def adopt(of: Term, log: list[Entry], cut: int = 0, staged_to: int = 0, **other: Any) -> Adopt:
    """The adopt of this log after its first `cut` entries, justified by the two others."""
    end = log[-1] if log else None
    message = Adopt(
        of,
        cut,
        log[cut - 1].root if cut else ZERO_ROOT,
        max(cut, staged_to),
        tuple(log[max(cut, staged_to) :]),
        end.index if end else 0,
        end.root if end else ZERO_ROOT,
        tuple(vow(of, log, name) for name in OTHERS),
        None,
        None,
    )
    return replace(message, **other)


class Bench:
    """A replica with a disk whose writes complete only when `sync` is called.

    `others` collects the effects that are neither answers nor for the disk.
    """

    def __init__(
        self, disk: Disk | None = None, retention: Retention = RETENTION, rules: int = RULES
    ) -> None:
        self.retention = retention
        self.rules = rules
        self.others: list[Any] = []
        self.asked: set[Origin] = set()
        self.disk = disk or Disk(STORES["up1"])
        self.now_s = 1000.0
        self.container = SimContainer(1)
        self.replica = self._started(self.disk.recovered())

    def _started(self, recovered: Recovered) -> Replica:
        machine = Machine(*READERS, rules=self.rules)
        store = self.disk.store
        timing = Timing(0.1)
        return Replica(
            machine,
            self.container,
            verify,
            store,
            verify_store,
            timing,
            recovered,
            self.retention,
        )

    def tell(self, message: Any, origin: Origin = TMR1) -> list[Message]:
        """Give it a message; its answers that wait for nothing."""
        self.asked.add(origin)
        return self._sorted(self.replica.receive(self.now_s, SYSTEM_MS, origin, message))

    def tick(self, later_s: float) -> list[Message]:
        """Let time pass."""
        self.now_s += later_s
        return self._sorted(self.replica.tick(self.now_s))

    def _sorted(self, effects: Any) -> list[Message]:
        answers: list[Message] = []
        for effect in effects:
            if isinstance(effect, Write | PutAside | DropAside):
                self.disk.pending.append(effect)
            elif isinstance(effect, Send):
                assert effect.to in self.asked, "an answer goes to one who asked"
                answers.append(effect.message)
            else:
                self.others.append(effect)
        return answers

    def sync(self) -> list[Message]:
        """All writes become durable; what is answered then."""
        answers: list[Message] = []
        while self.disk.pending:
            write, _ = self.disk.complete()
            if write is not None:
                answers += self._sorted(self.replica.written(self.now_s, write.ticket))
        return answers

    def consent(self, store: bytes) -> bool:
        """An operator's word; whether anything has to be made durable for it."""
        write = self.replica.consent(store)
        if write is not None:
            self.disk.pending.append(write)
        return write is not None

    def power_cut(self) -> None:
        """What was not durable is gone; it starts again."""
        self.disk.pending.clear()
        self.replica = self._started(self.disk.recovered())

    def ask(self, message: Any, origin: Origin = TMR1) -> list[Message]:
        """Give it a message, and sync."""
        return self.tell(message, origin) + self.sync()

    def serve(self, of: Term, log: list[Entry]) -> None:
        """Bring it to this log in this term."""
        origin = Origin(of.host, 1)
        self.ask(Prepare(of), origin)
        self.ask(adopt(of, log), origin)


def append(of: Term, log: list[Entry], index: int) -> Append:
    """The append of entry `index` of this log."""
    previous = log[index - 2].root if index > 1 else ZERO_ROOT
    return Append(of, log[index - 1], previous, True)


def fingerprint(book: Book) -> tuple[int, bytes, bytes]:
    """Where a book stands, and with what state."""
    return book.last_index, book.last_root, book.state.fingerprint()


def only(answers: list[Any], kind: type) -> Any:
    """The one answer, which is of this kind."""
    assert [type(answer) for answer in answers] == [kind], answers
    return answers[0]


def served() -> Bench:
    """A replica that serves term 5 of tmr1 with the first three entries."""
    bench = Bench()
    bench.serve(term(5), LOG[:3])
    return bench


def adopted(bench: Bench) -> tuple[Any, int]:
    """What it adopted, and how long its log is."""
    return bench.replica.adopted, bench.replica.book.last_index
