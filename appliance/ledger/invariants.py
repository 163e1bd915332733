"""What must always hold on one host, cheap enough to be asked after every step (design section 3).

The simulator asks after each input; a service may ask every beat. A violation is our own bug, never
a peer's doing: whoever sees one stops, since going on could make a lost or doubled licence of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import IN_TERM
from appliance.ledger.log.book import Book
from appliance.ledger.replica.replica import Replica
from appliance.licences.access.form import RESERVE
from appliance.licences.access.rulebook import ruled_for
from appliance.licences.bounds import DURATION_S_MAX
from appliance.licences.certified import FRESH_MS
from appliance.licences.commands import CheckOut, LeaseRef, LowerLogTime, Outcome
from appliance.licences.counting import RESERVED
from appliance.licences.grants import LINES_MAX
from appliance.licences.model import LicenceKey
from appliance.licences.modes import NO_LIMIT, STATION_SHARE
from appliance.licences.queue.place import (
    HOLD_S_MAX,
    OVERTAKES_MAX,
    PLACES_MAX,
    PLACES_PER_CLIENT_MAX,
    PLACES_PER_PRODUCT_MAX,
)
from appliance.licences.reasons import GRANTED
from appliance.licences.records import Lease, lease_of
from appliance.licences.state import State

LINGER_MS_MAX = DURATION_S_MAX * 1000
RULE_KEY = 3
"""Parts of a key under which seats are counted by an access rule; those of shares have more."""


class InvariantViolation(Exception):
    """Something that must always hold does not."""


def require(condition: bool, what: str) -> None:
    """Raise InvariantViolation, saying `what`, unless the condition holds."""
    if not condition:
        raise InvariantViolation(what)


def check_book(book: Book) -> None:
    """Commit and end of a log in order; O(1)."""
    require(
        0 <= book.commit_index <= book.last_index,
        f"commit {book.commit_index} is not within a log that ends at {book.last_index}",
    )
    if book.commit_index == book.last_index:
        require(book.commit_root == book.last_root, "one index has two roots")


def check_replica(replica: Replica) -> None:
    """A replica never adopted beyond what it promised; O(1)."""
    require(
        replica.adopted <= replica.promised,
        f"adopted {replica.adopted} beyond the promise of {replica.promised}",
    )
    check_book(replica.book)


def check_coordinator(coordinator: Coordinator) -> None:
    """A host acts in a term of its own or in none, and keeps nothing uncommitted outside; O(1)."""
    book, term = coordinator.book, coordinator.term
    require(
        (term is not None) == (coordinator.phase in IN_TERM),
        f"{coordinator.phase} with term {term}",
    )
    if term is None:
        require(
            book.commit_index == book.last_index,
            f"uncommitted entries are kept without a term: {book.commit_index + 1} on",
        )
    else:
        require(term.host == coordinator.host, f"{coordinator.host} acts in term {term}")
    check_book(book)


def check_grant(state: State, command: object, outcome: Outcome) -> None:
    """After a command: no seat beyond the quantity, no unit beyond the counter; O(lines)."""
    if outcome.reason == GRANTED:
        is_new = outcome.generation == state.commands_applied
        fresh = command if isinstance(command, CheckOut) and is_new else None
        for key in outcome.keys:
            _check_line(state, fresh, outcome, key)
        if fresh is not None:
            _check_seats(state, fresh, outcome)


def _check_seats(state: State, command: CheckOut, outcome: Outcome) -> None:
    """A new lease has all the seats that were asked for, and those of a product in one role."""
    lease = state.leases[command.lease]
    require(lease.items == command.items, f"{lease.ref} was granted something else")
    require(lease.generation == outcome.generation, f"{lease.ref} has another generation")
    roles = {(key.product_code, state.items[key].role) for key in outcome.keys}
    require(len(roles) == len(lease.items), f"{lease.ref} holds a product in two roles")


def _check_line(state: State, fresh: CheckOut | None, outcome: Outcome, key: LicenceKey) -> None:
    """`fresh` is what made a new lease, None if the grant was there before."""
    item = state.items.get(key)
    if item is None:  # A remembered answer to a numbered request, which nobody may rely on now.
        require(outcome.valid_for_s == 0, f"granted {key}, which two constituents do not hold")
        return
    if fresh is not None and _took_seats(state, outcome, fresh.lease, key):
        taken = state.seats.get(key, 0)
        require(
            taken <= item.quantity, f"{taken} seats of {key} are taken, {item.quantity} were issued"
        )
    require(
        outcome.units_taken == 0
        or item.units is None
        or state.units_used.get(key, 0) <= item.units,
        f"{state.units_used.get(key, 0)} units of {key} are used, {item.units} were issued",
    )


def _took_seats(state: State, outcome: Outcome, ref: LeaseRef, key: LicenceKey) -> bool:
    """Whether a fresh grant took seats of this licence: who joins a share, or has no limit, does
    not."""
    lease = state.leases[ref]
    shared = outcome.mode == STATION_SHARE and state.sharers[key, *lease.party.place] > 1
    return outcome.mode != NO_LIMIT and not shared


def check_state(state: State) -> None:
    """The tables agree with each other; O(leases), so for the simulator and for audits."""
    taken = Counter[LicenceKey]()
    shares: set[tuple[LicenceKey, object]] = set()
    for lease in state.holdings():
        check_lease(lease)
        for charge in lease.lines:
            if lease.wishes.mode == STATION_SHARE:
                shares.add((charge.key, lease.party.place))
            elif lease.wishes.mode != NO_LIMIT:
                taken[charge.key] += charge.seats
    taken.update(key for key, _ in shares)
    for out in state.borrowed.values():
        taken[out.key] += out.seats
        require(state.borrowed_by(out.borrower) is out, "a borrower's key stands for another loan")
    for kept in state.lingers():
        taken[kept.key] += kept.seats
        require(kept.until_age_ms <= state.age_ms + LINGER_MS_MAX, "a seat lingers for too long")
    require(taken == state.seats, "the seats that are taken are not those that somebody has")
    check_ruled(state)
    check_places(state)
    require(all(used >= 0 for used in state.units_used.values()), "units were given back")
    require(
        all(start.at_ms <= state.log_time_ms for start in state.usage_starts.values()),
        "a usage period begins later than now",
    )


def check_ruled(state: State) -> None:
    """What is counted under access rules is what leases name, a share's seat once, and no more than
    a rule reserves; O(leases)."""
    counted, shares = Counter[tuple[int, ...]](), set[object]()
    for lease in (*state.holdings(), *map(lease_of, state.borrowed.values())):
        for charge in lease.ruled:
            product = (lease.key.firm_code, charge.product_code)
            share = (product, charge.rule, lease.party.place)
            if lease.wishes.mode == STATION_SHARE and share in shares:
                continue
            shares.add(share)
            counted[*product, charge.rule] += charge.seats
            if charge.reserved:
                counted[*product, RESERVED] += charge.seats
    seats = {key: count for key, count in state.ruled.items() if len(key) == RULE_KEY}
    require(seats == counted, "what access rules count is not what leases name")
    for (firm_code, product_code, number), count in counted.items():
        ruled = ruled_for(state.rulebook, firm_code, product_code)
        require(ruled is not None, "seats are counted under rules that are not in force")
        if ruled is not None and number != RESERVED and ruled.rules[number].action == RESERVE:
            require(count <= ruled.rules[number].seats, "more is counted as reserved than is")


def check_places(state: State) -> None:
    """Who waits is overtaken no more than was ever allowed, is as many as may be, and has no lease;
    no offer is held for longer than any may be; O(places)."""
    require(len(state.places) <= PLACES_MAX, "more wait than may")
    for number, place in state.places.items():
        require(number == place.number <= state.commands_applied, f"{place.ref} waits out of order")
        require(state.place_of.get(place.ref) == number, f"{place.ref} has two places")
        require(place.ref not in state.leases, f"{place.ref} waits for what it has")
        require(place.overtaken <= OVERTAKES_MAX, f"{place.ref} is overtaken without end")
        longest_ms = state.age_ms + 1000 * min(HOLD_S_MAX, place.ttl_s)
        require(place.until_age_ms <= longest_ms, f"a seat is held too long for {place.ref}")
    for those in state.waiting.values():
        require(len(those) <= PLACES_PER_PRODUCT_MAX, "more wait for a product than may")
    for client, count in state.waiters.items():
        require(count <= PLACES_PER_CLIENT_MAX, f"{client} has more places than it may")


def check_lease(lease: Lease) -> None:
    """Each part of a lease is charged to one licence, once; O(lines).

    Its licences are of one firm, those of one product side by side.
    """
    keys = [charge.key for charge in lease.lines]
    require(0 < len(set(keys)) == len(keys) <= LINES_MAX, f"{lease.ref} is charged twice, or never")
    require(all(charge.seats > 0 for charge in lease.lines), f"{lease.ref} holds a part of no seat")
    require(len({key.firm_code for key in keys}) == 1, f"{lease.ref} is of two firms")
    parts = [code for code, _ in groupby(keys, attrgetter("product_code"))]
    require(len(set(parts)) == len(parts), f"{lease.ref} holds a product in two places")


def check_log_time(
    previous_ms: int, log_time_ms: int, state: State, commands: Sequence[object]
) -> None:
    """Log time never goes back but by an entry with certified tokens of two containers (D6).

    `state` is the one after the entry with these commands.
    """
    if log_time_ms >= previous_ms:
        return
    require(
        [type(command) for command in commands] == [LowerLogTime],
        f"log time went back by {previous_ms - log_time_ms} ms",
    )
    earlier = [
        known
        for known in state.certified.values()
        if known.time_ms < previous_ms
        and previous_ms - FRESH_MS <= known.asked_log_time_ms <= previous_ms
    ]
    require(len(earlier) >= 2, f"log time went back for {len(earlier)} certified token")
    require(
        log_time_ms >= min(known.time_ms for known in earlier),
        "log time went back beyond what any time server said",
    )
