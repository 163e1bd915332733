"""Why a store may not take another's place yet: what the operator is told, and what may pass."""

from __future__ import annotations

import pytest

from appliance.ledger.leader.peers import ADOPTING, FOLLOWING, Peers
from appliance.ledger.log.book import Book
from appliance.ledger.membership.replacing import BEHIND_MAX, Hindrance, why_not_replace
from appliance.licences.commands import Replace
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, UPSTREAMS
from tests.unit.ledger.world import FOUND, STORES, entries

NEW = b"\x4e\x65\x77"
READY = BEHIND_MAX + 1


def ready(place: str = "up3") -> tuple[Peers, Book]:
    """A new store follows in that place, and both others agreed; it lacks as much as it may."""
    book = Book(Machine(*READERS))
    log = entries((FOUND,), *((),) * BEHIND_MAX)
    for entry in log:
        book.apply(entry)
    book.commit(READY)
    peers = Peers(UPSTREAMS, lambda: book.state.membership)
    for peer in peers:
        peer.up, peer.phase, peer.store = True, FOLLOWING, STORES[peer.name].id
        peer.match_index, peer.consents = READY, (NEW,)
    peers[place].store, peers[place].consents, peers[place].match_index = NEW, (), 1
    return peers, book


def why(peers: Peers, book: Book, place: str = "up3", new: bytes = NEW) -> Hindrance | None:
    return why_not_replace(peers, book, place, new)


def test_a_store_that_follows_and_that_both_others_agreed_to_may() -> None:
    for place in UPSTREAMS:
        assert why(*ready(place), place) is None


def test_one_replacement_at_a_time() -> None:
    peers, book = ready()
    book.apply(entries((FOUND,), *((),) * BEHIND_MAX, (Replace("up2", b"x", "o", "w"),))[-1])
    said = "the store at up2 is being replaced: wait for that"
    assert why(peers, book) == Hindrance(said, passing=True)


def test_a_place_where_nobody_votes_and_a_store_that_is_known_stay_wrong() -> None:
    peers, book = ready()
    assert why(peers, book, "up9") == Hindrance("no store votes at 'up9'")
    known = STORES["up3"].id
    said = f"the store {known.hex()} votes already, or once did"
    assert why(peers, book, new=known) == Hindrance(said)


@pytest.mark.parametrize(("there", "named"), [(b"", "none"), (b"\x4f", "4f")])
def test_it_has_to_answer_there(there: bytes, named: str) -> None:
    peers, book = ready()
    peers["up3"].store = there
    said = f"the store that answers at up3 is {named}, not 4e6577"
    assert why(peers, book) == Hindrance(said, passing=not there)


@pytest.mark.parametrize(
    ("place", "name"), [("up3", "up1"), ("up3", "up2"), ("up1", "up2"), ("up1", "up3")]
)
def test_both_others_have_to_be_here(place: str, name: str) -> None:
    said = f"{name} is not here, and both remaining upstreams are needed"
    peers, book = ready(place)
    peers[name].up = False
    assert why(peers, book, place) == Hindrance(said, passing=True)
    peers, book = ready(place)
    peers[name].phase = ADOPTING
    assert why(peers, book, place) == Hindrance(said, passing=True)


def test_an_operator_has_to_agree_at_both_others() -> None:
    for name in ("up1", "up2"):
        peers, book = ready()
        peers[name].consents = (b"another",)
        said = f"no operator agreed to it at {name}"
        assert why(peers, book) == Hindrance(said, passing=True)


def test_it_has_to_have_caught_up_but_for_a_little() -> None:
    peers, book = ready()
    peers["up3"].match_index = 0
    said = f"the new store still lacks {READY} entries: try again when it has caught up"
    assert why(peers, book) == Hindrance(said, passing=True)
    peers, book = ready()
    peers["up3"].phase = ADOPTING
    said = f"the new store still lacks {BEHIND_MAX} entries: try again when it has caught up"
    assert why(peers, book) == Hindrance(said, passing=True)
