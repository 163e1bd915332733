"""What clients asked and were told, as their processes write it down: one JSON array a line.

`Asked` is written before a request leaves, `Told` when its answer is there, so that a process that
is killed loses nothing but answers. All instants are boot time in seconds, which every process of
this machine shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

LINE_BYTES_MAX: Final = 4096

Product = tuple[int, int]
"""Firm code and product code."""


class Asked(msgspec.Struct, frozen=True, array_like=True, tag="asked"):
    """One request as it was sent. `number` names it within its process's file.

    `kind` is a word of `appliance.sim.history`; `client` is who the ledger thinks asked;
    `command` is the hash of the command that the ledger makes of it, empty for a heartbeat. Of
    several products the first is named. `mode` and `station` are those of a check-out; of a
    settlement `units` are what was used.
    """

    number: int
    client: str
    kind: str
    product: Product
    lease_id: str
    called_s: float
    generation: int = 0
    request: int = 0
    units: int = 0
    command: bytes = b""
    mode: str = ""
    station: bytes = b""
    reserves: bool = False


class Told(msgspec.Struct, frozen=True, array_like=True, tag="told"):
    """The answer to one request. `index` is the receipt's entry, 0 without a receipt; `seats` are
    pairs of TMR-ID and seats."""

    number: int
    returned_s: float
    reason: str
    tmr_id: int = 0
    generation: int = 0
    units_left: int | None = None
    units_taken: int = 0
    lease_ttl_s: int = 0
    valid_for_s: int = 0
    index: int = 0
    seats: tuple[tuple[int, int], ...] = ()


class Complaint(msgspec.Struct, frozen=True, array_like=True, tag="complaint"):
    """Something that an honest system never makes its clients say."""

    at_s: float
    client: str
    lease_id: str
    what: str


Line = Asked | Told | Complaint
_decoder: Final = msgspec.json.Decoder(Line)
encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Row:
    """One request with its answer, None if there was none; `worker` names the file it is from."""

    worker: str
    asked: Asked
    told: Told | None


@dataclass(frozen=True, slots=True)
class Records:
    """All of a run's records, requests in the order in which they were sent."""

    rows: tuple[Row, ...]
    complaints: tuple[Complaint, ...]


def read_lines(data: bytes) -> Iterator[Line]:
    """The lines of one file; the last may be cut short, by a kill. Raises msgspec.DecodeError."""
    *whole, _rest = data.split(b"\n")
    for line in whole:
        yield _decoder.decode(line)


class Follower:
    """Reads one file while it is written: when was each client answered last?"""

    def __init__(self) -> None:
        self.answered_s: dict[str, float] = {}
        self._clients: dict[int, str] = {}
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """What was added to the file. Raises msgspec.DecodeError."""
        data = self._rest + data
        whole, newline, self._rest = data.rpartition(b"\n")
        for line in read_lines(whole + newline):
            if isinstance(line, Asked):
                self._clients[line.number] = line.client
            elif isinstance(line, Told):
                client = self._clients.pop(line.number)
                self.answered_s[client] = max(line.returned_s, self.answered_s.get(client, 0.0))


def gather(files: Iterable[tuple[str, bytes]]) -> Records:
    """The records of several workers: name and content of each file. Raises msgspec.DecodeError."""
    rows: list[Row] = []
    complaints: list[Complaint] = []
    for worker, data in files:
        asked: dict[int, Asked] = {}
        told: dict[int, Told] = {}
        for line in read_lines(data):
            if isinstance(line, Asked):
                asked[line.number] = line
            elif isinstance(line, Told):
                told[line.number] = line
            else:
                complaints.append(line)
        rows += [Row(worker, one, told.get(number)) for number, one in asked.items()]
    rows.sort(key=lambda row: row.asked.called_s)
    complaints.sort(key=lambda one: one.at_s)
    return Records(tuple(rows), tuple(complaints))
