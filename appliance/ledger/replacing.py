"""Whether a store may take another's place now, as far as a coordinator can see (design D7).

What can go wrong in here is to begin what cannot be ended: once asked for, a replacement needs both
remaining upstreams for everything, so it is not begun without them.
"""

from __future__ import annotations

from appliance.ledger.book import Book
from appliance.ledger.peers import FOLLOWING, Peers

BEHIND_MAX = 64
"""How many entries a new store may lack when it is admitted: it goes on catching up."""


def why_not_replace(peers: Peers, book: Book, place: str, new: bytes) -> str:
    """The reason in words, "" if there is none."""
    membership = book.state.membership
    if membership.pending is not None:
        return f"the store at {membership.pending.place} is being replaced: wait for that"
    if membership.at(place) is None:
        return f"no store votes at {place!r}"
    candidate = peers[place]
    if candidate.store != new:
        answers = candidate.store.hex() or "none"
        return f"the store that answers at {place} is {answers}, not {new.hex()}"
    if membership.knows(new):
        return f"the store at {place} votes already, or once did"
    for peer in peers:
        if peer is candidate:
            continue
        if peer.phase != FOLLOWING or not peer.up:
            return f"{peer.name} is not here, and both remaining upstreams are needed"
        if new not in peer.consents:
            return f"no operator agreed to it at {peer.name}"
    if candidate.phase != FOLLOWING or candidate.match_index + BEHIND_MAX < book.commit_index:
        lacks = book.commit_index - candidate.match_index
        return f"the new store still lacks {lacks} entries: try again when it has caught up"
    return ""
