"""What the judge gets: what was issued, what clients wrote down, what the disks hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from appliance.lab.chaos.records import Product, Records, Row
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.sim.history import ALIVE, FOREVER, GONE

DEFINITE: Final = reasons.LEASE_ANSWERS | {ALIVE, GONE}


class Issued(NamedTuple):
    """A licence as it was issued to the three containers. Those of one product come in the order in
    which they are chosen; the histories of those that are not `checked` are of a kind that the
    sequential licence (`appliance.sim.history`) does not know."""

    product: Product
    tmr_id: int
    quantity: int
    units: int
    linger_s: int = 0
    checked: bool = True


class Act(NamedTuple):
    """One command of the log and its outcome. `command` is its hash; `lines` are product code,
    TMR-ID and seats of a grant, `party` is its lease's client, station and address. Of a settlement
    `units` are what was used."""

    kind: str
    lease: LeaseRef
    command: bytes
    reason: str
    generation: int = 0
    request: int = 0
    units: int = 0
    tmr_id: int = 0
    units_left: int | None = None
    lines: tuple[tuple[int, int, int], ...] = ()
    mode: str = ""
    party: tuple[str, bytes, bytes] = ("", b"", b"")
    no_linger: bool = False


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the log: its acts on leases, in order.

    With `lowers` it may be earlier than the one before: the machine took it for certified.
    """

    index: int
    log_time_ms: int
    acts: tuple[Act, ...]
    lowers: bool = False


class Log(NamedTuple):
    """The committed log; `units_left` by (firm code, product code, TMR-ID) at its end."""

    entries: tuple[LogEntry, ...]
    units_left: Mapping[tuple[int, int, int], int | None]


class Replica(NamedTuple):
    """One upstream's log: the term it adopted, how far it knows it committed, and the root after
    each entry."""

    host: str
    commit_index: int
    adopted: str
    roots: tuple[bytes, ...]


def committed(replicas: Sequence[Replica]) -> tuple[str, int]:
    """Who holds the longest committed log, and how long it is: host and number of entries.

    Committed is what a replica knows to be, and what two hold in one adopted term (design D1):
    that the last entry is, its replicas learn only with the next message.
    """
    best = ("", 0)
    for one in replicas:
        count = min(one.commit_index, len(one.roots))
        for other in replicas:
            if one.host != other.host and one.adopted == other.adopted:
                count = max(count, common(one.roots, other.roots))
        if count > best[1]:
            best = (one.host, count)
    return best


def common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many entries two logs have in common from the first on."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the judge gets.

    `wall_ms` is the true time when the log was read; `level` how many entries were committed when
    all three upstreams were last seen to be level.
    """

    records: Records
    issued: tuple[Issued, ...]
    log: Log
    replicas: tuple[Replica, ...]
    wall_ms: int
    level: int = 0


class Bounds:
    """Between which instants an entry of the log must have come about."""

    def __init__(self, rows: Sequence[Row], entries: int) -> None:
        lower, upper = [0.0] * (entries + 2), [FOREVER] * (entries + 2)
        for row in rows:
            if row.told is not None and 0 < row.told.index <= entries:
                index = row.told.index
                lower[index] = max(lower[index], row.asked.called_s)
                upper[index] = min(upper[index], row.told.returned_s)
        for index in range(1, entries + 1):
            lower[index] = max(lower[index], lower[index - 1])
        for index in range(entries, 0, -1):
            upper[index] = min(upper[index], upper[index + 1])
        self._lower, self._upper = lower, upper

    def launched_s(self, index: int) -> float:
        """The entry was not launched before this instant."""
        return self._lower[index]

    def committed_s(self, index: int) -> float:
        """The entry was committed by this instant."""
        return self._upper[index]


def ref(row: Row) -> LeaseRef:
    """The lease that a request is about."""
    return LeaseRef(row.asked.client, row.asked.lease_id)
