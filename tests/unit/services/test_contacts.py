"""Contacts of containers: a chain goes on, a lost answer is no copy, and two branches are one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from appliance.adapters.contact_log import FILE_NAME, STATIONS_MAX, ContactLog
from appliance.cli._copies import copies
from appliance.codec.contacts import (
    CONTACT_HEADER,
    STATION_HEADER,
    Contact,
    ContactRefused,
    LedgerHead,
    build_contact,
    hash_of,
    read_contact,
)
from appliance.licences.serials import Mask, Serial
from appliance.services.contact_face import PER_MINUTE, Noting
from appliance.services.contacts import (
    BRANCHES_MAX,
    CONTACTS,
    COPIED,
    ELSEWHERE,
    KNOWN_MAX,
    NEXT,
    PUT_BACK,
    REPEATED,
    ContactBook,
    Record,
    judged,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SERIAL = str(Serial.of_key(Mask.SOFTWARE_UNIVERSAL, PUBLIC))
HERE = LedgerHead(ledger_id="ab" * 16, term=1, index=17, root=b"r" * 32)
NOW_S = 1_800_000_000


def log_in(directory: Path) -> ContactLog:
    directory.mkdir(exist_ok=True)
    return ContactLog(directory, SERIAL, PUBLIC, lambda: KEY)


def makes(log: ContactLog, book: ContactBook, url: str = "central", *, lost: bool = False) -> str:
    """One contact with the vendor; with `lost`, its answer never comes."""
    text = log.begin(url, HERE, NOW_S)
    if not text:  # It asked for the first time, and hears who answers.
        log.answered(url, book.station, "")
        text = log.begin(url, HERE, NOW_S)
    what = book.note(text, NOW_S)
    if not lost:
        log.answered(url, book.station, text)
    return what


@pytest.fixture
def book(tmp_path: Path) -> ContactBook:
    return ContactBook(tmp_path / "contacts.sqlite")


def test_contacts_follow_on_each_other_over_restarts(tmp_path: Path, book: ContactBook) -> None:
    for number in range(5):
        log = log_in(tmp_path / "one")
        assert makes(log, book) == NEXT
        said = read_contact(log.begin("central", HERE, NOW_S))
        assert (said.number, said.ledger) == (number + 2, HERE)
    assert book.found() == {}


def test_a_lost_answer_is_no_copy(tmp_path: Path, book: ContactBook) -> None:
    """Whether the contact arrived or not: the container sends the very same one again."""
    assert makes(log_in(tmp_path / "one"), book) == NEXT
    assert makes(log_in(tmp_path / "one"), book, lost=True) == NEXT
    assert makes(log_in(tmp_path / "one"), book, lost=True) == REPEATED
    assert makes(log_in(tmp_path / "one"), book) == REPEATED
    unsent = log_in(tmp_path / "one").begin("central", HERE, NOW_S)  # and then the power is cut
    assert log_in(tmp_path / "one").begin("central", HERE, NOW_S) == unsent
    assert makes(log_in(tmp_path / "one"), book) == NEXT
    assert book.found() == {}


def test_a_container_that_is_put_back_once_is_one_branch(tmp_path: Path, book: ContactBook) -> None:
    assert makes(log_in(tmp_path / "one"), book) == NEXT
    copytree(tmp_path / "one", tmp_path / "backup")
    for _ in range(3):
        assert makes(log_in(tmp_path / "one"), book) == NEXT
    (tmp_path / "one" / FILE_NAME).write_bytes((tmp_path / "backup" / FILE_NAME).read_bytes())
    assert makes(log_in(tmp_path / "one"), book) == PUT_BACK
    for _ in range(3):
        assert makes(log_in(tmp_path / "one"), book) == NEXT
    (finding,) = [record.finding for record in book.found().values()]
    assert finding is not None and finding.what == PUT_BACK
    assert read_contact(finding.ours).number == 4 and read_contact(finding.other).number == 2


def test_a_copy_is_proven_as_soon_as_both_come_again(tmp_path: Path, book: ContactBook) -> None:
    assert makes(log_in(tmp_path / "one"), book) == NEXT
    copytree(tmp_path / "one", tmp_path / "two")
    assert makes(log_in(tmp_path / "one"), book) == NEXT
    assert makes(log_in(tmp_path / "two"), book) == PUT_BACK
    assert makes(log_in(tmp_path / "one"), book) == COPIED
    assert makes(log_in(tmp_path / "two"), book) == COPIED
    found = book.found()[SERIAL].finding
    assert found is not None and found.what == COPIED
    ours, other = read_contact(found.ours), read_contact(found.other)
    assert ours.serial == other.serial and hash_of(found.ours) != other.previous


def test_whatever_is_lost_and_repeated_an_honest_container_is_never_found(tmp_path: Path) -> None:
    for seed in range(20):
        chance, record = Random(seed), Record()
        log = log_in(tmp_path / f"{seed}")
        log.answered("central", "one", "")
        sent: list[str] = []
        for _ in range(60):
            text = log.begin("central", HERE, NOW_S)
            sent.append(text)
            if chance.random() < 0.7:
                heard = chance.choice([text, *sent]) if chance.random() < 0.2 else text
                if heard == text or hash_of(heard) in record.known:  # A network repeats the old.
                    _, record = judged(record, heard, read_contact(heard), NOW_S)
                if heard == text and chance.random() < 0.7:
                    log.answered("central", "one", text)
            if chance.random() < 0.3:
                log = log_in(tmp_path / f"{seed}")
        assert record.finding is None


def contact(**changes: Any) -> Contact:
    values: dict[str, Any] = {
        "serial": SERIAL,
        "public_key": PUBLIC,
        "station": "one",
        "number": 1,
        "previous": b"",
        "nonce": bytes(16),
        "ledger": LedgerHead(),
        "created_at_s": NOW_S,
    }
    return Contact(**(values | changes))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.y.z",
        "é",
        "a" * 5_000,
        build_contact(Ed25519PrivateKey.generate(), contact()),
        build_contact(KEY, contact(serial="130-1234567")),
        build_contact(KEY, contact(public_key=bytes(32))),
    ],
)
def test_only_the_container_itself_makes_a_contact(text: str, book: ContactBook) -> None:
    with pytest.raises(ContactRefused):
        book.note(text, NOW_S)


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    record = Record()
    for number in range(KNOWN_MAX + 20):
        text = build_contact(KEY, contact(number=number + 1, nonce=number.to_bytes(16)))
        _, record = judged(record, text, read_contact(text), NOW_S)
    assert len(record.known) == KNOWN_MAX and len(record.branches) == BRANCHES_MAX
    log = log_in(tmp_path / "one")
    for number in range(2 * STATIONS_MAX):
        log.answered(f"http://time-{number}/", f"{number}", "")
        log.begin(f"http://time-{number}/", HERE, NOW_S)
    assert len(log._kept.stations) == len(log._kept.at) == STATIONS_MAX


def test_a_file_that_is_unreadable_begins_anew(tmp_path: Path) -> None:
    log_in(tmp_path / "one")
    (tmp_path / "one" / FILE_NAME).write_bytes(b"{")
    assert log_in(tmp_path / "one").begin("central", HERE, NOW_S) == ""


def test_two_addresses_of_one_station_are_one_chain(tmp_path: Path, book: ContactBook) -> None:
    for url in ("http://time/", "https://time/", "http://time/"):
        assert makes(log_in(tmp_path / "one"), book, url) == NEXT
    assert book.found() == {}
    # Somebody on the way names another station: what is said to that one is nothing to this.
    log = log_in(tmp_path / "one")
    for nonsense in ("", "é", "x" * 65):
        log.answered("http://time/", nonsense, "")
    log.answered("http://time/", "another", "")
    assert makes(log, book, "http://time/") == ELSEWHERE
    log.answered("http://time/", book.station, "")
    assert makes(log, book, "http://time/") == NEXT
    assert ContactBook(tmp_path / "contacts.sqlite").station == book.station
    assert ContactBook(tmp_path / "others.sqlite").station != book.station


def test_requests_are_answered_whatever_their_contact_is(book: ContactBook) -> None:
    answered: list[str] = []
    said: list[tuple[bytes, bytes]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        answered.append(scope["method"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(face: Noting, *headers: tuple[bytes, bytes]) -> None:
        scope = {"type": "http", "method": "POST", "headers": headers, "client": ("192.0.2.1", 1)}

        async def send(message: Any) -> None:
            said.extend(message.get("headers", ()))

        await face(scope, None, send)  # type: ignore[arg-type]

    async def main() -> None:
        face = Noting(app, book, lambda: NOW_S * 1000, lambda: 5.0)
        await ask(face)
        await ask(face, (CONTACT_HEADER.encode(), b"nonsense"))
        mine = contact(station=book.station)
        first, other = (build_contact(KEY, replace(mine, nonce=x * 16)) for x in (b"x", b"y"))
        await ask(face, (CONTACT_HEADER.encode(), first.encode()))
        for _ in range(2 * PER_MINUTE):
            await ask(face, (CONTACT_HEADER.encode(), b"nonsense"))
        await ask(face, (CONTACT_HEADER.encode(), other.encode()))  # beyond what is looked at

    asyncio.run(main())
    assert len(answered) == 2 * PER_MINUTE + 4
    assert set(said) == {(STATION_HEADER.encode(), book.station.encode())}
    assert book.found() == {}


def test_the_vendor_sees_both_contacts(tmp_path: Path) -> None:
    book = ContactBook(tmp_path / CONTACTS)
    runner = CliRunner()
    assert "No container" in runner.invoke(copies, obj=tmp_path).output
    assert makes(log_in(tmp_path / "one"), book) == NEXT
    copytree(tmp_path / "one", tmp_path / "two")
    for name in ("one", "two", "one"):
        makes(log_in(tmp_path / name), book)
    result = runner.invoke(copies, ["--json"], obj=tmp_path)
    (row,) = json.loads(result.output)["copies"]
    assert (row["serial"], row["what"]) == (SERIAL, COPIED)
    signed = [read_contact(row[one]["signed"]) for one in ("one", "other")]
    assert {contact.serial for contact in signed} == {SERIAL}
    assert "both go on" in runner.invoke(copies, obj=tmp_path).output
