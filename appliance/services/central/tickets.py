"""Tickets: what stands for licences that travel over the network (pure).

A ticket stands for one licence that was sold and waits for its three containers; each of them shows
it with a request of its own, and the third makes the issue. Once the licence came back
(`appliance.services.central.returning`) the ticket may be used again. A licence with a unit counter
or a usage period comes back without its ticket: what is left is the plant's ledger's to know, not
ours.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from appliance.codec.certificates import RandomBits
from appliance.services.central.options import Options

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


def new_code(rng: RandomBits) -> str:
    """A ticket's code: 125 random bits, which nobody guesses."""
    text = "".join(_ALPHABET[rng.getrandbits(5)] for _ in range(25))
    return "-".join(text[at : at + 5] for at in range(0, 25, 5))


def is_code(text: str) -> bool:
    """Whether this could be a ticket's code at all."""
    return _CODE.fullmatch(text) is not None
