"""A pass of `tmr alert`: what is sent and remembered; a real webhook and a real socket."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.adapters import journal, webhook
from appliance.cli._alerting import AlertSettings, load, one_pass, recalled
from appliance.cli.main import tmr
from appliance.errors import UserError
from tests.unit.watch.facts_world import facts, seen_with, upstream
from tests.unit.watch.receiver import receiving

SOUND = facts(local=None)
LOST = seen_with(upstream("up2", reachable=False, health=None, report_age_s=None))


def settings(tmp_path: Path, **changes: Any) -> AlertSettings:
    values: dict[str, Any] = {
        "host": "tmr1",
        "system": "plant",
        "profile": tmp_path / "profile.toml",
        "state": tmp_path / "state.json",
        "webhook": "https://hook.example/secret",
        "hold_s": 0.0,
    }
    return AlertSettings(**(values | changes))


class Taken:
    """A webhook and a journal that keep what they are given."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.posts: list[dict[str, Any]] = []
        self.entries: list[dict[str, str]] = []

    def post(self, url: str, body: bytes) -> str:
        self.posts.append(json.loads(body))
        return self.answers.pop(0) if self.answers else ""

    def write(self, fields: Any) -> bool:
        self.entries.append(dict(fields))
        return True

    def run(self, settings: AlertSettings, found: Any) -> list[str]:
        return one_pass(settings, found, post=self.post, write=self.write)


def test_an_alert_and_its_all_clear_reach_webhook_and_journal(tmp_path):
    taken, chosen = Taken(), settings(tmp_path)
    assert taken.run(chosen, LOST) == []
    assert taken.run(chosen, LOST) == []
    assert taken.run(chosen, SOUND) == []
    assert [one["kind"] for one in taken.posts] == ["alert", "clear"]
    alert = taken.posts[0]
    assert alert == {
        "version": 2,
        "system": "plant",
        "host": "tmr1",
        "kind": "alert",
        "code": "upstream-down",
        "severity": "warning",
        "subject": "up2",
        "values": {"host": "up2"},
        "cause": "upstream-down/up2",
        "what": alert["what"],
        "remedy": alert["remedy"],
        "since": "2027-01-15T08:00:00+00:00",
        "sent": "2027-01-15T08:00:00+00:00",
    }
    assert "up2 does not answer" in alert["what"]
    assert [entry["TMR_CAUSE"] for entry in taken.entries] == ["upstream-down/up2"] * 2
    assert [entry["PRIORITY"] for entry in taken.entries] == ["4", "5"]
    assert taken.entries[1]["MESSAGE"] == "clear: upstream-down/up2 is over."


def test_the_passive_host_tells_nobody_and_remembers(tmp_path):
    taken, chosen = Taken(), settings(tmp_path, host="tmr2")
    taken.run(chosen, LOST)
    assert (taken.posts, taken.entries) == ([], [])
    assert list(recalled(chosen.state)) == ["upstream-down/up2"]


def test_a_webhook_that_refuses_is_said_without_its_secret_and_tried_again(tmp_path):
    taken, chosen = Taken("it answered 503"), settings(tmp_path)
    (failure,) = taken.run(chosen, LOST)
    assert "hook.example" in failure
    assert "secret" not in failure
    assert taken.run(chosen, LOST) == []
    assert [one["kind"] for one in taken.posts] == ["alert", "alert"]
    assert len(taken.entries) == 1, "the journal has it already"


def test_a_webhook_that_is_not_there_is_waited_for_once_a_pass(tmp_path):
    taken = Taken("no route", "no route")
    both = seen_with(
        upstream("up2", reachable=False, report_age_s=None, health=None),
        upstream("up3", votes=False),
    )
    taken.run(settings(tmp_path), both)
    assert len(taken.posts) == 1
    taken.answers.clear()
    taken.run(settings(tmp_path), both)
    assert len(taken.posts) == 3


def test_without_a_webhook_the_journal_is_told(tmp_path):
    taken = Taken()
    assert taken.run(settings(tmp_path, webhook=""), LOST) == []
    assert (len(taken.posts), len(taken.entries)) == (0, 1)


def test_a_damaged_memory_is_begun_anew(tmp_path, caplog):
    chosen = settings(tmp_path)
    chosen.state.write_text("{half")
    taken = Taken()
    taken.run(chosen, LOST)
    assert len(taken.posts) == 1
    assert "cannot be read" in caplog.text


def test_a_memory_that_cannot_be_kept_is_an_error(tmp_path):
    chosen = settings(tmp_path, state=tmp_path / "nowhere" / "state.json")
    with pytest.raises(UserError, match="Cannot remember"):
        Taken().run(chosen, SOUND)


def write(path: Path, **changes: Any) -> Path:
    values = {"host": "tmr1", "system": "plant", "profile": "p.toml", "state": "s.json"} | changes
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    return path


def test_settings_are_read_and_paths_are_relative_to_them(tmp_path):
    path = write(tmp_path / "alert.toml", webhook="https://x/y", repeat_s=60)
    read = load(path)
    assert (read.profile, read.state) == (tmp_path / "p.toml", tmp_path / "s.json")
    assert read.pace.repeat_s == 60
    assert CliRunner().invoke(tmr, ["alert", "--config", str(path), "--check"]).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"webhook": "ftp://x"}, "begins with https://"),
        ({"hold_s": -1}, "hold_s must be"),
        ({"repeat_s": 1}, "repeat_s must be"),
        ({"answer_s": 0}, "answer_s must be"),
        ({"holds": 1}, "unknown field"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(tmp_path, changes, said):
    path = write(tmp_path / "alert.toml", **changes)
    result = CliRunner().invoke(tmr, ["alert", "--config", str(path), "--check"])
    assert result.exit_code == 1
    assert said in result.stderr
    assert str(path) in result.stderr


# --- the webhook itself ---


def test_a_post_is_tried_again_where_that_may_help():
    pauses: list[float] = []
    with receiving(503, 429) as receiver:
        assert webhook.post(receiver.url, b"{}", sleep=pauses.append) == ""
        assert receiver.bodies == [b"{}"] * 3
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("statuses", "why", "tries"),
    [((500, 500, 500), "it answered 500", 3), ((400,), "it answered 400", 1), ((302,), "302", 1)],
)
def test_tries_have_a_bound_and_nobody_is_followed(statuses, why, tries):
    with receiving(*statuses) as receiver:
        assert why in webhook.post(receiver.url, b"{}", sleep=lambda _: None)
        assert len(receiver.bodies) == tries


def test_nobody_there_and_nonsense_are_said():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "refused" in webhook.post(f"http://127.0.0.1:{port}/", b"", sleep=lambda _: None)
    assert "cannot be used" in webhook.post("http://[::1", b"", sleep=lambda _: None)


# --- the journal itself ---


def test_the_journal_gets_a_datagram_in_its_own_form(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        assert journal.send({"MESSAGE": "two\nlines", "PRIORITY": "4"}, path)
        data = listener.recv(4096)
    assert data == b"MESSAGE\n" + (9).to_bytes(8, "little") + b"two\nlines\nPRIORITY=4\n"
    assert not journal.send({"MESSAGE": "x"}, tmp_path / "nobody")
    assert not journal.send({"MESSAGE": "x" * 100_000}, path)
