"""Which stores vote on the ledger, and how one of them is replaced (design D7).

A vote belongs to a store, not to a host: a store's id is its public key, made once by an explicit
`init`. The ledger's first entry lists three; an unlisted store never counts, so an empty disk
cannot vote with the memory of a full one. To replace one of three by X takes two entries:

    C  Replace     from here on both remaining stores have to agree to anything, C included
    D  Replaced    carries the proof that both stored C; from here on X is one of three

Whoever holds a log with D in it holds the proof, so who votes is a function of the log alone. What
can go wrong in here is a set in which two majorities need not meet: with one replacement at a time
and two remaining stores that both know of it, they always do (searched by `make model`).

A ledger on one host has one store. How many have to agree is a value that follows from how many
vote (`majority`), so there is no other rule for it anywhere; only its store is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

VOTES_NEEDED: Final = 2
"""So many of a ledger on three stores have to agree, also while one of them is replaced."""
STORES: Final = 3
ALONE: Final = 1
"""The stores of a ledger on one host."""
FORMER_MAX: Final = 16
"""How many replaced stores are remembered: their signatures prove old commits."""


def majority(count: int) -> int:
    """How many of so many have to agree: any two majorities have one in common."""
    return count // 2 + 1


class Member(msgspec.Struct, frozen=True, array_like=True):
    """A store that votes: at which place (an upstream's name), and from which entry on."""

    place: str
    store: bytes
    joined_index: int = 0


class Replacement(msgspec.Struct, frozen=True, array_like=True):
    """A replacement that is not proven yet: entry `index` asks for it."""

    place: str
    old: bytes
    new: bytes
    index: int


class Membership(msgspec.Struct, frozen=True, array_like=True):
    """Who votes: none before the founding, three after it, two while a replacement is pending; one
    on one host.

    `former` are the stores that once voted, oldest first. `base_index` is the index at which this
    ledger began: 0, or where a backup ended from which it was founded anew. `origin` tells the
    restore by which it was founded (`restoring.mark_of`), empty if it was founded from nothing.
    """

    voters: tuple[Member, ...] = ()
    former: tuple[bytes, ...] = ()
    pending: Replacement | None = None
    base_index: int = 0
    origin: bytes = b""

    @property
    def needed(self) -> int:
        """How many stores have to agree: two of three, two of the two that remain, the one."""
        return majority(len(self.voters) or STORES)

    @property
    def is_alone(self) -> bool:
        """Whether this is a ledger on one host."""
        return len(self.voters) == ALONE

    def member(self, store: bytes) -> Member | None:
        """The voter with this store, None if it does not vote."""
        return next((member for member in self.voters if member.store == store), None)

    def at(self, place: str) -> Member | None:
        """The voter at this place, None if there is none."""
        return next((member for member in self.voters if member.place == place), None)

    def knows(self, store: bytes) -> bool:
        """Whether this store votes or once did."""
        return self.member(store) is not None or store in self.former

    def admitted(self, place: str, store: bytes) -> str:
        """In words, what this store is at that place by now; "" if it was not asked for there."""
        member, pending = self.at(place), self.pending
        if member is not None and member.store == store:
            return f"this store votes at {place}"
        if pending is not None and (pending.place, pending.new) == (place, store):
            return f"this store will vote at {place} once the other two have stored the change"
        return ""

    def leaves_at(self, store: bytes, after: Membership) -> int:
        """By which entry of a log that ends with `after` this store loses its vote, 0 for none: the
        vote that it has here, or one that the same log gave it before."""
        before = self.member(store)
        had = before is not None or (store in after.former and store not in self.former)
        if not had or after.member(store) is not None:
            return 0
        if after.pending is not None and after.pending.old == store:
            return after.pending.index
        successor = after.at(before.place) if before is not None else None
        newest = max((voter.joined_index for voter in after.voters), default=0)
        return successor.joined_index if successor is not None else newest

    def decides(self, stores: Iterable[bytes]) -> bool:
        """Whether these stores agreeing is enough: so many different ones that vote."""
        return len({store for store in stores if self.member(store)}) >= self.needed

    def replace(self, place: str, new: bytes, index: int) -> Membership:
        """Who votes from entry `index` on, which replaces the store at `place`, until it is proven.

        Raises ValueError with one sentence if that cannot be.
        """
        if self.is_alone:
            raise ValueError("A ledger on one host has no other store that could take over.")
        if self.pending is not None:
            raise ValueError(f"The store at {self.pending.place} is being replaced: wait for that.")
        member = self.at(place)
        if member is None:
            raise ValueError(f"No store at {place!r} votes.")
        if not new or self.knows(new):
            raise ValueError("The new store votes already, or once did: initialise a new one.")
        return Membership(
            tuple(other for other in self.voters if other is not member),
            (*self.former, member.store)[-FORMER_MAX:],
            Replacement(place, member.store, new, index),
            self.base_index,
            self.origin,
        )

    def replaced(self, index: int) -> Membership:
        """Who votes from entry `index` on, which proves the replacement that is pending."""
        assert self.pending is not None
        new = Member(self.pending.place, self.pending.new, index)
        voters = sorted((*self.voters, new), key=lambda member: member.place)
        return Membership(tuple(voters), self.former, None, self.base_index, self.origin)


def founders(
    stores: Iterable[tuple[str, bytes]],
    base_index: int = 0,
    origin: bytes = b"",
    count: int = STORES,
) -> Membership:
    """The first membership, from (place, store id). Raises ValueError unless they are `count`."""
    voters = tuple(sorted((Member(place, store) for place, store in stores), key=_by_place))
    places = {member.place for member in voters}
    ids = {member.store for member in voters}
    if not len(voters) == len(places) == len(ids) == count or b"" in ids or "" in places:
        number = "three different stores at three places" if count == STORES else "one store"
        raise ValueError(f"a ledger is founded by {number}")
    return Membership(voters, base_index=base_index, origin=origin)


def _by_place(member: Member) -> str:
    return member.place
