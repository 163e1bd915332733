"""Commands about seats: ask for them, give them back, lose them."""

from __future__ import annotations

from appliance.licences.commands.base import Command, Holder, Item, LeaseRef
from appliance.licences.modes import NO_STATION, Party
from appliance.licences.wishes import NO_WISHES, Wishes


class CheckOut(Command, frozen=True, tag="check-out"):
    """Ask for seats, or for a fresh receipt of those already held under this key: all or none.

    `nonce` is the only field in which a repeat may differ: any other difference is a conflict.
    `wishes` are what the licence has to offer. `more` are further products of the firm. `station`
    is where the client says that it runs, and `address` from where the serving host heard it: all
    of an IPv4 address, or half an IPv6 one. Of a repeat the address does not count.
    `secret_hash` is SHA-256 of a secret that later calls on this lease must prove. With `wait_s` it
    waits for its turn, so long at most, where only seats are wanting (`licences.queue`); a repeat
    may say another time.
    """

    lease: LeaseRef
    firm_code: int
    product_code: int
    secret_hash: bytes
    holder: Holder
    nonce: bytes
    seats: int = 1
    more: tuple[Item, ...] = ()
    station: bytes = NO_STATION
    address: bytes = b""
    wishes: Wishes = NO_WISHES
    wait_s: int = 0

    @property
    def items(self) -> tuple[Item, ...]:
        """All that is asked for, product by product."""
        return (Item(self.product_code, self.seats), *self.more)

    @property
    def party(self) -> Party:
        """Who asks, as seats are counted by."""
        client, user = self.lease.client, self.holder.user
        return Party(client, user, self.station, self.address, self.wishes.mode)


class CheckIn(Command, frozen=True, tag="check-in"):
    """Give the seat back. With `no_linger` it is free at once, whatever the vendor says."""

    lease: LeaseRef
    generation: int
    no_linger: bool = False


class Expire(Command, frozen=True, tag="expire"):
    """The coordinator heard nothing of this lease for its lifetime (design D6)."""

    lease: LeaseRef
    generation: int


class Release(Command, frozen=True, tag="release"):
    """An operator ends somebody's lease: who and why are part of the record."""

    lease: LeaseRef
    generation: int
    who: str
    why: str
