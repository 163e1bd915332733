"""How young certified time must be: for a transfer over the network, seven days.

A licence that travels over the network is worth as much as the clocks at both ends; so a container
whose certified time is older asks a time server before it asks License Central. Files that are
carried by hand are not affected, and no running licence is: a licence server must not stop a plant
(a vendor may set a limit per product item, see `appliance.licences.validity`).

What can go wrong in here is to measure the age by a clock that was set: it is system time, which
never goes back but by a certified update.
"""

from __future__ import annotations

TRANSFER_AGE_MAX_S = 7 * 86_400
"""The greatest age of certified time with which a licence may be transferred over the network."""


def certified_age_ms(certified_ms: int | None, system_ms: int) -> int | None:
    """How old certified time is at this system time (both Unix ms); None if there never was one.

    Never below 0: a time server may be ahead of a container by what the answer took.
    """
    return None if certified_ms is None else max(0, system_ms - certified_ms)


def transfer_needs_update(certified_ms: int | None, system_ms: int) -> bool:
    """Whether certified time has to be updated before a licence is transferred over the network."""
    age_ms = certified_age_ms(certified_ms, system_ms)
    return age_ms is None or age_ms > TRANSFER_AGE_MAX_S * 1000
