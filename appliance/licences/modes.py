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

from typing import Final, NamedTuple

from appliance.details import detail

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
FOR_ONE: Final = frozenset((STATION_SHARE, NO_LIMIT))
"""The modes in which nobody asks for several seats."""
STATION_BYTES: Final = 16
NO_STATION: Final = b""
NO_SHARE: Final = bytes(STATION_BYTES)
"""Of seats that nobody else uses."""
ADDRESS_BYTES: Final = (0, 4, 8)
"""An IPv4 address, the first half of an IPv6 address, or none."""


class Party(NamedTuple):
    """Who uses a product, as seats are counted by: an authenticated client, the tag of the user
    that it names, the station that it names, where it was heard from, and the mode."""

    client: str
    user: bytes
    station: bytes
    address: bytes
    mode: str

    @property
    def owner(self) -> tuple[str, bytes, bytes]:
        """To whom a seat lingers: the network address may change, the user may not."""
        return self.client, self.user, self.station

    @property
    def place(self) -> tuple[str, bytes, bytes]:
        """All that has to agree of those who share a seat of a licence, or keep each other out."""
        return self.client, self.station, self.address


def why_no_party(party: Party, seats: int) -> str:
    """What about who asks for so many seats of each product nobody can ask, "" if nothing is."""
    if len(party.station) not in (0, STATION_BYTES) or len(party.address) not in ADDRESS_BYTES:
        return detail("station-bytes", bytes=STATION_BYTES)
    if party.mode in OF_A_STATION and not party.station:
        return detail("mode-needs-station", mode=party.mode)
    if party.mode in FOR_ONE and seats != 1:
        return detail("mode-one-seat", mode=party.mode, seats=seats)
    return ""


def share_of(mode: str, station: bytes) -> bytes:
    """What a receipt says of a lease in this mode at this station: whose seats they are. So a TMR
    host that names one station to the ledger for all of them is found out by each client."""
    return station if mode in OF_A_STATION else NO_SHARE


def in_order(modes: tuple[str, ...]) -> bool:
    """Whether these are modes that there are, one or more, each once and in their order."""
    return bool(modes) and modes == tuple(mode for mode in MODES if mode in modes)
