"""`tmr restore`: whom it asks and tells, what it refuses by name, and that refusals tell nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.adapters.signatures import StoreKey
from appliance.cli import restore
from appliance.cli._admin import Admin
from appliance.codec.api import LedgerDocument
from appliance.codec.backup_files import BackupWriter
from appliance.errors import ExitCode
from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes
from appliance.ledger.membership.backups import BackupHead
from appliance.licences.commands import Enrol, Found, Tick, decode_command
from appliance.services.upstream.documents import ContainerDocument, UpstreamStatusDocument
from tests.unit.cli.world import World, a_status, document
from tests.unit.client.fake import Reply
from tests.unit.ledger.world import entries, term

OLD, NEW = b"L" * 16, b"N" * 16
STATUS = "GET /v1/status"
NAMES = ("up1", "up2", "up3")
ADMINS = [word for name in NAMES for word in ("--admin", f"https://{name}:7102")]
BECAUSE = ("--why", "fire")
KEYS = {name: StoreKey.draw() for name in NAMES}
FOUNDING = Found(OLD, "131-1", tuple((name, key.id) for name, key in KEYS.items()))
LOG = entries((FOUNDING,), (Enrol("app", b"h" * 32, "adam", "new"),), (Tick(),))
RESTORED = LedgerDocument(NEW.hex(), "131-1", 1, OLD.hex(), 3)


@pytest.fixture
def backup(world: World) -> Path:
    path = world.directory / "plant.tmr-backup"
    data = ack_bytes(term(1), 3, LOG[2].root, b"")
    voices = tuple(Voice(KEYS[name].id, KEYS[name].sign(data)) for name in ("up1", "up3"))
    with path.open("wb") as file:
        writer = BackupWriter(file.write)
        writer.head(BackupHead(OLD, "131-1", 3, LOG[2].root, 5, "olga"))
        for entry in LOG:
            writer.entry(entry)
        writer.end(CommitProof(term(1), 3, LOG[2].root, b"", voices))
    return path


class Upstreams:
    """Three upstreams that wait for a restore, and the TMR hosts that found it then."""

    def __init__(self, world: World) -> None:
        self.told: list[tuple[str, str, bytes]] = []
        self.status: dict[str, dict[str, Any]] = {name: {"awaits_restore": True} for name in NAMES}
        self.hosts: dict[str, Any] = {"ledger_id": "", "ledger": None}
        self.founds = True
        world.first.say(STATUS, lambda request: Reply(200, a_status(**self.hosts)))
        world.second.say(STATUS, lambda request: Reply(200, a_status("tmr2", **self.hosts)))

    def ask(self, admin: Admin, method: str, path: str, body: bytes | None = None) -> bytes:
        name = admin.url.removeprefix("https://").partition(":")[0]
        if method == "PUT":
            assert body is not None
            self.told.append((name, path, body))
            if self.founds and len(self.told) == len(NAMES):
                self.hosts = {"ledger_id": NEW.hex(), "ledger": RESTORED}
        return msgspec.json.encode(self.document(name))

    def document(self, name: str) -> UpstreamStatusDocument:
        values: dict[str, Any] = {
            "name": name,
            "version": "0.1.0",
            "store_id": "ab",
            "promised": None,
            "adopted": None,
            "base_index": 0,
            "snapshot_index": 0,
            "last_index": 0,
            "durable_index": 0,
            "commit_index": 0,
            "hears": "",
            "links": (),
            "container": ContainerDocument(serial=f"130-{name}", system_time_ms=1, box_time_ms=1),
        }
        return UpstreamStatusDocument(**values | self.status[name])


@pytest.fixture
def upstreams(world: World, monkeypatch: pytest.MonkeyPatch) -> Upstreams:
    found = Upstreams(world)
    monkeypatch.setattr(restore, "ask", found.ask)
    monkeypatch.setattr(restore, "ASK_EVERY_S", 0.01)
    # The fakes' certificates name no operator as ours do.
    monkeypatch.setattr(restore, "_who", lambda certificate: "adam")
    return found


def run(world: World, backup: Path, *options: object) -> Any:
    return world.tmr("restore", backup, *ADMINS, *BECAUSE, *options)


def test_each_upstream_is_told_the_same_and_the_new_ledger_is_named(
    world: World, upstreams: Upstreams, backup: Path
) -> None:
    found = document(run(world, backup, "--json"))
    assert (found["ledger_id"], found["lost"]) == (NEW.hex(), 0)
    assert found["restored"] == {"ledger_id": OLD.hex(), "index": 3}
    assert [(name, path) for name, path, _ in upstreams.told] == [
        (name, "/v1/restore?losing=0") for name in NAMES
    ]
    (body,) = {body for _, _, body in upstreams.told}
    intent = decode_command(body)
    assert isinstance(intent, Found) and intent.restored is not None
    assert (intent.ledger_id, intent.stores, intent.virtual_serial) == (b"", (), "131-1")
    assert intent.restored.clients == (("app", b"h" * 32),)
    assert (intent.restored.who, intent.restored.why, intent.restored.index) == ("adam", "fire", 3)


def test_it_is_safe_to_repeat(world: World, upstreams: Upstreams, backup: Path) -> None:
    upstreams.hosts = {"ledger_id": NEW.hex(), "ledger": RESTORED}
    for name in ("up1", "up2"):
        upstreams.status[name] = {"ledger": RESTORED}
    result = run(world, backup)
    assert result.exit_code == ExitCode.OK, result.stderr
    assert "goes on from entry 3" in result.stdout
    assert [name for name, _, _ in upstreams.told] == ["up3"], "who missed it is told again"


def test_clients_can_be_left_out(world: World, upstreams: Upstreams, backup: Path) -> None:
    assert run(world, backup, "--without-clients").exit_code == ExitCode.OK
    intent = decode_command(upstreams.told[0][2])
    assert isinstance(intent, Found) and intent.restored is not None
    assert intent.restored.clients == ()


def knows(index: int, ledger_id: bytes = OLD, serial: str = "131-1") -> LedgerDocument:
    return LedgerDocument(ledger_id.hex(), serial, index)


@pytest.mark.parametrize("where", ["upstream", "tmr", "restored"])
def test_an_older_state_needs_the_number_that_is_lost(
    world: World, upstreams: Upstreams, backup: Path, where: str
) -> None:
    lost = 37
    if where == "upstream":
        upstreams.status["up2"]["before"] = knows(40)
    elif where == "tmr":
        upstreams.hosts["before"] = knows(40)
    else:  # A newer backup of it was restored before, and that ledger went on.
        upstreams.status["up2"]["before"] = LedgerDocument(
            (b"M" * 16).hex(), "131-1", 7, OLD.hex(), 33
        )
    for options, words in (
        ((), f"{lost} entries would be lost"),
        (("--losing", "36"), "and not 36"),
    ):
        result = run(world, backup, *options)
        assert (result.exit_code, words in result.stderr) == (ExitCode.REFUSED, True), result.stderr
        assert f"--losing {lost}" in result.stderr
    assert upstreams.told == []
    found = document(run(world, backup, "--losing", lost, "--json"))
    assert found["lost"] == lost
    assert upstreams.told[0][1] == f"/v1/restore?losing={lost}"


OTHER_GROUP = ContainerDocument(serial="130-9", system_time_ms=1, box_time_ms=1, cmact_id="B2")


@pytest.mark.parametrize(
    ("change", "options", "code", "words"),
    [
        ({}, ("--serial", "131-9"), 1, "is of another system: of 131-1, not of 131-9"),
        ({"up1": {"ledger": knows(9)}}, (), 1, "up1 holds a ledger"),
        ({"up1": {}}, (), 1, "up1 holds a ledger (none, and waits not)"),
        (
            {"up2": {"awaits_restore": True, "before": knows(9, b"Z" * 16, "131-7")}},
            (),
            1,
            "is of another system: of 131-1, and up2 knew 131-7",
        ),
        ({}, ("--losing", "3"), 2, "Nothing would be lost"),
        ({"up2": {"awaits_restore": True, "name": "up1"}}, (), 2, "lead to up1, up3 only"),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_told(
    world: World, upstreams: Upstreams, backup: Path, change, options, code, words
) -> None:
    upstreams.status.update(change)
    result = run(world, backup, *options)
    assert (result.exit_code, words in result.stderr) == (code, True), result.stderr
    assert upstreams.told == []


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-9], lambda data: data[:99] + b"x" + data[100:]]
)
def test_a_spoilt_file_is_refused_before_anybody_is_asked(
    world: World, upstreams: Upstreams, backup: Path, spoil
) -> None:
    backup.write_bytes(spoil(backup.read_bytes()))
    result = run(world, backup)
    assert result.exit_code == ExitCode.REFUSED
    assert "was altered" in result.stderr or "cut short" in result.stderr
    assert world.first.server.requests == []
    assert upstreams.told == []


def test_one_upstream_named_twice(world: World, upstreams: Upstreams, backup: Path) -> None:
    result = world.tmr("restore", backup, *ADMINS[:4], *ADMINS[:2], *BECAUSE)
    assert (result.exit_code, "name each once" in result.stderr) == (ExitCode.USAGE, True)


def test_a_ledger_that_nobody_founds_is_told(
    world: World, upstreams: Upstreams, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstreams.founds = False
    monkeypatch.setattr(restore, "FOUNDED_WITHIN_S", 0.1)
    result = run(world, backup)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "repeat this, which is safe" in result.stderr
