"""What operators do: release, switchover, maintenance, enrol; each with a reason."""

from __future__ import annotations

import base64
import hashlib
import itertools

import pytest

from appliance.cli import enrol
from appliance.codec.api import EndedDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import (
    World,
    a_lease,
    a_status,
    cells,
    closed_port,
    document,
    done,
    some_leases,
)
from tests.unit.client.fake import SILENCE, Reply, Request, problem

STATUS = "GET /v1/status"
RELEASE = "POST /v1/leases/cert%3Aapp1/l1/release"
SWITCH, MAINTAIN = "POST /v1/switchover", "POST /v1/maintenance"
BECAUSE = ("--why", "he is on holiday")


def test_release_names_the_generation_that_is_there(world: World) -> None:
    world.first.say("GET /v1/leases", some_leases(a_lease("cert:b"), a_lease()))
    world.first.say(RELEASE, Reply(200, EndedDocument(lease_id="l1", generation=17)))
    result = world.tmr("release", "cert:app1", "l1", *BECAUSE)
    assert result.exit_code == ExitCode.OK
    assert (
        result.stdout == "Lease l1 of cert:app1 (alice on ws1, pid 12) was ended (generation 17).\n"
    )
    (post,) = world.sent("POST")
    assert post.document == {"why": "he is on holiday", "generation": 17}
    found = document(world.tmr("release", "cert:app1", "l1", *BECAUSE, "--json"))
    assert found == {"lease_id": "l1", "generation": 17}


def test_release_whose_answer_was_lost_is_done_all_the_same(world: World) -> None:
    world.first.say("GET /v1/leases", some_leases(a_lease()))
    world.first.say(RELEASE, problem("lease-ended", 410, detail="released by an operator"))
    result = world.tmr("release", "cert:app1", "l1", *BECAUSE)
    assert (result.exit_code, result.stderr) == (ExitCode.OK, "")


@pytest.mark.parametrize(
    ("reason", "status", "code", "words"),
    [
        ("forbidden", 403, ExitCode.REFUSED, "use the certificate of an operator"),
        ("lease-unknown", 404, ExitCode.REFUSED, "`tmr leases` lists who holds what"),
    ],
)
def test_release_of_what_is_not_ours_to_see(
    world: World, reason: str, status: int, code: ExitCode, words: str
) -> None:
    world.first.say("GET /v1/leases", some_leases())
    world.first.say(RELEASE, problem(reason, status, detail="no"))
    result = world.tmr("release", "cert:app1", "l1", *BECAUSE)
    assert result.exit_code == code
    assert words in result.stderr
    (post,) = world.sent("POST")
    assert "generation" not in post.document


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["release", "app1", "l1", *BECAUSE], "'app1' is no client: write cert:NAME"),
        (["release", "cert:", "l1", *BECAUSE], "is no client"),
        (["release", "cert:app1", "l1"], "Missing option '--why'"),
        (["release", "cert:app1", "l1", "--why", "  "], "say why: the reason is recorded"),
        (["switchover"], "Missing option '--why'"),
        (["maintenance", "on", "tmr1"], "Missing option '--why'"),
        (["maintenance", "maybe", "tmr1", *BECAUSE], "'maybe'"),
        (["enrol", "app1"], "Missing option '--why'"),
        (["enrol", "a/b", *BECAUSE], "'a/b' is no name"),
        (["enrol", "", *BECAUSE], "is no name"),
    ],
)
def test_wrong_usage(world: World, arguments: list[str], words: str) -> None:
    result = world.tmr(*arguments)
    assert result.exit_code == ExitCode.USAGE
    assert words in result.stderr
    assert world.first.server.requests == []


def after_the_post(world: World, call: str, first: Reply) -> None:
    """tmr1 is active until it was told to switch over; `first` is what it answers to that."""
    told = itertools.count()

    def switched(request: Request) -> Reply:
        next(told)
        world.first.say(STATUS, Reply(200, a_status("tmr2", "tmr2")))
        return first

    world.first.say(STATUS, Reply(200, a_status()))
    world.first.say(call, switched)


def test_switchover_names_the_host_and_waits_for_it(world: World) -> None:
    after_the_post(world, SWITCH, done())
    result = world.tmr("switchover", *BECAUSE)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "tmr2 serves now.\n", "")
    (post,) = world.sent("POST")
    assert post.document["host"] == "tmr2", "a repeat must not mean the way back"
    assert post.document["why"] == "he is on holiday"


def test_switchover_as_json(world: World) -> None:
    after_the_post(world, SWITCH, done(41))
    assert document(world.tmr("switchover", *BECAUSE, "--json"))["index"] == 41


@pytest.mark.parametrize("lost", [SILENCE, problem("bad-request", 400, detail="next is tmr1")])
def test_switchover_whose_answer_was_lost(world: World, lost: Reply) -> None:
    after_the_post(world, SWITCH, lost)
    result = world.tmr("switchover", *BECAUSE, "--wait", "2")
    assert (result.exit_code, result.stdout) == (ExitCode.OK, "tmr2 serves now.\n")
    assert {post.document["host"] for post in world.sent("POST")} == {"tmr2"}


def test_switchover_that_took_no_effect(world: World) -> None:
    world.first.say(STATUS, Reply(200, a_status()))
    world.first.say(SWITCH, SILENCE)
    result = world.tmr("switchover", *BECAUSE, "--wait", "2")
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "unknown: look at `tmr status` before you do it again." in result.stderr


def test_switchover_that_is_slow(world: World) -> None:
    world.first.say(STATUS, Reply(200, a_status()))
    world.first.say(SWITCH, done())
    result = world.tmr("switchover", *BECAUSE, "--wait", "2")
    assert result.exit_code == ExitCode.OK
    assert "it is recorded, but tmr2 does not serve yet" in result.stderr


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (
            problem("twin-not-ready", 409, detail="tmr2 reaches 1 upstreams"),
            ExitCode.REFUSED,
            "twin-not-ready: tmr2 reaches 1 upstreams; `tmr status` shows how it is",
        ),
        (
            problem("forbidden", 403, detail="this needs role operate"),
            ExitCode.REFUSED,
            "use the certificate of an operator",
        ),
        (
            problem("quorum-lost", 503, missing=("up1", "up2")),
            ExitCode.NO_LICENCE,
            "does not reach up1, up2, and two",
        ),
    ],
)
def test_switchover_refused(world: World, reply: Reply, code: ExitCode, words: str) -> None:
    world.first.say(STATUS, Reply(200, a_status()))
    world.first.say(SWITCH, reply)
    result = world.tmr("switchover", *BECAUSE)
    assert result.exit_code == code
    assert words in result.stderr


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("tmr1", ExitCode.REFUSED, "tmr1 is the active TMR host already: nothing was changed."),
        ("up1", ExitCode.USAGE, "up1 is no TMR host: name one of tmr1, tmr2."),
    ],
)
def test_switchover_to_nonsense(world: World, target: str, code: ExitCode, words: str) -> None:
    world.first.say(STATUS, Reply(200, a_status()))
    result = world.tmr("switchover", "--to", target, *BECAUSE)
    assert (result.exit_code, words in result.stderr) == (code, True)
    assert world.sent("POST") == []


def test_switchover_with_nobody_active(world: World) -> None:
    down = a_status(
        active="", verdict="down", reason="quorum lost: up1 is out", missing=("up1", "up2")
    )
    world.first.say(STATUS, Reply(200, down))
    result = world.tmr("switchover", *BECAUSE)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "nothing to switch over: quorum lost: up1 is out (missing: up2)" in result.stderr


def test_switchover_with_nobody_there(world: World) -> None:
    profile = world.write_profile(closed_port())
    result = world.tmr("switchover", *BECAUSE, "--wait", "0.3", profile=profile)
    assert result.exit_code == ExitCode.UNREACHABLE
    assert "no TMR host tells how it is" in result.stderr


@pytest.mark.parametrize(("switch", "on"), [("on", True), ("off", False)])
def test_maintenance(world: World, switch: str, on: bool) -> None:
    world.first.say(MAINTAIN, done())
    result = world.tmr("maintenance", switch, "tmr2", *BECAUSE)
    assert result.exit_code == ExitCode.OK
    assert result.stdout.startswith("tmr2 is in maint" if on else "tmr2 is out of maint")
    (post,) = world.sent("POST")
    assert post.document["host"] == "tmr2"
    assert post.document.get("on", True) is on
    assert document(world.tmr("maintenance", switch, "tmr2", *BECAUSE, "--json")) == {"index": 40}


def test_maintenance_of_no_tmr_host(world: World) -> None:
    world.first.say(MAINTAIN, problem("bad-request", 400, detail="host is tmr1 or tmr2"))
    result = world.tmr("maintenance", "on", "up1", *BECAUSE)
    assert result.exit_code == ExitCode.REFUSED
    assert result.stderr == "tmr: bad-request: host is tmr1 or tmr2.\n"


def token_hash(request: Request) -> bytes:
    return base64.b64decode(request.document["token_hash"])


def test_enrol_sends_the_hash_alone(world: World) -> None:
    world.first.say("PUT /v1/clients/app1", done())
    result = world.tmr("enrol", "app1", *BECAUSE)
    assert result.exit_code == ExitCode.OK
    ((_, _), (name, token)) = cells(result)
    (put,) = world.sent("PUT")
    assert name == "app1"
    assert token_hash(put) == hashlib.sha256(token.encode()).digest()
    assert token.encode() not in put.body
    assert len(token) >= 43, "32 random bytes"

    found = document(world.tmr("enrol", "app1", *BECAUSE, "--json"))
    assert found["index"] == 40
    assert found["token"] != token
    assert token_hash(world.sent("PUT")[-1]) == hashlib.sha256(found["token"].encode()).digest()


def test_enrol_on_a_terminal_says_where_the_token_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "on_terminal", lambda: True)
    world.first.say("PUT /v1/clients/app1", done())
    text = world.tmr("enrol", "app1", *BECAUSE).stdout
    assert "shown this once" in text and "token_file" in text


def test_a_token_that_is_not_enrolled_is_not_shown(world: World) -> None:
    world.first.say("PUT /v1/clients/app1", problem("forbidden", 403, detail="administer needed"))
    result = world.tmr("enrol", "app1", *BECAUSE)
    assert (result.exit_code, result.stdout) == (ExitCode.REFUSED, "")
    world.first.say("PUT /v1/clients/app1", SILENCE)
    result = world.tmr("enrol", "app1", *BECAUSE, "--wait", "0.3")
    assert (result.exit_code, result.stdout) == (ExitCode.UNREACHABLE, "")
    assert "do it again, which makes another token" in result.stderr


def test_dismiss(world: World) -> None:
    world.first.say("DELETE /v1/clients/app1?why=he%20is%20on%20holiday", done())
    result = world.tmr("enrol", "app1", "--dismiss", *BECAUSE)
    assert result.exit_code == ExitCode.OK
    assert "The token of app1 is good no more" in result.stdout
    assert document(world.tmr("enrol", "app1", "--dismiss", *BECAUSE, "--json")) == {"index": 40}
