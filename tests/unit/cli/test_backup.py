"""`tmr backup`: a file that holds, or none; and what `--check` says of one."""

from __future__ import annotations

import msgspec
import pytest

from appliance.adapters.machines import machine_of
from appliance.adapters.signatures import StoreKey
from appliance.codec.backup_pages import BackupPage, BackupSnapshot
from appliance.errors import ExitCode
from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes, encode_proof
from appliance.ledger.log.book import Book
from appliance.ledger.messages import Entry
from appliance.ledger.snapshot import seals
from appliance.ledger.snapshot.seals import Sealed
from appliance.licences.commands import Enrol, Found, Tick
from appliance.licences.snapshot import digest, dump
from tests.unit.cli.world import World, document
from tests.unit.client.fake import Reply, Request, problem
from tests.unit.ledger.world import entries, term

KEYS = {name: StoreKey.draw() for name in ("up1", "up2", "up3")}
FOUNDING = Found(b"L" * 16, "131-1", tuple((name, key.id) for name, key in KEYS.items()))
LOG = entries((FOUNDING,), (Enrol("app", b"h" * 32, "adam", "new"),), *[(Tick(),)] * 5)


def a_proof(index: int, *by: str) -> bytes:
    root = LOG[index - 1].root
    data = ack_bytes(term(1), index, root, b"")
    voices = tuple(Voice(KEYS[name].id, KEYS[name].sign(data)) for name in by)
    return encode_proof(CommitProof(term(1), index, root, b"", voices))


def serve(world: World, log: list[Entry] = LOG, proven: int = 6, by=("up1", "up3")) -> None:
    """The active host gives these entries, two a page."""

    def page(request: Request) -> Reply:
        first = int(request.path.rpartition("=")[2])
        some = [msgspec.msgpack.encode(entry) for entry in log[first - 1 : first + 1]]
        proof = a_proof(proven, *by)
        return Reply(200, BackupPage(b"L" * 16, "131-1", first, tuple(some), proven, proof))

    for first in range(1, len(LOG) + 2):
        world.first.say(f"GET /v1/backup?first={first}", page)


def test_a_backup_is_whole_private_and_holds(world: World) -> None:
    serve(world)
    path = world.directory / "plant.tmr-backup"
    found = document(world.tmr("backup", path, "--json"))
    assert (found["index"], found["proven_by"]) == (6, ["up1", "up3"])
    assert (found["clients"], found["virtual_serial"]) == (1, "131-1")
    assert found["stores"]["up2"] == KEYS["up2"].id.hex()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in world.directory.iterdir() if "tmr-backup" in p.name] == [path.name]
    checked = document(world.tmr("backup", path, "--check", "--json"))
    assert checked == found
    table = world.tmr("backup", path, "--check").stdout
    assert "proven by\tup1, up3" in table
    assert len(world.sent("GET")) == 3


def test_a_file_that_is_there_stays(world: World) -> None:
    serve(world)
    path = world.directory / "old"
    path.write_text("precious")
    result = world.tmr("backup", path)
    assert result.exit_code == ExitCode.REFUSED
    assert "never overwrites" in result.stderr
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"by": ("up1",)}, "not proven"),
        ({"log": [LOG[0], *LOG[2:]]}, "was altered"),
        ({"log": LOG[:4]}, "ends at entry 4, before 6"),
    ],
)
def test_a_host_that_lies_gets_no_file(world: World, change: dict, words: str) -> None:
    serve(world, **change)
    before = set(world.directory.iterdir())
    result = world.tmr("backup", world.directory / "new")
    assert result.exit_code == ExitCode.REFUSED
    assert words in result.stderr
    assert set(world.directory.iterdir()) == before


def test_a_refusal_is_told_as_it_is(world: World) -> None:
    world.first.say("GET /v1/backup?first=1", problem("forbidden", 403, detail="needs operate"))
    result = world.tmr("backup", world.directory / "new")
    assert result.exit_code == ExitCode.REFUSED
    assert "forbidden: needs operate" in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read: No such file"), (b"no", "is no backup of a ledger")],
)
def test_check_names_what_is_wrong(world: World, content: bytes | None, words: str) -> None:
    path = world.directory / "file"
    if content is not None:
        path.write_bytes(content)
    result = world.tmr("backup", path, "--check")
    assert result.exit_code == ExitCode.REFUSED
    assert str(path) in result.stderr
    assert words in result.stderr


def test_no_directory_for_it(world: World) -> None:
    serve(world)
    result = world.tmr("backup", world.directory / "none" / "new")
    assert result.exit_code == ExitCode.REFUSED
    assert "cannot be written" in result.stderr


def test_a_log_whose_beginning_is_gone_is_copied_from_a_snapshot_on(world: World) -> None:
    serve(world)
    book = Book(machine_of(world.first.server.plant.root))
    for entry in LOG[:4]:
        book.apply(entry)
        book.commit(entry.index)
    chunks = list(dump(book.state))
    head = seals.StateHead(b"L" * 16, 4, LOG[3].root, 0, digest(chunks[-1]))
    data = seals.seal_bytes(head)
    sealed = Sealed(head, tuple(Voice(KEYS[n].id, KEYS[n].sign(data)) for n in ("up1", "up2")))
    gone = BackupPage(b"L" * 16, "131-1", 1, (), 6, a_proof(6, "up1", "up3"), base_index=2)
    world.first.say("GET /v1/backup?first=1", Reply(200, gone))
    begins = BackupSnapshot(4, len(chunks), msgspec.msgpack.encode(sealed))
    world.first.say("GET /v1/backup/snapshot?index=0&chunk=0", Reply(200, begins))
    for number, chunk in enumerate(chunks):
        part = BackupSnapshot(4, chunk=number, data=chunk)
        world.first.say(f"GET /v1/backup/snapshot?index=4&chunk={number}", Reply(200, part))
    path = world.directory / "plant.tmr-backup"
    found = document(world.tmr("backup", path, "--json"))
    assert (found["index"], found["proven_by"], found["clients"]) == (6, ["up1", "up3"], 1)
    assert document(world.tmr("backup", path, "--check", "--json")) == found
    path.unlink()
    newer = problem("snapshot-gone", 410, detail="newer")
    times_gone = iter(range(3))

    def once_more(request: Request) -> Reply:
        whole = Reply(200, BackupSnapshot(4, chunk=0, data=chunks[0]))
        return newer if next(times_gone, None) is not None else whole

    world.first.say("GET /v1/backup/snapshot?index=4&chunk=0", once_more)
    again = document(world.tmr("backup", path, "--json"))
    assert again | {"taken_at_ms": 0} == found | {"taken_at_ms": 0}, "it begins again by itself"
    path.unlink()
    before = set(world.directory.iterdir())
    world.first.say("GET /v1/backup/snapshot?index=4&chunk=0", newer)
    result = world.tmr("backup", path)
    assert result.exit_code == ExitCode.REFUSED
    assert "snapshot-gone: newer: snapshots come faster than one is copied" in result.stderr
    assert set(world.directory.iterdir()) == before
