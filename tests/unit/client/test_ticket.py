"""A ticket is believed by its own proof, and lasts by clocks that only rise."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.client import Ticket, TicketRefused, Trust, loan_store
from appliance.client.lending import returning
from appliance.client.loan_store import LoanStore
from appliance.client.settling import public_key
from appliance.client.ticket import FLOOR_EVERY_S
from appliance.client.ticket_files import (
    FILE_BYTES_MAX,
    Asked,
    KeyFile,
    Seen,
    TicketFile,
    encode,
    read_key,
)
from appliance.licences.borrow_bytes import return_bytes
from appliance.licences.grants import KIND_BORROWED, item_hash
from tests.unit.verifier.plant import (
    FIRM_CODE,
    LOG_TIME_MS,
    Endorser,
    Plant,
    a_grant,
    a_line,
    an_item,
)

SEED = b"s" * 32
HOUR_S = 3600.0
HOUR_MS = 3_600_000
DAYS_3_MS = 3 * 86_400_000
END_MS = LOG_TIME_MS + DAYS_3_MS
ITEM = an_item(units=None, borrow_max_s=7 * 86_400)
LINE = a_line(item_hash=item_hash(FIRM_CODE, ITEM))
PLANT = Plant()
TRUST = Trust(PLANT.root, [FIRM_CODE])


class Clocks:
    """A laptop: its boot clock, its wall clock, and which start of the system this is."""

    def __init__(self) -> None:
        self.boot_s, self.wall_s, self.start = 1000.0, LOG_TIME_MS / 1000, "first"

    def pass_s(self, seconds: float) -> None:
        self.boot_s += seconds
        self.wall_s += seconds

    def restart(self, off_s: float = 0.0, wall_s: float | None = None) -> None:
        """It was off for so long, and comes back with this wall clock."""
        self.boot_s, self.start = 5.0, self.start + "+"
        self.wall_s = self.wall_s + off_s if wall_s is None else wall_s

    def given(self) -> dict[str, Any]:
        return {
            "boot_s": lambda: self.boot_s,
            "wall_s": lambda: self.wall_s,
            "starts": lambda: self.start,
        }


@pytest.fixture
def laptop() -> Clocks:
    return Clocks()


def asked(**fields: Any) -> Asked:
    own: dict[str, Any] = {
        "borrower": public_key(SEED),
        "firm_code": FIRM_CODE,
        "product_code": 10,
        "seconds": 3 * 86_400,
    }
    return Asked(**own | fields)


def ticket_of(plant: Plant = PLANT, words: Any = None, **fields: Any) -> TicketFile:
    own: dict[str, Any] = {
        "kind": KIND_BORROWED,
        "borrower_key": public_key(SEED),
        "ends_at_ms": END_MS,
        "lease_ttl_s": 0,
        "lines": (LINE,),
    }
    grant = plant.receipt_for(
        a_grant(**own | fields), b"nonce", endorsers=[Endorser(one) for one in plant.twins[:2]]
    )
    found = words or plant.words(ITEM, twins=plant.twins[:2])
    return TicketFile(grant=grant, words=(found,))


def stored(
    tmp_path: Path, file: TicketFile | None = None, key: KeyFile | None = None, name: str = "press"
) -> Path:
    """A ticket with its key beside it, borrowed just now on this laptop."""
    store = LoanStore(tmp_path / f"{name}.tmr-ticket")
    store.write_ticket(encode(file or ticket_of()))
    seen = Seen(log_ms=LOG_TIME_MS, boot_id="first", boot_ms=1_000_000)
    store.write_key(key or KeyFile(seed=SEED, asked=asked(), seen=seen))
    return store.path


def opened(path: Path, laptop: Clocks, **fields: Any) -> Ticket:
    own: dict[str, Any] = {"firm_code": FIRM_CODE, "product_code": 10, "trust": TRUST}
    own |= laptop.given() | fields
    return Ticket.open(path, own.pop("trust"), own.pop("firm_code"), own.pop("product_code"), **own)


def refused(path: Path, laptop: Clocks, **fields: Any) -> str:
    with pytest.raises(TicketRefused) as caught:
        opened(path, laptop, **fields)
    assert str(caught.value)
    return caught.value.reason


def test_it_is_used_without_a_network(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    with opened(path, laptop) as seat:
        assert (seat.usable, seat.left_s) == (True, 3 * 86_400)
        assert (seat.grant.features, seat.grant.seats, seat.path) == (5, 1, path)
        laptop.pass_s(HOUR_S)
        assert seat.left_s == 71 * HOUR_S
    assert not seat.usable
    assert path.stat().st_size < FILE_BYTES_MAX
    if os.name == "posix":
        assert LoanStore(path).key_path.stat().st_mode & 0o777 == 0o600


def test_a_ticket_of_the_utmost_size_fits() -> None:
    """The certificates are the plant's; the paths those of a batch and a firm of thousands."""
    file = ticket_of()
    grant = file.grant
    assert grant.receipt is not None
    receipt = msgspec.structs.replace(grant.receipt, path=(bytes(32),) * 13)
    words = msgspec.structs.replace(
        file.words[0],
        words=tuple(
            msgspec.structs.replace(one, path=(bytes(32),) * 17) for one in file.words[0].words
        ),
    )
    long = TicketFile(grant=msgspec.structs.replace(grant, receipt=receipt), words=(words,))
    assert len(encode(long)) < FILE_BYTES_MAX


# --- what is refused by name ---


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"product_code": 11}, "other-product"),
        ({"firm_code": FIRM_CODE + 1}, "other-product"),
        ({"trust": Trust(Plant("another").root)}, "foreign-root"),
        ({"trust": Trust(PLANT.root, [5])}, "wrong-firm"),
    ],
)
def test_it_is_for_one_product_by_one_root(
    tmp_path: Path, laptop: Clocks, fields: dict[str, Any], reason: str
) -> None:
    assert refused(stored(tmp_path), laptop, **fields) == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "granted"}, "not-granted"),
        ({"borrower_key": public_key(b"o" * 32)}, "wrong-borrower"),
        ({"seats": 2}, "wrong-seats"),
        ({"ends_at_ms": LOG_TIME_MS + 8 * 86_400_000}, "beyond-item"),
        ({"features": 7}, "beyond-item"),
        ({"mode": "exclusive"}, "wrong-mode"),
    ],
)
def test_what_two_twins_signed_has_to_be_what_was_asked_for(
    tmp_path: Path, laptop: Clocks, fields: dict[str, Any], reason: str
) -> None:
    assert refused(stored(tmp_path, ticket_of(**fields)), laptop) == reason


def test_a_licence_that_may_not_be_borrowed_makes_no_ticket(tmp_path: Path, laptop: Clocks) -> None:
    item = an_item()
    line = a_line(item_hash=item_hash(FIRM_CODE, item))
    words = PLANT.words(item, twins=PLANT.twins[:2])
    assert refused(stored(tmp_path, ticket_of(words=words, lines=(line,))), laptop) == "beyond-item"


def test_one_endorsement_is_none(tmp_path: Path, laptop: Clocks) -> None:
    file = ticket_of()
    assert file.grant.receipt is not None
    receipt = msgspec.structs.replace(
        file.grant.receipt, endorsements=file.grant.receipt.endorsements[:1]
    )
    grant = msgspec.structs.replace(file.grant, receipt=receipt)
    one = msgspec.structs.replace(file, grant=grant)
    assert refused(stored(tmp_path, one), laptop) == "one-endorsement"
    none = msgspec.structs.replace(file, grant=msgspec.structs.replace(grant, receipt=None))
    assert refused(stored(tmp_path, none), laptop) == "no-receipt"


def damaged(data: bytes) -> Iterator[bytes]:
    """A ticket that was cut short, grew, or had bits flipped in each part."""
    yield from (b"", data[: len(data) // 2], data[:-1], data + b"x", data + b" " * FILE_BYTES_MAX)
    document = json.loads(data)
    for name in ("ends_at_ms", "seats", "generation", "features"):
        document["grant"][name] += 1
        yield json.dumps(document).encode()
        document["grant"][name] -= 1
    signature = base64.b64decode(document["grant"]["receipt"]["endorsements"][0]["signature"])
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    document["grant"]["receipt"]["endorsements"][0]["signature"] = base64.b64encode(
        flipped
    ).decode()
    yield json.dumps(document).encode()
    yield data.replace(b'"version":1', b'"version":2')


def test_a_damaged_ticket_is_refused(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    for data in damaged(path.read_bytes()):
        path.write_bytes(data)
        assert refused(path, laptop) != "over"


def test_a_ticket_without_its_key_opens_nothing(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    key = LoanStore(path).key_path
    whole = key.read_bytes()
    other = KeyFile(seed=b"o" * 32, asked=asked())
    key.write_bytes(encode(other))
    assert refused(path, laptop) == "wrong-borrower"
    for broken in (whole[:-9], b"{}", encode(KeyFile(seed=b"short", asked=asked()))):
        key.write_bytes(broken)
        assert refused(path, laptop) == "unreadable"
    key.unlink()
    assert refused(path, laptop) == "no-key"
    key.write_bytes(whole)
    path.unlink()
    assert refused(path, laptop) == "unreadable"


def test_a_bound_ticket_is_for_one_machine(tmp_path: Path, laptop: Clocks) -> None:
    mine = b"m" * 16
    file = ticket_of(share=mine)
    path = stored(tmp_path, file, KeyFile(seed=SEED, asked=asked(station=mine)))
    assert refused(path, laptop, station=b"o" * 16) == "other-machine"
    with opened(path, laptop, station=mine) as seat:
        assert seat.usable
    elsewhere = stored(tmp_path, file, KeyFile(seed=SEED, asked=asked()), "moved")
    assert refused(elsewhere, laptop) == "wrong-mode", "what the twins signed names a machine"


def test_one_seat_is_for_one_process(tmp_path: Path, laptop: Clocks) -> None:
    """Case 6."""
    path = stored(tmp_path)
    with opened(path, laptop):
        assert refused(path, laptop) == "ticket-in-use"
    with opened(path, laptop) as again:
        assert again.usable
    two = ticket_of(seats=2, lines=(msgspec.structs.replace(LINE, seats=2),))
    path = stored(tmp_path, two, KeyFile(seed=SEED, asked=asked(seats=2)), "two")
    with opened(path, laptop), opened(path, laptop):
        assert refused(path, laptop) == "ticket-in-use"


# --- returned ---


def test_after_its_return_it_opens_nothing(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    replayed = path.read_bytes()
    word = returning(LoanStore(path))
    data = return_bytes(PLANT.ledger_id, word.borrower)
    Ed25519PublicKey.from_public_bytes(word.borrower).verify(word.signature, data)
    assert refused(path, laptop) == "returned"
    assert returning(LoanStore(path)) == word, "the answer may have been lost"
    path.write_bytes(replayed)
    assert refused(path, laptop) == "returned"
    assert read_key(LoanStore(path).key_path.read_bytes()).seed == b""


def test_what_is_in_use_is_not_given_back_meanwhile(tmp_path: Path, laptop: Clocks) -> None:
    """Else its seat is another's, and the program that uses it writes the key back."""
    two = ticket_of(seats=2, lines=(msgspec.structs.replace(LINE, seats=2),))
    path = stored(tmp_path, two, KeyFile(seed=SEED, asked=asked(seats=2)))
    with opened(path, laptop) as seat:
        with pytest.raises(TicketRefused, match="end that first") as caught:
            returning(LoanStore(path))
        assert caught.value.reason == "ticket-in-use"
        assert seat.usable
    assert returning(LoanStore(path)).signature


def test_a_program_sees_that_its_ticket_was_given_back(tmp_path: Path, laptop: Clocks) -> None:
    """Its locks may be gone, or on another computer that has the same disk."""
    path = stored(tmp_path)
    with opened(path, laptop) as seat:
        for lock in tmp_path.glob("*.lock0"):
            lock.rename(lock.with_suffix(".gone"))
        loan_store._open_here.clear()
        word = returning(LoanStore(path))
        assert seat.usable
        laptop.pass_s(FLOOR_EVERY_S)
        assert (seat.usable, seat.left_s) == (False, 0)
    assert returning(LoanStore(path)) == word, "nobody wrote the key back"


def test_a_program_goes_on_when_its_ticket_is_extended(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    with opened(path, laptop) as seat:
        LoanStore(path).write_ticket(encode(ticket_of(ends_at_ms=END_MS + HOUR_MS)))
        assert seat.left_s == 3 * 86_400
        laptop.pass_s(FLOOR_EVERY_S)
        assert seat.left_s == 3 * 86_400 + HOUR_S - FLOOR_EVERY_S
        foreign = ticket_of(Plant("another"), ends_at_ms=END_MS + 9 * HOUR_MS)
        LoanStore(path).write_ticket(encode(foreign))
        laptop.pass_s(FLOOR_EVERY_S)
        assert seat.left_s == 3 * 86_400 + HOUR_S - 2 * FLOOR_EVERY_S
        LoanStore(path).write_ticket(encode(ticket_of(ends_at_ms=END_MS + HOUR_MS)))
        laptop.pass_s(3 * 86_400 + HOUR_S - 2 * FLOOR_EVERY_S)
        assert not seat.usable
        LoanStore(path).write_ticket(encode(ticket_of(ends_at_ms=END_MS + 2 * HOUR_MS)))
        laptop.pass_s(FLOOR_EVERY_S)
        assert seat.usable, "it came late"


# --- time ---


def test_no_key_file_sets_time_before_the_receipt(tmp_path: Path, laptop: Clocks) -> None:
    """Its owner can write into it what he likes."""
    seen = Seen(log_ms=0, boot_id="first", boot_ms=1_000_000)
    path = stored(tmp_path, key=KeyFile(seed=SEED, asked=asked(), seen=seen))
    with opened(path, laptop) as seat:
        assert seat.left_s == 3 * 86_400


def test_it_is_over_at_its_end(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    seat = opened(path, laptop)
    laptop.pass_s(3 * 86_400 - 1)
    assert seat.usable
    laptop.pass_s(1)
    assert (seat.usable, seat.left_s) == (False, 0)
    seat.close()
    assert refused(path, laptop) == "over"


def test_within_one_start_no_wall_clock_has_a_say(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    for wall_s in (0.0, 2_524_608_000.0):
        laptop.wall_s = wall_s
        with opened(path, laptop) as seat:
            assert seat.left_s == 3 * 86_400


def test_the_computer_being_off_counts_by_its_clock(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    laptop.restart(off_s=24 * HOUR_S)
    with opened(path, laptop) as seat:
        assert seat.left_s == 48 * HOUR_S


def test_a_laptop_five_days_slow_gains_no_time_of_use(tmp_path: Path, laptop: Clocks) -> None:
    """Case 7: what was seen stands, whatever its clock says after a start."""
    path = stored(tmp_path)
    laptop.wall_s -= 5 * 86_400
    for _ in range(7):
        with opened(path, laptop) as seat:
            for _ in range(10):
                assert seat.usable
                laptop.pass_s(HOUR_S)
        laptop.restart()
    with opened(path, laptop) as seat:
        assert seat.left_s == 2 * HOUR_S
        laptop.pass_s(3 * HOUR_S)
        assert not seat.usable
    laptop.restart()
    assert refused(path, laptop) == "over"


def test_a_clock_in_2050_and_back_loses_nothing(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    right_s = laptop.wall_s
    laptop.restart(wall_s=2_524_608_000.0)
    assert refused(path, laptop) == "over"
    laptop.wall_s = right_s + HOUR_S
    with opened(path, laptop) as seat:
        assert seat.left_s == 71 * HOUR_S


def test_time_that_was_seen_never_comes_back(tmp_path: Path, laptop: Clocks) -> None:
    path = stored(tmp_path)
    with opened(path, laptop) as seat:
        laptop.pass_s(59)
        assert seat.left_s
        assert read_key(LoanStore(path).key_path.read_bytes()).seen.log_ms == LOG_TIME_MS
        laptop.pass_s(1)
        assert seat.left_s
        assert read_key(LoanStore(path).key_path.read_bytes()).seen.log_ms == LOG_TIME_MS + 60_000
    laptop.restart(wall_s=0.0)
    with opened(path, laptop) as seat:
        assert seat.left_s == 3 * 86_400 - 60


def test_a_copy_to_a_new_computer_counts_by_that_ones_clock(tmp_path: Path, laptop: Clocks) -> None:
    """As a ticket that came by file."""
    path = stored(tmp_path, key=KeyFile(seed=SEED, asked=asked()))
    laptop.start, laptop.wall_s = "", laptop.wall_s + HOUR_S
    with opened(path, laptop) as seat:
        assert seat.left_s == 71 * HOUR_S


def test_a_key_that_cannot_be_written_is_refused(
    tmp_path: Path, laptop: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever makes it read-only stops time."""
    path = stored(tmp_path)

    def fails(*_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("appliance.client.loan_store.write_whole", fails)
    laptop.pass_s(FLOOR_EVERY_S - 1)
    with opened(path, laptop) as seat:
        assert seat.usable, "what was kept is young enough"
    laptop.pass_s(1)
    assert refused(path, laptop) == "unreadable"
    monkeypatch.undo()
    with opened(path, laptop) as seat:
        monkeypatch.setattr("appliance.client.loan_store.write_whole", fails)
        laptop.pass_s(HOUR_S)
        assert seat.usable, "a full disk ends nobody's work"
