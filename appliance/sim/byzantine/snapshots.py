"""Snapshots that a liar makes up: states of its own under every signature that it can have (D3).

What can go wrong in here is a false state that nobody would miss: so leases and counters are gone
from it, under a head that could be the next, or is the true one.
"""

from __future__ import annotations

from random import Random

from msgspec.structs import replace

from appliance.ledger import messages as m
from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.election.terms import Term
from appliance.ledger.log.book import Book
from appliance.ledger.snapshot.seals import Seal, Sealed, StateHead, seal_bytes
from appliance.licences.snapshot import digest, dump, load
from appliance.sim.vendor import SimStore

FORGES_SNAPSHOTS = "forges snapshots and seals"


class FalseSnapshot:
    """A state that no log led to, after an entry at or beyond the end of this book's log.

    It is sealed by `own` stores of the liar's, and in the names of `others`.
    """

    def __init__(
        self, rng: Random, book: Book, own: tuple[SimStore, ...], others: list[bytes]
    ) -> None:
        state = load(dump(book.state))
        state.leases.clear()
        state.seats.clear()
        state.held.clear()
        state.units_used.clear()
        state.commands_applied += 1
        self.chunks = tuple(dump(state))
        index, root = book.commit_index, book.commit_root
        if rng.random() < 0.5:
            index, root = index + rng.randint(1, 9), rng.randbytes(32)
        self.head = StateHead(
            state.ledger_id, index, root, book.log_time_ms, digest(self.chunks[-1])
        )
        data = seal_bytes(self.head)
        mine = [Voice(store.id, store.sign(data)) for store in own]
        named = [Voice(store, rng.randbytes(16)) for store in others]
        voices = rng.choice((mine, [mine[0]] * 2, [mine[0], *named[:1]], [*mine, *named]))
        self.sealed = Sealed(self.head, tuple(voices[:3]))

    def answer(self, stores: tuple[bytes, ...], own: tuple[SimStore, ...]) -> m.SnapshotHead:
        """What an upstream says that has this snapshot, and knows the liar's own stores."""
        known = (*stores, *(store.id for store in own))
        return m.SnapshotHead(self.sealed, len(self.chunks), known)

    def attack(self, term: Term) -> list[m.Message]:
        """What a coordinator tells an upstream that is to have it: out of the blue, in its term."""
        head = self.head
        staged = [m.StageSnapshot(term, head, n, data) for n, data in enumerate(self.chunks)]
        adopt = m.Adopt(
            term,
            head.index,
            head.root,
            head.index,
            (),
            head.index,
            head.root,
            (),
            None,
            self.sealed,
        )
        return [*staged, adopt]


def false_seal(rng: Random, seal: Seal, store: SimStore) -> Seal:
    """A seal of another state than there is, truly signed."""
    head = replace(seal.head, digest=rng.randbytes(32))
    return Seal(head, Voice(store.id, store.sign(seal_bytes(head))))
