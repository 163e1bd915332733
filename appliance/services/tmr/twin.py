"""What the two TMR hosts tell each other, about once an advert interval (design D4).

It informs the health verdict and the status page; no decision about who serves rests on it.
"""

from __future__ import annotations

import msgspec


class TwinStatus(msgspec.Struct, frozen=True, kw_only=True, tag="twin-status"):
    """One TMR host's own report. `reached` counts the upstreams that answer it."""

    host: str
    version: str
    serving: bool
    reached: int
    has_address: bool
    maintenance: bool
    commit_index: int
