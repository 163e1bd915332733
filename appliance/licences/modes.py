"""How seats of a licence are counted: the access modes, and which of them agree with what is asked.

    mode            seats that it takes                        who else may use them
    --------------  -----------------------------------------  -------------------------------------
    user-limit      as many as were asked for, for each lease  nobody
    station-share   one for all leases of one station          every lease of that station
    exclusive       as many as were asked for                  nobody, and no other lease of that
                                                               station uses the product meanwhile
    no-limit        none                                       everybody

A station is what four things agree on: the product, the authenticated client, the station's id as
the client library makes it, and the network address that the serving TMR host saw. The id alone is
a claim that every computer of a plant could make alike.
"""

from __future__ import annotations

from typing import Final

USER_LIMIT: Final = "user-limit"
"""Each lease takes seats of its own."""
STATION_SHARE: Final = "station-share"
EXCLUSIVE: Final = "exclusive"
NO_LIMIT: Final = "no-limit"
MODES: Final = (USER_LIMIT, STATION_SHARE, EXCLUSIVE, NO_LIMIT)
"""In the order in which they are written wherever several stand together."""
OF_THEIR_OWN: Final = frozenset((USER_LIMIT, EXCLUSIVE))
"""The modes in which each lease has seats of its own."""
OF_A_STATION: Final = frozenset((STATION_SHARE, EXCLUSIVE))
"""The modes that cannot be without a station."""
STATION_BYTES: Final = 16
NO_STATION: Final = b""
ADDRESS_BYTES: Final = (0, 4, 8)
"""An IPv4 address, the first half of an IPv6 address, or none."""


def share_of(mode: str, station: bytes) -> bytes:
    """What a receipt says of a lease in this mode at this station: whose seats they are. So a TMR
    host that names one station to the ledger for all of them is found out by each client."""
    return station if mode in OF_A_STATION else bytes(STATION_BYTES)


def in_order(modes: tuple[str, ...]) -> bool:
    """Whether these are modes that there are, one or more, each once and in their order."""
    return bool(modes) and modes == tuple(mode for mode in MODES if mode in modes)
