"""`tmr usage` on records that real replicas made: copies of archives, and a host with pages."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest

from appliance.adapters.store.archive import Archive
from appliance.adapters.store.files import REAL_FILES
from appliance.codec.api_usage import RecordDocument, UsageNamesDocument
from appliance.errors import ExitCode
from appliance.ledger.messages import Recorded
from appliance.usage.calendar import moment
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.cli.world import World, cells, document
from tests.unit.client.fake import Reply, Request, problem
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.world import UPSTREAMS
from tests.unit.usage.record import begun_ms, lived

RECORD, NAMES = "GET /v1/usage/record", "GET /v1/usage/names?after=0"
SEALED = 8
"""Entries of one segment."""


def kept(name: str) -> list[Recorded]:
    return list(lived().upstreams[name].recorded())


def copied(path: Path, name: str, record: list[Recorded] | None = None) -> Path:
    """A copy of this upstream's archive, in segments."""
    archive, root = Archive(path / name, REAL_FILES), ZERO_ROOT
    record = kept(name) if record is None else record
    for at in range(0, len(record), SEALED):
        part = record[at : at + SEALED]
        archive.seal(b"i" * 32, root, part)
        root = part[-1].entry.root
    return path / name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "vendor.der"
    path.write_bytes(vendors.ROOT)
    return path


def tell(world: World, names: dict[str, str] | None = None, silent: str = "") -> None:
    """A host that gives pages of nine entries."""

    def record(request: Request) -> Reply:
        query = dict(part.split("=") for part in request.path.partition("?")[2].split("&"))
        name, first = query.get("upstream", "up1"), int(query["first"])
        if name == silent:
            return problem("not-found", 404, detail=f"{name} gives no record now")
        found = [one for one in kept(name) if one.entry.index >= first][:9]
        return Reply(
            200,
            RecordDocument(
                ledger_id=b"L" * 16,
                upstream=name,
                first=first,
                kept=tuple(map(msgspec.msgpack.encode, found)),
                last_index=kept(name)[-1].entry.index,
                certificates=tuple(vendors.CONTAINER_CERTIFICATES.values()),
            ),
        )

    for upstream in UPSTREAMS:
        for first in range(1, len(kept("up1")) + 2):
            world.first.say(f"{RECORD}?first={first}&upstream={upstream}", record)
    world.first.say(f"{RECORD}?first=1", record)
    world.first.say(NAMES, Reply(200, UsageNamesDocument(names=names or {})))


def tags() -> dict[str, str]:
    """The names of the people in the record."""
    rows = lived().hosts["tmr2"].names.known()
    return {tag.hex(): {"u": "Ada\x1b[2J", "h": "=press7"}.get(name, name) for tag, name in rows}


def test_a_report_counts_what_the_installation_has(world: World) -> None:
    tell(world, tags())
    head, *rows = cells(world.tmr("usage", "report", "--by", "user,day"))
    assert head[:3] == ["user", "period", "in_use_peak"]
    ((user, period, peak, *_),) = rows
    assert "\x1b" not in user and user.startswith("Ada")
    assert (period, peak) == (moment(begun_ms())[:10], "2")
    found = document(world.tmr("usage", "report", "--by", "product", "--json"))
    (row,) = found["rows"]
    assert (row["sessions"], row["units"], row["in_use_peak"]) == (3, 30, 2)
    assert found["gaps"] == []
    hidden = document(world.tmr("usage", "report", "--by", "user", "--pseudonymous", "--json"))
    assert [len(one["of"]["user"]) for one in hidden["rows"]] == [33]


def test_a_silent_upstream_is_passed_over(world: World) -> None:
    tell(world, silent="up1")
    found = document(world.tmr("usage", "report", "--by", "product", "--json"))
    assert (found["rows"][0]["sessions"], found["gaps"]) == (3, [])


def test_csv_is_read_by_spreadsheets_and_runs_nothing(world: World) -> None:
    tell(world, tags())
    result = world.tmr("usage", "report", "--by", "host", "--csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["host"], row["sessions"]) == ("'=press7", "3")
    exported = world.tmr("usage", "export", "sessions").stdout
    uses = list(csv.DictReader(io.StringIO(exported)))
    assert [use["end_reason"] for use in uses] == ["checked-in", "expired", "expired"]
    assert [use["client"] for use in uses] == ["cert:alice", "cert:bob", "cert:bob"]
    assert [use["units"] for use in uses] == ["30", "0", "0"]


def test_a_pseudonymous_export_names_nobody_and_no_client(world: World) -> None:
    tell(world, tags())
    plain = document(world.tmr("usage", "export", "sessions", "--json"))["sessions"]
    hidden = document(world.tmr("usage", "export", "sessions", "--pseudonymous", "--json"))
    assert {row["client"] for row in plain} == {"cert:alice", "cert:bob"}
    rows = hidden["sessions"]
    for row in rows:
        assert {row[one][:1] for one in ("user", "workstation", "client")} == {"#"}
    by_client = [[row["client"] for row in one] for one in (plain, rows)]
    assert len(set(zip(*by_client, strict=True))) == 2, "each client has one pseudonym"
    again = document(world.tmr("usage", "export", "sessions", "--pseudonymous", "--json"))
    assert {row["client"] for row in again["sessions"]}.isdisjoint(by_client[1])


def test_an_export_of_a_time_has_what_overlaps_it(world: World, tmp_path: Path) -> None:
    copy = copied(tmp_path, "up1")
    until = moment(begun_ms() + 5000)
    result = world.tmr("usage", "export", "sessions", "--record", copy, "--to", until, "--json")
    assert len(document(result)["sessions"]) == 2
    found = document(world.tmr("usage", "export", "denials", "--record", copy, "--json"))
    ((denial),) = found["denials"]
    assert (denial["client"], denial["requests"]) == ("cert:bob", 1)
    assert (denial["true_denial"], denial["granted_after_s"]) == ("no", 10.05)


def test_a_record_is_proven_by_two_copies_and_the_root(
    world: World, tmp_path: Path, root: Path
) -> None:
    copies = [copied(tmp_path, name) for name in ("up1", "up2")]
    both = [word for copy in copies for word in ("--record", copy)]
    found = document(world.tmr("usage", "verify", *both, "--root", root, "--json"))
    assert found["complete"] and found["proven_to"] == len(kept("up1"))
    assert any(outage["host_after"] == "tmr2" for outage in found["outages"])
    alone = world.tmr("usage", "verify", *both[:2], "--root", root)
    assert alone.exit_code == ExitCode.REFUSED and "two containers signed" in alone.stderr


def test_the_installation_proves_its_record(world: World, root: Path) -> None:
    tell(world)
    result = world.tmr("usage", "verify", "--root", root)
    assert result.exit_code == ExitCode.OK, result.stderr
    assert ["complete", "yes"] in cells(result)
    later = world.tmr("usage", "verify", "--root", root, "--from", moment(begun_ms() + 30_000))
    assert later.exit_code == ExitCode.OK, later.stderr
    assert world.tmr("usage", "verify").exit_code == ExitCode.REFUSED  # the profile's own root


def test_what_is_missing_or_changed_is_named(world: World, tmp_path: Path, root: Path) -> None:
    whole = copied(tmp_path, "up2")
    copied(tmp_path, "up1")
    segments = sorted((tmp_path / "up1").iterdir(), key=lambda path: path.name)
    first = next(path for path in segments if path.name.startswith("segment-1-"))
    first.unlink()
    for path in (whole / first.name,):
        path.unlink()
    both = ("--record", tmp_path / "up1", "--record", whole, "--root", root)
    result = world.tmr("usage", "verify", *both)
    assert result.exit_code == ExitCode.REFUSED
    assert f"the entries from 1 to {SEALED} any more" in result.stderr
    report = world.tmr("usage", "report", *both[:2])
    assert f"No upstream has the entries from 1 to {SEALED}" in report.stderr


def test_a_picture_is_drawn_without_a_screen(world: World, tmp_path: Path) -> None:
    pytest.importorskip("pyqtgraph")
    copy, path = copied(tmp_path, "up1"), tmp_path / "usage.png"
    result = world.tmr("usage", "report", "--record", copy, "--picture", path)
    assert result.exit_code == ExitCode.OK, result.stderr
    assert path.read_bytes().startswith(b"\x89PNG")
    timeless = world.tmr("usage", "report", "--record", copy, "--by", "user", "--picture", path)
    assert timeless.exit_code == ExitCode.USAGE and "hour, day or month" in timeless.stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("report", "--from", "yesterday"), "2026-11-30T22:15"),
        (("report", "--from", "2026-12", "--to", "2026-11"), "nothing lies between"),
        (("report", "--by", "week"), "hour, day, month"),
        (("report", "--record", "."), "no segment"),
        (("export", "everything"), "denials"),
    ],
)
def test_what_cannot_be_meant_is_refused(world: World, monkeypatch, arguments, said) -> None:
    tell(world)
    monkeypatch.chdir(world.directory)
    result = world.tmr("usage", *arguments)
    assert result.exit_code != ExitCode.OK and said in result.stderr
