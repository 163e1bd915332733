"""Everything the monitor knows of one system, with the moment it learned it.

Fed by updates only; read by the verdict, the picture and the pages. A server may lie, stall or send
half of a document: what reaches this store is whole, but nothing in it is believed to fit together.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from appliance.codec.api import LeasesDocument, LicencesDocument, StatusDocument
from monitor_gui.model import activity, timeline
from monitor_gui.model.ages import is_stale
from monitor_gui.model.clocks import clocks
from monitor_gui.model.logs import Logs
from monitor_gui.model.queries import Answered, Heard, Query
from monitor_gui.model.rates import Rate
from monitor_gui.model.timeline import Entry, own_row
from monitor_gui.model.updates import (
    Closed,
    Connecting,
    Event,
    Happened,
    LeasesHeard,
    LicencesHeard,
    LogsHeard,
    Opened,
    Recorded,
    StatusHeard,
    StatusMissed,
    Update,
)
from monitor_gui.model.usage import Usage

EVENTS_MAX: Final = 2_000
ENTRIES_MAX: Final = 5_000
OFFSETS_MAX: Final = 1_200
DENIED_MAX: Final = 500
LISTS_LATE_S: Final = 30.0
"""Lists older than this are old: they are asked for less often than how the hosts are."""

Offsets = tuple[float, dict[str, int | None]]
"""When, and each container's offset from the vote in milliseconds, by upstream."""


@dataclass(slots=True)
class Endpoint:
    """One address that is asked. `host` is the name it gave last."""

    address: str
    host: str = ""
    document: StatusDocument | None = None
    heard_at_s: float | None = None
    trouble: str = ""
    since_s: float | None = None
    """Since when it does not answer."""


@dataclass(slots=True)
class Store:
    """What is known. `opened` is None until a connection is followed."""

    opened: Opened | None = None
    wanted: str = ""
    """The system that a person chose, be it reached or not; "" before the first."""
    generation: int = 0
    """Counts the systems that were followed: what is of another one is void."""
    trouble: str = ""
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    licences: LicencesDocument | None = None
    licences_at_s: float | None = None
    leases: LeasesDocument | None = None
    leases_at_s: float | None = None
    leases_trouble: str = ""
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=EVENTS_MAX))
    events_total: int = 0
    """How many events there were, those included that `events` no longer holds."""
    logs: Logs = field(default_factory=Logs)
    denied: dict[tuple[str, str], int] = field(default_factory=dict)
    """How often a product was denied for a reason, since this system is followed."""
    usage: Usage = field(default_factory=Usage)
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=ENTRIES_MAX))
    checkouts: Rate = field(default_factory=Rate)
    denials: Rate = field(default_factory=Rate)
    offsets: deque[Offsets] = field(default_factory=lambda: deque(maxlen=OFFSETS_MAX))
    since_s: dict[str, float] = field(default_factory=dict)
    """When each present cause was first seen, by its key (kept by `verdict.summed_up`)."""
    answers: dict[type[Query], Heard] = field(default_factory=dict)
    """What pages asked for, by the kind of question."""

    def apply(self, update: Update) -> None:
        """Take note of an update. Those for somebody else (answers, questions) are ignored."""
        match update:
            case Connecting():
                self._forget()
                self.wanted = update.name
            case Opened():
                self._open(update)
            case StatusHeard():
                self._heard(update)
            case StatusMissed():
                self._missed(update)
            case LicencesHeard():
                self.licences, self.licences_at_s = update.document, update.at_s
                self.usage.hear(update.document.licences, update.at_s)
            case LeasesHeard():
                self.leases_trouble = update.trouble
                if update.document is not None:
                    self.leases, self.leases_at_s = update.document, update.at_s
            case LogsHeard():
                self.logs.hear(update.records, update.at_s, update.trouble)
            case Happened():
                self._happened(update)
            case Recorded():
                self.entries.extend(update.entries)
            case Closed():
                self.trouble = update.trouble
            case Answered():
                self.answers.setdefault(type(update.query), Heard()).take(update)
            case _:
                pass

    def _open(self, update: Opened) -> None:
        """Forget another system; the same one, reached anew, goes on."""
        before = self.opened
        self.trouble = ""
        if before is not None and (before.name, before.endpoints) == (
            update.name,
            update.endpoints,
        ):
            self.opened = update
            return
        self._forget()
        self.opened, self.wanted = update, update.name
        self.endpoints = {address: Endpoint(address) for address in update.endpoints}
        self.entries.extend(update.entries)

    def _forget(self) -> None:
        """Know nothing: what comes now is of another system."""
        fresh = Store(generation=self.generation + 1)
        for name in self.__slots__:
            setattr(self, name, getattr(fresh, name))

    def _heard(self, update: StatusHeard) -> None:
        endpoint = self.endpoints.setdefault(update.endpoint, Endpoint(update.endpoint))
        endpoint.document, endpoint.heard_at_s = update.document, update.at_s
        self.trouble = ""
        endpoint.host, endpoint.trouble, endpoint.since_s = update.document.host, "", None
        if _weight(endpoint)[0]:
            known = {c.host: c.offset_ms for c in clocks(update.document)[: timeline.HOSTS_MAX]}
            self.offsets.append((update.at_s, known))

    def _missed(self, update: StatusMissed) -> None:
        endpoint = self.endpoints.setdefault(update.endpoint, Endpoint(update.endpoint))
        endpoint.trouble = update.trouble
        if endpoint.since_s is None:
            endpoint.since_s = endpoint.heard_at_s or update.at_s

    def _happened(self, update: Happened) -> None:
        self.events_total += len(update.events)
        for event in update.events:
            self.events.append(event)
            if event.name == "check-out" and not activity.refused(event):
                self.checkouts.add(update.at_s)
            elif activity.kind(event) == activity.DENIAL:
                self.denials.add(update.at_s)
                key = activity.product(event, {}), activity.field(event, "outcome")
                if key in self.denied or len(self.denied) < DENIED_MAX:
                    self.denied[key] = self.denied.get(key, 0) + 1

    # --- what follows from it ---

    def fresh(self, now_s: float) -> list[Endpoint]:
        """The endpoints whose last answer still counts, by host name."""
        known = [e for e in self.endpoints.values() if not is_stale(e.heard_at_s, now_s)]
        return sorted(known, key=lambda endpoint: endpoint.host)

    def by_host(self, name: str) -> Endpoint | None:
        """The endpoint that last answered as this host, the newest answer first."""
        mine = [e for e in self.endpoints.values() if e.host == name and e.heard_at_s is not None]
        return max(mine, key=lambda e: e.heard_at_s or 0.0, default=None)

    def best(self, now_s: float) -> Endpoint | None:
        """Whose answer to go by: the fresh active host of the highest term, else any fresh one,
        else the newest there is."""
        known = self.fresh(now_s)
        if not known:
            heard = [e for e in self.endpoints.values() if e.heard_at_s is not None]
            return max(heard, key=lambda e: e.heard_at_s or 0.0, default=None)
        return max(known, key=_weight)

    def active(self, now_s: float) -> str:
        """The host that says of itself that it serves, "" if none does at present. One that missed
        an answer since does not count."""
        serving = [e for e in self.fresh(now_s) if _weight(e)[0] and not e.trouble]
        return max(serving, key=_weight).host if serving else ""

    def lists_stale(self, now_s: float) -> bool:
        """Whether licences and leases are not what they are now, as far as anybody can tell."""
        at_s = self.leases_at_s
        return (
            at_s is None
            or bool(self.leases_trouble)
            or now_s - at_s > LISTS_LATE_S
            or not self.fresh(now_s)
        )

    def seats(self) -> tuple[int | None, int | None]:
        """Seats in use and seats there are, of the licences that are available; None is not known.
        If none is available, as without a quorum, nobody can say how many there are."""
        if self.licences is None:
            return None, None
        usable = [licence for licence in self.licences.licences if licence.available]
        if not usable and self.licences.licences:
            return sum(x.in_use for x in self.licences.licences), None
        return sum(x.in_use for x in usable), sum(x.quantity for x in usable)

    def product_names(self) -> dict[tuple[int, int], str]:
        """What products are called, by firm and product code."""
        if self.licences is None:
            return {}
        return {(x.firm_code, x.product_code): x.text for x in self.licences.licences if x.text}

    def last_switch(self) -> Entry | None:
        """The newest failover or switchover in the history."""
        return next((e for e in reversed(self.entries) if e.kind == timeline.SWITCH), None)


def _weight(endpoint: Endpoint) -> tuple[bool, bool, int, float]:
    document = endpoint.document
    if document is None:
        return False, False, 0, 0.0
    own = own_row(document)
    term = document.term.counter if document.term is not None else 0
    serves = own is not None and own.role == "active" and not endpoint.trouble
    return serves, not endpoint.trouble, term, endpoint.heard_at_s or 0.0
