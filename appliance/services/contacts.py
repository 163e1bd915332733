"""What a vendor's station (a time server, License Central) keeps of the contacts of containers.

    a contact that                              is
    ------------------------------------------  ------------------------------------------------
    follows on the newest one                   the next
    is one that was here before                 a repeat: its answer was lost
    follows on anything else                    a **branch**: the container was put back to an
                                                earlier state, or copied
    follows on a branch that was left behind    the proof of a **copy**: both go on

So a container that was restored from its own backup is one branch, once; two that live are told
from it as soon as each of them comes again. Nothing is refused here: the vendor sees both branches
with both signed contacts, and decides (`tmr central block`).

What can go wrong in here is a lost answer that looks like a copy. So a container writes a contact
down before it sends it, and sends the very same one again until it knows that it arrived.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from appliance.codec.contacts import Contact, ContactRefused, hash_of, read_contact
from appliance.services import ledger_heads
from appliance.services.ledger_heads import Heads
from appliance.unreadable import UNREADABLE

CONTAINERS_MAX: Final = 100_000
"""Of so many containers contacts are kept; of others nothing is known."""
BRANCHES_MAX: Final = 4
"""Of one container; beyond that the one that was quiet longest is forgotten."""
KNOWN_MAX: Final = 256
"""So many contacts of one container are known again."""
BUSY_S: Final = 5.0
CONTACTS: Final = "contacts.sqlite"
"""The file's name in the vendors' directory."""

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS contacts (serial TEXT PRIMARY KEY, record BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS station (one INTEGER PRIMARY KEY, id TEXT NOT NULL)",
)

NEXT: Final = "next"
REPEATED: Final = "repeated"
ELSEWHERE: Final = "elsewhere"
PUT_BACK: Final = "put-back"
COPIED: Final = "copied"


class Branch(msgspec.Struct, frozen=True, array_like=True):
    """Where one branch stands: its newest contact, and when that came (Unix time)."""

    contact: str
    came_at_s: int


class Finding(msgspec.Struct, frozen=True, array_like=True):
    """Two contacts of one container that do not follow on each other, and what that means."""

    what: str
    ours: str
    other: str
    at_s: int


class Record(msgspec.Struct, frozen=True, array_like=True):
    """All that is kept of one container: the branch that spoke last comes last."""

    branches: Annotated[tuple[Branch, ...], msgspec.Meta(max_length=BRANCHES_MAX)] = ()
    known: tuple[bytes, ...] = ()
    finding: Finding | None = None
    heads: Heads = Heads()


def judged(record: Record, text: str, contact: Contact, now_s: int) -> tuple[str, Record]:
    """What this contact is, and the record with it."""
    own = hash_of(text)
    if own in record.known:
        return REPEATED, record
    known = (*record.known, own)[-KNOWN_MAX:]
    branch = Branch(text, now_s)
    at = next(
        (n for n, one in enumerate(record.branches) if hash_of(one.contact) == contact.previous),
        None,
    )
    if not record.branches:
        return NEXT, replace(record, branches=(branch,), known=known)
    last = len(record.branches) - 1
    others = tuple(one for n, one in enumerate(record.branches) if n != at)
    branches = (*others, branch)[-BRANCHES_MAX:]
    if at == last:
        return NEXT, replace(record, branches=branches, known=known)
    what = PUT_BACK if at is None else COPIED
    before = record.finding
    if before is not None and before.what == COPIED:
        finding = before  # The first proof is as good as any.
    else:
        finding = Finding(what, record.branches[last].contact, text, now_s)
    return what, replace(record, branches=branches, known=known, finding=finding)


class ContactBook:
    """The records of all containers, in a database file of their own; for several threads.

    `station` is its id, drawn when the file was made.
    """

    def __init__(self, path: Path) -> None:
        """Made if it is not there. Raises OSError."""
        self._path = path
        self._turn = threading.Lock()
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                database.execute(table)
            database.execute("INSERT OR IGNORE INTO station VALUES (1, ?)", (token_hex(16),))
            (self.station,) = database.execute("SELECT id FROM station").fetchone()

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._turn:
            try:
                database = sqlite3.connect(self._path, timeout=BUSY_S)
                try:
                    database.execute("PRAGMA synchronous=FULL")
                    with database:
                        yield database
                finally:
                    database.close()
            except sqlite3.Error as error:
                raise OSError(f"{self._path} cannot be used: {error}") from error

    def note(self, text: str, now_s: int) -> str:
        """Take note of a contact, and say what it is, or what its ledger's head is if there is
        something to tell of that. Raises ContactRefused, OSError."""
        contact = read_contact(text)
        if contact.station != self.station:
            return ELSEWHERE
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            row = database.execute(
                "SELECT record FROM contacts WHERE serial = ?", (contact.serial,)
            ).fetchone()
            if row is None:
                (count,) = database.execute("SELECT count(*) FROM contacts").fetchone()
                if count >= CONTAINERS_MAX:
                    raise ContactRefused("No further container's contacts can be kept.")
            what, record = judged(_read(row), text, contact, now_s)
            if what != REPEATED:
                turned, heads = ledger_heads.judged(record.heads, text, contact, now_s)
                what, record = (turned or what), replace(record, heads=heads)
                database.execute(
                    "INSERT OR REPLACE INTO contacts VALUES (?, ?)",
                    (contact.serial, msgspec.msgpack.encode(record)),
                )
        return what

    def found(self) -> dict[str, Record]:
        """Each container of which two branches were found, by serial. Raises OSError."""
        return {s: one for s, one in self._all().items() if one.finding is not None}

    def heads(self) -> dict[str, Record]:
        """Each container of whose ledgers something was found, by serial. Raises OSError."""
        return {s: one for s, one in self._all().items() if one.heads.found}

    def _all(self) -> dict[str, Record]:
        with self._open() as database:
            rows = database.execute("SELECT serial, record FROM contacts ORDER BY serial")
            return {serial: _read((data,)) for serial, data in rows}


def _read(row: tuple[bytes] | None) -> Record:
    if row is None:
        return Record()
    try:
        return msgspec.msgpack.decode(row[0], type=Record)
    except UNREADABLE as error:
        raise OSError(f"a record of contacts cannot be read: {error}") from error
