"""An upstream's administration API that answers nonsense: one sentence, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.adapters import http_client
from appliance.adapters.pki import authority as pki
from appliance.cli import _container_transfer, container, replace_upstream
from appliance.cli._admin import Admin, ask
from appliance.cli.main import tmr
from appliance.cli.replace_upstream import introduce
from appliance.errors import UserError

DEEP = b"[" * 200_000
STRANGE = {
    "nested too deeply": DEEP,
    "nested too deeply in an object": b'{"a":' * 200_000,
    "no JSON": b"<html>",
    "no UTF-8": b'{"a":"\xff"}',
    "another document": b'{"serial":7}',
    "a list": b"[]",
    "nothing": b"",
}
OPERATOR = ("--admin", "https://up1:7102", "--cert", "c", "--key", "k", "--ca", "a")
ADMIN = Admin("https://up1:7102", Path("c"), Path("k"), Path("a"))
VERBS = (
    ("request", "--firm", "600100", "--order", "PO 4711"),
    ("show",),
    ("import", "FILE"),
    ("block-list", "FILE"),
    ("update",),
    ("return", "600100:10#1"),
)
DUMB: dict[str, Callable[..., bytes]] = {
    name: lambda *_, data=data, **__: data for name, data in STRANGE.items()
}


def run(words: tuple[str, ...], tmp_path: Path) -> Any:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    given = [str(file) if word == "FILE" else word for word in words]
    return CliRunner().invoke(tmr, ["container", *given, *OPERATOR])


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_a_strange_answer_ends_the_verb_with_a_sentence(words, what, monkeypatch, tmp_path) -> None:
    for module in (container, _container_transfer):
        monkeypatch.setattr(module, "ask", DUMB[what])
    monkeypatch.chdir(tmp_path)
    done = run(words, tmp_path)
    assert done.exit_code == 1
    assert "https://up1:7102 is no upstream of this version" in done.output
    assert len(done.output.splitlines()) == 1


@pytest.mark.parametrize("what", sorted(set(STRANGE) - {"another document"}))
@pytest.mark.parametrize("words", VERBS[1:], ids=lambda words: words[0])
def test_as_json_too(words, what, monkeypatch, tmp_path) -> None:
    for module in (container, _container_transfer):
        monkeypatch.setattr(module, "ask", DUMB[what])
    done = run((*words, "--json"), tmp_path)
    assert done.exit_code == 1
    assert "is no upstream of this version" in done.output


@pytest.mark.parametrize("what", STRANGE)
def test_a_strange_status_ends_a_replacement_before_anybody_is_told(what, monkeypatch) -> None:
    told = []

    def answer(admin: Admin, method: str, path: str, body: bytes | None = None) -> bytes:
        told.append(method)
        return STRANGE[what]

    monkeypatch.setattr(replace_upstream, "ask", answer)
    with pytest.raises(UserError, match="is no upstream of this version"):
        introduce([ADMIN, ADMIN], bytes(32))
    assert told == ["GET"]


@pytest.mark.parametrize("what", STRANGE)
def test_a_strange_refusal_is_told_by_its_status(what, monkeypatch) -> None:
    answer = http_client.HttpAnswer(HTTPStatus.CONFLICT, "Conflict", {}, STRANGE[what])
    monkeypatch.setattr(http_client, "request", lambda *_, **__: answer)
    monkeypatch.setattr(pki, "client_context", lambda _: SimpleNamespace())
    with pytest.raises(UserError, match="The upstream answered 409 Conflict"):
        ask(ADMIN, "GET", "/v1/status")
