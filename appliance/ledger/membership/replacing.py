"""Whether a store may take another's place now, as far as a coordinator can see (design D7).

What can go wrong in here is to begin what cannot be ended: once asked for, a replacement needs both
remaining upstreams for everything, so it is not begun without them.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.ledger.leader.peers import FOLLOWING, Peers
from appliance.ledger.log.book import Book

BEHIND_MAX = 64
"""How many entries a new store may lack when it is admitted: it goes on catching up."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why not now, in words. `passing` if it may go away while nobody does anything about it."""

    what: str
    passing: bool = False


def why_not_replace(peers: Peers, book: Book, place: str, new: bytes) -> Hindrance | None:
    """The reason, None if there is none."""
    membership = book.state.membership
    if membership.pending is not None:
        waits = f"the store at {membership.pending.place} is being replaced: wait for that"
        return Hindrance(waits, passing=True)
    if membership.at(place) is None:
        return Hindrance(f"no store votes at {place!r}")
    candidate = peers[place]
    if membership.knows(new):
        return Hindrance(f"the store {new.hex()} votes already, or once did")
    if candidate.store != new:
        answers = candidate.store.hex() or "none"
        what = f"the store that answers at {place} is {answers}, not {new.hex()}"
        return Hindrance(what, passing=not candidate.store)
    for peer in peers:
        if peer is candidate:
            continue
        if peer.phase != FOLLOWING or not peer.up:
            what = f"{peer.name} is not here, and both remaining upstreams are needed"
            return Hindrance(what, passing=True)
        if new not in peer.consents:
            return Hindrance(f"no operator agreed to it at {peer.name}", passing=True)
    if candidate.phase != FOLLOWING or candidate.match_index + BEHIND_MAX < book.commit_index:
        lacks = book.commit_index - candidate.match_index
        what = f"the new store still lacks {lacks} entries: try again when it has caught up"
        return Hindrance(what, passing=True)
    return None
