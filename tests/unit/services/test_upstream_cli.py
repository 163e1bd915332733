"""`tmr container`, `tmr upstream` and `tmr serve`, as a person uses them."""

import json
import shutil
import signal
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from appliance.adapters.signatures import StoreKey
from appliance.adapters.store.database import Store
from appliance.cli.main import tmr
from appliance.codec.request_files import Purpose, read_request
from appliance.errors import ExitCode
from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes
from appliance.ledger.effects import Write
from appliance.licences.commands import Found, Tick
from tests.unit.adapters.test_store import compacted
from tests.unit.ledger.world import entries, term
from tests.unit.services.upstream_world import Deployment, Upstream, free_port


@pytest.fixture(scope="module")
def upstream(tmp_path_factory):
    """One running upstream for all tests of this file."""
    deployment = Deployment(tmp_path_factory.mktemp("pki"))
    upstream = Upstream(tmp_path_factory.mktemp("up1"), deployment)
    upstream.start()
    yield upstream
    upstream.stop(signal.SIGKILL)


def call(upstream, *arguments, who="operator", admin=None):
    """`tmr container …` with this certificate."""
    files = upstream.deployment.files[who]
    address = admin or f"https://{upstream.settings.admin_listen}"
    verb, *rest = map(str, arguments)
    options = ["--admin", address, "--cert", files.cert, "--key", files.key, "--ca", files.ca]
    return CliRunner().invoke(tmr, ["container", verb, *map(str, options), *rest])


def test_request_import_show(upstream, tmp_path):
    request = tmp_path / "request"
    order = ("--firm", "600100", "--order", "PO 4711")
    done = call(upstream, "request", *order, "--out", request, "--json")
    assert done.exit_code == ExitCode.OK, done.output
    assert json.loads(done.output)["file"] == str(request)
    made = read_request(request.read_bytes())
    assert (made.serial, made.purpose) == (upstream.home.serial, Purpose.ORDER)
    assert made.audience == "firm 600100" and made.names("po  4711")
    shown = call(upstream, "show", who="viewer")
    assert shown.exit_code == ExitCode.OK, shown.output
    damaged = tmp_path / "damaged"
    damaged.write_bytes(upstream.update().replace(b"a", b"b"))
    refused = call(upstream, "import", damaged)
    assert refused.exit_code == ExitCode.REFUSED
    assert refused.stderr.startswith("tmr: ")
    update = tmp_path / "update"
    update.write_bytes(upstream.update())
    done = call(upstream, "import", update)
    assert done.exit_code == ExitCode.OK, done.output
    assert "Imported update 1 of Firm A (600100)" in done.output
    assert "applied already" in call(upstream, "import", update).stderr
    shown = json.loads(call(upstream, "show", "--json", who="viewer").output)
    assert (shown["serial"], shown["twin"]) == (upstream.home.serial, 1)
    assert "600100:10#1" in call(upstream, "show", who="viewer").output


def test_who_may_only_look_may_not_import(upstream, tmp_path):
    update = tmp_path / "update"
    update.write_bytes(b"x")
    refused = call(upstream, "import", update, who="viewer")
    assert refused.exit_code == ExitCode.REFUSED
    assert "this needs administer or operate" in refused.stderr


def test_nobody_there_and_nonsense(upstream):
    gone = call(upstream, "show", admin=f"https://127.0.77.11:{free_port()}")
    assert gone.exit_code == ExitCode.UNREACHABLE
    assert "does not answer: the connection is refused: no server listens" in gone.stderr
    assert "Errno" not in gone.stderr
    for address in ("http://127.0.0.1:1", "127.0.0.1", "https://x:port"):
        assert call(upstream, "show", admin=address).exit_code == ExitCode.USAGE
    wrong = call(upstream, "import", "/nowhere/at/all")
    assert (wrong.exit_code, "cannot be read" in wrong.stderr) == (ExitCode.REFUSED, True)


def test_init_makes_a_container_once(tmp_path):
    def init():
        return CliRunner().invoke(
            tmr, ["container", "init", "--home", str(tmp_path / "home"), "--json"]
        )

    first = init()
    assert first.exit_code == ExitCode.OK, first.output
    assert json.loads(first.output)["serial"].startswith("130-")
    again = init()
    assert (again.exit_code, "holds a container already" in again.stderr) == (1, True)


def without_a_directory(upstream: Upstream) -> None:
    shutil.rmtree(upstream.path / "store")
    (upstream.path / "store").write_text("a file")


def test_init_makes_a_store_once_and_sets_a_damaged_one_aside(upstream, tmp_path):
    def init(*options: str):
        argv = ["upstream", "init", "--config", str(fresh.config), *options]
        return CliRunner().invoke(tmr, argv)

    fresh = Upstream(tmp_path, upstream.deployment)
    store = tmp_path / "store"
    refused = init()
    assert (refused.exit_code, "There is a store at" in refused.stderr) == (ExitCode.REFUSED, True)
    shutil.rmtree(store)
    first = init("--json")
    assert first.exit_code == ExitCode.OK, first.output
    assert len(bytes.fromhex(json.loads(first.output)["store_id"])) == 32
    (store / "ledger.sqlite.mark").unlink()
    finished = init("--json")  # As if the first had been interrupted.
    assert json.loads(finished.output) == json.loads(first.output)
    fresh.start()
    busy = init("--again")
    assert (busy.exit_code, "in use by another process" in busy.stderr) == (ExitCode.REFUSED, True)
    fresh.stop()
    (store / "ledger.sqlite.mark").unlink()
    refused = init()
    assert (refused.exit_code, "There is a store at" in refused.stderr) == (ExitCode.REFUSED, True)
    again = init("--again", "--json")
    assert again.exit_code == ExitCode.OK, again.output
    document = json.loads(again.output)
    assert document["store_id"] != json.loads(first.output)["store_id"]
    assert [path.name for path in Path(document["set_aside"]).iterdir()] == ["ledger.sqlite"]
    fresh.start()
    assert fresh.status()["store_id"] == document["store_id"]
    fresh.stop()


def test_check_looks_at_everything_stored(upstream, tmp_path):
    def check():
        argv = ["upstream", "check", "--config", str(fresh.config), "--json"]
        result = CliRunner().invoke(tmr, argv)
        return result.exit_code, json.loads(result.output)

    fresh = Upstream(tmp_path, upstream.deployment)
    path = tmp_path / "store/ledger.sqlite"
    store = Store(path, "up1")
    store.write(compacted(3))
    store.close()
    code, document = check()
    assert (code, document["damage"]) == (ExitCode.OK, [])
    assert (document["last_index"], document["snapshot_index"], document["segments"]) == (3, 3, 1)
    assert document["archive_lacks"] == []
    segment = tmp_path / "store/archive/segment-1-3.tmr"
    whole = segment.read_bytes()
    segment.unlink()
    code, document = check()
    assert (code, document["archive_lacks"]) == (ExitCode.OK, ["1 to 3"])
    segment.write_bytes(whole[:-1])
    (tmp_path / "store/ledger.sqlite.mark").unlink()
    code, document = check()
    assert code == ExitCode.REFUSED
    assert document["damage"][0] == f"{path}: its mark is missing"
    assert "segment-1-3.tmr is not as it was written" in document["damage"][1]


def test_backup_of_a_stopped_one_ends_with_what_is_proven(upstream, tmp_path):
    def backup(path: Path):
        argv = ["upstream", "backup", str(path), "--config", str(fresh.config), "--json"]
        return CliRunner().invoke(tmr, argv)

    fresh = Upstream(tmp_path, upstream.deployment)
    store = Store(tmp_path / "store/ledger.sqlite", "up1")
    refused = backup(tmp_path / "early")
    assert (refused.exit_code, "in use by another process" in refused.stderr) == (1, True)
    keys = [StoreKey(store.key), StoreKey.draw(), StoreKey.draw()]
    stores = tuple((f"up{number}", key.id) for number, key in enumerate(keys, start=1))
    log = entries((Found(b"L" * 16, "131-1", stores),), (Tick(),), (Tick(),))
    store.write([Write(1, append=tuple(log))])
    store.close()
    refused = backup(tmp_path / "early")
    assert (refused.exit_code, "nothing that is proven" in refused.stderr) == (1, True)
    data = ack_bytes(term(1), 2, log[1].root, b"")
    voices = tuple(Voice(key.id, key.sign(data)) for key in keys[1:])
    proof = CommitProof(term(1), 2, log[1].root, b"", voices)
    store = Store(tmp_path / "store/ledger.sqlite", "up1")
    store.write([Write(2, commit_index=2, membership=msgspec.msgpack.encode(((), proof)))])
    store.close()
    done = backup(tmp_path / "saved")
    assert done.exit_code == ExitCode.OK, done.stderr
    document = json.loads(done.output)
    assert (document["index"], document["proven_by"]) == (2, ["up2", "up3"])
    (tmp_path / "store/ledger.sqlite.mark").unlink()
    refused = backup(tmp_path / "late")
    assert (refused.exit_code, "is damaged (its mark is missing)" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda u: u.config.unlink(), "Cannot read"),
        (lambda u: u.config.write_text("name = 1"), "up1.toml: "),
        (lambda u: (u.path / "root.der").write_bytes(b"x"), "is no licence root"),
        (lambda u: (u.path / "container/container.json").unlink(), "`tmr container init`"),
        (lambda u: (u.path / "container/times.json").write_text("{}"), "times.json"),
        (lambda u: shutil.rmtree(u.path / "store"), "`tmr upstream init --config FILE`"),
        (without_a_directory, "cannot be used"),
    ],
)
def test_an_upstream_that_cannot_start_says_why(upstream, tmp_path, spoil, words):
    broken = Upstream(tmp_path, upstream.deployment)
    spoil(broken)
    result = CliRunner().invoke(tmr, ["serve", "upstream", "--config", str(broken.config)])
    assert result.exit_code == ExitCode.REFUSED
    assert words in result.stderr.splitlines()[-1]
    assert Path(broken.path).exists()


def test_an_address_in_use_is_said(upstream, tmp_path):
    rival = Upstream(tmp_path, upstream.deployment)
    text = rival.config.read_text()
    rival.config.write_text(
        text.replace(rival.settings.links_listen, upstream.settings.links_listen)
    )
    with pytest.raises(AssertionError, match="The upstream cannot start or go on"):
        rival.start()
