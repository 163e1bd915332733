"""`tmr container update|return`: what is asked of the upstream, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.cli import _container_transfer
from appliance.cli.main import tmr

OPERATOR = ("--cert", "c", "--key", "k", "--ca", "a")


@pytest.fixture
def upstream(monkeypatch) -> Any:
    """An upstream that answers what it is told to; what it was asked is kept."""

    class Told:
        answer: dict[str, Any]
        asked: list[tuple[str, str, Any]]

    told = Told()
    told.answer, told.asked = {}, []

    def ask(admin, method, path, body=None, timeout_s=0.0):
        told.asked.append((method, path, json.loads(body)))
        return json.dumps(told.answer).encode()

    monkeypatch.setattr(_container_transfer, "ask", ask)
    return told


def run(*words: str, expect: int = 0) -> str:
    result = CliRunner().invoke(tmr, ["container", *words, *OPERATOR])
    assert result.exit_code == expect, result.output
    return result.output


def test_update(upstream):
    upstream.answer = {
        "imported": [[600100, 1]],
        "waiting_for": 0,
        "detail": "certified time was 8 days old and was updated first",
    }
    said = run("update")
    assert said.startswith("First of all, certified time was 8 days old")
    assert "update 1 of firm 600100" in said
    upstream.answer = {"imported": [], "waiting_for": 0}
    assert "nothing new" in run("update")
    upstream.answer = {"imported": [[1, 2], [3, 4]], "waiting_for": 0}
    assert "update 2 of firm 1, update 4 of firm 3" in run("update")
    assert json.loads(run("update", "--json")) == upstream.answer
    assert {body for *_, body in ((*one[:2], str(one[2])) for one in upstream.asked)} == {"{}"}


def test_return(upstream):
    licence = {"firm_code": 600100, "product_code": 10, "tmr_id": 1}
    upstream.answer = {"imported": [], "waiting_for": 0, "orders_missing": 1}
    assert "1 more of its three orders it within seven days" in run("return", "600100:10#1")
    upstream.answer = {"imported": [], "waiting_for": 0, "due_at_s": 1_900_000_000}
    said = run("return", "600100:10#1")
    assert "is taken away at 2030-03-17 17:46 UTC" in said and "--call-off" in said
    upstream.answer = {"imported": [[600100, 2]], "waiting_for": 2, "taken": True}
    said = run("return", "600100:10#1")
    assert "600100:10#1 is taken away. Imported: update 2 of firm 600100." in said
    assert "2 of its containers have yet to confirm" in said and "tmr container update" in said
    upstream.answer["waiting_for"] = 0
    assert "yet to confirm" not in run("return", "600100:10#1")
    assert "called off; it stays" in run("return", "600100:10#1", "--call-off")
    route = ("POST", "/v1/container/return")
    asked = [(*route, {"licence": licence})] * 4
    assert upstream.asked == [*asked, (*route, {"licence": licence, "call_off": True})]


@pytest.mark.parametrize("wrong", ["600100:10", "a:b#c", "1:2#3x", "", "１:2#3"])
def test_what_is_no_licence_is_refused(upstream, wrong):
    assert "is no licence such as" in run("return", wrong, expect=2)
    assert upstream.asked == []


# --- who asks: three files, or a profile as for every other verb ---


@pytest.fixture
def asker(monkeypatch) -> list[Any]:
    """Who asked, each time."""
    seen: list[Any] = []

    def ask(admin, method, path, body=None, timeout_s=0.0):
        seen.append(admin)
        return json.dumps({"imported": [], "waiting_for": 0}).encode()

    monkeypatch.setattr(_container_transfer, "ask", ask)
    return seen


def update(*words: str) -> Any:
    return CliRunner().invoke(tmr, ["container", "update", *words])


def a_profile(tmp_path, identity: str) -> str:
    for name in ("ca.pem", "cert.pem", "key.pem", "root.der"):
        (tmp_path / name).write_bytes(b"x")
    path = tmp_path / "profile.toml"
    text = f'addresses = ["127.0.0.1:7200"]\nca = "ca.pem"\nlicence_root = "root.der"\n{identity}\n'
    path.write_text(text)
    return str(path)


CERTIFICATE = 'certificate = "cert.pem"\nkey = "key.pem"'


def test_an_operators_profile_says_who_asks(asker, tmp_path):
    assert update("--profile", a_profile(tmp_path, CERTIFICATE)).exit_code == 0
    (admin,) = asker
    assert (admin.cert, admin.key, admin.ca) == tuple(
        tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem")
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cert", "c"), "together"),
        (("--cert", "c", "--key", "k"), "together"),
        ((*OPERATOR, "--profile", "p"), "--profile instead"),
        (("--profile", "/nowhere/p.toml"), "/nowhere/p.toml"),
    ],
)
def test_half_an_identity_is_refused_with_what_to_give(asker, words, said):
    done = update(*words)
    assert (done.exit_code, asker) == (2, [])
    assert said in done.output


def test_a_token_is_no_identity_at_an_upstream(asker, tmp_path):
    done = update("--profile", a_profile(tmp_path, 'token = "abc"'))
    assert (done.exit_code, asker) == (2, [])
    assert "asks for a certificate" in done.output
