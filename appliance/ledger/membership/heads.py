"""How far the ledger was seen to be committed, and whether it is less now (issue 14, C3).

Stores and their marks lie on the same disks, so whoever puts back two of them (or all three)
makes them forget what they committed. A TMR host remembers it: the newest proof of a commit, on its
own disk, and what the other TMR host and clients show. Each such *head* carries its proof, two
signatures, so nobody gains by telling of a head that never was. It is compared:

    the ledger here                                      then
    ---------------------------------------------------  ------------------------------------------
    holds the entry, with that root                      all is well: it is forgotten
    holds another entry in its place                     the ledger was put back
    ends before it, and two upstreams confirmed that     the ledger was put back: a log that a term
    term after the head was known here                   begins with has all that was committed
    ends before it; a proof of a later term, too         the ledger was put back
    ends before it otherwise                             wait: this copy may lag

What can go wrong in here is a false alarm. So a lower index alone says nothing, an entry that is
too old to be compared is believed, and a head of another ledger is nothing to this one: a restore
founds a ledger with an id of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Annotated, Final

import msgspec

from appliance.ledger.certificates.proofs import (
    VerifyStore,
    decode_proof,
    encode_proof,
    has_signed,
)
from appliance.ledger.election.terms import Count, Root, Term
from appliance.ledger.leader.peers import Peers
from appliance.ledger.log.book import Book
from appliance.ledger.log.tail import Tail
from appliance.licences.commands import NoteLoss
from appliance.licences.loss import SEEN_BYTES_MAX
from appliance.licences.members import majority
from appliance.licences.model import LicenceKey
from appliance.unreadable import UNREADABLE

OTHERS_MAX: Final = 8
"""So many heads that others showed are compared at a time; the rest is shown again later."""
UNITS_MAX: Final = 48
"""Of so many licences, those that used most, it is remembered how many units were used."""
REMEMBER_EVERY_S: Final = 0.2
"""How often the newest head is taken note of: not for each entry, since all that is in use is
counted then."""
RECEIPT: Final = b"{"
"""How a proof begins that is a client's receipt: the ledger takes signatures of stores only."""
OWN: Final = ""
"""Who showed what this host remembers itself."""


class Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far a ledger was proven to be committed, and what stood then.

    `proof` are the bytes of a commit proof, or of a receipt that two containers endorsed. `origin`
    is the ledger from which this one was restored, empty for none. `units` were used of each
    licence, and `leases` were active, when this host knew entry `index`: for people, nothing is
    decided by these two.
    """

    ledger_id: Annotated[bytes, msgspec.Meta(max_length=64)]
    origin: Annotated[bytes, msgspec.Meta(max_length=64)]
    term: Term
    index: Count
    root: Root
    proof: Annotated[bytes, msgspec.Meta(max_length=SEEN_BYTES_MAX)]
    units: Annotated[tuple[tuple[LicenceKey, Count], ...], msgspec.Meta(max_length=UNITS_MAX)] = ()
    leases: Count = 0


class Lost(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The ledger was put back: `head` was shown by `seen_by` ("" is this host's own memory), and
    the ledger then ended with entry `index`. `anew`: it is another ledger than the one seen."""

    head: Head
    seen_by: Annotated[str, msgspec.Meta(max_length=256)]
    index: Count
    units: Count
    anew: bool = False


class Memory(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a TMR host keeps on its disk."""

    head: Head | None = None
    found: Lost | None = None


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Memory)


def encode_memory(memory: Memory) -> bytes:
    """The bytes to keep."""
    return _encoder.encode(memory)


def decode_memory(data: bytes) -> Memory:
    """What was kept. Raises ValueError for what is none."""
    try:
        return _decoder.decode(data)
    except UNREADABLE as error:
        raise ValueError(f"this is no memory of a ledger: {error}") from error


@dataclass(frozen=True, slots=True)
class _Shown:
    """A head that is compared; it was known here at `at_s`, boot time."""

    head: Head
    at_s: float


class Heads:
    """What this host has seen, and what it concludes. It decides nothing but what is said."""

    def __init__(self, host: str, peers: Peers, tail: Tail, verify: VerifyStore) -> None:
        self._host = host
        self._peers = peers
        self._tail = tail
        self._verify = verify
        self._book: Book | None = None
        self._head: _Shown | None = None
        self._shown: dict[str, _Shown] = {}
        self._found: Lost | None = None
        self._term: Term | None = None
        self._began_index = 0

    # --- what is kept ---

    @property
    def memory(self) -> Memory:
        """What has to outlive this process."""
        own = self._shown.get(OWN, self._head)
        return Memory(own.head if own is not None else None, self._found)

    def load(self, memory: Memory, now_s: float) -> None:
        """This host's own memory from before it started."""
        if memory.head is not None:
            self._shown[OWN] = _Shown(memory.head, now_s)
        self._found = memory.found

    @property
    def newest(self) -> Head | None:
        """The newest head of the ledger here that this host knows itself."""
        return self._head.head if self._head is not None else None

    @property
    def found(self) -> Lost | None:
        """What was found and stands in no ledger: nobody could prove it there."""
        return self._found

    # --- what others show ---

    def show(self, now_s: float, seen_by: str, head: Head) -> bool:
        """Somebody else saw this; False if it proves nothing, or says nothing new here."""
        if self._is_held(head):
            self._shown.pop(seen_by, None)
            return False
        before = self._shown.get(seen_by)
        if before is not None and before.head.index >= head.index:
            return True
        if len(self._shown) >= OTHERS_MAX and before is None:
            return False
        if not is_sound(head, self._verify, self._knows(), self._tail.stores):
            return False
        self._shown[seen_by] = _Shown(head, now_s)
        return True

    def take(self, now_s: float, seen_by: str, head: Head) -> bool:
        """As `show`, for a head whose proof the caller has verified."""
        if self._is_held(head) or (len(self._shown) >= OTHERS_MAX and seen_by not in self._shown):
            return False
        self._shown[seen_by] = _Shown(head, now_s)
        return True

    def _knows(self) -> Callable[[bytes], bool]:
        return self._tail.book.state.membership.knows

    def _is_held(self, head: Head) -> bool:
        """Whether the ledger here has that entry, or is another one."""
        book = self._tail.book
        return head.ledger_id != book.state.ledger_id or self._compare(head) is True

    def root_at(self, index: int) -> bytes | None:
        """The root of a committed entry here; empty if it is too old to be known, None if there is
        no such entry yet."""
        book = self._tail.book
        if index > book.commit_index:
            return None
        if index == book.commit_index:
            return book.commit_root
        return self._tail.window.root_at(index) or b""

    def _compare(self, head: Head) -> bool | None:
        """Whether the committed log here has that entry; None while it ends before it."""
        here = self.root_at(head.index)
        return None if here is None else here in (b"", head.root)

    # --- what follows ---

    def serves(self, term: Term) -> None:
        """A term begins to serve with the log as it ends here; two upstreams adopted it."""
        self._term, self._began_index = term, self._tail.book.last_index

    def look(self, now_s: float, term: Term | None) -> None:
        """Compare all that was shown with the ledger here; call it now and then. `term` is the one
        in which this host serves, None if it does not."""
        if term is None or term != self._term:
            self._term = None
        tail = self._tail
        if tail.book is not self._book:  # It was begun anew: nothing of it is known to be ours.
            self._book = tail.book
            if self._head is not None:
                self._shown.setdefault(OWN, self._head)
                self._head = None
        if not tail.book.state.founded:
            return
        for seen_by, shown in list(self._shown.items()):
            lost = self._is_lost(seen_by, shown)
            if lost is None:
                continue
            del self._shown[seen_by]
            if lost:
                self._found_lost(seen_by, shown.head)
        self._remember(now_s)
        found, accepted = self._found, tail.book.state.loss.accepted
        if found is not None and (
            accepted > found.index or (not found.anew and self._is_noted(found.head))
        ):
            self._found = None

    def _is_lost(self, seen_by: str, shown: _Shown) -> bool | None:
        """Whether the ledger here was put back to before this; None: it cannot be told yet."""
        head, state = shown.head, self._tail.book.state
        if head.ledger_id != state.ledger_id:
            if state.origin.ledger_id == head.ledger_id:
                return False  # It was restored.
            # Only of its own memory this host knows that it was the ledger of this installation.
            known = seen_by == OWN and not state.loss.accepted
            return known and self._is_settled(shown.at_s)
        held, proof = self._compare(head), self._tail.proof
        if held is False and self._term is None and (proof is None or proof.term < head.term):
            return None  # This copy may be the one that is of before.
        if held is not None:
            return not held
        if self._term is not None:
            ends_before = head.index > self._began_index and head.term != self._term
            return True if ends_before and self._is_settled(shown.at_s) else None
        later = proof is not None and proof.term > head.term and proof.index < head.index
        return True if later else None

    def _is_settled(self, since_s: float) -> bool | None:
        """Whether two upstreams have confirmed this host's term since then."""
        served = self._term is not None and self._peers.confirmed_at_s() > since_s
        return True if served else None

    def _found_lost(self, seen_by: str, head: Head) -> None:
        state = self._tail.book.state
        if self._is_noted(head) or (self._found and self._found.head.root == head.root):
            return
        used = state.units_used
        units = sum(max(0, before - used.get(key, 0)) for key, before in head.units)
        anew = head.ledger_id != state.ledger_id
        old = self._found
        if old is None or head.index > old.head.index:
            self._found = Lost(head, seen_by, self._tail.book.commit_index, units, anew)

    def _remember(self, now_s: float) -> None:
        """Keep the newest proof of what is committed here, with what stands then.

        That two upstreams adopted an empty log is no head: which ledger it will be is not decided
        while `Found` is not committed, and another host may found it by another id.
        """
        book, proof = self._tail.book, self._tail.proof
        if OWN in self._shown or proof is None or not 0 < proof.index <= book.commit_index:
            return
        last = self._head
        if last is not None and (
            proof.index <= last.head.index or now_s - last.at_s < REMEMBER_EVERY_S
        ):
            return
        state = book.state
        most = nsmallest(UNITS_MAX, state.units_used.items(), key=lambda used: (-used[1], used[0]))
        head = Head(
            state.ledger_id,
            state.origin.ledger_id,
            proof.term,
            proof.index,
            proof.root,
            encode_proof(proof),
            tuple(most),
            len(state.leases),
        )
        self._head = _Shown(head, now_s)

    def _is_noted(self, head: Head) -> bool:
        """Whether the ledger itself says that this is lost, by what is committed."""
        loss, book = self._tail.book.state.loss, self._tail.book
        return bool(loss.key) and loss.index >= head.index and loss.noted <= book.commit_index

    def to_note(self) -> NoteLoss | None:
        """What the ledger has to be told while this host serves, None for nothing: it has to stand
        in an entry that is not beyond the one that was lost."""
        found = self._found
        if self._term is None or found is None or found.anew:
            return None
        if found.head.index <= self._tail.book.last_index or found.head.proof[:1] == RECEIPT:
            return None
        return NoteLoss(
            found.head.proof, found.units, found.head.leases, found.seen_by or self._host
        )


def is_sound(head: Head, verify: VerifyStore, knows: Callable[[bytes], bool], stores: int) -> bool:
    """Whether as many stores that count here as it takes, of `stores`, signed what a head says."""
    try:
        proof = decode_proof(head.proof)
    except ValueError:
        return False
    if (proof.term, proof.index, proof.root) != (head.term, head.index, head.root):
        return False
    signers = {voice.store for voice in proof.voices if knows(voice.store)}
    return sum(has_signed(store, proof, verify) for store in signers) >= majority(stores)
