"""A container's own side of its contacts: the last one with each station, and the one on its way.

A contact is on disk before it is sent, and is sent again, the very same, until the station is known
to have it. What can go wrong in here is a crash between the two: then the station has it, and gets
it once more, which it knows.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.adapters.files import PRIVATE_MODE, write_whole
from appliance.codec.contacts import (
    NONCE_BYTES,
    STATION_MAX,
    Contact,
    LedgerHead,
    build_contact,
    hash_of,
)
from appliance.unreadable import UNREADABLE

STATIONS_MAX: Final = 16
"""Time servers and License Central; beyond that the one asked longest ago is forgotten."""
FILE_NAME: Final = "contacts.json"

T = TypeVar("T")


class Station(msgspec.Struct, frozen=True):
    """How far the chain with one station is: the last contact that it is known to have (`number` 0:
    none), and the one that it may have got."""

    number: int = 0
    last: bytes = b""
    pending: str = ""


class _Kept(msgspec.Struct, frozen=True):
    """What is on disk: stations by their ids, and which id answers at an address."""

    stations: Annotated[dict[str, Station], msgspec.Meta(max_length=STATIONS_MAX)] = {}
    at: Annotated[dict[str, str], msgspec.Meta(max_length=STATIONS_MAX)] = {}


class ContactLog:
    """The contacts of one container, whose files are in `directory`; for several threads."""

    def __init__(
        self, directory: Path, serial: str, public_key: bytes, key: Callable[[], Ed25519PrivateKey]
    ) -> None:
        """`key` gives what the container signs with. A file that is unreadable begins anew: its
        vendor then sees a container that was put back, which is what happened."""
        self._path = directory / FILE_NAME
        self._serial = serial
        self._public_key = public_key
        self._key = key
        self._turn = threading.Lock()
        self._kept = self._load()

    def _load(self) -> _Kept:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return _Kept()
        except UNREADABLE:
            return _Kept()

    def begin(self, url: str, ledger: LedgerHead, now_s: int) -> str:
        """What to send to the station at this address now: durable when it returns. "" until that
        has said which one it is. Raises OSError, KeyShut."""
        with self._turn:
            station = self._kept.at.get(url, "")
            if not station:
                return ""
            known = self._kept.stations.get(station, Station())
            if known.pending:
                return known.pending
            contact = Contact(
                serial=self._serial,
                public_key=self._public_key,
                station=station,
                number=known.number + 1,
                previous=known.last,
                nonce=secrets.token_bytes(NONCE_BYTES),
                ledger=ledger,
                created_at_s=now_s,
            )
            text = build_contact(self._key(), contact)
            self._keep(station, Station(known.number, known.last, text))
            return text

    def answered(self, url: str, station: str, sent: str) -> None:
        """The station at this address answered, and said that this is its id ("": nothing); so it
        has what was sent, unless that was for another one. Raises OSError."""
        if not station or len(station) > STATION_MAX or not station.isascii():
            return
        with self._turn:
            known = self._kept.stations.get(station, Station())
            if sent and known.pending == sent:
                self._keep(station, Station(known.number + 1, hash_of(sent)))
            if self._kept.at.get(url) != station:
                at = _newest(self._kept.at, url, station)
                self._write(msgspec.structs.replace(self._kept, at=at))

    def _keep(self, station: str, now: Station) -> None:
        stations = _newest(self._kept.stations, station, now)
        self._write(msgspec.structs.replace(self._kept, stations=stations))

    def _write(self, kept: _Kept) -> None:
        write_whole(self._path, msgspec.json.encode(kept), PRIVATE_MODE)
        self._kept = kept


def _newest(table: dict[str, T], name: str, value: T) -> dict[str, T]:
    """The table with this as its last row, and no more rows than there may be."""
    rows = {other: one for other, one in table.items() if other != name}
    while len(rows) >= STATIONS_MAX:
        del rows[next(iter(rows))]
    return rows | {name: value}
