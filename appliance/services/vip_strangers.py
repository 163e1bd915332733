"""Who sends VRRP adverts for our router id, and is not the twin. Pure: `now` is monotonic seconds.

VRRP has no authentication, so whoever is on the network can claim the address. The packet filter
keeps such adverts from keepalived; this says that they come, or nobody would know. What can go
wrong here is a false alarm: a twin with a new network card, or a bond that fails over, has another
link address for a moment. So a difference has to last, and what is not known is no difference.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.adapters.vrrp.adverts import Advert
from appliance.details import detail

# How long an advert's link address has to differ from the one that the kernel knows.
LASTING_S = 10.0
# How often it is said while it lasts.
REPEAT_S = 60.0
# How long after the last of their adverts strangers count as there.
LINGER_S = 60.0


class Strangers:
    """What there is to say of the adverts that arrive. `link_of` gives the link address at which
    the kernel reaches an address, or "" if it does not know."""

    def __init__(self, twin_address: str, link_of: Callable[[str], str]) -> None:
        self._twin = twin_address
        self._link_of = link_of
        self._differs_since: float | None = None
        self._said_at: float | None = None
        self._last_at: float | None = None
        self._fact = ""
        self.count = 0

    def heard(self, now: float, advert: Advert, link: str) -> str:
        """What to tell an operator of this advert, that came from the link address `link`; mostly
        nothing ("")."""
        if not self._twin:
            return ""
        if advert.source != self._twin:
            self.count += 1
            return self._say(
                now,
                detail(
                    "stranger-same-router",
                    address=advert.source,
                    link=link,
                    vrid=advert.vrid,
                    priority=advert.priority,
                ),
                "take another tmr_vrid, or find out who that is",
            )
        known = self._link_of(self._twin)
        if not known or known == link:
            self._differs_since = None
            return ""
        self.count += 1
        if self._differs_since is None:
            self._differs_since = now
        if now - self._differs_since < LASTING_S:
            return ""
        return self._say(
            now,
            detail(
                "stranger-as-twin",
                address=self._twin,
                priority=advert.priority,
                link=link,
                known=known,
            ),
            "find out who wants the address",
        )

    def standing(self, now: float) -> str:
        """Which stranger is there now, for the list of problems; "" if none is. It names another
        one at most every REPEAT_S, however many take turns."""
        if self._last_at is None or now - self._last_at >= LINGER_S:
            return ""
        return self._fact

    def _say(self, now: float, fact: str, advice: str) -> str:
        self._last_at = now
        if self._said_at is not None and now - self._said_at < REPEAT_S:
            return ""
        self._said_at = now
        self._fact = fact
        return f"{fact}: {advice}"
