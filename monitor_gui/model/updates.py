"""What the feed hands over: immutable, each with the moment it was learned.

`at_s` is on the monitor's own monotonic clock (ages are counted from it), `unix_s` its wall clock
(for people to read).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from appliance.codec.api import LeasesDocument, LicencesDocument, LogRecord, StatusDocument
from monitor_gui.model.queries import Answered
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.timeline import Entry


@dataclass(frozen=True, slots=True)
class Connecting:
    """A person chose the system of that name: all that was known of another one is void, whether
    this one can be reached or not."""

    name: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection is being followed from now on; all that was known of another one is void."""

    name: str
    endpoints: tuple[str, ...]
    identity: str
    role: str
    route: str
    faults: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    alerts: tuple[Remembered, ...] = ()
    """What an earlier run remembered of alerts."""


@dataclass(frozen=True, slots=True)
class StatusHeard:
    """A TMR host answered."""

    endpoint: str
    at_s: float
    document: StatusDocument


@dataclass(frozen=True, slots=True)
class StatusMissed:
    """A TMR host did not answer; `trouble` is one sentence."""

    endpoint: str
    at_s: float
    trouble: str


@dataclass(frozen=True, slots=True)
class LicencesHeard:
    """The virtual container's licences, those with one constituent too."""

    at_s: float
    document: LicencesDocument


@dataclass(frozen=True, slots=True)
class LeasesHeard:
    """Who holds what. `trouble` says why this list could not be had; the old one is kept then."""

    at_s: float
    document: LeasesDocument | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a TMR host's stream."""

    endpoint: str
    name: str
    data: dict[str, Any]
    unix_s: float


@dataclass(frozen=True, slots=True)
class Happened:
    """Events, oldest first, gathered for a tenth of a second."""

    at_s: float
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class LogsHeard:
    """New lines of the hosts' logs. `trouble` says why they could not be had."""

    at_s: float
    records: tuple[LogRecord, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """New entries of the failover history."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of something that was asked for. `sentence` is for the person who asked."""

    what: str
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Question:
    """The feed needs a person's word: `kind` "host-key", answered through `Desk.answer`."""

    number: int
    kind: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection could not be opened or is over; `trouble` says why and what to do."""

    trouble: str


Update = (
    Connecting
    | Opened
    | StatusHeard
    | StatusMissed
    | LicencesHeard
    | LeasesHeard
    | LogsHeard
    | Happened
    | Recorded
    | Acted
    | Question
    | Closed
    | Answered
)
