"""The mark's two slots: written in turn, so that whatever a torn write spoils, one is newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.adapters.store.files import REAL_FILES
from appliance.adapters.store.mark import SLOT_BYTES, Mark, MarkRecord, decode_slot
from appliance.ledger.election.terms import NO_TERM


def record(sequence: int) -> MarkRecord:
    return MarkRecord(b"store", 1, sequence, NO_TERM, NO_TERM, 0, sequence, b"root", b"")


def slots(path: Path) -> list[int]:
    """The sequences in both slots, as they stand; 0 for a slot that cannot be read."""
    data = path.read_bytes()
    assert len(data) == 2 * SLOT_BYTES
    found = (decode_slot(data[:SLOT_BYTES]), decode_slot(data[SLOT_BYTES:]))
    return [one.sequence if one else 0 for one in found]


def newest(path: Path) -> int:
    mark = Mark(path, REAL_FILES)
    mark.close()
    return mark.newest.sequence if mark.newest else 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite.mark"
    mark = Mark(path, REAL_FILES)
    mark.create(record(1))
    mark.close()
    return path


@pytest.mark.parametrize("reopened", [False, True])
def test_after_each_write_both_slots_hold_the_two_newest(path: Path, reopened: bool) -> None:
    """If only one slot were written anew, a torn write would leave that of the store's making:
    then a log that was rolled back since would pass for whole."""
    mark = Mark(path, REAL_FILES)
    for sequence in range(2, 9):
        if reopened:
            mark.close()
            mark = Mark(path, REAL_FILES)
        mark.write(record(sequence))
        assert sorted(slots(path)) == [sequence - 1, sequence]
        assert mark.newest == record(sequence)
    mark.close()


@pytest.mark.parametrize("spoiled_from", [0, 8, 13, 40])
def test_a_torn_write_leaves_the_one_before_and_the_next_write_mends_it(
    path: Path, spoiled_from: int
) -> None:
    for sequence in range(2, 7):
        mark = Mark(path, REAL_FILES)
        mark.write(record(sequence))
        mark.close()
        whole = path.read_bytes()
        at = slots(path).index(sequence) * SLOT_BYTES
        # Old bytes stand where the new ones were not written.
        torn = whole[: at + spoiled_from] + b"\xee" * 64 + whole[at + spoiled_from + 64 :]
        path.write_bytes(torn)
        assert newest(path) == sequence - 1
        mark = Mark(path, REAL_FILES)
        mark.write(record(sequence))
        mark.close()
        assert sorted(slots(path)) == [sequence - 1, sequence]


def test_of_two_spoiled_slots_nothing_is_believed(path: Path) -> None:
    path.write_bytes(b"\0" * 2 * SLOT_BYTES)
    assert newest(path) == 0
    assert Mark(path, REAL_FILES).exists
