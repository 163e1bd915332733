"""One alert: what is wrong, what to do, and where in the window its cause is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor_gui.model.phrases import Phrase
from monitor_gui.model.verdict import Level

_PAGES: Final = {
    "clock": "clocks",
    "clocks": "clocks",
    "certified-age": "clocks",
    "unsynchronised": "hosts",
    "locked": "timeservers",
    "time-server": "timeservers",
    "time-servers": "timeservers",
    "twins": "licences",
    "unusable": "licences",
    "rests": "clocks",
    "expires": "licences",
    "expired": "licences",
    "seats": "licences",
    "units": "licences",
    "unconfirmed": "licences",
    "host-lost": "failover",
    "maintenance": "failover",
    "no-active": "failover",
    "active-unseen": "failover",
    "disk": "hosts",
    "certificates": "hosts",
    "versions": "hosts",
    "lag": "hosts",
    "store-damaged": "hosts",
    "store-new": "hosts",
    "upstream-apart": "hosts",
    "report-old": "hosts",
    "two-active": "failover",
    "address-twice": "failover",
    "address-nowhere": "failover",
    "vrrp": "failover",
    "adverts-not-heard": "failover",
    "vrrp-stranger": "failover",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One cause. `key` stays the same as long as it lasts; `subject` can be sought on its page."""

    key: str
    level: Level
    text: Phrase
    advice: Phrase
    subject: str = ""

    @property
    def kind(self) -> str:
        """What sort of trouble it is."""
        return self.key.partition(" ")[0]

    @property
    def page(self) -> str:
        """The page that shows the cause."""
        return _PAGES.get(self.kind, "overview")
