"""Tickets and returns: what a firm keeps of licences that travel over the network (pure).

A ticket stands for one licence that was sold and waits for its three containers; each of them shows
it with a request of its own, and the third makes the issue. A return takes a licence back from all
three; it is complete when each has confirmed the update without it, and then the ticket that it
came from, if there was one, may be used again. A licence with a unit counter comes back without its
ticket: how many units are left is the plant's ledger's to know, and not ours.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from appliance.codec.certificates import RandomBits
from appliance.licences.model import LicenceKey
from appliance.services.central.options import Options

TICKETS_MAX: Final = 10_000
"""Tickets of one firm."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none looks like another
_CODE: Final = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}")


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One licence that was sold. `requests` are the request files that were shown so far, at most
    two; `tmr_id` is the licence's once it is issued."""

    code: str
    product_code: int
    options: Options
    requests: tuple[bytes, ...] = ()
    tmr_id: int | None = None


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """One licence on its way back: which container confirms by which update's sequence."""

    product_code: int
    tmr_id: int
    counted: bool
    sequences: dict[str, int]

    def key(self, firm_code: int) -> LicenceKey:
        """Which licence of that firm."""
        return LicenceKey(firm_code, self.product_code, self.tmr_id)

    def waiting_for(self, confirmed: dict[str, int]) -> tuple[str, ...]:
        """The containers that have not confirmed yet; `confirmed` is the newest sequence of each
        that did."""
        return tuple(
            serial
            for serial, sequence in self.sequences.items()
            if confirmed.get(serial, 0) < sequence
        )


def new_code(rng: RandomBits) -> str:
    """A ticket's code: 125 random bits, which nobody guesses."""
    text = "".join(_ALPHABET[rng.getrandbits(5)] for _ in range(25))
    return "-".join(text[at : at + 5] for at in range(0, 25, 5))


def is_code(text: str) -> bool:
    """Whether this could be a ticket's code at all."""
    return _CODE.fullmatch(text) is not None
