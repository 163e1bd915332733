"""Who may stay at a server that is full: the rules, without a socket or a clock (pure).

    arrivals   TCP stands and nothing else: a socket each
    shaking    TLS is under way: memory and the processor
    strangers  connected, and nothing proves who it is
    known      a certificate or a token proved it

Whoever is known is never dropped for a newcomer's sake. Among the others a newcomer takes the place
of the one that was heard of longest ago, at the address that has most: a crowd from one address
thins itself out before anybody else's. What can go wrong in here is a crowd of honest clients that
comes back after a failover, each dropped just before its turn: so arrivals wait in a long queue
that costs little, addresses take turns, and a handshake that began gets its share of time first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address, ip_address
from typing import Final

from appliance.adapters.doors.rates import RateLimit

FOR_EVER: Final = float("inf")
OVERDUE: Final = "it took too long"
DISPLACED: Final = "there are too many that nobody knows"
TOO_OFTEN: Final = "its address comes too often"
_IPV6_SITE_BITS: Final = 64
_IPV6_BITS: Final = 128


class Rank(IntEnum):
    """Whose places somebody may take, each those of the ones before it, too."""

    CLIENT = 0
    HOLDER = 1
    OPERATOR = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections of each kind there may be. Raises ValueError if one is not positive.

    `known_max` counts all that are known; of these places `operators_kept` are kept for operators,
    and `holders_kept` for operators and for clients that hold a lease. `shaking_share_s` is what a
    handshake gets before a newcomer may end it. `arrivals_per_minute` bounds how often one address
    may connect; 0 is no bound.
    """

    arrivals_max: int = 4_096
    arrivals_per_address_max: int = 2_048
    shaking_max: int = 1_024
    shaking_share_s: float = 1.0
    turns_max: int = 16
    strangers_max: int = 512
    strangers_per_address_max: int = 128
    known_max: int = 12_000
    known_per_client_max: int = 2_000
    operators_kept: int = 0
    holders_kept: int = 0
    arrivals_per_minute: int = 0

    def __post_init__(self) -> None:
        for name in ("arrivals_max", "shaking_max", "turns_max", "strangers_max", "known_max"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")


class Guest:
    """One connection. `hang_up(why)` ends it at once; `due_s` is when it is overdue."""

    __slots__ = ("address", "due_s", "hang_up", "pool", "since_s", "who")

    def __init__(self, address: str, hang_up: Callable[[str], None]) -> None:
        self.address = site_of(address)
        self.hang_up = hang_up
        self.who = ""
        self.due_s = FOR_EVER
        self.since_s = 0.0
        self.pool: Pool | None = None


def site_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, which one host has whole."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> _IPV6_BITS - _IPV6_SITE_BITS << _IPV6_SITE_BITS))


class Pool:
    """Guests of one kind by address, those heard of longest ago first; never more than `most`."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._groups: dict[str, OrderedDict[Guest, int]] = {}
        self._count = 0
        self._heard = 0

    def __len__(self) -> int:
        return self._count

    def add(self, guest: Guest) -> Guest | None:
        """Take one in. Gives the one that has lost its place for it."""
        group = self._groups.get(guest.address)
        loser = None
        if group is not None and len(group) >= self._most_per_address:
            loser = next(iter(group))
        elif self._count >= self._most:
            loser = self.first_to_go()
        if loser is not None:
            self.remove(loser)
        self._heard += 1
        self._groups.setdefault(guest.address, OrderedDict())[guest] = self._heard
        self._count += 1
        guest.pool = self
        return loser

    def remove(self, guest: Guest) -> None:
        """One leaves, or becomes something else."""
        group = self._groups[guest.address]
        del group[guest]
        self._count -= 1
        guest.pool = None
        if not group:
            del self._groups[guest.address]

    def heard(self, guest: Guest) -> None:
        """One did something proper: the others go before it."""
        self._heard += 1
        group = self._groups[guest.address]
        group[guest] = self._heard
        group.move_to_end(guest)

    def first_to_go(self) -> Guest | None:
        """The one heard of longest ago, at an address that has most."""
        if not self._groups:
            return None
        crowd = max(self._groups.values(), key=lambda group: (len(group), -_first(group)))
        return next(iter(crowd))


def _first(group: OrderedDict[Guest, int]) -> int:
    return next(iter(group.values()))


class Doorkeeper:
    """Counts the connections of one server, and says who has to go."""

    def __init__(self, bounds: Bounds, holds: Callable[[str], bool] = lambda who: False) -> None:
        """`holds(who)` says whether a client has a lease."""
        self.bounds = bounds
        self.arrivals = Pool(bounds.arrivals_max, bounds.arrivals_per_address_max)
        self.shaking = Pool(bounds.shaking_max, bounds.shaking_max)
        self.strangers = Pool(bounds.strangers_max, bounds.strangers_per_address_max)
        self._holds = holds
        self._rate = RateLimit(bounds.arrivals_per_minute) if bounds.arrivals_per_minute else None
        self._guests: dict[Guest, None] = {}
        self._known: dict[str, int] = {}
        self._known_count = 0
        self._queues: OrderedDict[str, OrderedDict[Guest, None]] = OrderedDict()
        self._turns = 0

    def __len__(self) -> int:
        return len(self._guests)

    @property
    def known(self) -> int:
        """How many connections are of somebody known."""
        return self._known_count

    def of(self, who: str) -> int:
        """How many connections this client has."""
        return self._known.get(who, 0)

    # --- on the way in ---

    def arrive(self, guest: Guest, now_s: float) -> bool:
        """A connection was accepted. False if its address comes too often: it is hung up on."""
        if self._rate is not None and self._rate.wait_s(guest.address, now_s):
            guest.hang_up(TOO_OFTEN)
            return False
        self._guests[guest] = None
        self._move(guest, self.arrivals)
        return True

    def ask_turn(self, guest: Guest) -> None:
        """An arrival has begun to speak, and wants a handshake."""
        if guest.pool is self.arrivals:
            self._queues.setdefault(guest.address, OrderedDict())[guest] = None

    def next_turn(self, now_s: float) -> Guest | None:
        """Who shakes hands now: addresses take turns, and at each address who came first. None if
        nobody waits, or nobody may begin yet."""
        if self._queues and self._turns < self.bounds.turns_max and self._room(now_s):
            guest = next(iter(next(iter(self._queues.values()))))
            self._unqueue(guest)
            if guest.address in self._queues:
                self._queues.move_to_end(guest.address)
            self._turns += 1
            guest.since_s = now_s
            self._move(guest, self.shaking)
            return guest
        return None

    def _unqueue(self, guest: Guest) -> None:
        queue = self._queues.get(guest.address)
        if queue is not None and guest in queue:
            del queue[guest]
            if not queue:
                del self._queues[guest.address]

    def _room(self, now_s: float) -> bool:
        if len(self.shaking) < self.bounds.shaking_max:
            return True
        first = self.shaking.first_to_go()
        return first is not None and now_s - first.since_s >= self.bounds.shaking_share_s

    def end_turn(self) -> None:
        """A handshake is over, or has kept others waiting for long enough."""
        self._turns -= 1

    def connect(self, guest: Guest) -> bool:
        """A connection stands: a stranger's, until it proves more. False if it was dropped
        meanwhile."""
        if guest not in self._guests:
            return False
        self._unqueue(guest)
        self._move(guest, self.strangers)
        return True

    # --- inside ---

    def prove(self, guest: Guest, who: str, rank: Rank) -> str:
        """A stranger proves who it is. Gives "" if it is known now, else why it stays a stranger:
        there are too many that are known already."""
        if guest.who or guest not in self._guests:
            return ""
        bounds, own = self.bounds, self._known.get(who, 0)
        if own >= bounds.known_per_client_max:
            return f"{who} has {own} connections, as many as one client may have: close some"
        kept = bounds.operators_kept + bounds.holders_kept
        if rank is Rank.OPERATOR:
            kept = 0
        elif self._known_count >= bounds.known_max - kept and self._holds(who):
            kept = bounds.operators_kept
        if self._known_count >= bounds.known_max - kept:
            return f"{self._known_count} connections are open, as many as this host may have"
        if guest.pool is not None:
            guest.pool.remove(guest)
        guest.who = who
        self._known[who] = own + 1
        self._known_count += 1
        return ""

    def heard(self, guest: Guest) -> None:
        """A whole request came."""
        if guest.pool is not None:
            guest.pool.heard(guest)

    def leave(self, guest: Guest) -> None:
        """A connection has ended; once is enough, and twice no harm."""
        if guest not in self._guests:
            return
        del self._guests[guest]
        self._unqueue(guest)
        if guest.pool is not None:
            guest.pool.remove(guest)
        if guest.who:
            self._known_count -= 1
            left = self._known[guest.who] - 1
            if left:
                self._known[guest.who] = left
            else:
                del self._known[guest.who]

    # --- who has to go ---

    def overdue(self, now_s: float) -> list[Guest]:
        """All that have let their time pass."""
        return [guest for guest in self._guests if guest.due_s <= now_s]

    def make_room(self) -> bool:
        """No file descriptor is left: end one that nobody knows. False if there is none."""
        for pool in (self.arrivals, self.strangers, self.shaking):
            loser = pool.first_to_go()
            if loser is not None:
                self.leave(loser)
                loser.hang_up(DISPLACED)
                return True
        return False

    def _move(self, guest: Guest, pool: Pool) -> None:
        if guest.pool is not None:
            guest.pool.remove(guest)
        loser = pool.add(guest)
        if loser is not None:
            self.leave(loser)
            loser.hang_up(DISPLACED)
