"""PUT /v1/restore: an operator's word at one upstream of what its empty store restores (D7)."""

from __future__ import annotations

import json
import shutil
import signal

import msgspec
import pytest
from click.testing import CliRunner

from appliance.adapters.signatures import StoreKey
from appliance.adapters.store.database import Store
from appliance.cli.main import tmr
from appliance.errors import ExitCode
from appliance.ledger.certificates.proofs import CommitProof, Voice, ack_bytes
from appliance.ledger.effects import Write
from appliance.ledger.messages import Prepare, Promise
from appliance.ledger.replica.standing import _Record
from appliance.licences.carry_over import RESTORED_BYTES_MAX
from appliance.licences.commands import Found, Restored, Tick, encode_command
from tests.unit.ledger.world import entries, term
from tests.unit.services.test_upstream import TERM
from tests.unit.services.upstream_world import Deployment, Upstream

PATH = "/v1/restore"
LOST = b"L" * 16


def intent(
    ledger_id: bytes = LOST, index: int = 2, who: str = "adam", cmact_id: str = "", serial="131-1"
) -> bytes:
    restored = Restored(ledger_id, index, b"r" * 32, 5, 9, cmact_id, (), (), b"", who, "fire")
    return encode_command(Found(b"", serial, (), restored))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    return Deployment(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def upstream(tmp_path, deployment):
    """An upstream whose store held four entries of a ledger, and was set aside for a restore."""
    upstream = Upstream(tmp_path, deployment)
    path = tmp_path / "store/ledger.sqlite"
    store = Store(path, "up1")
    keys = [StoreKey(store.key), StoreKey.draw(), StoreKey.draw()]
    stores = tuple((f"up{number}", key.id) for number, key in enumerate(keys, start=1))
    log = entries((Found(LOST, "131-1", stores),), *[(Tick(),)] * 3)
    data = ack_bytes(term(1), 4, log[3].root, b"")
    proof = CommitProof(
        term(1), 4, log[3].root, b"", tuple(Voice(key.id, key.sign(data)) for key in keys[1:])
    )
    record = encode_record(_Record((), proof))
    store.write([Write(1, append=tuple(log), commit_index=4, membership=record)])
    store.close()
    yield upstream
    upstream.stop(signal.SIGKILL)


def encode_record(record: _Record) -> bytes:

    return msgspec.msgpack.encode(record)


def init(upstream, *options: str):
    argv = ["upstream", "init", "--config", str(upstream.config), "--json", *options]
    return CliRunner().invoke(tmr, argv)


def refused(upstream, body: bytes, query: str = "", who: str = "admin") -> tuple[int, str]:
    status, answer = upstream.ask(who, "PUT", PATH + query, body)
    assert upstream.status()["awaits_restore"]
    return status, json.loads(answer).get("detail", "")


def promised(upstream) -> bytes | None:
    """What its promise says of a restore."""
    link = upstream.link()
    try:
        answer = link.ask(Prepare(TERM))
        assert isinstance(answer, Promise)
        return answer.restore
    finally:
        link.close()


def test_it_remembers_how_far_the_ledger_had_got_and_takes_an_administrators_word(upstream):
    made = init(upstream, "--again", "--for-restore")
    assert made.exit_code == ExitCode.OK, made.output
    upstream.start()
    status = upstream.status()
    assert (status["awaits_restore"], status.get("ledger")) == (True, None)
    before = status["before"]
    assert (before["ledger_id"], before["index"]) == (LOST.hex(), 4)
    for who, code in (("", 401), ("viewer", 403), ("operator", 403), ("tmr1", 403)):
        assert refused(upstream, intent(), who=who)[0] == code
    for body, query, code, words in (
        (b"", "", 409, "nothing to restore"),
        (intent(), "", 409, "knew 2 entries that the backup lacks"),
        (intent(), "?losing=1", 409, "--losing 2"),
        (intent(), "?losing=x", 400, "how many entries"),
        (intent(who="olga"), "?losing=2", 409, "names 'olga', and you are 'adam'"),
        (intent(b"M" * 16, serial="131-2"), "", 409, "of another system"),
        (intent(b"M" * 16), "", 409, "knew 4 entries"),
        (bytes(RESTORED_BYTES_MAX + 1), "", 413, "at most"),
    ):
        status, detail = refused(upstream, body, query)
        assert (status, words in detail) == (code, True), detail
    assert promised(upstream) == b""
    status, answer = upstream.ask("admin", "PUT", PATH + "?losing=2", intent())
    assert status == 200, answer
    assert promised(upstream) == intent()
    assert "restore: losing=2 who=adam" in upstream.log


def test_a_container_of_another_group_is_not_restored_to(upstream):
    assert init(upstream, "--again", "--for-restore").exit_code == ExitCode.OK
    upstream.start()
    status, _ = upstream.ask("operator", "PUT", "/v1/container/update", upstream.update())
    assert status == 200
    status, detail = refused(upstream, intent(cmact_id="B2"), "?losing=2")
    assert (status, "has A1" in detail) == (409, True), detail
    assert upstream.ask("admin", "PUT", PATH + "?losing=2", intent(cmact_id="A1"))[0] == 200


def test_a_ledger_is_never_restored_over(upstream):
    upstream.start()
    status, answer = upstream.ask("admin", "PUT", PATH, intent(index=99))
    assert (status, "never restored over" in json.loads(answer)["detail"]) == (409, True)
    assert upstream.status()["ledger"]["index"] == 4


def test_an_interrupted_init_is_not_finished_for_another_purpose(upstream):
    shutil.rmtree(upstream.path / "store")
    assert init(upstream).exit_code == ExitCode.OK
    (upstream.path / "store/ledger.sqlite.mark").unlink()  # As if it had been interrupted.
    result = init(upstream, "--for-restore")
    assert (result.exit_code, "for another purpose" in result.stderr) == (ExitCode.REFUSED, True)
    again = init(upstream, "--again", "--for-restore")
    assert again.exit_code == ExitCode.OK, again.output
