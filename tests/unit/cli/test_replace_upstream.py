"""`tmr replace-upstream`: what it asks of whom, and wrong input in one sentence."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path

import pytest

from appliance.cli import replace_upstream
from appliance.cli._admin import Admin
from appliance.codec.api import DoneDocument
from appliance.errors import ExitCode
from tests.unit.cli.world import World, closed_port, document
from tests.unit.client.fake import Reply, problem

CALL = "POST /v1/replace"
STORE = bytes(range(32))
WITH = ("--with", STORE.hex())
STORES = {
    "https://up1:7102": "a1" * 32,
    "https://up2:7102": STORE.hex(),
    "https://up3:7102": "a3" * 32,
}
OLD, LIED = "b1" * 32, "b2" * 32
KNOWN = {
    "https://up1:7102": {
        "stores": [OLD, STORE.hex(), "a1" * 32, "a3" * 32],
        "sealed_by": [OLD, STORE.hex(), "a1" * 32],
    },
    "https://up3:7102": {"stores": [OLD, LIED, STORE.hex(), "a3" * 32], "sealed_by": [OLD, LIED]},
}
"""Of the snapshot that the two remaining have, one sealer is gone, one only up3 speaks of, and one
is the new store itself, which nobody has to name to it when the verb is repeated."""
ADMINS = ("--admin", "https://up1:7102", "--admin", "https://up3:7102")
BECAUSE = ("--why", "its disk is lost")
DONE = Reply(200, DoneDocument(index=77, detail="done"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the upstreams were told; they agree to all."""
    calls: list[tuple[str, ...]] = []

    def ask(admin: Admin, method: str, path: str, body: bytes | None = None) -> bytes:
        if body is None:
            assert (method, path) == ("GET", "/v1/status")
            return json.dumps({"store_id": STORES[admin.url], **KNOWN.get(admin.url, {})}).encode()
        calls.append((admin.url, method, path, body.decode()))
        return b"{}"

    monkeypatch.setattr(replace_upstream, "ask", ask)
    monkeypatch.setattr(replace_upstream, "ASK_EVERY_S", 0.0)
    return calls


def test_both_remaining_upstreams_are_told_before_it_is_ordered(
    world: World, told: list[tuple[str, ...]]
) -> None:
    world.first.say(CALL, DONE)
    result = world.tmr("replace-upstream", "up2", *WITH, *ADMINS, *BECAUSE)
    assert result.exit_code == ExitCode.OK, result.stderr
    assert "The new store of up2 is admitted" in result.stdout
    assert told == [
        (f"https://{name}:7102", "PUT", "/v1/consent", STORE.hex()) for name in ("up1", "up3")
    ]
    (post,) = world.sent("POST")
    assert post.document == {
        "place": "up2",
        "store": base64.b64encode(STORE).decode(),
        "why": "its disk is lost",
    }
    found = document(world.tmr("replace-upstream", "up2", *WITH, *ADMINS, *BECAUSE, "--json"))
    assert found["index"] == 77


def test_the_new_store_is_told_whose_snapshots_to_believe(
    world: World, told: list[tuple[str, ...]]
) -> None:
    world.first.say(CALL, DONE)
    admins = (*ADMINS, "--admin", "https://up2:7102")
    result = world.tmr("replace-upstream", "up2", *WITH, *admins, *BECAUSE)
    assert result.exit_code == ExitCode.OK, result.stderr
    consents = [(url, store) for url, _, _, store in told]
    assert sorted(consents) == [
        ("https://up1:7102", STORE.hex()),
        ("https://up2:7102", "a1" * 32),
        ("https://up2:7102", "a3" * 32),
        ("https://up2:7102", OLD),
        ("https://up3:7102", STORE.hex()),
    ]


def test_it_asks_again_while_the_new_store_catches_up(
    world: World, told: list[tuple[str, ...]]
) -> None:
    lags = problem("not-yet-replaced", 409, detail="the new store still lacks 900 entries")
    answers = itertools.chain([lags, lags], itertools.repeat(DONE))
    world.first.say(CALL, lambda request: next(answers))
    result = world.tmr("replace-upstream", "up2", *WITH, *ADMINS, *BECAUSE)
    assert result.exit_code == ExitCode.OK, result.stderr
    assert len(world.sent("POST")) == 3


@pytest.mark.parametrize(
    ("reason", "status", "detail"),
    [("not-replaced", 409, "no store votes at 'up2'"), ("forbidden", 403, "needs administer")],
)
def test_a_refusal_is_told_as_it_is(
    world: World,
    told: list[tuple[str, ...]],
    reason: str,
    status: int,
    detail: str,
) -> None:
    world.first.say(CALL, problem(reason, status, detail=detail))
    result = world.tmr("replace-upstream", "up2", *WITH, *ADMINS, *BECAUSE)
    assert result.exit_code == ExitCode.REFUSED
    assert detail in result.stderr
    assert len(world.sent("POST")) == 1, "what cannot change is not asked for again"


def test_what_may_pass_is_asked_for_again_until_time_is_up(
    world: World, told: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace_upstream, "REPLACED_WITHIN_S", 0.0)
    world.first.say(CALL, problem("not-yet-replaced", 409, detail="up3 is not here"))
    result = world.tmr("replace-upstream", "up2", *WITH, *ADMINS, *BECAUSE)
    assert result.exit_code == ExitCode.REFUSED
    assert "up3 is not here" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("up2", "--with", "xyz", *ADMINS, *BECAUSE), "'xyz' is no store's id"),
        (("up2", "--with", "", *ADMINS, *BECAUSE), "is no store's id"),
        (("up2", "--with", "ab" * 31, *ADMINS, *BECAUSE), "`tmr upstream init` says it"),
        (("up2", *WITH, *BECAUSE), "Missing option '--admin'"),
        (("up2", *WITH, *ADMINS), "Missing option '--why'"),
        (("up2", *WITH, *ADMINS, "--why", " "), "say why: the reason is recorded"),
        (("up2", *ADMINS, *BECAUSE), "Missing option '--with'"),
        ((*WITH, *ADMINS, *BECAUSE), "Missing argument 'PLACE'"),
    ],
)
def test_wrong_usage_asks_nobody(
    world: World, told: list[tuple[str, ...]], arguments: tuple[str, ...], words: str
) -> None:
    result = world.tmr("replace-upstream", *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert words in result.stderr
    assert told == []
    assert world.sent("POST") == []


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("up1", ExitCode.USAGE, "up1 is no address such as https://127.0.0.1:7102"),
        ("http://up1:7102", ExitCode.USAGE, "is no address such as"),
        ("https://127.0.0.1:PORT", ExitCode.UNREACHABLE, "does not answer"),
    ],
)
def test_an_upstream_that_cannot_be_told_stops_it_before_anything_is_ordered(
    world: World, url: str, code: ExitCode, words: str
) -> None:
    url = url.replace("PORT", str(closed_port()))
    result = world.tmr("replace-upstream", "up2", *WITH, "--admin", url, *BECAUSE)
    assert result.exit_code == code
    assert words in result.stderr
    assert world.sent("POST") == []


def test_a_token_is_no_operators_certificate(
    world: World, told: list[tuple[str, ...]], tmp_path: Path
) -> None:
    text = world.profile.read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("certificate", "key"))]
    profile = tmp_path / "token.toml"
    profile.write_text("\n".join([*lines, 'token = "secret-of-a-client"']) + "\n")
    result = world.tmr("replace-upstream", "up2", *WITH, *ADMINS, *BECAUSE, profile=profile)
    assert result.exit_code == ExitCode.USAGE
    assert "An operator's certificate is needed" in result.stderr
    assert told == []
