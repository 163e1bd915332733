"""`tmr upstream fill`: an archive with a gap gets it from another upstream's, if it is proven."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from appliance.adapters.store import filling
from appliance.adapters.store.archive import Archive, archive_path
from appliance.adapters.store.database import Store
from appliance.adapters.store.files import REAL_FILES
from appliance.cli.main import tmr
from appliance.errors import ExitCode
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.log.results import decode_result
from appliance.ledger.messages import Recorded
from appliance.services import settings
from appliance.usage.figures import UsageGap
from appliance.usage.filling import Filling
from appliance.usage.proof import Break
from tests.unit.cli.test_usage import copied, kept
from tests.unit.services.test_settings import UPSTREAM

SEEN = 10
"""Up to this entry it lacks all, or what a test says."""


def lacking(path: Path, first: int = 1, last: int = SEEN) -> Path:
    """The settings of a stopped upstream whose record lacks the entries from `first` to `last`."""
    store = path / "ledger.sqlite"
    store.parent.mkdir(parents=True)
    Store.init(store, "up1", bytes(32))
    opened = Store(store, "up1")
    record = kept("up1")
    if first > 1:
        before = record[: first - 1]
        opened.write([written(before), compacted(before[-1])])
    opened.write([compacted(record[last - 1], replaces=True), written(record[last:])])
    opened.close()
    config = path / "upstream.toml"
    config.write_text(UPSTREAM, "utf-8")
    return config


def written(part: Sequence[Recorded]) -> Write:
    return Write(
        1,
        append=tuple(one.entry for one in part),
        results=tuple(one.result for one in part),
        commit_index=part[-1].entry.index,
    )


def compacted(last: Recorded, *, replaces: bool = False) -> Write:
    entry = last.entry
    record = SnapshotRecord(entry.index, entry.root, (b"state",), about=b"a", replaces=replaces)
    return Write(2, snapshot=record, compact_to=None if replaces else entry.index)


def later(path: Path, after: int) -> Path:
    """A copy of another's archive, without the entries up to `after`."""
    record = kept("up2")
    Archive(path / "late", REAL_FILES).seal(bytes(32), record[after - 1].entry.root, record[after:])
    return path / "late"


def fill(config: Path, *records: Path) -> Result:
    told = [word for path in records for word in ("--record", str(path))]
    return CliRunner().invoke(tmr, ["upstream", "fill", "--config", str(config), *told, "--json"])


def told(result: Result) -> Any:
    return msgspec.json.decode(result.stdout)


def own(config: Path) -> list[Recorded]:
    """All that this upstream has of the record."""
    store = Store(settings.load_upstream(config).store, "up1")
    found = list(store.read_record(1, 1 << 62, 1 << 30))
    store.close()
    return found


@pytest.mark.parametrize("first", [1, 4])
def test_a_gap_is_filled_and_the_record_proves_itself_again(tmp_path: Path, first: int) -> None:
    config = lacking(tmp_path / "up1", first)
    record = kept("up1")
    assert len(own(config)) == len(record) - SEEN + first - 1
    result = fill(config, copied(tmp_path, "up2"))
    assert result.exit_code == ExitCode.OK, result.output
    assert told(result) == {"fetched": SEEN - first + 1, "missing": []}
    assert [one.entry for one in own(config)] == [one.entry for one in record]
    assert told(fill(config, copied(tmp_path / "again", "up2")))["fetched"] == 0


def test_what_the_other_lacks_as_well_stays_a_gap(tmp_path: Path) -> None:
    config = lacking(tmp_path / "up1")
    result = fill(config, later(tmp_path, 4))
    assert result.exit_code == ExitCode.OK, "it is the beginning, which nobody has"
    found = told(result)
    (gap,) = found["missing"]
    assert (gap["first"], gap["last"]) == (1, SEEN - found["fetched"])
    assert 0 < found["fetched"] <= SEEN - 4
    inner = lacking(tmp_path / "inner", 4)
    none = fill(inner, later(tmp_path / "late", SEEN + 2))
    assert none.exit_code == ExitCode.REFUSED
    assert told(none) == {"fetched": 0, "missing": [{"first": 4, "last": SEEN}]}


def unsigned(one: Recorded, **changed: Any) -> Recorded:
    """The entry without the endorsement of whoever gives it, perhaps with other outcomes."""
    result = msgspec.structs.replace(decode_result(one.result), endorsement=None, **changed)
    return Recorded(one.entry, msgspec.msgpack.encode(result))


def other_outcome(record: list[Recorded]) -> list[Recorded]:
    """The record of a liar: what was granted last in the gap was refused, so it says; and it shows
    no word of its own after that."""
    at = max(n for n in range(SEEN) if granted(record[n]))
    outcomes = decode_result(record[at].result).outcomes
    refused = tuple(msgspec.structs.replace(one, reason="over-quota") for one in outcomes)
    lie = unsigned(record[at], outcomes=refused)
    return [*record[:at], lie, *map(unsigned, record[at + 1 :])]


def granted(one: Recorded) -> bool:
    return any(outcome.reason == "granted" for outcome in decode_result(one.result).outcomes)


def test_what_a_liar_gives_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "SEGMENT_BYTES_MAX", 1)
    config = lacking(tmp_path / "up1")
    before = own(config)
    result = fill(config, copied(tmp_path, "up2", other_outcome(kept("up2"))))
    assert told(result)["fetched"] == 0
    assert "are not filled: entry" in result.stderr
    assert own(config) == before
    assert not list((config.parent / filling.ASIDE).iterdir())


def test_a_store_in_use_is_left_alone(tmp_path: Path) -> None:
    config = lacking(tmp_path / "up1")
    store = Store(settings.load_upstream(config).store, "up1")
    result = fill(config, copied(tmp_path, "up2"))
    store.close()
    assert (result.exit_code, "in use" in result.stderr) == (ExitCode.REFUSED, True)


def test_nothing_counts_that_leads_to_nothing_endorsed_here() -> None:
    """Not even the right entries, if nobody here signed what came of them."""
    record = kept("up2")
    follows = Filling(UsageGap(1, SEEN))
    for one in record[:SEEN]:
        assert follows.feed(one) is not None
    with pytest.raises(Break, match="endorsed nothing"):
        follows.closes(map(unsigned, record[SEEN:]))


def test_segments_of_a_gap_lie_between_the_others(tmp_path: Path) -> None:
    config = lacking(tmp_path / "up1", 4)
    fill(config, copied(tmp_path, "up2"))
    archive = Archive(archive_path(settings.load_upstream(config).store), REAL_FILES)
    assert [(one.first, one.last) for one in archive.segments()] == [(1, 3), (4, SEEN)]
    assert not filling.gaps(archive, SEEN)
    assert filling.gaps(archive, SEEN + 5) == [(SEEN + 1, SEEN + 5)]
