"""Bad input of borrowing, one row each: refused by name, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.client.lending import returning
from appliance.client.loan_store import LoanStore
from appliance.client.settling import public_key
from appliance.client.ticket_files import KeyFile, Seen, encode
from tests.unit.client.test_ticket import (
    ITEM,
    PLANT,
    SEED,
    Clocks,
    asked,
    opened,
    refused,
    stored,
    ticket_of,
)
from tests.unit.verifier.plant import LOG_TIME_MS

OTHER = public_key(b"o" * 32)
HOUR_S = 3600.0
YEAR_2050_S = 2_524_608_000.0


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _write(path: Path, data: bytes) -> None:
    LoanStore(path).write_ticket(data)


def _another_programs(path: Path, laptop: Clocks) -> None:
    _write(path, encode(ticket_of(borrower_key=OTHER)))


def _anothers_key(path: Path, laptop: Clocks) -> None:
    LoanStore(path).write_key(KeyFile(seed=b"o" * 32, asked=asked(borrower=OTHER)))


def _cut_short(path: Path, laptop: Clocks) -> None:
    _write(path, path.read_bytes()[:-40])


def _flipped_in_the_receipt(path: Path, laptop: Clocks) -> None:
    data = path.read_bytes()
    _write(path, _flipped(data, data.index(b'"signature":"') + 20))


def _longer(path: Path, laptop: Clocks) -> None:
    file = ticket_of()
    grant = msgspec.structs.replace(file.grant, ends_at_ms=file.grant.ends_at_ms + 1)
    _write(path, encode(msgspec.structs.replace(file, grant=grant)))


def _of_an_older_loan(path: Path, laptop: Clocks) -> None:
    words = PLANT.words(ITEM, twins=PLANT.twins[1:])
    _write(path, encode(ticket_of(words=words)))


def _replayed_after_its_return(path: Path, laptop: Clocks) -> None:
    data = path.read_bytes()
    returning(LoanStore(path))
    _write(path, data)


def _in_2050(path: Path, laptop: Clocks) -> None:
    laptop.restart(wall_s=YEAR_2050_S)


def _over_and_five_days_slow(path: Path, laptop: Clocks) -> None:
    laptop.pass_s(3 * 86_400)
    seen = Seen(log_ms=LOG_TIME_MS + 3 * 86_400_000, boot_id="first", boot_ms=0)
    LoanStore(path).write_key(KeyFile(seed=SEED, asked=asked(), seen=seen))
    laptop.restart(wall_s=laptop.wall_s - 5 * 86_400)


@pytest.mark.parametrize(
    ("spoil", "fields", "reason"),
    [
        (None, {"product_code": 11}, "other-product"),
        (_another_programs, {}, "wrong-borrower"),
        (_anothers_key, {}, "wrong-borrower"),
        (_cut_short, {}, "unreadable"),
        (_flipped_in_the_receipt, {}, "bad-signature"),
        (_longer, {}, "path-mismatch"),
        (_of_an_older_loan, {}, "no-firm-word"),
        (_replayed_after_its_return, {}, "returned"),
        (_in_2050, {}, "over"),
        (_over_and_five_days_slow, {}, "over"),
    ],
)
def test_what_is_wrong_with_a_ticket_is_named_and_undone(
    tmp_path: Path,
    spoil: Callable[[Path, Clocks], None] | None,
    fields: dict[str, Any],
    reason: str,
) -> None:
    path, laptop = stored(tmp_path), Clocks()
    store = LoanStore(path)
    ticket, key = store.ticket(), store.key()
    if spoil is not None:
        spoil(path, laptop)
    assert refused(path, laptop, **fields) == reason
    store.write_ticket(ticket)
    store.write_key(key)
    with opened(path, Clocks()) as seat:
        assert seat.left_s == 3 * 86_400, "with its own ticket and key it is whole again"
