"""What a coordinator knows of each upstream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from appliance.ledger.certificates.proofs import Voice, rank, start_of
from appliance.ledger.certificates.receipts import TimeStatement
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import Promise
from appliance.ledger.snapshot.seals import Sealed
from appliance.ledger.timing import Timing
from appliance.licences.members import ALONE, STORES, Membership, majority
from appliance.verifier.layouts import ZERO_ROOT

UPSTREAMS = STORES

ASKED = "asked"  # a prepare is due or on its way
PROMISED = "promised"  # waits for the chosen log
STAGING = "staging"  # gets a long tail in chunks
ADOPTING = "adopting"  # was sent the adopt
FOLLOWING = "following"  # takes appends


@dataclass(slots=True)
class Relay:
    """A snapshot on its way from one upstream to another, a chunk at a time.

    `done` chunks of `chunks` are there; all are, once `sealed` takes the place of the log. The next
    was asked for `asked` times.
    """

    source: str
    sealed: Sealed | None = None
    chunks: int = 0
    done: int = 0
    asked: int = 0

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return self.sealed is not None and self.done >= self.chunks


@dataclass(slots=True)
class Peer:
    """One upstream, seen from this TMR host. `match` is what it durably has in this term.

    `store` is the id of the store that answers there, empty until it promised something, and
    `damaged` says what is wrong with it. With `in_term` it adopted this term's log.
    """

    name: str
    up: bool = False
    phase: str = ASKED
    promise: Promise | None = None
    store: bytes = b""
    damaged: str = ""
    refuses: str = ""  # why it did not adopt the log that it was brought
    in_term: bool = False
    match_index: int = 0
    match_root: bytes = ZERO_ROOT
    adopted: Voice | None = None  # its word for the log it adopted
    sent_index: int = 0
    bulk_after: int = -1  # where `match_index` stood when it last got many entries at once
    staged_to: int = 0
    furthest: int = 0  # to which entry, and to which chunk, it ever was staged in this term
    furthest_chunk: int = 0
    wanted: int = 0  # the first entry being fetched for it from another upstream, 0 if none
    relay: Relay | None = None  # what it needs instead of entries that are gone
    feeder: str = ""  # from which upstream that was asked for
    distrusts: str = ""  # the feeder whose entries led nowhere
    stalled_at: int = -1  # where `match_index` stood at the last nudge
    asked_at_s: float = -1e9
    heard_at_s: float = -1e9
    acked_number: int = 0
    confirmed_at_s: float = -1e9
    commit_index: int = 0  # as was proven to it
    consents: tuple[bytes, ...] = ()
    last_index: int = 0  # as it last said, in whatever term
    hears: str = ""
    promised: Term = NO_TERM  # as it last said; nobody vouches for that
    doubted: Term = NO_TERM  # the last such word that cannot be
    reached: int | None = None  # the counter of the term whose log it has, if it is left behind
    unmoved: bool = False  # what two others promised did not bring it after them
    willing: int = 0  # the newest probe it would promise for
    serial: str = ""  # of its container, as a signature proved
    offered_at_s: float = -1e9
    time: TimeStatement | None = None
    time_at_s: float = -1e9

    def gained(self, to_index: int, chunks: int, last_index: int) -> bool:
        """Whether more is staged there than ever before in this term, of what there is to stage.

        A log that is staged, refused, and staged again is no progress.
        """
        to_index = min(to_index, last_index)
        chunks = min(chunks, self.relay.chunks) if self.relay is not None else 0
        more = to_index > self.furthest or chunks > self.furthest_chunk
        self.furthest = max(self.furthest, to_index)
        self.furthest_chunk = max(self.furthest_chunk, chunks)
        return more

    def ask_again(self) -> None:
        """Its place in this term is not known any more: it has to promise again."""
        self.phase, self.promise = ASKED, None
        self.match_index = self.sent_index = self.staged_to = self.wanted = 0
        self.match_root, self.adopted, self.in_term = ZERO_ROOT, None, False
        self.bulk_after = -1
        self.relay = None
        self.commit_index = 0
        self.asked_at_s = -1e9

    def rank(self) -> tuple[Term, int, str]:
        """How good the log that it promised is: adopted term, then last index (design D1)."""
        promise = self.promise
        if promise is None:
            return NO_TERM, 0, self.name
        return *rank(promise.vow), self.name

    def common(self) -> tuple[int, bytes]:
        """Up to where its log is known to be the common one: index and root."""
        if self.relay is not None and self.relay.sealed is not None and self.relay.whole:
            return self.relay.sealed.head.index, self.relay.sealed.head.root
        if self.in_term:
            return self.match_index, self.match_root
        promise = self.promise
        index, root = start_of(promise.commit if promise is not None else None)
        if promise is not None and promise.snapshot is not None:
            head = promise.snapshot.head  # What came with it is committed, proof or not.
            if head.index > index:
                return head.index, head.root
        return index, root

    def restart(self) -> None:
        """A new term begins, or this one ended: forget what was only true in it."""
        self.ask_again()
        self.acked_number, self.confirmed_at_s = 0, -1e9
        self.furthest = self.furthest_chunk = 0
        self.willing = 0


class Peers:
    """All upstreams by name. Raises ValueError unless there are three, or one on one host.

    `membership` gives who votes by the log that is in hand; before the founding all do.
    """

    def __init__(self, names: Iterable[str], membership: Callable[[], Membership]) -> None:
        self.membership = membership
        self._peers = {name: Peer(name) for name in names}
        if len(self._peers) not in (UPSTREAMS, ALONE):
            raise ValueError(f"a ledger has three upstreams, not {len(self._peers)}")
        self.needed = majority(len(self._peers))

    def __getitem__(self, name: str) -> Peer:
        return self._peers[name]

    def __iter__(self) -> Iterator[Peer]:
        return iter(self._peers.values())

    def __len__(self) -> int:
        return len(self._peers)

    def reachable(self, now_s: float, within_s: float) -> list[str]:
        """The upstreams whose link stands and which were heard within `within_s`."""
        peers = self._peers.values()
        return [p.name for p in peers if p.up and now_s - p.heard_at_s <= within_s]

    def restart(self) -> None:
        """A term begins or ended."""
        for peer in self:
            peer.restart()

    def voting(self) -> list[Peer]:
        """Those whose store votes, in name order."""
        membership = self.membership()
        if not membership.voters:
            return list(self)
        return [peer for peer in self if membership.member(peer.store) is not None]

    def decide(self, names: Iterable[str]) -> bool:
        """Whether these agreeing is enough: so many of them vote."""
        named = set(names)
        return sum(peer.name in named for peer in self.voting()) >= self.needed

    def to_ask(self, now_s: float, after_s: float) -> list[Peer]:
        """Those whose promise is missing and was not asked for since `after_s`: it is now."""
        due = [p for p in self if p.up and p.phase == ASKED and now_s - p.asked_at_s > after_s]
        for peer in due:
            peer.asked_at_s = now_s
        return due

    def promised(self) -> list[Peer]:
        """Those that promised the current term and whose link stands, in name order."""
        return [peer for peer in self if peer.promise is not None and peer.up]

    def confirmed_at_s(self) -> float:
        """When the newest beat was sent that two upstreams have acked in this term."""
        return self.reached([peer.confirmed_at_s for peer in self.voting()], -1e9)

    def reached(self, values: Sequence[float], none: float) -> float:
        """What as many of these as it takes reached: the second-highest of three; `none` if they
        are fewer."""
        return sorted(values)[-self.needed] if len(values) >= self.needed else none

    def excuse(self, before_s: float, now_s: float, timing: Timing) -> None:
        """Nobody listened here since `before_s`: who spoke until then did not fall silent."""
        for peer in self:
            if before_s - peer.heard_at_s <= timing.hold_s:
                peer.heard_at_s = now_s - timing.beat_s
            if before_s - peer.confirmed_at_s <= timing.hold_s:
                peer.confirmed_at_s = now_s - timing.beat_s
